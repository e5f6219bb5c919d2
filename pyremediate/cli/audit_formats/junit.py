"""JUnit XML as Jenkins and GitLab read it: a suite for each host or device, a failure for each drift, an error for the unknown."""

from __future__ import annotations

import re
from xml.etree import ElementTree

from pyremediate.audit.values import Audit, Audited, Drift
from pyremediate.cli.audit_formats import words

NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # XML 1.0, section 2.2


def render(audit: Audit) -> str:
    """One document."""
    root = ElementTree.Element("testsuites", name="pyremediate audit")
    for target in audit.targets:
        _suite(root, target, f"{audit.audited_at:%Y-%m-%dT%H:%M:%S}")
    ElementTree.indent(root)
    return ElementTree.tostring(root, encoding="unicode", xml_declaration=True)


def _suite(root: ElementTree.Element, target: Audited, at: str) -> None:
    tests = max(1, len(target.drifts) + len(target.unknown))
    suite = ElementTree.SubElement(
        root,
        "testsuite",
        name=target.name,
        hostname=target.name,
        tests=str(tests),
        failures=str(len(target.counted)),
        errors=str(len(target.unknown)),
        skipped=str(len(target.drifts) - len(target.counted)),
        time=f"{target.seconds:.3f}",
        timestamp=at,
    )
    for drift in words.ordered(target):
        _drift(suite, drift, target.name)
    for number, reason in enumerate(target.unknown, 1):
        case = _case(suite, f"can be known ({number})" if len(target.unknown) > 1 else "can be known", target.name)
        _told(ElementTree.SubElement(case, "error", message=_clean(reason), type="unknown"), reason)
    if not target.drifts and not target.unknown:
        _case(suite, "is as its known good", target.name)


def _drift(suite: ElementTree.Element, drift: Drift, name: str) -> None:
    what = drift.difference
    case = _case(suite, f"{what.kind} {what.name} ({what.aspect})", f"{name}.{drift.owner}")
    if drift.accepted:
        ElementTree.SubElement(case, "skipped", message=_clean(f"accepted: {drift.accepted}"))
        return
    failure = ElementTree.SubElement(case, "failure", message=_clean(drift.sentence), type=str(drift.severity))
    _told(failure, "\n".join(part for part in (drift.reason, words.since(drift), *drift.present, drift.diff) if part))


def _case(suite: ElementTree.Element, name: str, of: str) -> ElementTree.Element:
    return ElementTree.SubElement(suite, "testcase", name=_clean(name), classname=_clean(of), time="0")


def _told(element: ElementTree.Element, text: str) -> None:
    element.text = _clean(text)


def _clean(text: str) -> str:
    return NOT_XML.sub("?", text)
