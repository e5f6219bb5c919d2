"""What a playbook in check mode says of one host, as drifts and as what cannot be known. Pure.

What the playbook would make of a file, package or service is taken for the known good: so the same rules judge it as judge a
difference from what was approved.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from pyremediate.ansible.foretelling import Foretold, Said
from pyremediate.audit import judge, rules, security
from pyremediate.audit.owner import owner
from pyremediate.audit.values import WORST_FIRST, Drift, Severity
from pyremediate.model import Difference

KIND, UNPREDICTED = "playbook.task", "playbook.unpredicted"
PACKAGES = re.compile(r".*\.(apt|dnf5?|yum|package|apk|zypper|pacman)")
SERVICES = re.compile(r".*\.(service|systemd|systemd_service|sysvinit)")
ACCOUNTS = {"user": "user", "group": "group"}
HEADER = re.compile(r" \((content|file attributes)\)$")
SECRET = re.compile(r"passw|secret|sasl|shadow|token|credential", re.IGNORECASE)
PARAMETER = re.compile(r"([a-z]\w+)\s*=\s*(.*)")  # postconf(5)
HIDDEN = "what it would change is hidden by no_log"


@dataclass(frozen=True)
class Of:
    """What was foretold of one host. ``ignored``: how many a rule of the settings accepts or says to ignore."""

    drifts: tuple[Drift, ...] = ()
    unknown: tuple[str, ...] = ()
    ignored: int = 0
    unreached: tuple[str, ...] = ()  # why, which is told where nothing else says so


@dataclass(frozen=True)
class Beside:
    """What is known beside: the host's files as they are now, and the rules of the settings on their day."""

    tracked: Mapping[str, Mapping[str, Any]]
    rules: Sequence[rules.Rule] = ()
    today: date = date.max


def of_host(foretold: Foretold, host: str, beside: Beside) -> Of:
    """All that it says of a host; nothing of one that it is not about."""
    said = [each for each in foretold.said if each.host == host]
    drifts, unknown, ignored = list[Drift](), list[str](), 0
    for each in said:
        unpredicted = [item for item in each.items if _is_unpredicted(each, item)]
        if unpredicted and not each.handler:
            rule = rules.applying(beside.rules, host, Difference(UNPREDICTED, each.task), beside.today)
            unknown += [] if rule else [_cannot_be_predicted(foretold.playbook, each, unpredicted[0])]
            ignored += rule is not None
        if each.status == "ok" and each.changed and not each.handler:
            drift = _drift(foretold.playbook, each, beside)
            rule = rules.applying(beside.rules, host, drift.difference, beside.today)
            if rule and rule.action == "ignore":
                ignored += 1
            else:
                drifts.append(judge.ruled(drift, rule))
    ending = tuple(_ending(foretold, host, said))
    unreached = any(each.status == "unreachable" for each in said)
    return Of(tuple(drifts), (*unknown, *(() if unreached else ending)), ignored, ending if unreached else ())


def _ending(foretold: Foretold, host: str, said: Sequence[Said]) -> Iterator[str]:
    """Why the rest of the playbook is not known."""
    name, ended = foretold.playbook.name, foretold.ended.get(host)
    if said and ended is None:
        yield f"{name} had not come to its end after {foretold.seconds:g} s; its last task was {said[-1].task}"
    last = next((each for each in reversed(said) if each.status in {"failed", "unreachable"}), None)
    if ended is None or last is None:
        return
    words = _words(last.items[0]) if last.items else "no reason given"
    if ended["unreachable"]:
        yield f"{name} did not reach it: {words}"
    elif ended["failures"]:
        yield f"{name} failed at {last.task} ({_place(foretold.playbook, last)}), and what follows is not known: {words}"


def _is_unpredicted(said: Said, item: Mapping[str, Any]) -> bool:
    """Left out, and not by a condition or an empty list: the module has no check mode, or is a command."""
    skipped = said.status == "skipped" or item.get("skipped")
    return bool(skipped) and not (item.get("skip_reason") or item.get("skipped_reason"))


def _cannot_be_predicted(playbook: Path, said: Said, item: Mapping[str, Any]) -> str:
    why = str(item.get("msg") or "it has no check mode").rstrip(".")
    return f"{playbook.name} has a task that cannot be predicted: {said.task} ({_place(playbook, said)}, {said.action}: {why})"


def _drift(playbook: Path, said: Said, beside: Beside) -> Drift:
    items = [item for item in said.items if item.get("changed")]
    meant = [each for item in items for each in _meant(said.action, item)]
    view = security.View(beside.tracked, {path: lines for item in items for path, lines in _gained(item)})
    severity, reason, legs = _worst(meant, view)
    secret = any(_is_secret(path, beside) for item in items for path in _paths(item))
    what = ", ".join(dict.fromkeys([each.name for each in meant] or [str(item["name"]) for item in items if item.get("name")]))
    hidden = f"; {HIDDEN}" if any("censored" in item for item in items) else ""
    return Drift(
        difference=Difference(KIND, said.task, None, what or None, secret=secret, place={"playbook": _place(playbook, said)}),
        severity=severity,
        reason=reason,
        owner=owner(meant[0]) if meant else "playbook",
        sentence=f"{playbook.name} would change {what or 'something'}: its task {said.task} ({_place(playbook, said)}){hidden}",
        legs=legs,
        diff="" if secret else "\n".join(line for item in items for line in _unified(item, playbook.name)),
    )


def _worst(meant: Sequence[Difference], view: security.View) -> tuple[Severity, str, tuple[str, ...]]:
    if not meant:
        return Severity.NOISE, "what of the mail's way depends on it is not known", ()
    judged = [(*judge.severity(each, view), judge.legs(each)) for each in meant]
    return min(judged, key=lambda each: WORST_FIRST.index(each[0]))


def _meant(action: str, item: Mapping[str, Any]) -> Iterator[Difference]:
    """As differences from the playbook: ``was`` is what it would make of it, ``is_`` what is there."""
    found = [each for diff in item.get("diff", ()) for each in _of_diff(_path(item, diff), diff)]
    yield from found
    name = item.get("name")
    for each in () if found or not name else name if isinstance(name, list) else [name]:
        short = action.rpartition(".")[2]
        if PACKAGES.fullmatch(action):
            yield Difference("package", str(each), "wanted", "otherwise", "version")
        elif SERVICES.fullmatch(action):
            unit = str(each) if "." in str(each) else f"{each}.service"
            yield Difference("unit.running", unit, "active", str(item.get("state") or "otherwise"), "running")
        elif short in ACCOUNTS:
            yield Difference(ACCOUNTS[short], str(each), "wanted", "otherwise", "field")


def _of_diff(path: str, diff: Mapping[str, Any]) -> Iterator[Difference]:
    now, wanted = diff.get("before"), diff.get("after")
    if not path:
        return
    if isinstance(now, str) and isinstance(wanted, str):
        yield from _of_main_cf(now, wanted) if path.endswith("/main.cf") else [Difference("file", path, "", "", "content")]
    elif isinstance(now, Mapping) and isinstance(wanted, Mapping):
        states = now.get("state"), wanted.get("state")
        if states[0] == "absent" != states[1] or states[1] == "absent" != states[0]:
            aspect = "missing" if states[0] == "absent" else "added"
            yield Difference("file", path, states[1], states[0], aspect)
            return
        for aspect in ("owner", "group", "mode"):
            if now.get(aspect) != wanted.get(aspect):
                yield Difference("file", path, wanted.get(aspect), now.get(aspect), aspect)


def _of_main_cf(now: str, wanted: str) -> Iterator[Difference]:
    """Parameter by parameter, since of each it is known what depends on it."""
    old, new = _parameters(wanted), _parameters(now)
    for name in sorted(old.keys() | new.keys()):
        if old.get(name) != new.get(name):
            yield Difference("postfix.parameter", name, old.get(name), new.get(name))


def _parameters(text: str) -> dict[str, str]:
    matches = (PARAMETER.fullmatch(line) for line in text.splitlines())
    return {match[1]: match[2] for match in matches if match}


def _gained(item: Mapping[str, Any]) -> Iterator[tuple[str, list[str]]]:
    """By path the lines that are there, and that the playbook would not have."""
    for diff in item.get("diff", ()):
        now, wanted = diff.get("before"), diff.get("after")
        if isinstance(now, str) and isinstance(wanted, str):
            yield _path(item, diff), [line for line in now.splitlines() if line not in wanted.splitlines()]


def _paths(item: Mapping[str, Any]) -> list[str]:
    return [path for diff in item.get("diff", ()) if (path := _path(item, diff))]


def _path(item: Mapping[str, Any], diff: Mapping[str, Any]) -> str:
    """A template's header names the controller's copy; where it goes to says the task."""
    header = str(diff.get("before_header") or diff.get("after_header") or "")
    return str(item.get("dest") or item.get("path") or HEADER.sub("", header))


def _is_secret(path: str, beside: Beside) -> bool:
    return bool(beside.tracked.get(path, {}).get("secret") or security.KEYS.fullmatch(path) or SECRET.search(path))


def _unified(item: Mapping[str, Any], playbook: str) -> Iterator[str]:
    """As the other diffs of an audit: what is expected against what is there."""
    for diff in item.get("diff", ()):
        path = _path(item, diff)
        wanted, now = (_lines(diff.get(side)) for side in ("after", "before"))
        yield from difflib.unified_diff(wanted, now, f"{path} (by {playbook})", f"{path} (now)", lineterm="", n=2)
        yield from str(diff.get("prepared") or "").splitlines()


def _lines(side: Any) -> list[str]:
    if isinstance(side, Mapping):
        return [f"{key}: {value}" for key, value in side.items()]
    return str(side or "").splitlines()


def _words(item: Mapping[str, Any]) -> str:
    return " ".join(str(item.get("msg") or item.get("censored") or "no reason given").split())


def _place(playbook: Path, said: Said) -> str:
    """``site.yml:12``; of a file below the playbook's directory the way from there."""
    file, _, line = said.at.rpartition(":")
    home = str(playbook.resolve().parent)
    return f"{file.removeprefix(home).lstrip('/')}:{line}"
