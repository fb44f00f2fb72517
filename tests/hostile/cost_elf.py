# SPDX-License-Identifier: BSD-2-Clause
"""BPF objects (ELF64, little endian) of a given size, for tests/hostile/cost: a good one with one
thing in it many times. See elf(5), and Documentation/bpf/btf.rst of Linux."""
import struct

HEADER = "<16sHHIQQQIHHHHHH"
SECTION = "<IIQQQQIIQQ"
SYMBOL = "<IBBHQQ"
SHT_PROGBITS, SHT_SYMTAB, SHT_STRTAB, SHT_REL = 1, 2, 3, 9


class Elf:
    """An object in parts: its header and, for each section, the fields of its header and data."""

    def __init__(self, data):
        self.header = list(struct.unpack_from(HEADER, data))
        offset, size, nr = self.header[6], self.header[11], self.header[12]
        self.sections = []
        for n in range(nr):
            fields = list(struct.unpack_from(SECTION, data, offset + n * size))
            self.sections.append([fields, data[fields[4]:fields[4] + fields[5]]])

    def names(self):
        return self.sections[self.header[13]]

    def find(self, name):
        names = self.names()[1]
        for section in self.sections:
            start = section[0][0]
            if names[start:names.index(b"\0", start)] == name:
                return section
        raise KeyError(name)

    def of_type(self, kind):
        return next(section for section in self.sections if section[0][1] == kind)

    def add(self, name, data, kind=SHT_PROGBITS, flags=0):
        names = self.names()
        self.sections.append([[len(names[1]), kind, flags, 0, 0, 0, 0, 0, 8, 0], data])
        names[1] += name + b"\0"

    def write(self):
        out, heads = [bytes(64)], []
        at = 64
        for fields, data in self.sections:
            pad = bytes(-at % 8)
            fields = list(fields)
            if fields[1]:
                fields[4], fields[5] = at + len(pad), len(data)
            out += [pad, data]
            at += len(pad) + len(data)
            heads.append(fields)
        out.append(bytes(-at % 8))
        self.header[6] = at + -at % 8
        self.header[12] = len(heads)
        if len(heads) >= 0xff00:  # the number stands in the first section's size
            self.header[12] = 0
            heads[0][5] = len(heads)
        out += [struct.pack(SECTION, *fields) for fields in heads]
        out[0] = struct.pack(HEADER, *self.header)
        return b"".join(out)


def sections(name):
    """Sections called NAME with their number; a header has 64 bytes, data 8."""
    def grow(data, size):
        elf = Elf(data)
        names = elf.names()
        texts = [f"{name}{n}\0".encode() for n in range(size // 90)]
        at = len(names[1])
        for text in texts:
            elf.sections.append([[at, SHT_PROGBITS, 6, 0, 0, 0, 0, 0, 8, 0], b"\x95" + bytes(7)])
            at += len(text)
        names[1] += b"".join(texts)
        return elf.write()
    return grow


def symbols(data, size):
    elf = Elf(data)
    table = elf.of_type(SHT_SYMTAB)
    table[1] += table[1][-24:] * (size // 24)
    return elf.write()


def named_symbols(data, size):
    """Each with a name of its own, of a program."""
    elf = Elf(data)
    table = elf.of_type(SHT_SYMTAB)
    names = elf.sections[table[0][6]]
    last = list(struct.unpack(SYMBOL, table[1][-24:]))
    more, texts, at = [], [], len(names[1])
    for n in range(size // 34):
        text = f"f{n}\0".encode()
        more.append(struct.pack(SYMBOL, at, *last[1:]))
        texts.append(text)
        at += len(text)
    table[1] += b"".join(more)
    names[1] += b"".join(texts)
    return elf.write()


def relocations(data, size):
    elf = Elf(data)
    table = elf.of_type(SHT_REL)
    table[1] += table[1][:16] * (size // 16)
    return elf.write()


def relocation_sections(data, size):
    elf = Elf(data)
    table = elf.of_type(SHT_REL)
    elf.sections += [[list(table[0]), table[1][:16]] for _ in range(size // 80)]
    return elf.write()


def filled(name, text):
    """The section NAME, longer by TEXT again and again."""
    def grow(data, size):
        elf = Elf(data)
        elf.find(name)[1] += text * (size // len(text))
        return elf.write()
    return grow


def added(name, text, flags=2):
    def grow(data, size):
        elf = Elf(data)
        elf.add(name, text * (size // len(text)), flags=flags)
        return elf.write()
    return grow


def instructions(data, size):
    """A program that is long."""
    elf = Elf(data)
    for section in elf.sections:
        if section[0][1] == SHT_PROGBITS and section[0][2] & 4 and section[1]:
            section[1] = b"\xb7" + bytes(7) + section[1]
            section[1] = (b"\xb7" + bytes(7)) * (size // 8) + section[1][-8:]
            break
    return elf.write()


def types(make):
    """BTF with more types: make(number of the first, how many bytes there may be)."""
    def grow(data, size):
        elf = Elf(data)
        section = elf.find(b".BTF")
        magic, version, flags, head, type_off, type_len, str_off, str_len = struct.unpack_from(
            "<HBBIIIII", section[1])
        old = section[1][head + type_off:head + type_off + type_len]
        text = section[1][head + str_off:head + str_off + str_len]
        more, names = make(count(old) + 1, len(text), size)
        section[1] = struct.pack("<HBBIIIII", magic, version, flags, head, 0, len(old) + len(more),
                                 len(old) + len(more), len(text) + len(names)) + \
            section[1][24:head] + old + more + text + names
        return elf.write()
    return grow


# What follows the 12 bytes of a type, by kind: a fixed size, or so many bytes for each of its VLEN.
FIXED = {1: 4, 3: 12, 14: 4, 17: 4}
EACH = {4: 12, 5: 12, 6: 8, 13: 8, 15: 12, 19: 12}


def count(data):
    at, nr = 0, 0
    while at < len(data):
        info = struct.unpack_from("<I", data, at + 4)[0]
        kind, vlen = info >> 24 & 0x1f, info & 0xffff
        at += 12 + FIXED.get(kind, 0) + EACH.get(kind, 0) * vlen
        nr += 1
    return nr


def btf(kind, ref, *, extra=b"", vlen=0, name=0):
    return struct.pack("<III", name, kind << 24 | vlen, ref) + extra


def chained(kind, extra=b""):
    """Each type is of the one after it."""
    def make(first, _names, size):
        nr = size // (12 + len(extra))
        return b"".join(btf(kind, first + n + 1, extra=extra) for n in range(nr - 1)) + \
            btf(1, 4, extra=struct.pack("<I", 32), name=1), b""
    return make


def same(text):
    return lambda first, names, size: (text * (size // len(text)), b"")


def structs(_first, names, size):
    """Structs with names of their own."""
    parts, texts, at = [], [], names
    for n in range(size // 32):
        text = f"s{n}\0".encode()
        parts.append(btf(4, 4, vlen=1, name=at, extra=struct.pack("<III", 1, 1, 0)))
        texts.append(text)
        at += len(text)
    return b"".join(parts), b"".join(texts)


def members(_first, _names, size):
    one = btf(4, 0xffff * 4, vlen=0xffff, name=1, extra=struct.pack("<III", 1, 1, 0) * 0xffff)
    return one * max(1, size // len(one)), b""


def strings(_first, _names, size):
    return btf(1, 4, extra=struct.pack("<I", 32), name=1), b"x" * size + b"\0"


def variables(first, _names, size):
    """A data section with many variables, all the same."""
    nr = min(0xffff, size // 12)
    return btf(14, 1, name=1, extra=bytes(4)) + \
        btf(15, 8 * nr, vlen=nr, name=1, extra=struct.pack("<III", first, 0, 4) * nr), b""


def kinds():
    yield "sections", sections("x")
    yield "program sections", sections("socket/")
    yield "license sections", sections("license")
    yield "map sections", sections(".maps")
    yield "rodata sections", sections(".rodata.")
    yield "symbols", symbols
    yield "named symbols", named_symbols
    yield "relocations", relocations
    yield "relocation sections", relocation_sections
    yield "instructions", instructions
    yield "section names", filled(b".strtab", b"x")
    yield "rodata", filled(b".rodata", b"x")
    yield "license", filled(b"license", b"x")
    yield "more data", added(b".data.more", b"\1")
    yield "debug", added(b".debug_more", b"\1", flags=0)
    yield "BTF.ext", filled(b".BTF.ext", b"\1\0\0\0")
    yield "BTF/integers", types(same(btf(1, 4, extra=struct.pack("<I", 32), name=1)))
    yield "BTF/pointers", types(chained(2))
    yield "BTF/typedefs", types(chained(8))
    yield "BTF/modifiers", types(chained(10))
    yield "BTF/arrays", types(chained(3, struct.pack("<III", 1, 1, 1)))
    yield "BTF/structs", types(structs)
    yield "BTF/members", types(members)
    yield "BTF/functions", types(same(btf(13, 0, vlen=1, extra=struct.pack("<II", 1, 1))))
    yield "BTF/forwards", types(same(btf(7, 0, name=1)))
    yield "BTF/variables", types(variables)
    yield "BTF/string", types(strings)
    yield "BTF/cut", lambda data, size: filled(b".BTF", b"\xff")(data, size)
    yield "zeros", lambda data, size: data[:64] + bytes(size)
