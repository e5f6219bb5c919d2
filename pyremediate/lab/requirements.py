"""What the lab needs of this machine; said in one line with the mend."""

from __future__ import annotations

import os
import shutil

from pyremediate.errors import UsageError

# Debian package that brings each program that the lab starts.
PROGRAMS = {
    "podman": "podman",
    "ip": "iproute2",
    "iptables": "iptables",  # netavark's
    "mmdebstrap": "mmdebstrap",
    "ssh": "openssh-client",
    "git": "git",  # the known good of each host that is made
}
HELPERS = ("runc", "netavark", "aardvark-dns")  # podman's own, not all of them on anybody's PATH


def check() -> None:
    """Root and the programs; raises ``UsageError`` with the command that mends it."""
    if os.geteuid() != 0:
        raise UsageError("the lab needs root: it makes networks and boots systemd in containers; use sudo")
    missing = [program for program in PROGRAMS if not shutil.which(program)]
    if missing:
        packages = " ".join(sorted({*(PROGRAMS[program] for program in missing), *HELPERS}))
        raise UsageError(f"the lab needs {', '.join(missing)}: apt-get install --no-install-recommends {packages}")
