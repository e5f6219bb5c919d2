"""Mail through a relay: a dialogue with a real server on a loopback port, and the mail that it gets."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest

from pyremediate.communication import relay
from pyremediate.communication.relay import Broken, Undelivered
from pyremediate.communication.values import Notice
from pyremediate.errors import UsageError
from tests.unit import fake_mail
from tests.unit.communication.receivers import dead_port, mails, url
from tests.unit.communication.receivers import relay as served

NOTICE = Notice(
    "users-3", "20261126-071520-mail01", "update", "users", "fr", "Résolu", "La messagerie est rétablie.\n", ("a",),
    after=("users-1", "users-2"), at=datetime(2026, 11, 26, 7, 15, 20, tzinfo=UTC),
)  # fmt: skip


NOBODY = Broken()


def send(address: str, broken: Broken = NOBODY) -> str:
    said: list[str] = []
    via = relay.relay(address)
    relay.hand_over(via, relay.message(via, NOTICE, NOTICE.subject, NOTICE.body), broken, said.append)
    return said[0]


def test_the_relays_last_words_are_told_and_the_mail_is_whole():
    with served() as (server, port):
        assert send(url(port, "all")) == "250 2.0.0 Ok: queued as 4ABC"
        (mail,) = mails(server)

    assert (mail["Subject"], mail.get_content().strip()) == ("Résolu", "La messagerie est rétablie.")
    assert mail.get_content_charset() == "utf-8"
    assert server.commands[1] == "mail FROM:<it@outside.test>"
    assert "AUTH" not in " ".join(server.commands)


def test_a_mail_says_which_thread_it_is_of_and_that_no_person_wrote_it():
    with served() as (server, port):
        send(url(port, "all"))
        (mail,) = mails(server)

    names = [f"<20261126-071520-mail01.users-{number}@outside.test>" for number in (1, 2, 3)]
    assert mail["Message-ID"] == names[2]
    assert (mail["In-Reply-To"], mail["References"]) == (names[1], " ".join(names[:2]))
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["Date"] == "Thu, 26 Nov 2026 07:15:20 +0000"


def test_who_we_are_needs_no_lookup():
    with served() as (server, port):
        send(url(port, "all"))

    assert server.commands[0] == "ehlo [127.0.0.1]"


@pytest.mark.parametrize("broken", [Broken(names={"localhost"}), Broken(addresses={"127.0.0.1"})])
def test_a_relay_that_is_the_host_under_repair_is_refused_by_name_and_by_address(broken):
    with served() as (server, port), pytest.raises(Undelivered, match="localhost is the host under repair itself; name another"):
        send(f"smtp://localhost:{port}?from=it@outside.test&to=all@people.test", broken)

    assert server.commands == []


def test_a_password_does_not_go_without_encryption():
    with served() as (server, port), pytest.raises(Undelivered, match="no encryption, and a password does not go without"):
        send(f"smtp://it:secret-word@127.0.0.1:{port}?from=it@outside.test&to=all@people.test")

    assert "secret-word" not in " ".join(server.commands)


@contextmanager
def encrypted(directory: Path) -> Iterator[tuple[fake_mail.Smtp, int, Path]]:
    """A relay with a certificate for localhost, and the file of the authority that signed it."""
    authority = fake_mail.Authority(directory)
    server, file = fake_mail.Smtp(authority.server("localhost")), directory / "authority.pem"
    file.write_text(authority.pem)
    with ExitStack() as ends:
        yield server, fake_mail.listen(server.serve, ends), file


def test_a_password_does_not_go_to_a_relay_that_cannot_prove_who_it_is(tmp_path):
    with encrypted(tmp_path) as (server, port, _), pytest.raises(Undelivered, match="certificate verify failed"):
        send(f"smtp://it:secret-word@localhost:{port}?from=it@outside.test&to=all@people.test")

    assert not any("AUTH" in command.upper() for command in server.commands)


def test_a_password_goes_to_a_relay_that_proves_who_it_is(tmp_path, monkeypatch):
    with encrypted(tmp_path) as (server, port, authority):
        monkeypatch.setenv("SSL_CERT_FILE", str(authority))
        send(f"smtp://it:secret-word@localhost:{port}?from=it@outside.test&to=all@people.test")

    assert any(command.startswith("encrypted AUTH PLAIN") for command in server.commands)


def test_encryption_is_used_where_it_is_offered_even_by_somebody_unknown(tmp_path):
    with encrypted(tmp_path) as (server, port, _):
        send(url(port, "all"))

    assert "encrypted mail FROM:<it@outside.test>" in server.commands


@pytest.mark.parametrize(
    ("replies", "words"),
    [
        ({"banner": "554 5.3.2 go away"}, "554 5.3.2 go away"),
        ({"MAIL": "550 5.7.1 not you"}, "550 5.7.1 not you"),
        ({"RCPT": "550 5.1.1 unknown"}, "all@people.test: 550 5.1.1 unknown"),
        ({"DATA": "451 4.3.0 later"}, "451 4.3.0 later"),
        ({"content": "554 5.6.0 no"}, "554 5.6.0 no"),
        ({"banner": fake_mail.HANG_UP}, "Connection unexpectedly closed"),
    ],
)
def test_what_a_relay_does_not_take_is_told_in_its_own_words(replies, words):
    with served(replies=replies) as (_, port), pytest.raises(Undelivered) as error:
        send(url(port, "all"))

    assert words in str(error.value)


def test_a_relay_that_is_dead_is_told_by_name_and_port():
    port = dead_port()
    with pytest.raises(Undelivered, match=f"127.0.0.1 port {port}: Connection refused"):
        send(url(port, "all"))


def test_a_relay_that_says_nothing_is_given_up_in_time(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(relay, "SECONDS", 0.2)
    with served(replies={"banner": fake_mail.SILENCE}) as (_, port), pytest.raises(Undelivered, match="timed out"):
        send(url(port, "all"))


def test_a_probe_goes_as_far_as_the_recipients_and_sends_nothing():
    with served() as (server, port):
        assert relay.probe(relay.relay(url(port, "all")), Broken()) == "takes mail for 1 recipients"

    assert (server.received, server.commands[2:4]) == ([], ["rcpt TO:<all@people.test>", "rset"])


@pytest.mark.parametrize(
    ("address", "complaint"),
    [
        ("smtp://?from=a@b.test&to=c@d.test", "names no host"),
        ("smtp://relay.test?to=c@d.test", "needs one from= and at least one to="),
        ("smtp://relay.test?from=a@b.test", "needs one from= and at least one to="),
        ("smtp://relay.test?from=a@b.test&to=nobody", "'nobody' is no mail address"),
        ("smtp://relay.test?from=a@b.test&to=c@d.test&bcc=x@y.test", "may say from and to alone, not bcc"),
        ("smtp://relay.test:port?from=a@b.test&to=c@d.test", "no URL of a relay"),
    ],
)
def test_a_url_that_is_none_is_told_without_the_url(address, complaint):
    with pytest.raises(UsageError) as error:
        relay.relay(address)

    assert complaint in str(error.value) and "relay.test" not in str(error.value)


def test_the_port_is_that_of_the_scheme():
    query = "?from=a@b.test&to=c@d.test"

    assert relay.relay(f"smtp://relay.test{query}").port == 25
    assert relay.relay(f"smtps://relay.test{query}").port == 465
    assert relay.relay(f"smtp://u:p%40ss@relay.test{query}").port == 587
    assert relay.relay(f"smtp://u:p%40ss@relay.test{query}").password == "p@ss"
