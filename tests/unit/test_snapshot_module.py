"""The module ``snapshot`` as Ansible runs it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

PROGRAM = """
import runpy, sys
from tests.conftest import pytest_configure
pytest_configure()
sys.argv = ["snapshot"]
runpy.run_module("ansible_collections.pyremediate.mail.plugins.modules.snapshot", run_name="__main__")
"""


def test_a_file_that_is_left_out_does_not_make_the_task_one_that_did_not_run(tmp_path: Path) -> None:
    missing = str(tmp_path / "missing")
    arguments = {"ANSIBLE_MODULE_ARGS": {"paths": [missing], "_ansible_remote_tmp": str(tmp_path)}}
    command = [sys.executable, "-c", PROGRAM]
    told = subprocess.run(command, input=json.dumps(arguments), capture_output=True, text=True, check=False)
    result = json.loads(told.stdout)
    assert "skipped" not in result  # Ansible's word for a task that did not run
    assert result["left_out"] == {missing: "No such file or directory"}
