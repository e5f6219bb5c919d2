# Copyright: The pyremediate maintainers
# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)
"""A hunk of lists (maps, passwd, settings one a line, rules) in its single entries, each put back by itself; pure.

Only where the result is certain: no line continues another or opens a block, and each line stands exactly once, in one
of the two texts. Then a line that is there now is its own anchor. Lines that are gone have none; they are put back in
one piece at the begin or at the end of the hunk, and where they stood elsewhere the hunk is not divided.
"""

from __future__ import annotations

import difflib
import re


class Syntax:
    """``alone`` matches a line that means something without its neighbours; the group of ``key`` is what it is about."""

    def __init__(self, alone, key):
        self.alone, self.key = re.compile(alone), re.compile(key)

    def by_key(self, lines):
        """{key: line}."""
        found = ((self.key.match(line), line) for line in lines)
        return {match.group(1) if match else line: line for match, line in found}


LIST = Syntax(r"[^\s{}](?:[^{}]*[^\s{}\\])?", r"[#;\s]*([^\s:=]+)")
# nft(8): a rule is itself; of "type filter hook input priority filter; policy accept;" the policy may differ.
RULES = Syntax(r"\t\t[^{}]+(?:\{[^{}]*\}[^{}]*)*", r"\t\t(type [^;]*)")
SAME_KEY = 0.85
BARE = {"before": [], "after": [], "begin": False, "end": False}


def parts(hunk, gone, new, unique, syntax=LIST):
    """The hunk in parts, or itself alone.

    ``gone`` and ``new`` are the lines that only one of the texts has, and once; ``unique`` those that both have once.
    """
    was, now = hunk["was"], hunk["is"]
    if (
        not now
        or not gone.issuperset(was)
        or not new.issuperset(now)
        or not all(map(syntax.alone.fullmatch, was + now))
    ):
        return [hunk]
    old, fresh = syntax.by_key(was), syntax.by_key(now)
    if len(old) < len(was) or len(fresh) < len(now) or [k for k in old if k in fresh] != [k for k in fresh if k in old]:
        return [hunk]
    found = [dict(BARE, was=[old[key]] if key in old else [], **{"is": [line]}) for key, line in fresh.items()]
    lost = [line for key, line in old.items() if key not in fresh]
    divided = _with_lost(found, lost, hunk, unique) if lost else found
    return divided if len(divided) > 1 and not _is_misspelt(was, now, syntax) else [hunk]


def _with_lost(found, lost, hunk, unique):
    """The lines that are gone, in one piece at one end of the hunk, if there is an anchor; else nothing."""
    if hunk["was"][: len(lost)] == lost and (hunk["begin"] or not unique.isdisjoint(hunk["before"])):
        return [dict(hunk, was=lost, after=[], end=False, **{"is": []})] + found
    if hunk["was"][-len(lost) :] == lost and (hunk["end"] or not unique.isdisjoint(hunk["after"])):
        return found + [dict(hunk, was=lost, before=[], begin=False, **{"is": []})]
    return []


def _is_misspelt(was, now, syntax):
    """One line for one, with nearly the same key: it was renamed, not lost."""
    keys = [*syntax.by_key(was), *syntax.by_key(now)]
    return len(was) == len(now) == 1 and difflib.SequenceMatcher(None, *keys).ratio() > SAME_KEY
