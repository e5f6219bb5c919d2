# Copyright: The pyremediate maintainers
# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)
"""The undo: everything is judged before anything is touched, put back in reverse order, and looked at again.

Packages first, since their scripts edit files; then the packet filter, files, systemd's view of them, units; the network last.
"""

from __future__ import annotations

import time

from ansible_collections.pyremediate.mail.plugins.module_utils import checkpoint_items as items
from ansible_collections.pyremediate.mail.plugins.module_utils import put_back_files as files
from ansible_collections.pyremediate.mail.plugins.module_utils import put_back_firewall as firewall
from ansible_collections.pyremediate.mail.plugins.module_utils import put_back_frr as frr
from ansible_collections.pyremediate.mail.plugins.module_utils import put_back_links as links
from ansible_collections.pyremediate.mail.plugins.module_utils import put_back_listeners as listeners
from ansible_collections.pyremediate.mail.plugins.module_utils import put_back_neighbours as neighbours
from ansible_collections.pyremediate.mail.plugins.module_utils import put_back_owners as owners
from ansible_collections.pyremediate.mail.plugins.module_utils import put_back_packages as packages
from ansible_collections.pyremediate.mail.plugins.module_utils import put_back_routes as routes
from ansible_collections.pyremediate.mail.plugins.module_utils import put_back_settings as settings
from ansible_collections.pyremediate.mail.plugins.module_utils import put_back_units as units
from ansible_collections.pyremediate.mail.plugins.module_utils.put_back_command import run

MAIN_CF = "/etc/postfix/main.cf"
ORDER = ("package", "firewall", "file", "sysctl", "unit", "listener", "frr", "link", "route", "neighbour")


class Undo:
    """One undo of one checkpoint. Made, it says what it would do; ``carry_out`` does it.

    put_back, refused, left, failed and notes are sentences; ``changed``: is, or was, anything to put back?
    """

    def __init__(self, store, manifest):
        self.store, self.manifest = store, manifest
        self.items = self._candidates()
        self.now = items.look(self.items)
        self.verdicts = [(item, self._judge(item)) for item in self.items]
        self.put_back = [self._step(item) for item, verdict in self.verdicts if verdict == "put_back"]
        self.left = [items.sentence(item, self._now(item)) for item, verdict in self.verdicts if verdict == "left"]
        self.refused = [self._why_refused(item) for item, verdict in self.verdicts if verdict == "refused"]
        self.failed, self.notes = [], []
        self.written = []  # files whose content or existence was changed

    # -- judging ------------------------------------------------------------------------------------------------------

    def _candidates(self):
        """After an undo only what was refused then is still open; before, what is new in the trees is ours too."""
        known = self.manifest["items"]
        if self.manifest.get("restored_at"):
            still_open = {tuple(pair) for pair in self.manifest["still_open"]}
            return [item for item in known if (item["kind"], item["name"]) in still_open]
        return known if self.manifest.get("sealed_at") else known + items.new_in_trees(self.manifest)

    def _judge(self, item):
        sealed = self.manifest.get("sealed", {}).get(item["kind"], {}).get(item["name"])
        return items.judge(item["kind"], item["was"], sealed, self._now(item))

    def _now(self, item):
        return self.now[item["kind"]][item["name"]]

    def _step(self, item):
        return "%s (was changed to: %s)" % (items.sentence(item, item["was"]), items.sentence(item, self._now(item)))

    def _why_refused(self, item):
        return "%s: somebody else changed it after this step, at the latest when it was found as: %s" % (
            items.sentence(item, item["was"]),
            items.sentence(item, self._now(item)),
        )

    @property
    def changed(self):
        """Is there, or was there, anything to put back?"""
        return bool(self.put_back)

    # -- acting -------------------------------------------------------------------------------------------------------

    def carry_out(self):
        """Put back what may be put back; afterwards ``failed`` says what is not as it was in spite of it."""
        if not self.changed:
            return
        main_cf = _text(MAIN_CF)
        self._packages()
        self._firewall()
        self._files()
        if any(owners.is_unit_file(path) for path in self.written) or self._todo("package", before=True):
            self._note(run(["systemctl", "daemon-reload"], timeout=units.LONGEST))
        self._system()
        was_running = self._units()
        for item in self._todo("listener"):  # the units have let go of the port by now
            self._note(listeners.start(item["name"], item["kept"]))
        self._network()
        self._readers(was_running, owners.needs_restart(main_cf, _text(MAIN_CF)))
        self._verify()

    def _todo(self, kind, before=False):
        """The items of a kind that may be put back and are not as they were: by the first look, or by a new one."""
        allowed = [item for item, verdict in self.verdicts if item["kind"] == kind and verdict in ("same", "put_back")]
        now = self.now.get(kind, {}) if before else items.look(allowed).get(kind, {})
        return [item for item in allowed if not items.same(kind, item["was"], now[item["name"]])]

    def _packages(self):
        todo = self._todo("package")
        if todo:
            kept = {item["name"]: item["kept"]["deb"] for item in todo}
            wanted = {item["name"]: item["was"] for item in todo}
            self._note(packages.put_back(wanted, kept, self.store.path("debs")))

    def _firewall(self):
        for item in self._todo("firewall"):
            self._note(firewall.put_back(item["kept"]["text"]))

    def _files(self):
        """What was added goes first and from the bottom up, then what was there from the top down."""
        todo = sorted(self._todo("file"), key=lambda item: item["name"])
        gone = [item for item in reversed(todo) if item["was"]["kind"] == "missing"]
        for item in gone + [item for item in todo if item["was"]["kind"] != "missing"]:
            try:
                files.put_back(
                    item["name"], item["was"], item["kept"], self.store.path("files"), self.store.path("removed")
                )
                self.written.append(item["name"])
            except (OSError, ValueError) as error:
                self._note("file %s: %s" % (item["name"], error))

    def _system(self):
        for item in self._todo("sysctl"):
            self._note(settings.put_back(item["name"], item["was"]))

    def _network(self):
        """Only a routing daemon that runs can be configured; an interface that is switched off has no routes and no neighbours."""
        for item in self._todo("frr"):
            if item["kept"]:
                self._note(frr.put_back(item["kept"]["text"]))
        for kind, way in (("link", links.put_back), ("route", routes.put_back), ("neighbour", neighbours.put_back)):
            for item in self._todo(kind):
                self._note(way(item["name"], item["was"]))

    def _units(self):
        """Units back to what they were; returns those that were running all the time."""
        allowed = [
            item for item, verdict in self.verdicts if item["kind"] == "unit" and verdict in ("same", "put_back")
        ]
        chosen = {item["name"] for item, verdict in self.verdicts if verdict == "put_back"}
        now = units.look([item["name"] for item in allowed])
        for item in allowed:
            name, was = item["name"], item["was"]
            if name in chosen or not units.same(was, now[name]):
                self._note(units.put_back(name, was, units.look([name])[name], item["kept"]["links"], owners.complaint))
        return [name for name, state in now.items() if state["runs"] == "running"]

    def _readers(self, was_running, restart):
        """What runs on a configuration that was put back reads it again, unless its owner's test says no."""
        readers = dict.fromkeys(
            unit for path in self.written if not owners.is_unit_file(path) for unit in owners.readers_of(path)
        )
        for unit, state in units.look(list(readers)).items():
            known = unit in items.names_of(self.items, "unit")
            if state["runs"] == "running" and (unit in was_running or not known):
                self._reader(unit, restart and unit == "postfix.service")

    def _reader(self, unit, restart):
        """A configuration that was broken before the step is broken again: what runs on is not touched."""
        wrong = owners.complaint(unit)
        if wrong:
            self.notes.append("%s runs on, and was not told to read its configuration again: %s" % (unit, wrong))
        else:
            self._note(owners.read_again(unit, restart))

    def _note(self, wrong):
        """Remember a failure: a sentence, or a command's end."""
        words = wrong if isinstance(wrong, str) else "" if wrong.ok else wrong.words()
        if words:
            self.failed.append(words)

    def _verify(self):
        for kind in ORDER:
            for item in self._todo(kind):
                now = items.look([item])[kind][item["name"]]
                self.failed.append(
                    "%s, and is still: %s" % (items.sentence(item, item["was"]), items.sentence(item, now))
                )

    # -- remembering --------------------------------------------------------------------------------------------------

    def remember(self, by):
        """Write down in the manifest what came of it; a failed undo stays open, to be tried again."""
        if self.failed:
            self.manifest["failed"] = self.failed
        else:
            self.manifest.pop("failed", None)
            self.manifest.setdefault("restored_at", time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()))
            self.manifest.setdefault("restored_by", by)
            self.manifest["items"] = self.manifest["items"] + [i for i in self.items if i not in self.manifest["items"]]
            self.manifest["still_open"] = [
                [i["kind"], i["name"]] for i, verdict in self.verdicts if verdict == "refused"
            ]
        self.store.write(self.manifest)


def _text(path):
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            return file.read()
    except OSError:
        return ""
