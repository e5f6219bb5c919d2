"""How a probe gets to a host and runs there: one archive in memory, over one connection; nothing is written to the host.

A probe is a module of the collection that only looks. Its work is a function in ``module_utils/<module>_probe.py``: ``ARGUMENTS``
says what it may be asked, ``answer(parameters)`` looks. The module itself is what Ansible calls; this is the way without a play.
"""

from __future__ import annotations

import importlib.machinery
import importlib.util
import io
import json
import marshal
import shlex
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
import gc, json, os, sys, zlib
gc.disable()  # it lives for a second
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

# How PEP 552 marks compiled code that is used as it is: made for this version of Python, not compared with a source.
UNCHECKED = importlib.util.MAGIC_NUMBER + (1).to_bytes(4, "little") + bytes(8)


def command(interpreter: str) -> str:
    """The command line that reads a parcel. The probes need the standard library alone, so that neither a broken package nor
    a variable of the login's environment can keep a host from being looked at (-S, -I).
    """
    return f"{interpreter} -I -S -c {shlex.quote(BOOTSTRAP)}"


@cache
def archive(root: Path) -> bytes:
    """Everything that a probe may import, as a zip archive that Python imports from: compiled, and as source.

    A host whose Python has the version of ours takes the compiled form, which spares it the compiler; every other one
    finds that it is not for it, and takes the source (zipimport).
    """
    utilities = root / "plugins" / "module_utils"
    packages = [PACKAGE.rsplit("/", depth)[0] for depth in range(PACKAGE.count("/") + 1)]
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as packed:
        for path in sorted(utilities.rglob("*.py")):
            name = f"{PACKAGE}/{path.relative_to(utilities)}"
            packed.write(path, name)
            packed.writestr(f"{name}c", UNCHECKED + _compiled(path))
        for package in packages:
            packed.writestr(f"{package}/__init__.py", "")
    return buffer.getvalue()


def _compiled(path: Path) -> bytes:
    """A module's code; from beside it, where Python keeps it, as long as it is that of this source."""
    return marshal.dumps(importlib.machinery.SourceFileLoader(path.stem, str(path)).get_code(path.stem))


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
