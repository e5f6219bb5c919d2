"""The campaign that measures repairs: its edits, its judgement on what runs showed, its record, and its table."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from benchmarks import mutations
from benchmarks.campaign import damage, edits, one_run, pairs, product, results, table
from benchmarks.campaign.run import Run, from_json, is_named, judge, lost, to_json
from pyremediate.errors import PyremediateError
from pyremediate.lab.description import Host, Lab, describe
from pyremediate.lab.mutation import choice, host, record
from pyremediate.lab.mutation.model import Mutation
from pyremediate.lab.mutation.survey import Survey
from tests.unit.surveys import recorded

RECORDED = Path(__file__).parent / "recorded" / "mutations"  # of seeds used while building
MODE = {"file /var/vmail mode": "0770 → 0000"}
REPAIRED = Run(
    seed=1, host="mail07", rules=True, pair=False,
    mutations=[{"kind": "file.mode", "target": "/var/vmail", "sentence": "/var/vmail: the mode was 0770, is 0000"}],
    edits=["/etc/hosts: 192.0.2.7 monitor.lab.test"], broken_by=["inbound.delivery from peer01"], outcome="repaired",
    trials=2, steps=3, seconds=31.5, flows=True, damage=MODE, changed={"file /var/vmail mode": "0000 → 0770"}, named=[True],
)  # fmt: skip
ESCALATED = replace(
    REPAIRED, seed=2, outcome="escalated", reason="nothing is left to try", flows=False, left=MODE, changed={}
)
HARMLESS = replace(REPAIRED, seed=3, broken_by=[], outcome="healthy", trials=0, steps=0, left=MODE, changed={})


@pytest.mark.parametrize("kind", edits.KINDS)
def test_every_edit_is_seen_when_it_is_there_and_missed_when_it_is_not(kind: str) -> None:
    seed = next(seed for seed in range(500) if edits.choose(recorded(), seed, 1)[0].change.kind == f"edit.{kind}")
    (edit,) = edits.choose(recorded(), seed, 1)
    assert not edits.kept(edit, recorded())
    assert edits.kept(edit, with_edit(edit))


def with_edit(edit: edits.Edit) -> Survey:
    """The survey of the host after the edit."""
    survey = choice.after(recorded(), edit.change)
    data: dict[str, Any] = {**survey.data}
    data["maps"] = {path: [*entries, edit.entry] for path, entries in data["maps"].items()}
    data["firewall"] = [*data["firewall"], "" if edit.path else edit.line]
    return Survey(data)


def test_edits_are_two_of_different_kinds_and_follow_the_seed_alone() -> None:
    for seed in range(40):
        chosen = edits.choose(recorded(), seed)
        assert len({edit.change.kind for edit in chosen}) == 2
        assert chosen == edits.choose(recorded(), seed)
    assert len({edit.change.kind for seed in range(40) for edit in edits.choose(recorded(), seed)}) == len(edits.KINDS)


def test_two_edits_of_one_file_are_both_in_it() -> None:
    seed = next(
        seed for seed in range(500)
        if {edit.change.kind for edit in edits.choose(recorded(), seed)} == {"edit.comment", "edit.message_size"}
    )  # fmt: skip
    first, second = edits.choose(recorded(), seed)
    survey = choice.after(choice.after(recorded(), first.change), second.change)
    assert edits.kept(first, survey) and edits.kept(second, survey)


@pytest.mark.parametrize(
    ("run", "word", "reason"),
    [
        (REPAIRED, "repaired", ""),
        (ESCALATED, "escalated", ""),
        (HARMLESS, "harmless", ""),
        (replace(REPAIRED, refused="chattr: Operation not permitted"), "refused", "chattr"),
        (replace(REPAIRED, flows=False), "failed", "mail does not flow"),
        (replace(REPAIRED, missing=["s1-0@stock.test"]), "failed", "1 messages lost"),
        (replace(REPAIRED, missing=["s1-0@stock.test"], hidden=["s1-0@stock.test"]), "failed", "1 messages lost"),
        (replace(REPAIRED, edits_undone=["/etc/hosts: x"]), "failed", "a legitimate edit was undone: /etc/hosts: x"),
        (replace(ESCALATED, missing=["s1-0@stock.test"], hidden=["s1-0@stock.test"]), "escalated", ""),
        (replace(ESCALATED, missing=["s1-0@stock.test"]), "failed", "lost"),
        (
            replace(ESCALATED, changed={"unit postfix.service": "a → b"}),
            "failed",
            "left changed: unit postfix.service: a → b",
        ),
        (replace(ESCALATED, outcome="undone"), "escalated", ""),
        (replace(REPAIRED, outcome="healthy", changed={}), "failed", "healthy"),
        (replace(REPAIRED, outcome="refused", reason="policy", changed={}), "failed", "refused: policy"),
        (replace(REPAIRED, outcome="not over after 1200 s"), "failed", "not over after 1200 s; left changed"),
        (
            replace(HARMLESS, outcome="repaired", changed=MODE, steps=1),
            "failed",
            "harmless, and acted on: file /var/vmail mode",
        ),
        (replace(HARMLESS, steps=2), "failed", "2 steps, all undone"),
        (
            replace(HARMLESS, outcome="escalated", reason="a rule matched"),
            "failed",
            "ended as escalated: a rule matched",
        ),
        (replace(HARMLESS, edits_undone=["x"]), "failed", "undone: x"),
    ],
)
def test_the_judgement_is_honest(run: Run, word: str, reason: str) -> None:
    assert judge(run).word == word
    assert reason in judge(run).reason


def test_runs_on_real_hosts_are_judged_by_what_they_left() -> None:
    verdicts = {run.key: judge(run) for run in results.read(RECORDED)}
    assert {key: verdict.word for key, verdict in verdicts.items()} == {
        (1, True, False): "harmless", (3, True, False): "repaired", (6, True, False): "failed", (7, True, False): "repaired",
        (12, False, False): "repaired", (12, True, True): "repaired",
    }  # fmt: skip
    assert "a legitimate edit was undone: /etc/aliases: backup-report" in verdicts[6, True, False].reason
    assert "file /etc/postfix/main.cf line 'soft_bounce = yes': absent → present" in verdicts[6, True, False].reason
    page = table.page(results.read(RECORDED))
    assert "| rules on | 1, 3, 6-7 | 4 | 3 | 3 | 2 (66 %) | 0 (0 %) | 1 (33 %) |" in page


def test_a_message_that_the_damage_hid_is_lost_only_if_a_repair_leaves_it_hidden() -> None:
    hidden = {"missing": ["a", "b"], "hidden": ["a"]}
    assert lost(replace(REPAIRED, **hidden)) == ["a", "b"]  # type: ignore[arg-type]
    assert lost(replace(ESCALATED, **hidden)) == ["b"]  # type: ignore[arg-type]


def test_a_difference_is_foreign_unless_the_damage_made_it() -> None:
    left = {**MODE, "file /etc/x type": "absent → file"}
    assert replace(REPAIRED, left=left).foreign == {"file /etc/x type": "absent → file"}
    assert replace(
        REPAIRED, left={"file /var/vmail mode": "0770 → 0777"}
    ).foreign  # damaged, and then made a third thing


def test_damage_that_no_mail_needs_is_told_from_what_the_fix_did() -> None:
    run = replace(REPAIRED, left={**MODE, "file /etc/x type": "absent → file"})
    assert run.remaining == MODE
    assert "| 1 | 1 | 0 | - | 0 of 0 |" in table.page([run])


def test_a_target_is_named_by_causes_and_kept_steps_and_not_by_what_a_step_saved() -> None:
    cause = {
        "code": "milter/rspamd_stopped",
        "title": "rspamd does not run",
        "evidence": ["rspamd.service is inactive"],
    }
    step = {
        "state": "kept",
        "cause": "difference/file /etc/group",
        "reason": "",
        "remedy": {"title": "Put it back", "checkpoint": {"units": ["x"]}},
    }
    outcome = {"causes": [cause], "actions": [step]}
    assert is_named("rspamd.service", outcome)
    assert is_named("/etc/group", outcome)
    assert not is_named("x", outcome)
    assert not is_named("/etc/group", {"actions": [{**step, "state": "undone"}]})
    assert not is_named("smtpd", {"causes": [{**cause, "title": "smtpd_milters is empty"}]})


def test_a_campaign_goes_on_where_it_was_even_after_a_line_that_was_cut_off(tmp_path: Path) -> None:
    results.append(tmp_path, ESCALATED)
    results.append(tmp_path, HARMLESS)
    file = tmp_path / "runs.jsonl"
    file.write_text(file.read_text()[:-20])
    results.append(tmp_path, REPAIRED)
    assert [(run.seed, judge(run).word) for run in results.read(tmp_path)] == [(1, "repaired"), (2, "escalated")]
    assert results.read(tmp_path / "nowhere") == []


def test_a_run_that_was_made_again_counts_once(tmp_path: Path) -> None:
    results.append(tmp_path, ESCALATED)
    results.append(tmp_path, replace(ESCALATED, host="mail09"))
    assert [run.host for run in results.read(tmp_path)] == ["mail09"]


def test_a_run_comes_back_from_its_line_and_is_judged_anew() -> None:
    assert to_json(ESCALATED)["verdict"] == {"word": "escalated", "reason": ""}
    assert from_json(to_json(ESCALATED)) == ESCALATED


def test_the_table_tells_shares_medians_seeds_and_every_failure_with_its_reason() -> None:
    failed = replace(REPAIRED, seed=4, flows=False)
    off = replace(ESCALATED, seed=9, rules=False)
    page = table.page([REPAIRED, ESCALATED, HARMLESS, failed, off])
    assert (
        "| rules on | 1-4 | 4 | 3 | 1 | 1 (33 %) | 1 (33 %) | 1 (33 %) | 2 | 31.5 |"
        " beside others: nobody 31.5 (1) | 0 | 0 | 0 | 0 | - | 1 of 1 |"
        in page
    )
    assert (
        "| rules off | 9 | 1 | 1 | 1 | 0 (0 %) | 1 (100 %) | 0 (0 %) | - | - | - | 0 | 0 | 0 | 0 | - | 0 of 0 |" in page
    )
    assert (
        "| 4 | `file.mode` /var/vmail: the mode was 0770, is 0000 | failed | said to be repaired, and mail does not flow |"
        in page
    )
    assert "| 2 | `file.mode` /var/vmail: the mode was 0770, is 0000 | escalated | nothing is left to try |" in page
    assert "| `file.mode` | 4 | 1 | 2 | 1 | 1 |" in page


def test_pairs_count_the_repaired_ones_whose_both_causes_are_named() -> None:
    pair = replace(REPAIRED, pair=True, mutations=[*REPAIRED.mutations] * 2, named=[True, True])
    escalated = replace(pair, seed=3, outcome="escalated", changed={}, named=[False, False])
    page = table.page([pair, replace(pair, seed=2, named=[True, False]), escalated])
    assert "| 1 of 2 | 0 of 0 |" in page
    assert "pairs, rules on" in page


def test_the_seconds_are_told_apart_by_who_found_the_causes() -> None:
    rule, search = (
        "milter/rspamd_stopped: rspamd does not run",
        "difference/file /etc/hosts: /etc/hosts: content changed",
    )
    runs = [
        replace(REPAIRED, causes=[rule], seconds=7.0), replace(REPAIRED, causes=[rule], seconds=9.0),
        replace(REPAIRED, causes=[search], seconds=24.0), replace(REPAIRED, causes=[rule, search], seconds=31.0),
    ]  # fmt: skip
    assert table.by_finder(runs) == "rules 8 (2), search 24 (1), both 31 (1)"
    assert table.by_finder([]) == "-"
    alone = [replace(run, alone=True) for run in runs[:1]]
    assert table.by_company([*alone, *runs[2:]]).startswith("alone: rules ") and table.by_company([]) == "-"


def test_harmless_damage_that_was_acted_on_and_refused_damage_are_no_kinds_that_broke_mail() -> None:
    page = table.page([replace(HARMLESS, steps=1), replace(REPAIRED, seed=8, refused="not here")])
    assert "| `file.mode` | 0 | 0 | 0 | 0 | 1 |" in page
    assert "refused | not here" in page


def test_seeds_are_told_as_spans_and_shares_never_rounded_up() -> None:
    assert table.spans([7, 3, 4, 5, 9]) == "3-5, 7, 9"
    assert table.share(79, 80) == "79 (98 %)"
    assert table.share(0, 0) == "-"
    assert table.median([]) == "-"


SEED = 42
CANDIDATES = list(choice.candidates(recorded(), SEED))


def test_a_pair_is_the_first_two_candidates_that_break_mail_and_are_apart() -> None:
    first, beside, second, other = (_mutation("a"), _mutation("a", "/other"), _mutation("b"), _mutation("c"))
    assert pairs.two_that_break([other, first, beside, second], lambda tried: tried != other) == (first, second)


def test_a_candidate_that_is_not_apart_from_the_first_is_not_even_tried() -> None:
    tried = []
    pairs.two_that_break([_mutation("a"), _mutation("a"), _mutation("b")], lambda item: not tried.append(item.target))  # type: ignore[func-returns-value]
    assert tried == ["a", "b"]


@pytest.mark.parametrize(("breaking", "words"), [([], "none breaks mail"), (["a"], "only file.mode a breaks mail")])
def test_a_seed_without_a_pair_says_why(breaking: Sequence[str], words: str) -> None:
    candidates = [_mutation("a"), *(_mutation(f"b{number}") for number in range(50))]
    tried = []

    def breaks(item: Mutation) -> bool:
        tried.append(item)
        return item.target in breaking

    with pytest.raises(pairs.NoPair, match=words):
        pairs.two_that_break(candidates, breaks)
    assert len(tried) == pairs.CANDIDATES


def _mutation(target: str, path: str = "") -> Mutation:
    return Mutation("file.mode", target, "", (), ({"do": "write", "path": path or f"/{target}", "text": ""},))


@pytest.fixture
def fresh(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What the campaign does to a host whose mail breaks by the third and the fifth candidate."""
    did: list[str] = []
    breaking = {CANDIDATES[2].target, CANDIDATES[4].target}

    def apply(lab: Lab, target: Host, mutations: Sequence[Mutation]) -> tuple[Mutation, ...]:
        did.append(" + ".join("edits" if item.kind.startswith("edit.") else item.target for item in mutations))
        if mutations[0] == CANDIDATES[0]:
            raise host.NotApplied("not here")
        return tuple(mutations)

    def outcome(verb: Sequence[str], name: str) -> dict[str, Any]:
        answer = "fail" if did[-1] in breaking else "pass"
        return {"verification": [{"name": "inbound.delivery from peer01", "answer": answer}]}

    monkeypatch.setattr(host, "apply", apply)
    monkeypatch.setattr(host, "survey", lambda *_: recorded())
    monkeypatch.setattr(host, "python", lambda *_: {"ids": ["s42-0@stock.test"], "error": ""})
    monkeypatch.setattr(product, "expect", lambda words: did.append("reset"))
    monkeypatch.setattr(product, "outcome", outcome)
    monkeypatch.setattr(record, "write", lambda *_: None)
    return did


def test_each_candidate_and_the_pair_itself_are_done_to_a_host_that_shows_nothing_of_the_others(
    fresh: list[str],
) -> None:
    lab = describe()
    found = damage.done(lab, lab.host("mail01"), SEED, pair=True, kinds=())
    assert [item.target for item in found.mutations] == [CANDIDATES[2].target, CANDIDATES[4].target]
    steps = [step for step in fresh if not step.startswith("edits")]
    tried = [target for candidate in CANDIDATES[:5] for target in ("reset", candidate.target)]
    assert steps == ["reset", *tried, "reset", f"{CANDIDATES[2].target} + {CANDIDATES[4].target}"]


def test_a_campaign_on_two_hosts_makes_every_seed_once_and_stops_when_enough_broke(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def make(lab: Lab, target: Host, plan: one_run.Plan) -> Run:
        return replace(REPAIRED if plan.seed % 2 else HARMLESS, seed=plan.seed, host=target.name, rules=plan.rules)

    monkeypatch.setattr(one_run, "make", make)
    lab = describe()
    campaign = mutations.Campaign(rules=True, pair=False, breaking=6, first_seed=100)
    results.append(tmp_path, replace(REPAIRED, seed=101))
    mutations.carry_out(campaign, lab, [lab.host("mail01"), lab.host("mail02")], tmp_path)
    lines = [json.loads(line) for line in (tmp_path / "runs.jsonl").read_text().splitlines()]
    seeds = sorted(line["seed"] for line in lines)
    assert seeds == list(range(100, 100 + len(seeds)))  # 101 was there, and was not made again
    broken = sum(run.breaking for run in results.read(tmp_path))
    assert 6 <= broken <= 7  # what the other host had begun is brought to its end


def test_with_the_rules_off_the_damage_that_broke_mail_with_them_on_comes_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(one_run, "make", lambda _lab, _host, plan: replace(REPAIRED, seed=plan.seed, rules=plan.rules))
    for run in (replace(REPAIRED, seed=101), replace(HARMLESS, seed=102), replace(REPAIRED, seed=104)):
        results.append(tmp_path, run)
    lab = describe()
    mutations.carry_out(mutations.Campaign(False, False, 3, 100), lab, [lab.host("mail01")], tmp_path)
    made = [json.loads(line) for line in (tmp_path / "runs.jsonl").read_text().splitlines()]
    assert [run["seed"] for run in made if not run["rules"]] == [101, 104, 100]


def test_a_lab_that_works_again_after_a_while_costs_no_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    refusals = iter([PyremediateError("mail01 is being worked on")] * (mutations.ATTEMPTS - 1))

    def make(lab: Lab, target: Host, plan: one_run.Plan) -> Run:
        for refusal in refusals:
            raise refusal
        return replace(REPAIRED, seed=plan.seed)

    monkeypatch.setattr(one_run, "make", make)
    monkeypatch.setattr(mutations, "PAUSE_SECONDS", 0)
    lab = describe()
    campaign = mutations.Campaign(rules=True, pair=False, breaking=1, first_seed=100)
    mutations.carry_out(campaign, lab, [lab.host("mail01")], tmp_path)
    assert [run.seed for run in results.read(tmp_path)] == [100]


def test_what_the_product_said_is_kept_beside_the_runs_and_bounded(tmp_path: Path) -> None:
    results.keep(
        tmp_path, ESCALATED, {"fix": {"outcome": "escalated"}, "report": "x" * results.MOST_CHARACTERS + "the end"}
    )
    text = (tmp_path / "evidence" / "2-on.txt").read_text()
    assert [part for part in ("run", "fix", "report") if f"==== {part} ====" in text] == ["run", "fix", "report"]
    assert '"file /var/vmail mode": "0770 → 0000"' in text
    assert "[… 7 characters …]" in text
    assert text.endswith("the end\n")
