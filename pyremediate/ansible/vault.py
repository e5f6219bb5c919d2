"""Ansible Vault for what the known good keeps of secret files: Ansible itself encrypts, in the process that has its settings.

With several passwords the first encrypts, as in ``ansible-vault encrypt``, and each is tried to decrypt.
"""

from __future__ import annotations

import base64
from collections.abc import Sequence
from typing import Any

from pyremediate.ansible.questions import told
from pyremediate.errors import UsageError
from pyremediate.request import AnsibleOptions

SECONDS = 60  # and a key is derived by 10,000 rounds for each text
OTHER = (
    "the known good holds secret files that Ansible Vault encrypted with another password; give that one (--vault-id or "
    "--vault-password-file), and to change it the new one before it"
)


def given(options: AnsibleOptions) -> bool:
    """Does the operator give the vault a password?"""
    return bool(options.vault_ids or options.vault_password_files)


def sealed(contents: Sequence[tuple[bytes, bytes | None]], options: AnsibleOptions) -> list[bytes]:
    """Each content as the vault's text; the one that was kept before where that says the same, by the same password.

    Raises ``UsageError`` when what was kept cannot be decrypted, or Ansible cannot read the password.
    """
    pairs = [[_encoded(content), kept.decode() if kept else None] for content, kept in contents]
    return [text.encode() for text in _asked("seal", pairs, options)]


def opened(texts: Sequence[bytes], options: AnsibleOptions) -> list[bytes]:
    """The contents. Raises ``UsageError`` as ``sealed`` does."""
    return [base64.b64decode(content) for content in _asked("open", [text.decode() for text in texts], options)]


def _asked(what: str, items: Sequence[Any], options: AnsibleOptions) -> Sequence[str]:
    if not items:
        return []
    line = told({"vault": what, "items": items}, options, SECONDS + len(items))
    if not line["head"]["vault"]:
        raise UsageError(OTHER)
    found: Sequence[str] = line["data"]
    return found


def _encoded(content: bytes) -> str:
    return base64.b64encode(content).decode()
