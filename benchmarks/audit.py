#!/usr/bin/env python3
"""What does an audit cost, of many hosts of which none has drifted? All in one run, in turn: the machine's speed is the same.

    audit   pyremediate audit (inventory, observation, known good, comparison with it and with siblings, severity, journal)
    ssh     the same probe by plain ``ssh host python3 -``, all hosts at once: it reads the same files and asks the same programs
    files   plain ssh that reads the contents of the same files alone, and throws them away

Prints wall and processor seconds, pair by pair to plain ssh. The processor's are those of the controller and of the hosts together:
a probe that cost the hosts more would not come for free. More names than hosts (``--names``) share the hosts evenly.

    python -m benchmarks.audit [--hosts 8] [--names 24] [--rounds 5]
"""

from __future__ import annotations

import argparse
import json
import shlex
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

from benchmarks.observe import INVENTORY, by_ssh, command, measured, parameters, probe_script
from pyremediate.comparison import compare
from pyremediate.known_good import hosts as kept_hosts
from pyremediate.lab import verbs
from pyremediate.lab.description import Host, Lab

CGROUPS = Path("/sys/fs/cgroup")
Cost = tuple[float, float]  # seconds: wall, and of all processors


def hosts_processor(lab: Lab, hosts: Sequence[Host]) -> float:
    """Processor seconds that the containers of hosts have used, by either version of cgroups(7)."""
    line = ["podman", "inspect", "--format", "{{.State.CgroupPath}}", *(lab.container(host) for host in hosts)]
    paths = subprocess.run(line, capture_output=True, text=True, check=True).stdout.split()
    return sum(_used(path.lstrip("/")) for path in paths)


def _used(path: str) -> float:
    first = CGROUPS / "cpuacct" / path / "cpuacct.usage"
    if first.is_file():
        return int(first.read_text()) / 1e9
    told = dict(line.split() for line in (CGROUPS / path / "cpu.stat").read_text().splitlines())
    return int(told["usage_usec"]) / 1e6


def names_for(hosts: Sequence[Host], count: int) -> list[tuple[str, Host]]:
    """Inventory names, each with the host that answers for it; without more names than hosts, the hosts' own."""
    if count <= len(hosts):
        return [(host.name, host) for host in hosts[:count]]
    return [(f"name{number:02d}", hosts[number % len(hosts)]) for number in range(count)]


def inventory(named: Sequence[tuple[str, Host]], directory: Path) -> list[str]:
    """Options that name the inventory: the lab's, and with it further names for its hosts."""
    path = directory / "names.yml"
    hosts = {name: {"ansible_host": f"{{{{ hostvars['{host.name}'].ansible_host }}}}"} for name, host in named if name != host.name}
    path.write_text(json.dumps({"mail": {"hosts": hosts}}))
    return ["-i", INVENTORY, "-i", str(path)]


def captured(named: Sequence[tuple[str, Host]], hosts: Sequence[Host], given: Sequence[str]) -> None:
    """As they are now is good; two names of one host one after the other, for the host keeps one copy of its secret files."""
    for begin in range(0, len(named), len(hosts)):
        names = ",".join(name for name, _ in named[begin : begin + len(hosts)])
        command("pyremediate", "baseline", "capture", *given, "--limit", names, "--reason", "benchmark")


def reading(names: Sequence[str]) -> list[str]:
    """The command that reads what an audit of the first host reads."""
    known_good = kept_hosts.load(names[0])
    assert known_good is not None
    paths = [path for path, entry in known_good.evidence.data()["files"]["tracked"].items() if entry["kind"] == "file"]
    return [f"cat -- {shlex.join(paths)} > /dev/null; echo '\"sections\"'"]


def main() -> None:
    """Measure, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--hosts", type=int, default=8)
    parser.add_argument("--names", type=int, default=0)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    lab = verbs.up(options.hosts, lambda text: print(text, file=sys.stderr))
    hosts = lab.mail_hosts[: options.hosts]
    named = names_for(hosts, options.names or options.hosts)
    answering = [host for _, host in named]
    with tempfile.TemporaryDirectory() as directory:
        given = inventory(named, Path(directory))
        captured(named, hosts, given)
        script = probe_script({**parameters(), "sections": list(compare.SECTIONS), "hash_key": "benchmark"}).encode()
        read = reading([name for name, _ in named])
        limit = ",".join(name for name, _ in named)
        contenders: dict[str, Callable[[], object]] = {
            "audit": lambda: command("pyremediate", "audit", *given, "--limit", limit, "--forks", str(len(named)), statuses=(0, 1)),
            "ssh": lambda: by_ssh(lab, answering, ["python3", "-"], script),
            "files": lambda: by_ssh(lab, answering, read, b""),
        }
        rows = rounds(contenders, lab, hosts, options.rounds)
    print(f"{len(named)} names of {len(hosts)} hosts, {options.rounds} rounds\n\n{table(rows)}")


def rounds(contenders: dict[str, Callable[[], object]], lab: Lab, hosts: Sequence[Host], count: int) -> dict[str, list[Cost]]:
    """Each in turn, so many times; once uncounted, so that connections are open and caches warm for all."""
    rows: dict[str, list[Cost]] = {name: [] for name in contenders}
    for action in contenders.values():
        action()
    for _ in range(count):
        for name, action in contenders.items():
            before = hosts_processor(lab, hosts)
            wall, processor = measured(action)
            rows[name].append((wall, processor + hosts_processor(lab, hosts) - before))
    return rows


def table(rows: dict[str, list[Cost]]) -> str:
    """The figures as Markdown."""
    lines = [
        "| what | wall s (min, median, max) | processor s (median) | wall ÷ ssh | processor ÷ ssh |",
        "|---|---|---|---|---|",
    ]
    for name, runs in rows.items():
        walls = [wall for wall, _ in runs]
        low, middle, high = min(walls), statistics.median(walls), max(walls)
        ratios = [
            statistics.median(mine[which] / other[which] for mine, other in zip(runs, rows["ssh"], strict=True)) for which in (0, 1)
        ]
        processor = statistics.median(processor for _, processor in runs)
        lines.append(
            f"| {name} | {low:.2f}, {middle:.2f}, {high:.2f} | {processor:.2f} | {ratios[0]:.2f} | {ratios[1]:.2f} |"
        )
    return "\n".join(lines)


if __name__ == "__main__":
    main()
