"""What a host, a device or a board answers, without the passwords that it was asked with: an error may quote it. Pure."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

WITHHELD = "[withheld]"
WORDS = frozenset({"detail", "msg", "error", "notes"})  # of an answer: for people, and not names that something is known by
SECRET = re.compile(r"(?:password|passwd|passphrase|secret|hash_key)$", re.IGNORECASE)
SHORTEST = 4  # a shorter value is in half of all words
DROPPED = (0, 2, 3)  # characters of base64 that hold bits of what stands before, by how many bytes that are in a group of three


def secrets(value: Any) -> Iterator[str]:
    """The texts under secret names, wherever they are in what is asked."""
    if isinstance(value, Mapping):
        for key, item in value.items():
            if isinstance(item, str) and SECRET.search(str(key)):
                yield item
            else:
                yield from secrets(item)
    elif isinstance(value, (list, tuple)):
        for item in value:
            yield from secrets(item)


def without(answer: str, asked: Any) -> str:
    """An answer as JSON text; its words for people are without the secrets that are in what was asked."""
    spellings = [spelling for secret in secrets(asked) if len(secret) >= SHORTEST for spelling in _spellings(secret)]
    if not any(spelling in answer for spelling in spellings):
        return answer
    return json.dumps(_told(json.loads(answer), sorted(spellings, key=len, reverse=True)))


def _told(value: Any, spellings: Sequence[str], words: bool = False) -> Any:
    if isinstance(value, Mapping):
        return {key: _told(item, spellings, key in WORDS) for key, item in value.items()}
    if isinstance(value, list):
        return [_told(item, spellings, words) for item in value]
    if words and isinstance(value, str):
        for spelling in spellings:
            value = value.replace(spelling, WITHHELD)
    return value


def _spellings(secret: str) -> Iterator[str]:
    """As it is, as JSON has it, and in base64 (mail servers are told passwords so, RFC 4954), wherever in the text it begins."""
    yield from (secret, json.dumps(secret)[1:-1])
    for offset, dropped in enumerate(DROPPED):
        whole = base64.b64encode(bytes(offset) + secret.encode()).decode()
        ends_within = (offset + len(secret.encode())) % 3  # then the last characters hold bits of what follows
        known = whole[dropped : len(whole) - 4 if ends_within else None]
        if len(known) >= SHORTEST:
            yield known
