"""Choosing damage: seeded, pure, and well-formed for every kind, on the survey of a real host."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path
from random import Random

import pytest

from pyremediate import cli
from pyremediate.errors import UsageError
from pyremediate.lab.description import describe
from pyremediate.lab.mutation import choice, compare, host_apply, legal_values, record, verb
from pyremediate.lab.mutation.model import Mutation, from_json, swapped, to_json
from pyremediate.lab.mutation.survey import Survey
from tests.unit.surveys import recorded

VERBS = {"reload", "restart", "start"}
# The list of issue 9, as patterns of kinds.
WANTED = (
    r"postfix\.parameter\.(other_value|emptied|misspelt|duplicated)", r"master\.cf\.(line_commented|column_changed)",
    r"map\.(entry_changed|entry_deleted|stale)", r"file\.(owner|mode|immutable)", r"package\.file_(deleted|truncated)",
    r"(user|group)\.id_changed", r"user\.home_changed", r"unit\.(stopped|disabled|masked)",
    r"unit\.override\.(user|protect_system|limit_nofile|environment|exec_start_pre)", r"firewall\.rule", r"route\.removed",
    r"hosts\.entry", r"nsswitch", r"resolver\.address", r"certificate\.(other_key|other_name|expired)",
    r"directory\.dangling_link", r"port\.taken", r"limit\.(postfix|dovecot)",
)  # fmt: skip


@pytest.mark.parametrize("pattern", WANTED)
def test_every_sort_of_damage_that_is_wanted_exists(pattern: str) -> None:
    assert any(re.fullmatch(pattern, kind) for kind in choice.KINDS)


@pytest.mark.parametrize("kind", choice.KINDS)
def test_every_kind_is_possible_on_a_mail_host_and_well_formed(kind: str) -> None:
    for seed in range(30):
        (mutation,) = choice.choose(recorded(), seed, kinds=[kind])
        assert mutation.kind == kind
        assert mutation.target in mutation.sentence or mutation.kind.startswith(
            ("user", "group", "limit", "port", "firewall")
        )
        assert mutation.differences
        assert all(action["do"] in host_apply.DOERS for action in mutation.actions)
        assert {verb for verb, _ in mutation.load} <= VERBS
        assert {unit for _, unit in mutation.load} <= set(recorded().data["units"])


@pytest.mark.parametrize("kind", choice.KINDS)
def test_what_is_written_is_not_what_was_there(kind: str) -> None:
    for seed in range(30):
        (mutation,) = choice.choose(recorded(), seed, kinds=[kind])
        for action in mutation.actions:
            if action["do"] == "write":
                assert action["text"].splitlines() != recorded().lines(action["path"])


def test_the_same_survey_and_seed_give_the_same_damage_and_other_seeds_other() -> None:
    assert choice.choose(recorded(), 7, 3) == choice.choose(recorded(), 7, 3)
    assert len({choice.choose(recorded(), seed)[0].sentence for seed in range(60)}) > 40


def test_choosing_leaves_the_survey_as_it_was() -> None:
    before = json.dumps(recorded().data, sort_keys=True)
    for seed in range(40):
        choice.choose(recorded(), seed, 4)
    assert json.dumps(recorded().data, sort_keys=True) == before


def test_every_kind_is_drawn_about_as_often_as_every_other() -> None:
    drawn = [choice.choose(recorded(), seed)[0].kind for seed in range(580)]
    assert len(set(drawn)) == len(choice.KINDS)
    assert max(drawn.count(kind) for kind in choice.KINDS) < 30


def test_two_mutations_of_one_file_are_both_in_it() -> None:
    first, second = choice.choose(recorded(), 3, 2, ["postfix.parameter.deleted", "postfix.parameter.duplicated"])
    text = second.actions[0]["text"].splitlines()
    written = first.actions[0]["text"].splitlines()
    assert len(text) == len(recorded().lines("/etc/postfix/main.cf"))  # one line less, and one more
    assert text != written


def test_nothing_is_done_twice_to_a_file_that_another_mutation_removes_or_moves() -> None:
    for seed in range(60):
        chosen = choice.choose(recorded(), seed, 4, ["file", "directory", "map"])
        paths = [path for mutation in chosen for path in choice.touched(mutation)]
        assert len(paths) == len(set(paths))


def test_mail_is_never_deleted_or_cut_off() -> None:
    for kind in choice.KINDS:
        for seed in range(60):
            (mutation,) = choice.choose(recorded(), seed, kinds=[kind])
            gone = [
                action["path"] for action in mutation.actions if action["do"] in {"delete", "truncate", "copy", "write"}
            ]
            assert not [path for path in gone if path.startswith(("/var/spool", "/var/vmail"))]


def test_a_masked_unit_is_unmasked_before_it_is_started_again() -> None:
    (mutation,) = choice.choose(recorded(), 1, kinds=["unit.masked"])
    undone = [argv[1] for action in reversed(mutation.actions) for argv in action["undo"]]
    assert undone == ["unmask", "start"]


def test_the_lab_can_still_log_in() -> None:
    for seed in range(200):
        (mutation,) = choice.choose(recorded(), seed, kinds=["user", "group", "nsswitch", "firewall"])
        assert mutation.target not in {"root", "sshd"}
        assert not re.search(r": (passwd|group|shadow) is looked up", mutation.sentence)
        assert "output drops what no rule" not in mutation.sentence


def test_a_mutation_comes_back_from_its_record() -> None:
    for kind in choice.KINDS:
        (mutation,) = choice.choose(recorded(), 1, kinds=[kind])
        done = replace(mutation, undo=({"do": "run", "argv": ["true"]},))
        assert from_json(json.loads(json.dumps(to_json(done)))) == from_json(to_json(done))
        assert from_json(json.loads(json.dumps(to_json(done)))).undo == done.undo


def test_kinds_can_be_named_by_their_beginning_and_unknown_ones_are_told() -> None:
    assert choice.selected(["unit.override"]) == sorted(
        kind for kind in choice.KINDS if kind.startswith("unit.override.")
    )
    assert choice.selected([]) == sorted(choice.KINDS)
    with pytest.raises(UsageError, match="no such kind of mutation: nonsense; there is: postfix"):
        choice.selected(["unit", "nonsense"])


def test_a_host_without_what_could_be_damaged_is_told() -> None:
    bare = Survey({**recorded().data, "firewall": [], "routes": []})
    with pytest.raises(UsageError, match="only 0 of 1"):
        choice.choose(bare, 1, kinds=["firewall", "route"])


def test_the_command_line_shows_the_kinds_and_wants_a_host(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["lab", "mutate", "--list", "--kinds", "unit.override,port"]) == 0
    assert capsys.readouterr().out.splitlines()[0] == "port.taken"
    assert cli.run(["lab", "mutate", "--list"]) == 0
    assert capsys.readouterr().out.split() == sorted(choice.KINDS)
    assert cli.run(["lab", "mutate"]) == 2
    assert "which HOST?" in capsys.readouterr().err


def test_what_was_done_is_told_with_what_takes_it_away() -> None:
    (mutation,) = choice.choose(recorded(), 1, kinds=["file.mode"])
    undo = (
        {"do": "restore", "path": "/x", "mode": 0o640, "uid": 0, "gid": 8},
        {"do": "run", "argv": ["systemctl", "start", "postfix"]},
    )
    told = list(verb.told(5, [replace(mutation, undo=undo)]))
    assert told[0] == "seed 5"
    assert told[1] == f"file.mode: {mutation.sentence}"
    assert told[-2:] == ["    undo: restore /x (mode 0640, owner 0:8)", "    undo: systemctl start postfix"]


def test_the_record_is_private_and_its_last_entry_can_be_taken_away(tmp_path: Path) -> None:
    lab = replace(describe(2), directory=tmp_path)
    chosen = [choice.choose(recorded(), seed) for seed in (1, 2)]
    for mutations in chosen:
        file = record.write(lab, lab.hosts[0], 1, mutations)
    assert file.stat().st_mode & 0o777 == 0o600
    assert record.read(lab, lab.hosts[0])[-1][0].sentence == chosen[1][0].sentence
    record.forget_last(lab, lab.hosts[0])
    assert [mutations[0].sentence for mutations in record.read(lab, lab.hosts[0])] == [chosen[0][0].sentence]
    assert record.read(lab, lab.hosts[1]) == []


def test_other_values_are_legal_and_never_the_present_one() -> None:
    assert legal_values.other(recorded(), Random(1), "biff", "no") == "yes"
    assert legal_values.other(recorded(), Random(1), "smtpd_tls_security_level", "may") in {
        "",
        "none",
        "encrypt",
        "verify",
    }
    for name, value in recorded().data["postfix"]["set"].items():
        assert legal_values.other(recorded(), Random(2), name, value) != value


def test_a_mistyped_word_has_two_neighbours_swapped() -> None:
    assert sorted(swapped("lmtp", Random(3)) or "") == sorted("lmtp")
    assert swapped("lmtp", Random(3)) != "lmtp"
    assert swapped("aa", Random(1)) is None


def test_a_changed_text_differs_by_its_lines_alone() -> None:
    after = recorded().text_is("/etc/hosts", "\n".join([*recorded().lines("/etc/hosts"), "192.0.2.7 other"]) + "\n")
    assert compare.differences(recorded(), after) == {"file /etc/hosts line '192.0.2.7 other'": "absent → present"}
    assert compare.differences(recorded(), recorded()) == {}


def test_attributes_units_rules_and_routes_differ_each_by_its_name() -> None:
    data = json.loads(json.dumps(recorded().data))
    data["files"]["/var/vmail"]["mode"] = "0000"
    data["units"]["dovecot.service"]["active"] = "failed"
    data["firewall"].insert(3, "tcp dport 25 drop")
    route = data["routes"].pop(1)
    data["listeners"].pop("25")
    assert set(compare.differences(recorded(), Survey(data))) == {
        "file /var/vmail mode", "unit dovecot.service", "listener 25", f"route {route!r}",
        "firewall 'table inet filter chain input tcp dport 25 drop'",
    }  # fmt: skip


def test_an_index_that_was_made_anew_is_the_same() -> None:
    data = json.loads(json.dumps(recorded().data))
    data["files"]["/etc/postfix/virtual.db"]["digest"] = "another birth"
    assert compare.differences(recorded(), Survey(data)) == {}
    data["maps"]["/etc/postfix/virtual"].pop()
    assert len(compare.differences(recorded(), Survey(data))) == 1


def test_candidates_are_one_of_each_kind_in_the_order_of_the_seed() -> None:
    found = list(choice.candidates(recorded(), 7))
    assert found == list(choice.candidates(recorded(), 7))
    assert found != list(choice.candidates(recorded(), 8))
    assert found[0] == choice.choose(recorded(), 7)[0]
    assert len({mutation.kind for mutation in found}) == len(found) > 40


@pytest.mark.parametrize(
    ("target", "path", "apart"),
    [
        ("b", "/etc/b", True),
        ("a", "/etc/b", False),
        ("b", "/etc/a", False),
        ("b", "/etc/a.db", False),
        ("b", "/etc/a/below", False),
        ("b", "/etc", False),
        ("b", "/etc/ab", True),
    ],
)
def test_two_mutations_are_apart_when_neither_target_nor_place_is_the_same(target: str, path: str, apart: bool) -> None:
    one = Mutation("x", "a", "", (), ({"do": "write", "path": "/etc/a", "text": ""},))
    other = Mutation("y", target, "", (), ({"do": "delete", "path": path}, {"do": "run", "argv": ["true"]}))
    assert choice.apart(one, other) is apart
    assert choice.apart(other, one) is apart
