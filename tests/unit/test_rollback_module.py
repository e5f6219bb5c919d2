"""The module ``rollback`` as Ansible runs it: what it is given of a secret file is in no word that it says."""

from __future__ import annotations

import base64
import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.unit.test_snapshot_module import PROGRAM


@pytest.mark.parametrize("mode", ["0600", "0644"])
def test_the_content_of_a_secret_file_is_not_told_whoever_may_read_it(tmp_path: Path, mode: str) -> None:
    path, content = tmp_path / "users", b"alice:planted-secret\n"
    encoded = base64.b64encode(content).decode()
    meta = {"owner": "root", "group": "root", "mode": mode, "secret": True, "content": encoded}
    difference = {"kind": "file", "name": str(path), "aspect": "missing", "was": "file", "is": None, **meta}
    asked = {"_ansible_remote_tmp": str(tmp_path), "_ansible_check_mode": True, "_ansible_diff": True}
    arguments = {"differences": [difference], **asked}
    command = [sys.executable, "-c", PROGRAM.replace("snapshot", "rollback")]
    told = subprocess.run(
        command, input=json.dumps({"ANSIBLE_MODULE_ARGS": arguments}), capture_output=True, text=True, check=False
    )
    result = json.loads(told.stdout)
    assert (result["changed"], result["restored"]) == (True, [f"file {path}"])
    assert not [word for word in (encoded, "planted-secret") if word in told.stdout + told.stderr]
