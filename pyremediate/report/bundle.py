"""Everything about one incident for a human without the tool: one tar, made from the journal's entries alone, index.md first."""

from __future__ import annotations

import csv
import io
import json
import os
import tarfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from pyremediate.errors import UsageError
from pyremediate.journal import Entry
from pyremediate.journal.entry import TIME
from pyremediate.ledger import ledger
from pyremediate.ledger.words import plain
from pyremediate.report import report
from pyremediate.report.bundle_parts import changes, differences, excluded, looks, unsettled

COLUMNS = ("id", "origin", "fate", "arrived", "size", "queue", "reason", "now", "sender", "recipients")
PICTURE = "vantage.svg"
CONTENTS = {
    "report.md": "the report: causes, actions, verification, queue, times, timeline",
    PICTURE: "who reached what at the first look, as a picture",
    "report.json": "the same as data",
    "log.txt": "the log's own words around the first problem, and what it complained of",
    "differences.md": "how the host differed from its last known good, at the first look and at the last",
    "changes.md": "what each step changed, with its differences",
    "ledger.csv": "every message, and what became of it",
    "ledger.json": "the ledger's counts, and the messages that are not simply delivered or waiting",
    "looks/": "each look: what the host said of itself, and what was seen from outside",
    "journal.jsonl": "every entry of the journal, in order; looks are files of their own",
}


def files(entries: Sequence[Entry]) -> dict[str, str]:
    """The texts of the bundle by name, the index first; entries must have been redacted."""
    built = report.build(entries)
    seen = looks(entries)
    parts = {
        "report.md": report.markdown(built, PICTURE if built["vantage"] else ""),
        PICTURE: report.picture(built),
        "report.json": _json(built),
        "log.txt": _log(seen),
        "differences.md": differences(seen),
        "changes.md": changes(entries),
        "ledger.csv": _every_message(seen),
        "ledger.json": _json(built["ledger"]) if built["ledger"] else "",
        **{name: _json(look) for name, look in seen.items()},
        "journal.jsonl": "".join(_line(entry) for entry in entries),
    }
    told = {name: text for name, text in parts.items() if text}
    contents = {name: words for name, words in CONTENTS.items() if any(part.startswith(name) for part in told)}
    index = {**built, "excluded": excluded(entries), "unsettled": unsettled(entries), "contents": contents}
    return {"index.md": report.rendered("bundle.md.j2", index), **told}


def pack(name: str, texts: Mapping[str, str], entries: Sequence[Entry], compressed: bool) -> bytes:
    """The tar of the texts, in a directory ``name``; readable for its owner alone, dated by the last entry."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz" if compressed else "w") as tar:
        for path, text in texts.items():
            content = text.encode()
            member = tarfile.TarInfo(f"{name}/{path}")
            member.size, member.mode, member.mtime = len(content), 0o600, int(entries[-1].time.timestamp())
            tar.addfile(member, io.BytesIO(content))
    return buffer.getvalue()


def write(path: Path, content: bytes, overwrite: bool = False) -> None:
    """Write the file with mode 0600. Raises ``UsageError`` when it exists, unless told to overwrite, or cannot be written."""
    part = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
        if overwrite:
            part.replace(path)
        else:
            os.link(part, path)  # unlike a rename it fails when somebody's file is there
    except FileExistsError:
        raise UsageError(f"{path}: exists already; name another --output, or say --force") from None
    except OSError as error:
        raise UsageError(f"{path}: cannot be written: {error.strerror}; name another --output") from None
    finally:
        part.unlink(missing_ok=True)


def _json(value: Any) -> str:
    return json.dumps(value, indent=1, ensure_ascii=False, default=str) + "\n"


def _line(entry: Entry) -> str:
    payload = {"look": _look_name(entry)} if entry.kind == "look" else entry.payload
    told = {name: getattr(entry, name) for name in ("seq", "stage", "kind", "actor", "previous", "hash")}
    return json.dumps({**told, "time": entry.time.strftime(TIME), "payload": payload}, ensure_ascii=False) + "\n"


def _look_name(entry: Entry) -> str:
    return f"looks/{entry.seq:06}-{entry.stage}.json"


def _log(seen: Mapping[str, Mapping[str, Any]]) -> str:
    return "\n".join(line for name, look in _first_and_last(seen) for line in _log_of(name, look))


def _log_of(name: str, look: Mapping[str, Any]) -> Iterator[str]:
    data = ((look.get("evidence") or {}).get("sections", {}).get("log", {})).get("data", {})
    if data:
        yield f"=== {name}: around the first problem, of {data.get('first_problem') or 'none'}"
        yield from data.get("around_first", ())
        yield f"--- what the log complained of since {data.get('since')}, the newest first"
        for problem in data.get("problems", ()):
            yield f"{problem['first']} to {problem['last']}, {problem['count']} times, {problem['program']}: {problem['example']}"
        yield ""


def _first_and_last(seen: Mapping[str, Mapping[str, Any]]) -> list[tuple[str, Mapping[str, Any]]]:
    named = list(seen.items())
    return named if len(named) < 3 else [named[0], named[-1]]


def _every_message(seen: Mapping[str, Mapping[str, Any]]) -> str:
    """The whole ledger once more from the first look and the last: an outcome has its exceptions alone."""
    ends = [look for _, look in _first_and_last(seen)]
    if len(ends) < 2:
        return ""
    noted = ledger.reconcile(ledger.recorded(ends[0]), ledger.recorded(ends[-1]))
    buffer = io.StringIO()
    writer = csv.DictWriter(buffer, COLUMNS, lineterminator="\n")
    writer.writeheader()
    for message in noted.messages:
        told = plain(message)
        writer.writerow({**told, "recipients": " ".join(told["recipients"])})
    return buffer.getvalue()
