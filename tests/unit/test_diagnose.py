"""Causes, not symptoms: with a small catalogue of its own, so that no change of the product's faults changes these."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from pyremediate.diagnosis import catalogue
from pyremediate.diagnosis.catalogue import Catalogue
from pyremediate.diagnosis.diagnose import Diagnosis, diagnose
from pyremediate.model import Difference, Leg, Look, State
from tests.unit.looks import NOON, leg, look


def fault(**fields: Any) -> dict[str, Any]:
    return {
        "title": "T", "severity": "high", "scope": "all", "when": ["flag"], "evidence": ["seen"], "escalate": ["ask"],
        "prevention": ["watch"],
    } | fields  # fmt: skip


def remedy(name: str = "start", **fields: Any) -> dict[str, Any]:
    return {"name": name, "class": "restart", "title": "T", "role": "services", "tasks": "start"} | fields


@pytest.fixture
def book(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Writes faults by code, and returns the catalogue of them."""
    monkeypatch.setattr(catalogue, "product_faults", lambda: tmp_path)

    def write(**faults: dict[str, Any]) -> Catalogue:
        for code, fields in faults.items():
            path = tmp_path / code.replace("__", "/") / "fault.yml"
            path.parent.mkdir(parents=True)
            path.write_text(yaml.safe_dump(fields))
        return catalogue.load()

    return write


def see(*flags: str, legs: tuple[Leg, ...] = (), differences: tuple[Difference, ...] = (), **sections: Any) -> Look:
    """A look in which these names of the section ``postfix`` are true and all others false."""
    postfix = dict.fromkeys("abc", False) | dict.fromkeys(flags, True)
    return look({"postfix": postfix, **sections}, legs, differences)


def codes(diagnosis: Diagnosis) -> list[str]:
    return [cause.code for cause in diagnosis.causes]


def test_a_healthy_look_matches_nothing_and_says_what_was_excluded(book: Any) -> None:
    diagnosis = diagnose(book(services__a=fault(when=["postfix.a"])), see())
    assert diagnosis == Diagnosis(excluded=("services/a",))


def test_what_no_mail_suffers_from_is_told_at_low_severity_and_left_alone(book: Any) -> None:
    faults = book(services__a=fault(when=["postfix.a"], impact=["postfix.b"], remedies=[remedy()], explains=["leg:*"]))
    (felt,) = diagnose(faults, see("a", "b")).causes
    (latent,) = diagnose(faults, see("a")).causes
    assert (felt.severity, len(felt.remedies)) == ("high", 1)
    assert (latent.severity, latent.remedies, latent.explains) == ("low", (), ())
    assert latent.skipped == (("start", "no mail suffers from it now, so no mail could prove that it is mended"),)


def test_what_no_mail_suffers_from_explains_nothing(book: Any) -> None:
    faults = book(
        services__a=fault(when=["postfix.a"], impact=["postfix.b"], explains=["services/c", "leg:*"]),
        services__c=fault(when=["postfix.c"]),
    )
    diagnosis = diagnose(faults, see("a", "c", legs=(leg("inbound.banner", "fail"),)))
    assert codes(diagnosis) == ["services/a", "services/c"]
    assert [each.name for each in diagnosis.unexplained] == ["banner"]


def test_where_it_cannot_be_told_whether_mail_suffers_the_fault_counts(book: Any) -> None:
    faults = book(services__a=fault(when=["postfix.a"], impact=["dovecot.b"], remedies=[remedy()]))
    (cause,) = diagnose(faults, see("a")).causes
    assert (cause.severity, len(cause.remedies)) == ("high", 1)


def test_all_conditions_must_hold(book: Any) -> None:
    faults = book(services__a=fault(when=["postfix.a", "postfix.b"]))
    assert codes(diagnose(faults, see("a"))) == []
    assert codes(diagnose(faults, see("a", "b"))) == ["services/a"]


def test_a_fault_that_another_match_explains_is_a_symptom(book: Any) -> None:
    faults = book(
        resources__full=fault(when=["postfix.a"], explains=["services/*"]), services__down=fault(when=["postfix.b"])
    )
    diagnosis = diagnose(faults, see("a", "b"))
    assert codes(diagnosis) == ["resources/full"]
    assert [(item.code, item.explained_by) for item in diagnosis.symptoms] == [("services/down", "resources/full")]
    assert diagnosis.names("services/down")
    assert codes(diagnose(faults, see("b"))) == ["services/down"]


def test_symptoms_of_symptoms_lead_back_to_the_first_cause(book: Any) -> None:
    faults = book(
        resources__full=fault(when=["postfix.a"], explains=["postfix/dead"]),
        postfix__dead=fault(when=["postfix.b"], explains=["services/down"]),
        services__down=fault(when=["postfix.c"]),
    )
    diagnosis = diagnose(faults, see("a", "b", "c"))
    assert codes(diagnosis) == ["resources/full"]
    assert {item.explained_by for item in diagnosis.symptoms} == {"resources/full"}


def test_independent_causes_come_from_the_ground_up(book: Any) -> None:
    faults = book(
        services__z=fault(when=["postfix.a"]), dns__y=fault(when=["postfix.a"]), resources__x=fault(when=["postfix.a"])
    )
    assert codes(diagnose(faults, see("a"))) == ["resources/x", "dns/y", "services/z"]


def test_among_equals_a_change_shortly_before_the_first_error_comes_first(book: Any) -> None:
    variables = {"postfix_differences": "{{ difference('file', '/b') }}"}
    faults = book(
        postfix__a=fault(when=["postfix.a"]),
        postfix__b=fault(when=["postfix.a"], remedies=[remedy(variables=variables)]),
    )
    changed = (Difference("file", "/b", "x", "y", since=NOON.replace(hour=11, minute=50)),)

    def order(first_problem: str | None) -> list[str]:
        log = {"problems": [], "first_problem": first_problem}
        return codes(diagnose(faults, see("a", differences=changed, log=log)))

    assert order("2026-11-25T11:55:00Z") == ["postfix/b", "postfix/a"]
    assert order("2026-11-25T09:00:00Z") == ["postfix/a", "postfix/b"]  # it failed before the change
    assert order(None) == ["postfix/a", "postfix/b"]


def test_what_was_not_observed_is_unknown_with_the_reason_and_never_excluded(book: Any) -> None:
    faults = book(services__a=fault(when=["dns.broken"]))
    diagnosis = diagnose(faults, see(dns=State.FAILED))
    assert diagnosis.excluded == ()
    assert [(item.code, item.reason) for item in diagnosis.unknown] == [
        ("services/a", "dns could not be observed: timed out")
    ]


def test_what_can_never_be_on_this_host_is_no_open_question(book: Any) -> None:
    faults = book(services__a=fault(when=["dovecot.broken"]))
    assert diagnose(faults, see(dovecot=State.UNAVAILABLE)).unknown == ()


def test_evidence_is_told_in_sentences_and_what_cannot_be_said_is_left_out(book: Any) -> None:
    faults = book(services__a=fault(when=["postfix.a"], evidence=["It is {{ postfix.a }}.", "{{ dns.x }}", "{{ '' }}"]))
    (cause,) = diagnose(faults, see("a")).causes
    assert cause.evidence == ("It is True.",)


def test_a_remedy_gets_its_variables_from_the_evidence(book: Any) -> None:
    changed = (Difference("postfix.parameter", "relayhost", "a", "b"),)
    variables = {"postfix_differences": "{{ difference('postfix.*') }}", "postfix_units": ["{{ host }}.service"]}
    faults = book(services__a=fault(when=["postfix.a"], remedies=[remedy(variables=variables)]))
    (cause,) = diagnose(faults, see("a", differences=changed)).causes
    assert cause.remedies[0].variables["postfix_units"] == ["mail01.service"]
    (difference,) = cause.remedies[0].variables["postfix_differences"]
    assert (difference["kind"], difference["is"]) == ("postfix.parameter", "b")


def test_a_remedy_that_does_not_apply_is_skipped_with_its_reason(book: Any) -> None:
    remedies = [
        remedy("false", when=["postfix.b"], otherwise="b is {{ postfix.b }}"),
        remedy("unsaid", when=["postfix.b"]),
        remedy("unseen", when=["dns.x"]),
        remedy("incomplete", variables={"x": "{{ dns.x }}"}),
        remedy("good"),
    ]
    (cause,) = diagnose(book(services__a=fault(when=["postfix.a"], remedies=remedies)), see("a")).causes
    assert [item.name for item in cause.remedies] == ["good"]
    assert dict(cause.skipped) == {
        "false": "b is False",
        "unsaid": "its condition does not hold: postfix.b",
        "unseen": "cannot be told: dns was not observed",
        "incomplete": "cannot be told: dns was not observed",
    }


def test_a_remedy_may_be_on_a_device_that_the_evidence_names(book: Any) -> None:
    given = fault(
        when=["postfix.a"],
        remedies=[
            remedy("there", on="{{ postfix.device }}"),
            remedy("nowhere", on="{{ postfix.none }}"),
            remedy("here"),
        ],
    )
    seen = look({"postfix": {"a": True, "device": "router01", "none": ""}})
    cause = diagnose(book(network__a=given), seen).causes[0]
    assert [(item.name, item.on) for item in cause.remedies] == [("there", "router01"), ("here", "")]
    assert cause.skipped == (("nowhere", "the network device on which it would be carried out is not known"),)


def test_without_a_last_known_good_a_rollback_is_skipped_for_that_reason(book: Any) -> None:
    faults = book(services__a=fault(when=["postfix.a"], remedies=[remedy(when=["difference('file')"])]))
    (cause,) = diagnose(faults, look({"postfix": {"a": True}}, known_good=False)).causes
    assert cause.skipped == (("start", "this host has no last known good"),)


def test_a_failing_leg_that_no_fault_accounts_for_stays_unexplained(book: Any) -> None:
    faults = book(services__a=fault(when=["postfix.a"], explains=["leg:submission.*"], legs=["inbound.connect"]))
    legs = (leg("inbound.connect", "fail"), leg("submission.auth", "fail"), leg("retrieval.auth", "fail"))
    assert diagnose(faults, see("a", legs=legs)).unexplained == (legs[2],)
    assert diagnose(faults, see(legs=legs)).unexplained == legs


def test_what_fails_after_the_first_failing_leg_follows_from_it(book: Any) -> None:
    faults = book(services__a=fault(when=["postfix.a"], legs=["inbound.connect"]))
    legs = (leg("inbound.banner", "fail"), leg("inbound.connect", "fail"), leg("inbound.banner", "fail", "other"))
    assert diagnose(faults, see("a", legs=legs)).unexplained == (legs[2],)
