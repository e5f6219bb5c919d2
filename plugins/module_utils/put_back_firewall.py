# Copyright: The pyremediate maintainers
# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)
"""The packet filter as it was: the whole ruleset, replaced in one transaction of the kernel (nft(8), -f)."""

from __future__ import annotations

import re
import tempfile

from ansible_collections.pyremediate.mail.plugins.module_utils.put_back_command import run

FLUSH = "flush ruleset\n"
DYNAMIC_SET = re.compile(r"^\s*flags [^\n]*\b(?:dynamic|timeout)\b", re.MULTILINE)
ELEMENTS = re.compile(r"\n\s*elements = \{[^}]*\}")
COUNTER = re.compile(r"\bcounter packets \d+ bytes \d+")
SET = re.compile(r"\n\t(?:set|map) [^\n]* \{\n.*?\n\t\}", re.DOTALL)


def text():
    """The ruleset without its counters. Raises ``OSError`` when it cannot be read."""
    done = run(["nft", "--stateless", "list", "ruleset"])
    if not done.ok:
        raise OSError("the packet filter cannot be read: " + done.words())
    return done.out


def look():
    """The state: equal for rulesets that filter alike."""
    return {"rules": normal(text())}


def normal(ruleset):
    """Without what changes by itself: counters, and the elements of sets that packets or programs fill; pure."""
    return SET.sub(_without_elements, COUNTER.sub("counter", ruleset)).strip()


def _without_elements(found):
    return ELEMENTS.sub("", found.group()) if DYNAMIC_SET.search(found.group()) else found.group()


def check(ruleset):
    """What the kernel says against loading it, without loading it; empty when it could be loaded."""
    return _nft(ruleset, ["--check"])


def put_back(ruleset):
    """Replace the ruleset; returns what went wrong, or nothing. The kernel takes all of it or nothing."""
    return _nft(ruleset, [])


def _nft(ruleset, options):
    """From a file in memory: a full disk must not keep a packet filter from being put back."""
    with tempfile.NamedTemporaryFile("w", prefix="pyremediate-", suffix=".nft", dir="/dev/shm") as file:
        file.write(FLUSH + ruleset)
        file.flush()
        done = run(["nft"] + options + ["--file", file.name])
    return "" if done.ok else done.words()
