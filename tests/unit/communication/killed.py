"""A process that carries on with the notices and dies at one step: ``python -m …killed STEP JOURNAL SETTINGS``."""

from __future__ import annotations

import os
import signal
import smtplib
import sys
from collections.abc import Callable
from typing import Any

from pyremediate.communication import channels, herald, relay
from pyremediate.communication.values import ATTEMPT, ATTEMPTED, NOTICE
from pyremediate.journal import Journal
from pyremediate.settings import Settings


def die(*_: object) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def around(owner: Any, name: str, before: bool = False, when: Callable[..., bool] = lambda *_: True) -> None:
    """Die before a call of this, or after it."""
    original = getattr(owner, name)

    def wrapped(*arguments: Any, **named: Any) -> Any:
        if before and when(*arguments):
            die()
        answer = original(*arguments, **named)
        if when(*arguments):
            die()
        return answer

    setattr(owner, name, wrapped)


def written(kind: str) -> Callable[..., bool]:
    return lambda _journal, _incident, _stage, found, *_: found == kind


def half_of_the_content(server: smtplib.SMTP, content: bytes) -> None:
    server.putcmd("data")
    server.getreply()
    server.send(content[: len(content) // 2])
    die()


STEPS: dict[str, Callable[[], None]] = {
    "before the notice": lambda: around(Journal, "write", True, written(NOTICE)),
    "after the notice": lambda: around(Journal, "write", False, written(NOTICE)),
    "before the attempt": lambda: around(Journal, "write", True, written(ATTEMPT)),
    "after the attempt": lambda: around(Journal, "write", False, written(ATTEMPT)),
    "after the recipients": lambda: around(relay._Session, "envelope"),
    "within the content": lambda: setattr(smtplib.SMTP, "data", half_of_the_content),
    "before its end": lambda: around(smtplib.SMTP, "data", True),
    "after the answer": lambda: around(smtplib.SMTP, "data"),
    "before the webhook": lambda: around(channels.services, "hand_over", True),
    "after the webhook": lambda: around(channels.services, "hand_over"),
    "before the record": lambda: around(Journal, "write", True, written(ATTEMPTED)),
    "after the record": lambda: around(Journal, "write", False, written(ATTEMPTED)),
}

if __name__ == "__main__":
    step, url, given = sys.argv[1:]
    STEPS[step]()
    with Journal.open(url, "anna") as journal:
        herald.carry_on(journal, Settings.model_validate_json(given), lambda _: None)
