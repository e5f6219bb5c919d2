"""The queue, from postqueue and from the queue files of a real Postfix."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest
from ansible_collections.pyremediate.mail.plugins.module_utils.observers import postfix_queue
from ansible_collections.pyremediate.mail.plugins.module_utils.observers.handover import Handover
from ansible_collections.pyremediate.mail.plugins.module_utils.observers.postfix_configuration import (
    USUAL,
    Configuration,
    Main,
    Master,
)
from ansible_collections.pyremediate.mail.plugins.module_utils.observers.postfix_queue_file import read_envelope

from .observe_recorded import RECORDED, output


def a_spool(tmp_path: Path) -> Configuration:
    """A queue with one deferred message, hashed as Postfix does, and its log in ``defer``."""
    for queue in postfix_queue.QUEUES:
        (tmp_path / queue).mkdir()
    for directory, file in (("deferred", "queue_file"), ("defer", "defer_file")):
        (tmp_path / directory / "2").mkdir(parents=True)
        (tmp_path / directory / "2" / "2C765170331").write_bytes((RECORDED / "host" / file).read_bytes())
    return Configuration("/etc/postfix", Main({"queue_directory": str(tmp_path)}), Master(), USUAL)


def test_postqueue_and_the_queue_file_tell_the_same_of_a_message(tmp_path: Path) -> None:
    (by_postqueue,), failure = postfix_queue.detailed(output("postqueue.jsonl").splitlines(), "")
    queue = postfix_queue.observe_queue(a_spool(tmp_path), running=False, limit=10, notes=[], listing=Handover())
    (by_file,) = queue["messages"]
    assert failure == ""
    assert {name: by_file[name] for name in ("id", "queue", "sender", "recipients", "reason")} == {
        "id": by_postqueue["id"],
        "queue": by_postqueue["queue"],
        "sender": by_postqueue["sender"],
        "recipients": by_postqueue["recipients"],
        "reason": by_postqueue["reasons"][0],
    }
    assert by_file["arrival"] == "2026-11-25T01:25:30Z"


def test_recipients_that_were_taken_from_the_header_are_read_behind_the_content() -> None:
    with (RECORDED / "host" / "queue_file_recipients_from_header").open("rb") as file:
        envelope = read_envelope(file)
    assert envelope == {
        "arrived": 1795570633,
        "sender": "alice@lab.test",
        "recipients": ["bob@lab.test", "carol@lab.test"],
    }


@pytest.mark.parametrize("octets", [b"", b"C", b"C_", b"T\x00", b"\xff" * 40, b"C\x03a b", b"T\x02no"])
def test_a_file_that_is_no_queue_file_tells_nothing(octets: bytes) -> None:
    assert read_envelope(io.BytesIO(octets))["arrived"] is None


def test_files_are_counted_through_the_hashed_directories(tmp_path: Path) -> None:
    queue = postfix_queue.observe_queue(a_spool(tmp_path), running=False, limit=10, notes=[], listing=Handover())
    assert queue["counts"] == {"incoming": 0, "active": 0, "deferred": 1, "hold": 0, "corrupt": 0, "maildrop": 0}
    assert queue["oldest_seconds"] is not None
    assert queue["reasons"] == [{"reason": "deferred transport", "transport": "", "count": 1}]


def test_only_as_many_messages_are_listed_as_wished_and_all_are_counted(tmp_path: Path) -> None:
    spool = a_spool(tmp_path)
    for number in range(5):
        (tmp_path / "maildrop" / f"A{number}").write_bytes(b"")
    queue = postfix_queue.observe_queue(spool, running=False, limit=2, notes=[], listing=Handover())
    assert len(queue["messages"]) == 2
    assert queue["counts"]["maildrop"] == 5


def test_a_truncated_queue_file_does_not_end_the_observation(tmp_path: Path) -> None:
    spool = a_spool(tmp_path)
    file = tmp_path / "deferred" / "2" / "2C765170331"
    file.write_bytes(file.read_bytes()[:130])
    (message,) = postfix_queue.observe_queue(spool, running=False, limit=10, notes=[], listing=Handover())["messages"]
    assert message["recipients"] == []


def test_a_line_of_postqueue_that_is_a_warning_is_passed_over() -> None:
    messages, _ = postfix_queue.detailed(["postqueue: warning: x", *output("postqueue.jsonl").splitlines()], "")
    assert [message["id"] for message in messages] == ["2C765170331"]


def test_a_message_without_recipients_left_is_no_error() -> None:
    entry = json.loads(output("postqueue.jsonl"))
    ((message,), _) = postfix_queue.detailed([json.dumps({**entry, "recipients": []})], "")
    assert (message["recipients"], message["reasons"]) == ([], [])


def test_the_words_of_the_reason_tell_the_transport_where_they_do() -> None:
    assert postfix_queue.transport_of("connect to mail01.lab.test[private/dovecot-lmtp]: Connection refused") == "lmtp"
    assert postfix_queue.transport_of("connect to mx.peer.test[192.0.2.1]:25: Connection timed out") == "smtp"
    assert postfix_queue.transport_of("deferred transport") == ""
