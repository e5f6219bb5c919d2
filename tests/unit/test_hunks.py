"""Changed contents become places, and each is put back alone: question, answer and way back on files of this test's own."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.pyremediate.mail.plugins.module_utils import checkpoint_known_good as known_good
from ansible_collections.pyremediate.mail.plugins.module_utils import checkpoint_snapshot as snapshot
from ansible_collections.pyremediate.mail.plugins.module_utils import checkpoint_store as stores
from ansible_collections.pyremediate.mail.plugins.module_utils import hunks_probe
from ansible_collections.pyremediate.mail.plugins.module_utils import put_back_apply as applying
from ansible_collections.pyremediate.mail.plugins.module_utils import put_back_firewall as firewall
from ansible_collections.pyremediate.mail.plugins.module_utils.put_back_wishes import Unwished, wishes_of

from pyremediate.ansible.results import Result, TaskResult
from pyremediate.known_good.hosts import Captured
from pyremediate.known_good.keeping import keep
from pyremediate.known_good.writing import Approval
from pyremediate.looking import hunks
from pyremediate.looking.hunks import replaced
from pyremediate.model import Difference, Look, to_json
from pyremediate.request import AnsibleOptions, Request
from pyremediate.settings import Settings
from tests.unit.looks import evidence

WAS = "grüße@lab.test a\nalice@lab.test b\n\n# list\nbob@lab.test c\ncarol@lab.test d\n"
NOW = "grüße@lab.test a\nalice@lab.test x\n\n# lists\nbob@lab.test c\ncarol@lab.test d\ndave@lab.test e\n"


@pytest.fixture(autouse=True)
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stores, "PERSISTENT", str(tmp_path / "lib"))


@pytest.fixture
def table(tmp_path: Path) -> Path:
    path = tmp_path / "virtual"
    path.write_text(NOW)
    return path


def content(path: Path, secret: bool = False) -> Difference:
    return Difference("file", str(path), "sha256:aa", "sha256:bb", "content", secret=secret)


def asked(path: Path, was: str | None = WAS, digest: str | None = None) -> tuple[Difference, ...]:
    given = {} if was is None else {"content": base64.b64encode(was.encode()).decode()}
    answer = hunks_probe.answer({"files": [{"path": str(path), "digest": digest, **given}]})
    other = Difference("postfix.parameter", "relayhost", "", "evil")
    found = replaced([other, content(path, was is None)], answer["files"])
    assert found[0] == other
    return found[1:]


def put_back(difference: Difference, digest: str | None = None) -> None:
    changes = applying.changes_of(wishes_of([dict(to_json(difference), digest=digest)]))
    applying.carry_out(changes, "/nowhere")
    assert applying.unfulfilled(changes) == []


def test_each_changed_place_is_a_difference_with_its_lines(table: Path) -> None:
    found = asked(table)
    assert [(item.was, item.is_, item.harmless) for item in found] == [
        (["alice@lab.test b"], ["alice@lab.test x"], False),
        (["# list"], ["# lists"], True),
        ([], ["dave@lab.test e"], False),
    ]
    assert {(item.kind, item.name) for item in found} == {("lines", str(table))}
    assert len({item.aspect for item in found}) == 3
    assert found[0].sentence() == f"lines {table}: gone: alice@lab.test b; new: alice@lab.test x"


def test_one_place_is_put_back_and_the_others_stay(table: Path) -> None:
    put_back(asked(table)[0])
    assert table.read_text() == NOW.replace("alice@lab.test x", "alice@lab.test b")


def test_all_places_in_one_call_give_the_known_good(table: Path) -> None:
    changes = applying.changes_of(wishes_of([to_json(item) for item in asked(table)]))
    applying.carry_out(changes, "/nowhere")
    assert table.read_text() == WAS


def test_a_place_that_somebody_changed_since_is_refused(table: Path) -> None:
    found = asked(table)
    table.write_text(NOW.replace("alice@lab.test x", "alice@lab.test y"))
    with pytest.raises(Unwished, match="its lines are not there any more"):
        wishes_of([to_json(found[0])])
    table.unlink()
    with pytest.raises(Unwished, match="is no file any more"):
        wishes_of([to_json(found[0])])


def test_of_a_secret_file_no_line_leaves_the_host_and_each_place_is_put_back(table: Path) -> None:
    table.write_text(WAS)
    table.chmod(0o600)
    known_good.keep(snapshot.take([str(table)], "key", 1000).secrets)
    digest = known_good.manifest()[str(table)]["keyed"]
    table.write_text(NOW)
    found = asked(table, None, digest)
    assert len(found) == 3
    assert all(item.secret and not (item.was or item.is_ or item.place) for item in found)
    put_back(found[2], digest)
    assert table.read_text() == NOW.replace("dave@lab.test e\n", "")
    put_back(found[0], digest)
    put_back(found[1], digest)
    assert table.read_text() == WAS
    put_back(found[1], digest)


@pytest.mark.parametrize("now", [b"\0\1", b"gr\xfc\xdfe@lab.test a\n", b"another text\n", b""])
def test_what_is_no_text_or_another_altogether_stays_one_difference(table: Path, now: bytes) -> None:
    table.write_bytes(now)
    assert asked(table) == (content(table),)


def test_what_cannot_be_compared_stays_one_difference(table: Path) -> None:
    assert asked(table, None) == (content(table, secret=True),)
    table.unlink()
    assert asked(table) == (content(table),)


@pytest.mark.parametrize(("line", "mode"), [("password = planted\n", 0o644), ("", 0o600)])
def test_of_a_text_that_has_become_secret_no_line_is_told(table: Path, line: str, mode: int) -> None:
    table.write_text(NOW + line)
    table.chmod(mode)
    assert asked(table) == (content(table),)


def test_the_identities_of_secret_places_cannot_be_guessed_from_their_lines(table: Path, monkeypatch: Any) -> None:
    known_good.keep({})
    first = known_good.salt()
    known_good.keep({})
    assert first != known_good.salt()


RULESET = """table inet filter {
\tset banned {
\t\ttype ipv4_addr
\t\tflags dynamic,timeout
\t\telements = { 192.0.2.1 }
\t}

\tchain input {
\t\tiif "lo" accept
\t}
}
"""


def test_the_host_is_asked_once_and_only_of_contents_that_differ(table: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYREMEDIATE_STATE", str(table.parent / "state"))
    entry = {"kind": "file", "digest": "sha256:aa", "secret": False}
    files = {"tracked": {str(table): entry}}
    network = {"firewall": {"available": True, "ruleset": [], "text": RULESET}}
    captured = Captured(evidence(files=files, network=network), {str(table): WAS.encode()})
    keep({"mail01": captured}, [], Approval("tester", "approved"))
    now = RULESET.replace("\t\tiif", "\t\ttcp dport 25 drop\n\t\tiif").replace("192.0.2.1", "192.0.2.9")
    monkeypatch.setattr(firewall, "text", lambda: now)
    asked: list[str] = []

    def ask(host: str, questions: Any, options: AnsibleOptions, timeout: float) -> Result:
        (question,) = questions
        asked.append(f"{host} {question.task}")
        data = hunks_probe.answer({"files": question.variables["pyremediate_hunks_files"][host]})
        return Result("successful", (TaskResult(host, host, "", "ok", data=data),), (), 0.0, True)

    monkeypatch.setattr(hunks, "ask", ask)
    request = Request("mail01", AnsibleOptions(), Settings())
    same = (Difference("postfix.parameter", "relayhost", "", "evil"),)
    assert hunks.finer(request, Look("mail01", differences=same)) == same
    rules = Difference("firewall", "ruleset", ["a"], ["b"], "rules")
    found = hunks.finer(request, Look("mail01", differences=(*same, content(table), rules)))
    assert [item.kind for item in found] == ["postfix.parameter", "lines", "lines", "lines", "firewall.rule"]
    assert found[-1].is_ == ["\t\ttcp dport 25 drop"]
    assert asked == ["mail01 hunks"]
