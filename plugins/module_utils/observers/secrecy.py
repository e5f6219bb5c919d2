# Copyright: The pyremediate maintainers
# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)
"""What evidence must not carry: passwords in parameters, whoever wrote them there."""

from __future__ import annotations

import re

WITHHELD = "(withheld)"
PRIVATE_KEY = re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----")
# Names that hold a password themselves; ``password_query`` and ``default_pass_scheme`` only speak of one.
SECRET_NAME = re.compile(r"password|passwd|secret|auth_pass|api_?key|_nonce|_pwd|(?<![a-z])token", re.IGNORECASE)
HARMLESS_NAME = re.compile(r"(_maps|_query|_scheme|_filter|_file|_path)$", re.IGNORECASE)
# A lookup table that is written out in the parameter: static:user:password, inline:{host=user:password}.
WRITTEN_OUT = re.compile(r"\b(static|inline):(\{[^}]*\}|[^\s,]+)")
ASSIGNMENT = re.compile(r"(?<![A-Za-z])(\w*(?:pass|password|passwd|pwd|secret|token|api_?key))=(\"[^\"]*\"|\S+)", re.IGNORECASE)
IN_ADDRESS = re.compile(r"(://[^/\s:@]*:)[^/\s@]+@")  # scheme://user:password@host


def without_secrets(name, value):
    """The parameter's value, with what must not be told replaced."""
    if PRIVATE_KEY.search(value):
        return WITHHELD
    if SECRET_NAME.search(name):
        if not HARMLESS_NAME.search(name):
            return WITHHELD if value else value
        value = WRITTEN_OUT.sub(rf"\1:{WITHHELD}", value)
    return IN_ADDRESS.sub(rf"\1{WITHHELD}@", ASSIGNMENT.sub(rf"\1={WITHHELD}", value))
