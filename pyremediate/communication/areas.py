"""A cause in the words of those who need not know what Postfix is: by the layer of the fault. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from pyremediate.communication.values import Fault
from pyremediate.languages import Language, _

AREAS: Mapping[str, str] = {
    "difference": _("A change on the mail server had consequences for e-mail."),
    "dns": _("Name resolution (DNS) did not work correctly."),
    "dovecot": _("The mailbox service did not work correctly."),
    "firewall": _("A firewall rule blocked e-mail."),
    "hardware": _("A hardware fault on the mail server."),
    "milter": _("A mail filter (protection against spam and viruses) did not work correctly."),
    "network": _("A fault in the network."),
    "packages": _("A software package on the mail server was faulty."),
    "postfix": _("The mail server's transport service did not work correctly."),
    "resources": _("The mail server was short of resources, such as storage space."),
    "services": _("A service on the mail server was not running."),
    "tls": _("A certificate or the encryption of connections was not in order."),
}
OTHER = _("A technical fault on the mail server.")


def area(fault: Fault, language: Language) -> str:
    """What was at fault, roughly, as a sentence."""
    return language.gettext(AREAS.get(fault.layer, OTHER))
