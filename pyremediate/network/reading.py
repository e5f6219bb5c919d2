"""Reading a device part by part: what one command is refused, or answers in a shape that nobody knows, loses its own part alone."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar

from pyremediate.errors import PyremediateError
from pyremediate.network.evidence import DeviceEvidence
from pyremediate.network.redaction import redacted
from pyremediate.network.session import CommandRefused, Session

T = TypeVar("T")

# How command lines say no, at the beginning of a line: IOS, EOS and vtysh by "%", Junos, RouterOS, and a shell.
_REFUSAL = re.compile(
    r"^(?:% ?(?:Invalid|Unknown|Incomplete|Ambiguous|Permission|Authorization|Unrecognized|Unavailable|Not )|"
    r"% .* not (?:supported|enabled|running)|Command authorization failed|"
    r"syntax error|unknown command|error: |bad command name|expected end of command|no such item|input does not match|"
    r"not enough permissions|"
    r"(?:-?\w*sh|bash|vbash): .*(?:not found|ermission denied|No such file)|.*(?:Operation not permitted|command not found)|"
    r"\w+: .*(?:No such file or directory|Permission denied))",
    re.MULTILINE | re.IGNORECASE,
)
_DOCUMENT = re.compile(r"[{\[](?=\s*[\"{\[}\]])")  # no role of a device, which Junos prints behind a value: {master:0}
_LOOKED_AT = 300  # characters: a refusal is the first that a device says, and a configuration may quote one later


class Reading:
    """Asks a session, each command once, and keeps the reason of each part that could not be had."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._answers: dict[str, str] = {}
        self.notes: dict[str, str] = {}

    def text(self, command: str) -> str:
        """The output of a command. Raises ``SessionError``, ``CommandRefused`` when the device declines."""
        if command not in self._answers:
            self._answers[command] = self._session.send(command)
        output = self._answers[command]
        if match := _REFUSAL.search(output[:_LOOKED_AT]):
            line = output[match.start() :].splitlines()[0].strip()
            raise CommandRefused(f"{command!r} was refused: {line}")
        return output

    def data(self, command: str) -> Any:
        """The JSON that a command prints, without what a command line prints around it (``{master:0}``). Raises ``ValueError``."""
        return self.documents(command)[0]

    def documents(self, command: str) -> list[Any]:
        """All JSON values that a command prints one behind the other; at least one. Raises ``ValueError``."""
        output, found, at = self.text(command), list[Any](), 0
        while match := _DOCUMENT.search(output, at):
            value, at = json.JSONDecoder().raw_decode(output, match.start())
            found.append(value)
        if not found:
            raise ValueError(f"{command!r} printed no JSON")
        return found

    def part(self, name: str, read: Callable[[], T]) -> T | None:
        """What ``read`` returns; None with a note under the part's name when it could not."""
        try:
            return read()
        except PyremediateError as error:
            self.notes[name] = str(error)
        except Exception as error:  # whatever a device may print: its other parts are not lost by it
            self.notes[name] = (
                f"the output was not understood: {type(error).__name__}: {str(error).splitlines()[0] if str(error) else ''}"
            )
        return None

    def cannot(self, names: Iterable[str], reason: str) -> None:
        """Say why these parts cannot be known."""
        self.notes.update(dict.fromkeys(names, reason))


def gathered(device: str, platform: str, reading: Reading, parts: Mapping[str, Callable[[], Any]]) -> DeviceEvidence:
    """The evidence of all parts, in their order; secrets are taken out of the configurations before anybody sees them."""
    found = {name: reading.part(name, read) for name, read in parts.items()}
    for name in ("running", "saved"):
        text = found.get(name)
        found[name] = redacted(text) if isinstance(text, str) else None
    return DeviceEvidence(device=device, platform=platform, notes=dict(reading.notes), **found)


def mac(text: str | None) -> str:
    """``0800.27f8.e842`` and ``08-00-27-F8-E8-42`` as ``08:00:27:f8:e8:42``; what is no MAC address is empty."""
    digits = re.sub(r"[^0-9a-f]", "", (text or "").lower())
    return ":".join(digits[at : at + 2] for at in range(0, 12, 2)) if len(digits) == 12 and digits.strip("0") else ""


def number(text: Any) -> int | None:
    """A whole number, or None for what is none ("Unlimited", an empty column)."""
    return int(text) if str(text).strip().isdigit() else None
