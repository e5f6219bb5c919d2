# Copyright: The pyremediate maintainers
# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)
"""The states that a checkpoint can be brought to, each a function: parameters in, the module's result out.

A result with ``msg`` is a failure that has results all the same.
"""

from __future__ import annotations

import calendar
import time

from ansible_collections.pyremediate.mail.plugins.module_utils import checkpoint_create as creation
from ansible_collections.pyremediate.mail.plugins.module_utils import checkpoint_deadman as deadman
from ansible_collections.pyremediate.mail.plugins.module_utils import checkpoint_items as items
from ansible_collections.pyremediate.mail.plugins.module_utils import checkpoint_store as stores
from ansible_collections.pyremediate.mail.plugins.module_utils import put_back_diff as diff
from ansible_collections.pyremediate.mail.plugins.module_utils import put_back_files as files
from ansible_collections.pyremediate.mail.plugins.module_utils.checkpoint_undo import Undo

DAY = 86400


def reach(parameters, dry):
    """Bring the checkpoint to the state. Raises ``ValueError`` or ``OSError`` when it cannot be."""
    identifier, wanted = parameters["id"], parameters["state"]
    if identifier is None:
        return dict(_expired(parameters["keep_days"], dry), state=wanted)
    stores.validate(identifier)
    with stores.locked(identifier):
        store = stores.find(identifier) if wanted != "absent" else None  # a lost one can be removed like any other
        result = STATES[wanted](parameters, store, dry)
    return dict(result, state=wanted, id=identifier)


def _created(parameters, store, dry):
    request = creation.normal({key: parameters[key] for key in ("files", "units", "packages", "firewall")})
    request.update((key, parameters.get(key) or []) for _, key in creation.SYSTEM)
    request["frr"] = bool(parameters.get("frr"))
    seconds = parameters["deadman_seconds"]
    existed = store is not None
    if existed:
        creation.check_existing(store.read(), request)
    elif dry:
        creation.paths.expand(request["files"], creation.paths.queue_directory())
        return {"changed": True}
    else:
        store = creation.create(parameters["id"], request)
    manifest = store.read()
    wait = bool(seconds) and not (manifest.get("confirmed_at") or deadman.is_waiting(manifest["id"]))
    without = _arm(store, manifest, parameters, existed) if wait and not dry else ""
    kept = {item["name"]: item["kept"]["deb"] for item in manifest["items"] if item["kind"] == "package"}
    result = dict(_shown(store, manifest, False), changed=not existed or wait, packages_kept=kept)
    result["survives_reboot"] = store.survives_reboot and manifest.get("deadman", {}).get("persistent", True)
    result["notes"] = [without] if without else []
    if not store.survives_reboot:
        result["notes"].append("%s is full or read-only: this checkpoint is in memory" % stores.PERSISTENT)
    return result


def _arm(store, manifest, parameters, existed):
    """Why the step goes without a switch, where somebody accepted that; else empty."""
    try:
        deadman.arm(store, manifest, parameters["deadman_seconds"])
    except deadman.NotArmed as error:
        if parameters.get("deadman_needed", True):
            if not existed:
                stores.remove(manifest["id"])
            raise deadman.NotArmed("%s; so nothing was changed" % error) from error
        return "%s; the step goes without it, as was accepted" % error
    return ""


def _sealed(parameters, store, dry):
    if store is None:
        if dry:
            return {"changed": True}
        raise stores.CheckpointError("there is no checkpoint %s on this host" % parameters["id"])
    manifest = store.read()
    changed = not manifest.get("sealed_at") if dry else creation.seal(store, manifest)
    return dict(_shown(store, manifest, False), changed=changed)


def _restored(parameters, store, dry):
    if store is None:
        return {"changed": False, "found": False, "put_back": [], "refused": [], "left": []}
    manifest = store.read()
    was_armed = bool(manifest.get("deadman", {}).get("armed"))
    undo = Undo(store, manifest)
    shown = _diff(undo)
    if not dry:
        undo.carry_out()
        undo.remember("the controller")
        if not undo.failed:
            deadman.disarm(store, manifest)
    result = dict(_shown(store, manifest, was_armed), changed=undo.changed, found=True, diff=shown, notes=undo.notes)
    result.update(put_back=undo.put_back, refused=undo.refused, left=undo.left)
    if undo.failed:
        result["msg"] = "not everything could be put back: " + "; ".join(undo.failed)
    return result


def _confirmed(parameters, store, dry):
    if store is None:
        raise stores.CheckpointError("there is no checkpoint %s on this host" % parameters["id"])
    manifest = store.read()
    was_armed = bool(manifest.get("deadman", {}).get("armed"))
    late = _too_late(manifest)
    changed = not late and (was_armed or not manifest.get("confirmed_at"))
    if changed and not dry:
        manifest["confirmed_at"] = creation.moment()
        store.write(manifest)
        deadman.disarm(store, manifest)
    result = dict(_shown(store, manifest, was_armed), changed=changed, found=True)
    if late:
        result["msg"] = "too late: " + late
    return result


def _too_late(manifest):
    """Why the step cannot be confirmed any more: it was undone, or a part of it was."""
    if manifest.get("restored_at"):
        return "the step was undone at %s by %s" % (manifest["restored_at"], manifest.get("restored_by"))
    fired = manifest.get("deadman", {}).get("fired_at")
    if fired and not manifest.get("confirmed_at"):
        return "the dead-man switch began to undo the step at %s, and could not do all of it" % fired
    return ""


def _absent(parameters, _, dry):
    identifier = parameters["id"]
    removed = [identifier] if identifier in stores.every() else []
    if removed and not dry:
        _remove(identifier)
    return {"changed": bool(removed), "removed": removed}


def _remove(identifier):
    store = _found(identifier)
    if store is not None:
        deadman.disarm(store, store.read())
    stores.remove(identifier)


def _found(identifier):
    """The store; None when it is lost."""
    try:
        return stores.find(identifier)
    except stores.CheckpointError:
        return None


def _expired(keep_days, dry):
    """Remove the old ones whose step is over; one that is neither kept nor put back may still be needed."""
    removed = []
    for identifier in stores.every():
        with stores.locked(identifier):
            store = _found(identifier)
            if store is None or _is_over(store.read(), keep_days):
                removed.append(identifier)
                if not dry:
                    _remove(identifier)
    return {"changed": bool(removed), "removed": removed}


def _is_over(manifest, keep_days):
    made = calendar.timegm(time.strptime(manifest["created_at"], "%Y-%m-%dT%H:%M:%SZ"))
    ended = manifest.get("restored_at") or manifest.get("confirmed_at") or manifest.get("sealed_at")
    return bool(ended) and not manifest.get("deadman", {}).get("armed") and time.time() - made > keep_days * DAY


def _shown(store, manifest, was_armed):
    switch = manifest.get("deadman", {})
    return {
        "directory": store.directory,
        "deadman": {
            "armed": bool(switch.get("armed")),
            "was_armed": was_armed,
            "fired": bool(switch.get("fired_at")),
            "seconds": switch.get("seconds", 0),
        },
    }


def _diff(undo):
    """What the undo puts back, for people."""
    return [_diff_of(undo, item) for item, verdict in undo.verdicts if verdict == "put_back"]


def _diff_of(undo, item):
    now = undo.now[item["kind"]][item["name"]]
    if item["kind"] == "file":
        before = _content(item["name"]) if now["kind"] == "file" else None
        after = (
            _content(files.place_of(item["name"], undo.store.path("files"))) if item["was"]["kind"] == "file" else None
        )
        return diff.of_file(item["name"], (now, before), (item["was"], after))
    if item["kind"] == "firewall":
        return diff.of_text("firewall", now["rules"] + "\n", item["was"]["rules"] + "\n")
    return diff.of_text(item["name"], items.sentence(item, now) + "\n", items.sentence(item, item["was"]) + "\n")


def _content(path):
    with open(path, "rb") as file:
        return file.read()


STATES = {"created": _created, "sealed": _sealed, "restored": _restored, "confirmed": _confirmed, "absent": _absent}
NEED_ID = ("created", "sealed", "restored", "confirmed")
