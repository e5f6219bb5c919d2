"""The key by which the secret files of the known good are known: they are hashed, and not kept."""

from __future__ import annotations

import os
import secrets

from pyremediate.paths import state_directory


def hash_key() -> str:
    """This controller's key for hashes of secret files, made at first use: without it, guesses could be tried."""
    path = state_directory() / "hash_key"
    if not path.exists():
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        fresh = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(secrets.token_hex(32))
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(fresh, path)  # fails when another run was faster: then its key holds
        except FileExistsError:
            pass
        finally:
            fresh.unlink()
    return path.read_text().strip()
