# SPDX-License-Identifier: BSD-2-Clause
"""Signatures (PKCS#7, RFC 5652) and certificates (RFC 5280) of a given size, for tests/hostile/cost.

They are structures that a parser has to go through; hardly a signature in them is right.
"""
import base64
import itertools
import random
import subprocess


def length(n):
    if n < 0x80:
        return bytes([n])
    size = n.to_bytes((n.bit_length() + 7) // 8, "big")
    return bytes([0x80 | len(size)]) + size


def tlv(tag, *parts):
    content = b"".join(parts)
    return bytes([tag]) + length(len(content)) + content


def sequence(*parts):
    return tlv(0x30, *parts)


def integer(number):
    return tlv(0x02, number.to_bytes(number.bit_length() // 8 + 1, "big"))


def oid(*arcs):
    out = [arcs[0] * 40 + arcs[1]]
    for arc in arcs[2:]:
        part = [arc & 0x7f]
        while arc > 0x7f:
            arc >>= 7
            part.insert(0, 0x80 | arc & 0x7f)
        out += part
    return tlv(0x06, bytes(out))


RSA = sequence(oid(1, 2, 840, 113549, 1, 1, 1), b"\x05\0")
SHA256_RSA = sequence(oid(1, 2, 840, 113549, 1, 1, 11), b"\x05\0")
SHA256 = sequence(oid(2, 16, 840, 1, 101, 3, 4, 2, 1), b"\x05\0")
DATA = oid(1, 2, 840, 113549, 1, 7, 1)
SIGNED_DATA = oid(1, 2, 840, 113549, 1, 7, 2)


def name(text):
    return sequence(tlv(0x31, sequence(oid(2, 5, 4, 3), tlv(0x0c, text.encode()))))


def key(rng, exponent_bits, bits=4096):
    modulus = rng.getrandbits(bits) | 1 << bits - 1 | 1
    exponent = rng.getrandbits(exponent_bits) | 1 << exponent_bits - 1 | 1
    return sequence(RSA, tlv(0x03, b"\0", sequence(integer(modulus), integer(exponent))))


def certificate(rng, number, *, issuer=None, exponent_bits=17, bits=2048, extensions=b"",
                subject=None):
    """One whose signature is a number of the right size."""
    skid = number.to_bytes(20, "big")
    text = f"number {number}"
    body = sequence(
        tlv(0xa0, integer(2)), integer(number + 1), SHA256_RSA, name(issuer or text),
        sequence(tlv(0x17, b"240101000000Z"), tlv(0x17, b"440101000000Z")),
        subject or name(text), key(rng, exponent_bits, bits),
        tlv(0xa3, sequence(
            sequence(oid(2, 5, 29, 14), tlv(0x04, tlv(0x04, skid))), extensions)))
    return sequence(body, SHA256_RSA, tlv(0x03, b"\0" + rng.randbytes(bits // 8)))


def signer(rng, number, size=256, attributes=b""):
    return sequence(integer(1), sequence(name(f"number {number}"), integer(number + 1)), SHA256,
                    attributes, RSA, tlv(0x04, rng.randbytes(size)))


def message(certificates, signers):
    return sequence(SIGNED_DATA, tlv(0xa0, sequence(
        integer(1), tlv(0x31, SHA256), sequence(DATA),
        tlv(0xa0, *certificates) if certificates else b"", tlv(0x31, *signers))))


def up_to(size, make):
    """make(0), make(1), ... as long as they fit into SIZE; at least one."""
    first = make(0)
    return [first, *(make(n) for n in range(1, max(1, size // len(first))))]


def nested(tag, size):
    """TLVs of definite length in one another, about SIZE bytes in all."""
    depth, left = 0, size
    while left > 0:
        left -= 2 if depth * 3 < 0x80 else 4
        depth += 1
    out = b""
    parts = []
    inner = 0
    for _ in range(depth):
        head = bytes([tag]) + length(inner)
        parts.append(head)
        inner += len(head)
    return out.join(reversed(parts))


def signatures():
    """How a signature of a size is made out of a good one, by name."""
    def rng(size):
        return random.Random(size > 0)  # the same for all sizes

    def with_certificates(**how):
        def grow(_good, size):
            numbers = rng(size)
            return message(up_to(size, lambda n: certificate(numbers, n, **how)), [signer(numbers, 0)])
        return grow

    def chain(_good, size):
        numbers = rng(size)
        return message(up_to(size, lambda n: certificate(numbers, n, issuer=f"number {n + 1}")),
                       [signer(numbers, 0)])

    def signers(_good, size):
        numbers = rng(size)
        return message([], up_to(size, lambda n: signer(numbers, n)))

    def both(_good, size):
        numbers = rng(size)
        return message(up_to(size // 2, lambda n: certificate(numbers, n)),
                       up_to(size // 2, lambda n: signer(numbers, n)))

    def attributes(_good, size):
        one = sequence(oid(1, 2, 3), tlv(0x31, b"\x05\0"))
        return message([], [signer(rng(size), 0, attributes=tlv(0xa0, one * (size // len(one))))])

    yield "certificates", with_certificates()
    yield "large exponents", with_certificates(exponent_bits=4096, bits=4096)
    yield "one issuer", with_certificates(issuer="number 0")
    yield "chain", chain
    yield "signers", signers
    yield "certificates and signers", both
    yield "attributes", attributes
    yield "nested", lambda _good, size: nested(0x30, size)
    yield "nested in certificates", lambda _good, size: message([nested(0x30, size)], [])
    yield "indefinite", lambda _good, size: b"\x30\x80" * (size // 2)
    yield "indefinite in certificates", lambda _good, size: message(
        [b"\x30\x80" * (size // 4) + b"\0\0" * (size // 4)], [])
    yield "long lengths", lambda _good, size: b"\x30\xfe" + bytes(size)
    yield "nothing", lambda _good, size: bytes(size)
    yield "behind", lambda good, size: good + bytes(size)
    yield "repeated", lambda good, size: good * max(1, size // len(good))
    yield "algorithms", lambda _good, size: sequence(SIGNED_DATA, tlv(0xa0, sequence(
        integer(1), tlv(0x31, SHA256 * (size // len(SHA256))))))
    yield "long OID", lambda _good, size: tlv(0x06, b"\x81" * size + b"\1")
    yield "long number", lambda _good, size: message([], [sequence(
        integer(1), sequence(name("x"), tlv(0x02, b"\x7f" * size)), SHA256, RSA, tlv(4, b"x"))])
    yield "long signature", lambda _good, size: message([], [signer(rng(size), 0, size)])


def pem(der):
    text = base64.b64encode(der)
    lines = b"".join(text[at:at + 64] + b"\n" for at in range(0, len(text), 64))
    return b"-----BEGIN CERTIFICATE-----\n" + lines + b"-----END CERTIFICATE-----\n"


def slow_certificate():
    """A certificate of the kind of key whose signatures take longest, which has signed itself."""
    return subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                           "ec_paramgen_curve:P-521", "-nodes", "-keyout", "/dev/null", "-subj",
                           "/CN=slow"], check=True, capture_output=True).stdout


def certificates():
    """How a file of certificates is made out of a good one (PEM), as parts for put(), by name."""
    def distinct(form, **how):
        def grow(_good, size):
            numbers, left = random.Random(1), size
            for n in itertools.count():
                part = form(certificate(numbers, n, **how))
                left -= len(part)
                if left < 0:
                    return
                yield part
        return grow

    def filled(*parts):
        return lambda good, size: tuple(
            (good if part is None else part, size // len(parts)) for part in parts)

    yield "repeated", filled(None)
    yield "PEM", distinct(pem)
    yield "DER", distinct(bytes)
    yield "one issuer", distinct(pem, issuer="number 0")
    yield "large exponents", distinct(pem, exponent_bits=4096, bits=4096)
    yield "slow keys", lambda _good, size: ((slow_certificate(), size),)
    yield "begun", filled("-----BEGIN CERTIFICATE-----\n")
    yield "ended", filled("-----END CERTIFICATE-----\n")
    yield "empty", filled("-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n")
    yield "dashes", filled("-----")
    yield "comments", lambda good, size: (("# a comment\n", size - len(good)), good)
    yield "base64", lambda _good, size: ("-----BEGIN CERTIFICATE-----\n", ("AAAA\n", size))
    yield "one line", lambda _good, size: ("-----BEGIN CERTIFICATE-----\n", ("A", size))
    yield "names", lambda _good, size: (pem(certificate(random.Random(1), 1, subject=sequence(
        *[tlv(0x31, sequence(oid(2, 5, 4, 3), tlv(0x0c, b"x")))] * (size // 20)))),)
    yield "extensions", lambda _good, size: (pem(certificate(random.Random(1), 1, extensions=sequence(
        oid(1, 2, 3), tlv(0x04, b"")) * (size // 20))),)
    yield "long name", lambda _good, size: (pem(certificate(random.Random(1), 1,
                                                            issuer="x" * (size // 2))),)
    yield "nested", lambda _good, size: (nested(0x30, size // 2),)
    yield "indefinite", filled(b"\x30\x80")
    yield "nothing", filled(b"\0")
    yield "newlines", filled("\n")
