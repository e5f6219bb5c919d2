"""An example of an outage, at the moments at which people are told of it: for previews, and for trying a team's own templates."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from pyremediate.communication.values import Doing, Estimate, Facts, Fault

SINCE = datetime(2026, 11, 26, 7, 15, 20, tzinfo=UTC)
INCIDENT = "20261126-071520-mail01"
FAULT = Fault(
    "firewall/port_25_dropped",
    "A packet filter rule keeps mail from port 25",
    ("Load packet filter rules from one file under version control, and look at port 25 from outside after every change.",),
)


def after(minutes: float) -> datetime:
    return SINCE + timedelta(minutes=minutes)


OUTAGE = Facts(
    incident=INCIDENT, thread=INCIDENT, host="mail01", since=SINCE, run_since=SINCE, doing=Doing.REPAIRING, changed=SINCE,
    outage=True, affected=("inbound", "outbound"), severity="critical", causes=(FAULT,), remedy="rollback", step=1,
    estimate=Estimate(after(2), after(1.5), after(7), 34, here=False),
)  # fmt: skip
SEARCHING = replace(
    OUTAGE, doing=Doing.SEARCHING, causes=(), affected=("inbound", "submission", "outbound", "retrieval"), overdue=True,
    estimate=None,
)  # fmt: skip
SHIFTED = replace(OUTAGE, doing=Doing.VERIFYING, estimate=Estimate(after(22), after(22), after(22), 4, here=True))
CONSENT = replace(OUTAGE, doing=Doing.CONSENT, estimate=None, everywhere=False)
PEOPLE = replace(OUTAGE, doing=Doing.PEOPLE, estimate=None, ended=after(9))
OVER = replace(OUTAGE, doing=Doing.OVER, estimate=None, ended=after(12), kept=1, undone=1, lost=0, waited=17, signers_awaited=2)
SIGNED = replace(OVER, signers_awaited=0, signed=True, measures=("…",))

MOMENTS: Mapping[str, Facts] = {
    "outage": OUTAGE,
    "update": SEARCHING,
    "eta_changed": SHIFTED,
    "waiting": CONSENT,
    "escalated": PEOPLE,
    "resolved": OVER,
    "review_ready": SIGNED,
}
