"""Images: a base bootstrapped from Debian's mirror, and one image per kind of host on top of it.

A kind that is no mail host names its own few packages (``lab/<kind>/base/packages``) and gets a base of its own.
An image's tag is the hash of everything that goes into it, so nothing is built twice and nothing stale is used.
"""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

from pyremediate.errors import PyremediateError
from pyremediate.lab import engine, keys
from pyremediate.lab.description import MAIL_DOMAIN, PEER_DOMAIN, Lab
from pyremediate.paths import collection_root

SUITE = "bookworm"
BASE_NAME = "localhost/pyremediate-lab-base"
BOOTSTRAP_TIMEOUT = 900.0
AUTHORITY = "usr/local/share/ca-certificates/lab.crt"

# Where the keys go in each kind's image: {path in the image: file in the lab's directory}.
KEY_FILES: Mapping[str, Mapping[str, str]] = {
    "mail": {
        "etc/ssl/mail/fullchain.pem": "server.pem",
        "etc/ssl/mail/key.pem": "server.key",
        "etc/dkimkeys/sel1.private": f"dkim-{MAIL_DOMAIN}.key",
        "root/lab/expired/fullchain.pem": "expired.pem",
        "root/lab/expired/key.pem": "expired.key",
    },
    "peer": {
        "etc/ssl/mail/fullchain.pem": "peer.pem",
        "etc/ssl/mail/key.pem": "peer.key",
        "etc/dkimkeys/sel1.private": f"dkim-{PEER_DOMAIN}.key",
    },
}
# Every host lets the controller in, and trusts the lab's authority.
EVERYWHERE = {"root/.ssh/authorized_keys": "ssh.pub", AUTHORITY: "ca.pem"}


def ensure(lab: Lab, every_host: Lab, say: Callable[[str], None]) -> Mapping[str, str]:
    """{kind: image} for every kind in the lab; builds what is missing. ``every_host`` is what the name server knows."""
    for directory in sorted({base_directory(host.kind) for host in lab.hosts}):
        if not engine.image_exists(base := base_tag(directory)):
            count = len(packages(directory))
            say(f"bootstrapping Debian {SUITE} with {count} packages from its mirror (once, one to two minutes)")
            bootstrap(base, directory)
    with tempfile.TemporaryDirectory(prefix="pyremediate-lab-") as scratch:
        wanted = _contexts(lab, every_host, Path(scratch))
        missing = [kind for kind, name in wanted.items() if not engine.image_exists(name)]
        if missing:
            say(f"building the images {', '.join(missing)}")
            with ThreadPoolExecutor() as pool:
                list(pool.map(lambda kind: _build(kind, wanted[kind], Path(scratch, kind)), missing))
            remove_superseded(lab, wanted)
    return wanted


def _build(kind: str, name: str, context: Path) -> None:
    engine.build_image(name, context, base_tag(base_directory(kind)))


def expected(lab: Lab, every_host: Lab) -> Mapping[str, str]:
    """{kind: image} as ``ensure`` would make them now."""
    with tempfile.TemporaryDirectory(prefix="pyremediate-lab-") as scratch:
        return _contexts(lab, every_host, Path(scratch))


def _contexts(lab: Lab, every_host: Lab, scratch: Path) -> Mapping[str, str]:
    names = {}
    for kind in sorted({host.kind for host in lab.hosts}):
        assemble(kind, lab, every_host, scratch / kind)
        names[kind] = f"{repository(lab)}/{kind}:{tree_hash(scratch / kind, base_tag(base_directory(kind)))}"
    return names


def repository(lab: Lab) -> str:
    """Where this lab's images are; another lab has other addresses and keys in its own."""
    return f"localhost/{lab.name}"


def remove_superseded(lab: Lab, wanted: Mapping[str, str]) -> None:
    """Forget this lab's images of other tags, unless a container still has them."""
    for name in set(engine.images(f"{repository(lab)}/*")) - set(wanted.values()):
        with suppress(engine.EngineError):  # in use
            engine.remove_image(name)


def remove_bases() -> None:
    """Forget the bases, unless another lab's images stand on them."""
    for kind in ("mail", "router"):
        base = base_tag(base_directory(kind))
        if engine.image_exists(base) and not engine.images(f"localhost/*/{kind}"):
            engine.remove_image(base)


def base_directory(kind: str) -> Path:
    """What the base of a kind is made from: ``packages``, and the hook ``customize`` where there is one."""
    own = collection_root() / "lab" / kind / "base"
    return own if own.is_dir() else collection_root() / "lab" / "base"


def packages(directory: Path) -> list[str]:
    """The packages of a base beside Debian's minimum."""
    return (directory / "packages").read_text().split()


def base_tag(directory: Path) -> str:
    """A base's name, by the hash of what it is made from."""
    return f"{BASE_NAME}:{tree_hash(directory, SUITE)}"


def bootstrap(name: str, directory: Path) -> None:
    """mmdebstrap(1) into an image, without a file in between; its log is shown when it fails."""
    include = ",".join(packages(directory))
    hook = [f"--customize-hook={directory / 'customize'}"] if (directory / "customize").is_file() else []
    line = ["mmdebstrap", "--variant=minbase", f"--include={include}", *hook, SUITE, "-"]
    with tempfile.TemporaryFile() as log:
        making = subprocess.Popen(line, stdout=subprocess.PIPE, stderr=log)
        assert making.stdout is not None
        try:
            engine.import_image(name, making.stdout)
        finally:
            making.stdout.close()
            failed = making.wait(timeout=BOOTSTRAP_TIMEOUT)
        if failed:
            with suppress(engine.EngineError):
                engine.remove_image(name)
            log.seek(0)
            last = log.read().decode(errors="replace").splitlines()[-15:]
            raise PyremediateError("mmdebstrap failed; its last words:\n" + "\n".join(last))


def assemble(kind: str, lab: Lab, every_host: Lab, context: Path) -> None:
    """The build context: Containerfile and root/, addresses and keys filled in, modes whatever the umask was."""
    source = collection_root() / "lab"
    root = context / "root"
    shutil.copytree(source / "common" / "root", root)
    shutil.copytree(source / kind / "root", root, dirs_exist_ok=True)
    shutil.copy(source / kind / "Containerfile", context)
    for path, file in {**EVERYWHERE, **KEY_FILES.get(kind, {})}.items():
        _put(root / path, (lab.directory / file).read_text())
    if kind == "dns":
        _put(root / "etc/lab/hosts", "".join(f"{line}\n" for line in host_lines(every_host)))
        _put(root / "etc/dnsmasq.d/dkim.conf", "".join(dkim_lines(lab.directory)))
    for place in sorted(context.rglob("*")):
        executable = place.is_dir() or place.stat().st_mode & 0o100
        if place.is_file():
            place.write_text(place.read_text().replace("@PREFIX@", lab.prefix))
        place.chmod(0o755 if executable else 0o644)


def _put(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def host_lines(lab: Lab) -> Iterable[str]:
    """hosts(5) for the name server: each host at the address where it works, and the controller in each network."""
    for host in lab.hosts:
        yield f"{host.address} {host.fqdn}"
    for network in ("client", "mail", "world"):
        yield f"{lab.gateway(network)} controller-{network}.{MAIL_DOMAIN}"


def dkim_lines(directory: Path) -> Iterable[str]:
    """dnsmasq(8) records; it splits a text longer than 255 characters by itself."""
    for domain in (MAIL_DOMAIN, PEER_DOMAIN):
        yield f'txt-record={keys.DKIM_SELECTOR}._domainkey.{domain},"{keys.dkim_record(directory, domain)}"\n'


def tree_hash(directory: Path, *more: str) -> str:
    """A hash over names, executable bits and contents below a directory, and over further words."""
    digest = hashlib.sha256("\0".join(more).encode())
    for path in sorted(directory.rglob("*")):
        if path.is_file():
            executable = bool(path.stat().st_mode & 0o100)
            digest.update(f"\0{path.relative_to(directory)}\0{executable}\0".encode() + path.read_bytes())
    return digest.hexdigest()[:12]
