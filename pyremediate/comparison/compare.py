"""A host against its last known good: what differs, in units that make sense alone. Pure; no other comparison exists.

Configuration that can be parsed differs by parameter and by service, so comments, order and white space do not count.
A section that was not observed yields nothing, and ``Comparison.unknown`` says so.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from fnmatch import fnmatchcase
from pathlib import PurePosixPath
from typing import Any

from pyremediate.comparison import system as compare_system
from pyremediate.comparison.entries import entries, readable, same_meaning
from pyremediate.known_good.hosts import KnownGood
from pyremediate.model import Comparison, Difference, Evidence, State, moment

Data = Mapping[str, Any]
WITHHELD = "(withheld)"
PARSED = {"main.cf": "main", "master.cf": "services"}  # of Postfix's configuration directory
SSH = re.compile(r"/etc/ssh/sshd_config(\.d/.*)?")
# What cannot break mail, whatever is in it: who may log in and become whom, what runs by the clock, where packages come from.
BESIDE_MAIL = re.compile(
    r"/etc/(ssh|sudoers|cron|apt|pam\.d/(sshd|sudo))|/var/spool/cron/|/root/\.ssh/|/etc/systemd/.*\.timer"
)
AS_WRITTEN = {"private": ("-", "y"), "unprivileged": ("-", "y"), "wakeup": ("-", "0")}  # columns of master(5) with one default


def compare(known_good: KnownGood, evidence: Evidence) -> Comparison:
    """Everything in which the host is not as it was."""
    differences: list[Difference] = []
    unknown: list[str] = []
    for name, comparer in _COMPARERS.items():
        was, now = known_good.evidence.sections.get(name), evidence.sections.get(name)
        if was is None or was.state is not State.OK:
            continue  # it was never known: nothing was promised
        if now is None or now.state is not State.OK:
            unknown.append(f"{name} was not observed: {now.error if now else 'no answer'}")
            continue
        differences += comparer(was.data, now.data, _Context(known_good.evidence, evidence))
    return Comparison(tuple(differences), tuple(unknown))


@dataclass(frozen=True)
class _Context:
    """Both observations, for the times of files and for what is compared elsewhere."""

    was: Evidence
    now: Evidence

    def modified(self, path: str) -> datetime | None:
        """When a file was last written, where that was observed."""
        section = self.now.sections.get("files")
        entry = section.data.get("tracked", {}).get(path, {}) if section and section.state is State.OK else {}
        return moment(entry["modified"]) if entry.get("modified") else None

    def table_of(self, path: str) -> str:
        """The parameter of Postfix that names a table; empty for other files."""
        maps = self.now.data().get("postfix", {}).get("maps", ())
        return next((str(each["parameter"]) for each in maps if each["path"] == path), "")

    def lost_its_name(self, aspect: str, entry: Data) -> bool:
        """Is the owner or group a number because accounts have changed? Then they are the difference, and not the file."""
        path = {"owner": "/etc/passwd", "group": "/etc/group"}.get(aspect, "")
        was, now = (
            view.data().get("files", {}).get("tracked", {}).get(path, {}).get("digest") for view in (self.was, self.now)
        )
        return bool(path) and str(entry.get(aspect)).isdigit() and was != now

    def of(self, name: str) -> tuple[Data, Data] | None:
        """A section's data both times; None where it was not observed at one of them."""
        return (self.was.sections[name].data, self.now.sections[name].data) if self.both(name) else None

    def both(self, name: str) -> bool:
        """Was the section observed both times?"""
        sections = (self.was.sections.get(name), self.now.sections.get(name))
        return all(section is not None and section.state is State.OK for section in sections)


def _postfix(was: Data, now: Data, context: _Context) -> Iterator[Difference]:
    directory = now.get("config_directory") or "/etc/postfix"
    main, master = context.modified(f"{directory}/main.cf"), context.modified(f"{directory}/master.cf")
    for difference in _named(
        "postfix.parameter", _spaced(was["main"]["parameters"]), _spaced(now["main"]["parameters"]), main
    ):
        if not _is_written_out(difference, was, now):
            yield difference
    yield from _lines(f"{directory}/main.cf", was["main"]["invalid"], now["main"]["invalid"], main)
    for difference in _named("postfix.service", _services(was["services"]), _services(now["services"]), master):
        if _filled_in(difference.was) != _filled_in(difference.is_):
            yield difference
    yield from _lines(f"{directory}/master.cf", was["invalid_services"], now["invalid_services"], master)
    yield from _withheld(was, now, main, master)
    yield from _maps(was.get("maps", []), now.get("maps", []))


def _is_written_out(difference: Difference, was: Data, now: Data) -> bool:
    """A parameter that is set to its default is as good as not set."""
    side, value = (now, difference.is_) if difference.was is None else (was, difference.was)
    default = side.get("defaults", {}).get(difference.name)
    return default is not None and None in (difference.was, difference.is_) and " ".join(default.split()) == value


def _filled_in(service: Any) -> Any:
    """A service with its defaults in the columns."""
    if not isinstance(service, Mapping):
        return service
    words = service["columns"].split(" ")
    places = {"private": 2, "unprivileged": 3, "wakeup": 5}
    for column, (dash, meant) in AS_WRITTEN.items():
        if len(words) > places[column] and words[places[column]] == dash:
            words[places[column]] = meant
    return {**service, "columns": " ".join(words)}


def _withheld(was: Data, now: Data, main: datetime | None, master: datetime | None) -> Iterator[Difference]:
    """What is withheld, and reads the same, by its keyed digest. An older known good has none, and is not compared."""
    parameters = _same(_spaced(was["main"]["parameters"]), _spaced(now["main"]["parameters"]))
    yield from _by_digest("postfix.parameter", parameters, was, now, "main", main)
    services = _same(_services(was["services"]), _services(now["services"]))
    yield from _by_digest("postfix.service", services, was, now, "services", master)


def _same(was: Data, now: Data) -> list[str]:
    return [name for name, value in was.items() if now.get(name) == value]


def _by_digest(kind: str, names: list[str], was: Data, now: Data, part: str, since: datetime | None) -> Iterator[Difference]:
    old, new = (view.get("withheld", {}).get(part, {}) for view in (was, now))
    for name in names:
        if name in old and name in new and old[name] != new[name]:
            yield Difference(kind, name, WITHHELD, WITHHELD, since=since, secret=True)


def _maps(was: list[Data], now: list[Data]) -> Iterator[Difference]:
    """Databases that were in order and are not; they are made anew from their sources, which differ as files."""
    good = {f"{each['type']}:{each['path']}" for each in was if each["database"] and not map_trouble(each)}
    bad = {
        f"{each['type']}:{each['path']}": map_trouble(each) for each in now if each["database"] and map_trouble(each)
    }
    for name, trouble in bad.items():
        if name in good:
            yield Difference("postfix.map", name, "up to date", trouble)


def map_trouble(each: Data) -> str:
    """What is wrong with the database of a map; empty when nothing is, or when its source is gone, which is another difference."""
    if not each["source_exists"]:
        return ""
    if not each["database_exists"]:
        return "missing"
    if each["readable"] is False:
        return str(each["error"] or "unreadable")
    return "older than its source" if each["stale"] else ""


def _spaced(parameters: Data) -> dict[str, str]:
    """White space between words means nothing (postconf(5))."""
    return {name: " ".join(str(value).split()) for name, value in parameters.items()}


def _services(services: Data) -> dict[str, Any]:
    """A service is its columns and options, wherever its line stands."""
    return {
        name: {"columns": " ".join(service["columns"].split()), "options": service["options"]}
        for name, service in services.items()
    }


def _lines(path: str, was: list[Data], now: list[Data], since: datetime | None) -> Iterator[Difference]:
    """Lines that cannot be parsed, and were not there before."""
    known = {line["text"] for line in was}
    for line in now:
        if line["text"] not in known:
            yield Difference("postfix.line", f"{path}:{line['line']}", None, line["text"], "added", since)


def _dovecot(was: Data, now: Data, context: _Context) -> Iterator[Difference]:
    """Settings name what changed in words; putting back is done by file. A configuration that fails has no settings."""
    if was["settings"] and now["settings"]:
        old, new = was.get("effective") or {}, now.get("effective") or {}
        for difference in _named("dovecot.setting", was["settings"], now["settings"], None):
            # doveconf(1) names what differs from its default: what is in neither answer has its default both times.
            if not (old and new) or difference.name in old or difference.name in new:
                yield difference


def _services_section(was: Data, now: Data, context: _Context) -> Iterator[Difference]:
    """Enabled, disabled, masked: what happens at the next boot, or at the next start; whether it runs; and who has a port."""
    old = {name: unit["enabled"] for name, unit in was["units"].items()}
    new = {name: unit["enabled"] for name, unit in now["units"].items()}
    yield from _named("unit", old, new, None, aspect="enabled")
    yield from _running(was["units"], now["units"])
    yield from compare_system.enabled(was, now)
    yield from _listeners(was.get("listeners", ()), now.get("listeners", ()))
    if "listeners" in was:
        yield from compare_system.sockets(was["listeners"], now.get("listeners", ()))


def _running(was: Data, now: Data) -> Iterator[Difference]:
    """A unit on its way, or failed, was not meant to be so."""
    for name in sorted(was.keys() & now.keys()):
        old, new, since = was[name].get("active"), now[name].get("active"), now[name].get("since")
        if (old == "active" != new) or (old == "inactive" and new == "active"):
            yield Difference("unit.running", name, old, new, "running", moment(since) if since else None)


def _listeners(was: Any, now: Any) -> Iterator[Difference]:
    """A port that one process had and another has. One that nobody has is the unit's difference, not the port's."""
    old, new = _processes(was), _processes(now)
    for name in sorted(old.keys() & new.keys()):
        if None not in old[name] | new[name] and not old[name] & new[name]:
            yield Difference("listener", name, min(old[name]), min(new[name]), "process")


def _processes(listeners: Any) -> dict[str, set[Any]]:
    found: dict[str, set[Any]] = {}
    for entry in listeners:
        found.setdefault(f"{entry['protocol']}/{entry['port']}", set()).add(entry["process"])
    return found


def _packages(was: Data, now: Data, context: _Context) -> Iterator[Difference]:
    times: dict[str, datetime] = {}
    for entry in now.get("history", ()):  # newest first; an approved state has none
        if entry["package"] not in times and entry["time"]:
            times[entry["package"]] = moment(entry["time"])
    for difference in _named("package", was["installed"], now["installed"], None, aspect="version"):
        since = times.get(difference.name)
        yield Difference("package", difference.name, difference.was, difference.is_, "version", since)
    yield from compare_system.packages(was, now)
    yield from _package_files(was, now)


def _package_files(was: Data, now: Data) -> Iterator[Difference]:
    """What is unusual now and was not, or the other way round; both name unusual files alone."""
    if "files" not in was:
        return
    old, new = was["files"], now.get("files", {})
    for path in sorted({*old, *new}):
        before, after = old.get(path, {}), new.get(path, {})
        package = {"package": (after or before)["package"]}
        if was["installed"].get(package["package"]) != now["installed"].get(package["package"]):
            continue  # another version's files are other files
        state = after.get("state")
        if state and not before.get("state"):
            aspect = "missing" if state == "missing" else "content"
            had = {key: before[key] for key in ("owner", "group", "mode") if key in before}
            yield Difference("package.file", path, "as packaged", state, aspect, place=package | had)
        if state != "missing" and before.get("state") != "missing":
            usual = {"owner": "root", "group": "root", "mode": (after or before).get("usual_mode")}
            yield from _unusual(path, usual | before, usual | after)


def _unusual(path: str, was: Data, now: Data) -> Iterator[Difference]:
    for aspect in ("owner", "group", "mode", "immutable", "acl"):
        yield from _aspect(path, aspect, was, now, None)


def _network(was: Data, now: Data, context: _Context) -> Iterator[Difference]:
    old, new = was["firewall"], now["firewall"]
    if old["available"] and new["available"] and old["ruleset"] != new["ruleset"]:
        yield Difference("firewall", "ruleset", list(old["ruleset"]), list(new["ruleset"]), "rules")
    if was.get("interfaces") is not None and now.get("interfaces") is not None:
        yield from compare_system.interfaces(was["interfaces"], now["interfaces"])
    if "settings" in was:
        yield from _named("sysctl", was["settings"], now.get("settings", {}), None)
    if was.get("routes") is not None and now.get("routes") is not None:
        yield from _named("route", _routes(was["routes"]), _routes(now["routes"]), None)


def _routes(routes: list[Data]) -> dict[str, Any]:
    """By name; an older capture has none."""
    return {route["name"]: {key: route[key] for key in route if key != "name"} for route in routes if route.get("name")}


def _ssh(context: _Context) -> tuple[Data, Data] | None:
    """What sshd has for its configuration both times, where it told."""
    both = context.of("ssh")
    return both if both and both[0]["effective"] and both[1]["effective"] else None


def _files(was: Data, now: Data, context: _Context) -> Iterator[Difference]:
    """Each file, and in words what is in those that can be read as entries."""
    old, new = was["tracked"], now["tracked"]
    replaced = [
        path for path, entry in new.items() if entry["kind"] == "link" and old.get(path, entry)["kind"] == "directory"
    ]
    for path in sorted(old.keys() | new.keys()):
        known = path in old or _was_looked_for(path, was)
        if known and not any(_stands_aside(path, directory) for directory in replaced):
            yield from _file(path, old.get(path, {"kind": "missing"}), new.get(path, {"kind": "missing"}), context)
    for difference in entries(was, now, lambda path: _was_looked_for(path, was), context):
        if not (difference.kind == "ssh.setting" and _ssh(context) and " match " not in difference.name):
            yield difference
    yield from _places(was.get("places", {}), now.get("places", {}), context)


def _was_looked_for(path: str, was: Data) -> bool:
    """Would it have been seen then? A capture that does not say where it looked saw what lies beside the files that it has."""
    if "roots" not in was:
        return str(PurePosixPath(path).parent) in was["tracked"] or "/systemd/system/" in path
    ways = [path, *map(str, PurePosixPath(path).parents)]
    told, found = was["roots"]["told"], was["roots"]["found"]
    return any(way in told or any(fnmatchcase(way, root) for root in found) for way in ways)


def _stands_aside(path: str, directory: str) -> bool:
    """Of a directory that a link replaced: what was in it, and what looks like it beside it, comes back with it."""
    return path.startswith(tuple(f"{directory}{mark}" for mark in "/.-_~ "))


def _places(was: Data, now: Data, context: _Context) -> Iterator[Difference]:
    """What has come is no difference, nor what a service makes anew at its start, nor what was not looked at this time."""
    for path, old in was.items():
        new = now.get(path, {"kind": "missing"})
        lasting = old["kind"] == "directory" and not path.startswith("/run/")
        above = now.get(str(PurePosixPath(path).parent), {"listed": False})
        if new["kind"] != "missing" or (lasting and (path in now or above.get("listed", True))):
            yield from _file(path, old, new, context)


def _file(path: str, was: Data, now: Data, context: _Context) -> Iterator[Difference]:
    beside = bool(BESIDE_MAIL.match(path))
    for difference in _aspects(path, was, now, context):
        yield replace(difference, harmless=beside or difference.harmless)


def _aspects(path: str, was: Data, now: Data, context: _Context) -> Iterator[Difference]:
    since = context.modified(path)
    if was["kind"] == now["kind"] == "missing" or "unknown" in (was["kind"], now["kind"]):
        return
    if now["kind"] == "missing":
        yield Difference("file", path, was["kind"], None, "missing")
        return
    if was["kind"] == "missing":
        yield Difference("file", path, None, now["kind"], "added", since, harmless=now["kind"] == "directory")
        return
    secret = bool(was.get("secret") or now.get("secret"))
    if was["kind"] != now["kind"]:
        aspect = "target" if "link" in (was["kind"], now["kind"]) else "content"
        yield Difference("file", path, _shown(was), _shown(now), aspect, since)
    elif was["kind"] == "link":
        yield from _aspect(path, "target", was, now, since)
    elif was["kind"] == "file" and _contents_differ(was, now) and not _means_the_same(path, context):
        old, new = (WITHHELD, WITHHELD) if secret else (was["digest"], now["digest"])
        yield Difference("file", path, old, new, "content", since, secret)
    if now["kind"] != "link":  # the mode of a link means nothing (symlink(7))
        for aspect in ("owner", "group", "mode", "immutable", "acl"):
            if not context.lost_its_name(aspect, now):
                yield from _aspect(path, aspect, was, now, since)


def _aspect(path: str, aspect: str, was: Data, now: Data, since: datetime | None) -> Iterator[Difference]:
    if was.get(aspect) != now.get(aspect):
        yield Difference("file", path, was.get(aspect), now.get(aspect), aspect, since)


def _shown(entry: Data) -> str:
    return f"link to {entry['target']}" if entry["kind"] == "link" else str(entry["kind"])


def _contents_differ(was: Data, now: Data) -> bool:
    """A file that became secret, or ceased to be, is hashed another way. By its mode: nothing can be said of its content then; for
    what it says: it has changed."""
    old, new = was.get("digest") or "", now.get("digest") or ""
    alike = old.partition(":")[0] == new.partition(":")[0] or (old and new and readable(was) == readable(now))
    return old != new and bool(alike)


def _means_the_same(path: str, context: _Context) -> bool:
    """Is a text that changed no difference, or compared by something else: by parameter, by service, by certificate?"""
    if (files := context.of("files")) and same_meaning(path, *files):
        return True
    if SSH.fullmatch(path) and (effective := _ssh(context)):
        matches = (_matches(path, side) for side in files or ())
        return bool(effective[0] == effective[1] and len({str(each) for each in matches}) == 1)
    if (certificates := context.of("tls")) and path in compare_system.renewed_paths(*certificates):
        return True
    directory = context.now.data().get("postfix", {}).get("config_directory") or "/etc/postfix"
    return context.both("postfix") and path in {f"{directory}/{name}" for name in PARSED}


def _matches(path: str, files: Data) -> dict[str, Any]:
    """What is set for some logins alone, which sshd(8) does not tell unasked."""
    of = files.get("entries", {}).get(path, {}).get("of", {})
    return {key: value for key, value in of.items() if key.startswith("match ")}


def _named(kind: str, was: Data, now: Data, since: datetime | None, aspect: str = "value") -> Iterator[Difference]:
    for name in sorted(was.keys() | now.keys()):
        if was.get(name) != now.get(name):
            yield Difference(kind, name, was.get(name), now.get(name), aspect, since)


_COMPARERS: Mapping[str, Callable[[Data, Data, _Context], Iterator[Difference]]] = {
    "network": _network,
    "packages": _packages,
    "files": _files,
    "postfix": _postfix,
    "dovecot": _dovecot,
    "services": _services_section,
    "tls": lambda was, now, context: compare_system.certificates(was, now),
    "dns": lambda was, now, context: compare_system.records(was, now),
    "ssh": lambda was, now, context: compare_system.logins(was, now, context.of("files")),
}
SECTIONS = tuple(_COMPARERS)  # of an observation: what of it is compared
