# Copyright: The pyremediate maintainers
# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)
"""Changes of a router's own: interfaces, neighbours, FRRouting's running configuration."""

from __future__ import annotations

from ansible_collections.pyremediate.mail.plugins.module_utils import put_back_diff as diff
from ansible_collections.pyremediate.mail.plugins.module_utils import put_back_frr as frr
from ansible_collections.pyremediate.mail.plugins.module_utils import put_back_links as links
from ansible_collections.pyremediate.mail.plugins.module_utils import put_back_neighbours as neighbours
from ansible_collections.pyremediate.mail.plugins.module_utils.put_back_system import Change


class LinkChange(Change):
    """What is wished of one interface; the rest of it stays."""

    kind = "link"

    def __init__(self, name, wish):
        before = links.look([name])[name]
        if not before:
            raise ValueError("there is no interface %s" % name)
        super().__init__(name, before, dict(before, **wish))

    def apply(self, removed):
        """By ip(8)."""
        self.demand(links.put_back(self.name, self.wanted))

    def after(self):
        """The interface now."""
        return links.look([self.name])[self.name]


class NeighbourChange(Change):
    """What is wished of one neighbour: interface to link-layer address, none where nothing is to be written down."""

    kind = "neighbour"

    def __init__(self, name, wish):
        before = neighbours.look([name])[name]
        wanted = {interface: mac for interface, mac in dict(before, **wish).items() if mac}
        super().__init__(name, before, wanted)

    def apply(self, removed):
        """By ip(8)."""
        self.demand(neighbours.put_back(self.name, self.wanted))

    def after(self):
        """The neighbour now."""
        return neighbours.look([self.name])[self.name]


class ConfigurationChange(Change):
    """The whole running configuration of FRRouting."""

    kind = "frr"

    def __init__(self, configuration):
        self.configuration = frr.begun(configuration)
        self.wanted = {"configuration": frr.normal(self.configuration)}
        super().__init__(frr.NAME, self.after(), self.wanted)

    def diff(self):
        """Line by line."""
        texts = [(state["configuration"] or "") + "\n" for state in (self.before, self.wanted)]
        return diff.of_text(frr.NAME, *texts)

    def apply(self, removed):
        """Read by FRRouting first, which changes nothing."""
        self.demand(frr.check(self.configuration) or frr.put_back(self.configuration))

    def after(self):
        """The configuration now; as wanted when FRRouting itself finds no line that differs."""
        return self.wanted if frr.runs(self.configuration) else frr.look([frr.NAME])[frr.NAME]


def changes_of(wishes):
    """In the order of doing: the configuration switches interfaces off, and one that is off forgets its neighbours."""
    found = [ConfigurationChange(wishes.configuration)] if wishes.configuration is not None else []
    found += [LinkChange(name, wish) for name, wish in wishes.links.items()]
    return found + [NeighbourChange(name, wish) for name, wish in wishes.neighbours.items()]
