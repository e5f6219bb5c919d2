"""One cut: a healthy lab, a bad change by ``pyremediate fix``, a cut in the middle; nobody does anything; then the next run."""

from __future__ import annotations

import json
import secrets
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks.campaign import product
from benchmarks.dead_man import changes, device, results
from benchmarks.dead_man.changes import Change
from benchmarks.dead_man.controller import Controller
from benchmarks.dead_man.cut import BOUND, Cut
from benchmarks.dead_man.device import Device, until
from benchmarks.dead_man.plan import Planned
from pyremediate.errors import PyremediateError
from pyremediate.journal import Journal, steps
from pyremediate.known_good import devices as kept_devices
from pyremediate.known_good.keeping import keep
from pyremediate.known_good.writing import Approval
from pyremediate.lab.description import Lab

SECONDS = 12  # of the switch; at the end of a step it must not be quicker than the verification
SECONDS_AT_THE_END = 25
REACHED = 90.0  # a busy machine may be slow to come to the step
FIX_SECONDS = 300.0
SETTLED_SECONDS = 240.0
MAIL_SECONDS = 90.0  # after a reboot every daemon starts again
NAME = "drill"  # who made a bad known good
PAUSE = 0.005  # between looks for a step, which may be over soon


@dataclass(frozen=True)
class Scene:
    """Where a cut is made: the device that is changed, the mail host behind it, and where the drill writes."""

    lab: Lab
    mail: str
    directory: Path

    def device(self, change: Change) -> Device:
        """The device that is changed."""
        return Device(self.lab, self.lab.host(changes.ROUTER if change.place == "router" else self.mail))


def make(scene: Scene, change: Change, planned: Planned, way: str) -> Cut:
    """The cut, and what it showed; ``way``: how it is settled. Raises ``PyremediateError`` when the lab is not healthy before."""
    _expect_mail(scene)
    place = scene.device(change)
    seen, before = place.seen(), place.seen().state()
    if changes.TABLE in before["filter"]:
        raise PyremediateError(f"{place.host.name} has the packet filter of an earlier cut")
    if seen.switches():
        raise PyremediateError(f"{place.host.name} has switches: {', '.join(seen.switches())}")
    seconds = SECONDS_AT_THE_END if planned.step in {"end", "confirmed"} else SECONDS
    cut = Cut(planned.change, planned.step, planned.kind, seconds=seconds, way=way)
    with _bad_change(scene, change, seen, seconds) as settings:
        controller = Controller(scene.mail, settings, scene.directory / results.FIX)
        try:
            cut = _cut(scene, place, controller, before, cut)
        finally:
            place.cable(plugged=True)
            if not controller.over and not controller.wait(FIX_SECONDS):
                cut = replace(cut, broken="fix did not end")
            controller.kill()
    cut = replace(cut, mail=_mail(scene))
    return _settled(scene, place, before, cut)


def _expect_mail(scene: Scene) -> None:
    if wrong := _mail(scene):
        raise PyremediateError(f"mail does not flow before the cut: {'; '.join(wrong)}")


def _mail(scene: Scene) -> list[str]:
    """The legs that do not pass, in the end."""
    found: list[str] = []

    def flows() -> bool:
        found[:] = product.legs_not_passing(product.outcome(["verify"], scene.mail))
        return not found

    until(flows, MAIL_SECONDS, pause=1)
    return found


@contextmanager
def _bad_change(scene: Scene, change: Change, seen: device.Seen, seconds: int) -> Iterator[Path]:
    """The settings by which ``fix`` makes the change; a router's configuration is put back from its known good, so that is bad."""
    # A code of its own: a fault that comes back within the hour of its remedy is left to a human.
    code = f"drill_{secrets.token_hex(4)}"
    folder = scene.directory / "faults" / code / "network" / code
    folder.mkdir(parents=True, exist_ok=True)
    # JSON is YAML, too
    (folder / "fault.yml").write_text(json.dumps(changes.fault(change, _bad_rules(change, seen)), indent=1))
    settings = scene.directory / "drill.yml"
    wanted = {
        "faults": [str(folder.parent.parent)], "builtin_faults": False, "timeouts": {"deadman": seconds}, "search": {"trials": 0},
    }  # fmt: skip
    settings.write_text(json.dumps(wanted))
    kept = kept_devices.load(changes.ROUTER) if change.lines else None
    if kept is not None and kept.by == NAME:
        raise PyremediateError(f"a drill that was killed left a bad last known good: capture {changes.ROUTER} again")
    if kept is not None:
        bad = replace(kept.evidence, running=changes.bad_lines(change, kept.evidence.running or ""))
        keep({}, [bad], Approval(NAME, "a bad one, for one cut"))
    try:
        yield settings
    finally:
        if kept is not None:
            keep({}, [kept.evidence], Approval(kept.by, kept.reason))


def _bad_rules(change: Change, seen: device.Seen) -> str:
    """The bad packet filter in the kernel's own words, told where nothing is filtered by it; also the file that a router loads."""
    if not change.rules:
        return ""
    text = changes.bad_rules(change, seen.run("nft", "--stateless", "list", "ruleset"))
    seen.file(changes.FILTER_FILE[1:]).write_text(text)
    load = f"nft --file {changes.FILTER_FILE} && nft --stateless list ruleset"
    if not (told := seen.run("unshare", "--net", "sh", "-c", load)):
        raise PyremediateError(f"the rules of {change.name} cannot be loaded")
    return told


def _cut(scene: Scene, place: Device, controller: Controller, before: Mapping[str, Any], cut: Cut) -> Cut:
    """Wait for the step, cut, and wait until the device is as it was."""
    seen = place.seen()
    checkpoint = until(lambda: next(iter(seen.switches()), "") or (controller.over and "over"), REACHED, PAUSE)
    if checkpoint in {"", "over"}:
        return replace(cut, broken=f"fix never armed a switch: {controller.output.read_text()[-300:]}")
    if cut.step == "armed":
        controller.hold()
    armed_at: float = until(lambda: seen.armed_at(checkpoint), 20, PAUSE)
    play = _at(cut.step, seen, checkpoint, controller, before)
    network = seen.network()
    now = {key: before[key] for key in network}
    cut = replace(cut, reached=bool(play), play=play, changed=len(device.differences(now, network)))
    _sever(place, controller, cut.kind)
    return _back(place, checkpoint, armed_at, before, cut)


def _at(step: str, seen: device.Seen, checkpoint: str, controller: Controller, before: Mapping[str, Any]) -> str:
    """Wait for the step and hold the controller there; the play that is at work, or the step's name; empty: it was not reached."""
    changed = lambda: step if any(before[key] != value for key, value in seen.network().items()) else ""  # noqa: E731
    signs = {
        "armed": lambda: step,
        "alone": changed,
        "middle": changed,
        "sealed": lambda: step if seen.manifest(checkpoint).get("sealed_at") else "",
        "end": lambda: controller.plays("confirm", "undo"),
        "confirmed": lambda: step if seen.manifest(checkpoint).get("confirmed_at") else "",
    }
    over = lambda: controller.over or seen.manifest(checkpoint).get("restored_at")  # noqa: E731
    found: str = until(lambda: signs[step]() or (over() and " "), REACHED, PAUSE)
    if step != "alone":
        controller.hold()
    return found.strip()


def _sever(place: Device, controller: Controller, kind: str) -> None:
    """Cut; whatever is not killed runs on."""
    if kind in {"kill", "blackout"}:
        controller.kill()
    if kind == "cable":
        place.cable(plugged=False)
    if kind in {"reboot", "blackout"}:
        place.reboot()
    controller.let_go()


def _back(place: Device, checkpoint: str, armed_at: float, before: Mapping[str, Any], cut: Cut) -> Cut:
    """Nobody does anything until the switch has ended the step; then: is the device as it was?"""
    seen = place.seen()
    if cut.kind in {
        "reboot",
        "blackout",
    }:  # it counts again from the boot; the timer of a step that was confirmed does not come back
        armed_at = (
            until(lambda: seen.armed_at(checkpoint) or (_ended(seen, checkpoint) and time.monotonic()), REACHED)
            or armed_at
        )
    deadline = armed_at + cut.seconds
    ended = until(partial(_ended, seen, checkpoint), deadline + 3 * BOUND - time.monotonic())
    if not ended:
        return replace(cut, left=device.differences(before, seen.state()))
    waited = round(time.monotonic() - deadline, 1)
    left = until(lambda: not device.differences(before, seen.state()), BOUND if ended != "a confirmation" else 1)
    return replace(cut, waited=waited, by=ended, left=[] if left else device.differences(before, seen.state()))


def _ended(seen: device.Seen, checkpoint: str) -> str:
    """Who ended the step, once nothing waits any more."""
    manifest = seen.manifest(checkpoint)
    if manifest.get("restored_at"):
        return str(manifest["restored_by"])
    return "a confirmation" if manifest.get("confirmed_at") and checkpoint not in seen.switches() else ""


def _settled(scene: Scene, place: Device, before: Mapping[str, Any], cut: Cut) -> Cut:
    """The next run: it must know what was left, and end it."""
    with Journal.open() as journal:
        incident = journal.incidents(scene.mail)[0].id
        left = journal.unfinished(scene.mail)
    if cut.way == "resume" and left is not None:
        outcome = _resumed(left.incident)
    else:
        outcome = str(product.outcome(["fix", "--yes"], scene.mail, None, SETTLED_SECONDS)["outcome"])
    if kept := "kept" in _states(incident):  # rightly, but the next cut wants a host without it
        try:
            product.expect(["undo", incident, "-i", str(product.INVENTORY)], SETTLED_SECONDS)
        except PyremediateError as error:
            cut = replace(cut, broken=str(error))
    with Journal.open() as journal:
        still = journal.unfinished(scene.mail) is not None
    seen = place.seen()
    return replace(
        cut, settled=outcome, way=cut.way if left else "", steps=_states(incident), kept=kept, open=still,
        left_at_last=device.differences(before, seen.state()), switches=seen.switches(),
    )  # fmt: skip


def _states(incident: str) -> list[str]:
    """Of its steps, as the record leaves them."""
    with Journal.open() as journal:
        return [step.state for step in steps(journal.entries(incident))]


def _resumed(incident: str) -> str:
    words = ["incident", "resume", incident, "-i", str(product.INVENTORY), "--format", "json"]
    done = subprocess.run(
        [str(product.PYREMEDIATE), *words], capture_output=True, text=True, timeout=SETTLED_SECONDS, check=False, cwd=product.ROOT,
    )  # fmt: skip
    try:
        return str(json.loads(done.stdout)["outcome"])
    except (ValueError, KeyError):
        return f"resume ended with status {done.returncode}: {done.stderr.strip()[-200:]}"
