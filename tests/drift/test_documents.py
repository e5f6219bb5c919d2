"""What the documents say is what the code does."""

from __future__ import annotations

import re
from pathlib import Path

from pyremediate import settings
from pyremediate.audit import values
from pyremediate.errors import PyremediateError, Refused, Undetermined, UsageError
from pyremediate.model import EXIT_STATUS

DOCS = Path(__file__).resolve().parents[2] / "docs"


def test_the_published_schema_is_that_of_the_settings() -> None:
    """Mend: python -m pyremediate.settings > docs/settings.schema.json"""
    assert (DOCS / "settings.schema.json").read_text() == settings.schema()


def test_the_exit_statuses_are_documented() -> None:
    table = (DOCS / "exit-status.md").read_text().split("`pyremediate check --nagios`")[0]
    rows = re.findall(r"^\| (\d+) \| .* \| (.*?) ?\|$", table, re.MULTILINE)
    documented = {outcome: int(status) for status, outcomes in rows for outcome in re.findall(r"`(\w+)`", outcomes)}
    assert documented == {**EXIT_STATUS, **values.EXIT_STATUS}
    errors = {error.exit_status for error in (PyremediateError, UsageError, Undetermined, Refused)}
    assert errors | {0, values.EXIT_STATUS[values.UNAPPROVED], 130} == {int(status) for status, _ in rows}
