"""Is a host doing its work? Asked again and again until a deadline; nothing waits for a fixed time."""

from __future__ import annotations

import imaplib
import smtplib
import socket
import ssl
import time
from collections.abc import Callable, Mapping
from functools import partial

from pyremediate.lab import ssh
from pyremediate.lab.description import CANARY, MAIL_DOMAIN, Host, Lab

ATTEMPT = 0.5  # seconds; a bare connect to an absent host would hang for two minutes
PATIENCE = 2.0  # for a dialogue with somebody who is there
PAUSE = 0.05
CONTROLLER = f"controller.{MAIL_DOMAIN}"

Probe = Callable[[str], None]  # raises OSError or smtplib.SMTPException when the service does not answer as it should

# What listens on a mail host when all of its services are there, the milters included. Asked on the host itself: an
# SMTP session before its milters are up would leave warnings in the log of a healthy host.
LISTENERS = (25, 587, 993, 8891, 11332)
# FRRouting has read its configuration to the end, where its routes are.
WAIT_FOR = {
    "mail": "".join(f'until ss -Hltn "sport = :{port}" | grep -q .; do sleep 0.1; done\n' for port in LISTENERS),
    "router": "until vtysh -c 'show running-config' 2>&1 | grep -q '^ip route'; do sleep 0.1; done\n",
}


def submission(address: str, port: int = 587) -> None:
    """A greeting on 587, and STARTTLS offered (RFC 6409, RFC 3207)."""
    with smtplib.SMTP(address, port, local_hostname=CONTROLLER, timeout=PATIENCE) as session:
        session.ehlo()
        if not session.has_extn("starttls"):
            raise smtplib.SMTPNotSupportedError("STARTTLS is not offered")


def mail_accepted(address: str, port: int = 25) -> None:
    """The canary's mailbox is accepted as a recipient: smtpd, its maps and both milters work. Nothing is sent."""
    with smtplib.SMTP(address, port, local_hostname=CONTROLLER, timeout=PATIENCE) as session:
        session.ehlo()
        for code, words in (session.mail(""), session.rcpt(CANARY)):
            if code != 250:
                raise smtplib.SMTPResponseException(code, words)


def smtp(address: str, port: int = 25) -> None:
    """A greeting on 25."""
    smtplib.SMTP(address, port, local_hostname=CONTROLLER, timeout=PATIENCE).quit()


def imaps(address: str) -> None:
    """A greeting inside TLS on 993; the certificate is for others to judge."""
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    imaplib.IMAP4_SSL(address, 993, ssl_context=context, timeout=PATIENCE).logout()


def dns(address: str) -> None:
    """Somebody listens on 53."""
    socket.create_connection((address, 53), timeout=ATTEMPT).close()


WORK: Mapping[str, Mapping[str, Probe]] = {
    "mail": {"smtp": mail_accepted, "submission": submission, "imaps": imaps},
    "peer": {"smtp": smtp, "imaps": imaps},
    "dns": {"dns": dns},
    "client": {},
    "router": {},
}


def probes(lab: Lab, host: Host) -> Mapping[str, Callable[[], None]]:
    """{service: attempt} of a host, SSH first."""
    work = {name: partial(probe, host.address) for name, probe in WORK[host.kind].items()}
    return {"ssh": partial(login, lab, host), **work}


def login(lab: Lab, host: Host, script: str = "true", seconds: float = 5.0) -> None:
    """A real login, host key checked: a bare connection would leave an error in the host's log."""
    done = ssh.run(lab, host, script, seconds)
    if done.returncode:
        words = done.stderr.strip().splitlines() or [f"the script ended with {done.returncode}"]
        raise OSError(words[-1])


def wait(lab: Lab, host: Host, seconds: float) -> str:
    """Poll until every service answers: an empty string, or the one that did not within the time, with its words."""
    deadline = time.monotonic() + seconds
    attempts = dict(probes(lab, host))
    if script := WAIT_FOR.get(host.kind):
        attempts["ssh"] = partial(login, lab, host, script, seconds)
    for name, attempt in attempts.items():
        if words := until(attempt, deadline):
            return f"{name}: {words}"
    return ""


def until(attempt: Callable[[], None], deadline: float) -> str:
    """Attempt it again and again: an empty string when it succeeded, its last words when the deadline passed."""
    while words := failure(attempt):
        if time.monotonic() > deadline:
            return words
        time.sleep(PAUSE)
    return ""


def failure(attempt: Callable[[], None]) -> str:
    """One attempt: an empty string when the service answers, its words otherwise."""
    try:
        attempt()
    except (OSError, smtplib.SMTPException, imaplib.IMAP4.error) as error:
        return str(error) or type(error).__name__
    return ""
