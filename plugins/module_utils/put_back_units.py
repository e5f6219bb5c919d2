# Copyright: The pyremediate maintainers
# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)
"""Units as they were: enabled, disabled or masked, and running or not.

{"enabled": "enabled|disabled|masked|static|…", "runs": "running|starting|failed|stopped"}
"""

from __future__ import annotations

import glob
import os
import time

from ansible_collections.pyremediate.mail.plugins.module_utils.put_back_command import run

PROPERTIES = ("Id", "LoadState", "ActiveState", "SubState", "UnitFileState", "ConsistsOf")
SETTABLE = (
    "enabled",
    "enabled-runtime",
    "disabled",
    "masked",
    "masked-runtime",
)  # what systemctl can make; others are in the file
LONGEST = 90  # systemd's own default for starting and stopping a unit
POLL = 0.2
LINKS = "/etc/systemd/system/*.%s/%s"


def show(names):
    """{name: {property: value}} as systemd says it. Raises ``OSError`` when systemd does not answer."""
    if not names:
        return {}
    done = run(["systemctl", "show", "--property=" + ",".join(PROPERTIES), "--"] + list(names))
    blocks = [dict(line.split("=", 1) for line in block.splitlines()) for block in done.out.strip().split("\n\n")]
    if not done.ok or len(blocks) != len(names):
        raise OSError("systemd does not say how the units are: " + done.words())
    return dict(zip(names, blocks))


def with_parts(names):
    """The units and those that are stopped with them: postfix.service is only a frame around postfix@-.service."""
    found = show(names)
    parts = [part for name in names for part in found[name]["ConsistsOf"].split()]
    return list(dict.fromkeys(list(names) + parts))


def look(names):
    """{name: state}."""
    return {name: state_of(shown) for name, shown in show(names).items()}


def state_of(shown):
    """The state from what systemd shows; pure. A unit between two attempts of a crash loop is starting, not running."""
    active = shown["ActiveState"]
    runs = {"active": "running", "reloading": "running", "activating": "starting", "failed": "failed"}
    enabled = shown["LoadState"] if shown["LoadState"] == "not-found" else shown["UnitFileState"]
    return {"enabled": enabled, "runs": runs.get(active, "stopped")}


def keep(name):
    """What the state does not say: whether a masked unit is enabled beneath its mask."""
    kinds = ("wants", "requires")
    return {"links": sorted(path for kind in kinds for path in glob.glob(LINKS % (kind, name)) if os.path.islink(path))}


def same(was, now):
    """Is the unit as it was? One that was on its way may have arrived or failed since."""
    return _same_enabled(was, now) and (was["runs"] == "starting" or _running(was) == _running(now))


def _same_enabled(was, now):
    return was["enabled"] == now["enabled"] or not {was["enabled"], now["enabled"]} & set(SETTABLE)


def _running(state):
    return state["runs"] == "running"


def judge(was, sealed, now):
    """same, put_back, left (not changed by the step) or refused (changed by somebody else after it); pure."""
    if same(was, now) and not (was["runs"] == "starting" and _running(now) and sealed in (None, now)):
        return "same"
    if sealed is None:
        return "put_back"
    if not _same_enabled(sealed, now) and not _same_enabled(was, now):
        return "refused"
    if not _same_enabled(was, now):
        return "put_back"
    if _running(sealed) == _running(was):
        return "put_back" if now["runs"] in ("failed", "starting") else "left"  # it fell over, or somebody stopped it
    return "put_back" if _running(sealed) == _running(now) else "refused"


def commands(name, was, now, links, links_now):
    """The systemctl commands, in order, that lead from one state to the other; pure.

    ``links`` and ``links_now`` say whether a masked unit is enabled beneath its mask.
    """
    masks, masked = was["enabled"].startswith("masked"), now["enabled"].startswith("masked")
    changes = was["enabled"] != now["enabled"]
    wanted = bool(links) if masks else was["enabled"].startswith("enabled")
    is_so = masked and bool(links_now) or now["enabled"].startswith("enabled")
    steps = [["unmask"] + _runtime(now, "masked-runtime") + [name]] if changes and masked else []
    if changes and was["enabled"] in SETTABLE and (wanted != is_so or not (masks or masked)):
        steps.append((["enable"] if wanted else ["disable"]) + _runtime(was, "enabled-runtime") + [name])
    steps += _run_state(name, was, now)
    if changes and masks:
        steps.append(["mask"] + _runtime(was, "masked-runtime") + [name])
    return steps


def _runtime(state, value):
    return ["--runtime"] if state["enabled"] == value else []


def _run_state(name, was, now):
    """A unit that was in a crash loop is put back into it, without waiting for its end."""
    if _running(was) and not _running(now):
        return [["reset-failed", name], ["start", name]]
    if was["runs"] == "starting" and _running(now):
        return [["stop", name], ["--no-block", "start", name]]
    if was["runs"] in ("stopped", "failed") and now["runs"] in ("running", "starting"):
        return [["stop", name]]
    return []


def put_back(name, was, now, links, test):
    """Carry out the commands; ``test(name)`` says what speaks against starting. Returns what went wrong, or nothing."""
    for step in commands(name, was, now, links, keep(name)["links"]):
        wrong = test(name) if "start" in step else ""
        if wrong:
            return "%s was not started: %s" % (name, wrong)
        done = run(["systemctl"] + step, timeout=LONGEST)
        if not done.ok and step[0] != "reset-failed":  # nothing to forget is no failure
            return done.words()
    return "" if _settled(name, was) else "%s did not come back to what it was" % name


def _settled(name, was, within=10.0):
    """Poll until the unit is as it was."""
    deadline = time.monotonic() + within
    while not same(was, look([name])[name]):
        if time.monotonic() > deadline:
            return False
        time.sleep(POLL)
    return True
