"""Secret files in the known good: encrypted where the vault's password is given, and kept for as long as they are the same.

What Ansible Vault itself does is in ``test_ansible_vault``; here it turns texts around.
"""

from __future__ import annotations

import base64
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from pyremediate import secret_files
from pyremediate.ansible import vault
from pyremediate.ansible.results import Result, TaskResult
from pyremediate.errors import Undetermined, UsageError
from pyremediate.known_good import hosts
from pyremediate.known_good.hosts import Captured
from pyremediate.known_good.keeping import keep
from pyremediate.known_good.writing import Approval
from pyremediate.model import to_json
from pyremediate.request import AnsibleOptions, Request
from pyremediate.settings import Settings
from pyremediate.transaction import with_contents
from tests.unit.known_good.stage import CONTENTS, FILES, file, git, observed

KEY, PATH = b"PRIVATE", "/etc/dkimkeys/key"
GIVEN = AnsibleOptions(vault_password_files=("password",))
ANNA = Approval("anna", "good")
OTHER_KEY = {"tracked": {**FILES["tracked"], PATH: file("opendkim", "0600", "hmac:cc", secret=True)}}


@pytest.fixture(autouse=True)
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("PYREMEDIATE_STATE", str(tmp_path))
    monkeypatch.setattr(vault, "sealed", lambda pairs, options: [kept or turned(content) for content, kept in pairs])
    monkeypatch.setattr(vault, "opened", lambda texts, options: [turned(text) for text in texts])
    return tmp_path


def turned(text: bytes) -> bytes:
    return text[::-1]


def answers(monkeypatch: pytest.MonkeyPatch, digest: str = "hmac:bb", content: bytes = KEY, status: str = "ok") -> None:
    files = [{"path": PATH, "digest": digest, "content_base64": base64.b64encode(content).decode()}]
    task = TaskResult("mail01", "mail01", "pyremediate.mail.kept_secrets", status, {"files": files, "msg": "no route"})
    monkeypatch.setattr(secret_files, "ask", lambda *_: Result("successful", (task,), (), 0.0, True))


def sealed(options: AnsibleOptions = GIVEN, **sections: Any) -> Captured:
    captured = {"mail01": Captured(observed(**sections), CONTENTS)}
    return secret_files.sealed(captured, Request("mail01", options, Settings()))["mail01"]


def kept() -> hosts.KnownGood:
    known_good = hosts.load("mail01")
    assert known_good is not None
    return known_good


def test_without_a_password_no_host_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(secret_files, "ask", None)
    assert sealed(AnsibleOptions()).sealed == {}
    assert secret_files.opened(None, [PATH], AnsibleOptions()) == {}


def test_the_copy_of_this_very_capture_is_kept_encrypted_and_nothing_in_clear(monkeypatch: pytest.MonkeyPatch, state: Path) -> None:
    answers(monkeypatch)
    keep({"mail01": sealed()}, [], ANNA)
    assert kept().sealed() == {PATH: turned(KEY)}
    assert kept().content(PATH) is None
    assert "PRIVATE" not in git(state, "cat-file", "--batch", "--batch-all-objects")
    assert "ETAVIRP" in git(state, "show", f"main:hosts/mail01/secrets{PATH}")


@pytest.mark.parametrize(("digest", "content"), [("hmac:of another", KEY), ("hmac:bb", b"$ANSIBLE_VAULT;1.1;AES256\n61")])
def test_a_copy_of_another_capture_and_what_is_encrypted_already_are_not_taken(
    monkeypatch: pytest.MonkeyPatch, digest: str, content: bytes
) -> None:
    answers(monkeypatch, digest, content)
    assert sealed().sealed == {}


def test_a_host_that_does_not_give_its_copies_is_not_captured_without_them(monkeypatch: pytest.MonkeyPatch) -> None:
    answers(monkeypatch, status="unreachable")
    with pytest.raises(Undetermined, match="the secret files of mail01 could not be taken: no route"):
        sealed()


def test_a_capture_without_a_password_keeps_what_is_sealed_of_files_that_are_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    answers(monkeypatch)
    keep({"mail01": sealed()}, [], ANNA)
    assert keep({"mail01": Captured(observed(), CONTENTS)}, [], ANNA).commit == ""
    keep({"mail01": Captured(observed(files=OTHER_KEY), CONTENTS)}, [], ANNA)
    assert kept().sealed() == {}


def test_a_secret_file_that_is_put_back_brings_its_content_where_it_can_be_opened(monkeypatch: pytest.MonkeyPatch) -> None:
    answers(monkeypatch)
    keep({"mail01": sealed()}, [], ANNA)
    variables = {"known_good_differences": [{"kind": "file", "name": PATH, "aspect": "missing", "was": "file"}]}
    for options, content in ((GIVEN, base64.b64encode(KEY).decode()), (AnsibleOptions(), None)):
        opened = secret_files.opened(kept(), [PATH, "/etc/postfix/main.cf"], options)
        (told,) = with_contents(variables, kept(), opened)["known_good_differences"]
        assert (told["content"], told["secret"], told["digest"]) == (content, True, "hmac:bb")
    assert "PRIVATE" not in str(to_json(variables))


def test_the_password_is_proved_by_what_was_kept_before_anything_is_done(monkeypatch: pytest.MonkeyPatch) -> None:
    answers(monkeypatch)
    keep({"mail01": sealed()}, [], ANNA)

    def wrong(texts: Sequence[bytes], options: AnsibleOptions) -> list[bytes]:
        if texts:
            raise UsageError("another password")
        return []

    monkeypatch.setattr(vault, "opened", wrong)
    secret_files.prove(["mail01"], AnsibleOptions())
    secret_files.prove(["mail02"], GIVEN)
    with pytest.raises(UsageError, match="another password"):
        secret_files.prove(["mail02", "mail01"], GIVEN)
