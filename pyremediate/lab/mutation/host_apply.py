"""Sent to a mail host of the lab as text, and run there: damages it, after saving what takes the damage away again.

Standard library only; imports nothing of ours. ``REQUEST``, set before this text, is what ``main`` takes, as JSON in Base64.
No action deletes a message or a mailbox: directories are moved aside, never removed.
"""

# A script that is sent as text does without pathlib.
# ruff: noqa: PTH101, PTH103, PTH105, PTH108, PTH112, PTH114, PTH115, PTH120, PTH123, PTH211

import base64
import json
import os
import shutil
import socket
import stat
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor, wait
from typing import Any

Record = dict[str, Any]  # an action, or what undoes one
LOAD_SECONDS = 60
SETTLE_SECONDS = 8.0  # the slowest daemon, rspamd, listens again after two
MILTER, MILTER_PORT = "opendkim.service", 8891
DOVECOT, POSTFIX, RSPAMD = "dovecot.service", "postfix@-.service", "rspamd.service"
LISTENERS = {
    "25": POSTFIX, "143": DOVECOT, "587": POSTFIX, "993": DOVECOT, "4190": DOVECOT, str(MILTER_PORT): MILTER, "11332": RSPAMD,
}  # fmt: skip


class Impossible(Exception):
    """An action that this host does not allow; whatever its mutation did before is undone."""


def run(argv: list[str], seconds: int = LOAD_SECONDS) -> str:
    """Run a command; raises ``Impossible`` with its words when it fails."""
    try:
        done = subprocess.run(argv, stdin=subprocess.DEVNULL, capture_output=True, timeout=seconds, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise Impossible(f"{' '.join(argv)}: {error}") from None
    if done.returncode:
        raise Impossible(f"{' '.join(argv)}: {done.stderr.decode('utf-8', 'replace').strip()[:300]}")
    return done.stdout.decode("utf-8", "replace")


def saved(path: str) -> Record:
    """What puts a file, a link or a directory's attributes back."""
    if not os.path.lexists(path):
        return {"do": "remove", "path": path}
    state = os.lstat(path)
    about: Record = {
        "do": "restore",
        "path": path,
        "mode": stat.S_IMODE(state.st_mode),
        "uid": state.st_uid,
        "gid": state.st_gid,
    }
    if stat.S_ISLNK(state.st_mode):
        about["target"] = os.readlink(path)
    elif stat.S_ISREG(state.st_mode):
        with open(path, "rb") as file:
            about["content"] = base64.b64encode(file.read()).decode()
    return about


def place(path: str, content: bytes, like: Record) -> None:
    """A new file in the place of the old: a program that runs cannot be written to (ETXTBSY, open(2))."""
    fresh = path + ".new"
    with open(fresh, "wb") as file:
        file.write(content)
    os.chown(fresh, like.get("uid", 0), like.get("gid", 0))
    os.chmod(fresh, like.get("mode", 0o644))
    os.replace(fresh, path)


def write(action: Record, undo: list[Record]) -> None:
    """Another text, with the attributes as they were; directories that are missing are made."""
    path = action["path"]
    missing = path
    while not os.path.isdir(os.path.dirname(missing)):
        missing = os.path.dirname(missing)
    undo.append(saved(missing))
    place_in = os.path.dirname(path)
    os.makedirs(place_in, exist_ok=True)
    place(path, action["text"].encode("utf-8", "surrogateescape"), saved(path))


def truncate(action: Record, undo: list[Record]) -> None:
    """The first bytes of a file, and no more."""
    before = saved(action["path"])
    undo.append(before)
    place(action["path"], base64.b64decode(before["content"])[: action["size"]], before)


def copy(action: Record, undo: list[Record]) -> None:
    """The content of another file, with the attributes as they were."""
    before = saved(action["path"])
    undo.append(before)
    with open(action["source"], "rb") as file:
        place(action["path"], file.read(), before)


def attributes(action: Record, undo: list[Record]) -> None:
    """Another mode, owner or group; chown(2) may clear the set-id bits, so the mode comes last."""
    path, before = action["path"], saved(action["path"])
    undo.append({name: value for name, value in before.items() if name not in ("content", "target")})
    wanted = {**before, **action}
    os.chown(path, wanted["uid"], wanted["gid"])
    os.chmod(path, wanted["mode"])


def immutable(action: Record, undo: list[Record]) -> None:
    """The flag that keeps everybody from changing a file (chattr(1))."""
    run(["chattr", "+i", action["path"]])
    undo.append({"do": "run", "argv": ["chattr", "-i", action["path"]]})


def delete(action: Record, undo: list[Record]) -> None:
    """A file or a link is gone; of a directory nothing is ever deleted."""
    undo.append(saved(action["path"]))
    os.unlink(action["path"])


def dangle(action: Record, undo: list[Record]) -> None:
    """A directory stands aside, and a link that leads nowhere is in its place."""
    path, aside = action["path"], action["path"] + ".moved"
    run(["mv", path, aside])  # not rename(2): an overlay refuses it for a directory of its image
    undo.append({"do": "move", "path": aside, "to": path})
    os.symlink(action["target"], path)
    undo.append({"do": "remove", "path": path})


def execute(action: Record, undo: list[Record]) -> None:
    """A command, with the commands that take its effect away."""
    run(action["argv"])
    undo.extend({"do": "run", "argv": argv} for argv in action.get("undo", []))


def index(action: Record, undo: list[Record]) -> None:
    """Make an indexed map anew from a text that is not (or no longer) its source."""
    path = action["path"]
    before = saved(path)
    undo.extend([saved(path + ".db"), before])
    place(path, action["text"].encode(), before)
    try:
        run(["postalias" if path.endswith("aliases") else "postmap", "hash:" + path])
    finally:
        if not action.get("keep"):
            place(path, base64.b64decode(before["content"]), before)


def take_port(action: Record, undo: list[Record]) -> None:
    """Another process has a port, as when it was the first after a reboot."""
    unit = f"port-{action['port']}.service"
    undo.extend({"do": "run", "argv": ["systemctl", "start", name]} for name in action["units"])
    for name in action["units"]:
        run(["systemctl", "stop", name])
    server = ["python3", "-m", "http.server", "--bind", action["address"], str(action["port"])]
    run(["systemd-run", "--quiet", "--collect", "--unit", unit, *server])
    undo.append({"do": "run", "argv": ["systemctl", "stop", unit]})
    if not within(SETTLE_SECONDS, lambda: accepts(int(action["port"]))):
        raise Impossible(f"port {action['port']} could not be taken")


def accepts(port: int) -> bool:
    """Whether somebody listens on a port of this host."""
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def listening() -> list[str]:
    """The TCP addresses that are listened on."""
    return [line.split()[3] for line in run(["ss", "-Hltn"]).splitlines()]


def within(seconds: float, done: Callable[[], bool]) -> bool:
    """Whether it came true in time; asked again ten times a second."""
    end = time.monotonic() + seconds
    while not done():
        if time.monotonic() > end:
            return False
        time.sleep(0.1)
    return True


def restore(action: Record, undo: list[Record]) -> None:
    """Put back what ``saved`` saved."""
    path = action["path"]
    if "target" in action:
        if os.path.lexists(path):
            os.unlink(path)
        os.symlink(action["target"], path)
    elif "content" in action:
        place(path, base64.b64decode(action["content"]), action)
    else:
        os.chown(path, action["uid"], action["gid"])
        os.chmod(path, action["mode"])


def remove(action: Record, undo: list[Record]) -> None:
    """Remove what a mutation added: a link, a file, or directories with files of its own."""
    path = action["path"]
    if os.path.isdir(path) and not os.path.islink(path):
        shutil.rmtree(path)
    elif os.path.lexists(path):
        os.unlink(path)


def move(action: Record, undo: list[Record]) -> None:
    """A directory back to its place."""
    run(["mv", action["path"], action["to"]])


DOERS = {
    "attributes": attributes, "copy": copy, "dangle": dangle, "delete": delete, "immutable": immutable, "index": index,
    "move": move, "remove": remove, "restore": restore, "run": execute, "take_port": take_port, "truncate": truncate,
    "write": write,
}  # fmt: skip


def perform(actions: list[Record]) -> Record:
    """Do them in order: {"undo": what takes them away, in order, "error"}; after an error nothing of them is left."""
    undo: list[Record] = []
    try:
        for action in actions:
            DOERS[action["do"]](action, undo)
    except (Impossible, OSError) as error:
        perform(list(reversed(undo)))
        return {"undo": [], "error": str(error)}
    return {"undo": list(reversed(undo)), "error": ""}


def load(orders: list[list[str]]) -> list[str]:
    """Tell the daemons, as an administrator or a reboot would: [verb, unit]; returns what systemctl(1) complained about.

    A restart is a stop and a start: systemctl(1) lets a unit run on whose file is gone, which a reboot would not. As in a
    reboot, all stop at the same time.
    """
    restarted = [unit for verb, unit in orders if verb == "restart"]
    steps = [["daemon-reload"], *([["stop", *restarted]] if restarted else [])]
    steps += [["start" if verb == "restart" else verb, unit] for verb, unit in orders]
    complaints = []
    for verb, *units in steps if orders else []:
        try:
            stop(units) if verb == "stop" else run(["systemctl", verb, *units])
        except Impossible as error:
            complaints.append(str(error))
    return complaints


def stop(units: list[str]) -> None:
    """Stop them, and raise ``Impossible`` when one did not.

    libmilter sees that it is to end only when somebody connects, or after up to five seconds (MI_CHK_TIME, its listener.c).
    """
    with ThreadPoolExecutor(1) as pool:
        stopping = pool.submit(run, ["systemctl", "stop", *units])
        while MILTER in units and wait([stopping], timeout=0.1).not_done:
            accepts(MILTER_PORT)
        stopping.result()


def settled(before: Iterable[str]) -> bool:
    """Whether every address is listened on again whose daemon is not at rest: who is stopped or failed will not listen."""
    missing = {address.rpartition(":")[2] for address in set(before) - set(listening())}
    return not any(alive(unit) for unit in {LISTENERS[port] for port in missing if port in LISTENERS})


def alive(unit: str) -> bool:
    """Whether a unit runs, or is about to (systemctl(1), ActiveState)."""
    return run(["systemctl", "show", "--property=ActiveState", "--value", unit]).strip() not in ("inactive", "failed")


def main(request: Record) -> Record:
    """{"sets": [[action, …], …], "load": [[verb, unit], …]} → {"done": [{"undo", "error"}], "complaints": [words]}.

    Ends when every port is listened on again, or cannot be expected to be any more.
    """
    before = set(listening())
    done = [perform(actions) for actions in request["sets"]]
    complaints = load(request["load"])
    within(SETTLE_SECONDS, lambda: settled(before))
    return {"done": done, "complaints": complaints}


if __name__ == "__main__":
    json.dump(main(json.loads(base64.b64decode(globals()["REQUEST"]))), sys.stdout)
