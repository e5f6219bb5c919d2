# Copyright: The pyremediate maintainers
# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)
"""The difference of two texts in hunks that can be put back one by one, in any order; pure.

A text is the list of what stands between its line ends: the last item is empty where it ends with one, as it should.

    {"was": [lines], "is": [lines], "before": [lines], "after": [lines], "begin": bool, "end": bool}

``before`` and ``after`` are what both texts have around the hunk; ``begin`` and ``end``: the text begins, or ends, there.
A hunk is found again, whatever else was put back, by a line of its own that no other place has, or by what surrounds it
up to an anchor: a line that either text has exactly once, or the text's own begin or end. An anchor stands in no hunk, so
every mixture of the two texts has it exactly once too. Neighbours that cannot be told apart so are one hunk.
"""

from __future__ import annotations

import difflib
import hashlib
import hmac
import json
import re
from collections import Counter

from ansible_collections.pyremediate.mail.plugins.module_utils import text_entries as entries

MOST_LINES = 4000  # comparing takes their square in time
MOST_HUNKS = 64  # of one file; who changed more has written another file
CONTEXT = 2  # lines on each side that are shown at least
COMMENT = re.compile(r"\s*(?:[#;](?!!).*)?")


class NoPlace(ValueError):
    """A hunk is not to be found in the text as it is now; the message says why."""


def hunks(was, now, syntax=entries.LIST):
    """The hunks that lead from ``was`` to ``now``, in order; None where they make no sense: the file is another altogether."""
    old, new = was.split("\n"), now.split("\n")
    if max(len(old), len(new)) > MOST_LINES or "-----BEGIN " in was + now:  # half of a key is worth nothing
        return None
    blocks = difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes()
    if was != now and not any(line.strip() for tag, i, k, _, _ in blocks if tag == "equal" for line in old[i:k]):
        return None
    gone, fresh, unique = once(old) - set(new), once(new) - set(old), once(old) & once(new)
    joined = _joined(blocks, old, unique, lambda i, k, j, m: _own(old[i:k], gone) and not fresh.isdisjoint(new[j:m]))
    whole = [_hunk(joined, place, old, new, unique) for place in range(len(joined))]
    fine = [part for hunk in whole for part in entries.parts(hunk, gone, fresh, unique, syntax)]
    return fine if len(fine) <= MOST_HUNKS else whole if len(whole) <= MOST_HUNKS else None


def once(lines):
    """The lines that stand there exactly once."""
    return {line for line, count in Counter(lines).items() if count == 1}


def _own(lines, single):
    """May one side of a hunk be found by itself?"""
    return not lines or not single.isdisjoint(lines)


def _joined(blocks, old, unique, has_own):
    """What differs: [from and to in the old, from and to in the new], neighbours joined that cannot be told apart."""
    found = []
    for block in ([i, k, j, m] for tag, i, k, j, m in blocks if tag != "equal"):
        found.append(block)
        while len(found) > 1 and not _apart(*found[-2:], old, unique, has_own):
            _, found[-1][1], _, found[-1][3] = found.pop()
    return found


def _apart(earlier, later, old, unique, has_own):
    return not unique.isdisjoint(old[earlier[1] : later[0]]) or has_own(*earlier) and has_own(*later)


def _hunk(joined, place, old, new, unique):
    i, k, j, m = joined[place]
    last = place + 1 == len(joined)
    start, stop = joined[place - 1][1] if place else 0, len(old) if last else joined[place + 1][0]
    before = _reach(old[start:i][::-1], unique)[::-1]
    after = _reach(old[k:stop], unique)
    begin, end = not place and len(before) == i, last and len(after) == stop - k
    return {"was": old[i:k], "is": new[j:m], "before": before, "after": after, "begin": begin, "end": end}


def _reach(lines, unique):
    """As many as it takes to the first anchor, all where there is none."""
    anchors = (number + 1 for number, line in enumerate(lines) if line in unique)
    return lines[: max(next(anchors, len(lines)), CONTEXT)]


def reverse(text, hunk):
    """The text with this hunk as it was, everything else as it is. Raises ``NoPlace``."""
    lines = text.split("\n")
    now, then = _places(lines, hunk, "is"), _places(lines, hunk, "was")
    if len(now) == 1 and (hunk["is"] or not then):
        first = now[0] + len(hunk["before"])
        return "\n".join(lines[:first] + hunk["was"] + lines[first + len(hunk["is"]) :])
    if len(then) == 1 or then and not (now or hunk["was"]):
        return text  # it is as it was
    raise NoPlace(
        "its lines are there %d times: which are meant?" % len(now) if now else "its lines are not there any more"
    )


def _places(lines, hunk, side):
    """The numbers of the lines at which the hunk, with what surrounds it, begins."""
    wanted = hunk["before"] + hunk[side] + hunk["after"]
    last = len(lines) - len(wanted)
    if hunk["begin"] or hunk["end"]:
        places = {0} if hunk["begin"] else set(range(last + 1))
        places &= {last} if hunk["end"] else places
    else:
        places = set(range(last + 1))
    return [place for place in sorted(places) if place >= 0 and lines[place : place + len(wanted)] == wanted]


def means_nothing(hunk):
    """Does it consist of comments and empty lines alone, in a place where these end or continue nothing?"""
    continued = any(line.endswith("\\") for line in hunk["before"][-1:] + hunk["was"] + hunk["is"])
    return not continued and all(COMMENT.fullmatch(line) for line in hunk["was"] + hunk["is"])


def identities(found, key=b""):
    """A name for each hunk, the same at every look; with a key where its lines must not be guessed from it."""
    texts = (json.dumps([hunk["was"], hunk["is"]]).encode() for hunk in found)
    names = [hmac.new(key, text, hashlib.sha256).hexdigest()[:16] for text in texts]
    earlier = [names[:place].count(name) for place, name in enumerate(names)]
    return [name + ("-%d" % count if count else "") for name, count in zip(names, earlier)]
