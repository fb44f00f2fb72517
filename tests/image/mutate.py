#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Make images out of good ones: mutate.py FOLDER COUNT SEED IMAGE...

FOLDER gets the good ones of both byte orders, some at the limits of size, one for each odd name
and section, and COUNT that are changed at random. The same arguments give the same files.

Does: edits that a reader has to accept (other names, maps, programs, sizes, signatures, the other byte
order), edits it has to refuse, and edits of bytes. Does not: know which of both a file is.
"""
import os
import random
import struct
import sys

MAGIC = b"\x89BPFS\x0d\x0a\x1a"
NAME, DATA, INSNS, CHECKED, HASH, FOLDED, CHAIN, SIG_INSNS, SIG_HASH, MAP, PROGRAM = 1, 2, 3, 4, 5, 16, 17, 18, 19, 32, 33
FORMS = (INSNS, CHECKED, HASH)
SIGNATURES = (FOLDED, CHAIN, SIG_INSNS, SIG_HASH)
NUMBERS = {MAP: 3, PROGRAM: 2}  # how many a payload begins with
UNKNOWN = 0x80000000
INTERESTING = [0, 1, 2, 3, 4, 5, 6, 7, 8, 15, 16, 17, 64, 65, 0x7FFFFFFF, UNKNOWN, UNKNOWN + 1, 0xFFFFFFF8, 0xFFFFFFFF, 0x01000000]
TYPES = [0, 1, 2, 3, 4, 5, 6, 15, 16, 17, 18, 19, 20, 31, 32, 33, 34, 35, 0x100, 0x7FFFFFFF, UNKNOWN, UNKNOWN + 1, 0xFFFFFFFF]
BLOCK = 1 << 16
LETTERS = "abcxyzABCXYZ_"
NAMES = """a _ _a x1 9a a-b a.b rodata rodata_str data bss bss_x bsss Bss .bss kconfig kconfigs data_bss int if while inline
    restrict asm typeof _Bool _Atomic _Generic _Static_assert _Imaginary bool true false nullptr constexpr alignas
    alignof static_assert thread_local typeof_unqual _BitInt _Decimal64 class new this template void volatile NULL
    size_t main auto register signed Int""".split()
SECTIONS = """kprobe/f kprobe/f+0x10 kprobe/f+8 kprobe/ kprobe kretprobe/f kretprobe/f+1 kprobe.multi/f* kretprobe.multi/a?c
    kprobe.session/f ksyscall/read kretsyscall/read tp/a/b tp/a tp/a/b/c tracepoint/sched/sched_switch tp tp/ raw_tp/x
    raw_tp raw_tp.w/x raw_tracepoint.w/x raw_tracepoint/x uprobe//bin/x:f uprobe/x:f+1 uprobe/x uretprobe/x:f uprobe.s/x:f
    uprobe.multi/x:f* usdt/x:a:b fentry/f fexit/f fmod_ret/f lsm/f lsm.s/f iter/task tp_btf/f xdp xdp.frags tc socket
    cgroup/dev perf_event freplace/f struct_ops/f syscall sk_lookup netfilter nothing .text kprobe/a:b kprobe/%s
    kprobe/f+ kprobe/+1 kprobe/f+0x uprobe/:f kprobe/1f kprobe/a.b.c kprobe/a$b kprobe/f+99999999999999999999 kprobe/f+0123456789abcdef kprobe/f+0123456789abcdefg uprobe/x!/y:f uprobe/x!y:f
    uprobe/x!:f uprobe/x:~f uprobe/x:a::b(int) uprobe/x:A::~B-$.c+0x1f uprobe.s/'x':f+3 uprobe.s/"x":f uprobe/x\\:f uprobe/x:f@v
    uretprobe/x:f+1 uretprobe.s/x:f uretprobe.s/x::f uprobe/::f kprobe.multi/? kprobe.multi/ kretprobe.multi/*.a-b
    kprobe.session/a*_ kretprobe.session/f uprobe.session/x:f uprobe/x:f+0123456789abcdef uprobe.multi.s/x:f""".split()
SECTIONS += ["uprobe/a b:f", "uprobe/\x1f:f", "uprobe/\x7f:f", "uprobe/~:f", "uprobe/\xe9:f", "uprobe/x\t:f", "kprobe/f ", "tp/a/b\n"]
SECTIONS += ["ksyscall/" + "s" * 80, "ksyscall/" + "s" * 81, "tp/a/" + "n" * 100, "tp/a/" + "n" * 101, "kprobe/" + "f" * 504,
             "kprobe/" + "f" * 505, "raw_tp.w/" + "t" * 127, "raw_tp.w/" + "t" * 128]
TRACEPOINTS = "sys_enter a a.b a:b a/b a,b a+b a-b a@b a_b 1 a=b a*b a~b (a) a[b]".split()


class Record:
    """TYPE, numbers that the payload begins with, and the rest of it; LONGER is what its length is wrong by."""

    def __init__(self, kind, numbers, rest):
        self.kind, self.numbers, self.rest = kind, list(numbers), rest
        self.longer, self.padding = 0, None

    def copy(self):
        return Record(self.kind, self.numbers, self.rest)

    def build(self, order):
        payload = struct.pack("%s%dI" % (order, len(self.numbers)), *self.numbers) + self.rest
        padding = bytes(-len(payload) % 8) if self.padding is None else self.padding
        return struct.pack(order + "2I", self.kind, (len(payload) + self.longer) & 0xFFFFFFFF) + payload + padding


class Image:
    """What a good image consists of. VERSION and LARGER are for those that are to be refused."""

    def __init__(self, data):
        self.order = "<" if data[8] else ">"
        self.version, self.larger = 1, 0
        self.records = []
        at = 16
        while at < len(data):
            kind, length = struct.unpack_from(self.order + "2I", data, at)
            count = NUMBERS.get(kind, 0)
            numbers = struct.unpack_from("%s%dI" % (self.order, count), data, at + 8)
            self.records.append(Record(kind, numbers, data[at + 8 + 4 * count : at + 8 + length]))
            at += 8 + (length + 7) // 8 * 8

    def build(self):
        data = b"".join(record.build(self.order) for record in self.records)
        size = (16 + len(data) + self.larger) & 0xFFFFFFFF
        return MAGIC + struct.pack(self.order + "2I", self.version, size) + data

    def of(self, *kinds):
        return [record for record in self.records if record.kind in kinds]

    def remove(self, *kinds):
        self.records = [record for record in self.records if record.kind not in kinds]

    def put(self, kind, rest, numbers=()):
        """Add a record where its type belongs, after others of it."""
        at = sum(1 for record in self.records if record.kind <= kind)
        self.records.insert(at, Record(kind, numbers, rest))

    def shrink(self, rng):
        """Short bytes, so that edits of bytes hit what a reader looks at."""
        for record in self.of(DATA, *SIGNATURES):
            record.rest = record.rest[: rng.randrange(1, 40)]
        for record in self.of(*FORMS):
            record.rest = record.rest[: 8 * rng.randrange(1, 5)]


def string(text):
    return text.encode("latin-1") + b"\0"


def random_name(rng, longest):
    """An identifier, mostly; up to LONGEST characters, and seldom one more."""
    kind = rng.randrange(12)
    if kind == 0:
        return string(rng.choice(NAMES))
    size = longest + (kind == 1 and rng.randrange(2)) if kind < 3 else rng.randrange(1, 13)
    return string(rng.choice(LETTERS) + "".join(rng.choice(LETTERS + "0189") for _ in range(size - 1)))


def random_map(rng):
    kind, size, name = rng.randrange(6), rng.choice([1, 4, 7, 16777215, rng.randrange(1, 5000)]), random_name(rng, 511)
    if rng.randrange(12):  # as it should be
        size = size if kind else 0
        name = {3: b"bss" + name[: rng.choice([0, 508])] + b"\0", 4: b"kconfig\0"}.get(kind, name)
        name = name[:-2] + b"\0" if len(name) > 1 and name[-2:] == b"\0\0" else name
    return name, (kind, size, rng.randrange(2))


def random_program(rng):
    way, name, target = rng.randrange(6), random_name(rng, 511), b""
    if way == 1:
        longest = "".join(rng.choice(LETTERS + "0.:/,+-@") for _ in range(127 + rng.randrange(2)))
        target = string(rng.choice(TRACEPOINTS[:-5] * 4 + TRACEPOINTS + [longest]))
    elif way == 4:
        longest = "kprobe/" + "f" * (504 + rng.randrange(2))
        odd = rng.choice(["kprobe/f", "tp/a/", "uprobe/", "uprobe/x:", "kprobe.multi/", "raw_tp.w/"]) + chr(rng.choice([rng.randrange(256), 0x20, 0x22, 0x27, 0x5C, 0x60, 0x7E, 0x7F])) + "x:f"
        target = string(rng.choice(SECTIONS * 4 + [longest, odd] * 12))
    return name + target, (way, len(name))


# --- edits after which an image may be good ---


def rename(image, rng):
    for record in image.of(NAME):
        record.rest = random_name(rng, 63)


def rename_map(image, rng):
    maps = image.of(MAP)
    if maps:
        rng.choice(maps).rest = string(rng.choice(["kconfig", "bss", "bss_x", "bs", "data", "rodata"]))


def add_maps(image, rng):
    for _ in range(rng.choice([1, 1, 2, 3])):
        image.put(MAP, *random_map(rng))


def add_programs(image, rng):
    for _ in range(rng.choice([1, 1, 2])):
        image.put(PROGRAM, *random_program(rng))


def fill_maps(image, rng):
    while len(image.of(MAP)) < rng.choice([63, 64, 64, 65]):
        image.put(MAP, b"m%d\0" % len(image.records), (0, 0, 0))


def fill_programs(image, rng):
    wanted = rng.choice([1023, 1024, 1024, 1025])
    while len(image.of(PROGRAM)) < wanted:
        image.put(PROGRAM, b"p\0", (rng.choice([0, 2, 3, 5]), 2))


def other_order_of_entries(image, rng):
    kind = rng.choice([MAP, PROGRAM])
    entries = image.of(kind)
    rng.shuffle(entries)
    image.remove(kind)
    for entry in entries:
        image.put(kind, entry.rest, entry.numbers)


def remove_entry(image, rng):
    entries = image.of(MAP, PROGRAM)
    if entries:
        image.records.remove(rng.choice(entries))


def other_bytes(image, rng):
    record = rng.choice(image.of(DATA, *FORMS, *SIGNATURES) or image.records)
    unit = 8 if record.kind in FORMS else 1
    record.rest = rng.randbytes(unit * rng.randrange(1, 100))


def other_signatures(image, rng):
    """A set of signatures and forms, of which most belong together."""
    image.remove(CHECKED, HASH, *SIGNATURES)
    for kind in rng.choice([(), (FOLDED,), (CHAIN,), (SIG_INSNS,), (CHECKED, SIG_INSNS), (HASH, SIG_HASH), (FOLDED, CHAIN),
                            (CHECKED, HASH, *SIGNATURES), (HASH, SIG_INSNS, SIG_HASH), (CHECKED,), (SIG_HASH,), (HASH,)]):
        image.put(kind, rng.randbytes(8 * rng.randrange(1, 9)))


def add_unknown(image, rng):
    for kind in sorted(rng.sample([UNKNOWN, UNKNOWN + 1, 0x8FFFFFFF, 0xFFFFFFFE, 0xFFFFFFFF], rng.choice([1, 1, 2, 5]))):
        image.put(kind, rng.randbytes(rng.randrange(0, 20)))


def other_machine(image, _rng):
    image.order = "<>"[image.order == "<"]


GOOD = [rename, rename_map, add_maps, add_maps, add_programs, add_programs, other_order_of_entries, remove_entry, other_bytes,
        other_signatures, other_signatures, add_unknown, other_machine]
SELDOM = [fill_maps, fill_programs]

# --- edits after which it may not ---


def swap_records(image, rng):
    at = rng.randrange(max(1, len(image.records) - 1))
    image.records[at : at + 2] = reversed(image.records[at : at + 2])


def double_record(image, rng):
    at = rng.randrange(len(image.records))
    image.records.insert(at, image.records[at].copy())


def remove_record(image, rng):
    image.records.remove(rng.choice(image.records))


def other_type(image, rng):
    rng.choice(image.records).kind = rng.choice(TYPES + [rng.getrandbits(32)])


def new_type(image, rng):
    at = rng.randrange(len(image.records) + 1)
    image.records.insert(at, Record(rng.choice(TYPES), (), rng.randbytes(rng.randrange(0, 12))))


def other_length(image, rng):
    rng.choice(image.records).longer = rng.choice([-8, -1, 1, 8, -4, 4, rng.getrandbits(32)])


def other_payload(image, rng):
    record = rng.choice(image.records)
    record.rest = rng.choice([b"", b"\0", record.rest[:-1], record.rest[1:], record.rest + b"\0", record.rest + b"a",
                              record.rest[:-1] + b"a\0"])


def other_padding(image, rng):
    record = rng.choice(image.records)
    size = -(len(record.rest) + 4 * len(record.numbers)) % 8
    dirty = bytearray(size)
    if size:
        dirty[rng.choice([0, size - 1, rng.randrange(size)])] = rng.randrange(1, 256)
    record.padding = rng.choice([bytes(dirty), bytes(dirty), bytes(size + 8), bytes(max(0, size - 1))])


def other_size(image, rng):
    image.larger = rng.choice([-8, -1, 1, 8, -16, 16, rng.getrandbits(32)])


def other_version(image, rng):
    image.version = rng.choice([0, 2, 0x01000000, 0x0100, rng.getrandbits(32)])


def other_number(image, rng):
    records = [record for record in image.records if record.numbers]
    if records:
        record = rng.choice(records)
        at = rng.randrange(len(record.numbers))
        near = record.numbers[at] + rng.choice([-1, 1]) & 0xFFFFFFFF
        record.numbers[at] = rng.choice([near, near, 16777215, 16777216] + INTERESTING)


def other_character(image, rng):
    record = rng.choice(image.of(NAME, MAP, PROGRAM) or image.records)
    at = rng.randrange(len(record.rest) + 1)
    new = bytes([rng.choice([0, 0, 10, 32, 34, 39, 46, 92, 127, 128, 255, rng.randrange(256)])])
    record.rest = record.rest[:at] + new + record.rest[at + rng.randrange(2) :]


def other_order_of_numbers(image, rng):
    record = rng.choice(image.records)
    record.numbers = [int.from_bytes(number.to_bytes(4, "big"), "little") for number in record.numbers]
    record.longer = rng.choice([0, 0, len(record.rest) << 24]) if record.numbers else len(record.rest) << 24


BAD = [swap_records, double_record, remove_record, other_type, new_type, other_length, other_payload, other_payload, other_padding,
       other_size, other_version, other_number, other_number, other_character, other_character, other_order_of_numbers]

# --- edits of bytes ---


def flip_bit(data, rng):
    data[rng.randrange(len(data))] ^= 1 << rng.randrange(8)


def set_byte(data, rng):
    data[rng.randrange(len(data))] = rng.choice([0, 1, 0x80, 0xFF, rng.randrange(256)])


def set_word(data, rng):
    at = 4 * rng.randrange(len(data) // 4)
    data[at : at + 4] = struct.pack(rng.choice("<>") + "I", rng.choice(INTERESTING))


def change_word(data, rng):
    at, order = 4 * rng.randrange(len(data) // 4), rng.choice("<>")
    number = struct.unpack_from(order + "I", data, at)[0]
    struct.pack_into(order + "I", data, at, number + rng.choice([-8, -1, 1, 8]) & 0xFFFFFFFF)


def truncate(data, rng):
    del data[rng.choice([rng.randrange(len(data)), len(data) - 1, len(data) - 8, 8 * rng.randrange(len(data) // 8)]) :]


def append(data, rng):
    data += rng.choice([b"\0", b"\n", bytes(8), rng.randbytes(rng.randrange(1, 20)), bytes(data)])


def cut(data, rng):
    at = rng.randrange(len(data))
    del data[at : at + rng.choice([1, 4, 8, 16])]


def insert(data, rng):
    at = 4 * rng.randrange(len(data) // 4)
    data[at:at] = rng.choice([b"\0", bytes(4), bytes(8), rng.randbytes(8)])


BYTES = [flip_bit, flip_bit, flip_bit, set_byte, set_word, change_word, truncate, append, cut, insert]


def fix_size(data):
    """The size that the file has, so that a change of its length is not all that is wrong."""
    if len(data) >= 16:
        struct.pack_into("<I" if data[8] else ">I", data, 12, len(data))


def mutant(images, rng):
    image = Image(rng.choice(images))
    if rng.randrange(4):
        image.shrink(rng)
    for _ in range(rng.choice([0, 1, 1, 2, 3])):
        rng.choice(GOOD)(image, rng)
    if not rng.randrange(100):
        rng.choice(SELDOM)(image, rng)
    kind = rng.randrange(10)
    if 4 <= kind < 7 and image.records:
        for _ in range(rng.choice([1, 1, 1, 2])):
            if image.records:
                rng.choice(BAD)(image, rng)
    data = bytearray(image.build())
    if kind >= 7:
        for _ in range(rng.choice([1, 1, 1, 2, 4])):
            if len(data) >= 8:
                rng.choice(BYTES)(data, rng)
        if rng.randrange(3):
            fix_size(data)
    return bytes(data)


# --- sizes at their limits ---


def sized(image, **sizes):
    """A small image of one program, with records of these sizes."""
    small = Image(image)
    small.remove(*TYPES)
    small.put(NAME, b"n\0")
    small.put(PROGRAM, b"p\0", (0, 2))
    for kind, size in {"data": 8, "insns": 8, **sizes}.items():
        small.put({"data": DATA, "insns": INSNS, "checked": CHECKED, "hash": HASH, "folded": FOLDED, "sig_insns": SIG_INSNS,
                   "sig_hash": SIG_HASH, "unknown": UNKNOWN}[kind], bytes(size))
    return small.build()


def limits(image):
    most, whole = 16777215, 67108864
    fixed = len(sized(image, unknown=0))
    for over in (0, 8):
        yield sized(image, insns=8000000 + over)
        yield sized(image, data=most - 8 - 7 + over)
        yield sized(image, data=most - 8000000, insns=8000000 + over)
        yield sized(image, data=most - 4000 - 7, checked=4000 + over, sig_insns=1)
        yield sized(image, data=most - 4000 - 7, hash=4000 + over, sig_hash=1)
        yield sized(image, folded=1048576 + over // 8)
        yield sized(image, sig_insns=1048576 + over // 8)
        yield sized(image, unknown=whole - fixed + over)
        maps = Image(sized(image))
        maps.put(MAP, b"a\0", (1, most - 1000, 0))
        maps.put(MAP, b"b\0", (5, 1000 + over, 0))
        yield maps.build()


# --- every name and section by itself ---


def texts(image):
    for name in NAMES:
        named = Image(sized(image))
        named.put(PROGRAM, string(name), (0, len(name) + 1))
        yield named.build()
    for section in SECTIONS + TRACEPOINTS:
        for way in (1, 4):
            attached = Image(sized(image))
            attached.put(PROGRAM, b"p\0" + string(section), (way, 2))
            yield attached.build()


def main(folder, count, seed, files):
    rng = random.Random(seed)
    images = []
    for file in files:
        with open(file, "rb") as stream:
            images.append(stream.read())
    made = []

    def write(kind, data):
        made.append(kind)
        with open(os.path.join(folder, "%s-%05d" % (kind, len(made))), "wb") as stream:
            for at in range(0, len(data), BLOCK):  # holes where it is zero
                if any(data[at : at + BLOCK]):
                    stream.seek(at)
                    stream.write(data[at : at + BLOCK])
            stream.truncate(len(data))

    for data in images:
        other = Image(data)
        other_machine(other, rng)
        write("good", data)
        write("good", other.build())
    for data in limits(images[0]):
        write("limit", data)
    for data in texts(images[0]):
        write("text", data)
    for _ in range(count):
        write("mutant", mutant(images, rng))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), sys.argv[4:])
