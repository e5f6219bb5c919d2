"""What configuration files say: the entries of each syntax, and what of them is told."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from typing import Any

import pytest
from ansible_collections.pyremediate.mail.plugins.module_utils.observers import entries
from ansible_collections.pyremediate.mail.plugins.module_utils.observers import entries_formats as formats
from ansible_collections.pyremediate.mail.plugins.module_utils.observers.command import Completed
from ansible_collections.pyremediate.mail.plugins.module_utils.observers.postfix_configuration import (
    USUAL,
    Configuration,
    Main,
    Master,
)

Parser = Callable[[str], Iterable[tuple[str, str]]]


@pytest.mark.parametrize(
    ("parse", "text", "found"),
    [
        (formats.table, "# x\nInfo@lab.test\tbob@lab.test,  eve\n\n  ann\n", [("info@lab.test", "bob@lab.test, eve ann")]),
        (formats.patterns, "/^a  b$/  REJECT  no\n", [("/^a", "b$/ REJECT no")]),
        (formats.aliases, 'root: a,b\n"odd: one":   c\n', [("root", "a, b"), ("odd: one", "c")]),
        (formats.users, "root:x:0:0:the boss:/root:/bin/sh\n", [("root", "uid 0, group 0, home /root, shell /bin/sh")]),
        (formats.groups, "sudo:x:27:eve,ann\nnone:x:9:\n", [("sudo", "gid 27, members ann eve"), ("none", "gid 9")]),
        (formats.sudo, "# no\neve  ALL = (ALL) \\\n  NOPASSWD: ALL # why\n@includedir /etc/sudoers.d\n",
         [("eve", "ALL=(ALL) NOPASSWD: ALL"), ("@includedir", "/etc/sudoers.d")]),
        (formats.cron, "MAILTO=x\n5 4 * * *  /bin/a  b\n@daily c\n",
         [("5 4 * * *", "/bin/a  b with MAILTO=x"), ("@daily", "c with MAILTO=x")]),
        (formats.system_cron, "5 4 * * * root /bin/a\n@daily root b\n", [("5 4 * * * root", "/bin/a"), ("@daily root", "b")]),
        (formats.ini, "; x\n[Service]\nExecStart=\nExecStart = a \\\n  b\n",
         [("Service ExecStart", ""), ("Service ExecStart", "a b")]),
        (formats.settings, "Mode   s # x\nport=53\nhosts:  files  dns\n", [("Mode", "s"), ("port", "53"), ("hosts", "files dns")]),
        (formats.ssh, "PermitRootLogin no\nMatch User  eve\n  X11Forwarding yes\n",
         [("permitrootlogin", "no"), ("match User eve: x11forwarding", "yes")]),
        (formats.hosts, "192.0.2.1\ta b # c\n", [("192.0.2.1", "a b")]),
        (formats.sources, "deb  http://a b  main # c\n", [("deb http://a b main", "")]),
        (formats.sources, "Types: deb\nURIs: http://a\n\n# x\nURIs: http://b\nTypes: deb\n",
         [("Types: deb; URIs: http://a", ""), ("Types: deb; URIs: http://b", "")]),
        (formats.keys, 'from="192.0.2.0/24" ssh-rsa AAAAB3Nza eve@laptop\n',
         [("eve@laptop", 'from="192.0.2.0/24" ssh-rsa AAAAB3Nza')]),
        (formats.blocks, '# x\nworker "proxy" {\n  count = 1; # y\n}\nreject 15;\n',
         [("worker proxy/count", "1"), ("reject", "15")]),
    ],
)  # fmt: skip
def test_a_syntax_is_read_without_how_it_is_written(parse: Parser, text: str, found: list[tuple[str, str]]) -> None:
    assert list(parse(text)) == found


@pytest.mark.parametrize(
    ("parse", "text"),
    [
        (formats.cron, "5 4 * *\n"), (formats.blocks, "a {\n"), (formats.blocks, "}\n"), (formats.ini, "[S]\nword\n"),
        (formats.keys, "x\n"),
    ],
)  # fmt: skip
def test_what_does_not_keep_to_its_syntax_has_no_entries(parse: Parser, text: str) -> None:
    with pytest.raises(ValueError):
        list(parse(text))


READABLE = 0o100644  # for everybody


def read(path: str, text: str, secret: bool = False, key: str | None = "k", **parameters: str) -> dict[str, Any]:
    known = Configuration("/etc/postfix", Main(parameters), Master(), USUAL)
    reader, octets = entries.Reader(known, key), text.encode()
    hidden = secret or reader.is_secret(path, READABLE, b"")
    found: dict[str, Any] = reader.read(path, octets, hidden or reader.is_secret(path, READABLE, octets), hidden)
    return found


def test_a_map_is_known_by_the_parameter_that_names_it() -> None:
    found = read("/etc/mail/v", "b: x\na: y\n", virtual_alias_maps="hash:/etc/mail/v")
    assert found == {"entries": {"format": "table", "of": {"b:": "x", "a:": "y"}}}
    ordered = read("/etc/mail/checks", "/b/ x\n/a/ y\n", header_checks="pcre:/etc/mail/checks")
    assert ordered["entries"]["of"] == [("/b/", "x"), ("/a/", "y")]


def test_order_comments_and_white_space_leave_the_meaning_as_it_is() -> None:
    assert read("/etc/opendkim.conf", "Mode s\nDomain a\n") == read("/etc/opendkim.conf", "# x\nDomain   a\n\nMode s # y\n")
    assert read("/etc/nftables.conf", "a\nb\n") != read("/etc/nftables.conf", "b\na\n")


def test_of_a_secret_file_the_keys_are_told_and_keyed_digests_of_the_values() -> None:
    one, other = (read("/etc/dovecot/users", f"bob:{{PLAIN}}{word}\n", secret=True) for word in ("planted", "another"))
    assert one["entries"]["of"]["bob"].startswith("(withheld) hmac:")
    assert one != other
    assert "planted" not in json.dumps(one)
    assert read("/etc/dovecot/users", "bob:planted\n", secret=True, key=None) == {}


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("/etc/rspamd/local.d/worker-controller.inc", 'password = "planted";\n'),
        ("/etc/cron.d/x", "0 1 * * * root MYSQL_PWD=planted dump\n"),
        ("/etc/cron.d/x", "0 1 * * * root curl https://eve:planted@lab.test/\n"),
        ("/etc/default/postfix", "API_TOKEN=planted\n"),
        ("/etc/systemd/system/x.service", "[Service]\nEnvironment=DB_PASSWORD=planted\n"),
        ("/etc/postfix/sasl_passwd", "[relay.test] me:planted\n"),
        ("/etc/postfix/relays", "[relay.test] me:planted\n"),
        ("/etc/apt/sources.list.d/own.list", "deb https://me:planted@packages.test/debian stable main\n"),
        ("/etc/rspamd/local.d/redis.conf", 'backend { password = "planted"; }\n'),
    ],
)
def test_a_password_is_told_of_no_file(path: str, text: str) -> None:
    maps = "hash:/etc/postfix/sasl_passwd, hash:/etc/postfix/relays"
    found = read(path, text, smtp_sasl_password_maps=maps)
    assert "planted" not in json.dumps(found)
    assert found != read(path, text.replace("planted", "changed"), smtp_sasl_password_maps=maps)


def test_a_private_key_has_neither_entries_nor_a_meaning() -> None:
    assert read("/etc/default/x", "-----BEGIN PRIVATE KEY-----\n", secret=True) == {}


def test_a_file_with_too_many_entries_is_known_by_its_meaning() -> None:
    text = "".join(f"u{number}@lab.test x\n" for number in range(2000))
    found = read("/etc/v", text, virtual_alias_maps="hash:/etc/v")
    assert list(found) == ["meaning"]
    assert found == read("/etc/v", "# c\n" + text, virtual_alias_maps="hash:/etc/v")


def test_a_setting_of_dovecot_with_its_default_means_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(entries, "effective", lambda: Completed(0, "ssl = required\n"))
    plain = read("/etc/dovecot/local.conf", "ssl = required\n")
    assert plain == read("/etc/dovecot/local.conf", "# x\nmail_max_userip_connections = 10\nssl=required\n")
    assert plain != read("/etc/dovecot/local.conf", "ssl = yes\n")


def test_a_file_of_a_driver_of_dovecot_says_what_it_says_whatever_doveconf_knows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(entries, "effective", lambda: Completed(0, "ssl = required\n"))
    text = "driver = pgsql\npassword = planted\n"
    one, other = (read("/etc/dovecot/dovecot-sql.conf.ext", each) for each in (text, text.replace("pgsql", "mysql")))
    assert one["entries"]["of"]["driver"] == "pgsql" and one != other
    assert "planted" not in json.dumps([one, other])


def test_while_doveconf_refuses_the_configuration_its_files_are_known_by_their_digests(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(entries, "effective", lambda: Completed(89, "", "Fatal"))
    assert read("/etc/dovecot/local.conf", "ssl = required\n") == {}
