"""Calendar expressions in cron's five fields, held against systemd's own reader where there is one."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime

import pytest

from pyremediate.schedule import calendar, crontab

EXPRESSIONS = {
    "*:0/15": "0,15,30,45 * * * *",
    "hourly": "0 * * * *",
    "daily": "0 0 * * *",
    "weekly": "0 0 * * 1",
    "quarterly": "0 0 1 1,4,7,10 *",
    "Mon..Fri 03:00": "0 3 * * 1,2,3,4,5",
    "Fri..Sun *-*-* 22:30:00": "30 22 * * 0,5,6",
    "Sunday,Wed 06..08:05": "5 6,7,8 * * 0,3",
    "*-*-1,15 04:00": "0 4 1,15 * *",
    "02-29 12:00": "0 12 29 2 *",
    "8..18/5:10/20": "10,30,50 8,13,18 * * *",
    "*-*-*": "0 0 * * *",
}
MOMENTS = ("2026-11-26T03:00:00", "2026-12-31T23:59:59", "2028-02-28T12:00:01")


@pytest.mark.parametrize(("expression", "fields"), EXPRESSIONS.items())
def test_a_calendar_expression_has_its_five_fields(expression: str, fields: str) -> None:
    assert str(crontab.times(expression)) == fields


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="systemd's reader is not here")
@pytest.mark.parametrize("moment", MOMENTS)
@pytest.mark.parametrize("expression", EXPRESSIONS)
def test_the_next_time_is_the_one_that_systemd_tells(
    expression: str, moment: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TZ", "UTC")
    after = datetime.fromisoformat(f"{moment}+00:00")
    mine = crontab.times(expression).next_after(after.replace(tzinfo=None))
    assert mine and mine.replace(tzinfo=UTC) == calendar.next_after(expression, after)


def test_a_day_that_no_year_has_never_comes() -> None:
    assert crontab.times("02-30 12:00").next_after(datetime(2026, 11, 26)) is None


@pytest.mark.parametrize(
    ("expression", "why"),
    [
        ("*:*:0/10", "no seconds"),
        ("2027-*-* 03:00", "no years"),
        ("Mon *-*-01 03:00", "not both"),
        ("*-*~1 03:00", "what is"),
        ("25:00", "not within 0..23"),
        ("daily UTC", "what is UTC?"),
        ("Mon-Fri 03:00", "what is Mon-Fri?"),
        ("Sat..Mon 03:00", "ends before it begins"),
        ("1-2-3-4", "what is 1-2-3-4?"),
        ("*:0/0", "what is 0/0?"),
    ],
)
def test_what_cron_cannot_say_is_refused_with_the_reason(expression: str, why: str) -> None:
    with pytest.raises(ValueError, match=why.replace("?", r"\?").replace(".", r"\.")):
        crontab.times(expression)
