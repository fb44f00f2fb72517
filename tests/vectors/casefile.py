# SPDX-License-Identifier: BSD-2-Clause
"""DER, certificates, messages and case files (tests/kernel/case.h) for the vectors.

Does: write what a kernel is to be asked. Does not: sign, or read anything.
"""

import struct

# --- DER ---


def tlv(tag, *parts):
    """One element: TAG, the length of PARTS, PARTS."""
    content = b"".join(parts)
    size = len(content)
    if size < 0x80:
        return bytes([tag, size]) + content
    length = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes([tag, 0x80 | len(length)]) + length + content


def sequence(*parts):
    return tlv(0x30, *parts)


def integer(number):
    return tlv(0x02, number.to_bytes(number.bit_length() // 8 + 1, "big"))


def oid(text):
    numbers = [int(word) for word in text.split(".")]
    out = b""
    for number in [numbers[0] * 40 + numbers[1]] + numbers[2:]:
        part = bytes([number & 0x7F])
        while number := number >> 7:
            part = bytes([0x80 | number & 0x7F]) + part
        out += part
    return tlv(0x06, out)


NULL = tlv(0x05)
DATA = "1.2.840.113549.1.7.1"
SIGNED_DATA = "1.2.840.113549.1.7.2"
ECDSA_WITH_SHA256 = "1.2.840.10045.4.3.2"


def name(text):
    return sequence(tlv(0x31, sequence(oid("2.5.4.3"), tlv(0x0C, text.encode()))))


ISSUER = name("vectors")

# --- certificates and messages ---


def certificate(key, key_id, serial):
    """A certificate with the SubjectPublicKeyInfo KEY. It names another issuer, of which nobody
    has a certificate: its own signature is not looked at."""
    extensions = sequence(
        sequence(oid("2.5.29.14"), tlv(0x04, tlv(0x04, key_id))),
        sequence(oid("2.5.29.35"), tlv(0x04, sequence(tlv(0x80, b"nobody's key id")))),
    )
    algorithm = sequence(oid(ECDSA_WITH_SHA256))
    signed = sequence(
        tlv(0xA0, integer(2)),
        integer(serial),
        algorithm,
        ISSUER,
        sequence(tlv(0x17, b"200101000000Z"), tlv(0x17, b"490101000000Z")),
        name("key %d" % serial),
        key,
        tlv(0xA3, extensions),
    )
    return sequence(signed, algorithm, tlv(0x03, b"\0", sequence(integer(1), integer(1))))


def message(digest, algorithm, signature, signer, certificates=b""):
    """A detached message without attributes: SIGNATURE by SIGNER, which is of its version."""
    version = integer(3 if signer[0] == 0x80 else 1)
    info = sequence(version, signer, digest, algorithm, tlv(0x04, signature))
    signed = sequence(
        version,
        tlv(0x31, digest),
        sequence(oid(DATA)),
        tlv(0xA0, certificates) if certificates else b"",
        tlv(0x31, info),
    )
    return sequence(oid(SIGNED_DATA), tlv(0xA0, signed))


def by_key_id(key_id):
    return tlv(0x80, key_id)


def by_issuer(serial):
    return sequence(ISSUER, integer(serial))


# --- the case file ---

MAGIC = 0x6573616330637362
KEYRING = -(1 << 31)
CONTENT = 1 << 1
HEAD_SIZE = 72
CERTS_MAX = 4


def _padded(data):
    return data + bytes(-len(data) % 8)


def case(number, content, signature, certs):
    """Case NUMBER: SIGNATURE over CONTENT, with CERTS in the keyring."""
    rest = _padded(content) + _padded(signature)
    for cert in certs:
        rest += _padded(struct.pack("=I", len(cert)) + cert)
    head = struct.pack(
        "=IIIiIIIIII32x",
        HEAD_SIZE + len(rest),
        number,
        CONTENT,
        KEYRING,
        len(content),
        len(signature),
        0,
        0,
        0,
        len(certs),
    )
    return head + rest


def write(path, cases):
    with open(path, "wb") as file:
        file.write(struct.pack("=QII", MAGIC, len(cases), 0))
        for part in cases:
            file.write(part)
