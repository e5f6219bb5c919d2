"""Errors that reach the operator; raised anywhere, ended in one place (``pyremediate.cli``).

    PyremediateError
    ├── UsageError        exit 2: the input is wrong; nothing was touched
    ├── Undetermined      exit 3: it could not be found out
    └── Refused           exit 4: policy or a lock says no

Every message is one line that names the thing (file, line, host) and the mend. Anything else that is raised is unforeseen,
and shows its traceback.
"""

from __future__ import annotations


class PyremediateError(Exception):
    """Something the operator can act on."""

    exit_status = 1


class UsageError(PyremediateError):
    """The input is wrong, and nothing was touched."""

    exit_status = 2


class Undetermined(PyremediateError):
    """It could not be found out whether the host is well."""

    exit_status = 3


class Refused(PyremediateError):
    """Policy, or somebody else's lock, forbids it."""

    exit_status = 4
