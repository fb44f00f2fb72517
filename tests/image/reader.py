#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""A reader of signed images, written from docs/image.md alone: it shows that the page is enough.

    reader.py FILE...

Prints for each FILE its name, then what the image says, a line for each field, or "refused". tests/image/dump.c
prints the same text of what the tool reads.

Does: read both byte orders. Does not: know anything that the page does not say; compare with the loader.
"""
import hashlib
import re
import struct
import sys

MAGIC = b"\x89BPFS\x0d\x0a\x1a"
VERSION = 1
SIZE_MAX = 67108864
FORM_MAX = 16777215  # data and instructions of a form together
VARIABLES_MAX = 16777215  # of all maps
NAME, DATA, INSNS, CHECKED, HASH = 1, 2, 3, 4, 5
FOLDED, CHAIN, SIG_INSNS, SIG_INSNS_HASH = 16, 17, 18, 19
MAP, PROGRAM = 32, 33
UNKNOWN_MAY_BE_PASSED = 0x80000000

# type: what it is called in the text, shortest and longest payload, multiple of
BYTES = {
    DATA: ("data", 1, 16777215, 1),
    INSNS: ("insns", 8, 8000000, 8),
    CHECKED: ("insns-checked", 8, 8000000, 8),
    HASH: ("insns-hash", 8, 8000000, 8),
    FOLDED: ("sig-folded", 1, 1048576, 1),
    CHAIN: ("sig-chain", 1, 1048576, 1),
    SIG_INSNS: ("sig-insns", 1, 1048576, 1),
    SIG_INSNS_HASH: ("sig-insns-hash", 1, 1048576, 1),
}
TIMES = {MAP: 64, PROGRAM: 1024}  # of all others: 1
REQUIRED = (NAME, DATA, INSNS)

OTHER, RODATA, DATA_SECTION, BSS, KCONFIG, PERCPU = range(6)
BY_LOADER, RAW_TRACEPOINT, TRACING, ITER, SECTION, LIBBPF_ONLY = range(6)
TRACEPOINT = rb"[A-Za-z0-9_.:/,+@-]{1,127}"
SECTION_NAME = rb"[\x20\x21\x23-\x5b\x5d-\x7e]{1,511}"


class Refused(Exception):
    pass


def must(rule, why):
    if not rule:
        raise Refused(why)


def is_string(data):
    """One or more bytes and a NUL, which is the only one."""
    return len(data) >= 2 and data.find(0) == len(data) - 1


def read_name(data, longest):
    must(is_string(data) and len(data) <= longest + 1, "not a string, or too long")
    must(re.fullmatch(rb"[A-Za-z_][A-Za-z0-9_]*", data[:-1]), "not an identifier")
    return data[:-1].decode("ascii")


class Reader:
    def __init__(self, data):
        self.data = data
        self.order = None
        self.variables = 0

    def numbers(self, data, count):
        must(len(data) >= 4 * count, "too short")
        return struct.unpack_from("%s%dI" % (self.order, count), data)

    def header(self):
        must(self.data[:8] == MAGIC and len(self.data) >= 16, "no image")
        for order in "<>":
            if struct.unpack_from(order + "I", self.data, 8)[0] == VERSION:
                self.order = order
        must(self.order, "another version")
        size = self.numbers(self.data[12:16], 1)[0]
        must(size % 8 == 0 and size <= SIZE_MAX and size == len(self.data), "another size")

    def records(self):
        at, end = 16, len(self.data)
        last, times = 0, 0
        while at < end:
            kind, length = self.numbers(self.data[at : at + 8], 2)
            must(length <= end - at - 8, "a record is too long")
            padded = (length + 7) // 8 * 8
            must(not any(self.data[at + 8 + length : at + 8 + padded]), "padding")
            must(kind >= last, "out of order")
            times = times + 1 if kind == last else 1
            must(times <= TIMES.get(kind, 1), "too often")
            yield kind, self.data[at + 8 : at + 8 + length]
            last = kind
            at += 8 + padded

    def map(self, payload):
        kind, size, pinned = self.numbers(payload, 3)
        name = read_name(payload[12:], 511)
        must(kind <= PERCPU and pinned <= 1, "numbers")
        must(size == 0 if kind == OTHER else size >= 1, "size of variables")
        self.variables += size
        must(self.variables <= VARIABLES_MAX, "size of variables of all maps")
        if kind == RODATA:
            must(name != "kconfig", "rodata by the name of kconfig")
        if kind == DATA_SECTION:
            must(not name.startswith("bss"), "data by the name of bss")
        if kind == BSS:
            must(name.startswith("bss"), "bss by another name")
        if kind == KCONFIG:
            must(name == "kconfig", "kconfig by another name")
        return "map %d %d %d %s" % (kind, size, pinned, name)

    def program(self, payload):
        way, size = self.numbers(payload, 2)
        must(size <= len(payload) - 8, "size of the name")
        name, target = read_name(payload[8 : 8 + size], 511), payload[8 + size :]
        must(way <= LIBBPF_ONLY, "way")
        if way in (RAW_TRACEPOINT, SECTION):
            must(is_string(target), "target is not a string")
            target = target[:-1]
            must(re.fullmatch(TRACEPOINT if way == RAW_TRACEPOINT else SECTION_NAME, target), "target")
        else:
            must(not target, "no target expected")
        return "program %d %s %s" % (way, name, target.decode("ascii"))

    def image(self):
        self.header()
        sizes = {}
        lines = ["order %s" % ("little" if self.order == "<" else "big")]
        for kind, payload in self.records():
            sizes[kind] = len(payload)
            if kind == NAME:
                lines.append("name %s" % read_name(payload, 63))
            elif kind in BYTES:
                title, shortest, longest, multiple = BYTES[kind]
                must(shortest <= len(payload) <= longest and len(payload) % multiple == 0, "length of " + title)
                lines.append("%s %d %s" % (title, len(payload), hashlib.sha256(payload).hexdigest()))
            elif kind == MAP:
                lines.append(self.map(payload))
            elif kind == PROGRAM:
                lines.append(self.program(payload))
            else:
                must(kind >= UNKNOWN_MAY_BE_PASSED, "an unknown type")
        must(all(kind in sizes for kind in REQUIRED), "a record is missing")
        must(CHECKED not in sizes or SIG_INSNS in sizes, "a checked form without its signature")
        must((HASH in sizes) == (SIG_INSNS_HASH in sizes), "a hash-only form and its signature belong together")
        for form in (INSNS, CHECKED, HASH):
            must(sizes[DATA] + sizes.get(form, 0) <= FORM_MAX, "data and instructions are too large")
        return lines


def main(files):
    out = []
    for file in files:
        with open(file, "rb") as stream:
            data = stream.read()
        try:
            lines = Reader(data).image()
        except Refused:
            lines = ["refused"]
        out += ["file " + file] + lines
    print("\n".join(out))


if __name__ == "__main__":
    main(sys.argv[1:])
