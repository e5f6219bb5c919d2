"""How a probe gets to a host and runs there: one archive in memory, over one connection; nothing is written to the host.

A probe is a module of the collection that only looks. Its work is a function in ``module_utils/<module>_probe.py``: ``ARGUMENTS``
says what it may be asked, ``answer(parameters)`` looks. The module itself is what Ansible calls; this is the way without a play.
"""

from __future__ import annotations

import io
import json
import zipfile
import zlib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

PACKAGE = "ansible_collections/pyremediate/mail/plugins/module_utils"
MARK = b"\n--pyremediate-answer--\n"  # whatever a login prints (a banner, a profile) stands before it

# Runs on the host, by its Python. The archive is a file without a name (memfd_create(2)): a host whose disks are full or read-only
# can be looked at. Where the kernel has no such thing, it lies in memory for the time of the import.
BOOTSTRAP = """
import json, os, sys, zlib
given = sys.stdin.buffer
sizes = json.loads(given.readline())
archive, request = given.read(sizes[0]), json.loads(given.read(sizes[1]))
try:
    file = os.memfd_create("pyremediate", 0)
    path = "/proc/self/fd/%d" % file
except (AttributeError, OSError):
    path = "/dev/shm/pyremediate-%d" % os.getpid()
    file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
os.write(file, archive)
sys.path.insert(0, path)
sys.dont_write_bytecode = True
try:
    import importlib
    probe = importlib.import_module("ansible_collections.pyremediate.mail.plugins.module_utils." + request["module"] + "_probe")
    answer = probe.answer(request["parameters"])
finally:
    if path.startswith("/dev"):
        os.unlink(path)
packed = zlib.compress(json.dumps(answer).encode(), 1)
sys.stdout.buffer.write(request["mark"].encode() + packed)
sys.stdout.buffer.flush()
os._exit(0)
"""


@cache
def archive(root: Path) -> bytes:
    """Everything that a probe may import, as a zip archive that Python imports from."""
    utilities = root / "plugins" / "module_utils"
    packages = [PACKAGE.rsplit("/", depth)[0] for depth in range(PACKAGE.count("/") + 1)]
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as packed:
        for path in sorted(utilities.rglob("*.py")):
            packed.write(path, f"{PACKAGE}/{path.relative_to(utilities)}")
        for package in packages:
            packed.writestr(f"{package}/__init__.py", "")
    return buffer.getvalue()


def parcel(root: Path, module: str, parameters: Mapping[str, Any]) -> bytes:
    """What the bootstrap reads from its standard input."""
    packed = archive(root)
    request = json.dumps({"module": module, "parameters": parameters, "mark": MARK.decode()}).encode()
    return json.dumps([len(packed), len(request)]).encode() + b"\n" + packed + request


def unpacked(output: bytes) -> str | None:
    """The probe's answer as JSON text; None when it gave none."""
    _, mark, packed = output.partition(MARK)
    if not mark:
        return None
    try:
        return zlib.decompress(packed).decode()
    except zlib.error:
        return None
