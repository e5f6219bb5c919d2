"""The lab's verbs: up, reset, down, status. Each works on whatever an earlier or killed run left behind."""

from __future__ import annotations

import fcntl
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from importlib.util import find_spec

from pyremediate import settings
from pyremediate.errors import PyremediateError, Refused, UsageError
from pyremediate.known_good import devices as kept_devices
from pyremediate.lab import broken, engine, floor, image, keys, machine, ready, requirements, ssh
from pyremediate.lab.bmc import process
from pyremediate.lab.description import DEFAULT_MAIL_HOSTS, MOST_MAIL_HOSTS, NETWORKS, Host, Lab, describe
from pyremediate.lab.engine import Container
from pyremediate.lock import host_lock
from pyremediate.paths import collection_root
from pyremediate.request import AnsibleOptions, Request

Say = Callable[[str], None]


@dataclass(frozen=True)
class HostState:
    """What ``status`` shows of one host."""

    host: Host
    state: str  # running, dead (podman says running, but its processes are gone), exited, absent …
    services: Mapping[str, str]  # {service: "" or why it does not answer}
    outdated: bool = False  # made from an image that is not what ``lab/`` says now


def current(mail_hosts: int | None = None) -> Lab:
    """The lab as it was last brought up, with more mail hosts if that many are wanted."""
    recorded = describe().directory / "hosts.json"
    there = int(json.loads(recorded.read_text())["mail"]) if recorded.is_file() else 0
    return describe(max(there, mail_hosts or 0) or DEFAULT_MAIL_HOSTS)


def up(mail_hosts: int | None, say: Say) -> Lab:
    """Bring the lab up; hosts that run stay as they are. Raises with a host's journal when it does not come."""
    requirements.check()
    if mail_hosts is not None:
        describe(mail_hosts)  # refuses a number out of range
    with _exclusive(say), ExitStack() as locks:
        lab = current(mail_hosts)
        images = _prepare(lab, say)
        found = engine.containers(lab.containers)
        with ThreadPoolExecutor(max_workers=len(lab.hosts)) as pool:
            alive = pool.map(lambda host: machine.works(lab, host, found.get(lab.container(host))), lab.hosts)
        missing = [host for host, works in zip(lab.hosts, alive, strict=True) if not works]
        keys.write(lab.directory / "hosts.json", json.dumps({"mail": len(lab.mail_hosts)}).encode(), 0o644)
        _make(lab, made := [host for host in missing if _take(host, locks, say)], images, say)
        _controllers(lab, made, say)
    return lab


def reset(name: str | None, say: Say) -> Lab:
    """Make one host anew, with those that a fault of it broke too, or all of them; whatever was done to them is gone."""
    requirements.check()
    lab = current()
    hosts = [lab.host(each) for each in broken.with_others(lab, name)] if name else list(lab.hosts)
    if not engine.containers(lab.containers):
        raise UsageError("the lab is not up: pyremediate lab up")
    with ExitStack() as locks:
        for host in hosts:
            locks.enter_context(host_lock(host.name))  # nobody loses a host under a fix
        with _exclusive(say):
            images = _prepare(lab, say)
        _make(lab, hosts, images, say)
        broken.forget(lab, [host.name for host in hosts])
        _controllers(lab, hosts, say)
    return lab


def down(say: Say, images: bool = False) -> None:
    """Remove hosts and networks, and the floor last. Keys stay, and images too unless they are to go."""
    requirements.check()
    lab = describe(MOST_MAIL_HOSTS)
    with _exclusive(say):
        ssh.forget(lab, lab.hosts)
        process.stop(lab)
        found = engine.containers(lab.containers)
        say(f"removing {', '.join(found)}" if found else "no host is there")
        with ThreadPoolExecutor() as pool:
            list(pool.map(engine.remove_container, found))
        for network in engine.network_subnets(lab.networks):
            engine.remove_network(network)
        floor.lift(lab.range)
        (lab.directory / "hosts.json").unlink(missing_ok=True)
        if images:
            say("removing the images")
            image.remove_superseded(lab, {})
            image.remove_bases()


def status() -> list[HostState]:
    """Each host of the lab: what the engine says, and which services answer."""
    requirements.check()
    lab = current()
    found = engine.containers(lab.containers)
    made = (lab.directory / "ca.pem").is_file()
    images = image.expected(lab, describe(MOST_MAIL_HOSTS)) if made else {}
    with ThreadPoolExecutor(max_workers=len(lab.hosts)) as pool:
        return list(pool.map(lambda host: _state(lab, host, found.get(lab.container(host)), images), lab.hosts))


def _take(host: Host, locks: ExitStack, say: Say) -> bool:
    """Hold the host's lock; a host that somebody else resets or repairs meanwhile is theirs to bring back."""
    try:
        locks.enter_context(host_lock(host.name))
    except Refused as error:
        say(f"left alone: {error}")
        return False
    return True


def _prepare(lab: Lab, say: Say) -> Mapping[str, str]:
    """Floor, keys, images and networks: everything before a host can be started. Returns {kind: image}."""
    floor.lay(lab.range, {bridge for _, bridge in engine.network_subnets(lab.networks).values()})
    every_host = describe(MOST_MAIL_HOSTS)
    if keys.ensure(lab.directory, every_host.hosts):
        say("made the lab's keys and certificates")
    images = image.ensure(lab, every_host, say)
    _networks(lab)
    return images


def _networks(lab: Lab) -> None:
    there = engine.network_subnets(lab.networks)
    for name in NETWORKS:
        subnet, _ = there.get(lab.network(name), ("", ""))
        if not subnet:
            engine.create_network(lab.network(name), lab.subnet(name), lab.gateway(name))
        elif subnet != lab.subnet(name):
            raise UsageError(f"the network {lab.network(name)} is {subnet}, not {lab.subnet(name)}: run lab down first")


def _make(lab: Lab, hosts: Sequence[Host], images: Mapping[str, str], say: Say) -> None:
    """The hosts anew, and ready. Without any, the whole lab is only asked whether it does its work."""
    if not hosts:
        return
    names = ", ".join(host.name for host in hosts)
    say(f"starting {names}")
    ssh.forget(lab, hosts)
    machine.boot(lab, hosts, images)
    say("waiting until they do their work")
    machine.wait(lab, hosts)
    after_up(_compared(hosts), say)


def _controllers(lab: Lab, anew: Sequence[Host], say: Say) -> None:
    """The baseboard controllers; a lab without them is still a lab."""
    if not process.available():
        say(process.MISSING)
        return
    try:
        process.ensure(lab, anew)
    except PyremediateError as error:
        say(str(error))


def _compared(hosts: Sequence[Host]) -> list[Host]:
    """Those of which a last known good is to be captured. A router alone comes back as it was captured with the mail hosts.

    Network devices are looked at by an extra (``pyremediate[network]``).
    """
    mail = [host for host in hosts if host.kind == "mail"]
    routers = [host for host in hosts if host.kind == "router"] if find_spec("netmiko") else []
    return [*mail, *(host for host in routers if mail or kept_devices.load(host.name) is None)]


def after_up(hosts: Sequence[Host], say: Say) -> None:
    """A host that was just made is as good as it gets: its known good is captured, for rollbacks to return to."""
    if not hosts:
        return
    from pyremediate import capture  # only now: the lab's other verbs need no Ansible
    from pyremediate.known_good.writing import Approval

    say("capturing the known good")
    options = AnsibleOptions(inventory=(str(collection_root() / "inventory" / "lab"),))
    names = ":".join(host.name for host in hosts)
    capture.capture(Request(names, options, settings.Settings(), actor="lab"), Approval("lab", "made by the lab"))


@contextmanager
def _exclusive(say: Say) -> Iterator[None]:
    """One change of the lab as a whole at a time; the kernel frees the lock when its holder dies (flock(2))."""
    directory = describe().directory
    directory.mkdir(parents=True, exist_ok=True, mode=0o700)
    with (directory / "lock").open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("waiting for another process that brings the lab up or down")
            fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _state(lab: Lab, host: Host, container: Container | None, images: Mapping[str, str]) -> HostState:
    if container is None:
        return HostState(host, "absent", {})
    outdated = container.image != images.get(host.kind)
    if not container.alive:
        return HostState(host, "dead" if container.state == "running" else container.state, {}, outdated)
    services = {name: ready.failure(attempt) for name, attempt in ready.probes(lab, host).items()}
    return HostState(host, "running", services, outdated)
