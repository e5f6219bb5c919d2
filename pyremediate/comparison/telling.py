"""A difference as a cause reads: what had happened to the host, in the past perfect, for somebody who was asleep. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from pyremediate.comparison import telling_devices, telling_system
from pyremediate.comparison.telling_values import Say, changed, exchange, shortened
from pyremediate.languages import ENGLISH, Language, _
from pyremediate.model import Difference, Look

WORDS = re.compile(r"[,\s]+")  # what separates the members of a list in main.cf (postconf(5))


def had_happened(difference: Difference, language: Language = ENGLISH) -> str:
    """``virtual_mailbox_domains had lost lab.test since 02:14:07 UTC``."""
    say = language.gettext
    told = _KINDS.get(difference.kind, _other)(difference, say)
    if difference.since is None:
        return told
    return say("%(told)s since %(clock)s UTC", told=told, clock=f"{difference.since:%H:%M:%S}")


def title(differences: Sequence[Difference], language: Language = ENGLISH) -> str:
    """The same of several as the title of a cause; it begins as a sentence does, and a name as it is written."""
    told = "; ".join(had_happened(difference, language) for difference in differences)
    return told if told.startswith(differences[0].name) else capitalised(told)


def capitalised(words: str) -> str:
    """With a capital letter at its beginning."""
    return words[:1].upper() + words[1:]


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
    if len(beside) != 1:
        return f"{path} is a link to {entry['target']}, which is not there: mount that; or find what was there."
    back = f"if {beside[0]} is what was there, remove the link and move that back."
    return f"{path} is a link to {entry['target']}, which is not there: mount that; {back}"


def _parameter(difference: Difference, say: Say) -> str:
    name, was, now = difference.name, difference.was, difference.is_
    if difference.secret:
        return say("the secret in %(name)s had been changed", name=name)
    if now is None:
        return say("%(name)s had been removed (it was %(was)s)", name=name, was=shortened(was, say))
    if was is None:
        return say("%(name)s had been set to %(now)s", name=name, now=shortened(now, say))
    old, new = (WORDS.split(str(value).strip()) for value in (was, now))
    listed = len(old) > 1 or len(new) > 1
    if listed and ({*old} < {*new} or {*new} < {*old}):
        return exchange(name, old, new, say)
    return changed(name, was, now, say)


def _service(difference: Difference, say: Say) -> str:
    if difference.secret:
        return say("the secret of the service %(name)s had been changed in master.cf", name=difference.name)
    if difference.is_ is None:
        return say("the service %(name)s had been removed from master.cf", name=difference.name)
    if difference.was is None:
        return say("the service %(name)s had been added to master.cf", name=difference.name)
    return say("the service %(name)s had been changed in master.cf", name=difference.name)


def _line(difference: Difference, say: Say) -> str:
    line = shortened(difference.is_, say)
    return say("%(name)s had got a line that Postfix cannot read: %(line)s", name=difference.name, line=line)


def _lines(difference: Difference, say: Say) -> str:
    if difference.secret:
        return say("%(name)s, which is secret, had been changed in one place", name=difference.name)
    lost, gained = ("; ".join(_meaningful(lines)) for lines in (difference.was, difference.is_))
    values = {"name": difference.name, "lost": shortened(lost, say), "gained": shortened(gained, say)}
    if lost and gained:
        return say("in %(name)s, %(lost)s had become %(gained)s", **values)
    if lost:
        return say("%(what)s had lost %(lost)s", what=difference.name, **values)
    return say("%(what)s had gained %(gained)s", what=difference.name, **values)


def _meaningful(lines: object) -> list[str]:
    found = [str(line).strip() for line in lines] if isinstance(lines, (list, tuple)) else []
    return [line for line in found if line]


FIXED = {
    "missing": _("%(path)s had been removed"),
    "added": _("%(path)s had been added"),
    "content": _("the content of %(path)s had been changed"),
    "acl": _("the access list of %(path)s had been changed"),
}
ASPECTS = {"mode": _("the mode of %(path)s"), "owner": _("the owner of %(path)s"), "group": _("the group of %(path)s")}


def _file(difference: Difference, say: Say) -> str:
    path, aspect = difference.name, difference.aspect
    if aspect in FIXED:
        return say(FIXED[aspect], path=path)
    if aspect == "immutable" and difference.is_:
        return say("%(path)s had been made immutable", path=path)
    if aspect == "immutable":
        return say("%(path)s had been made changeable", path=path)
    if aspect == "target" and difference.was == "directory":
        return say("%(path)s, a directory, had become a %(now)s", path=path, now=shortened(difference.is_, say))
    named = say(ASPECTS[aspect], path=path) if aspect in ASPECTS else say("the %(aspect)s of %(path)s", aspect=aspect, path=path)
    return changed(named, difference.was, difference.is_, say)


def _unit(difference: Difference, say: Say) -> str:
    values = {"was": shortened(difference.was, say), "now": shortened(difference.is_, say)}
    return say("%(name)s had become %(now)s (it was %(was)s)", name=difference.name, **values)


def _package(difference: Difference, say: Say) -> str:
    name, was, now = difference.name, difference.was, difference.is_
    if difference.kind == "package.file":
        return say("%(name)s, a file of its package, was %(now)s", name=name, now=shortened(now, say))
    if now is None:
        return say("the package %(name)s had been removed (%(version)s)", name=name, version=was)
    if was is None:
        return say("the package %(name)s had been installed (%(version)s)", name=name, version=now)
    values = {"was": shortened(was, say), "now": shortened(now, say)}
    return say("the package %(name)s had gone from %(was)s to %(now)s", name=name, **values)


def _other(difference: Difference, say: Say) -> str:
    return difference.sentence()


def _map(difference: Difference, say: Say) -> str:
    return say("the database of %(name)s was %(now)s", name=difference.name, now=shortened(difference.is_, say))


_KINDS: Mapping[str, Callable[[Difference, Say], str]] = {
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
