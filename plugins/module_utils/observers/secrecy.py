# Copyright: The pyremediate maintainers
# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)
"""What evidence must not carry: passwords in parameters and in files, whoever wrote them there."""

from __future__ import annotations

import hashlib
import hmac
import re
import stat

WITHHELD = "(withheld)"
SHORT = len("hmac:") + 16  # characters of a keyed digest that are enough beside a name
PRIVATE_KEY = re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----")
# Names that hold a password themselves; ``password_query`` and ``default_pass_scheme`` only speak of one.
_NAMES = (
    r"password|passwd|passphrase|secret|auth_pass|(?<![a-z])pass$|(?<![a-z])psk$|(?<![a-z])api_?key|_nonce|_pwd|bind_?pw|dnpass|"
    r"private_?key|privkey|preshared_?key|setcredential|(?<![a-z])token"
)
SECRET_NAME = re.compile(_NAMES, re.IGNORECASE)
HARMLESS_NAME = re.compile(r"(_maps|_query|_scheme|_filter|_file|_path)$", re.IGNORECASE)
# A lookup table that is written out in the parameter: static:user:password, inline:{host=user:password}.
WRITTEN_OUT = re.compile(r"\b(static|inline):(\{[^}]*\}|[^\s,]+)")
PASSWORD_MAPS = re.compile(r"(password_maps\W+)" + WRITTEN_OUT.pattern)
_VALUE = r"(\"[^\"]*\"|'[^']*'|[^\s;,\"']+)"
ASSIGNMENT = re.compile(
    r"(?<![A-Za-z])([\w-]*(?:pass|passw(?:or)?d|passphrase|pwd|secret|token|api_?key|bind_?pw|private_?key|_psk)"
    r"|\w*(?:passw(?:or)?d|secret|token)_\w+)(\s*=\s*|[\"']\s*:\s*|\s+(?=\"))" + _VALUE,
    re.IGNORECASE,
)
# Environment="SMTP_PASSWORD=two words" (systemd.exec(5)): the quotes stand around the whole.
QUOTED_WHOLE = re.compile(r"([\"'])(\w*(?:pass|passwd|password|pwd|secret|token|key))=[^\"']*\1", re.IGNORECASE)
# Of a command: --password x, mysql -px (mysql(1)), curl -u user:x (curl(1)).
OPTION = re.compile(r"(?<!\S)(--?[\w-]*(?:pass|passwd|password|secret|token|api-?key))(\s+)" + _VALUE, re.IGNORECASE)
SHORT_OPTION = re.compile(r"(\b(?:mysql\w*|mariadb\w*|sshpass)\b[^|;&]*?\s-p)()([^\s|;&]+)")
LOGIN = re.compile(r"(\b(?:curl|wget)\b[^|;&]*?\s(?:-u|--user)[= ]\s*[^\s:]+:)()(\S+)")
IN_ADDRESS = re.compile(r"(://[^/\s:@]*:)[^/\s@]+@")  # scheme://user:password@host

# Everybody may read these by design, and passwords belong elsewhere: a changed mode does not make them secret.
EXPECTED = (
    "/etc/aliases", "/etc/group", "/etc/hosts", "/etc/mailname", "/etc/nsswitch.conf", "/etc/passwd", "/etc/resolv.conf",
)  # fmt: skip
READABLE = {*EXPECTED, "/etc/postfix/main.cf", "/etc/postfix/master.cf"}
SECRET_PATH = re.compile(r"/etc/(?!.*\.(conf|ext|inc|d/.*)$).*(passw|secret|sasl)", re.IGNORECASE)
# Where "password" is a word like others (nsswitch.conf(5), pam.conf(5)), or nothing is but certificates.
ONLY_A_WORD = re.compile(r"/etc/(passwd|group|nsswitch\.conf|pam\.d/.*|ssl/certs/.*)")
# Whatever has none of these, in small letters, is looked at no closer: most texts have none.
HINT = re.compile(
    r"pass|secret|token|psk|api_?key|_nonce|_pwd|bind_?pw|private|privkey|preshared|setcredential|curl|wget|mysql|mariadb|://[^/\s]*:"
)
# A line of any syntax that sets something; one that is commented out still says what it says.
SET = re.compile(r"\s*([#;]*)\s*[\"']?([\w./-]+)[\"']?(\s*[=:]\s*|\s+(?![=:]))(.*?)[\s;,]*$")
# In the middle of a line, a comment's too; a path before it is what a program complains of, and not told.
SAID = re.compile(r"(?<![\w./-])(?:\w+_)?(?:password|passwd|passphrase|secret|token)\s*[=:]\s*" + _VALUE, re.IGNORECASE)
END = re.compile(r";|\s#")  # of a value that a comment follows
# A switch, a number, what a command prints, a variable, a path, the beginning of a block.
_PLAIN = r"y|n|yes|no|true|false|on|off|none|null|optional|required|\d{1,3}|\$\(.*|\$(?!\w+\$)\S*|<?/[\w.-]+(/[\w.-]+)+|[{(\[<].*"
NO_SECRET = re.compile(rf"[\"']?({_PLAIN})?[\"']?", re.IGNORECASE)


def keyed(key, octets):
    """``hmac:`` and 64 digits, by which one can tell that a secret has changed, and not what it is."""
    return "hmac:" + hmac.new(key.encode("utf-8"), octets, hashlib.sha256).hexdigest()


def without_secrets(name, value):
    """The parameter's value, with what must not be told replaced. Without a name: a text of any kind."""
    if PRIVATE_KEY.search(value):
        return WITHHELD
    if SECRET_NAME.search(name):
        if not HARMLESS_NAME.search(name):
            return WITHHELD if value else value
        value = WRITTEN_OUT.sub(rf"\1:{WITHHELD}", value)
    if not name:
        value = PASSWORD_MAPS.sub(rf"\1\2:{WITHHELD}", value)
    if not HINT.search(value.lower()):
        return value
    value = QUOTED_WHOLE.sub(rf"\1\2={WITHHELD}\1", value)
    for pattern in (ASSIGNMENT, OPTION, SHORT_OPTION, LOGIN):
        value = pattern.sub(_hidden, value)
    return IN_ADDRESS.sub(rf"\1{WITHHELD}@", value)


def line_without_secrets(line):
    """A line of a configuration; of one that sets a password no more than how it begins."""
    shown, begins = without_secrets("", line), SET.match(line)
    if shown != line or not HINT.search(line.lower()) or not _tells(line):
        return shown
    return f"{begins.group(2)} {WITHHELD}" if begins else WITHHELD


def _hidden(found):
    return found[0] if NO_SECRET.fullmatch(found[3]) else f"{found[1]}{found[2]}{WITHHELD}"


def is_secret(path, mode, octets):
    """May the content be told to nobody? It may not when not everybody may read it, or when it holds a key or a password."""
    if not mode & stat.S_IROTH and path not in READABLE:
        return True
    if ONLY_A_WORD.fullmatch(path):
        return False
    return bool(SECRET_PATH.match(path)) or _sets_a_password(octets)


def _sets_a_password(octets):
    text = octets.decode("utf-8", "replace")
    if not HINT.search(text.lower()):
        return False
    if PRIVATE_KEY.search(text):
        return True
    return "\0" not in text and any(_tells(line) for line in text.splitlines() if HINT.search(line.lower()))


def _tells(line):
    found = SET.match(line)
    if found:
        comment, name, sign, value = found.groups()
        # In a comment prose begins with such a word, too: there it takes a sign.
        if SECRET_NAME.search(name) and not HARMLESS_NAME.search(name) and (sign.strip() or not comment):
            return not any(map(NO_SECRET.fullmatch, (value, END.split(value)[0].strip())))
        if HARMLESS_NAME.search(name):
            return without_secrets(name, value) != value
    return without_secrets("", line) != line or any(not NO_SECRET.fullmatch(found[1]) for found in SAID.finditer(line))
