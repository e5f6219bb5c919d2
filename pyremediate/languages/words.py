"""The product's own words for what the record holds as codes: outcomes, states, answers, ways, fates."""

from __future__ import annotations

from collections.abc import Mapping

from pyremediate.languages import Language, _

OUTCOMES: Mapping[str, str] = {
    "healthy": _("healthy"),
    "repaired": _("repaired"),
    "undone": _("undone"),
    "escalated": _("handed to people"),
    "unknown": _("not known"),
    "refused": _("refused by policy"),
    "planned": _("planned only"),
    "open": _("not ended"),
}
STATES: Mapping[str, str] = {
    "intent": _("begun"),
    "tried": _("tried"),
    "done": _("done"),
    "failed": _("failed"),
    "kept": _("kept"),
    "undone": _("undone"),
    "undo_refused": _("not undone, since somebody else had changed it"),
    "unknown": _("not known"),
}
VERDICTS: Mapping[str, str] = {
    "kept": _("keep it"),
    "kept_but_more": _("keep it, and go on: there is more"),
    "undo": _("undo it"),
}
ANSWERS: Mapping[str, str] = {
    "pass": _("pass"),
    "fail": _("fail"),
    "unknown": _("not known"),
    "impossible": _("cannot be known"),
}
SEVERITIES: Mapping[str, str] = {
    "none": _("none"),
    "low": _("low"),
    "medium": _("medium"),
    "high": _("high"),
    "critical": _("critical"),
    "unknown": _("not known"),
}
WAYS: Mapping[str, str] = {  # in the words of those who use mail
    "inbound": _("receiving mail"),
    "submission": _("sending mail"),
    "outbound": _("delivery to other domains"),
    "retrieval": _("reading mail"),
}
ORIGINS: Mapping[str, str] = {
    "queued": _("delayed"),
    "arrived": _("arrived meanwhile"),
    "test": _("test mail"),
}
FATES: Mapping[str, str] = {
    "delivered": _("delivered"),
    "still queued": _("still queued"),
    "held": _("held"),
    "bounced": _("returned to the sender"),
    "expired": _("expired"),
    "discarded by rule": _("discarded by rule"),
    "deleted by hand": _("deleted by hand"),
    "missing": _("missing"),
    "unknown": _("not known"),
}
STAGES: Mapping[str, str] = {
    "begin": _("opened"),
    "assess": _("assessment"),
    "diagnose": _("diagnosis"),
    "plan": _("plan"),
    "search": _("search"),
    "fix": _("repair"),
    "verify": _("verification"),
    "undo": _("undo"),
    "tell": _("notification"),
    "review": _("review"),
}


def told(language: Language, words: Mapping[str, str], code: object) -> str:
    """The word for a code; for one that has none yet, the code itself."""
    return language.gettext(words.get(str(code), str(code))) if code else ""


def ways(language: Language, scope: object) -> str:
    """A scope (``inbound, submission from client01``; ``all``) as what people cannot do: "receiving mail and sending mail"."""
    paths = str(scope).partition(" from ")[0].split(", ")
    chosen = list(WAYS) if paths == ["all"] else [path for path in paths if path in WAYS]
    return language.listed(language.gettext(WAYS[path]) for path in chosen)
