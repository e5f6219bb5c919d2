"""Differences of a host beside its mail services, as sentences in the past perfect; see ``telling``. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from pyremediate.comparison.telling_values import Say, came_or_went, changed, exchange, shortened
from pyremediate.languages import _
from pyremediate.model import Difference

ALIASES = frozenset({"alias_maps", "alias_database", "virtual_alias_maps"})
ACCOUNTS = {"user": _("the user %(name)s"), "group": _("the group %(name)s")}
OF_AN_ACCOUNT = {
    "uid": _("the uid of %(what)s"),
    "gid": _("the gid of %(what)s"),
    "group": _("the group of %(what)s"),
    "home": _("the home of %(what)s"),
    "shell": _("the shell of %(what)s"),
}
OF_A_CERTIFICATE = {
    "key_type": _("the certificate %(name)s had got another kind of key: %(now)s (it was %(was)s)"),
    "chain_length": _("the certificate %(name)s had got another length of the chain: %(now)s (it was %(was)s)"),
    "names": _("the certificate %(name)s had got another set of names: %(now)s (it was %(was)s)"),
}


def _entry(difference: Difference, say: Say) -> str:
    key, path = _in_file(difference, say)
    if difference.aspect == "order":
        return say("the order of the entries of %(path)s had been changed", path=path)
    if difference.secret:
        return _secret_entry(difference, key, path, say)
    if (difference.place or {}).get("parameter") in ALIASES:
        return _alias(key, difference, say)
    return _changed(key, path, difference, say)


def _secret_entry(difference: Difference, key: str, path: str, say: Say) -> str:
    if difference.was is None:
        return say("%(key)s had been added to %(path)s, which is secret", key=key, path=path)
    if difference.is_ is None:
        return say("%(key)s had been removed from %(path)s, which is secret", key=key, path=path)
    return say("%(key)s in %(path)s, which is secret, had been changed", key=key, path=path)


def _alias(name: str, difference: Difference, say: Say) -> str:
    values = {"name": name, "was": shortened(difference.was, say), "now": shortened(difference.is_, say)}
    if difference.is_ is None:
        return say("the alias %(name)s had been removed (it went to %(was)s)", **values)
    if difference.was is None:
        return say("mail for %(name)s had been sent to %(now)s", **values)
    return say("mail for %(name)s, which went to %(was)s, had been sent to %(now)s", **values)


def _changed(key: str, path: str, difference: Difference, say: Say) -> str:
    values = {"key": key, "path": path, "was": shortened(difference.was, say), "now": shortened(difference.is_, say)}
    if difference.was is None:
        return say("%(key)s had been set to %(now)s in %(path)s", **values)
    if difference.is_ is None:
        return say("%(key)s had been removed from %(path)s (it was %(was)s)", **values)
    return say("%(key)s in %(path)s had been changed from %(was)s to %(now)s", **values)


def _in_file(difference: Difference, say: Say) -> tuple[str, str]:
    """(key, path): ``name`` has both."""
    path = str((difference.place or {}).get("path", ""))
    return (difference.name.removeprefix(f"{path} "), path) if path else (difference.name, say("its file"))


def _account(difference: Difference, say: Say) -> str:
    what = say(ACCOUNTS[difference.kind], name=difference.name)
    if difference.aspect == "members":
        return exchange(what, difference.was, difference.is_, say)
    if difference.was is None or difference.is_ is None:
        return came_or_went(what, difference.was, difference.is_, say)
    of = OF_AN_ACCOUNT.get(difference.aspect)
    named = say(of, what=what) if of else say("the %(aspect)s of %(what)s", aspect=difference.aspect, what=what)
    return changed(named, difference.was, difference.is_, say)


def _rule(difference: Difference, say: Say) -> str:
    key, path = _in_file(difference, say)
    if difference.aspect == "order":
        return say("the order of the rules of sudo in %(path)s had been changed", path=path)
    values = {"key": key, "path": path, "was": shortened(difference.was, say), "now": shortened(difference.is_, say)}
    if difference.is_ is None:
        return say("%(key)s had lost a rule of sudo in %(path)s: %(was)s", **values)
    if difference.was is None:
        return say("%(key)s had been given a rule of sudo in %(path)s: %(now)s", **values)
    return say("%(key)s had been given a rule of sudo in %(path)s: %(now)s (it was %(was)s)", **values)


def _job(difference: Difference, say: Say) -> str:
    key, path = _in_file(difference, say)
    values = {"key": key, "path": path, "was": shortened(difference.was, say), "now": shortened(difference.is_, say)}
    if difference.secret:
        return say("the job of cron at %(key)s in %(path)s, which is secret, had been changed", **values)
    if difference.is_ is None:
        return say("a job of cron at %(key)s had been removed from %(path)s: %(was)s", **values)
    if difference.was is None:
        return say("a job of cron at %(key)s had been added to %(path)s: %(now)s", **values)
    return say("the job of cron at %(key)s in %(path)s had been changed from %(was)s to %(now)s", **values)


def _key(difference: Difference, say: Say) -> str:
    key, path = _in_file(difference, say)
    if difference.is_ is None:
        return say("the key %(key)s, with which one can log in, had been removed from %(path)s", key=key, path=path)
    if difference.was is None:
        return say("the key %(key)s, with which one can log in, had been added to %(path)s", key=key, path=path)
    return say("the key %(key)s, with which one can log in, had been changed in %(path)s", key=key, path=path)


def _source(difference: Difference, say: Say) -> str:
    if difference.is_ is None:
        return say("the source of packages %(name)s had been removed", name=difference.name)
    return say("the source of packages %(name)s had been added", name=difference.name)


def _login(difference: Difference, say: Say) -> str:
    key = _in_file(difference, say)[0] if difference.place else difference.name
    return _changed(key, say("sshd's configuration"), difference, say)


def _hold(difference: Difference, say: Say) -> str:
    if difference.is_ == "held":
        return say("the package %(name)s had been put on hold", name=difference.name)
    return say("the package %(name)s had been taken off hold", name=difference.name)


def _socket(difference: Difference, say: Say) -> str:
    values = {"name": difference.name, "was": difference.was, "now": difference.is_}
    if difference.was is None:
        return say("%(name)s had been opened on %(now)s", **values)
    return say("%(name)s, open on %(was)s, had been opened on %(now)s", **values)


def _interface(difference: Difference, say: Say) -> str:
    name, aspect = difference.name, difference.aspect
    if difference.is_ is None:
        return say("the interface %(name)s had been removed", name=name)
    if difference.was is None:
        return say("the interface %(name)s had been added", name=name)
    if aspect == "addresses":
        return exchange(say("the interface %(name)s", name=name), difference.was, difference.is_, say)
    mtu, other = say("the MTU of the interface %(name)s", name=name), {"aspect": aspect, "name": name}
    what = mtu if aspect == "mtu" else say("the %(aspect)s of the interface %(name)s", **other)
    return changed(what, difference.was, difference.is_, say)


def _certificate(difference: Difference, say: Say) -> str:
    name, aspect = difference.name, difference.aspect
    values = {"name": name, "aspect": aspect, "was": shortened(difference.was, say), "now": shortened(difference.is_, say)}
    if aspect == "renewed":
        return say("the certificate %(name)s had been renewed (it was valid %(was)s, and is %(now)s)", **values)
    if aspect == "fingerprint":
        return say("the certificate %(name)s had been replaced by another for the same names", name=name)
    if aspect in OF_A_CERTIFICATE:
        return say(OF_A_CERTIFICATE[aspect], **values)
    return say("the certificate %(name)s had got another %(aspect)s: %(now)s (it was %(was)s)", **values)


def _record(difference: Difference, say: Say) -> str:
    name, _between, type_ = difference.name.rpartition(" ")
    what = say("the %(type)s record of %(name)s", type=type_, name=name)
    if difference.was is None or difference.is_ is None:
        return came_or_went(what, difference.was, difference.is_, say)
    return changed(what, difference.was, difference.is_, say)


def _filter(difference: Difference, say: Say) -> str:
    told = exchange(say("the packet filter"), difference.was, difference.is_, say, "; ")
    return told or say("the order of the packet filter's rules had been changed")


def _route(difference: Difference, say: Say) -> str:
    what = say("the route to %(name)s", name=difference.name)
    was, now = (_way(side, say) for side in (difference.was, difference.is_))
    if was is None or now is None:
        return came_or_went(what, was, now, say)
    return say("%(what)s had been changed from %(was)s to %(now)s", what=what, was=was, now=now)


def _way(route: Mapping[str, object] | None, say: Say) -> str | None:
    """``via 192.0.2.1 by eth0``, ``blackhole``, in the words of ip-route(8)."""
    if not route:
        return None
    words = [str(route.get("type", "")) if route.get("type") != "unicast" else ""]
    steps = (("via", "gateway"), ("dev", "interface"), ("metric", "metric"))
    words += [f"{word} {route[key]}" for word, key in steps if route.get(key)]
    return " ".join(filter(None, words)) or say("another way")


def _setting_of_kernel(difference: Difference, say: Say) -> str:
    return changed(say("the kernel's %(name)s", name=difference.name), difference.was, difference.is_, say)


SENTENCES: Mapping[str, Callable[[Difference, Say], str]] = {
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
