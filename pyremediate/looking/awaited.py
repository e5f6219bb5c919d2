"""Test mails that have not arrived: which may still come within a look's patience, and what the host says of the others. Pure.

What the host itself has deferred, bounced or laid aside does not come by waiting: Postfix tries deferred mail again after
minimal_backoff_time at the earliest (qmgr(8)). Whatever it does not tell for certain is waited for.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from pyremediate.ledger.ledger import queued_as
from pyremediate.ledger.queue_evidence import Fates, Life, Listing, Row, fates_of, listing_of
from pyremediate.model import Answer, Leg, Look

LEGS = {"inbound": "delivery", "outbound": "remote"}  # where mail that was accepted does not get past
ASIDE = {
    "deferred": "the host has deferred it",
    "hold": "the host has put it on hold",
    "corrupt": "the host has found its file corrupt",
}
SAME = 60.0  # seconds; a short queue id that was used longer ago was another message's (postconf(5), enable_long_queue_ids)
TIME = re.compile(r"(?P<number>\d+)(?P<unit>[smhdw]?)")
UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}
LOST = {"deleted": "the host has deleted it", "discarded": "the host has discarded it"}


def missing(look: Look) -> list[Mapping[str, Any]]:
    """The test mails that the host accepted and nobody saw arrive."""
    return [
        mail for mail in look.mails if mail.get("accepted") and mail["answer"] == Answer.FAIL and mail["path"] in LEGS
    ]


def under_way(look: Look, wait: float) -> list[Mapping[str, Any]]:
    """Those of them that may still come within so many seconds."""
    return [
        mail for mail in missing(look) if not given_up(look, mail) or (_deferred(look, mail) and _backoff(look) <= wait)
    ]


def by_vantage(mails: Sequence[Mapping[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    """{vantage: [what the module ``vantage`` must know of each mail that it sent before]}."""
    told: dict[str, list[dict[str, Any]]] = {mail["vantage"]: [] for mail in mails}
    for mail in mails:
        told[mail["vantage"]].append({key: mail[key] for key in ("path", "token", "queue_id", "accepted_at")})
    return told


def explained(look: Look) -> Look:
    """The look, in which each leg that lost a test mail says what the host itself did with it."""
    words = {(mail["vantage"], mail["path"]): given_up(look, mail) for mail in missing(look)}
    return replace(look, legs=tuple(_explained(leg, words.get((leg.vantage, leg.path), "")) for leg in look.legs))


def _explained(leg: Leg, words: str) -> Leg:
    lost = words and leg.answer is Answer.FAIL and leg.name == LEGS[leg.path]
    return replace(leg, detail=f"{leg.detail}; {words}") if lost else leg


def given_up(look: Look, mail: Mapping[str, Any]) -> str:
    """``the host has deferred it: connect to …``: why waiting does not bring the mail; empty when it may, or nothing is known."""
    listing, row = listing_of(look), _row(look, mail)
    if row is not None and isinstance(listing, Listing):
        reason = listing.details.get(row.id, {}).get("reason")
        return _told(ASIDE[row.queue], reason) if row.queue in ASIDE else ""
    fates = fates_of(look)
    if isinstance(listing, str) or isinstance(fates, str):
        return ""
    return next(_ends(fates, queued_as(mail), listing.at - SAME), "")


def _row(look: Look, mail: Mapping[str, Any]) -> Row | None:
    listing, id_ = listing_of(look), queued_as(mail)
    return next((row for row in listing.rows if row.id == id_), None) if isinstance(listing, Listing) else None


def _deferred(look: Look, mail: Mapping[str, Any]) -> bool:
    row = _row(look, mail)
    return row is not None and row.queue == "deferred"


def _backoff(look: Look) -> float:
    """Seconds until Postfix tries deferred mail again at the earliest (postconf(5)); 0 where that cannot be told."""
    section = look.evidence.data().get("postfix", {}) if look.evidence else {}
    value = str(section.get("main", {}).get("parameters", {}).get("minimal_backoff_time", "300s"))
    found = TIME.fullmatch(value.strip())
    return float(found["number"]) * UNITS[found["unit"] or "s"] if found else 0.0


def _ends(fates: Fates, id_: str, since: float) -> Iterator[str]:
    """How the life of a message ended, if it did so for good and undelivered."""
    for life in fates.lives:
        if life.id == id_ and life.last >= since:
            if life.end in LOST:
                yield _told(LOST[life.end], None)
            elif _bounced(life):
                yield _told("the host has bounced it", "; ".join(life.reasons))


def _bounced(life: Life) -> bool:
    return bool(life.recipients) and life.recipients.keys() <= {"bounced", "expired"}


def _told(what: str, reason: Any) -> str:
    return f"{what}: {reason}" if reason else what
