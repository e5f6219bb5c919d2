"""Signing and refusing: checked against where the sign-off stands, then one entry in the journal."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from datetime import UTC, datetime

from pyremediate.errors import Refused, UsageError
from pyremediate.journal import Journal
from pyremediate.settings import SignOffSettings
from pyremediate.sign_off.person import Signed
from pyremediate.sign_off.standing import KINDS, Standing, standing

WHY_NOT = {
    "not_needed": "nothing of it is to be signed: it is not repaired, or nothing was wrong;"
    " what people mended is looked at again by: pyremediate incident resume {incident}",
    "signed": "it is signed already by {signers}",
    "expired": "what was verified counts until {until:%Y-%m-%d %H:%M} UTC; look again: pyremediate incident resume {incident}",
    "reopened": "{refuser} refused it ({reason}); look again: pyremediate incident resume {incident},"
    " or diagnose it anew: pyremediate fix --host {host}",
}


def where(journal: Journal, incident: str, policy: SignOffSettings) -> Standing:
    """Where the sign-off of an incident stands now. Raises ``UsageError`` when there is no such incident."""
    return standing(journal.entries(incident, KINDS), policy, datetime.now(UTC))


def sign(journal: Journal, incident: str, policy: SignOffSettings, seen: str, signed: Callable[[], Signed]) -> Standing:
    """One person signs what they have ``seen``, the verification's hash or its beginning. Raises ``UsageError``, ``Refused``."""
    now = where(journal, incident, policy)
    refuse_unless_awaiting(journal, incident, now)
    if not now.verification.startswith(seen):
        raise UsageError(f"{incident}: what was verified is {now.verification[:12]} by now, and not {seen}; look at it again")
    who = signed()
    if who.signer in {each.signer for each in now.signed}:
        raise Refused(f"{incident}: {who.signer} has signed it already; {now.missing} more must sign, other people")
    if not policy.operator_may_sign and who.signer in now.operators:
        raise Refused(f"{incident}: {who.signer} ran the fix, and sign_off.operator_may_sign is false; somebody else must sign")
    journal.write(incident, "review", "sign", {**asdict(who), "verification": now.verification})
    return where(journal, incident, policy)


def refuse(journal: Journal, incident: str, policy: SignOffSettings, reason: str, signed: Callable[[], Signed]) -> Standing:
    """One person says that mail is not back, and why. Raises ``UsageError`` when nothing is to be signed."""
    now = where(journal, incident, policy)
    if not now.verification:
        refuse_unless_awaiting(journal, incident, now)
    journal.write(incident, "review", "refuse", {**asdict(signed()), "verification": now.verification, "reason": reason})
    return where(journal, incident, policy)


def refuse_unless_awaiting(journal: Journal, incident: str, now: Standing) -> None:
    """Raises ``UsageError`` that says why nothing can be signed now, and what can be done."""
    if now.state == "awaiting":
        return
    words = WHY_NOT[now.state].format(
        incident=incident,
        host=journal.host_of(incident),
        signers=", ".join(each.signer for each in now.signed),
        until=now.until,
        refuser=now.refused and now.refused.signer,
        reason=now.refused and now.refused.reason,
    )
    raise UsageError(f"{incident}: {words}")
