"""A host against its last known good: what is a difference, and what is none."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from pyremediate.comparison.compare import compare
from pyremediate.comparison.differences import can_be_put_back
from pyremediate.known_good.hosts import KnownGood
from pyremediate.model import Comparison, Difference, State
from tests.unit.looks import NOON, evidence

MODIFIED = "2026-11-25T11:00:00Z"
LINK = {"kind": "link", "target": "/run/x", "owner": "root", "group": "root", "mode": "0777"}


def host() -> dict[str, Any]:
    """The sections of a small healthy host."""
    return {
        "postfix": {
            "config_directory": "/etc/postfix",
            "main": {"parameters": {"relayhost": "", "mynetworks": "127.0.0.0/8, [::1]/128"}, "invalid": []},
            "services": {"smtp/inet": {"columns": "smtp inet n - y - - smtpd", "options": {}, "line": 12}},
            "invalid_services": [],
        },
        "dovecot": {"settings": {"protocols": "imap lmtp"}},
        "services": {"units": {"postfix.service": {"active": "active", "enabled": "enabled"}}},
        "packages": {"installed": {"postfix": "3.7.11-0+deb12u1"}, "history": []},
        "network": {"firewall": {"available": True, "ruleset": ["table inet filter"], "text": "table inet filter {}"}},
        "files": {
            "tracked": {
                "/etc/postfix/main.cf": file("sha256:aa"),
                "/etc/aliases": file("sha256:bb"),
                "/etc/dkimkeys/key": file("hmac:cc", mode="0600", secret=True),
                "/etc/resolv.conf": LINK,
            }
        },
    }


def file(digest: str, mode: str = "0644", owner: str = "root", secret: bool = False) -> dict[str, Any]:
    return {
        "kind": "file",
        "owner": owner,
        "group": "root",
        "mode": mode,
        "size": 10,
        "modified": MODIFIED,
        "digest": digest,
        "target": None,
        "secret": secret,
    }


def compared(now: dict[str, Any]) -> Comparison:
    return compare(KnownGood(evidence(**host()), NOON, "tester", "healthy"), evidence(**now))


def only(now: dict[str, Any]) -> Difference:
    (difference,) = compared(now).differences
    return difference


def changed(*path: str, to: Any) -> dict[str, Any]:
    """The host with one value replaced, or added."""
    now = host()
    place = now
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = to
    return now


def test_a_host_that_did_not_change_does_not_differ() -> None:
    assert compared(host()) == Comparison()


def test_comments_order_and_white_space_of_main_cf_are_no_differences() -> None:
    now = changed("files", "tracked", "/etc/postfix/main.cf", to=file("sha256:other"))
    now["postfix"]["main"]["parameters"] = {"mynetworks": "127.0.0.0/8,\t [::1]/128", "relayhost": ""}
    now["postfix"]["services"]["smtp/inet"]["line"] = 40
    assert compared(now).differences == ()


def test_a_changed_parameter_is_one_difference_since_the_file_was_written() -> None:
    difference = only(changed("postfix", "main", "parameters", "relayhost", to="[192.0.2.1]"))
    assert (difference.kind, difference.name, difference.was, difference.is_) == (
        "postfix.parameter", "relayhost", "", "[192.0.2.1]",
    )  # fmt: skip
    assert difference.since is not None
    assert difference.since.hour == 11


def test_an_added_and_a_removed_parameter_say_that_they_were_not_there() -> None:
    assert only(changed("postfix", "main", "parameters", "soft_bounce", to="yes")).was is None
    now = host()
    del now["postfix"]["main"]["parameters"]["relayhost"]
    assert only(now).is_ is None


def test_a_line_that_is_no_parameter_is_a_difference_of_its_own() -> None:
    difference = only(changed("postfix", "main", "invalid", to=[{"line": 59, "text": "smtpd_banner hello"}]))
    assert (difference.kind, difference.name) == ("postfix.line", "/etc/postfix/main.cf:59")
    assert difference.is_ == "smtpd_banner hello"


def test_a_service_that_was_commented_out_is_gone() -> None:
    difference = only(changed("postfix", "services", to={}))
    assert (difference.kind, difference.name, difference.is_) == ("postfix.service", "smtp/inet", None)
    assert difference.was == {"columns": "smtp inet n - y - - smtpd", "options": {}}


def test_a_changed_option_of_a_service_is_a_difference() -> None:
    service = {"columns": "smtp inet n - y - - smtpd", "options": {"smtpd_client_restrictions": "reject"}, "line": 12}
    assert only(changed("postfix", "services", "smtp/inet", to=service)).kind == "postfix.service"


def test_main_cf_that_could_not_be_parsed_differs_by_content_instead() -> None:
    now = changed("files", "tracked", "/etc/postfix/main.cf", to=file("sha256:other"))
    now["postfix"] = State.FAILED
    comparison = compared(now)
    assert [(item.name, item.aspect) for item in comparison.differences] == [("/etc/postfix/main.cf", "content")]
    assert comparison.unknown == ("postfix was not observed: timed out",)


def test_the_mode_of_main_cf_is_compared_although_its_content_is_parsed() -> None:
    now = changed("files", "tracked", "/etc/postfix/main.cf", to=file("sha256:aa", mode="0600"))
    assert (only(now).aspect, only(now).was, only(now).is_) == ("mode", "0644", "0600")


@pytest.mark.parametrize(
    ("entry", "aspect"),
    [
        (file("sha256:other"), "content"),
        (file("sha256:bb", owner="nobody"), "owner"),
        (file("sha256:bb", mode="0600"), "mode"),
        (LINK, "target"),
        ({"kind": "directory", "owner": "root", "group": "root", "mode": "0644"}, "content"),
        ({"kind": "missing"}, "missing"),
    ],
)
def test_each_aspect_of_a_file_is_a_difference_of_its_own(entry: dict[str, Any], aspect: str) -> None:
    assert only(changed("files", "tracked", "/etc/aliases", to=entry)).aspect == aspect


def test_two_aspects_are_two_differences() -> None:
    now = changed("files", "tracked", "/etc/aliases", to=file("sha256:bb", owner="nobody", mode="0600"))
    assert [item.aspect for item in compared(now).differences] == ["owner", "mode"]


def test_an_added_file_and_a_changed_link_are_seen() -> None:
    added = only(changed("files", "tracked", "/etc/systemd/system/dovecot.service.d/x.conf", to=file("sha256:dd")))
    assert (added.aspect, added.was) == ("added", None)
    assert only(changed("files", "tracked", "/etc/resolv.conf", to=LINK | {"target": "/run/other"})).is_ == "/run/other"


def test_what_a_secret_file_holds_is_withheld_and_its_mode_is_not() -> None:
    now = changed("files", "tracked", "/etc/dkimkeys/key", to=file("hmac:other", mode="0640", secret=True))
    content, mode = compared(now).differences
    assert content.secret
    assert "hmac" not in content.sentence()
    assert (mode.was, mode.is_, mode.secret) == ("0600", "0640", False)


def test_a_file_in_which_somebody_wrote_a_password_has_changed_and_is_not_told() -> None:
    now = changed("files", "tracked", "/etc/aliases", to=file("hmac:other", secret=True))
    content = only(now)
    assert (content.name, content.aspect, content.secret) == ("/etc/aliases", "content", True)


def test_a_secret_file_that_everybody_may_read_now_differs_in_its_mode_alone() -> None:
    """Its digest is made in another way then, and says nothing."""
    now = changed("files", "tracked", "/etc/dkimkeys/key", to=file("sha256:ee", mode="0644"))
    assert only(now).aspect == "mode"


def test_a_masked_unit_and_one_that_runs_no_more_are_differences() -> None:
    masked = changed("services", "units", "postfix.service", to={"active": "active", "enabled": "masked"})
    assert (only(masked).kind, only(masked).was, only(masked).is_) == ("unit", "enabled", "masked")
    for active in ("inactive", "failed", "activating"):
        stopped = changed("services", "units", "postfix.service", to={"active": active, "enabled": "enabled"})
        assert (only(stopped).kind, only(stopped).was, only(stopped).is_) == ("unit.running", "active", active)


def test_a_port_that_another_process_has_is_a_difference_and_one_that_nobody_has_is_none() -> None:
    def listeners(*processes: str | None) -> dict[str, Any]:
        found = [{"protocol": "tcp", "address": "::", "port": 25, "process": name} for name in processes]
        return changed("services", to=host()["services"] | {"listeners": found})

    def differences(now: dict[str, Any]) -> list[tuple[Any, ...]]:
        good = KnownGood(evidence(**listeners("master", "master")), NOON, "tester", "")
        found = compare(good, evidence(**now)).differences
        return [(item.kind, item.name, item.was, item.is_) for item in found]

    assert differences(listeners("python3")) == [("listener", "tcp/25", "master", "python3")]
    for now in (listeners("master"), listeners(), listeners(None), listeners("master", "python3")):
        assert differences(now) == []


def test_routes_differ_one_by_one_and_kernel_settings_too() -> None:
    def network(gateway: str, **more: Any) -> dict[str, Any]:
        routes = [
            {"name": "default", "destination": "default", "gateway": gateway, **more},
            {"name": "", "gateway": "fe80::1"},
        ]
        settings = {"net.core.somaxconn": gateway[-1]}
        return changed("network", to=host()["network"] | {"routes": routes, "settings": settings})

    good = KnownGood(evidence(**network("192.0.2.1")), NOON, "tester", "")
    found = compare(good, evidence(**network("192.0.2.2"))).differences
    assert [(item.kind, item.name) for item in found] == [("sysctl", "net.core.somaxconn"), ("route", "default")]
    assert found[1].was == {"destination": "default", "gateway": "192.0.2.1"}
    assert compare(good, evidence(**network("192.0.2.1"))).differences == ()
    older = KnownGood(evidence(**host()), NOON, "tester", "")
    assert compare(older, evidence(**network("192.0.2.2"))).differences == ()


def test_a_package_differs_by_version_since_the_package_manager_says() -> None:
    now = changed("packages", "installed", "postfix", to="3.7.11-0+deb12u1+lab1")
    now["packages"]["history"] = [
        {"time": "2026-11-25T10:00:00Z", "package": "postfix"},
        {"time": "2026-11-20T10:00:00Z", "package": "postfix"},
    ]
    difference = only(now)
    assert (difference.was, difference.is_) == ("3.7.11-0+deb12u1", "3.7.11-0+deb12u1+lab1")
    assert difference.since is not None
    assert difference.since.day == 25


def test_packet_filter_rules_are_one_difference_and_unreadable_ones_are_none() -> None:
    now = changed("network", "firewall", "ruleset", to=["table inet filter", "tcp dport 25 drop"])
    assert (only(now).kind, only(now).name) == ("firewall", "ruleset")
    now["network"]["firewall"]["available"] = False
    assert compared(now).differences == ()


def test_a_dovecot_that_cannot_tell_its_settings_does_not_seem_to_have_lost_them() -> None:
    assert compared(changed("dovecot", "settings", to={})).differences == ()
    assert only(changed("dovecot", "settings", to={"protocols": "imap"})).kind == "dovecot.setting"


def test_what_was_never_known_promises_nothing() -> None:
    was = host()
    was["packages"] = State.FAILED
    now = copy.deepcopy(host())
    now["packages"]["installed"] = {}
    assert compare(KnownGood(evidence(**was), NOON, "tester", "x"), evidence(**now)) == Comparison()


def test_a_parameter_that_is_set_to_its_default_is_no_difference() -> None:
    now = changed("postfix", "main", "parameters", "smtp_helo_timeout", to="300s")
    now["postfix"]["defaults"] = {"smtp_helo_timeout": "300s"}
    assert compared(now).differences == ()
    now["postfix"]["main"]["parameters"]["smtp_helo_timeout"] = "3s"
    assert only(now).name == "smtp_helo_timeout"


def test_defaults_in_the_columns_of_a_service_are_no_difference() -> None:
    service = {"columns": "smtp inet n y y 0 - smtpd", "options": {}, "line": 12}
    assert compared(changed("postfix", "services", "smtp/inet", to=service)).differences == ()


def test_a_default_of_dovecot_written_out_is_no_difference() -> None:
    was, now = host(), host()
    was["dovecot"]["effective"] = {"protocols": "imap lmtp"}
    now["dovecot"] = {
        "settings": {"protocols": "imap lmtp", "mail_max_userip_connections": "10"},
        "effective": {"protocols": "imap lmtp"},
    }
    known_good = KnownGood(evidence(**was), NOON, "tester", "healthy")
    assert compare(known_good, evidence(**now)).differences == ()
    now["dovecot"]["effective"]["mail_max_userip_connections"] = "20"
    assert [each.kind for each in compare(known_good, evidence(**now)).differences] == ["dovecot.setting"]


def test_the_effective_configuration_of_sshd_says_whether_its_file_has_another_meaning() -> None:
    def seen(value: str, digest: str, user: str = "eve") -> dict[str, Any]:
        of = {"loglevel": value, "match User eve: x11forwarding": user}
        tracked = {"/etc/ssh/sshd_config": file(digest)}
        entries = {"/etc/ssh/sshd_config": {"format": "ssh", "of": of}}
        return {"files": {"tracked": tracked, "entries": entries}, "ssh": {"effective": {"loglevel": value or "INFO"}}}

    known_good = KnownGood(evidence(**seen("", "sha256:a")), NOON, "tester", "healthy")

    def kinds(now: dict[str, Any]) -> list[tuple[str, str]]:
        return [(each.kind, each.name) for each in compare(known_good, evidence(**now)).differences]

    assert kinds(seen("INFO", "sha256:b")) == []
    assert kinds(seen("DEBUG", "sha256:b")) == [("file", "/etc/ssh/sshd_config"), ("ssh.setting", "loglevel")]
    assert kinds(seen("", "sha256:b", "no")) == [
        ("file", "/etc/ssh/sshd_config"), ("ssh.setting", "/etc/ssh/sshd_config match User eve: x11forwarding"),
    ]  # fmt: skip


def test_the_files_of_a_package_are_compared_although_another_package_is_gone() -> None:
    was, now = host(), host()
    for side in (was, now):
        side["packages"] = {"installed": {"postfix": "1", "dovecot-core": "1"}, "history": [], "files": {}}
    now["packages"]["installed"] = {"postfix": "1"}
    now["packages"]["files"] = {
        "/usr/sbin/postdrop": {"package": "postfix", "state": "missing"},
        "/usr/lib/dovecot/lmtp": {"package": "dovecot-core", "state": "missing"},
    }
    found = compare(KnownGood(evidence(**was), NOON, "tester", "healthy"), evidence(**now)).differences
    assert [(each.kind, each.name) for each in found] == [("package", "dovecot-core"), ("package.file", "/usr/sbin/postdrop")]


def with_secrets(parameter: str = "aa", service: str = "bb") -> dict[str, Any]:
    """A host with a password in main.cf, and one in a command of master.cf, of which only keyed digests are known."""
    found = host()
    found["postfix"]["main"]["parameters"]["smtp_sasl_password_maps"] = "static:(withheld)"
    found["postfix"]["withheld"] = {"main": {"smtp_sasl_password_maps": parameter}, "services": {"smtp/inet": service}}
    return found


def test_a_password_in_main_cf_or_master_cf_that_has_changed_is_a_difference_and_is_not_told() -> None:
    known_good = KnownGood(evidence(**with_secrets()), NOON, "tester", "healthy")

    found = compare(known_good, evidence(**with_secrets("xx", "yy"))).differences

    assert [(each.kind, each.name, each.was, each.is_, each.secret) for each in found] == [
        ("postfix.parameter", "smtp_sasl_password_maps", "(withheld)", "(withheld)", True),
        ("postfix.service", "smtp/inet", "(withheld)", "(withheld)", True),
    ]
    assert not any(can_be_put_back(each) for each in found)
    assert compare(known_good, evidence(**with_secrets())).differences == ()


def test_a_service_that_differs_anyhow_is_told_once_and_an_older_known_good_has_no_digests() -> None:
    now = with_secrets("aa", "yy")
    now["postfix"]["services"]["smtp/inet"] = {"columns": "smtp inet n - n - - smtpd", "options": {}, "line": 12}
    known_good = KnownGood(evidence(**with_secrets()), NOON, "tester", "healthy")
    older = with_secrets()
    del older["postfix"]["withheld"]

    assert [each.name for each in compare(known_good, evidence(**now)).differences] == ["smtp/inet"]
    assert compare(KnownGood(evidence(**older), NOON, "tester", "healthy"), evidence(**with_secrets("xx"))).differences == ()
