"""Ansible Vault, by Ansible itself: a text stays while its content does, and a wrong password is told before anything happens."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from pyremediate.ansible import vault
from pyremediate.errors import UsageError
from pyremediate.request import AnsibleOptions

CONTENT = b"alice:\xffsecret\0\n"


@pytest.fixture
def password(tmp_path: Path):  # type: ignore[no-untyped-def]
    """Options with passwords of the vault."""

    def make(*words: str, label: str = "") -> AnsibleOptions:
        files = [tmp_path / word for word in words]
        for file in files:
            file.write_text(f"{file.name}\n")
        if label:
            return AnsibleOptions(inventory=("x,",), vault_ids=tuple(f"{label}@{file}" for file in files))
        return AnsibleOptions(inventory=("x,",), vault_password_files=tuple(map(str, files)))

    return make


def test_what_was_sealed_is_opened_and_says_nothing_in_clear(password) -> None:  # type: ignore[no-untyped-def]
    assert not vault.given(AnsibleOptions())
    options = password("one", label="mail")
    assert vault.given(options)
    (text,) = vault.sealed([(CONTENT, None)], options)
    assert text.startswith(b"$ANSIBLE_VAULT;1.2;AES256;mail\n")
    assert vault.opened([text], options) == [CONTENT]


def test_people_open_it_by_their_own_tool(password, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    (text,) = vault.sealed([(b"hunter2\n", None)], password("one"))
    (tmp_path / "text").write_bytes(text)
    tool = Path(sys.executable).with_name("ansible-vault")
    told = subprocess.run([tool, "view", "--vault-password-file", "one", "text"], cwd=tmp_path, capture_output=True, check=True)
    assert told.stdout == b"hunter2\n"


def test_a_content_that_is_the_same_keeps_its_text_and_another_does_not(password) -> None:  # type: ignore[no-untyped-def]
    options = password("one")
    (text,) = vault.sealed([(CONTENT, None)], options)
    same, other = vault.sealed([(CONTENT, text), (b"other", text)], options)
    assert same == text
    assert vault.opened([other], options) == [b"other"]


def test_a_new_password_before_the_old_one_takes_its_place(password) -> None:  # type: ignore[no-untyped-def]
    (text,) = vault.sealed([(CONTENT, None)], password("one"))
    (again,) = vault.sealed([(CONTENT, text)], password("two", "one"))
    assert vault.opened([again], password("two")) == [CONTENT]
    assert vault.sealed([(CONTENT, again)], password("one", "two")) != [again]


def test_a_wrong_password_is_told_whatever_is_wanted(password) -> None:  # type: ignore[no-untyped-def]
    (text,) = vault.sealed([(CONTENT, None)], password("one"))
    for wanted in (lambda: vault.opened([text], password("two")), lambda: vault.sealed([(b"new", text)], password("two"))):
        with pytest.raises(UsageError, match="encrypted with another password; give that one"):
            wanted()
