# Copyright: The pyremediate maintainers
# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)
"""Debian packages as they were: version and hold, from a kept .deb where there is one, else from the repositories.

{"version": "3.7.11-0+deb12u1", "held": false}      {"version": null, "held": false} is not installed
"""

from __future__ import annotations

import os
import shutil

from ansible_collections.pyremediate.mail.plugins.module_utils.put_back_command import run

CACHE = "/var/cache/apt/archives"
FIELDS = "${binary:Package}\t${source:Package}\t${Version}\t${Architecture}\t${db:Status-Status}\n"
QUIET = {"DEBIAN_FRONTEND": "noninteractive", "NEEDRESTART_MODE": "l", "APT_LISTCHANGES_FRONTEND": "none"}
# The state's configuration files come back from the checkpoint afterwards, so what is there now may stay (dpkg(1)).
INSTALL = [
    "apt-get", "install", "--yes", "--quiet", "--no-install-recommends", "--allow-downgrades",
    "--allow-change-held-packages", "-o", "Dpkg::Options::=--force-confold", "-o", "DPkg::Lock::Timeout=60",
]  # fmt: skip
LONGEST = 300


def installed():
    """{name: {source, version, architecture}} of what is installed. Raises ``OSError`` where dpkg does not answer."""
    done = run(["dpkg-query", "--show", "--showformat=" + FIELDS])
    if not done.ok:
        raise OSError("packages can be saved on Debian and its relatives only: " + done.words())
    rows = [line.split("\t") for line in done.out.splitlines()]
    return {
        name.split(":")[0]: {"source": source, "version": version, "architecture": architecture}
        for name, source, version, architecture, status in rows
        if status == "installed"
    }


def with_siblings(names, known):
    """The packages and those built from the same source: they depend on each other's exact version."""
    sources = {known[name]["source"] for name in names if name in known}
    siblings = sorted(name for name, entry in known.items() if entry["source"] in sources)
    return list(dict.fromkeys(list(names) + siblings))


def look(names):
    """{name: state}."""
    if not names:
        return {}
    known, held = installed(), set(run(["apt-mark", "showhold"]).out.split())
    return {name: {"version": known.get(name, {}).get("version"), "held": name in held} for name in names}


def keep(names, directory, deadline):
    """Copy the .deb files of the installed versions to the directory; {name: file name or nothing}.

    From apt's cache, else downloaded for as long as ``deadline()`` leaves seconds.
    """
    known, kept = installed(), {}
    os.makedirs(directory, mode=0o700, exist_ok=True)
    for name in names:
        entry = known.get(name)
        kept[name] = _deb(name, entry, directory, deadline()) if entry else ""
    return kept


def file_name(name, entry):
    """As apt writes it: the colon of an epoch is not fit for file names."""
    return "%s_%s_%s.deb" % (name, entry["version"].replace(":", "%3a"), entry["architecture"])


def _deb(name, entry, directory, seconds):
    wanted = file_name(name, entry)
    try:
        shutil.copyfile(os.path.join(CACHE, wanted), os.path.join(directory, wanted))
    except OSError:
        if seconds <= 0 or not _download("%s=%s" % (name, entry["version"]), directory, seconds):
            return ""
    return wanted if os.path.isfile(os.path.join(directory, wanted)) else ""


def _download(what, directory, seconds):
    options = ["Acquire::Retries=0", "Acquire::http::Timeout=5", "Acquire::https::Timeout=5", "APT::Sandbox::User=root"]
    argv = ["env", "-C", directory, "apt-get", "download", "--quiet", what]
    return run(argv + [word for option in options for word in ("-o", option)], timeout=seconds, environment=QUIET).ok


def put_back(wanted, kept, directory):
    """Bring packages to the wanted states in one transaction; returns what went wrong, or nothing."""
    if run(["dpkg", "--audit"]).out.strip():  # a killed step may have left packages half configured
        run(["dpkg", "--configure", "--pending", "--force-confold"], timeout=LONGEST, environment=QUIET)
    now = look(list(wanted))
    moved = {name: state["version"] for name, state in wanted.items() if state["version"] != now[name]["version"]}
    wrong = _install(moved, kept, directory) if moved else ""
    return wrong or _hold(wanted)


def arguments(moved, kept, directory):
    """What apt-get is asked for: the kept file, the version by name, or with a trailing dash its removal; pure."""
    words = []
    for name, version in moved.items():
        if version is None:
            words.append(name + "-")
        else:
            words.append(os.path.join(directory, kept[name]) if kept.get(name) else "%s=%s" % (name, version))
    return words


def _install(moved, kept, directory):
    """With what was kept; where that does not do, from the repositories."""
    offered = _offer([kept[name] for name in moved if kept.get(name)], directory)
    try:
        done = run(INSTALL + arguments(moved, kept, directory), timeout=LONGEST, environment=QUIET)
        if not done.ok and run(INSTALL + arguments(moved, {}, directory), timeout=LONGEST, environment=QUIET).ok:
            return ""
    finally:
        for path in filter(os.path.exists, offered):
            os.unlink(path)
    return "" if done.ok else done.words()


def _offer(names, directory):
    """Kept files in apt's cache too: of a version that a repository lists, apt takes that file and not the one it is given.

    The list may be all that is left of an old version. Returns the paths of the copies.
    """
    copies = []
    for name in names:
        path = os.path.join(CACHE, name)
        if not os.path.exists(path):
            copies.append(path)
            try:
                shutil.copyfile(os.path.join(directory, name), path)
            except OSError:
                pass  # no room: apt may get it from the repository, and finds out what is wrong with half a copy
    return copies


def _hold(wanted):
    now = look(list(wanted))
    for verb, value in (("hold", True), ("unhold", False)):
        names = [name for name, state in wanted.items() if state["held"] is value and now[name]["held"] is not value]
        done = run(["apt-mark", verb] + names) if names else None
        if done is not None and not done.ok:
            return done.words()
    return ""
