"""What a host has, as ``host_survey.py`` tells it; and who must be told when a part of it changes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Load = tuple[tuple[str, str], ...]

MAIL_UNITS = ("dovecot.service", "rspamd.service", "opendkim.service", "postfix.service")  # in the order of a restart
AREA_UNITS: Mapping[str, tuple[str, ...]] = {
    "postfix": ("postfix.service",),
    "spool": ("postfix.service",),
    "data": ("postfix.service",),
    "dovecot": ("dovecot.service",),
    "mailstore": ("dovecot.service",),
    "rspamd": ("rspamd.service",),
    "opendkim": ("opendkim.service",),
    "tls": ("dovecot.service", "postfix.service"),
    "system": MAIL_UNITS,
}
RELOADABLE = frozenset({"postfix.service", "dovecot.service"})  # the others read their configuration at a restart


@dataclass(frozen=True)
class Survey:
    """One survey; ``data`` is the document of ``host_survey.survey``."""

    data: Mapping[str, Any]

    @property
    def files(self) -> Mapping[str, Mapping[str, Any]]:
        """{path: {"type", "mode", "uid", "gid", "area", …}}."""
        found: Mapping[str, Mapping[str, Any]] = self.data["files"]
        return found

    def paths(
        self, types: Sequence[str] = ("file",), areas: Sequence[str] | None = None, text: bool = False
    ) -> list[str]:
        """The paths of these types and areas (None: all areas), sorted; with a text only, if so wanted."""
        return sorted(
            path
            for path, about in self.files.items()
            if about["type"] in types and (areas is None or about["area"] in areas) and (not text or about.get("text"))
        )

    def lines(self, path: str) -> list[str]:
        """The lines of a text that may be shown; none of any other file."""
        return str(self.files.get(path, {}).get("text", "")).splitlines()

    def text_is(self, path: str, text: str) -> Survey:
        """The survey after a file was given another text."""
        about = {
            "type": "file",
            "mode": "0644",
            "uid": 0,
            "gid": 0,
            "area": "system",
            **self.files.get(path, {}),
            "text": text,
        }
        return Survey({**self.data, "files": {**self.files, path: about}})

    def accounts(self, path: str) -> dict[str, list[str]]:
        """{name: fields} of /etc/passwd or /etc/group."""
        rows = (line.split(":") for line in self.lines(path) if ":" in line)
        return {fields[0]: fields for fields in rows}

    @property
    def mail_units(self) -> list[str]:
        """The units that exist here, sorted; what the lab made for itself is not the mail system's."""
        units = self.data["units"].items()
        return sorted(name for name, about in units if about["load"] == "loaded" and not name.startswith("lab-"))


def reload_of(area: str) -> Load:
    """Who reads a configuration again, after a change in an area."""
    return tuple(("reload" if unit in RELOADABLE else "restart", unit) for unit in AREA_UNITS[area])


def restart_of(units: Sequence[str] = MAIL_UNITS) -> Load:
    """A restart, as after a reboot."""
    return tuple(("restart", unit) for unit in units)


def units_of(about: Mapping[str, Any]) -> tuple[str, ...]:
    """The units that use a file of a survey: those of its area, or of its package."""
    package = str(about.get("package", ""))
    if package:
        return tuple(unit for unit in MAIL_UNITS if package.startswith(unit.removesuffix(".service"))) or MAIL_UNITS
    return AREA_UNITS[about["area"]]
