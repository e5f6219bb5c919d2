"""The pages in a real browser: no violation of accessibility, nothing cut off, nothing asked of anybody else."""

from __future__ import annotations

from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from pyremediate.cli.audit_formats import html as audit_page
from pyremediate.journal import Journal
from pyremediate.languages import LANGUAGES, Language
from pyremediate.review import formats
from pyremediate.review.build import build
from pyremediate.settings import ReviewTargets
from pyremediate.status_page import writing
from pyremediate.status_page.pages import Appearance, files
from pyremediate.trends import formats as trend_formats
from pyremediate.trends.build import trends
from tests.unit.audit.drifts import AUDIT
from tests.unit.incidents import record
from tests.unit.status_page.test_status import INBOUND, Story
from tests.unit.trends.test_trends import NOW, counted, incident

PHONE, DESKTOP = {"width": 360, "height": 740}, {"width": 1280, "height": 900}
PAGES = ("status-disrupted", "status-well", "review", "trends")


@pytest.fixture(scope="module")
def site(served: tuple[Path, str]) -> str:
    """Every page in every language, as ``<page>/<language>.html``; the address of it all."""
    directory, address = served
    disrupted = Story()
    disrupted.incident("a", 50, "repaired", INBOUND)
    disrupted.incident("b", 1, None, {"answer": "fail", "scope": "all"})
    shown = Appearance("A House With A Rather Long Name Ltd", "Helpdesk, +39 0471 123456", details=True)
    writing.write(directory / "status-disrupted", files(disrupted.told(), UTC, shown))
    writing.write(directory / "status-well", files(Story().told(first=NOW - timedelta(days=30)), UTC, Appearance()))
    with Journal.open(f"sqlite:///{directory}/journal.sqlite") as journal:
        entries = journal.entries(record(journal))
    review = build(entries, ReviewTargets())
    told = counted(*(incident(day + 1, "repaired", 7.0 * day + 3) for day in range(20)), incident(3.5, "escalated"))
    for code in LANGUAGES:
        for name, text in (
            ("review", formats.render(review, Language(code), "html").decode()),
            ("trends", trend_formats.render(told, Language(code), "html")),
        ):
            writing.write(directory / name, {f"{code}.html": text})
    writing.write(directory / "audit", {"en.html": audit_page.render(AUDIT)})
    return address


def violations(page) -> list[str]:
    from axe_playwright_python.sync_playwright import Axe

    found = Axe().run(page).response["violations"]
    return [f"{each['id']}: {node['html'][:200]}" for each in found for node in each["nodes"]]


def looked_at(browser, address: str, **how):
    """The page in a context of its own, and what it asked for beside itself and complained of."""
    context = browser.new_context(**how)
    page = context.new_page()
    others: list[str] = []
    page.on("request", lambda request: others.append(request.url) if request.url != address else None)
    page.on("console", lambda message: others.append(message.text))
    page.on("pageerror", lambda error: others.append(str(error)))
    page.goto(address)
    return context, page, others


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("viewport", [PHONE, DESKTOP], ids=["phone", "desktop"])
@pytest.mark.parametrize("name", [*PAGES, "audit"])
def test_a_page_is_accessible_and_loads_nothing_else(browser, site: str, name: str, viewport, scheme: str) -> None:
    context, page, others = looked_at(browser, f"{site}/{name}/en.html", viewport=viewport, color_scheme=scheme)
    with closing(context):
        assert violations(page) == []
        assert others == []
        background = page.evaluate("getComputedStyle(document.body).backgroundColor")
        assert (background == "rgb(255, 255, 255)") == (scheme == "light")


@pytest.mark.parametrize("code", LANGUAGES)
@pytest.mark.parametrize("name", PAGES)
def test_nothing_is_cut_off_at_the_width_of_a_phone_in_any_language(browser, site: str, name: str, code: str) -> None:
    context, page, _ = looked_at(browser, f"{site}/{name}/{code}.html", viewport=PHONE)
    with closing(context):
        assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
        assert violations(page) == []


@pytest.mark.parametrize("code", LANGUAGES)
@pytest.mark.parametrize("name", ["review", "trends"])
def test_no_word_of_a_picture_leaves_it_or_lies_on_another(browser, site: str, name: str, code: str) -> None:
    context, page, _ = looked_at(browser, f"{site}/{name}/{code}.html", viewport=DESKTOP)
    with closing(context):
        assert page.evaluate("""() => [...document.querySelectorAll("svg")].flatMap(svg => {
            const whole = svg.getBoundingClientRect(), texts = [...svg.querySelectorAll("text")];
            const boxes = texts.map(text => text.getBoundingClientRect());
            const out = texts.filter((_, i) => boxes[i].left < whole.left - 1 || boxes[i].right > whole.right + 1);
            const over = texts.filter((_, i) => boxes.some((box, j) => j > i && box.left < boxes[i].right - 1
                && box.right > boxes[i].left + 1 && box.top < boxes[i].bottom - 1 && box.bottom > boxes[i].top + 1));
            return [...out, ...over].map(text => text.textContent);
        })""") == []


@pytest.mark.parametrize(("spoken", "code"), [("fr-CH", "fr"), ("nl", "nl"), ("pt-BR", "pt"), ("ja-JP", "en")])
def test_the_status_page_speaks_the_language_of_the_browser(browser, site: str, spoken: str, code: str) -> None:
    context, page, _ = looked_at(browser, f"{site}/status-well/index.html", locale=spoken)
    with closing(context):
        page.wait_for_url(f"**/{code}.html")
        assert page.evaluate("document.documentElement.lang") == code


def test_without_scripts_every_language_is_one_link_away(browser, site: str) -> None:
    context, page, _ = looked_at(browser, f"{site}/status-well/index.html", java_script_enabled=False)
    with closing(context):
        for code, name in LANGUAGES.items():
            page.goto(f"{site}/status-well/index.html")
            page.get_by_role("link", name=name, exact=True).click()
            assert page.url.endswith(f"/{code}.html")
        page.get_by_role("link", name="Italiano", exact=True).click()
        assert page.url.endswith("/it.html")


def test_a_page_that_stays_open_shows_what_is_new(browser, served: tuple[Path, str]) -> None:
    directory, address = served
    writing.write(directory / "live", files(Story().told(), UTC, Appearance()))
    context = browser.new_context()
    with closing(context):
        page = context.new_page()
        page.clock.install()
        page.goto(f"{address}/live/en.html")
        assert page.get_by_role("heading", level=1).inner_text() == "No disruption is known"
        story = Story()
        story.incident("a", 1, None, INBOUND)
        writing.write(directory / "live", files(story.told(), UTC, Appearance()))
        page.clock.fast_forward(timedelta(seconds=61).seconds * 1000)
        page.get_by_role("heading", level=1, name="Mail is disrupted").wait_for()


def test_the_trends_of_an_empty_record_are_a_page_too(browser, served: tuple[Path, str]) -> None:
    directory, address = served
    none = trends([], NOW - timedelta(days=90), datetime(2026, 11, 26, tzinfo=UTC))
    writing.write(directory / "empty", {"en.html": trend_formats.render(none, Language("en"), "html")})
    context, page, _ = looked_at(browser, f"{address}/empty/en.html")
    with closing(context):
        assert violations(page) == []
