"""Sessions that answer from recordings (``tests/unit/recorded/network/README.md`` says where they come from)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from pyremediate.network.drivers import driver_for
from pyremediate.network.evidence import DeviceEvidence
from pyremediate.network.session import AbsentSession, RecordedSession, Session

RECORDED = Path(__file__).parents[1] / "recorded" / "network"
REFUSALS = {
    "frr": "% Unknown command: {}",
    "ios": "                ^\n% Invalid input detected at '^' marker.\n",
    "eos": "% Invalid input\n",
    "junos": "                     ^\nsyntax error, expecting <command>.\n\n{{master:0}}\n",
    "vyos": "  Invalid command: {}\n\nbash: {}: command not found",
    "routeros": "bad command name {} (line 1 column 1)",
    "frr_shell": "bash: {}: command not found",
}


class Recorded(RecordedSession):
    """The recordings of a platform, and outputs that a test adds."""

    def __init__(self, platform: str, more: Mapping[str, str] | None = None) -> None:
        super().__init__(dict(more or {}), REFUSALS[platform].replace("{{", "{").replace("}}", "}"))
        self._platform = platform

    def send(self, command: str) -> str:
        """What was recorded for the command, or how the platform declines one that it does not know."""
        self.sent.append(command)
        file = RECORDED / self._platform / re.sub(r"\W+", "_", command).strip("_")
        if command in self.outputs:
            return self.outputs[command]
        return file.read_text(encoding="utf-8") if file.is_file() else self.unknown.replace("{}", command)


def observed(platform: str, more: Mapping[str, str] | None = None, shell: Session | None = None) -> DeviceEvidence:
    """The evidence that a platform's recordings give."""
    return driver_for(platform).look("device", Recorded(platform, more), shell or AbsentSession("no shell"))


def frr() -> DeviceEvidence:
    """The router of the recordings, with its shell."""
    return observed("frr", shell=Recorded("frr_shell"))
