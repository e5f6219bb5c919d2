# Copyright: The pyremediate maintainers
# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)
"""The certificates that Postfix and Dovecot are told to use: what they say, until when, and whether their key fits.

The standard library reads them and compares the key. No key, and nothing of a key, is in the evidence.
"""

from __future__ import annotations

import hashlib
import os
import ssl
import time
from dataclasses import dataclass, field
from typing import List, Optional

from ansible_collections.pyremediate.mail.plugins.module_utils.observers.certificate_key import key_type
from ansible_collections.pyremediate.mail.plugins.module_utils.observers.clock import iso
from ansible_collections.pyremediate.mail.plugins.module_utils.observers.dovecot_configuration import settings
from ansible_collections.pyremediate.mail.plugins.module_utils.observers.postfix_configuration import configuration
from ansible_collections.pyremediate.mail.plugins.module_utils.observers.reading import read_text, words

DAY = 86400.0
# (certificate, key) parameters; without a key of its own the certificate's file holds it too (postconf(5)).
POSTFIX = (
    ("smtpd_tls_cert_file", "smtpd_tls_key_file"),
    ("smtpd_tls_eccert_file", "smtpd_tls_eckey_file"),
    ("smtp_tls_cert_file", "smtp_tls_key_file"),
)
POSTFIX_CHAINS = ("smtpd_tls_chain_files", "smtp_tls_chain_files")
# Dovecot 2.3 reads the files with ``<``, 2.4 takes their names.
DOVECOT = (("ssl_cert", "ssl_key"), ("ssl_alt_cert", "ssl_alt_key"), ("ssl_server_cert_file", "ssl_server_key_file"))
BEGIN = "-----BEGIN CERTIFICATE-----"


@dataclass
class Use:
    """A certificate's file, the key that belongs to it, and who uses them."""

    path: str
    key_path: Optional[str]
    used_by: List[str] = field(default_factory=list)


def observe(request, notes):
    """The section ``tls``."""
    return {"certificates": [_certificate(use) for use in uses(configuration(), settings())]}


def uses(postfix, dovecot):
    """Every certificate file in use, once."""
    found = {}
    for program, path, key in [*_of_postfix(postfix), *_of_dovecot(dovecot)]:
        use = found.setdefault((path, key), Use(path, key))
        if program not in use.used_by:
            use.used_by.append(program)
    return list(found.values())


def _of_postfix(postfix):
    for certificate, key in POSTFIX:
        keys = postfix.values(key)
        for position, path in enumerate(postfix.values(certificate)):
            if path != "none":
                yield "postfix", path, (keys[min(position, len(keys) - 1)] if keys else path)
    for name in POSTFIX_CHAINS:
        for value in postfix.values(name):
            for path in value.replace(",", " ").split():
                yield "postfix", path, path


def _of_dovecot(dovecot):
    values = dovecot.values if dovecot else {}
    for certificate, key in DOVECOT:
        for setting, value in dovecot.of(certificate) if dovecot else ():
            own_key = values.get(setting[: -len(certificate)] + key, values.get(key, ""))
            path, key_path = value.lstrip("<").strip(), own_key.lstrip("<").strip()
            if path.startswith("/"):
                yield "dovecot", path, key_path or None


def _certificate(use):
    empty = dict.fromkeys(("subject", "issuer", "not_before", "not_after", "days_left", "expired", "fingerprint", "key_type"))
    entry = {"path": use.path, "used_by": use.used_by, "exists": os.path.exists(use.path), "readable": False}
    entry.update(empty, names=[], chain_length=0, key_path=use.key_path, key_matches=None, error="")
    try:
        text = read_text(use.path)
        entry["readable"] = True
        entry.update(describe(use.path, text, time.time()))
    except (OSError, ValueError) as error:  # an SSLError is an OSError
        return {**entry, "error": _tls_words(error)}
    entry["key_matches"], entry["error"] = key_matches(use.path, use.key_path)
    return entry


def describe(path, text, now):
    """What the first certificate in the file says; the others are its chain."""
    if BEGIN not in text:
        raise ValueError(f"{path}: holds no certificate")
    # Private, but in every CPython since 2.6: the only parser of certificates in the standard library.
    decoded = ssl._ssl._test_decode_cert(path)
    until = ssl.cert_time_to_seconds(decoded["notAfter"])
    first = text[text.index(BEGIN) :].split("-----END CERTIFICATE-----")[0] + "-----END CERTIFICATE-----"
    der = ssl.PEM_cert_to_DER_cert(first)
    return {
        "subject": _name(decoded.get("subject", ())),
        "issuer": _name(decoded.get("issuer", ())),
        "names": [value for kind, value in decoded.get("subjectAltName", ()) if kind in ("DNS", "IP Address")],
        "not_before": iso(ssl.cert_time_to_seconds(decoded["notBefore"])),
        "not_after": iso(until),
        "days_left": round((until - now) / DAY, 2),
        "expired": until < now,
        "chain_length": text.count(BEGIN),
        "fingerprint": "sha256:" + hashlib.sha256(der).hexdigest(),
        "key_type": key_type(der),
    }


def _name(relative_names):
    return ", ".join(f"{key}={value}" for attributes in relative_names for key, value in attributes)


def key_matches(path, key_path):
    """(whether the key is the certificate's, why that cannot be told or why it is not)."""
    if key_path is None:
        return None, "no key is configured"
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(path, key_path, password=_no_passphrase)
    except ssl.SSLError as error:
        return (False if error.reason == "KEY_VALUES_MISMATCH" else None), f"{key_path}: {_tls_words(error)}"
    except (OSError, ValueError) as error:
        return None, f"{key_path}: {_tls_words(error)}"
    return True, ""


def _no_passphrase():
    raise ValueError("the key is protected by a passphrase")


def _tls_words(error):
    if getattr(error, "reason", None):  # not every SSLError has one
        return error.reason.lower().replace("_", " ")
    return words(error)
