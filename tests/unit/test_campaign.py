"""The campaign that measures repairs: its edits, its judgement on what runs showed, its record, and its table."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from benchmarks.campaign import edits, results, table
from benchmarks.campaign.run import Run, from_json, is_named, judge, lost, to_json
from pyremediate.lab.mutation import choice
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
        "| rules on | 1-4 | 4 | 3 | 1 | 1 (33 %) | 1 (33 %) | 1 (33 %) | 2 | 31.5 | 0 | 0 | 0 | 0 | - | 1 of 1 |"
        in page
    )
    assert "| rules off | 9 | 1 | 1 | 1 | 0 (0 %) | 1 (100 %) | 0 (0 %) | - | - | 0 | 0 | 0 | 0 | - | 0 of 0 |" in page
    assert (
        "| 4 | `file.mode` /var/vmail: the mode was 0770, is 0000 | failed | said to be repaired, and mail does not flow |"
        in page
    )
    assert "| 2 | `file.mode` /var/vmail: the mode was 0770, is 0000 | escalated | nothing is left to try |" in page
    assert "| `file.mode` | 4 | 1 | 2 | 1 | 1 |" in page


def test_pairs_count_those_whose_both_causes_are_named() -> None:
    pair = replace(REPAIRED, pair=True, mutations=[*REPAIRED.mutations] * 2, named=[True, True])
    page = table.page([pair, replace(pair, seed=2, named=[True, False])])
    assert "1 of 2" in page
    assert "pairs, rules on" in page


def test_harmless_damage_that_was_acted_on_and_refused_damage_are_no_kinds_that_broke_mail() -> None:
    page = table.page([replace(HARMLESS, steps=1), replace(REPAIRED, seed=8, refused="not here")])
    assert "| `file.mode` | 0 | 0 | 0 | 0 | 1 |" in page
    assert "refused | not here" in page


def test_seeds_are_told_as_spans_and_shares_never_rounded_up() -> None:
    assert table.spans([7, 3, 4, 5, 9]) == "3-5, 7, 9"
    assert table.share(79, 80) == "79 (98 %)"
    assert table.share(0, 0) == "-"
    assert table.median([]) == "-"
