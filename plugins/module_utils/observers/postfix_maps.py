# Copyright: The pyremediate maintainers
# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)
"""The lookup tables that main.cf and master.cf name: source, the database made from it, whether it can be opened."""

from __future__ import annotations

import os
import re
import struct

from ansible_collections.pyremediate.mail.plugins.module_utils.observers.command import run
from ansible_collections.pyremediate.mail.plugins.module_utils.observers.concurrently import together

# Database files by table type (postmap(1)); the other types are read as they are written.
SUFFIXES = {"hash": ".db", "btree": ".db", "cdb": ".cdb", "lmdb": ".lmdb", "dbm": ".pag", "sdbm": ".pag"}
WRITTEN = {"cidr", "ldap", "memcache", "mongodb", "mysql", "pcre", "pgsql", "regexp", "socketmap", "sqlite", "texthash"}
TABLE = re.compile(r"(?:^|[\s,{])(?:proxy:)?(" + "|".join([*SUFFIXES, *WRITTEN]) + r"):(/[^\s,}]+)")
# (offset, number) by which a database file is known: db's headers, lmdb's first page.
MAGIC = {"hash": (12, 0x00061561), "btree": (12, 0x00053162), "lmdb": (16, 0xBEEFC0DE)}
# Postfix itself makes these, empty at first, and anew when they are missing (tlsmgr(8), verify(8), postscreen(8)).
CACHE = re.compile(r"_(session_cache_database|cache_map|verify_map)$|^(address_verify_map|postscreen_cache_map)$")


def observe_maps(configuration, supported):
    """Every table with a file, once per parameter that names it; ``supported`` are the known table types, or None."""
    return [_observe_map(name, type_, path, supported) for name, type_, path in dict.fromkeys(tables(configuration))]


def tables(configuration):
    """(parameter, type, path) of every table with a file, as often as it is named."""
    for name in [*configuration.names(), *_by_default(configuration)]:
        if not CACHE.search(name):
            for value in configuration.values(name):
                for type_, path in TABLE.findall(value):
                    yield name, type_, path


def asked(maps):
    """The same, after Postfix itself has opened each database that looks right: one that was cut off has a good header too.

    Only words about the very file count; what postmap(1) says of main.cf is told elsewhere.
    """
    names = sorted({f"{each['type']}:{each['path']}" for each in maps if each["database"] and each["readable"]})
    answers = dict(zip(names, together([lambda name=name: _complaint(name) for name in names])))
    return [_with_complaint(each, answers.get(f"{each['type']}:{each['path']}", "")) for each in maps]


def _complaint(name):
    path = name.partition(":")[2]
    said = run(["postmap", "-q", "pyremediate.invalid", name]).stderr.splitlines()
    return next((line for line in said if f"{path}." in line), "")


def _with_complaint(each, complaint):
    return dict(each, readable=False, error=complaint) if complaint else each


def _by_default(configuration):
    return [name for name in ("alias_maps",) if name not in configuration.main.parameters]


def _observe_map(parameter, type_, path, supported):
    source = _status(path)
    database = path + SUFFIXES[type_] if type_ in SUFFIXES else None
    made = _status(database) if database else None
    readable, error = _opened(type_, database or path)
    if supported is not None and type_ not in supported:
        readable, error = False, f"unsupported dictionary type: {type_}"
    return {
        "parameter": parameter,
        "type": type_,
        "path": path,
        "source_exists": source is not None,
        "database": database,
        "database_exists": made is not None if database else None,
        "stale": bool(source and made and source.st_mtime > made.st_mtime),
        "readable": readable,
        "error": error,
    }


def _status(path):
    try:
        return os.stat(path)
    except OSError:
        return None


def _opened(type_, path):
    """(whether the file opens and is what its type says, why not); None when only root can tell."""
    try:
        with open(path, "rb") as file:
            head = file.read(32)
    except OSError as error:
        hidden = isinstance(error, PermissionError) and os.geteuid() != 0
        return None if hidden else False, f"open {path}: {os.strerror(error.errno)}"
    offset, magic = MAGIC.get(type_, (0, None))
    if magic is not None and magic not in _numbers(head[offset : offset + 4]):
        return False, f"{path} is not a {type_} database"
    return True, ""


def _numbers(octets):
    """The four octets as a number, in either byte order: a database may come from another machine."""
    return [struct.unpack(order, octets)[0] for order in ("<I", ">I")] if len(octets) == 4 else []
