"""Drifts of a real host are told, put back and gone, and not one message of others is lost or refused for good meanwhile."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.integration.stream import flowing, missing
from tests.integration.world import INVENTORY, World

pytestmark = pytest.mark.lab

# By the tools that people use for it: postconf, an editor, chmod, systemctl, nft, ip, useradd, dpkg.
DRIFTS = """
set -e
postconf -e 'mynetworks = 127.0.0.0/8, 10.0.0.0/8'
postconf -M 'smtps/inet=smtps inet n - y - - smtpd'
echo 'backup: eve@evil.test' >> /etc/aliases; newaliases
sed -i 's/^ssl = yes/ssl = required/' /etc/dovecot/local.conf
sed -i 's/^carol@lab.test:[^:]*/carol@lab.test:{PLAIN}another/' /etc/dovecot/users
chmod 0644 /etc/ssl/mail/key.pem
useradd --no-create-home eve
systemctl disable --quiet rspamd
systemctl stop opendkim
nft add rule inet filter input tcp dport 8080 accept
ip route add blackhole 192.0.2.0/24
dpkg --remove postfix-pcre
systemctl restart dovecot
postfix reload
"""
TOLD = {
    ("postfix.parameter", "mynetworks"), ("postfix.service", "smtps/inet"), ("map.entry", "/etc/aliases backup"),
    ("dovecot.setting", "ssl"), ("map.entry", "/etc/dovecot/users carol@lab.test"), ("file", "/etc/ssl/mail/key.pem"),
    ("user", "eve"), ("unit", "rspamd.service"), ("unit.running", "opendkim.service"), ("firewall", "ruleset"),
    ("route", "192.0.2.0/24"), ("package", "postfix-pcre"),
}  # fmt: skip


def audited(world: World, *options: str) -> tuple[int, dict[str, Any], str]:
    """Exit status, the host's part of the audit, and the pages of what was put back."""
    done = world.run("audit", "-i", INVENTORY, "--host", world.host, "--format", "json", *options, timeout=900)
    assert done.stdout.startswith("{"), done.stdout + done.stderr
    (target,) = json.loads(done.stdout)["targets"]
    return done.returncode, target, done.stderr


def named(target: dict[str, Any]) -> set[tuple[str, str]]:
    return {(drift["kind"], drift["name"]) for drift in target["drifts"]}


def test_what_drifted_is_told_put_back_and_gone_while_mail_flows(world: World) -> None:
    with flowing(world) as flows:
        status, target, _ = audited(world)
        assert (status, target["outcome"], named(target)) == (0, "clean", set())
        world.on(world.host, DRIFTS)
        status, target, _ = audited(world)
        assert (status, target["outcome"], TOLD - named(target)) == (1, "drifted", set())
        status, target, said = audited(world, "--fix", "--yes")
        assert (status, target["outcome"], named(target)) == (0, "clean", set()), said
        assert f"{world.host}: repaired" in said, said
        status, target, _ = audited(world)
        assert (status, target["outcome"], named(target)) == (0, "clean", set())
    for flow in flows:
        assert len(flow.tokens("taken")) > 1, flow.said
        assert flow.tokens("refused") == set(), flow.said
        assert missing(world, flow) == set(), world.on(flow.host, "postqueue", "-p", check=False)
