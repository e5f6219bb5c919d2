# Copyright: The pyremediate maintainers
# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)
"""The undo without a controller: ``python3 /var/lib/pyremediate/checkpoints/<id>/undo.py [--check]``.

A checkpoint holds this code as it was when the checkpoint was made, so it needs nothing but Python on the host.
"""

from __future__ import annotations

import os
import sys

from ansible_collections.pyremediate.mail.plugins.module_utils import (
    checkpoint_deadman,
    checkpoint_items,
    checkpoint_paths,
    checkpoint_store,
    checkpoint_undo,
    postfix_files,
    put_back_aside,
    put_back_command,
    put_back_files,
    put_back_firewall,
    put_back_frr,
    put_back_links,
    put_back_listeners,
    put_back_neighbours,
    put_back_owners,
    put_back_packages,
    put_back_routes,
    put_back_settings,
    put_back_units,
    put_back_writing,
)
from ansible_collections.pyremediate.mail.plugins.module_utils.observers import processes, reading

CODE = (
    checkpoint_deadman, checkpoint_items, checkpoint_paths, checkpoint_store, checkpoint_undo, postfix_files,
    put_back_aside, put_back_command, put_back_files, put_back_firewall, put_back_frr, put_back_links, put_back_listeners,
    put_back_neighbours, put_back_owners, put_back_packages, put_back_routes, put_back_settings, put_back_units, put_back_writing,
    processes, reading,
)  # fmt: skip
LAUNCHER = '''#!/usr/bin/env python3
"""Puts back what one step of pyremediate changed: python3 undo.py [--check]"""
import os
import sys

sys.dont_write_bytecode = True
HOME = os.path.dirname(os.path.realpath(__file__))
sys.path.insert(0, os.path.join(HOME, "code"))
from {module} import main

sys.exit(main(HOME, sys.argv[1:]))
'''


def install(store):
    """Write the launcher and the code below the checkpoint, durable like everything else in it."""
    for module in CODE + (sys.modules[__name__],):
        *packages, name = module.__name__.split(".")
        directory = store.path("code")
        for package in packages:
            directory = os.path.join(directory, package)
            _make_package(directory)
        checkpoint_store.write_text(os.path.join(directory, name + ".py"), _source(module), 0o600)
    checkpoint_store.write_text(store.path("undo.py"), LAUNCHER.format(module=__name__), 0o700)


def _make_package(directory):
    """A regular package: a namespace would lose against an installed ``ansible_collections`` (PEP 420)."""
    if not os.path.isdir(directory):
        os.makedirs(directory, mode=0o700)
        checkpoint_store.write_text(os.path.join(directory, "__init__.py"), "", 0o600)


def _source(module):
    """From the file, or from the archive in which Ansible sends its modules."""
    return module.__loader__.get_source(module.__name__)


def main(directory, arguments):
    """Undo, and say what was done. 0: everything is as it was; 1: something failed; 2: something was refused."""
    store = checkpoint_store.Store(directory)
    by_timer = "--dead-man" in arguments
    try:
        with checkpoint_store.locked(store.read()["id"]):
            return _undo(store, "--check" in arguments, by_timer)
    except checkpoint_store.CheckpointError as error:
        sys.stderr.write("%s\n" % error)
        return 1


def _undo(store, dry, by_timer):
    manifest = store.read()
    if by_timer and not checkpoint_deadman.fire(store, manifest):
        return 0
    undo = checkpoint_undo.Undo(store, manifest)
    if not dry:
        undo.carry_out()
        undo.remember("the dead-man switch" if by_timer else "undo.py")
    for title in ("put_back", "refused", "left", "notes", "failed"):
        for sentence in getattr(undo, title):
            sys.stdout.write("%s: %s\n" % (title.replace("_", " "), sentence))
    if not dry and not undo.failed:
        checkpoint_deadman.disarm(store, manifest)
    return 1 if undo.failed else 2 if undo.refused else 0
