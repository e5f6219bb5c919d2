"""Lookup tables: source, database, and whether the database is one."""

from __future__ import annotations

import os
import struct
from pathlib import Path
from typing import Any

from ansible_collections.pyremediate.mail.plugins.module_utils.observers.postfix_configuration import (
    USUAL,
    Configuration,
    parse_main,
    parse_master,
)
from ansible_collections.pyremediate.mail.plugins.module_utils.observers.postfix_maps import observe_maps

HASH = bytes(12) + struct.pack("<I", 0x00061561) + bytes(16)
TYPES = {"hash", "btree", "cidr", "regexp"}


def maps(main: str, master: str = "") -> list[dict[str, Any]]:
    text = f"alias_maps =\n{main}\n"
    return observe_maps(Configuration("/etc/postfix", parse_main(text), parse_master(master), USUAL), TYPES)


def a_table(tmp_path: Path, database: bytes | None = HASH) -> Path:
    source = tmp_path / "vmailbox"
    source.write_text("alice@lab.test x\n")
    os.utime(source, (1000, 1000))
    if database is not None:
        (tmp_path / "vmailbox.db").write_bytes(database)
    return source


def test_a_table_in_order(tmp_path: Path) -> None:
    source = a_table(tmp_path)
    assert maps(f"virtual_mailbox_maps = hash:{source}") == [
        {
            "parameter": "virtual_mailbox_maps",
            "type": "hash",
            "path": str(source),
            "source_exists": True,
            "database": f"{source}.db",
            "database_exists": True,
            "stale": False,
            "readable": True,
            "error": "",
        }
    ]


def test_a_missing_database_is_not_readable_and_says_so(tmp_path: Path) -> None:
    (table,) = maps(f"x_maps = hash:{a_table(tmp_path, None)}")
    assert (table["source_exists"], table["database_exists"], table["readable"]) == (True, False, False)
    assert "No such file" in table["error"]


def test_a_database_older_than_its_source_is_stale(tmp_path: Path) -> None:
    source = a_table(tmp_path)
    os.utime(f"{source}.db", (500, 500))
    assert maps(f"x_maps = hash:{source}")[0]["stale"] is True


def test_a_database_that_is_garbage_is_told_from_a_missing_one(tmp_path: Path) -> None:
    (table,) = maps(f"x_maps = hash:{a_table(tmp_path, os.urandom(12) + b'rubbish' * 4)}")
    assert (table["database_exists"], table["readable"]) == (True, False)
    assert "is not a hash database" in table["error"]


def test_a_table_type_that_this_postfix_does_not_have_is_named(tmp_path: Path) -> None:
    (table,) = maps(f"x_maps = mysql:{a_table(tmp_path)}")
    assert (table["readable"], table["error"]) == (False, "unsupported dictionary type: mysql")


def test_tables_without_a_database_are_judged_by_their_source(tmp_path: Path) -> None:
    (table,) = maps(f"header_checks = regexp:{a_table(tmp_path, None)}")
    assert (table["database"], table["database_exists"], table["readable"]) == (None, None, True)


def test_tables_within_restrictions_and_behind_the_proxy_and_in_services_are_found(tmp_path: Path) -> None:
    source = a_table(tmp_path)
    found = maps(
        f"smtpd_helo_restrictions = check_helo_access cidr:{source}, permit\nx_maps = proxy:hash:{source}",
        f"smtp inet n - y - - smtpd -o y_maps=regexp:{source}\n",
    )
    assert [(table["parameter"], table["type"]) for table in found] == [
        ("smtpd_helo_restrictions", "cidr"),
        ("x_maps", "hash"),
        ("y_maps", "regexp"),
    ]


def test_caches_that_postfix_makes_itself_are_not_tables_of_ours() -> None:
    assert maps("smtp_tls_session_cache_database = btree:/var/lib/postfix/smtp_scache") == []
