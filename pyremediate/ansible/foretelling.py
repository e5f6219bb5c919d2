"""What somebody's own playbook would change: its run in check mode, which ends before a task that would run for real.

The callback ``foretell`` of the collection watches over the run, and writes down what each task says.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from pyremediate.ansible import plays
from pyremediate.ansible.inventory import first_complaint
from pyremediate.errors import UsageError
from pyremediate.request import AnsibleOptions

CALLBACK = "pyremediate.mail.foretell"
MEND = "take that out; or give --trust-reads, by which tasks run that say changed_when: false, too"


@dataclass(frozen=True)
class Said:
    """What one task said on one host, in check mode."""

    host: str
    status: str  # ok, skipped, ignored, failed, unreachable
    task: str
    at: str  # file:line
    action: str
    handler: bool
    changed: bool
    items: tuple[Mapping[str, Any], ...]  # one, or one for each turn of its loop


@dataclass(frozen=True)
class Foretold:
    """``ended``: by host, how many tasks failed, could not be reached and so on; a host is not in it when the time was over."""

    playbook: Path
    said: tuple[Said, ...] = ()
    ended: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    seconds: float = 0.0  # the time that it was given

    @property
    def hosts(self) -> tuple[str, ...]:
        """Those that it is about."""
        return tuple(dict.fromkeys([*(each.host for each in self.said), *self.ended]))


def foretell(playbook: Path, hosts: str, options: AnsibleOptions, seconds: float, trust_reads: bool) -> Foretold:
    """Run it in check mode on the hosts that match. Changes nothing.

    Raises ``UsageError`` with file and line for a task that would run for real, and for what Ansible refuses: a file that is
    missing or no playbook, or that is about none of these hosts.
    """
    if not playbook.is_file():
        raise UsageError(f"{playbook}: there is no such playbook")
    with plays.private_directory("foretell") as directory:
        path = directory / "said"
        environment = {
            "ANSIBLE_CALLBACKS_ENABLED": CALLBACK,
            "PYREMEDIATE_FORETOLD": str(path),
            "PYREMEDIATE_TRUST_READS": str(trust_reads),
        }
        play = plays.Play(
            playbook=playbook.name,
            variables={},
            options=replace(options, check=True, diff=True, verbosity=0),
            timeout=seconds,
            file=playbook.resolve(),
            limit=hosts,
            environment=environment,
        )
        try:
            result = plays.run(play)
            lines = list(_lines(path))
        except UsageError as error:
            raise _refusal(playbook, list(_lines(path))) or UsageError(f"{playbook}: {error}") from error
    if refused := _refusal(playbook, lines):
        raise refused
    if result.status == "failed" and not result.stats_seen:
        raise UsageError(f"{playbook}: {first_complaint(list(result.messages))}")
    said = tuple(Said(**{**line, "items": tuple(line["items"])}) for line in lines if "host" in line)
    ended: Mapping[str, Mapping[str, int]] = next((line["ended"] for line in lines if "ended" in line), {})
    if result.status == "timeout" and not said:
        raise UsageError(f"{playbook}: it had not begun after {seconds:g} s; raise timeouts.playbook in the settings")
    if not said and not ended:
        raise UsageError(f"{playbook}: none of its plays is about {hosts}; name other hosts with --host or --limit")
    return Foretold(playbook, said, ended, seconds)


def _refusal(playbook: Path, lines: list[Mapping[str, Any]]) -> UsageError | None:
    reasons = next((line["refused"] for line in lines if "refused" in line), ())
    told = f"{playbook} was not run to its end, and nothing was changed: {'; '.join(reasons)}; {MEND}"
    return UsageError(told) if reasons else None


def _lines(path: Path) -> Iterator[Mapping[str, Any]]:
    """What the callback wrote; the last line may have been cut off when the time was over."""
    for text in path.read_text().splitlines(keepends=True) if path.exists() else ():
        if text.endswith("\n"):
            yield json.loads(text)
