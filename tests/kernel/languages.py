#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""The cases of tests/kernel/languages.

    languages.py make IMAGE FOLDER                   images made of a signed one, and the file of cases
    languages.py predict PROGRAM KERNEL CONFIG FOLDER   how each case ends: what PROGRAM, bpf-chainsign, says of it

KERNEL is a version, or 6.17, which verifies no signatures, or chain, which has a CONFIG. FOLDER has certificates,
cert.der and other.der, and the image without signatures.
"""
import errno
import hashlib
import json
import struct
import subprocess
import sys

DATA, FORMS, SIGNATURES = (2,), (3, 4, 5), (16, 17, 18, 19)
SIGNER, OTHER, NONE = "cert.der", "other.der", "-"
PROGRAMS = ("c", "go", "rust")

# image: which records have a bit flipped, and where: per cent of it, or a text
CHANGED = {
    "data": (DATA, 50),
    "name": (DATA, b"count"),
    "end": (DATA, 100),
    "insns": (FORMS, 50),
    "signature": (SIGNATURES, 50),
    # no DER: which of several errors is returned
    "folded": (SIGNATURES[:1], 0),
    "of-insns": (SIGNATURES[2:], 0),
    "of-hash-only": (SIGNATURES[3:], 0),
}

# title, image, certificate in the keyring, enforce, variables that are set
CASES = [
    ("as signed", "signed", SIGNER, 1, ""),
    ("variables set", "signed", SIGNER, 1, "data:e8030000"),
    ("a byte of the data", "data", SIGNER, 1, ""),
    ("a name in the data", "name", SIGNER, 1, ""),
    ("the last byte of the data", "end", SIGNER, 1, ""),
    ("a byte of the instructions", "insns", SIGNER, 1, ""),
    ("a byte of the signatures", "signature", SIGNER, 1, ""),
    ("the folded signature", "folded", SIGNER, 1, ""),
    ("the signatures of insns", "of-insns", SIGNER, 1, ""),
    ("the signature of the hash-only form", "of-hash-only", SIGNER, 1, ""),
    ("another certificate", "signed", OTHER, 1, ""),
    ("no certificate", "signed", NONE, 1, ""),
    ("no signature", "unsigned", SIGNER, 1, ""),
    ("enforce 0, as signed", "signed", SIGNER, 0, ""),
    ("enforce 0, another certificate", "signed", OTHER, 0, ""),
    ("enforce 0, a name in the data", "name", SIGNER, 0, ""),
    ("enforce 0, no signature", "unsigned", SIGNER, 0, ""),
    ("enforce 2, as signed", "signed", SIGNER, 2, ""),
    ("enforce 2, another certificate", "signed", OTHER, 2, ""),
    ("enforce 2, a name in the data", "name", SIGNER, 2, ""),
    ("enforce 2, no signature", "unsigned", SIGNER, 2, ""),
]


def records(image):
    at = 16
    while at < len(image):
        kind, size = struct.unpack_from("=2I", image, at)
        yield kind, at + 8, size
        at += 8 + (size + 7) // 8 * 8


def read(path):
    with open(path, "rb") as stream:
        return stream.read()


def change(image, kinds, where):
    changed = bytearray(image)
    for kind, at, size in records(image):
        if kind in kinds:
            place = image[at : at + size].index(where) if isinstance(where, bytes) else (size - 1) * where // 100
            changed[at + place] ^= 1
    return changed


def hashes(image):
    """What the C program has to be told: the hash of each form."""
    forms = {kind: hashlib.sha256(image[at : at + size]).hexdigest() for kind, at, size in records(image)}
    return "hash=" + "".join(forms.get(kind, "0" * 64) for kind in FORMS)


def make(path, folder):
    signed = read(path)
    images = {"signed": signed, "unsigned": read(folder + "/unsigned.img")}
    images.update({name: change(signed, *how) for name, how in CHANGED.items()})
    for name, image in images.items():
        with open("%s/%s.img" % (folder, name), "wb") as stream:
            stream.write(image)
    with open(folder + "/cases", "w") as stream:
        for title, image, cert, enforce, values in CASES:
            values = " set=" + values if values else ""
            print("%s\t%s\t%s.img keyring=-3 enforce=%d%s run=count\t%s" % (title, cert, image, enforce, values, hashes(images[image])),
                  file=stream)


def verdict(program, kernel, config, cert, image):
    """The errno and the scheme that the kernel's answer is about."""
    command = [program, "verify", "--json", "--kernel", kernel, "-c", cert, image]
    if kernel == "chain":
        command.insert(3, "--kernel-config=" + config)
    said = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=False).stdout
    result = json.loads(said)["results"][0]
    if result["verdict"] == "unsigned":
        return -errno.ENODATA, ""
    return result["signatures"][0]["code"], result["signatures"][0]["scheme"]


def predict(program, kernel, config, folder):
    is_old = kernel.startswith("6.17")
    for title, image, cert, enforce, values in CASES:
        if is_old:
            code, scheme = -errno.ENODATA if image == "unsigned" else -errno.EINVAL, ""
        else:
            cert = OTHER if cert == NONE else cert
            code, scheme = verdict(program, kernel, config, folder + "/" + cert, "%s/%s.img" % (folder, image))
        why = "this kernel verifies no signatures" if is_old and image != "unsigned" else errno.errorcode.get(-code)
        if code == 0:
            end = "load 0: as " + scheme
        elif enforce == 0 or (enforce == 2 and is_old):
            end = "load 0: as unsigned, " + why
        else:
            end = "load %d: %s" % (code, why)
        for language in PROGRAMS:
            head, rest = end.split(": ", 1)
            line = "%s: %s: %s: %s" % (head, title, language, rest)
            if head == "load 0":
                # count adds step to total, which is 3 or set before the first event
                total = 1000 if values else 3
                seen = struct.pack("=4i", 1, 1, 1, total)
                line += "; count returns 2; rodata 07000000; data %s; bss %s" % (struct.pack("=i", total + 7).hex(), seen.hex())
            print(line)


if __name__ == "__main__":
    {"make": make, "predict": predict}[sys.argv[1]](*sys.argv[2:])
