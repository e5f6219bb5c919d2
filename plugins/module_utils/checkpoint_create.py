# Copyright: The pyremediate maintainers
# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)
"""The beginning of a transaction (record what is), and its seal (record what the step made of it)."""

from __future__ import annotations

import platform
import time

from ansible_collections.pyremediate.mail.plugins.module_utils import checkpoint_items as items
from ansible_collections.pyremediate.mail.plugins.module_utils import checkpoint_paths as paths
from ansible_collections.pyremediate.mail.plugins.module_utils import checkpoint_standalone as standalone
from ansible_collections.pyremediate.mail.plugins.module_utils import checkpoint_store as stores
from ansible_collections.pyremediate.mail.plugins.module_utils import put_back_files as files
from ansible_collections.pyremediate.mail.plugins.module_utils import put_back_firewall as firewall
from ansible_collections.pyremediate.mail.plugins.module_utils import put_back_frr as frr
from ansible_collections.pyremediate.mail.plugins.module_utils import put_back_listeners as listeners
from ansible_collections.pyremediate.mail.plugins.module_utils import put_back_packages as packages
from ansible_collections.pyremediate.mail.plugins.module_utils import put_back_routes as routes
from ansible_collections.pyremediate.mail.plugins.module_utils import put_back_units as units

SCHEMA = 1
DOWNLOAD_SECONDS = 30  # for all .deb files together
RULESET = "ruleset"
# Kinds, and their keys in a request.
SYSTEM = (
    ("route", "routes"), ("sysctl", "settings"), ("listener", "listeners"), ("link", "links"), ("neighbour", "neighbours"),
)  # fmt: skip
WHOLE = ("firewall", "frr")  # of which there is one: asked for or not


def moment():
    """Now, by the host's own clock."""
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())


def check_existing(manifest, request):
    """Refuse a checkpoint that is over, or that does not hold what is asked for: it must never be recorded again."""
    name = manifest["id"]
    if manifest.get("restored_at"):
        raise stores.CheckpointError(
            "checkpoint %s was put back at %s; take another id" % (name, manifest["restored_at"])
        )
    missing = [
        "%s %s" % (kind, wanted)
        for kind, key in (("file", "files"), ("unit", "units"), ("package", "packages")) + SYSTEM
        for wanted in request.get(key, [])
        if (wanted.rstrip("/") if kind == "file" else wanted) not in manifest["request"].get(key, [])
    ]
    missing += [kind for kind in WHOLE if request.get(kind) and not manifest["request"].get(kind)]
    if missing:
        raise stores.CheckpointError("checkpoint %s exists and does not hold: %s" % (name, ", ".join(missing)))


def normal(request):
    """The request with its paths in one spelling. Raises ``ValueError`` for what a checkpoint must not hold."""
    return dict(request, files=[paths.resolved(path) for path in request["files"]])


def create(identifier, request):
    """Record everything in a new checkpoint; returns its store."""
    return stores.build(identifier, lambda store: _fill(store, identifier, request))


def _fill(store, identifier, request):
    recorded = _files(store, request["files"]) + _units(request["units"]) + _packages(store, request["packages"])
    recorded += _firewall() if request["firewall"] else []
    recorded += _frr() if request.get("frr") else []
    request = _with_routes(request)
    for kind, key in SYSTEM:
        recorded += _system(kind, request.get(key, []))
    standalone.install(store)
    store.write(
        {
            "schema": SCHEMA,
            "id": identifier,
            "host": platform.node(),
            "created_at": moment(),
            "request": request,
            "trees": [path for path in request["files"] if paths.is_tree(path)],
            "items": recorded,
        }
    )


def _with_routes(request):
    """An interface that is switched off takes its routes along, so they are remembered with it."""
    wanted, ports = request.get("routes", []), request.get("links")
    along = routes.through(ports) if ports else []
    return dict(request, routes=wanted + [name for name in along if name not in wanted])


def _files(store, wanted):
    found = []
    for path in paths.expand(wanted, paths.queue_directory()):
        state, kept = files.keep(path, store.path("files"))
        found.append({"kind": "file", "name": path, "was": state, "kept": kept})
    return found


def _units(wanted):
    shown = units.show(units.with_parts(wanted))
    return [
        {"kind": "unit", "name": name, "was": units.state_of(properties), "kept": units.keep(name)}
        for name, properties in shown.items()
    ]


def _packages(store, wanted):
    if not wanted:
        return []
    names = packages.with_siblings(wanted, packages.installed())
    ends = time.monotonic() + DOWNLOAD_SECONDS
    kept = packages.keep(names, store.path("debs"), lambda: ends - time.monotonic())
    states = packages.look(names)
    return [{"kind": "package", "name": name, "was": states[name], "kept": {"deb": kept[name]}} for name in names]


def _firewall():
    """A ruleset that cannot be loaded again is found out now, before anything is touched."""
    ruleset = firewall.text()
    wrong = firewall.check(ruleset)
    if wrong:
        raise stores.CheckpointError("the packet filter could not be put back, so it is not touched: " + wrong)
    return [
        {"kind": "firewall", "name": RULESET, "was": {"rules": firewall.normal(ruleset)}, "kept": {"text": ruleset}}
    ]


def _frr():
    kept = frr.keep()
    return [{"kind": "frr", "name": frr.NAME, "was": frr.look([frr.NAME])[frr.NAME], "kept": kept}]


def _system(kind, names):
    """What is no file; of a process that has a port, what it takes to start it again."""
    states = items.LOOK[kind](names) if names else {}
    keep = listeners.keep if kind == "listener" else lambda name: {}
    return [{"kind": kind, "name": name, "was": state, "kept": keep(name)} for name, state in states.items()]


def seal(store, manifest):
    """Record the state after the step, once: what differs later was done by somebody else. True when done now."""
    if manifest.get("restored_at"):
        by = manifest.get("restored_by")
        raise stores.CheckpointError(
            "checkpoint %s was put back at %s by %s" % (manifest["id"], manifest["restored_at"], by)
        )
    if manifest.get("sealed_at"):
        return False
    manifest["items"] += items.new_in_trees(manifest)
    manifest["sealed"] = items.look(manifest["items"])
    manifest["sealed_at"] = moment()
    store.write(manifest)
    return True
