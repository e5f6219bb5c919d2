"""The lessons in sentences. Pure."""

from __future__ import annotations

from pyremediate.languages import Language
from pyremediate.languages.recorded import retold
from pyremediate.review.values import Lesson


def lesson(each: Lesson, language: Language) -> str:
    """What was seen, and what to change."""
    say, given = language.gettext, each.values
    spans = {name: language.span(given[name]) for name in ("spent", "target", "seconds") if given.get(name) is not None}
    match each.code:
        case "mail_missing":
            return language.ngettext(
                "%(count)s message is missing. Find out what became of it before anything else.",
                "%(count)s messages are missing. Find out what became of them before anything else.",
                given["count"],
            )
        case "detection_missed":
            return say(
                "It took %(spent)s to notice it; the target is %(target)s. Let checks run more often"
                " (pyremediate schedule install), and from outside.",
                **spans,
            )
        case "response_missed":
            return say(
                "It took %(spent)s until something was done; the target is %(target)s. See whether consent was waited for,"
                " and who is called at that hour.",
                **spans,
            )
        case "repair_missed":
            return say(
                "The repair took %(spent)s; the target is %(target)s. The timeline shows where the time went.", **spans
            )
        case "beginning_not_known":
            return say("When it began is not known. Regular checks (pyremediate schedule install) would bound it.")
        case "no_known_good":
            return say(
                "The host had no last known good to be compared with. While all is well, record one: pyremediate baseline capture."
            )
        case "no_cause":
            return say("No rule knows this fault. When its cause is found, add it to the catalogue of faults.")
        case "no_rule":
            return say("No rule knows this fault; it was found among what had changed. A rule would find it sooner.")
        case "recurred":
            return language.ngettext(
                "%(cause)s occurred on this host %(count)s time before within 90 days: its prevention is not yet effective.",
                "%(cause)s occurred on this host %(count)s times before within 90 days: its prevention is not yet effective.",
                given["count"],
                cause=given["cause"],
            )
        case "in_vain":
            return say(
                "%(title)s did not help, and took %(seconds)s. See whether the rule that proposed it can be made narrower.",
                title=retold(language, given["title"]),
                **spans,
            )
        case "consent":
            return say(
                "Remedies of the class %(class_)s wait for consent. If that is too slow at night, allow them (policy.unattended).",
                class_=given["class_"],
            )
        case "nobody_told":
            return say("No notification is on record: people were told by other means, or not at all.")
    return each.code
