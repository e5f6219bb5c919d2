"""The module's documentation says what its argument specification does, and both end in a clear word on bad input."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import yaml
from ansible_collections.pyremediate.mail.plugins.module_utils import vantage_probe
from ansible_collections.pyremediate.mail.plugins.modules import vantage

from pyremediate.ansible.options import collections_path


def documented(options: dict[str, Any]) -> dict[str, Any]:
    """The documented options in the form of an argument specification."""
    kept = ("type", "required", "default", "elements", "choices")
    spec = {}
    for name, option in options.items():
        spec[name] = {key: option[key] for key in kept if key in option}
        if "suboptions" in option:
            spec[name]["options"] = documented(option["suboptions"])
    return spec


def specified(arguments: dict[str, Any]) -> dict[str, Any]:
    """The argument specification without what is not documented."""
    spec = {name: {key: option[key] for key in option if key != "no_log"} for name, option in arguments.items()}
    for option in spec.values():
        if "options" in option:
            option["options"] = specified(option["options"])
    return spec


def test_the_documented_options_are_the_specified_ones() -> None:
    assert documented(yaml.safe_load(vantage.DOCUMENTATION)["options"]) == specified(vantage.ARGUMENTS)


def test_passwords_and_nothing_else_are_hidden_from_the_log() -> None:
    hidden = [name for name, option in vantage.ARGUMENTS.items() if option.get("no_log")]
    assert hidden == []
    assert [name for name, option in vantage_probe.PEER.items() if option.get("no_log")] == ["password"]


def test_the_examples_use_documented_options_only() -> None:
    known = set(vantage.ARGUMENTS)
    for task in yaml.safe_load(vantage.EXAMPLES):
        assert set(task["pyremediate.mail.vantage"]) <= known


def run_module(**options: Any) -> dict[str, Any]:
    """Run the module as Ansible does: options on standard input, JSON on standard output."""
    result = subprocess.run(
        [sys.executable, str(Path(vantage.__file__))],
        input=json.dumps({"ANSIBLE_MODULE_ARGS": {"target": "mail01", "vantage": "here", "token": "t0ken", **options}}),
        env={"PYTHONPATH": collections_path().split(":")[0], "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    answer: dict[str, Any] = json.loads(result.stdout)
    return answer


def test_a_host_that_is_down_is_an_answer_and_not_a_failure() -> None:
    answer = run_module(host="127.0.0.1", smtp_port=1, submission_port=1, imap_port=1)
    assert not answer.get("failed")
    assert answer["changed"] is False
    legs = {f"{leg['path']}.{leg['name']}": leg for leg in answer["vantage"]["legs"]}
    assert legs["inbound.connect"]["answer"] == "fail"
    assert legs["inbound.connect"]["detail"].startswith("refused: ")


def test_a_missing_authority_is_named(tmp_path: Path) -> None:
    answer = run_module(host="127.0.0.1", ca_file=str(tmp_path / "missing.pem"))
    assert answer["failed"]
    assert "missing.pem" in answer["msg"]
