"""What a human types at a device to take its differences back, in the language of its own command line. Pure.

Nothing here is carried out: it is for a device that cannot be changed in a way that undoes itself, and is read by a human first.
A line with a secret is only named, since its value is not kept; so is one for which no opposite is known.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence

from pyremediate.model import Device, Difference, to_json
from pyremediate.network.configuration import GLOBAL
from pyremediate.network.redaction import WITHHELD

LINE, INTERFACE = "device.line", "device.interface"
_ATTRIBUTE = re.compile(r"[\w-]+=(?:\"[^\"]*\"|\S+)")
_ITEM = re.compile(r"set (\[[^]]*\]|\S+(?==)?)")  # what a line of RouterOS sets: ``[ find default-name=ether1 ]``


def lines(device: Device) -> tuple[str, ...]:
    """The lines to type, from the first to the last; none where nothing of the configuration differs or can be said."""
    platform = str((device.evidence or {}).get("platform", ""))
    language = _LANGUAGES.get(platform)
    changed = [found for found in device.differences if found.kind == LINE]
    if language is None:
        return ()
    first, last, told = language
    body = [line for found in changed for line in told(found)]
    if not changed and told is _indented:  # the configuration may not be shown to everybody
        body = [line for found in device.differences if found.kind == INTERFACE for line in _port(found)]
    return (*first, *body, *last) if body else ()


def step(device: Device) -> str:
    """The same as one step for a human, line by line; empty where there is none."""
    typed = lines(device)
    if not typed:
        return ""
    platform = (device.evidence or {}).get("platform")
    head = f"At {device.name} ({platform}), this puts its configuration back as in the last known good; read it before:"
    if since := to_json(device.known_good_at):
        at = f"At {device.name} ({platform})"
        head = f"{at}, this puts its configuration back as in the last known good of {since}; read it before:"
    return "\n".join((head, *typed))


def _indented(found: Difference) -> Iterator[str]:
    """IOS, EOS and FRRouting: a section is entered, ``no`` takes a line back, and a section that is new goes as a whole."""
    path = [] if found.name == GLOBAL else found.name.split(" / ")
    gone, came = list(found.was or ()), list(found.is_ or ())
    if path and came[:1] == path[-1:]:
        yield from (*_nested(path[:-1]), _no(came[0]))
        return
    if path and gone[:1] == path[-1:]:
        gone = gone[1:]
    yield from _nested(path)
    depth = " " * len(path)
    yield from (depth + _secret("!", _no(line), line) for line in came)
    before = str((found.place or {}).get("before", ""))
    if gone and before and "access-list" in found.name:
        yield f"{depth}! behind: {before}"
    yield from (depth + _secret("!", line, line) for line in gone)
    yield from [" " * (len(path) - 1) + "exit"] if path else []


def _nested(path: Sequence[str]) -> list[str]:
    return [" " * depth + line for depth, line in enumerate(path)]


def _no(line: str) -> str:
    return line.removeprefix("no ") if line.startswith("no ") else f"no {line}"


def _port(found: Difference) -> Iterator[str]:
    """What the interface itself shows, in the words of IOS and EOS."""
    words = {
        "vlan": f"switchport access vlan {found.was}",
        "admin_up": "no shutdown" if found.was else "shutdown",
        "mtu": f"mtu {found.was}",
    }
    if found.aspect in words:
        yield from (f"interface {found.name}", f" {words[found.aspect]}", "exit")


def _commands(found: Difference) -> Iterator[str]:
    """Junos and VyOS: ``set`` and ``delete`` of the same words."""
    for line in found.is_ or ():
        word, _, rest = line.partition(" ")
        opposite = {"set": f"delete {rest}", "deactivate": f"activate {rest}"}.get(word)
        yield opposite if opposite and WITHHELD not in line else f"# take back: {line}"
    yield from (_secret("#", line, line) for line in found.was or ())


def _menu(found: Difference) -> Iterator[str]:
    """RouterOS: an item is added in its menu, and found again by all that it says of itself."""
    gone = list(found.was or ())
    for line in found.is_ or ():
        if line.startswith("add ") and WITHHELD not in line:
            yield f"{found.name} remove [find {' '.join(_ATTRIBUTE.findall(line))}]"
        elif _item(line) not in {_item(other) for other in gone}:
            yield f"# take back: {found.name} {line}"
    yield from (_secret("#", f"{found.name} {line}", line) for line in gone)


def _item(line: str) -> str:
    match = _ITEM.match(line)
    return match[1].partition("=")[0] if match else line


def _secret(comment: str, typed: str, line: str) -> str:
    """The line; only named where its secret is not kept."""
    return f"{comment} with its secret: {line}" if WITHHELD in line else typed


_Language = tuple[Sequence[str], Sequence[str], Callable[[Difference], Iterator[str]]]
_CONFIGURE: _Language = (("configure terminal",), ("end", "write memory"), _indented)
# Where the platform takes a change back by itself unless it is confirmed, that is asked for first: 5 minutes.
_LANGUAGES: Mapping[str, _Language] = {
    "ios": _CONFIGURE,
    "eos": _CONFIGURE,
    "frr": _CONFIGURE,
    "junos": (("configure",), ("show | compare", "commit confirmed 5", "# mail flows? then:", "commit"), _commands),
    "vyos": (("configure",), ("compare", "commit-confirm 5", "# mail flows? then:", "confirm", "save"), _commands),
    "routeros": (("# Ctrl+X first: safe mode takes all back if the session ends",), ("# mail flows? then Ctrl+X again",), _menu),
}  # fmt: skip


def steps(devices: Sequence[Device]) -> tuple[str, ...]:
    """One step for each device of which something can be said."""
    return tuple(filter(None, (step(device) for device in devices)))

