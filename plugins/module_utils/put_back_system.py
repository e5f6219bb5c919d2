# Copyright: The pyremediate maintainers
# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)
"""Changes of what is no file: whether a unit runs, a route, a kernel setting, who has a port."""

from __future__ import annotations

import time

from ansible_collections.pyremediate.mail.plugins.module_utils import put_back_diff as diff
from ansible_collections.pyremediate.mail.plugins.module_utils import put_back_listeners as listeners
from ansible_collections.pyremediate.mail.plugins.module_utils import put_back_owners as owners
from ansible_collections.pyremediate.mail.plugins.module_utils import put_back_routes as routes
from ansible_collections.pyremediate.mail.plugins.module_utils import put_back_settings as settings
from ansible_collections.pyremediate.mail.plugins.module_utils import put_back_units as units
from ansible_collections.pyremediate.mail.plugins.module_utils.put_back_command import run

ARRIVAL = 10.0  # seconds in which a started unit must run


class Change:
    """One thing that differs from its wish. ``apply`` raises ``OSError`` or ``ValueError``; ``after`` looks again."""

    kind = ""

    def __init__(self, name, before, wanted):
        self.name, self.before, self.wanted = name, before, wanted

    def diff(self):
        """For diff mode."""
        return diff.of_text("%s %s" % (self.kind, self.name), "%s\n" % self.before, "%s\n" % self.wanted)

    def demand(self, wrong):
        """Raise what went wrong."""
        if wrong:
            raise OSError(wrong)


class RunChange(Change):
    """A unit runs or does not. It is started only when its owner's test passes."""

    kind = "unit"

    def __init__(self, name, runs):
        super().__init__(name, _runs(name), runs)

    def apply(self, removed):
        """By systemctl; a unit that gave up may start again (systemd.unit(5), StartLimitBurst=)."""
        if self.wanted:
            self.demand(owners.complaint(self.name))
            run(["systemctl", "reset-failed", "--", self.name])
        done = run(["systemctl", "start" if self.wanted else "stop", "--", self.name], timeout=units.LONGEST)
        self.demand("" if done.ok else done.words())

    def after(self):
        """Whether it runs now; one on its way is waited for."""
        ends = time.monotonic() + ARRIVAL
        while _runs(self.name) != self.wanted and time.monotonic() < ends:
            time.sleep(units.POLL)
        return _runs(self.name)


class RouteChange(Change):
    """One route of the main table."""

    kind = "route"

    def __init__(self, name, wanted):
        super().__init__(name, routes.look([name])[name], wanted)

    def apply(self, removed):
        """By ip(8)."""
        self.demand(routes.put_back(self.name, self.wanted))

    def after(self):
        """The route now."""
        return routes.look([self.name])[self.name]


class SettingChange(Change):
    """One kernel setting."""

    kind = "sysctl"

    def __init__(self, name, wanted):
        super().__init__(name, settings.look([name])[name], wanted)

    def apply(self, removed):
        """By /proc/sys."""
        self.demand(settings.put_back(self.name, self.wanted))

    def after(self):
        """The value now."""
        return settings.look([self.name])[self.name]


class ListenerChange(Change):
    """A process must let go of a port; who takes it then is for the units."""

    kind = "listener"

    def __init__(self, name, process):
        self.process = process
        super().__init__(name, process in listeners.look([name])[name]["processes"], False)

    def apply(self, removed):
        """By its unit, or by a signal."""
        self.demand(listeners.end(self.name, self.process))

    def after(self):
        """Does it have the port still?"""
        return self.process in listeners.look([self.name])[self.name]["processes"]


def _runs(name):
    return units.look([name])[name]["runs"] == "running"
