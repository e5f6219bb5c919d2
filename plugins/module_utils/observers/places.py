# Copyright: The pyremediate maintainers
# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)
"""The directories in which mail services work: who may do what there. Attributes alone; what is in them is mail, or passes."""

from __future__ import annotations

import os
import re
import stat

from ansible_collections.pyremediate.mail.plugins.module_utils.observers.reading import (
    group_name,
    mode_of,
    user_name,
    words,
)
from ansible_collections.pyremediate.mail.plugins.module_utils.put_back_writing import acl_of, is_immutable

# These are made anew at each start, or fill with what passes: only they themselves, and directories in them.
SHALLOW = ("/run/dovecot", "/run/rspamd", "/run/opendkim", "/var/lib/rspamd", "/var/lib/dovecot", "/var/log/rspamd")
MOST = 100  # of a directory's first level: a mail store may have one for each user
KINDS = ((stat.S_ISREG, "file"), (stat.S_ISDIR, "directory"), (stat.S_ISLNK, "link"))
VARIABLE = re.compile(r"[%~$]")


def observe_places(postfix, dovecot, notes):
    """{path: {kind, owner, group, mode, and where they are: target, dangling, immutable, acl}}; not ``listed``: only for root."""
    own = [postfix.value(name) for name in ("queue_directory", "data_directory")]
    found = {}
    for path in dict.fromkeys([*own, *mail_stores(dovecot), *SHALLOW]):
        if os.path.isabs(path):
            found[path] = place(path)
            try:
                found.update((child, place(child)) for child in _first_level(path, directories=path not in own))
            except OSError as error:
                notes.append(words(error))
                found[path]["listed"] = False
    return {path: entry for path, entry in sorted(found.items()) if entry["kind"] != "missing" or path not in SHALLOW}


def mail_stores(dovecot):
    """The directories that hold all mailboxes: what stands before the first variable of mail_location, mail_home and homes."""
    values = dovecot.values.items() if dovecot else ()
    named = [value.partition(":")[2] for name, value in values if name.rsplit("/", 1)[-1] == "mail_location"]
    named += [match.group(1) for _, value in values for match in re.finditer(r"\bhome=(/\S+)", value)]
    tops = [VARIABLE.split(path)[0].rpartition("/")[0] if VARIABLE.search(path) else path for path in named]
    return [top for top in tops if top.count("/") > 1]  # "/" and "/home" are everybody's


def _first_level(path, directories):
    if os.path.islink(path) or not os.path.isdir(path):
        return []
    with os.scandir(path) as entries:
        names = [entry.name for entry in entries if not directories or not entry.is_file(follow_symlinks=False)]
    children = [os.path.join(path, name) for name in sorted(names)[:MOST]]
    return [child for child in children if os.path.isdir(child) or os.path.islink(child) or not directories]


def place(path):
    """The attributes of a path; ``missing`` when it is not there."""
    try:
        status = os.lstat(path)
    except (FileNotFoundError, NotADirectoryError):
        return {"kind": "missing"}
    except OSError:
        return {"kind": "unknown"}
    kind = next((name for test, name in KINDS if test(status.st_mode)), "other")
    entry = {"kind": kind, "owner": user_name(status.st_uid), "group": group_name(status.st_gid)}
    if kind == "link":
        return dict(entry, target=os.readlink(path), **({} if os.path.exists(path) else {"dangling": True}))
    return dict(entry, mode=mode_of(status), **beyond_mode(path, kind))


def beyond_mode(path, kind):
    """The flag and the list that the mode does not show (chattr(1), acl(5)); nothing where there is neither."""
    found = {"immutable": True} if kind in ("file", "directory") and is_immutable(path) else {}
    acl = acl_of(path)
    return dict(found, acl=acl) if acl else found
