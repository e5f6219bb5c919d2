# Copyright: The pyremediate maintainers
# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)
"""How one can log in: what sshd has for its configuration, includes and defaults filled in."""

from __future__ import annotations

from ansible_collections.pyremediate.mail.plugins.module_utils.observers.command import installed, run
from ansible_collections.pyremediate.mail.plugins.module_utils.observers.request import Unavailable


def observe(request, notes):
    """The section ``ssh``."""
    if not installed("sshd"):
        raise Unavailable("there is no sshd on this host")
    answer = run(["sshd", "-T"])  # reads the configuration and the host's keys, and starts nothing (sshd(8))
    if not answer.ok:
        notes.append(f"sshd -T: {answer.reason}")
    return {"effective": parse(answer.stdout) if answer.ok else None}


def parse(text):
    """{name: value, or the values of what may be there several times}."""
    found = {}
    for line in text.splitlines():
        name, _, value = line.partition(" ")
        found.setdefault(name, []).append(value)
    return {name: values[0] if len(values) == 1 else sorted(values) for name, values in found.items()}
