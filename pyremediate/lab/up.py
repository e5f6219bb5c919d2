"""The lab's verbs: up, reset, down, status. Each works on whatever an earlier or killed run left behind."""

from __future__ import annotations

import fcntl
import io
import json
import os
import shutil
import tarfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial

from pyremediate.errors import PyremediateError, Refused, UsageError
from pyremediate.lab import engine, floor, image, keys, ready, ssh
from pyremediate.lab.description import DEFAULT_MAIL_HOSTS, MOST_MAIL_HOSTS, NETWORKS, Host, Lab, describe
from pyremediate.lab.engine import Attachment, Container

BOOT_DEADLINE = 60.0
# Debian package that brings each program that the lab starts.
PROGRAMS = {
    "podman": "podman", "runc": "runc", "ip": "iproute2", "iptables": "iptables", "mmdebstrap": "mmdebstrap", "ssh": "openssh-client",
}  # fmt: skip
PACKAGES = ("netavark", "aardvark-dns")  # podman's network helpers are not on anybody's PATH

Say = Callable[[str], None]


@dataclass(frozen=True)
class HostState:
    """What ``status`` shows of one host."""

    host: Host
    state: str  # running, dead (podman says running, but it is not), exited, absent …
    services: Mapping[str, str]  # {service: "" or why it does not answer}
    outdated: bool = False


def current(mail_hosts: int | None = None) -> Lab:
    """The lab with the number of mail hosts that was asked for, else as it was last brought up."""
    lab = describe()
    recorded = lab.directory / "hosts.json"
    if mail_hosts is None and recorded.is_file():
        mail_hosts = int(json.loads(recorded.read_text())["mail"])
    return describe(mail_hosts or DEFAULT_MAIL_HOSTS)


def up(mail_hosts: int | None, say: Say) -> Lab:
    """Bring the lab up; hosts that run stay as they are. Returns it; raises with a host's journal when one does not come."""
    require_tools()
    lab = current(mail_hosts)
    with _exclusive(lab):
        images = prepare(lab, say)
        running = engine.containers(lab.containers)
        missing = [host for host in lab.hosts if not _alive(running, lab, host)]
        if missing:
            say(f"starting {', '.join(host.name for host in missing)}")
            _boot(lab, missing, images)
        say("waiting until every host does its work")
        _wait(lab, lab.hosts)
        _record(lab)
    after_up(lab, missing, say)
    return lab


def prepare(lab: Lab, say: Say) -> Mapping[str, str]:
    """Floor, keys, images and networks: everything before a host can be started. Returns {kind: image}."""
    bridges = {bridge for _, bridge in engine.network_subnets(lab.networks).values()}
    floor.lay(lab.range, bridges)
    every_host = describe(MOST_MAIL_HOSTS)
    if keys.ensure(lab.directory, every_host.hosts):
        say("made the lab's keys and certificates")
    images = image.ensure(lab, every_host, say)
    _networks(lab)
    return images


def reset(name: str | None, say: Say) -> Lab:
    """Make one host anew, or all of them, from their images; whatever was done to it is gone."""
    require_tools()
    lab = current()
    hosts = [lab.host(name)] if name else list(lab.hosts)
    images = prepare(lab, say)
    ssh.forget(lab, hosts)
    _boot(lab, hosts, images)
    say("waiting for " + ", ".join(host.name for host in hosts))
    _wait(lab, hosts)
    after_up(lab, hosts, say)
    return lab


def down(say: Say) -> None:
    """Remove hosts and networks, and the floor last. Images and keys stay, so that the next ``up`` is quick."""
    require_tools()
    lab = current()
    with _exclusive(lab):
        ssh.forget(lab, lab.hosts)
        found = engine.containers(describe(MOST_MAIL_HOSTS).containers)
        say(f"removing {len(found)} hosts" if found else "no host is there")
        with ThreadPoolExecutor() as pool:
            list(pool.map(engine.remove_container, found))
        for network in engine.network_subnets(lab.networks):
            engine.remove_network(network)
        floor.lift(lab.range)
        (lab.directory / "hosts.json").unlink(missing_ok=True)


def status() -> list[HostState]:
    """Each host of the lab: what the engine says, and which services answer."""
    require_tools()
    lab = current()
    found = engine.containers(lab.containers)
    with ThreadPoolExecutor(max_workers=16) as pool:
        return list(pool.map(lambda host: _state(lab, host, found.get(lab.container(host))), lab.hosts))


def after_up(lab: Lab, hosts: Sequence[Host], say: Say) -> None:
    """What follows when hosts were made: nothing yet."""


def journal(lab: Lab, host: Host) -> str:
    """The end of a host's own journal, or why there is none."""
    try:
        return engine.execute(lab.container(host), "journalctl", "--boot", "--no-pager", "--lines=80")
    except PyremediateError as error:
        return str(error)


def require_tools() -> None:
    """Root and the programs that the lab starts; raises ``UsageError`` with the mend."""
    if os.geteuid() != 0:
        raise UsageError("the lab needs root: it makes networks and boots systemd in containers; use sudo")
    missing = [package for program, package in PROGRAMS.items() if not shutil.which(program)]
    if missing:
        wanted = " ".join(sorted({*missing, *PACKAGES}))
        raise UsageError(f"the lab needs {', '.join(missing)}: apt-get install --no-install-recommends {wanted}")


@contextmanager
def _exclusive(lab: Lab) -> Iterator[None]:
    """One ``up`` or ``down`` at a time; the kernel frees the lock when its holder dies (flock(2))."""
    lab.directory.mkdir(parents=True, exist_ok=True, mode=0o700)
    with (lab.directory / "lock").open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Refused("another process brings the lab up or down; wait for it to end") from None
        yield


def _networks(lab: Lab) -> None:
    there = engine.network_subnets(lab.networks)
    for name in NETWORKS:
        found = there.get(lab.network(name))
        if found and found[0] != lab.subnet(name):
            raise UsageError(f"the network {lab.network(name)} is {found[0]}, not {lab.subnet(name)}: run lab down first")
        if not found:
            engine.create_network(lab.network(name), lab.subnet(name), lab.gateway(name))


def _alive(found: Mapping[str, Container], lab: Lab, host: Host) -> bool:
    container = found.get(lab.container(host))
    return container is not None and container.alive and not ready.failure(partial(ready.login, lab, host))


def _boot(lab: Lab, hosts: Sequence[Host], images: Mapping[str, str]) -> None:
    """Make the hosts from nothing, all at the same time."""
    with ThreadPoolExecutor(max_workers=8) as pool:
        list(pool.map(lambda host: _make(lab, host, images[host.kind]), hosts))


def _make(lab: Lab, host: Host, image_name: str) -> None:
    name = lab.container(host)
    engine.remove_container(name)
    attachments = [Attachment(lab.network(leg.network), leg.interface, leg.address, leg.mac) for leg in host.legs]
    engine.create_container(name, image_name, host.fqdn, attachments, host.capabilities, host.sysctls)
    engine.copy_into(name, own_files(lab, host))
    engine.start_container(name)


def own_files(lab: Lab, host: Host) -> bytes:
    """A tar archive of what differs between hosts of one kind: their SSH host key and their name."""
    key = lab.directory / "hosts" / host.name
    files = {
        "etc/ssh/ssh_host_ed25519_key": (key.read_bytes(), 0o600),
        "etc/ssh/ssh_host_ed25519_key.pub": (key.with_name(f"{key.name}.pub").read_bytes(), 0o644),
        "etc/mailname": (f"{host.fqdn}\n".encode(), 0o644),
        "etc/hosts": (f"127.0.0.1 localhost\n{host.address} {host.fqdn} {host.name}\n".encode(), 0o644),
    }
    archive = io.BytesIO()
    with tarfile.open(fileobj=archive, mode="w") as tar:
        for path, (content, mode) in files.items():
            entry = tarfile.TarInfo(path)
            entry.size, entry.mode, entry.mtime = len(content), mode, int(time.time())
            tar.addfile(entry, io.BytesIO(content))
    return archive.getvalue()


def _wait(lab: Lab, hosts: Sequence[Host]) -> None:
    with ThreadPoolExecutor(max_workers=len(hosts)) as pool:
        answers = dict(zip(hosts, pool.map(lambda host: ready.wait(lab, host, BOOT_DEADLINE), hosts), strict=True))
    failed = {host: words for host, words in answers.items() if words}
    if failed:
        pages = [f"{host.name} does not work ({words}). Its journal:\n{journal(lab, host)}" for host, words in failed.items()]
        raise PyremediateError("\n".join(pages))


def _record(lab: Lab) -> None:
    """How many mail hosts there are: for the inventory's ``more_hosts``, and for the next call."""
    count = sum(host.kind == "mail" for host in lab.hosts)
    keys.write(lab.directory / "hosts.json", json.dumps({"mail": count, "prefix": lab.prefix}).encode(), 0o644)


def _state(lab: Lab, host: Host, container: Container | None) -> HostState:
    if container is None:
        return HostState(host, "absent", {})
    if not container.alive:
        return HostState(host, "dead" if container.state == "running" else container.state, {})
    services = {name: ready.failure(attempt) for name, attempt in ready.probes(lab, host).items()}
    return HostState(host, "running", services)
