"""The journal: what was seen, judged, intended and done, in order, for good.

Append-only and chained: each entry carries the hash of the one before it, triggers refuse every UPDATE and DELETE, and
``verify_chain`` names the first entry that is not as it was written. An incident is the view of its entries; no state
is kept beside them. (No chain can tell that its newest entries were cut off: keep it on another host by PostgreSQL.)

    kind        payload, beside what the writer adds
    begin       version; reopens: the incident whose sign-off was refused, where there is one
    look        look: model.Look
    assess      assessment: model.Assessment
    diagnose    diagnosis: diagnose.Diagnosis
    plan        planned: [model.Planned]
    intent      step: model.Step; committed before the host is touched
    done        step, tasks
    verify      judgement: verify.Judgement
    kept        step
    undo        step, reason
    undone      step
    note        text; person: true when somebody wrote it down by hand
    impact      text, users: how many, or null
    cause       text: the cause as people state it
    measure     number, text, owner, due: a preventive measure
    measure_done  number, text
    sign        signer, by, statement, signature, verification: the hash of the end that was seen
    refuse      the same, and reason
    escalate    human: [sentence]
    error       step, or text
    end         outcome: model.Outcome
    notice      id, message, audience, language, subject, body, ladder: [channel], told, after: [id]: to be delivered
    attempt     notice, channel, number: it begins now
    attempted   the same, and delivered, answer: the service's own words
    read        notice, by: who of its audience has read it
    audit       outcome, drifts, unknown of one host or device; what is told of an incident elsewhere is told here of an audit
"""

from pyremediate.journal.entry import Entry
from pyremediate.journal.incident import IncidentSummary, Unfinished, steps
from pyremediate.journal.store import Broken, Journal

__all__ = ["Broken", "Entry", "IncidentSummary", "Journal", "Unfinished", "steps"]
