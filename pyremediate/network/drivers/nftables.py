"""The rules of nftables as filter rules, from ``nft -j list ruleset`` (libnftables-json(5)). Pure.

What a statement means is read only where the whole of it is known; any other condition makes the rule unclear rather than wrong.
Address translation is told too: of what comes in (``translate``), since it changes where a packet goes, and of what leaves
(``hide``), since nobody answers an address that he has no way to.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from pyremediate.network.evidence import FilterRule, Ports

Object = Mapping[str, Any]
_HOOKS = {"forward": "forward", "prerouting": "in", "ingress": "in", "postrouting": "out"}
_VERDICTS = {"accept": "accept", "drop": "drop", "reject": "reject"}
_TRANSLATES = {"dnat": "translate", "redirect": "translate", "snat": "hide", "masquerade": "hide"}
_HARMLESS = frozenset({"counter", "log", "mangle", "notrack"})  # say something, and decide nothing
_PROTOCOLS = {1: "icmp", 6: "tcp", 17: "udp", 58: "icmpv6", "ipv6-icmp": "icmpv6"}


def rules(ruleset: Object) -> tuple[FilterRule, ...]:
    """All rules that packets passing through are asked, chain by chain; a policy that drops is the last rule of its chain."""
    objects = [(kind, item) for entry in ruleset["nftables"] for kind, item in entry.items()]
    chains = [item for kind, item in objects if kind == "chain"]
    found: list[FilterRule] = []
    for chain in chains:
        if not _concerns(chain):
            continue
        own = [item for kind, item in objects if kind == "rule" and _place(item, "chain") == _place(chain, "name")]
        found += [rule for item in own for rule in _told(chain, item)]
        if chain.get("policy") == "drop":
            found.append(_blank(chain, "policy drop", action="drop"))
    return tuple(found)


def _concerns(chain: Object) -> bool:
    """Is it asked for packets that pass? ``input`` and ``output`` are of the device itself."""
    hook, kind = chain.get("hook"), chain.get("type", "filter")
    return kind in {"filter", "nat"} and hook not in {"input", "output"}


def _place(item: Object, key: str) -> tuple[Any, Any, Any]:
    return item["family"], item["table"], item[key]


def _blank(chain: Object, text: str, **fields: Any) -> FilterRule:
    direction = _HOOKS.get(chain["hook"]) if "hook" in chain else ""
    return FilterRule(f"{chain['family']} {chain['table']}", chain["name"], text, direction=direction, **fields)


def _told(chain: Object, item: Object) -> list[FilterRule]:
    """A rule in a shape that nobody knows is not understood, and the others are not lost by it."""
    try:
        return [_rule(chain, item, statements) for statements in _expanded(item.get("expr", ()))]
    except (KeyError, TypeError, ValueError, AttributeError, StopIteration):
        text = json.dumps(item.get("expr"))
        return [_blank(chain, text, action=None, unclear=(text,))]


def _expanded(statements: Sequence[Object]) -> Iterator[Sequence[Object]]:
    """A verdict map (``ct state vmap { established : accept, invalid : drop }``) is as many rules as it has elements."""
    at = next((at for at, each in enumerate(statements) if isinstance(each.get("vmap", {}).get("data"), Mapping)), None)
    if at is None:
        yield statements
        return
    vmap = statements[at]["vmap"]
    for value, verdict in vmap["data"]["set"]:
        yield [
            *statements[:at],
            {"match": {"op": "==", "left": vmap["key"], "right": value}},
            verdict,
            *statements[at + 1 :],
        ]


def _rule(chain: Object, item: Object, statements: Sequence[Object]) -> FilterRule:
    rule, opaque = _blank(chain, " ".join(_words(item, statements)), action="none"), False
    for statement in statements:
        kind, value = next(iter(statement.items()))
        if kind == "match":
            rule = _matched(rule, value)
        elif kind in _VERDICTS:
            rule = replace(rule, action=_VERDICTS[kind])
        elif kind in {"jump", "goto"}:
            rule = replace(rule, action=kind, target=value["target"])
        elif kind == "counter" and isinstance(value, Mapping):
            rule = replace(rule, packets=value.get("packets"))
        elif kind == "return":
            rule = replace(rule, action="return")
        elif kind in _TRANSLATES:
            rule = replace(rule, action=_TRANSLATES[kind])
        elif kind not in _HARMLESS:
            rule, opaque = replace(rule, unclear=(*rule.unclear, kind)), True
    return replace(rule, action=None) if opaque and rule.action == "none" else rule  # a verdict map, a queue


def _matched(rule: FilterRule, match: Object) -> FilterRule:
    """The rule with one more condition, or unclear by its words."""
    fields = _condition(match) if match["op"] in {"==", "in"} else None
    if fields is None or any(
        getattr(rule, key) not in ((), "", "any") and getattr(rule, key) != value for key, value in fields.items()
    ):
        return replace(rule, unclear=(*rule.unclear, _match_words(match)))
    return replace(rule, **fields)


def _condition(match: Object) -> dict[str, Any] | None:
    """The fields of a filter rule that say the same; None: it is not understood."""
    left, right = match["left"], match["right"]
    payload, meta = left.get("payload", {}), left.get("meta", {}).get("key")
    protocol, name = payload.get("protocol"), payload.get("field")
    if protocol in {"tcp", "udp", "sctp", "th"} and name in {"dport", "sport"}:
        ports = _ports(right)
        known = {} if protocol == "th" else {"protocol": protocol}
        return None if ports is None else {**known, "ports" if name == "dport" else "source_ports": ports}
    if protocol in {"ip", "ip6"} and name in {"saddr", "daddr"}:
        prefixes = _prefixes(right)
        return None if prefixes is None else {"source" if name == "saddr" else "destination": prefixes}
    members = _members(right)
    plain = all(isinstance(member, (str, int)) and not str(member).startswith("@") for member in members)
    if meta in {"iifname", "iif", "oifname", "oif"} and plain and "*" not in str(right):
        return {"in_interfaces" if meta.startswith("i") else "out_interfaces": tuple(str(member) for member in members)}
    if (meta == "l4proto" or (protocol == "ip" and name == "protocol")) and plain:
        return {"protocol": ",".join(_PROTOCOLS.get(member, str(member)) for member in members)}
    if left.get("ct", {}).get("key") == "state":
        states = right.get("set", ()) if isinstance(right, Mapping) else right
        return {"states": tuple(states) if isinstance(states, list) else (states,)}
    return None


def _members(right: Any) -> list[Any]:
    return right["set"] if isinstance(right, Mapping) and isinstance(right.get("set"), list) else [right]


def _ports(right: Any) -> Ports | None:
    found: list[tuple[int, int]] = []
    for member in _members(right):
        ends = member.get("range") if isinstance(member, Mapping) else [member, member]
        if not ends or not all(isinstance(end, int) for end in ends):
            return None  # a named set, a map
        found.append((ends[0], ends[1]))
    return tuple(found)


def _prefixes(right: Any) -> tuple[str, ...] | None:
    found: list[str] = []
    for member in _members(right):
        if isinstance(member, Mapping) and "prefix" in member:
            found.append(f"{member['prefix']['addr']}/{member['prefix']['len']}")
        elif isinstance(member, str) and not member.startswith("@"):
            found.append(member)
        else:
            return None
    return tuple(found)


def _words(item: Object, statements: Sequence[Object]) -> Iterator[str]:
    """The rule nearly as ``nft list`` prints it, without its counter."""
    for statement in statements:
        kind, value = next(iter(statement.items()))
        if kind == "match":
            yield _match_words(value)
        elif kind == "reject" and isinstance(value, Mapping):
            yield f"reject with {value.get('type')} {value.get('expr', '')}".strip()
        elif kind in {"jump", "goto"}:
            yield f"{kind} {value['target']}"
        elif kind != "counter":
            yield kind if value is None else f"{kind} {_value_words(value)}"
    if item.get("comment"):
        yield f'comment "{item["comment"]}"'


def _match_words(match: Object) -> str:
    operator = [] if match["op"] in {"==", "in"} else [match["op"]]
    return " ".join([_selector(match["left"]), *operator, _value_words(match["right"])])


def _selector(left: Any) -> str:
    """``ip saddr``, ``meta mark``, ``tcp flags & fin,syn``, ``ip saddr . tcp dport``."""
    if not isinstance(left, Mapping):
        return _value_words(left)
    kind, value = next(iter(left.items()))
    if kind == "payload":
        return f"{value.get('protocol', '@')} {value.get('field', value.get('offset', ''))}"
    if kind == "concat":
        return " . ".join(_selector(each) for each in value)
    if kind in {"&", "|", "^", "<<", ">>"}:
        return f" {kind} ".join(_selector(each) for each in value)
    key = str(value.get("key", value.get("name", ""))) if isinstance(value, Mapping) else str(value)
    return key if key in {"iifname", "oifname", "iif", "oif"} else f"{kind} {key}"


def _value_words(value: Any) -> str:
    if isinstance(value, Mapping):
        if isinstance(prefix := value.get("prefix"), Mapping):
            return f"{prefix['addr']}/{prefix['len']}"
        if "payload" in value or "concat" in value:
            return _selector(value)
        if "range" in value:
            return "-".join(str(end) for end in value["range"])
        if isinstance(value.get("set"), list):
            return "{ " + ", ".join(_value_words(item) for item in value["set"]) + " }"
        return " ".join(f"{key} {_value_words(item)}" for key, item in value.items())
    return ",".join(_value_words(item) for item in value) if isinstance(value, list) else str(value)
