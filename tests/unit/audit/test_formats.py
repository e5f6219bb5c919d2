"""Every format tells the same audit; those that have a published schema are valid against it."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree

import jsonschema
import pytest

from pyremediate.audit.values import Audit
from pyremediate.cli.audit_formats import FORMATS, nagios, render
from tests.unit.audit.drifts import AUDIT, CLEAN

SCHEMAS = Path(__file__).parents[1] / "recorded" / "schemas"
DOCS = Path(__file__).parents[3] / "docs"
BOTH = pytest.mark.parametrize("audit", [AUDIT, AUDIT.changes(), CLEAN], ids=["drifted", "changes", "clean"])


@BOTH
def test_json_is_valid_against_its_published_schema(audit: Audit) -> None:
    jsonschema.validate(json.loads(render(audit, "json")), json.loads((DOCS / "audit.schema.json").read_text()))


def test_the_published_schema_refuses_what_the_product_does_not_say() -> None:
    schema, told = json.loads((DOCS / "audit.schema.json").read_text()), json.loads(render(AUDIT, "json"))
    told["targets"][0]["drifts"][0]["severity"] = "terrible"
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(told, schema)


@BOTH
def test_sarif_is_valid_against_the_schema_of_oasis(audit: Audit) -> None:
    jsonschema.validate(json.loads(render(audit, "sarif")), json.loads((SCHEMAS / "sarif-2.1.0.json").read_text()))


def test_sarif_has_a_rule_for_each_kind_and_suppresses_what_is_accepted() -> None:
    run = json.loads(render(AUDIT, "sarif"))["runs"][0]
    rules = [rule["id"] for rule in run["tool"]["driver"]["rules"]]
    assert rules == ["file", "package", "postfix.parameter"]
    assert all(rules[result["ruleIndex"]] == result["ruleId"] for result in run["results"])
    assert [result["ruleId"] for result in run["results"] if result["suppressions"]] == ["package"]
    assert [result["level"] for result in run["results"]] == ["error", "note", "error", "error"]


@BOTH
def test_junit_is_valid_against_the_schema_of_jenkins(audit: Audit) -> None:
    xmlschema = pytest.importorskip("xmlschema", reason="scripts/setup installs it")
    xmlschema.validate(render(audit, "junit"), str(SCHEMAS / "junit-10.xsd"))


def test_junit_counts_as_its_cases_say() -> None:
    for suite in ElementTree.fromstring(render(AUDIT, "junit")):
        told = {name: int(suite.get(name, "")) for name in ("tests", "failures", "errors", "skipped")}
        found = {name: len(suite.findall(f".//{tag}")) for name, tag in
                 (("tests", "testcase"), ("failures", "failure"), ("errors", "error"), ("skipped", "skipped"))}  # fmt: skip
        assert told == found


class Page(HTMLParser):
    """What a browser would load or run, and the text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.loaded: list[str] = []
        self.text = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.loaded += [str(value) for name, value in attributes if name in {"src", "href"} and not str(value).startswith("#")]
        assert not [name for name, _ in attributes if name.startswith("on")]

    def handle_data(self, data: str) -> None:
        self.text += data


@BOTH
def test_the_html_page_loads_nothing_and_runs_nothing(audit: Audit) -> None:
    page = Page(render(audit, "html"))
    assert page.loaded == []
    assert not {"script", "iframe", "img", "link", "b"} & set(page.tags)
    assert page.tags[0] == "html"
    assert {"title", "main", "h1", "caption"} <= set(page.tags)


def test_the_html_page_shows_the_diff_as_it_is() -> None:
    assert "+new | <script>alert(1)</script> |" in Page(render(AUDIT, "html")).text


def test_prometheus_has_no_timestamps_and_each_metric_its_type() -> None:
    text = render(AUDIT, "prometheus")
    samples = [line for line in text.splitlines() if not line.startswith("#")]
    assert all(re.fullmatch(r'[a-z_]+(\{([a-z]+="[^"]*",?)+\})? \d+', line) for line in samples), samples
    assert 'pyremediate_audit_drifts{host="mail01",severity="security"} 1' in samples
    assert 'pyremediate_audit_unknown{host="mail03"} 1' in samples
    assert "pyremediate_audit_last_run_timestamp_seconds 1795608000" in samples
    typed = re.findall(r"# TYPE (\S+) gauge", text)
    assert {re.split(r"[{ ]", line)[0] for line in samples} == set(typed) and len(typed) == len(set(typed))
    assert text.endswith("\n")


def test_the_nagios_line_is_one_and_the_worst_comes_first() -> None:
    line = render(AUDIT, "nagios")
    assert line.count("\n") == 1 and line.count("|") == 1
    assert line.startswith("AUDIT CRITICAL - mail01: mynetworks had gained 10.0.0.0/8 (security)")
    assert (nagios.status(AUDIT), nagios.status(CLEAN)) == (2, 0)


@pytest.mark.parametrize("name", FORMATS)
def test_each_format_names_the_host_and_withholds_secrets(name: str) -> None:
    text = render(AUDIT, name)
    assert "mail01" in text and "(withheld)" not in text


@pytest.mark.parametrize("name", ["text", "markdown", "html", "junit", "sarif", "json"])
def test_each_report_tells_sentence_reason_owner_and_diff(name: str) -> None:
    text = render(AUDIT, name)
    for words in ("mynetworks had gained 10.0.0.0/8", "may relay through this host now", "+mynetworks = 127.0.0.0/8 10.0.0.0/8"):
        assert words in text


@pytest.mark.parametrize("name", ["text", "markdown", "html", "json"])
def test_what_is_only_new_is_told_alone(name: str) -> None:
    text = render(AUDIT.changes(), name)
    assert "mynetworks" in text and "/etc/motd" not in text and "it had been so" in text


def test_the_tables_count() -> None:
    assert "| mail01 | drifted | 1 | 1 | 1 | 1 |" in render(AUDIT, "markdown")


def test_a_drift_that_was_told_before_still_makes_the_outcome() -> None:
    assert AUDIT.changes().outcome == AUDIT.outcome == "drifted"
    assert CLEAN.outcome == "clean"
