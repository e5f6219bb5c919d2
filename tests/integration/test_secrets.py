"""A secret in every file that can hold one is in nothing that is written, and comes back to a host that has lost it and its copy.

Two generations: the first is approved, the second is what a host then has, so that every one of these files differs.
"""

from __future__ import annotations

import base64
import json
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from pyremediate.cli.audit_formats import FORMATS
from pyremediate.lab.description import Host, Lab
from pyremediate.paths import state_directory
from tests.integration import planted
from tests.integration.conftest import passage
from tests.integration.world import INVENTORY, PYREMEDIATE, ROOT, World

pytestmark = pytest.mark.lab

OF_INVENTORY = ("pyremediate_bmc_password", "ansible_become_password", "own_api_token")
OF_ROUTER = ("password", "enable password")
GENERATIONS = ("first", "second")
SECRETS = {f"{place}, {each}": secret for each in GENERATIONS for place, secret in planted.words(each).items()}
SECRETS |= {name: planted.word("inventory", name) for name in OF_INVENTORY}
SECRETS |= {f"router's {name}, {each}": planted.word(each, name) for each in GENERATIONS for name in OF_ROUTER}


@dataclass
class Told:
    """Everything that a session wrote. ``statuses``: of what was run; ``there``: the host's secrets after ``audit --fix``."""

    world: World
    directory: Path
    vault: Sequence[str] = ()
    inventory: Sequence[str] = ()
    written: dict[str, bytes] = field(default_factory=dict)
    statuses: dict[str, int] = field(default_factory=dict)
    there: set[str] = field(default_factory=set)

    def run(self, *words: str) -> str:
        """One command, as somebody who wants to know everything types it; its standard output."""
        surroundings = {**os.environ, "ANSIBLE_LOG_PATH": str(self.directory / "ansible.log")}
        done = subprocess.run(
            [PYREMEDIATE, *words],
            capture_output=True, stdin=subprocess.DEVNULL, cwd=ROOT, env=surroundings, timeout=900, check=False,
        )  # fmt: skip
        name = f"{len(self.statuses)} {' '.join(words)}"
        self.written[f"{name}: standard output"], self.written[f"{name}: standard error"] = done.stdout, done.stderr
        self.statuses[name] = done.returncode
        return done.stdout.decode()

    def reaching(self, *words: str) -> str:
        """A command that reaches hosts."""
        return self.run(*words, *self.inventory, *self.vault, "-vvv")


@pytest.fixture(scope="module")
def told(lab: Lab, own_host: Host, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Told]:
    """The whole session; alone in the lab as long as it is about the router, which is everybody's."""
    found = Told(World(own_host.name), tmp_path_factory.mktemp("written"))
    _prepare(found, tmp_path_factory.mktemp("given"))
    with passage(alone=True):
        try:
            _with_router(found)
        finally:
            _on_router(found.world, [f"no {name}" for name in OF_ROUTER], "write memory")
            found.world.expect("baseline", "capture", "-i", INVENTORY, "--host", "router01")
    with passage(alone=False):
        _of_the_host(found)
    found.written["the host's journal"] = found.world.on(found.world.host, "journalctl --no-pager -o verbose").encode()
    yield found


def _prepare(told: Told, directory: Path) -> None:
    """An inventory beside the lab's, with passwords in a vault."""
    password, variables = directory / "password", directory / "host_vars" / told.world.host / "vault.yml"
    password.write_text("of the vault\n")
    (directory / "hosts.yml").write_text(json.dumps({"mail": {"hosts": {told.world.host: {}}}}))
    variables.parent.mkdir(parents=True)
    variables.write_text("".join(f"{name}: {planted.word('inventory', name)}\n" for name in OF_INVENTORY))
    tool = Path(sys.executable).with_name("ansible-vault")
    subprocess.run([tool, "encrypt", "--vault-password-file", password, variables], check=True, capture_output=True)
    told.vault = ("--vault-id", f"mail@{password}")
    told.inventory = ("-i", INVENTORY, "-i", str(directory / "hosts.yml"))


def _with_router(told: Told) -> None:
    world, both, name = told.world, f"{told.world.host},router01", told.world.host
    _plant(world, "first")
    _on_router(world, [f"{each} {planted.word('first', each)}" for each in OF_ROUTER])
    told.reaching("baseline", "capture", "--limit", both, "--reason", "planted")
    _plant(world, "second")
    _on_router(world, [f"{each} {planted.word('second', each)}" for each in OF_ROUTER])
    for form in ("text", "json"):
        told.reaching("baseline", "diff", name, "--format", form)
        told.run("baseline", "show", name, "--format", form)
        told.reaching("check", "--host", name, "--format", form)
    told.reaching("baseline", "diff", "router01")
    for form in FORMATS:
        told.reaching("audit", "--limit", both, "--diff", "--format", form, "--output", str(told.directory / form))
    told.reaching("audit", "--limit", both, "--diff")


def _of_the_host(told: Told) -> None:
    world, name = told.world, told.world.host
    only = ("--only", "postfix.parameter", "lmtp_sasl_password_maps", "--reason", "some of it")
    told.reaching("baseline", "approve", name, *only)
    world.on(name, "rm -r /var/lib/pyremediate/known_good")
    told.reaching("audit", "--host", name, "--fix", "--yes", "--diff")
    told.there = _there(world)
    _plant(world, "second")
    world.on(name, "systemctl stop postfix")
    told.reaching("fix", "--host", name, "--yes", "--diff", "--format", "json")
    told.reaching("baseline", "approve", name, "--reason", "the second generation")
    history = json.loads(told.run("baseline", "history", name, "--format", "json"))["history"]
    first = next(each["commit"] for each in history if each["reason"] == "planted")
    told.run("baseline", "history", name)
    told.run("baseline", "diff", name, first, history[0]["commit"])
    told.run("baseline", "restore", name, first, "--reason", "as it was")
    for incident in json.loads(told.run("incident", "list", "--host", name, "--last", "2", "--format", "json"))["incidents"]:
        _tell(told, incident["id"])


def _tell(told: Told, incident: str) -> None:
    told.run("incident", "show", incident)
    for form in ("json", "markdown", "svg"):
        told.run("incident", "export", incident, "--format", form)
    told.run("incident", "bundle", incident, *told.inventory, *told.vault, "-o", str(told.directory / f"{incident}.tar.gz"))


def _plant(world: World, generation: str) -> None:
    world.on(world.host, planted.script(generation))


def _on_router(world: World, lines: Sequence[str], then: str = "end") -> None:
    words = " ".join(f"-c '{line}'" for line in ("configure terminal", *lines, "end", then))
    world.on("router01", f"vtysh {words}")


def _there(world: World) -> set[str]:
    """The secrets that are in the host's files."""
    return {*world.on(world.host, f"grep -rhoaE '{planted.MARK}[0-9a-f]{{20}}' /etc", check=False).split()}


def test_the_search_finds_a_secret_in_any_notation() -> None:
    secret = SECRETS["aliases, first"].encode()
    for octets in (secret, base64.b64encode(b"x" + secret), base64.b64encode(b"ab" + secret + b"c"), secret.hex().encode()):
        assert planted.found(b"..." + octets + b"...", SECRETS) == {"aliases, first"}
    assert planted.found(b"pl4nt3d", SECRETS) == set()


def test_no_secret_is_in_anything_that_was_written(told: Told) -> None:
    everything = [*told.written.items(), *planted.written(told.directory), *planted.written(state_directory())]
    assert sum(len(octets) for _, octets in everything) > 1_000_000
    leaks = {place: sorted(found) for place, octets in everything if (found := planted.found(octets, SECRETS))}
    assert leaks == {}


def test_what_was_run_did_what_it_should(told: Told) -> None:
    """What is refused early writes nothing, and would prove nothing; a part that is secret cannot be approved by itself."""
    refused = [name for name, status in told.statuses.items() if status not in {0, 1, 3} and "nagios" not in name]
    assert len(refused) == 1 and "--only" in refused[0]
    assert len(told.statuses) > 25


def test_that_a_password_in_main_cf_or_master_cf_has_changed_is_told(told: Told) -> None:
    audited = (told.directory / "text").read_text()
    assert "the secret in lmtp_sasl_password_maps had been changed" in audited
    assert "the secret of the service own/unix had been changed in master.cf" in audited


def test_no_run_leaves_its_variables_behind(told: Told) -> None:
    assert [path.name for path in Path("/dev/shm").glob("pyremediate-*") if planted.found(_all(path), SECRETS)] == []


def _all(path: Path) -> bytes:
    return b"".join(octets for _, octets in planted.written(path))


def test_a_host_that_lost_its_copies_gets_its_secret_files_back_from_the_vault(told: Told) -> None:
    """But for comments, and what stands in main.cf and master.cf: of these single values go back, and a password's is not known."""
    first, second = planted.words("first"), planted.words("second")
    kept = {"main.cf", "master.cf", "/etc/dovecot/sieve/own.sieve"}
    assert told.there == {secret for place, secret in first.items() if place not in kept} | {second[place] for place in kept}


def test_a_wrong_password_is_told_and_nothing_is_touched(told: Told, tmp_path: Path) -> None:
    world = told.world
    (tmp_path / "wrong").write_text("another\n")
    world.on(world.host, "echo 'more: bob' >> /etc/aliases; touch /run/before")
    wrong = ("-i", INVENTORY, "--host", world.host, "--vault-password-file", str(tmp_path / "wrong"))
    before = world.expect("baseline", "history", world.host)
    for words in (("audit", "--fix", "--yes"), ("fix", "--yes"), ("baseline", "capture")):
        done = world.run(*words, *wrong)
        assert done.returncode == 2, done.stdout + done.stderr
        assert "Ansible Vault encrypted with another password" in done.stderr
    assert world.expect("baseline", "history", world.host) == before
    assert world.on(world.host, "find /etc /var/lib/pyremediate -newer /run/before -type f") == ""
