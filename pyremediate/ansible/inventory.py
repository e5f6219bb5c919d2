"""The inventory as Ansible reads it, and Ansible's complaints in one sentence."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from pyremediate.ansible.options import environment, vault_options
from pyremediate.errors import UsageError
from pyremediate.request import AnsibleOptions


def inventory_hosts(options: AnsibleOptions) -> Mapping[str, Any]:
    """The inventory as Ansible reads it (``ansible-inventory --list``): for error messages and connection details.

    Raises ``UsageError`` with Ansible's own words when it cannot be read.
    """
    line = [str(Path(sys.executable).parent / "ansible-inventory"), "--list"]
    for inventory in options.inventory:
        line += ["-i", inventory]
    line += vault_options(options)
    found = subprocess.run(
        line, capture_output=True, text=True, timeout=60, check=False, env={**os.environ, **environment(options)}
    )
    if found.returncode:
        raise UsageError(first_complaint([plain(found.stderr)]))
    listing: Mapping[str, Any] = json.loads(found.stdout)
    return listing


def members(group: str, listing: Mapping[str, Any]) -> Iterator[str]:
    """The hosts in a group of such a listing, and in the groups beneath it."""
    here = listing.get(group, {})
    yield from here.get("hosts", ())
    for child in here.get("children", ()):
        yield from members(child, listing)


def plain(text: str) -> str:
    """Without terminal colours."""
    return re.sub(r"\x1b\[[0-9;]*[A-Za-z]", "", text).strip()


def first_complaint(messages: list[str]) -> str:
    """The sentence that says what Ansible did not like, without its marker."""
    text = "\n".join(messages)
    for marker in ("[ERROR]: ", "ERROR! "):
        if marker in text:
            return text.split(marker, 1)[1].split("\n\n")[0].replace("\n", " ").strip()
    return " ".join(text.split())[:500]
