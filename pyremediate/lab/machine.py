"""One host of the lab: made, booted, waited for; and what its journal says when it does not come."""

from __future__ import annotations

import io
import tarfile
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial

from pyremediate.errors import PyremediateError
from pyremediate.lab import engine, ready
from pyremediate.lab.description import Host, Lab
from pyremediate.lab.engine import Attachment, Container, Specification

BOOT_DEADLINE = 90.0
LOGIN_DEADLINE = 20.0
JOURNAL_LINES = 60


def boot(lab: Lab, hosts: Sequence[Host], images: Mapping[str, str]) -> None:
    """Make the hosts from nothing, all at the same time; whatever is there under their names goes."""
    remains = engine.containers([lab.container(host) for host in hosts])
    with ThreadPoolExecutor(max_workers=8) as pool:
        list(pool.map(engine.remove_container, remains))
        list(pool.map(lambda host: _make(lab, host, images[host.kind]), hosts))


def wait(lab: Lab, hosts: Sequence[Host]) -> None:
    """Until every host does its work; raises with the journal of each that does not."""
    with ThreadPoolExecutor(max_workers=len(hosts)) as pool:
        answers = list(pool.map(lambda host: ready.wait(lab, host, BOOT_DEADLINE), hosts))
    pages = [
        f"{host.name} does not work ({words}). Its journal ends:\n{journal(lab, host)}"
        for host, words in zip(hosts, answers, strict=True)
        if words
    ]
    if pages:
        raise PyremediateError("\n".join(pages))


def works(lab: Lab, host: Host, container: Container | None) -> bool:
    """It is there, its init lives, and it lets us in: then ``up`` leaves it as it is, broken mail service or not.

    On a busy machine a login may take long, and a host is not to be lost for that.
    """
    if container is None or not container.alive:
        return False
    return not ready.until(partial(ready.login, lab, host), time.monotonic() + LOGIN_DEADLINE)


def journal(lab: Lab, host: Host) -> str:
    """The end of a host's own journal, or why there is none."""
    try:
        return engine.execute(lab.container(host), "journalctl", "--boot", "--no-pager", f"--lines={JOURNAL_LINES}")
    except PyremediateError as error:
        return str(error)


def own_files(lab: Lab, host: Host) -> bytes:
    """A tar archive of what differs between hosts of one kind: their SSH host key and their names."""
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


def _make(lab: Lab, host: Host, image: str) -> None:
    name = lab.container(host)
    attachments = [Attachment(lab.network(leg.network), leg.interface, leg.address, leg.mac) for leg in host.legs]
    engine.create_container(Specification(name, image, host.fqdn, attachments, host.capabilities, host.sysctls))
    engine.copy_into(name, own_files(lab, host))
    engine.start_container(name)
