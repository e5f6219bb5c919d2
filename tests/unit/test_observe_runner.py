"""The observers run at the same time, and each fails alone; commands are bounded."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

import pytest
from ansible_collections.pyremediate.mail.plugins.module_utils.observe_probe import ON_REQUEST, SECTIONS
from ansible_collections.pyremediate.mail.plugins.module_utils.observers import command, sections
from ansible_collections.pyremediate.mail.plugins.module_utils.observers.command import lines, run
from ansible_collections.pyremediate.mail.plugins.module_utils.observers.once import once
from ansible_collections.pyremediate.mail.plugins.module_utils.observers.request import Request, Unavailable
from ansible_collections.pyremediate.mail.plugins.module_utils.observers.runner import Observer
from ansible_collections.pyremediate.mail.plugins.module_utils.observers.runner import run as observe

REQUEST = Request("mail01")


def good(request: Request, notes: list[str]) -> dict[str, Any]:
    notes.append("/etc/x: Permission denied")
    return {"host": request.name}


def crashing(request: Request, notes: list[str]) -> dict[str, Any]:
    raise RuntimeError("a mistake of ours")


def absent(request: Request, notes: list[str]) -> dict[str, Any]:
    raise Unavailable("Postfix is not installed", {"installed": False})


def hanging(request: Request, notes: list[str]) -> dict[str, Any]:
    threading.Event().wait(30)
    return {}


def test_every_section_has_its_state_and_its_reason() -> None:
    observers = [Observer("a", good, 5), Observer("b", crashing, 5), Observer("c", absent, 5)]
    sections = observe(observers, REQUEST, 10)["sections"]
    assert {name: (each["state"], each["error"], each["data"]) for name, each in sections.items()} == {
        "a": ("ok", "/etc/x: Permission denied", {"host": "mail01"}),
        "b": ("failed", "RuntimeError: a mistake of ours", {}),
        "c": ("unavailable", "Postfix is not installed", {"installed": False}),
    }


def test_an_observer_that_hangs_fails_at_its_own_deadline_and_the_others_are_there() -> None:
    started = time.monotonic()
    sections = observe([Observer("slow", hanging, 0.3), Observer("a", good, 5)], REQUEST, 10)["sections"]
    assert time.monotonic() - started < 5
    assert (sections["slow"]["state"], sections["slow"]["error"]) == ("failed", "no answer within 0.3 s")
    assert sections["a"]["state"] == "ok"


def test_the_whole_deadline_bounds_every_observer() -> None:
    sections = observe([Observer("slow", hanging, 60)], REQUEST, 0.5)["sections"]
    assert sections["slow"]["error"] == "no answer within 0.45 s"


def test_the_observers_run_at_the_same_time() -> None:
    meeting = threading.Barrier(2, timeout=10)

    def meets(request: Request, notes: list[str]) -> dict[str, Any]:
        meeting.wait()
        return {}

    sections = observe([Observer("a", meets, 20), Observer("b", meets, 20)], REQUEST, 30)["sections"]
    assert {each["state"] for each in sections.values()} == {"ok"}


def test_the_evidence_says_whose_it_is_and_when() -> None:
    evidence = observe([], REQUEST, 1)
    assert (evidence["schema"], evidence["host"], evidence["observed_at"][-1]) == (1, "mail01", "Z")


def test_what_several_observers_need_is_found_once() -> None:
    calls = []

    @once
    def fact() -> int:
        calls.append(1)
        time.sleep(0.05)
        return len(calls)

    threads = [threading.Thread(target=fact) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert fact() == 1


def test_a_command_that_fails_says_why() -> None:
    answer = run(["sh", "-c", "echo first >&2; echo why >&2; exit 3"])
    assert (answer.ok, answer.returncode, answer.reason) == (False, 3, "why")


def test_a_command_that_is_not_there_is_an_answer() -> None:
    answer = run(["no-such-program"])
    assert (answer.ok, answer.returncode, answer.reason) == (False, None, "no-such-program: not installed")


def test_a_command_that_does_not_end_is_ended_with_its_children() -> None:
    started = time.monotonic()
    answer = run(["sh", "-c", "sleep 30 | sleep 30"], seconds=0.3)
    assert time.monotonic() - started < 5
    assert answer.reason == "sh did not end within 0.3 s"


def test_what_a_given_up_observer_runs_is_ended_and_nothing_more_is_started(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(command, "_running", set())
    monkeypatch.setattr(command, "_closed", threading.Event())
    answers = []
    observer = threading.Thread(target=lambda: answers.append(run(["sleep", "30"], seconds=20)))
    observer.start()
    _wait_until(lambda: command._running)
    command.end_all()
    observer.join(5)
    assert [answer.returncode for answer in answers] == [-9]
    assert run(["true"]).reason == "true: the observation is over"


def _wait_until(condition: Callable[[], object]) -> None:
    deadline = time.monotonic() + 10
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.01)


def test_commands_speak_the_c_locale_and_read_nothing() -> None:
    assert run(["sh", "-c", "cat; echo $LC_ALL $TZ"]).stdout == "C UTC\n"


@pytest.mark.parametrize(
    ("script", "found", "reason"),
    [
        ("echo a; echo b", ["a", "b"], ""),
        ("yes", ["y", "y", "y"], ""),
        ("echo a; exit 2", ["a"], "sh: exit status 2"),
        ("echo a; sleep 30", ["a"], "sh was ended after 0.5 s"),
    ],
)
def test_the_output_of_a_command_is_bounded_in_lines_and_time(script: str, found: list[str], reason: str) -> None:
    assert lines(["sh", "-c", script], 3, seconds=0.5) == (found, reason)


def test_whatever_may_be_asked_for_has_an_observer() -> None:
    assert [observer.section for observer in sections.OBSERVERS] == SECTIONS + ON_REQUEST
