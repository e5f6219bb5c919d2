# Copyright: The pyremediate maintainers
# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)
"""What key a certificate has, read from its DER (RFC 5280, section 4.1; RFC 5480): the standard library does not tell."""

from __future__ import annotations

ALGORITHMS = {"1.2.840.113549.1.1.1": "RSA", "1.2.840.10045.2.1": "EC", "1.3.101.112": "Ed25519", "1.3.101.113": "Ed448"}
CURVES = {"1.2.840.10045.3.1.7": "P-256", "1.3.132.0.34": "P-384", "1.3.132.0.35": "P-521"}
OBJECT, CONTEXT_0 = 0x06, 0xA0
BEFORE_KEY = 5  # serial number, signature algorithm, issuer, validity, subject


def key_type(der):
    """``RSA 2048``, ``EC P-256``, ``Ed25519``; an algorithm that is not known by its number. Raises ValueError."""
    try:
        return _key_type(der)
    except IndexError:
        raise ValueError("no certificate in DER") from None


def _key_type(der):
    certificate = _content(der, 0)
    fields = _fields(_content(certificate, 0))
    if fields[0][0] == CONTEXT_0:  # the version
        fields = fields[1:]
    algorithm, key = _fields(fields[BEFORE_KEY][1])[:2]
    numbers = [_number(content) for tag, content in _fields(algorithm[1]) if tag == OBJECT]
    name = ALGORITHMS.get(numbers[0], numbers[0])
    if name == "RSA":
        modulus = _fields(_content(key[1][1:], 0))[0][1]  # a bit string begins with the number of unused bits
        return "RSA %d" % int.from_bytes(modulus, "big").bit_length()
    return " ".join([name, *(CURVES.get(number, number) for number in numbers[1:])])


def _fields(octets):
    """(tag, content) of each value in a sequence."""
    found, place = [], 0
    while place < len(octets):
        tag = octets[place]
        start, end = _bounds(octets, place)
        found.append((tag, octets[start:end]))
        place = end
    return found


def _content(octets, place):
    start, end = _bounds(octets, place)
    return octets[start:end]


def _bounds(octets, place):
    length, start = octets[place + 1], place + 2
    if length & 0x80:
        size = length & 0x7F
        length, start = int.from_bytes(octets[start : start + size], "big"), start + size
    return start, start + length


def _number(octets):
    """An object identifier in its dotted form (X.690, 8.19)."""
    arcs, value = [], 0
    for octet in octets:
        value = value << 7 | octet & 0x7F
        if not octet & 0x80:
            arcs.append(value)
            value = 0
    first = min(arcs[0] // 40, 2)
    return ".".join(map(str, [first, arcs[0] - 40 * first, *arcs[1:]]))
