"""An answer never repeats the password that a question came with."""

from __future__ import annotations

import base64
import json

import pytest

from pyremediate.ansible import discretion

PASSWORD = 'hunter2"x'
ASKED = {"canary": {"username": "canary", "password": PASSWORD}, "hash_key": "0123456789", "targets": [{"bmc_password": "pw"}]}


def encoded(before: str, after: str = "") -> str:
    return base64.b64encode(f"{before}{PASSWORD}{after}".encode()).decode()


@pytest.mark.parametrize(
    "said",
    [
        f"535 no such user: {PASSWORD}",
        "no such key: 0123456789",
        *(f"500 AUTH PLAIN {encoded(before, after)}" for before in ("", "x", "xx") for after in ("", "y", "yy")),
    ],
)
def test_what_quotes_a_password_is_told_without_it(said: str) -> None:
    told = json.loads(discretion.without(json.dumps({"legs": [{"detail": said}]}), ASKED))["legs"][0]["detail"]
    assert discretion.WITHHELD in told
    assert not [word for word in ("hunter2", "0123456789", "aHVudGVy", "h1bnRlc", "odW50ZX") if word in told], told


def test_what_quotes_none_stays_and_so_does_a_word_as_short_as_many() -> None:
    text = json.dumps({"detail": "550 pw: no such user canary"})
    assert discretion.without(text, ASKED) == text


def test_a_name_that_happens_to_be_the_password_still_names() -> None:
    answer = {"target": "mail", "mails": [{"detail": "mail for mail01"}]}
    told = json.loads(discretion.without(json.dumps(answer), {"password": "mail"}))
    assert told == {"target": "mail", "mails": [{"detail": "[withheld] for [withheld]01"}]}
