# Copyright: The pyremediate maintainers
# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)
"""FRRouting's running configuration as it was, replaced as a whole by its own frr-reload.py (docs.frrouting.org, "frr-reload").

    {"configuration": "frr version 8.4.4\\n…"}      None where FRRouting does not answer, so that nothing is configured

What it starts with (/etc/frr/frr.conf) is a file like any other; replacing what runs leaves it alone.
"""

from __future__ import annotations

import os
import re
import tempfile

from ansible_collections.pyremediate.mail.plugins.module_utils.put_back_command import run

NAME = "running-config"
RELOAD = "/usr/lib/frr/frr-reload.py"
VTYSH = "/etc/frr/vtysh.conf"
SECONDS = 60
BEGIN = re.compile(r"^frr version ", re.MULTILINE)
DIFFERS = re.compile(r"^Lines To (?:Add|Delete)$", re.MULTILINE)
NOISE = re.compile(r"^(?:!.*|end)?\s*$")  # separators, which say nothing


def text():
    """The running configuration, from its first line on. Raises ``OSError`` when FRRouting does not tell it."""
    done = run(["vtysh", "-c", "show running-config"])
    if not done.ok or not BEGIN.search(done.out):
        raise OSError("FRRouting does not tell its configuration: " + done.words())
    return begun(done.out)


def begun(told):
    """What was told, without what the command line says before it; pure. Raises ``ValueError`` for what is none."""
    begin = BEGIN.search(told)
    if begin is None:
        raise ValueError("this is no configuration of FRRouting: it has no line 'frr version'")
    return told[begin.start() :]


def normal(configuration):
    """Equal for configurations that say the same; pure."""
    lines = [line.rstrip() for line in configuration.splitlines()]
    return "\n".join(line for line in lines if not NOISE.match(line))


def look(names):
    """{name: state}; there is one configuration, so one name."""
    try:
        found = {"configuration": normal(text())}
    except OSError:
        found = {"configuration": None}
    return dict.fromkeys(names, found)


def keep():
    """What it takes to put it back. Raises ``OSError`` when it could not be, so that nothing is touched then."""
    try:
        configuration = text()
    except OSError:
        return {}  # it does not run: that is for its unit
    wrong = check(configuration)
    if wrong:
        raise OSError("FRRouting's configuration could not be put back, so it is not touched: " + wrong)
    return {"text": configuration}


def check(configuration):
    """What frr-reload says against it, changing nothing; empty when it could be put back."""
    return _wrong(_reload(configuration, "--test"))


def runs(configuration):
    """Is it what runs, in whatever order its lines are?"""
    done = _reload(configuration, "--test")
    return done.ok and not DIFFERS.search(done.out)


def put_back(configuration):
    """Replace what runs; returns what went wrong, or nothing."""
    return _wrong(_reload(configuration, "--reload"))


def _wrong(done):
    return "" if done.ok else done.words()


def _vtysh():
    """The shell's own settings are part of what it tells of the running configuration."""
    try:
        with open(VTYSH, encoding="utf-8") as file:
            return file.read()
    except OSError:
        return ""


def _reload(configuration, mode):
    """From a directory in memory that it takes for its own: any other file it would also save for the next start."""
    with tempfile.TemporaryDirectory(prefix="pyremediate-", dir="/dev/shm") as directory:
        path = os.path.join(directory, "frr.conf")
        for name, content in ((path, configuration), (os.path.join(directory, "vtysh.conf"), _vtysh())):
            with open(name, "w", encoding="utf-8") as file:
                file.write(content)
        return run([RELOAD, mode, "--stdout", "--confdir", directory, path], timeout=SECONDS)
