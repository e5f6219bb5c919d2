"""An audit made by hand, with everything in it that a format must tell."""

from __future__ import annotations

from datetime import UTC, datetime

from pyremediate.audit.values import Audit, Audited, Drift, Odd, Past, Severity
from pyremediate.model import Difference

NOON = datetime(2026, 11, 25, 12, 0, 0, tzinfo=UTC)
WIDER = Difference("postfix.parameter", "mynetworks", "127.0.0.0/8", "127.0.0.0/8 10.0.0.0/8", since=NOON)
NETWORKS = Drift(
    WIDER,
    Severity.SECURITY,
    "10.0.0.0/8 may relay through this host now (postconf(5), permit_mynetworks)",
    "postfix",
    "mynetworks had gained 10.0.0.0/8",
    ("banner", "recipient"),
    WIDER,
    "--- known good\n+++ now\n@@ -1 +1 @@\n-mynetworks = 127.0.0.0/8\n+mynetworks = 127.0.0.0/8 10.0.0.0/8",
    present=("ops was logged in from 192.0.2.7",),
)
BANNER = Drift(
    Difference("file", "/etc/motd <b>&", "sha256:aa", "sha256:bb", "content"),
    Severity.NOISE,
    "no part of the mail's way is known to depend on it",
    "system",
    "the content of /etc/motd <b>& had been changed",
    diff="--- /etc/motd\n+++ /etc/motd\n@@\n-old\x0c\n+new | <script>alert(1)</script> | ]]> \x1b[31m",
    new=False,
)
ACCEPTED = Drift(
    Difference("package", "postfix", "3.7.10", "3.7.11", "version"),
    Severity.BREAKS_MAIL,
    "every part of the mail's way can depend on it",
    "postfix",
    "the package postfix had gone from 3.7.10 to 3.7.11",
    accepted="unattended upgrades",
)
SECRET = Drift(
    Difference("file", "/etc/dovecot/users", "(withheld)", "(withheld)", "content", secret=True),
    Severity.BREAKS_MAIL,
    "auth can depend on it",
    "dovecot",
    "the content of /etc/dovecot/users had been changed",
    ("auth",),
)
AUDIT = Audit(
    NOON,
    (
        Audited("mail01", (NETWORKS, BANNER, ACCEPTED, SECRET), (), 2, NOON, seconds=1.25, gone=("it had been so",)),
        Audited("mail02", known_good_at=NOON),
        Audited("mail03", unknown=("there is no way to it",), seconds=8),
        Audited("router01", known_good_at=NOON, device=True),
    ),
    notes=("a rule has expired",),
    odd=(Odd("mail02", "sysctl", "net.ipv4.ip_forward", "1", "0", "mail", 7, 8),),
    trend=(Past(NOON, 4, 1, 2, 3, 0),),
)
CLEAN = Audit(NOON, (Audited("mail02", known_good_at=NOON),))
