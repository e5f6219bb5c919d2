"""The hosts of one scenario, made by the lab's own code from the lab's image.

    host.py create SCENARIO ADDRESS DIRECTORY    the directory receives the keys: ssh, known_hosts
    host.py router SCENARIO ADDRESS DIRECTORY    makes a router beside it; the directory receives its keys
    host.py board SCENARIO ADDRESS DIRECTORY     starts the controller on its board, which ends with the scenario
    host.py destroy SCENARIO DIRECTORY

It stands alone in the lab's management network, whether the lab is up or not. That network, the floor under it and the
images are the lab's: ``pyremediate lab down`` takes them away.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from pyremediate.ansible.options import collections_path
from pyremediate.lab import engine, floor, image, keys, machine
from pyremediate.lab.description import MOST_MAIL_HOSTS, Host, Lab, Leg, describe

NETWORK = "mgmt"


def create(scenario: str, address: str, directory: str) -> None:
    """Boot the host anew, and wait until it takes mail."""
    collections_path()  # makes the checkout a collection
    lab, every_host = describe(), describe(MOST_MAIL_HOSTS)
    keys.ensure(lab.directory, every_host.hosts)
    _network(lab)
    images = image.ensure(lab, every_host, print)
    own = _own(lab, _host(lab, scenario), address, directory)
    _let_in(lab, own, own.hosts[0])
    machine.boot(own, own.hosts, images)
    machine.wait(own, own.hosts)


def router(scenario: str, address: str, directory: str) -> None:
    """Boot a router beside the host, in the same network alone, and wait until it has read its configuration."""
    lab, every_host = describe(), describe(MOST_MAIL_HOSTS)
    images = image.ensure(lab, every_host, print)
    own = _own(lab, _router(lab, scenario), address, directory)
    _let_in(lab, own, own.hosts[0])
    machine.boot(own, own.hosts, images)
    machine.wait(own, own.hosts)


def board(scenario: str, address: str, directory: str) -> None:
    """Start a controller for this one host, in the background; return when it listens."""
    read, write = os.pipe()
    line = [sys.executable, __file__, "serve", scenario, address, directory, str(write)]
    with os.fdopen(read) as ready:
        with Path(directory, "board.log").open("wb") as log:
            subprocess.Popen(
                line, pass_fds=[write], stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True
            )
        os.close(write)
        if not ready.read():
            raise SystemExit(Path(directory, "board.log").read_text())


def serve(scenario: str, address: str, directory: str, ready: str) -> None:
    """Be that controller, until it is ended."""
    from pyremediate.lab.bmc import process, service

    lab = describe()
    own = _own(lab, _host(lab, scenario), address, directory)
    Path(directory, "bmc").mkdir(exist_ok=True)
    lock = process.hold(own)
    listening = service.servers(own, *process.certificate(own))
    os.write(int(ready), b"listening")
    os.close(int(ready))
    service.serve(listening)
    lock.close()


def destroy(scenario: str, directory: str) -> None:
    """Remove the host, and whatever a killed run left of it."""
    from pyremediate.lab.bmc import process

    lab = describe()
    if Path(directory, "bmc").is_dir():
        process.stop(replace(lab, directory=Path(directory)))
    for host in (_host(lab, scenario), _router(lab, scenario)):
        engine.remove_container(lab.container(host))


def _own(lab: Lab, like: Host, address: str, directory: str) -> Lab:
    """A lab of this one host, which keeps its things in the scenario's directory."""
    octets = ":".join(f"{int(octet):02x}" for octet in address.split("."))
    host = replace(like, legs=(Leg(NETWORK, "eth0", address, f"02:01:{octets}"),))
    return replace(lab, directory=Path(directory), hosts=(host,))


def _host(lab: Lab, scenario: str) -> Host:
    """One like the lab's first mail host."""
    return replace(lab.mail_hosts[0], name=f"molecule-{scenario}")


def _router(lab: Lab, scenario: str) -> Host:
    """One like the lab's router."""
    return replace(lab.host("router01"), name=f"molecule-{scenario}-router")


def _network(lab: Lab) -> None:
    there = engine.network_subnets(lab.networks)
    floor.lay(lab.range, {bridge for _, bridge in there.values()})
    if lab.network(NETWORK) not in there:
        engine.create_network(lab.network(NETWORK), lab.subnet(NETWORK), lab.gateway(NETWORK))


def _let_in(lab: Lab, own: Lab, host: Host) -> None:
    """The image knows the lab's key; the host's own key, and so known_hosts, is the scenario's."""
    own.directory.mkdir(parents=True, exist_ok=True)
    for name in ("ssh", "ssh.pub"):
        link = own.directory / name
        link.unlink(missing_ok=True)
        link.symlink_to(lab.directory / name)
    keys.ensure(own.directory, [host])


if __name__ == "__main__":
    VERBS: dict[str, Callable[..., None]] = {
        "board": board,
        "create": create,
        "destroy": destroy,
        "router": router,
        "serve": serve,
    }
    VERBS[sys.argv[1]](*sys.argv[2:])
