"""Sentences that the record keeps in English: retold where they are known, else quoted as they are.

The journal keeps what was said at the time, word for word. What a fault's folder says stands in the catalogues as it is, or as a
template (``review.retelling``); the sentences here have values in them too, and are found by their shape. What a host or a server
said is never retold.
"""

from __future__ import annotations

import re
from functools import cache

from pyremediate.languages import SOURCE, Language, _
from pyremediate.languages.words import FATES
from pyremediate.model import LEGS, SEARCHED

KNOWN = (  # tests/drift/test_translations.py: each is still said
    _("the cause is gone, and the mail that it stopped flows again"),
    _("right but not sufficient: mail comes further than before, and stops later on its way"),
    _("right but not sufficient: %(codes)s remains"),
    _("its condition does not hold any more"),
    _("%(paths)s: mail stops earlier on its way than before"),
    _("policy allows %(class_)s unattended"),
    _("policy wants consent for %(class_)s"),
    _("policy never allows %(class_)s"),
    _("%(attempts)s remedies were tried in this incident, and policy allows no more"),
    _("%(leg)s did not pass"),
    _("%(leg)s passes now"),
    _("a smaller set is looked for"),
    _("the deferred mail is being delivered now"),
    _("%(title)s: consented to by %(actor)s"),
    _("mail flows in every way that was tried"),
    _("Put back as last known good: %(names)s"),
    _("Restart %(units)s, with nothing put back"),
    _("Mail stopped until %(units)s was restarted; nothing that differs from the last known good had stopped it"),
    _("Mail stopped until %(units)s were restarted; nothing that differs from the last known good had stopped it"),
    _("Approve a wanted change with pyremediate baseline capture, after proving that mail flows."),
    _("Find out in the log of %(units)s what had stopped working: a restart hides that, and it may come back."),
    # What is left for people.
    _("%(title)s was not done: %(reason)s."),
    _("%(title)s was undone: %(reason)s."),
    _("The remedy %(name)s does not apply: %(reason)s."),
    _("cannot be told: %(reason)s"),
    _("this host has no last known good"),
    _("no mail suffers from it now, so no mail could prove that it is mended"),
    _("the network device on which it would be carried out is not known"),
    _("No known fault explains %(leg)s failing from %(vantage)s: %(detail)s."),
    _("Why %(leg)s fails is not known: %(detail)s."),
    _("%(title)s: that did not help."),
    _("Put back as last known good, and undone since it did not help: %(names)s."),
    _("%(name)s could not be put back: %(reason)s."),
    _("Not tried: %(names)s."),
    _("stopped: %(title)s: %(reason)s"),
    _("stopped: %(reason)s"),
    _(
        "it came back within %(minutes)s minutes of the same remedy at %(clock)s UTC: "
        "the remedy hides a cause that a human must find"
    ),
    _("the search ended after %(trials)s trials, as many as the settings allow"),
    _("the search ended after %(minutes)s minutes, as many as the settings allow"),
    _("what had proved itself once did not a second time"),
    _("there is no way back on record, or it would take back what a rule accepts"),
    _("At %(device)s (%(platform)s), this puts its configuration back as in the last known good; read it before:"),
    _("At %(device)s (%(platform)s), this puts its configuration back as in the last known good of %(time)s; read it before:"),
    _("%(path)s is a link to %(target)s, which is not there: mount that; or find what was there."),
    _(
        "%(path)s is a link to %(target)s, which is not there: mount that; "
        "if %(other)s is what was there, remove the link and move that back."
    ),
    _(
        "Message %(id)s from %(sender)s to %(recipients)s, here since %(since)s, is missing: %(reason)s. Look for it in the queue "
        "directory (find -name %(id)s), in a backup and in the mail log (grep %(id)s); if it is nowhere, ask its sender to send it "
        "again."
    ),
    _("it was in the queue %(queue)s, is not any more, and the log has no end of it"),
    _("it was requeued as %(heir)s, of which the log has no end"),
    _("it was picked up as %(heir)s, of which the log has no end"),
    _("the log says that it was accepted, it is not in the queue, and the log has no end of it"),
    # Why a cause is believed to be one.
    _("%(leg)s did not pass from %(vantage)s (%(detail)s), and did with it put back."),
    _("%(leg)s did not pass from %(vantage)s (%(detail)s), and did with these put back."),
    _("%(leg)s did not pass from %(vantage)s (%(detail)s), and did after a restart alone."),
    _("Nothing differs from the last known good."),
    _("Differences from the last known good remain: %(names)s."),
    _("It runs again since step %(number)s (%(title)s) started it with what that is about."),
    _("Find out who or what stopped %(name)s."),
    _("%(owner)s has drifted from its known good"),
    _("Put the configuration of %(device)s back as it was known to be good"),
    _("Put the interfaces of %(device)s back as they were known to be good"),
    _("Put the packet filter that %(device)s starts with in force"),
    _("Approve a wanted change as known good, or accept it by a rule of the audit in the settings."),
    # What became of a step, and why.
    _("%(leg)s still fails: %(detail)s"),
    _("it is as its known good again, and nothing that worked fails"),
    _("not verified: %(reason)s"),
    _("queue ledger: %(account)s"),
    _("Nothing was queued."),
    _("nothing that worked fails now: %(detail)s"),
    _("no longer %(code)s: its condition still holds"),
    _("%(reason)s; not put back: %(names)s"),
    _("the dead-man switch could not be disarmed over a fresh connection"),
    _("found by resume: no fault is left, and test mail passes in every direction"),
    _("found by resume: the run ended before this step was verified"),
    _("resumed: the run before this one did not end"),
    _("looked at again, as %(actor)s asked"),
    _("asked for by %(actor)s"),
    _("%(actor)s accepts the risk: %(place)s is changed even if it cannot undo the change by itself"),
    _("could not be determined: %(reason)s"),
    _("taken by %(service)s"),
    _("the relay %(host)s is the host under repair itself; name another one in the settings"),
    # What a vantage point saw.
    _("%(leg)s from %(vantage)s: %(detail)s"),
    _("refused: %(address)s port %(port)s is reached, and nothing listens there (or a firewall rejects)"),
    _("timeout: %(address)s port %(port)s does not answer within %(seconds)s s (firewall, or nobody there)"),
    _("timeout: connected, and no answer"),
    _("timeout: the TLS handshake was not answered"),
    _("the server broke the TLS handshake off"),
    _("certificate not valid for %(name)s: %(words)s"),
    _("accepted (%(words)s), and not there after %(seconds)s s"),
    _("%(detail)s; the host has deferred it: %(reason)s"),
    _("%(detail)s; the host has bounced it: %(reason)s"),
    _("%(detail)s; the host has put it on hold"),
    _("%(detail)s; the host has found its file corrupt"),
    _("%(detail)s; the host has deleted it"),
    _("%(detail)s; the host has discarded it"),
    _("no detail"),
    # What the controller saw of a host that is silent (looking/reach.py).
    _(
        "%(host)s: %(address)s port %(port)s does not answer within %(seconds)s s: the host is off, "
        "or a firewall drops the connection; look at its console, and at the firewalls on the way"
    ),
    _(
        "%(host)s: %(address)s port %(port)s takes the connection, and its SSH server says nothing within %(seconds)s s: "
        "the host is overloaded or hangs; look at its console"
    ),
    _(
        "%(host)s: there is no way to %(address)s port %(port)s (%(words)s): the host is off, or a route is missing or blocked; "
        "look at the routes, the switch, and the host's console"
    ),
    _(
        "%(host)s: %(address)s port %(port)s refuses: the host is up, and no SSH server listens there; "
        "start ssh.service on its console, or correct ansible_port"
    ),
    # What its board's controller calls a part, and says of it (bmc/parts.py).
    _("power supply"),
    _("fan"),
    _("memory module"),
    _("drive"),
    _("temperature"),
    _("it foretells its end"),
)
VALUE = re.compile(r"%\((\w+)\)s")
PARTS = {  # as narrow as they can be, so that a server's own words are not taken for ours
    "leg": rf"(?:{'|'.join(LEGS)})\.\w+",
    "vantage": r"[\w.-]+",
    "host": r"[\w.-]+",
    "address": r"[\w.:-]+",
    "port": r"\d+",
    "seconds": r"[\d.]+",
}
SENTENCES = frozenset({"title", "reason", "detail"})  # values that are sentences, too
LISTS = frozenset({"names"})  # of these
# The ledger's sentence (``ledger.words.sentence``): "3 delayed: 2 delivered, 1 bounced: user unknown. Missing: 4b."
OF_ORIGIN = re.compile(r"(?P<number>\d+) (?P<origin>delayed|arrived meanwhile|test mail)s?: (?P<ends>[^.]*)\.?")
END = re.compile(r"(?P<number>\d+) (?P<fate>[a-z ]+)(?P<rule>: [^,]*)?")
MISSING = re.compile(r"Missing: ([^.]*)\.?")
REMOTE = _("still deferred by the remote")


def retold(language: Language, words: object) -> str:
    """Words of the record in this language; those that have no translation in its quotation marks."""
    text = " ".join(str(words).split())
    if not text or language.code == SOURCE:
        return text
    return again(language, text) or quoted(language, text)


def again(language: Language, text: str) -> str:
    """The same in this language; empty where it is not known how to say it."""
    if told := language.recall(text):
        return told
    if (same := language.gettext(text)) != text:
        return same
    for sentence, shape in _shapes():
        if found := shape.fullmatch(text):
            return language.gettext(sentence, **{name: _value(language, name, value) for name, value in found.groupdict().items()})
    if text[:1].isupper() and text.endswith("."):  # the same words, made a sentence
        told = again(language, text[:1].lower() + text[1:-1])
        return told and f"{told[:1].upper()}{told[1:]}."
    return ""


def _value(language: Language, name: str, value: str) -> str:
    if name == "title":
        return retold(language, value)
    if name in SENTENCES:
        return again(language, value) or value
    if name == "account":
        return _account(language, value)
    if name in LISTS:
        return "; ".join(again(language, part) or part for part in value.split("; "))
    return value


def _account(language: Language, value: str) -> str:
    told = [_of_origin(language, found) for found in OF_ORIGIN.finditer(value)]
    if missing := MISSING.search(value):
        told.append(language.gettext("Missing: %(names)s.", names=missing[1]).rstrip("."))
    return "; ".join(told) or value


def _of_origin(language: Language, found: re.Match[str]) -> str:
    """``delayed 3: delivered 2, returned to the sender 1 (user unknown)``, with the words for origins and fates."""
    ends = [end for end in map(END.fullmatch, found["ends"].split(", ")) if end]
    told = [
        f"{language.gettext(FATES.get(end['fate'], end['fate']))} {end['number']}"
        + (f" ({end['rule'].removeprefix(': ')})" if end["rule"] else "")
        for end in ends
    ]
    return f"{language.gettext(found['origin'])} {found['number']}: {', '.join(told)}"


def quoted(language: Language, words: str) -> str:
    """Somebody's own words."""
    return language.gettext("“%(words)s”", words=words)


def cause(language: Language, code: str, title: str = "") -> str:
    """The title of a cause; of one that a search found among the differences, what differed, unless its title can be told."""
    if not code.startswith(SEARCHED) or (title and language.code == SOURCE):
        return retold(language, title)
    if same := again(language, " ".join(title.split())):
        return same
    names, _more, number = code.removeprefix(SEARCHED).partition(" and ")
    if number.endswith(" more"):
        names = language.gettext("%(items)s and %(number)s more", items=names, number=number.removesuffix(" more"))
    return language.gettext("A difference from the last known good: %(names)s", names=names)


def code(cause: str) -> str:
    """The code of a cause; of several differences that of the first, for the others are counted in English."""
    return cause.partition(" and ")[0] if cause.startswith(SEARCHED) else cause


@cache
def _shapes() -> tuple[tuple[str, re.Pattern[str]], ...]:
    return tuple((sentence, _shape(sentence)) for sentence in KNOWN)


def _shape(sentence: str) -> re.Pattern[str]:
    text, *values = VALUE.split(sentence)  # text, name, text, name, text …
    shape, names = re.escape(text), set[str]()
    for name, following in zip(values[::2], values[1::2], strict=True):
        shape += f"(?P={name})" if name in names else f"(?P<{name}>{PARTS.get(name, '.+?')})"
        shape, names = shape + re.escape(following), names | {name}
    return re.compile(shape)
