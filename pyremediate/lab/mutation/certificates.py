"""Certificates in use: another key, another name, expired."""

from __future__ import annotations

import re
from collections.abc import Mapping
from random import Random

from pyremediate.lab.mutation.model import Action, Generator, Mutation
from pyremediate.lab.mutation.survey import Survey, restart_of

EXPIRED = "/root/lab/expired"  # lab/README.md: for the same names and by the same authority
MADE = "/root/mutation"  # where new ones are made before they are put in place
NAMES = ("mail.example.org", "localhost", "old.lab.test", "webmail.lab.test")


def _pair(survey: Survey) -> tuple[str, str] | None:
    """(certificate, key) that Postfix shows to others."""
    parameters = survey.data["postfix"]["set"]
    pair = parameters.get("smtpd_tls_cert_file", ""), parameters.get("smtpd_tls_key_file", "")
    return pair if all(path in survey.files for path in pair) else None


def _made(name: str) -> Action:
    """A new key and a certificate that it signed itself."""
    files = f"-keyout {MADE}/key.pem -out {MADE}/fullchain.pem"
    subject = f"-days 90 -subj /CN={name} -addext subjectAltName=DNS:{name}"
    script = f"mkdir -p {MADE} && openssl req -x509 -newkey rsa:2048 -nodes {subject} {files}"
    return {"do": "run", "argv": ["sh", "-c", script], "undo": [["rm", "-r", MADE]]}


def _copies(source: str, *paths: str) -> tuple[Action, ...]:
    names = ("fullchain.pem", "key.pem") if len(paths) == 2 else ("key.pem",)
    return tuple(
        {"do": "copy", "source": f"{source}/{name}", "path": path} for name, path in zip(names, paths, strict=True)
    )


CLEAN: Action = {"do": "run", "argv": ["rm", "-r", MADE], "undo": [["mkdir", "-p", MADE]]}


def _mutation(kind: str, target: str, words: str, *actions: Action) -> Mutation:
    load = restart_of(("dovecot.service", "postfix.service"))
    return Mutation(f"certificate.{kind}", target, f"{target}: {words}", (f"{target}: {words}",), actions, load)


def other_key(survey: Survey, random: Random) -> Mutation | None:
    """The key does not belong to the certificate."""
    pair = _pair(survey)
    if pair is None:
        return None
    return _mutation(
        "other_key", pair[1], "a key that is not the certificate's", _made("localhost"), *_copies(MADE, pair[1]), CLEAN
    )


def other_name(survey: Survey, random: Random) -> Mutation | None:
    """Certificate and key fit, for another name."""
    pair = _pair(survey)
    if pair is None:
        return None
    used = re.findall(r"[\w.-]+", survey.data["postfix"]["set"].get("myhostname", ""))
    name = random.choice([name for name in NAMES if name not in used])
    return _mutation("other_name", pair[0], f"a certificate for {name}", _made(name), *_copies(MADE, *pair), CLEAN)


def expired(survey: Survey, random: Random) -> Mutation | None:
    """Certificate and key fit, and the time is over."""
    pair = _pair(survey)
    return pair and _mutation("expired", pair[0], "a certificate that has expired", *_copies(EXPIRED, *pair))


KINDS: Mapping[str, Generator] = {
    "certificate.other_key": other_key,
    "certificate.other_name": other_name,
    "certificate.expired": expired,
}
