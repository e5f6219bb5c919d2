"""The one door to podman: typed calls in, values or one clear error out. Nobody else starts it.

Proven with podman 4.3 and runc on Debian 12; the reasons for the odd options are beside them.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import tempfile
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from pyremediate.errors import PyremediateError

TIMEOUT = 60.0
BUILD_TIMEOUT = 600.0
# More than a container may have by default cannot be set inside another container.
ULIMITS = ("--ulimit", "nofile=10000:10000", "--ulimit", "nproc=30000:30000")
UNIFIED = Path("/sys/fs/cgroup/unified")


class EngineError(PyremediateError):
    """podman said no; the message is its last line (of a build: its last lines)."""


@dataclass(frozen=True)
class Container:
    """One container as the engine lists it."""

    name: str
    state: str  # running, exited, created, stopping …
    image: str
    pid: int

    @property
    def alive(self) -> bool:
        """Listed as running, and its init really is: when its processes were killed, podman still says "Up"."""
        if self.state != "running":
            return False
        try:
            return (
                Path(f"/proc/{self.pid}/exe").readlink().name == "systemd"
            )  # fails for one that is only not yet reaped
        except OSError:
            return False


@dataclass(frozen=True)
class Attachment:
    """One network that a container joins."""

    network: str
    interface: str
    address: str
    mac: str


def podman(*arguments: str, timeout: float = TIMEOUT, stdin: IO[bytes] | None = None) -> str:
    """Run podman and return what it printed; raises ``EngineError`` with its last words."""
    source = stdin or subprocess.DEVNULL
    try:
        done = subprocess.run(["podman", *arguments], capture_output=True, stdin=source, timeout=timeout, check=False)
    except subprocess.TimeoutExpired:
        raise EngineError(f"podman {arguments[0]} did not end within {timeout:.0f} s") from None
    if done.returncode:
        words = done.stderr.decode(errors="replace").strip().splitlines() or ["no message"]
        told = "\n".join(words[-8:]) if "build" in arguments else words[-1].removeprefix("Error: ")
        raise EngineError(f"podman {next(word for word in arguments if word.isalpha())}: {told}")
    return done.stdout.decode(errors="replace")


def containers(names: Collection[str]) -> Mapping[str, Container]:
    """Those of the named containers that there are, running or not."""
    listed = json.loads(podman("ps", "--all", "--format", "json") or "[]") or []
    found = (Container(i["Names"][0], str(i["State"]).lower(), i["Image"], int(i.get("Pid") or 0)) for i in listed)
    return {container.name: container for container in found if container.name in names}


def image_exists(name: str) -> bool:
    """Is the image in this machine's store?"""
    return subprocess.run(["podman", "image", "exists", name], check=False, capture_output=True).returncode == 0


def import_image(name: str, tar: IO[bytes]) -> None:
    """Make an image of a root file system."""
    podman("import", "--quiet", "--change", 'CMD ["/sbin/init"]', "-", name, stdin=tar, timeout=BUILD_TIMEOUT)


def build_image(name: str, context: Path, base: str) -> None:
    """Build ``context/Containerfile`` into one layer.

    Isolation chroot works inside containers too, where namespaces cannot be nested; the build then has this machine's
    network, and must not listen on it.
    """
    podman(
        "build", "--quiet", "--isolation", "chroot", *ULIMITS, "--build-arg", f"BASE={base}", "--layers=false",
        "--pull=never", "--tag", name, str(context), timeout=BUILD_TIMEOUT,
    )  # fmt: skip


def images(reference: str) -> list[str]:
    """Names of the images that match ``localhost/name:*``."""
    return podman("images", "--format", "{{.Repository}}:{{.Tag}}", "--filter", f"reference={reference}").split()


def remove_image(name: str) -> None:
    """Forget an image that no container uses."""
    podman("rmi", name)


def network_subnets(names: Collection[str]) -> Mapping[str, tuple[str, str]]:
    """{network: (subnet, bridge)} of those of the named networks that there are."""
    wanted = [name for name in podman("network", "ls", "--format", "{{.Name}}").split() if name in names]
    listed = json.loads(podman("network", "inspect", *wanted)) if wanted else []
    return {item["name"]: (item["subnets"][0]["subnet"], item["network_interface"]) for item in listed}


def create_network(name: str, subnet: str, gateway: str) -> None:
    """A network without a way out; the lab has its own name server."""
    podman("network", "create", "--internal", "--disable-dns", "--subnet", subnet, "--gateway", gateway, name)


def remove_network(name: str) -> None:
    """Remove a network that no container uses."""
    podman("network", "rm", name)


@dataclass(frozen=True)
class Specification:
    """What a container is made from."""

    name: str
    image: str
    hostname: str
    attachments: Sequence[Attachment]
    capabilities: Sequence[str]
    sysctls: Sequence[str] = ()


def create_container(wanted: Specification) -> None:
    """A container that will boot systemd. Its resolv.conf and hosts are its own: podman's could not be replaced."""
    podman(
        *_runtime(), "create", "--name", wanted.name, "--hostname", wanted.hostname, "--systemd=always", *ULIMITS,
        *_unified_cgroup(), "--cap-add", ",".join(wanted.capabilities),
        *(f"--sysctl={item}" for item in wanted.sysctls),
        *(f"--network={a.network}:ip={a.address},mac={a.mac},interface_name={a.interface}" for a in wanted.attachments),
        "--dns=none", "--no-hosts", "--pull=never", wanted.image, "/sbin/init",
    )  # fmt: skip


def copy_into(name: str, tar: bytes) -> None:
    """Unpack a tar archive at the container's root, with its owners and modes."""
    with tempfile.TemporaryFile() as archive:
        archive.write(tar)
        archive.seek(0)
        podman("cp", "-", f"{name}:/", stdin=archive)


def start_container(name: str) -> None:
    """Boot it."""
    podman(*_runtime(), "start", name)


def power_off_container(name: str) -> None:
    """End it as a power cut would; it is off when this returns."""
    podman("kill", "--signal", "KILL", name)
    podman("wait", name)


def shut_down_container(name: str) -> None:
    """Let its init end everything, for as long as a machine may take for that."""
    podman("stop", "--time", "30", name)


def remove_container(name: str) -> None:
    """Remove a container whatever its state: on what a crash left, the first try fails and the second succeeds."""
    line = ("rm", "--force", "--ignore", "--time", "0", "--volumes", name)
    try:
        podman(*line)
    except EngineError:
        podman(*line)
        if containers([name]):
            raise EngineError(f"podman still lists {name} after removing it; try: podman rm -f {name}") from None


def execute(name: str, *command: str) -> str:
    """Run a command inside, by the engine: for the journal of a host whose SSH does not answer."""
    return podman("exec", name, *command)


def _runtime() -> tuple[str, ...]:
    """systemd under the old cgroup hierarchy only boots with runc; where runc is, it is used."""
    return ("--runtime", "runc") if shutil.which("runc") else ()


def _unified_cgroup() -> tuple[str, ...]:
    """On hybrid hosts systemd needs the second hierarchy too, or every other stop of a service hangs for 90 seconds."""
    if not UNIFIED.is_dir():
        return ()
    kind = subprocess.run(["stat", "-f", "-c", "%T", str(UNIFIED)], capture_output=True, text=True, check=False)
    return ("--volume", f"{UNIFIED}:{UNIFIED}:rw") if kind.stdout.strip() == "cgroup2fs" else ()
