#!/usr/bin/env python3
"""How fast is a look at eight hosts? In one run, in turn, so that a machine whose speed drifts is the same for all:

    check   pyremediate check --look inside (reads the inventory, observes, compares with the known good, judges)
    ssh     the same probe by plain ``ssh host python3 -``, all hosts at once
    parcel  the same by ssh alone, compiled and packed as ``check`` sends it: the practical limit
    floor   ``ansible-inventory --list``, then ssh: what a script costs that reads an inventory as Ansible does
    tasks   an ordinary playbook with the same checks as separate tasks (benchmarks/ordinary_checks.yml)

Prints wall and processor seconds (this machine's, the hosts' containers not included) and the ratio to plain ssh, pair by pair.
Then ``fix`` of a stopped Postfix, test mails included.

    benchmarks/observe.py [--hosts 8] [--rounds 5]
"""

from __future__ import annotations

import argparse
import base64
import io
import json
import os
import resource
import runpy
import statistics
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from pyremediate.ansible import carrier
from pyremediate.ansible.options import environment
from pyremediate.lab import ssh, verbs
from pyremediate.lab.description import Host, Lab
from pyremediate.request import AnsibleOptions

ROOT = Path(__file__).resolve().parents[1]
BIN = Path(sys.executable).parent
INVENTORY = str(ROOT / "inventory" / "lab")

# For ``python3 -``: the probe's sources, and the call of it.
SCRIPT = """
import base64, json, os, sys
path = "/dev/shm/probe-%d.zip" % os.getpid()
open(path, "wb").write(base64.b64decode("{sources}"))
sys.path.insert(0, path)
try:
    from {package}.observe_probe import answer
    print(json.dumps(answer(json.loads({parameters!r}))))
finally:
    os.unlink(path)
"""


def probe_script(asked: Mapping[str, object]) -> str:
    """The module ``observe`` and what it imports, as one script for ``python3 -``, with what it is asked."""
    buffer = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(carrier.archive(ROOT))) as carried,
        zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as sources,
    ):
        for name in carried.namelist():
            if name.endswith(".py"):
                sources.writestr(name, carried.read(name))
    package = carrier.PACKAGE.replace("/", ".")
    encoded = base64.b64encode(buffer.getvalue()).decode()
    return SCRIPT.format(sources=encoded, package=package, parameters=json.dumps(asked))


def parameters() -> dict[str, object]:
    """What the module ``observe`` is asked when nobody says anything: its defaults."""
    specification = runpy.run_path(str(ROOT / "plugins" / "module_utils" / "observe_probe.py"))["ARGUMENTS"]
    return {**{name: spec.get("default") for name, spec in specification.items()}, "name": "probe"}


def by_ssh(lab: Lab, hosts: Sequence[Host], command: Sequence[str], data: bytes) -> None:
    """The probe on every host at once."""

    def one(host: Host) -> None:
        line = ssh.command_line(lab, host, command)
        settings = ("ControlMaster=auto", "ControlPersist=60", f"ControlPath=/dev/shm/benchmark-{host.name}")
        kept = [word for setting in settings for word in ("-o", setting)]
        done = subprocess.run([line[0], *kept, *line[1:]], input=data, capture_output=True, check=False)
        if done.returncode or not (b'"sections"' in done.stdout or carrier.unpacked(done.stdout)):
            raise SystemExit(f"{host.name}: {done.stderr.decode()}{done.stdout[:500]!r}")

    with ThreadPoolExecutor(len(hosts)) as pool:
        list(pool.map(one, hosts))


def command(*words: str, statuses: Sequence[int] = (0,)) -> None:
    """Run a command of this environment; its words are shown when it fails."""
    surroundings = {**os.environ, **environment(AnsibleOptions())}
    # Some images set it, and have Python compile at each start what users have had compiled once.
    surroundings.pop("PYTHONDONTWRITEBYTECODE", None)
    done = subprocess.run(
        [str(BIN / words[0]), *words[1:]], capture_output=True, text=True, check=False, cwd=ROOT, env=surroundings
    )
    if done.returncode not in statuses:
        raise SystemExit(f"{' '.join(words)}\n{done.stdout}{done.stderr}")


def measured(action: Callable[[], object]) -> tuple[float, float]:
    """Wall seconds, and processor seconds of this process and its children."""
    began, before = time.perf_counter(), _processor()
    action()
    return time.perf_counter() - began, _processor() - before


def _processor() -> float:
    both = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(usage.ru_utime + usage.ru_stime for usage in both)


def table(rows: dict[str, list[tuple[float, float]]]) -> str:
    """The figures as Markdown: minimum, median, maximum."""
    lines = [
        "| what | wall s (min, median, max) | processor s (median) | wall ÷ ssh (median of pairs) |",
        "|---|---|---|---|",
    ]
    for name, runs in rows.items():
        walls = [wall for wall, _ in runs]
        pairs = [wall / ssh_wall for (wall, _), (ssh_wall, _) in zip(runs, rows["ssh"], strict=True)]
        low, middle, high = min(walls), statistics.median(walls), max(walls)
        processor = statistics.median(cpu for _, cpu in runs)
        ratio = statistics.median(pairs)
        lines.append(f"| {name} | {low:.2f}, {middle:.2f}, {high:.2f} | {processor:.2f} | {ratio:.2f} |")
    return "\n".join(lines)


def main() -> None:
    """Measure, and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--hosts", type=int, default=8)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    lab = verbs.up(options.hosts, lambda text: print(text, file=sys.stderr))
    hosts = lab.mail_hosts[: options.hosts]
    names = ":".join(host.name for host in hosts)
    script, parcel = probe_script(parameters()).encode(), carrier.parcel(ROOT, "observe", parameters())

    def floor() -> None:
        command("ansible-inventory", "-i", INVENTORY, "--list")
        by_ssh(lab, hosts, ["python3", "-"], script)

    contenders: dict[str, Callable[[], object]] = {
        "check": lambda: command(
            "pyremediate", "check", "-i", INVENTORY, "--limit", names, "--look", "inside", statuses=(0, 3)
        ),
        "ssh": lambda: by_ssh(lab, hosts, ["python3", "-"], script),
        "parcel": lambda: by_ssh(lab, hosts, [carrier.command("python3")], parcel),
        "floor": floor,
        "tasks": lambda: command(
            "ansible-playbook", "-i", INVENTORY, "-e", f"benchmark_hosts={names}", "benchmarks/ordinary_checks.yml"
        ),
    }
    rows: dict[str, list[tuple[float, float]]] = {name: [] for name in contenders}
    for action in contenders.values():
        action()  # once uncounted: connections are open and caches warm for all
    for _ in range(options.rounds):
        for name, action in contenders.items():
            rows[name].append(measured(action))
    print(f"{len(hosts)} hosts, {options.rounds} rounds\n\n{table(rows)}\n")
    print(repairs(options.rounds))


def repairs(rounds: int) -> str:
    """``fix`` of a stopped Postfix from start to verified."""
    walls = []
    for _ in range(rounds):
        command("pyremediate", "lab", "reset", "mail01")
        command("pyremediate", "lab", "break", "services/postfix_stopped", "--host", "mail01")
        walls.append(measured(lambda: command("pyremediate", "fix", "-i", INVENTORY, "--host", "mail01"))[0])
    return f"fix of a stopped Postfix: {min(walls):.1f}, {statistics.median(walls):.1f}, {max(walls):.1f} s (min, median, max)"


if __name__ == "__main__":
    main()
