"""Keeps secrets out of the journal: by the names of keys, and by the values that are known to be secret.

Names are not enough: error texts quote the lines around an error, whatever ``no_log`` says.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from urllib.parse import quote

WITHHELD = "[withheld]"
SECRET_KEY = re.compile(r"(?:^|[_.\s-])(?:password|passwd|passphrase|secret|token_key|hash_key)$", re.IGNORECASE)
SECRET_VARIABLE = re.compile(r"(?:password|passwd|passphrase|secret|_pass)$", re.IGNORECASE)  # of an inventory
SHORTEST = 4  # a shorter value would be found in half of all words; it is withheld only where it stands alone


class Redactor:
    """Remembers secret values, and returns data without them."""

    def __init__(self) -> None:
        self._values: set[str] = set()

    def add(self, values: Iterable[str]) -> None:
        """More values that must not be written; of a text of several lines (a key) each line counts."""
        for value in values:
            self._values |= {value, *(line.strip() for line in value.splitlines() if len(line.strip()) >= 2 * SHORTEST)}
        self._values.discard("")

    def clean(self, value: Any) -> Any:
        """JSON data without secrets, and without numbers that JSON does not have."""
        if isinstance(value, str):
            return self._text(value)
        if isinstance(value, Mapping):
            return {
                self._text(str(key)): _withheld(item) if SECRET_KEY.search(str(key)) else self.clean(item)
                for key, item in value.items()
            }
        if isinstance(value, (list, tuple)):
            return [self.clean(item) for item in value]
        if isinstance(value, float) and not math.isfinite(value):
            return str(value)
        return value if value is None or isinstance(value, (bool, int, float)) else self._text(str(value))

    def _text(self, text: str) -> str:
        for secret in sorted(self._values, key=len, reverse=True):
            if len(secret) < SHORTEST:
                text = WITHHELD if text == secret else text
                continue
            for spelling in (secret, json.dumps(secret)[1:-1], quote(secret, safe="")):
                text = text.replace(spelling, WITHHELD)
        return text


def secret_values(value: Any) -> Iterator[str]:
    """The texts under secret names, wherever they are in JSON data (an inventory, say): what must not be told by value either."""
    if isinstance(value, Mapping):
        for key, item in value.items():
            if isinstance(item, str) and SECRET_VARIABLE.search(str(key)):
                yield item
            else:
                yield from secret_values(item)
    elif isinstance(value, (list, tuple)):
        for item in value:
            yield from secret_values(item)


def _withheld(value: Any) -> Any:
    """What stands under a secret name: every text in it is withheld; yes, no and nothing are not secrets."""
    if isinstance(value, Mapping):
        return {str(key): _withheld(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_withheld(item) for item in value]
    return value if value is None or value == "" or isinstance(value, bool) else WITHHELD
