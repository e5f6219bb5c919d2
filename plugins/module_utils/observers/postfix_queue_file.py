# Copyright: The pyremediate maintainers
# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)
"""A queue file's envelope, read without Postfix's help: when Postfix is down nobody else can say whose mail it is.

A queue file is a sequence of records, each with its type, its length in groups of seven bits with the lowest first, and
its content (Postfix's rec_type.h): the envelope, the message's content, and what was extracted from its header.
"""

from __future__ import annotations

import re

LONGEST = 16384  # octets to read of each part
SUMMARY = 256  # octets in which size and arrival always are: they come first (cleanup(8), postdrop(1))
NUMBER = re.compile(r"\d+")
SIZE_AND_PLACE = re.compile(r"\s*(\d+)\s+(\d+)\s")
CONTENT = b"M"  # the record at which the message's content starts


def read_envelope(file):
    """Arrival, sender and recipients of a queue file: before the content, and behind it those found in its header."""
    found = {"arrived": None, "sender": "", "recipients": []}
    for type_, content in [*records(file.read(LONGEST)), *_behind_content(file)]:
        if type_ == "T" and NUMBER.match(content):
            found["arrived"] = int(NUMBER.match(content).group())
        elif type_ == "S":
            found["sender"] = content
        elif type_ == "R":
            found["recipients"].append(content)
    return found


def read_summary(octets):
    """(arrival in seconds since the epoch, size of the content) from the first ``SUMMARY`` octets; None for what is not told."""
    size = None
    for type_, content in records(octets):
        number = NUMBER.search(content)
        if type_ == "C" and number:
            size = int(number.group())
        elif type_ == "T" and number:
            return int(number.group()), size
    return None, size


def _behind_content(file):
    """The first record has the content's size and place; what was extracted follows (cleanup(8))."""
    file.seek(0)
    first = next((SIZE_AND_PLACE.match(content) for type_, content in records(file.read(LONGEST)) if type_ == "C"), None)
    if not first:
        return []
    file.seek(int(first.group(1)) + int(first.group(2)))
    return records(file.read(LONGEST))


def records(octets):
    """(type, content) of the records up to the message's content."""
    found, offset = [], 0
    while offset + 1 < len(octets) and octets[offset : offset + 1] != CONTENT:
        type_ = chr(octets[offset])
        length, offset = _length(octets, offset + 1)
        found.append((type_, octets[offset : offset + length].decode("utf-8", "replace")))
        offset += length
    return found


def _length(octets, offset):
    length, shift = 0, 0
    while offset < len(octets):
        length |= (octets[offset] & 0x7F) << shift
        offset += 1
        if not octets[offset - 1] & 0x80:
            break
        shift += 7
    return length, offset
