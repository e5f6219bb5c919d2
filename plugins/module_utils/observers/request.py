# Copyright: The pyremediate maintainers
# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)
"""What an observation is asked for, and how an observer says that there is nothing to observe."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Mapping, Optional, Sequence

from ansible_collections.pyremediate.mail.plugins.module_utils.observers.handover import Handover


@dataclass(frozen=True)
class Request:
    """The module's parameters, as the observers need them, and what one observer hands to another.

    ``log_since``  seconds since the epoch from which on the fates of messages are wanted, all of them
    ``listing``    of the queue, which the log is read after: what left the queue before the listing is in the log by then
    """

    name: str
    mail_domain: Optional[str] = None
    lookups: Sequence[Mapping[str, str]] = ()
    hash_key: Optional[str] = None
    extra_paths: Sequence[str] = ()
    queue_limit: int = 1000
    log_minutes: int = 180
    log_since: Optional[float] = None
    listing: Handover = field(default_factory=Handover)


class Unavailable(Exception):
    """What the observer looks at is not on this host; the message says so, ``data`` may say more."""

    def __init__(self, message, data=None):
        super().__init__(message)
        self.data = data or {}
