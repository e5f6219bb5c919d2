"""Values as short as a sentence can bear; the whole of each is in the difference. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

LONGEST = 120  # characters


def shortened(value: object) -> str:
    """In one line."""
    if isinstance(value, Mapping) or (isinstance(value, Sequence) and not isinstance(value, str)):
        value = " ".join(map(str, value.values() if isinstance(value, Mapping) else value))
    text = " ".join(str("nothing" if value is None or value == "" else value).split())
    return text if len(text) <= LONGEST else f"{text[:LONGEST]} …"
