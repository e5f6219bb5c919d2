# Copyright: The pyremediate maintainers
# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)
"""The record of a message's way: its legs in order, each with an answer and a time, up to the first that fails.

Standard library only: runs on the hosts that look (Python 3.8+).
"""

from __future__ import annotations

import contextlib
import time

PASS, FAIL, UNKNOWN, IMPOSSIBLE = "pass", "fail", "unknown", "impossible"

# The same order as pyremediate.model.LEGS, which does not exist on the hosts; a drift test holds the two together.
LEGS = {
    "inbound": (
        "resolve", "route", "connect", "banner", "starttls", "recipient", "content", "queue", "delivery", "retrieval",
    ),
    "submission": ("resolve", "route", "connect", "banner", "starttls", "auth", "recipient", "content"),
    "outbound": ("queue", "resolve", "connect", "starttls", "remote"),
    "retrieval": ("resolve", "route", "connect", "starttls", "banner", "auth", "fetch"),
}  # fmt: skip

# What a mail user cannot see: inside the mail host, and between it and the remote one.
INSIDE = {"inbound": ("queue",), "outbound": ("resolve", "connect", "starttls")}

# What is seen without credentials and without test mail.
CONNECTIVITY = ("resolve", "route", "connect", "banner", "starttls")


class LegFailed(Exception):
    """The mail host failed this leg. ``code``: the SMTP reply code, where there was one."""

    answer = FAIL

    def __init__(self, detail, code=None):
        super().__init__(detail)
        self.detail = detail
        self.code = code


class LegUnknown(LegFailed):
    """It could not be found out, and says nothing about the mail host."""

    answer = UNKNOWN


class LegImpossible(LegUnknown):
    """It cannot be found out from here, however often one looks: what is needed is not configured."""

    answer = IMPOSSIBLE


def no_finding(error, words):
    """The same reason for another leg, on which it casts no blame."""
    kind = LegImpossible if error.answer == IMPOSSIBLE else LegUnknown
    return kind(f"{words}: {error.detail}")


class WayEnded(Exception):
    """This way stops here; its record says why."""


class Leg:
    """What is known of the leg that is being walked; the walker fills in ``answer``, ``detail`` and ``code``."""

    def __init__(self, name):
        self.name = name
        self.answer = PASS
        self.detail = ""
        self.code = None
        self.began = time.monotonic()


# Where a mail is that was accepted, and not seen since.
ON_ITS_WAY = {"inbound": ("delivery", "retrieval"), "outbound": ("remote",)}


class Way:
    """One path's record. ``connectivity``: only the legs that need neither credentials nor test mail are planned.

    ``awaited``: the paths whose mail an earlier look has sent; of these only the rest of the way is planned.
    """

    def __init__(self, path, connectivity=False, awaited=()):
        self.path = path
        self.planned = [
            name
            for name in LEGS[path]
            if name not in INSIDE.get(path, ())
            and (not connectivity or name in CONNECTIVITY)
            and (path not in awaited or name in ON_ITS_WAY[path])
        ]
        self.walked = []
        self.current = None
        self.ended_at = None
        self.path_mtu = None  # bytes; see vantage_net.path_mtu

    @contextlib.contextmanager
    def leg(self, name):
        """Walk one leg; whatever is raised in it becomes its answer, and ends the way."""
        self.current = leg = Leg(name)
        try:
            yield leg
        except LegFailed as error:
            self.ended_at = self._record(leg, error.answer, error.detail, error.code)
            raise WayEnded(self.path) from error
        except Exception as error:  # our own mistake is no finding about the mail host
            self.ended_at = self._record(leg, UNKNOWN, f"could not look: {type(error).__name__}: {error}")
            raise WayEnded(self.path) from error
        self._record(leg, leg.answer, leg.detail, leg.code)

    def _record(self, leg, answer, detail, code=None):
        line = self._line(leg.name, answer, detail, code, time.monotonic() - leg.began)
        self.walked.append(line)
        self.current = None
        return line

    def _line(self, name, answer, detail="", code=None, seconds=0.0):
        return {
            "path": self.path,
            "name": name,
            "answer": answer,
            "detail": detail,
            "code": code,
            "seconds": round(seconds, 3),
            "path_mtu": None,
        }

    def end(self):
        """Why the way ended, as an error that others can raise; None while it goes on, and when it was walked to its end."""
        if not self.ended_at:
            return None
        kind = {FAIL: LegFailed, UNKNOWN: LegUnknown, IMPOSSIBLE: LegImpossible}[self.ended_at["answer"]]
        return kind(self.stopped(), self.ended_at["code"])

    def stopped(self):
        """The leg that ended the way, as ``inbound.connect: refused``; empty when none did, so far."""
        return f"{self.path}.{self.ended_at['name']}: {self.ended_at['detail']}" if self.ended_at else ""

    def report(self):
        """Every planned leg in order: those walked, the one that ran out of time, and those that were not reached."""
        walked, current = list(self.walked), self.current  # the walker may still be at it, out of time
        lines = {line["name"]: line for line in walked}
        if current is not None and current.name not in lines:
            spent = time.monotonic() - current.began
            lines[current.name] = self._line(current.name, UNKNOWN, "no end within the deadline", None, spent)
        rest = IMPOSSIBLE if self.ended_at and self.ended_at["answer"] == IMPOSSIBLE else UNKNOWN
        if "connect" in lines:
            lines["connect"]["path_mtu"] = self.path_mtu
        return [lines.get(name) or self._line(name, rest, "not reached") for name in self.planned]
