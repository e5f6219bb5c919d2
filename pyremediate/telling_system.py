"""Differences of a host beside its mail services, as sentences in the past perfect; see ``telling``. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from pyremediate.model import Difference
from pyremediate.telling_values import exchange, shortened

ALIASES = frozenset({"alias_maps", "alias_database", "virtual_alias_maps"})
ASPECTS = {"key_type": "kind of key", "chain_length": "length of the chain", "names": "set of names", "mtu": "MTU"}
FIELDS = {"uid": "uid", "gid": "gid", "group": "group", "home": "home", "shell": "shell"}


def _entry(difference: Difference) -> str:
    key, path = _in_file(difference)
    if difference.aspect == "order":
        return f"the order of the entries of {path} had been changed"
    if difference.secret:
        done = "added to" if difference.was is None else "removed from" if difference.is_ is None else ""
        return f"{key} had been {done} {path}, which is secret" if done else f"{key} in {path}, which is secret, had been changed"
    if (difference.place or {}).get("parameter") in ALIASES:
        return _alias(key, difference)
    return _changed(key, path, difference)


def _alias(name: str, difference: Difference) -> str:
    if difference.is_ is None:
        return f"the alias {name} had been removed (it went to {shortened(difference.was)})"
    before = f", which went to {shortened(difference.was)}," if difference.was is not None else ""
    return f"mail for {name}{before} had been sent to {shortened(difference.is_)}"


def _changed(key: str, path: str, difference: Difference) -> str:
    if difference.was is None:
        return f"{key} had been set to {shortened(difference.is_)} in {path}"
    if difference.is_ is None:
        return f"{key} had been removed from {path} (it was {shortened(difference.was)})"
    return f"{key} in {path} had been changed from {shortened(difference.was)} to {shortened(difference.is_)}"


def _in_file(difference: Difference) -> tuple[str, str]:
    """(key, path): ``name`` has both."""
    path = str((difference.place or {}).get("path", ""))
    return (difference.name.removeprefix(f"{path} "), path) if path else (difference.name, "its file")


def _account(difference: Difference) -> str:
    what = f"the {difference.kind} {difference.name}"
    if difference.aspect == "members":
        return f"{what} had {exchange(difference.was, difference.is_)}"
    if difference.was is None or difference.is_ is None:
        done, value = ("removed", difference.was) if difference.is_ is None else ("added", difference.is_)
        return f"{what} had been {done} ({shortened(value)})"
    aspect = FIELDS.get(difference.aspect, difference.aspect)
    return f"the {aspect} of {what} had been changed from {shortened(difference.was)} to {shortened(difference.is_)}"


def _rule(difference: Difference) -> str:
    key, path = _in_file(difference)
    if difference.aspect == "order":
        return f"the order of the rules of sudo in {path} had been changed"
    if difference.is_ is None:
        return f"{key} had lost a rule of sudo in {path}: {shortened(difference.was)}"
    was = f" (it was {shortened(difference.was)})" if difference.was is not None else ""
    return f"{key} had been given a rule of sudo in {path}: {shortened(difference.is_)}{was}"


def _job(difference: Difference) -> str:
    key, path = _in_file(difference)
    if difference.secret:
        return f"the job of cron at {key} in {path}, which is secret, had been changed"
    if difference.was is None or difference.is_ is None:
        done, value = ("removed from", difference.was) if difference.is_ is None else ("added to", difference.is_)
        return f"a job of cron at {key} had been {done} {path}: {shortened(value)}"
    return f"the job of cron at {key} in {path} had been changed from {shortened(difference.was)} to {shortened(difference.is_)}"


def _key(difference: Difference) -> str:
    key, path = _in_file(difference)
    done = "removed from" if difference.is_ is None else "added to" if difference.was is None else "changed in"
    return f"the key {key}, with which one can log in, had been {done} {path}"


def _source(difference: Difference) -> str:
    return f"the source of packages {difference.name} had been {'removed' if difference.is_ is None else 'added'}"


def _login(difference: Difference) -> str:
    key = _in_file(difference)[0] if difference.place else difference.name
    return _changed(key, "sshd's configuration", difference)


def _hold(difference: Difference) -> str:
    return f"the package {difference.name} had been {'put on hold' if difference.is_ == 'held' else 'taken off hold'}"


def _socket(difference: Difference) -> str:
    if difference.was is None:
        return f"{difference.name} had been opened on {difference.is_}"
    return f"{difference.name}, open on {difference.was}, had been opened on {difference.is_}"


def _interface(difference: Difference) -> str:
    name = f"the interface {difference.name}"
    if difference.was is None or difference.is_ is None:
        return f"{name} had been {'removed' if difference.is_ is None else 'added'}"
    if difference.aspect == "addresses":
        return f"{name} had {exchange(difference.was, difference.is_)}"
    aspect = ASPECTS.get(difference.aspect, difference.aspect)
    return f"the {aspect} of {name} had been changed from {shortened(difference.was)} to {shortened(difference.is_)}"


def _certificate(difference: Difference) -> str:
    name = f"the certificate {difference.name}"
    if difference.aspect == "renewed":
        return f"{name} had been renewed (it was valid {difference.was}, and is {difference.is_})"
    if difference.aspect == "fingerprint":
        return f"{name} had been replaced by another for the same names"
    aspect = ASPECTS.get(difference.aspect, difference.aspect)
    return f"{name} had got another {aspect}: {shortened(difference.is_)} (it was {shortened(difference.was)})"


def _record(difference: Difference) -> str:
    name, _, type_ = difference.name.rpartition(" ")
    what = f"the {type_} record of {name}"
    if difference.was is None or difference.is_ is None:
        done, value = ("removed", difference.was) if difference.is_ is None else ("added", difference.is_)
        return f"{what} had been {done} ({shortened(value)})"
    return f"{what} had been changed from {shortened(difference.was)} to {shortened(difference.is_)}"


def _filter(difference: Difference) -> str:
    told = exchange(difference.was, difference.is_, "; ")
    return f"the packet filter had {told}" if told else "the order of the packet filter's rules had been changed"


def _route(difference: Difference) -> str:
    what, (was, now) = f"the route to {difference.name}", (_way(side) for side in (difference.was, difference.is_))
    if not was or not now:
        return f"{what} had been {'removed' if was else 'added'} ({was or now})"
    return f"{what} had been changed from {was} to {now}"


def _way(route: Mapping[str, object] | None) -> str:
    """``via 192.0.2.1 by eth0``, ``blackhole``."""
    if not route:
        return ""
    words = [str(route.get("type", "")) if route.get("type") != "unicast" else ""]
    steps = (("via", "gateway"), ("by", "interface"), ("metric", "metric"))
    words += [f"{word} {route[key]}" for word, key in steps if route.get(key)]
    return " ".join(filter(None, words)) or "another way"


def _setting_of_kernel(difference: Difference) -> str:
    return f"the kernel's {difference.name} had been changed from {shortened(difference.was)} to {shortened(difference.is_)}"


SENTENCES: Mapping[str, Callable[[Difference], str]] = {
    "map.entry": _entry,
    "setting": _entry,
    "user": _account,
    "group": _account,
    "sudo.rule": _rule,
    "cron.job": _job,
    "ssh.key": _key,
    "ssh.setting": _login,
    "package.source": _source,
    "package.hold": _hold,
    "socket": _socket,
    "interface": _interface,
    "certificate": _certificate,
    "record": _record,
    "firewall": _filter,
    "route": _route,
    "sysctl": _setting_of_kernel,
}
