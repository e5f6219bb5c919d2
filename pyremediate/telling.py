"""A difference as a cause reads: what had happened to the host, in the past perfect, for somebody who was asleep. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from pyremediate import telling_devices, telling_system
from pyremediate.model import Difference, Look
from pyremediate.telling_values import shortened

WORDS = re.compile(r"[,\s]+")  # what separates the members of a list in main.cf (postconf(5))


def had_happened(difference: Difference) -> str:
    """``virtual_mailbox_domains had lost lab.test since 02:14:07 UTC``."""
    told = _KINDS.get(difference.kind, _other)(difference)
    return f"{told} since {difference.since:%H:%M:%S} UTC" if difference.since else told


def leads_nowhere(look: Look) -> list[str]:
    """``/var/vmail/lab.test is a link to /mnt/mail3, which is not there. …``: for the human, with the step to take."""
    places = (look.evidence.data() if look.evidence else {}).get("files", {}).get("places", {})
    return [_leads_nowhere(path, entry, places) for path, entry in places.items() if entry.get("dangling")]


def _leads_nowhere(path: str, entry: Mapping[str, Any], places: Mapping[str, Mapping[str, Any]]) -> str:
    beside = [
        other
        for other, each in places.items()
        if each["kind"] == "directory" and re.fullmatch(re.escape(path) + r"[.\-_~ ][^/]*", other)
    ]
    step = (
        f"if {beside[0]} is what was there, remove the link and move that back"
        if len(beside) == 1
        else "or find what was there"
    )
    return f"{path} is a link to {entry['target']}, which is not there: mount that; {step}."


def _parameter(difference: Difference) -> str:
    name, was, now = difference.name, difference.was, difference.is_
    if was is None or now is None:
        return f"{name} had been {f'removed (it was {shortened(was)})' if now is None else f'set to {shortened(now)}'}"
    old, new = (WORDS.split(str(value).strip()) for value in (was, now))
    lost, gained = [word for word in old if word not in new], [word for word in new if word not in old]
    if len(old) > 1 or len(new) > 1:
        if lost and not gained:
            return f"{name} had lost {shortened(', '.join(lost))}"
        if gained and not lost:
            return f"{name} had gained {shortened(', '.join(gained))}"
    return f"{name} had been changed from {shortened(was)} to {shortened(now)}"


def _service(difference: Difference) -> str:
    what = "removed from" if difference.is_ is None else "added to" if difference.was is None else "changed in"
    return f"the service {difference.name} had been {what} master.cf"


def _line(difference: Difference) -> str:
    return f"{difference.name} had got a line that Postfix cannot read: {shortened(difference.is_)}"


def _lines(difference: Difference) -> str:
    if difference.secret:
        return f"{difference.name}, which is secret, had been changed in one place"
    lost, gained = (_meaningful(lines) for lines in (difference.was, difference.is_))
    if lost and gained:
        return f"in {difference.name}, {shortened('; '.join(lost))} had become {shortened('; '.join(gained))}"
    return f"{difference.name} had {'lost' if lost else 'gained'} {shortened('; '.join(lost or gained))}"


def _meaningful(lines: object) -> list[str]:
    found = [str(line).strip() for line in lines] if isinstance(lines, (list, tuple)) else []
    return [line for line in found if line]


def _file(difference: Difference) -> str:
    path, aspect = difference.name, difference.aspect
    fixed = {
        "missing": f"{path} had been removed",
        "added": f"{path} had been added",
        "content": f"the content of {path} had been changed",
        "immutable": f"{path} had been made {'immutable' if difference.is_ else 'changeable'}",
        "acl": f"the access list of {path} had been changed",
    }
    if aspect == "target" and difference.was == "directory":
        return f"{path}, a directory, had become a {shortened(difference.is_)}"
    changed = f"the {aspect} of {path} had been changed from {shortened(difference.was)} to {shortened(difference.is_)}"
    return fixed.get(aspect, changed)


def _unit(difference: Difference) -> str:
    return f"{difference.name} had become {shortened(difference.is_)} (it was {shortened(difference.was)})"


def _package(difference: Difference) -> str:
    if difference.kind == "package.file":
        return f"{difference.name}, a file of its package, was {shortened(difference.is_)}"
    if difference.was is None or difference.is_ is None:
        done, version = ("removed", difference.was) if difference.is_ is None else ("installed", difference.is_)
        return f"the package {difference.name} had been {done} ({version})"
    return f"the package {difference.name} had gone from {shortened(difference.was)} to {shortened(difference.is_)}"


def _other(difference: Difference) -> str:
    return difference.sentence()


def _map(difference: Difference) -> str:
    return f"the database of {difference.name} was {shortened(difference.is_)}"


_KINDS: Mapping[str, Callable[[Difference], str]] = {
    "postfix.parameter": _parameter,
    "postfix.service": _service,
    "postfix.line": _line,
    "postfix.map": _map,
    "lines": _lines,
    "file": _file,
    "unit": _unit,
    "unit.running": _unit,
    "package": _package,
    "package.file": _package,
    "package.other": _package,
    "dovecot.setting": _parameter,
    **telling_system.SENTENCES,
    **telling_devices.SENTENCES,
}
