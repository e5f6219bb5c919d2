"""The channels of the settings: where their URLs come from, and a message handed to one of them."""

from __future__ import annotations

import os
from pathlib import Path

from pyremediate.communication import relay, services
from pyremediate.communication.relay import PORTS, Broken, Taken, Undelivered
from pyremediate.communication.render import Text
from pyremediate.communication.settings import ChannelSettings, CommunicationSettings
from pyremediate.communication.values import Notice
from pyremediate.errors import UsageError

CREDENTIALS = "CREDENTIALS_DIRECTORY"  # where systemd puts what a unit is handed (systemd.exec(5))


def url_of(name: str, channel: ChannelSettings) -> str:
    """The URL of a channel. Raises ``UsageError`` that names the channel, and never the URL."""
    if channel.url_environment:
        url = os.environ.get(channel.url_environment, "")
        if not url:
            raise UsageError(f"channel {name}: the environment has no {channel.url_environment}")
    elif channel.url_file:
        url = _first_line(name, channel.url_file)
    else:
        url = channel.url or ""
    if "://" not in url:
        raise UsageError(f"channel {name}: no URL; write smtps://… for mail, or one that Apprise knows")
    return url


def _first_line(name: str, path: Path) -> str:
    """Of the file, or of what systemd was asked to hand over in its place (``LoadCredential=notify_<channel>:…``)."""
    handed_over = os.environ.get(CREDENTIALS)
    credential = Path(handed_over) / f"notify_{name}" if handed_over else None
    if credential and credential.is_file():
        path = credential
    try:
        return path.read_text().strip().partition("\n")[0].strip()
    except OSError as error:
        raise UsageError(f"channel {name}: {path}: {error.strerror}") from None
    except UnicodeDecodeError:
        raise UsageError(f"channel {name}: {path}: is not UTF-8 text") from None


def complaints(settings: CommunicationSettings) -> list[str]:
    """What is wrong with the channels, as far as it can be told without using them; each names its channel."""
    found = []
    for name, channel in settings.channels.items():
        try:
            url = url_of(name, channel)
            relay.relay(url) if is_mail(url) else services.load(url)
        except UsageError as error:
            found.append(_named(name, error))
    return found


def secrets(settings: CommunicationSettings) -> list[str]:
    """What of the channels must never be written, wherever it turns up."""
    found: list[str] = []
    for name, channel in settings.channels.items():
        try:
            url = url_of(name, channel)
            found += [url, relay.relay(url).password] if is_mail(url) else services.secrets(url)
        except UsageError:
            continue
    return [each for each in found if each]


def hand_over(name: str, channel: ChannelSettings, notice: Notice, broken: Broken, taken: Taken) -> None:
    """Hand a notice to the channel; ``taken`` gets its words the moment it has it. Raises ``Undelivered``."""
    try:
        url = url_of(name, channel)
        text = Text(notice.subject, notice.body)
        body = text.short if channel.short else text.body
        if is_mail(url):
            via = relay.relay(url)
            relay.hand_over(via, relay.message(via, notice, notice.subject, body), broken, taken)
        else:
            taken(services.hand_over(url, notice.key, "" if channel.short else notice.subject, body))
    except UsageError as error:
        raise Undelivered(_named(name, error)) from None


def probe(name: str, channel: ChannelSettings, broken: Broken) -> str | None:
    """What a mail channel says without a mail; None: this one cannot be tested without a message. Raises ``Undelivered``."""
    try:
        url = url_of(name, channel)
        return relay.probe(relay.relay(url), broken) if is_mail(url) else None
    except UsageError as error:
        raise Undelivered(_named(name, error)) from None


def is_mail(url: str) -> bool:
    """Is it ours to send? Everything else is Apprise's."""
    return url.partition("://")[0].lower() in PORTS


def _named(name: str, error: UsageError) -> str:
    return str(error) if str(error).startswith("channel ") else f"channel {name}: {error}"
