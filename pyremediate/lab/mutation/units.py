"""Units of the mail system: stopped, disabled, masked, overridden (systemd.exec(5), systemd.service(5))."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from random import Random

from pyremediate.lab.mutation.model import Action, Generator, Mutation
from pyremediate.lab.mutation.survey import Survey

# postfix@- is started and stopped by postfix.service, and its enablement is made at each boot; an override of it is its own.
INSTANCE = "postfix@-.service"
ENVIRONMENT = (
    "PATH=/usr/local/bin", "LD_LIBRARY_PATH=/usr/local/lib", "LD_PRELOAD=/usr/local/lib/libfaketime.so",
    "MAIL_CONFIG=/etc/postfix/new", "TMPDIR=/srv/tmp", "HOME=/nonexistent", "LC_ALL=tr_TR.UTF-8", "TZ=Antarctica/Troll",
)  # fmt: skip


def _systemctl(verb: str, unit: str, *undo: str) -> Action:
    return {"do": "run", "argv": ["systemctl", verb, unit], "undo": [["systemctl", back, unit] for back in undo]}


def _kind(kind: str, steps: Callable[[str], tuple[Action, ...]], words: str) -> Generator:
    def generate(survey: Survey, random: Random) -> Mutation | None:
        units = [unit for unit in survey.mail_units if unit != INSTANCE]
        if not units:
            return None
        unit = random.choice(units)
        return Mutation(f"unit.{kind}", unit, f"{unit} is {words}", (f"{unit}: {words}",), steps(unit))

    return generate


def _stopped(unit: str) -> tuple[Action, ...]:
    return (_systemctl("stop", unit, "start"),)


def _disabled(unit: str) -> tuple[Action, ...]:
    return *_stopped(unit), _systemctl("disable", unit, "enable")


def _masked(unit: str) -> tuple[Action, ...]:
    return *_stopped(unit), _systemctl(
        "mask", unit, "unmask"
    )  # in this order: a masked unit could not be started by the undo


def _override(kind: str, line: Callable[[Survey, Random], str]) -> Generator:
    """A drop-in with one line, loaded by a restart."""

    def generate(survey: Survey, random: Random) -> Mutation | None:
        unit, setting = random.choice(survey.mail_units), line(survey, random)
        path = f"/etc/systemd/system/{unit}.d/override.conf"
        reload: Action = {"do": "run", "argv": ["systemctl", "daemon-reload"]}
        actions = ({"do": "run", "argv": ["true"], "undo": [["systemctl", "daemon-reload"]]},
                   {"do": "write", "path": path, "text": f"[Service]\n{setting}\n"}, reload)  # fmt: skip
        sentence = f"{unit} is overridden by {setting}"
        return Mutation(f"unit.override.{kind}", unit, sentence, (f"{path}: {setting}",), actions, (("restart", unit),))

    return generate


KINDS: Mapping[str, Generator] = {
    "unit.stopped": _kind("stopped", _stopped, "stopped"),
    "unit.disabled": _kind("disabled", _disabled, "disabled, and so not started by the last reboot"),
    "unit.masked": _kind("masked", _masked, "masked and stopped"),
    "unit.override.user": _override(
        "user", lambda survey, random: f"User={random.choice(survey.data['accounts']['users'])}"
    ),
    "unit.override.protect_system": _override(
        "protect_system", lambda _, random: f"ProtectSystem={random.choice(['strict', 'full'])}"
    ),
    "unit.override.limit_nofile": _override(
        "limit_nofile", lambda _, random: f"LimitNOFILE={random.choice([4, 8, 16, 32, 64])}"
    ),
    "unit.override.environment": _override(
        "environment", lambda _, random: f"Environment={random.choice(ENVIRONMENT)}"
    ),
    "unit.override.exec_start_pre": _override("exec_start_pre", lambda _, __: "ExecStartPre=/bin/false"),
}
