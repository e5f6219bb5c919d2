"""What a playbook in check mode says, as drifts: judged by the same rules as a difference from what was approved."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pyremediate.ansible.foretelling import Foretold, Said
from pyremediate.audit.foretold import Beside, Of, of_host
from pyremediate.audit.values import Drift, Severity
from pyremediate.settings import AuditRule

SITE = Path("/srv/ansible/site.yml")
WELL, FAILED, UNREACHED = ({"failures": failures, "unreachable": unreachable} for failures, unreachable in ((0, 0), (1, 0), (0, 1)))


def said(*items: Mapping[str, Any], status: str = "ok", action: str = "lineinfile", **changes: Any) -> Said:
    values = {
        "host": "mail01", "status": status, "task": "Do it", "at": f"{SITE.parent}/roles/mail/tasks/main.yml:7", "handler": False,
        "action": f"ansible.builtin.{action}", "changed": any(item.get("changed") for item in items), "items": items, **changes,
    }  # fmt: skip
    return Said(**values)


def text(path: str, before: str, after: str) -> dict[str, Any]:
    diff = {"before": before, "after": after, "before_header": f"{path} (content)", "after_header": f"{path} (content)"}
    return {"changed": True, "diff": [diff]}


def found(*lines: Said, ended: Mapping[str, Any] | None = None, rules: tuple[AuditRule, ...] = (), **tracked: Any) -> Of:
    foretold = Foretold(SITE, lines, {"mail01": WELL} if ended is None else ended, 60)
    return of_host(foretold, "mail01", Beside(tracked.get("tracked", {}), rules))


def only(*lines: Said, **more: Any) -> Drift:
    (drift,) = found(*lines, **more).drifts
    return drift


def test_a_parameter_that_the_playbook_would_set_is_judged_as_one_that_drifted() -> None:
    drift = only(said(text("/etc/postfix/main.cf", "mynetworks = 0.0.0.0/0\nx = y\n", "mynetworks = 127.0.0.0/8\nx = y\n")))
    assert (drift.severity, drift.owner, drift.can_be_put_back) == (Severity.SECURITY, "postfix", False)
    assert "0.0.0.0/0 may relay" in drift.reason
    assert drift.sentence == "site.yml would change mynetworks: its task Do it (roles/mail/tasks/main.yml:7)"
    assert drift.diff.splitlines() == [
        "--- /etc/postfix/main.cf (by site.yml)", "+++ /etc/postfix/main.cf (now)", "@@ -1,2 +1,2 @@",
        "-mynetworks = 127.0.0.0/8", "+mynetworks = 0.0.0.0/0", " x = y",
    ]  # fmt: skip


def test_a_mode_that_the_playbook_would_set_is_judged_as_one_that_drifted() -> None:
    diff = {"before": {"path": "/etc/ssl/mail/key.pem", "mode": "0644"}, "after": {"path": "/etc/ssl/mail/key.pem", "mode": "0600"}}
    drift = only(said({"changed": True, "path": "/etc/ssl/mail/key.pem", "diff": [diff]}, action="file"))
    assert (drift.severity, drift.owner) == (Severity.SECURITY, "tls")


def test_a_service_that_the_playbook_would_start_is_one_that_stopped() -> None:
    drift = only(said({"changed": True, "name": "dovecot", "state": "started", "diff": []}, action="service"))
    assert (drift.severity, drift.owner) == (Severity.BREAKS_MAIL, "dovecot")
    assert "site.yml would change dovecot.service" in drift.sentence


def test_a_package_that_the_playbook_would_install_is_one_that_is_missing() -> None:
    drift = only(said({"changed": True, "name": ["postfix-pcre", "vim"], "diff": []}, action="apt"))
    assert (drift.severity, drift.owner) == (Severity.BREAKS_MAIL, "postfix-pcre")


def test_where_a_template_goes_to_and_not_the_controllers_copy_is_named() -> None:
    diff = {"before": "", "after": "x\n", "after_header": "/root/.ansible/tmp/x/aliases.j2"}
    assert "/etc/aliases" in only(said({"changed": True, "dest": "/etc/aliases", "diff": [diff]}, action="template")).sentence


def test_nothing_of_a_secret_file_is_in_the_diff() -> None:
    by_name = only(said(text("/etc/dovecot/passwd", "bob:hush\n", "bob:hash\n")))
    by_mode = only(said(text("/etc/x", "hush\n", "hash\n")), tracked={"/etc/x": {"secret": True}})
    assert [(each.diff, each.difference.secret) for each in (by_name, by_mode)] == [("", True)] * 2


def test_what_no_log_hides_is_told_as_hidden() -> None:
    assert "hidden by no_log" in only(said({"changed": True, "censored": "hidden"})).sentence


def test_a_command_cannot_be_predicted_and_is_not_passed() -> None:
    of = found(said({"changed": False, "msg": "Command would have run if not in check mode"}, status="skipped", action="command"))
    assert of.drifts == ()
    assert of.unknown == (
        "site.yml has a task that cannot be predicted: Do it (roles/mail/tasks/main.yml:7, ansible.builtin.command: "
        "Command would have run if not in check mode)",
    )


def test_one_turn_of_a_loop_that_cannot_be_predicted_is_enough() -> None:
    turns = {"changed": False, "skipped": True, "skip_reason": "Conditional result was False"}, {"changed": False, "skipped": True}
    assert len(found(said(*turns)).unknown) == 1
    assert found(said(*turns[:1])).unknown == ()


def test_a_rule_accepts_what_cannot_be_predicted() -> None:
    rule = AuditRule(kind="playbook.unpredicted", name="Do it", action="accept", reason="it only warms the cache")
    of = found(said({"changed": False}, status="skipped", action="command"), rules=(rule,))
    assert (of.unknown, of.ignored) == ((), 1)


def test_a_rule_accepts_and_ignores_what_a_task_would_change() -> None:
    line = said(text("/etc/motd", "a", "b"))
    accept = AuditRule(kind="playbook.task", action="accept", reason="written at login")
    assert only(line, rules=(accept,)).accepted == "written at login"
    ignore = AuditRule(kind="playbook.task", name="Do *", action="ignore", reason="written at login")
    assert (found(line, rules=(ignore,)).drifts, found(line, rules=(ignore,)).ignored) == ((), 1)


def test_what_a_handler_would_do_is_no_drift_of_its_own() -> None:
    assert found(said({"changed": True, "name": "postfix"}, action="service", handler=True)) == Of()
    assert found(said({"changed": False}, status="skipped", action="command", handler=True)) == Of()


def test_of_a_host_on_which_it_failed_the_rest_is_not_known() -> None:
    of = found(said({"changed": False, "msg": "no such user"}, status="failed"), ended={"mail01": FAILED})
    assert of.unknown == ("site.yml failed at Do it (roles/mail/tasks/main.yml:7), and what follows is not known: no such user",)


def test_a_failure_that_was_rescued_leaves_nothing_unknown() -> None:
    assert found(said({"changed": False, "msg": "no such user"}, status="failed")).unknown == ()


def test_who_was_not_reached_is_told_apart_since_the_audit_says_so_itself() -> None:
    of = found(said({"changed": False, "msg": "refused"}, status="unreachable"), ended={"mail01": UNREACHED})
    assert (of.unknown, of.unreached) == ((), ("site.yml did not reach it: refused",))


def test_a_playbook_that_was_not_finished_is_not_known() -> None:
    of = found(said({"changed": False}), ended={})
    assert of.unknown == ("site.yml had not come to its end after 60 s; its last task was Do it",)


def test_a_host_that_the_playbook_is_not_about_has_nothing_of_it() -> None:
    assert of_host(Foretold(SITE, (said(text("/etc/motd", "a", "b")),), {}), "mail02", Beside({})) == Of()
