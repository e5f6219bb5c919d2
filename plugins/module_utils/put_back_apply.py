# Copyright: The pyremediate maintainers
# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)
"""Wishes come true: before, wanted, after; and after must be wanted."""

from __future__ import annotations

import grp
import hashlib
import os
import pwd

from ansible_collections.pyremediate.mail.plugins.module_utils import checkpoint_paths as paths
from ansible_collections.pyremediate.mail.plugins.module_utils import put_back_aside as aside
from ansible_collections.pyremediate.mail.plugins.module_utils import put_back_devices as devices
from ansible_collections.pyremediate.mail.plugins.module_utils import put_back_diff as diff
from ansible_collections.pyremediate.mail.plugins.module_utils import put_back_files as files
from ansible_collections.pyremediate.mail.plugins.module_utils import put_back_firewall as firewall
from ansible_collections.pyremediate.mail.plugins.module_utils import put_back_owners as owners
from ansible_collections.pyremediate.mail.plugins.module_utils import put_back_system as system
from ansible_collections.pyremediate.mail.plugins.module_utils import put_back_units as units
from ansible_collections.pyremediate.mail.plugins.module_utils import put_back_writing as writing
from ansible_collections.pyremediate.mail.plugins.module_utils.put_back_command import run
from ansible_collections.pyremediate.mail.plugins.module_utils.put_back_system import Change
from ansible_collections.pyremediate.mail.plugins.module_utils.put_back_wishes import attributes_of


class FileChange(Change):
    """A path: ``before`` and ``wanted`` are states of put_back_files."""

    kind = "file"

    def __init__(self, path, wish, numbers):
        self.wish = wish
        before = files.look(path)
        self.attributes = attributes_of(wish, before, numbers)
        super().__init__(path, before, self._wanted(path, before))

    def _wanted(self, path, before):
        kind = self.wish.kind or before["kind"]
        if kind == "missing":
            if self.wish.kind is None:
                raise ValueError("%s is gone, so its owner and mode cannot be put back" % path)
            return dict(files.MISSING)
        state = {"kind": kind, "owner": self.attributes.owner, "group": self.attributes.group}
        if kind == "link":
            return dict(state, target=self.wish.target or before["target"])
        state["mode"] = "%04o" % self.attributes.mode
        state.update({"acl": self.attributes.acl} if self.attributes.acl else {})
        if kind == "file":
            state["digest"] = _digest(self.wish.content) if self.wish.content is not None else before["digest"]
        immutable = before.get("immutable", False) if self.wish.immutable is None else self.wish.immutable
        return state if kind == "other" else dict(state, immutable=immutable)

    def diff(self):
        """The text before and after."""
        now = _read(self.name) if self.before["kind"] == "file" else None
        then = self.wish.content if self.wish.content is not None else now if self.wanted["kind"] == "file" else None
        return diff.of_file(self.name, (self.before, now), (self.wanted, then), self.wish.secret)

    def apply(self, removed):
        """Make it so; what is in the way is moved below ``removed``."""
        if self.wanted["kind"] == "directory" and self.before["kind"] != "directory" and paths.is_store(self.name):
            _check_store(self.name, self.before, self.wanted)
        if self.before.get("immutable"):
            writing.set_immutable(self.name, False)
        if "directory" in (self.before["kind"], self.wanted["kind"]) and self.before["kind"] != self.wanted["kind"]:
            files.take_away(self.name, removed)
        self._make(removed)
        if self.wanted.get("immutable"):
            writing.set_immutable(self.name, True)

    def _make(self, removed):
        kind = self.wanted["kind"]
        if kind == "missing":
            files.take_away(self.name, removed)
        elif kind == "link":
            writing.link(self.name, self.wanted["target"], self.attributes.owner, self.attributes.group)
        elif kind == "file" and self.wanted["digest"] != self.before.get("digest"):
            writing.write(self.name, self.wish.content, self.attributes)
        else:
            if kind == "directory" and self.before["kind"] != "directory":
                self._make_directory()
            writing.set_attributes(self.name, self.attributes)

    def _make_directory(self):
        """As it was, with all that was in it, where it only stands aside."""
        moved = aside.find(self.name) if self.before["kind"] == "link" else ""
        if moved:
            aside.move(moved, self.name)
        else:
            os.mkdir(self.name, 0o700)

    def after(self):
        """The state now."""
        return files.look(self.name)


def _check_store(path, before, wanted):
    """A mail store comes back with its mail or not at all. Raises ``OSError`` with the step that a human takes."""
    if before["kind"] != "link":
        raise OSError("the mail store %s is gone; an empty one would hide that: find its mail, or restore it" % path)
    named = "%s is a link to %s" % (path, before["target"])
    moved = aside.find(path)
    if not moved:
        raise OSError(
            "%s, which is not there; nor is the one directory that it replaced: mount or find its mail" % named
        )
    found = files.look(moved)
    same = [found[key] for key in ("owner", "group")] == [wanted[key] for key in ("owner", "group")]
    if not same or os.lstat(moved).st_dev != os.lstat(os.path.dirname(path)).st_dev:
        raise OSError("%s, which is not there; if %s is its mail, remove the link and move that back" % (named, moved))


class UnitChange(Change):
    """How a unit is enabled; it is neither started nor stopped."""

    kind = "unit"

    def __init__(self, name, enabled):
        self.state = units.look([name])[name]
        super().__init__(name, self.state["enabled"], enabled)

    def apply(self, removed):
        """By systemctl."""
        links = units.keep(self.name)["links"]
        for step in units.commands(self.name, dict(self.state, enabled=self.wanted), self.state, links, links):
            done = run(["systemctl"] + step, timeout=units.LONGEST)
            if not done.ok:
                raise OSError(done.words())

    def after(self):
        """How it is enabled now."""
        return units.look([self.name])[self.name]["enabled"]


class FirewallChange(Change):
    """The whole ruleset, in one transaction of the kernel."""

    kind = "firewall"

    def __init__(self, ruleset):
        self.ruleset = ruleset
        super().__init__("ruleset", firewall.look()["rules"], firewall.normal(ruleset))

    def apply(self, removed):
        """Checked by the kernel first."""
        wrong = firewall.check(self.ruleset) or firewall.put_back(self.ruleset)
        if wrong:
            raise OSError(wrong)

    def after(self):
        """The rules now."""
        return firewall.look()["rules"]


def changes_of(wishes):
    """What differs from the wishes, in the order of doing: what was added goes from the bottom up."""
    numbers = (_Numbers(wishes, "/etc/passwd", _uid), _Numbers(wishes, "/etc/group", _gid))
    found = [FileChange(path, wish, numbers) for path, wish in sorted(wishes.files.items())]
    gone = [change for change in reversed(found) if change.wanted["kind"] == "missing"]
    found = [change for change in found if change.wanted["kind"] != "missing"] + gone
    found += [UnitChange(name, enabled) for name, enabled in wishes.units.items()]
    found += [FirewallChange(wishes.ruleset)] if wishes.ruleset is not None else []
    found += [system.RouteChange(name, wanted) for name, wanted in wishes.routes.items()]
    found += [system.SettingChange(name, wanted) for name, wanted in wishes.settings.items()]
    found += [system.ListenerChange(name, process) for name, process in wishes.listeners.items()]
    found += devices.changes_of(wishes)
    found += [system.RunChange(name, runs) for name, runs in wishes.runs.items()]
    return [change for change in found if change.before != change.wanted]


def carry_out(changes, removed):
    """Apply every change; systemd reads its units again where touched. Raises ``OSError`` or ``ValueError``."""
    last = [change for change in changes if isinstance(change, system.RunChange)]  # on what is put back by then
    for change in changes:
        if change not in last:
            change.apply(removed)
    if any(change.kind == "file" and owners.is_unit_file(change.name) for change in changes):
        done = run(["systemctl", "daemon-reload"], timeout=units.LONGEST)
        if not done.ok:
            raise OSError(done.words())
    for change in last:
        change.apply(removed)


def unfulfilled(changes):
    """The names of what is still not as wanted."""
    return ["%s %s" % (change.kind, change.name) for change in changes if change.after() != change.wanted]


def to_reload(changes):
    """The units whose configuration was touched."""
    return sorted({unit for change in changes if change.kind == "file" for unit in owners.readers_of(change.name)})


def _digest(content):
    return "sha256:" + hashlib.sha256(content).hexdigest()


def _read(path):
    with open(path, "rb") as file:
        return file.read()


class _Numbers:
    """Names to numbers: as the accounts will be where these are put back too, else as they are."""

    def __init__(self, wishes, path, now):
        wish = wishes.files.get(path)
        lines = wish.content.decode("utf-8", "replace").splitlines() if wish and wish.content else ()
        self.wanted = {line.split(":")[0]: line.split(":")[2] for line in lines if line.count(":") > 1}
        self.now = now

    def __call__(self, name):
        return int(self.wanted[name]) if name in self.wanted else self.now(name)


def _uid(name):
    try:
        return pwd.getpwnam(name).pw_uid
    except KeyError:
        return _number(name, "user")


def _gid(name):
    try:
        return grp.getgrnam(name).gr_gid
    except KeyError:
        return _number(name, "group")


def _number(name, what):
    """The observation gives a number where the user does not exist; then the file belonged to that number."""
    if not str(name).isdigit():
        raise ValueError("there is no %s %s on this host" % (what, name))
    return int(name)
