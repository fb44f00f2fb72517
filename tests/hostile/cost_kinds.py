# SPDX-License-Identifier: BSD-2-Clause
"""The kinds of input that tests/hostile/cost knows: how one of a given size is made, and how the
program is called with it."""
import os
import re
import subprocess

import cost_der
import cost_elf

MIB = 1 << 20


class Kind:
    """A kind of input: WRITE(base, folder, size) makes one, and returns the command line."""

    def __init__(self, name, write, most=1 << 40):
        self.name, self.write, self.most = name, write, most

    def make(self, base, folder, size):
        os.mkdir(folder)
        return self.write(base, folder, size)


class Base:
    """Good inputs, which bad ones are made of."""

    def __init__(self, root, tool, folder):
        self.root, self.tool, self.folder = root, tool, folder
        self.key = f"{root}/keys/test/rsa2048"
        triplet = subprocess.run(["cc", "-print-multiarch"], check=True, capture_output=True,
                                 text=True).stdout.strip()
        for name in ("tiny", "typical", "typed", "maps"):
            subprocess.run(["clang", "-O2", "-g", "-target", "bpf", f"-I/usr/include/{triplet}",
                            "-c", f"{root}/tests/data/{name}.bpf.c", "-o",
                            f"{folder}/{name}.bpf.o"], check=True, capture_output=True)
        self.run("sign", "-q", *self.signer(), f"{folder}/tiny.bpf.o")
        self.run("sign", "-q", *self.signer(), f"{folder}/typed.bpf.o")
        self.run("sign", "-q", *self.signer(), "--scheme", "folded", "--runtime", "libbpf", "-o",
                 f"{folder}/libbpf.lskel.h", f"{folder}/tiny.bpf.o")
        self.run("sign", "-q", *self.signer(), "--scheme", "folded", "--no-seal",
                 "--allow=open-values", "--allow=open-sizes", "-o", f"{folder}/unsealed.lskel.h",
                 f"{folder}/typed.bpf.o")
        self.run("sign", "-q", *self.signer(), "--scheme", "folded", "--detached", "-o",
                 f"{folder}/tiny", f"{folder}/tiny.bpf.o")
        self.run("sign", "-q", "--prepare", f"{folder}/request", f"{folder}/tiny.bpf.o")
        self.tiny, self.typed, self.unsealed, self.libbpf = (
            self.read(f"{name}.lskel.h").decode()
            for name in ("tiny", "typed", "unsealed", "libbpf"))

    def signer(self):
        return ["-k", f"{self.key}.key", "-c", f"{self.key}.crt"]

    def run(self, *args):
        subprocess.run([self.tool, *args], check=True, capture_output=True, cwd=self.folder)

    def read_key(self):
        """The certificate of the key, in PEM."""
        with open(f"{self.key}.crt", "rb") as file:
            return file.read()

    def read(self, name):
        with open(f"{self.folder}/{name}", "rb") as file:
            return file.read()


def put(path, *parts):
    """The file PATH out of PARTS: bytes, texts, or (bytes or text, size): it repeated up to SIZE."""
    with open(path, "wb") as file:
        for part in parts:
            part, size = part if isinstance(part, tuple) else (part, len(part))
            part = part.encode() if isinstance(part, str) else bytes(part)
            block = part * max(1, MIB // max(1, len(part)))
            whole = size // len(part) * len(part) if part else 0
            while block and whole >= len(block):
                file.write(block)
                whole -= len(block)
            file.write(block[:whole])
    return path


def numbered(text, size):
    """TEXT with a number in the place of each @, again and again up to SIZE."""
    parts, left = [], size
    for n in range(size):
        part = text.replace("@", str(n))
        left -= len(part)
        if left < 0:
            break
        parts.append(part)
    return "".join(parts)


# --- ways to call the program ---

def verify(base, path):
    return ["verify", "-c", f"{base.key}.crt", path]


def sign(base, path):
    return ["sign", *base.signer(), "-o", f"{path}.out", path]


def inspect(_base, path):
    return ["inspect", path]


def strip(_base, path):
    return ["sign", "--strip", "-o", f"{path}.out", path]


def chain(_base, path):
    return ["chain", path]


# --- headers ---

def around(text, mark):
    """TEXT before and behind MARK, a regular expression."""
    found = re.search(mark, text, re.M)
    return text[:found.end()], text[found.end():]


# Where something can be put: behind these.
PLACES = {
    "top": r"\A",
    "guard": r"^#define __\w+_SKEL_H__$",
    "struct": r"struct bpf_chainsign_rt1_ctx ctx;$",
    "before load": r"(?=^static inline int\n\w+__load\()",
    "in load": r"^\w+__load\([^)]*\)\n\{$",
    "data": r"/\* opts_data \*/ *\"?",
    "end": r"\Z",
}


def inserted(place, parts, how=verify, text="tiny"):
    """A header with PARTS(size), as for put(), at PLACE."""
    def write(base, folder, size):
        before, behind = around(getattr(base, text), PLACES[place])
        return how(base, put(f"{folder}/x.h", before, *parts(size), behind))
    return write


def filled(text):
    return lambda size: ((text, size),)


def many(text):
    return lambda size: (numbered(text, size),)


def long_name(share, how, rest=None):
    """The skeleton's name takes SHARE of the size, wherever it stands; REST of the file is REST."""
    def write(base, folder, size):
        uses = len(re.findall(r"\btiny_bpf", base.tiny))
        # what is short of one use of the name makes no large one: a copy in each place
        name = "n" * max(1, int(size * share) // uses)
        text = re.sub(r"\btiny_bpf", name, base.tiny)
        more = (rest.replace("NAME", name if len(name) < 100 else "f"), size - len(text)) \
            if rest else ""
        return how(base, put(f"{folder}/x.h", text, more))
    return write


def name_and_functions(base, folder, size):
    """A long name in the struct alone, and a million functions that are compared with it."""
    text = base.tiny.replace("struct tiny_bpf {", "struct " + "n" * (size // 6) + " {", 1)
    return verify(base, put(f"{folder}/x.h", text, ("a(){}\n", size - len(text))))


def literal(parts, how=verify):
    """A header whose data is one literal that is changed."""
    return inserted("data", parts, how)


def copies(base, folder, size):
    """Initial values, each of which is looked for in large data: all but the end is the same."""
    text = base.unsealed
    found = re.search(r"\{\n\t\t__extension__ static const char data\[\].*?\n\t\}\n", text, re.S)
    if not found:
        raise subprocess.CalledProcessError(1, "copies", stderr="no initial value in the header")
    block = found.group()
    count = min(1000, max(2, size // 40000))
    value = re.sub(r'= *"\\?.*?";', lambda _: '= "' + "\\x00" * 1000 + "\\x01\";", block, count=1,
                   flags=re.S)
    before, behind = text[:found.start()], text[found.end():]
    head, tail = around(behind, PLACES["data"])
    blob = max(0, min(size // 4, 15 * MIB) - count * len(value) // 4)
    return verify(base, put(f"{folder}/x.h", before, value * count, head, ("\\x00", 4 * blob), tail))


def headers():
    for how in (verify, sign, inspect, strip):
        yield f"name/{how.__name__}", long_name(1, how)
    yield "name/prefix", long_name(0.5, verify, "static int NAME__x(void){return 0;}\n")
    yield "name/functions", name_and_functions
    for place in ("top", "guard", "before load", "end"):
        for name, text in (("functions", "a(){}\n"), ("statics", "static int a(void){}\n"),
                           ("semicolons", ";"), ("newlines", "\n"), ("crlf", "\r\n"), ("spaces", " "),
                           ("words", "a "), ("open comment", "/*"), ("comments", "/**/"),
                           ("line comments", "//\n"), ("splices", "\\\n"), ("braces", "{"),
                           ("pairs", "{}"), ("parentheses", "("), ("brackets", "["),
                           ("quotes", '"'), ("apostrophes", "'"), ("literals", '"" '),
                           ("define", "#define a b\n"), ("include", "#include <a>\n"),
                           ("if", "#if 0\n"), ("ifs", "#ifndef a\n#endif\n"), ("hashes", "#"),
                           ("backslashes", "\\"), ("digits", "1"), ("letters", "x"), ("nul", "\0"),
                           ("byte ff", b"\xff"), ("struct", "struct a {\n"), ("structs", "struct a {};\n"),
                           ("contexts", "struct a { struct bpf_chainsign_rt1_ctx ctx; };\n"),
                           ("type", "bpf_loader_ctx "), ("asterisks", "*"), ("slashes", "/")):
            if place in ("guard", "before load") and text[0] not in ("a", "s", "/", "#"):
                continue
            yield f"{place}/{name}", inserted(place, filled(text))
    yield "arrays", inserted("before load", many('static const char a@[] = "x";\n'))
    yield "arrays in load", inserted("in load", many('\tstatic const char a@[] = "x";\n'))
    yield "statements in load", inserted("in load", filled("a();\n"))
    yield "members", inserted("struct", many("\tint a@;\n"))
    yield "structs in struct", inserted("struct", filled("\tstruct {\n"))
    yield "programs", inserted("struct", many("\tstruct { struct bpf_chainsign_rt1_prog_desc a@; } progs;\n"))
    yield "maps", inserted("struct", many("\tstruct { struct bpf_chainsign_rt1_map_desc a@; } maps;\n"))
    yield "keyrings", inserted("struct", filled("\t__s32 keyring_id;\n"))
    yield "defines", inserted("top", many("#define a@ b@\n"))
    yield "guards", inserted("top", many("#ifndef a@\n#define a@\n#endif\n"))
    for how in (verify, sign, inspect, chain):
        yield f"literal/hex/{how.__name__}", literal(filled("\\x41"), how)
    yield "literal/octal", literal(filled("\\0"))
    yield "literal/long octal", literal(filled("\\001"))
    yield "literal/letters", literal(filled("a"))
    yield "literal/adjacent", literal(filled('a" "'))
    yield "literal/lines", literal(filled('\\x41"\n"'))
    yield "literal/splices", literal(filled("\\\n"))
    yield "literal/comments", literal(filled('"/**/"'))
    yield "literal/escapes", literal(filled("\\\\"))
    yield "initial values", copies
    for how in (verify, sign):
        yield f"skeletons/{how.__name__}", lambda base, folder, size, how=how: how(
            base, put(f"{folder}/x.h", (base.tiny, size)))


# --- objects ---

def objects(text):
    for name, grow in cost_elf.kinds():
        for how in (inspect, sign):
            def write(base, folder, size, grow=grow, how=how):
                path = put(f"{folder}/x.bpf.o", grow(base.read(f"{text}.bpf.o"), size))
                return how(base, path)
            yield f"object/{name}/{how.__name__}", write


def mapped(name, how):
    """Many maps or programs of a C source; compiled."""
    texts = {
        "maps": "struct {{ __uint(type, 2); __uint(max_entries, 1); __type(key, int);"
                " __type(value, int); }} m{0} SEC(\".maps\");\n",
        "programs": "SEC(\"socket\") int p{0}(void *c) {{ return {0}; }}\n",
        "variables": "int v{0} = {0};\n",
        "calls": "static __attribute__((noinline)) int f{0}(int a) {{ return a + {0}; }}\n"
                 "SEC(\"socket\") int p{0}(void *c) {{ return f{0}(1); }}\n",
    }

    def write(base, folder, size):
        text = "#include <linux/bpf.h>\n#include <bpf/bpf_helpers.h>\n"
        text += "".join(texts[name].format(n) for n in range(size // 600))
        text += "char _license[] SEC(\"license\") = \"GPL\";\n"
        put(f"{folder}/x.c", text)
        triplet = subprocess.run(["cc", "-print-multiarch"], check=True, capture_output=True,
                                 text=True).stdout.strip()
        subprocess.run(["clang", "-O1", "-g", "-target", "bpf", f"-I/usr/include/{triplet}", "-c",
                        f"{folder}/x.c", "-o", f"{folder}/x.bpf.o"], check=True,
                       capture_output=True)
        return how(base, f"{folder}/x.bpf.o")
    return write


# --- signatures, certificates ---

def signatures():
    for name, grow in cost_der.signatures():
        def write(base, folder, size, grow=grow):
            path = put(f"{folder}/x.p7s", grow(base.read("tiny.folded.p7s"), size))
            return ["verify", "-c", f"{base.key}.crt", "-s", "folded", "--kernel", "all", "--signature",
                    path, f"{base.folder}/tiny.bpf.o"]
        yield f"signature/{name}", write


def in_headers():
    """The signatures that a header carries."""
    for name, grow in cost_der.signatures():
        def write(base, folder, size, grow=grow):
            message = grow(base.read("tiny.folded.p7s"), size // 4)
            text = "\\x" + message.hex("x", 1).replace("x", "\\x")
            changed, nr = re.subn(r'(opts_sig\[\][^"]*= )"[^;]*?";',
                                  lambda found: f'{found.group(1)}"{text}";', base.libbpf)
            assert nr == 1
            return ["verify", "-c", f"{base.key}.crt", "-s", "folded", "--kernel", "all",
                    put(f"{folder}/x.h", changed)]
        yield f"signature in a header/{name}", write


def certificates():
    for option in ("-c", "--revoked"):
        for name, grow in cost_der.certificates():
            def write(base, folder, size, grow=grow, option=option):
                path = put(f"{folder}/x.crt", *grow(base.read_key(), size))
                trusted = ["-c", f"{base.key}.crt"] if option != "-c" else []
                return ["verify", *trusted, option, path, f"{base.folder}/tiny.lskel.h"]
            yield f"certificates/{option.strip('-')}/{name}", write


def signer_certificate(base, folder, size):
    path = put(f"{folder}/x.crt", (base.read_key(), size))
    return ["sign", "-k", f"{base.key}.key", "-c", path, "-o", f"{folder}/out",
            f"{base.folder}/tiny.bpf.o"]


def key_file(base, folder, size):
    path = put(f"{folder}/x.key", ("# a comment\n", size))
    return ["sign", "-k", path, "-c", f"{base.key}.crt", "-o", f"{folder}/out",
            f"{base.folder}/tiny.bpf.o"]


# --- everything else ---

def config(text):
    def write(base, folder, size):
        path = put(f"{folder}/config", (text, size))
        return ["verify", "-c", f"{base.key}.crt", "--kernel-config", path,
                f"{base.folder}/tiny.lskel.h"]
    return write


def attached(name, text):
    """A folder of --prepare with a file that is too large."""
    def write(base, folder, size):
        for file in os.listdir(f"{base.folder}/request"):
            put(f"{folder}/{file}", base.read(f"request/{file}"))
        put(f"{folder}/tiny.lskel.h.{name}", (text, size))
        return ["sign", "-c", f"{base.key}.crt", "--attach", folder, "-o", f"{folder}/tiny.lskel.h",
                f"{base.folder}/tiny.bpf.o"]
    return write


def recursive(make, how=verify):
    """Files in a folder; SIZE is how much text there is in their names and in them."""
    def write(base, folder, size):
        os.mkdir(f"{folder}/in")
        make(base, f"{folder}/in", size)
        return [*how(base, f"{folder}/in"), "-r"]
    return write


def sign_all(base, path):
    return ["sign", "-q", "--keep-going", *base.signer(), path]


def file_names(base, folder, size):
    del base
    for n in range(size // 250):
        put(f"{folder}/{n:0>240}", "x")


def header_names(base, folder, size):
    del base
    for n in range(size // 250):
        put(f"{folder}/{n:0>230}.lskel.h", "x")


def links(base, folder, size):
    put(f"{folder}/x.h", base.tiny)
    for n in range(size // 250):
        os.symlink("x.h", f"{folder}/{n:0>240}")


def folders(base, folder, size):
    put(f"{folder}/x.h", base.tiny)
    for n in range(size // 250):
        os.mkdir(f"{folder}/{n:0>240}")


def deep_folders(base, folder, size):
    del size
    put(f"{folder}/x.h", base.tiny)
    at = os.open(folder, os.O_RDONLY)
    for _ in range(1500):
        os.mkdir("d", dir_fd=at)
        below = os.open("d", os.O_RDONLY, dir_fd=at)
        os.close(at)
        at = below
    os.close(at)


def one_file(text):
    def make(base, folder, size):
        put(f"{folder}/x.h", base.tiny)
        put(f"{folder}/y.h", (text, size))
    return make


def copies_of_object(base, folder, size):
    data = base.read("tiny.bpf.o")
    for n in range(size // 40000):
        put(f"{folder}/x{n}.bpf.o", data)


def copies_of_header(base, folder, size):
    for n in range(max(2, size // len(base.tiny))):
        put(f"{folder}/x{n}.lskel.h", base.tiny)


def raw(base, folder, size):
    put(f"{folder}/insns", (b"\xb7\0\0\0\0\0\0\0", size))
    put(f"{folder}/map", (b"\0", size))
    return ["sign", *base.signer(), "--detached", "-o", f"{folder}/out", "--insns", f"{folder}/insns",
            *["--map", f"{folder}/map"] * 8]


def others():
    yield Kind("config/lines", config("CONFIG_CRYPTO_X=y\n"), 4 * MIB)
    yield Kind("config/known lines", config("CONFIG_CRYPTO_SHA512=y\n"), 4 * MIB)
    yield Kind("config/one line", config("CONFIG_"), 4 * MIB)
    yield Kind("config/too large", config("CONFIG_X=y\n"))
    yield Kind("manifest/braces", attached("json", "{"), MIB)
    yield Kind("manifest/lines", attached("json", "\"a\": 1,\n"), MIB)
    yield Kind("manifest/spaces", attached("json", " "), MIB)
    yield Kind("manifest/commas", attached("json", ","), MIB)
    yield Kind("manifest/too large", attached("json", "\"a\": 1,\n"))
    yield Kind("attached/PEM", attached("folded.p7s", "-----BEGIN CMS-----\n"), MIB)
    yield Kind("attached/base64", attached("folded.p7s", "AAAA\n"), MIB)
    yield Kind("attached/raw", attached("folded.sig", "\0"), MIB)
    yield Kind("attached/too large", attached("folded.p7s", "-----BEGIN CMS-----\n"))
    yield Kind("folder/names", recursive(file_names), 4 * MIB)
    yield Kind("folder/names of headers", recursive(header_names), 4 * MIB)
    yield Kind("folder/links", recursive(links), 4 * MIB)
    yield Kind("folder/links/sign", recursive(links, sign_all), 4 * MIB)
    yield Kind("folder/folders", recursive(folders), 4 * MIB)
    yield Kind("folder/deep", recursive(deep_folders), MIB)
    yield Kind("folder/headers", recursive(copies_of_header), 16 * MIB)
    yield Kind("folder/objects/sign", recursive(copies_of_object, sign_all), 4 * MIB)
    yield Kind("folder/strip", recursive(copies_of_header, lambda _, path: ["sign", "--strip", path]),
               16 * MIB)
    for name, text in (("type", "bpf_loader_ctx "), ("include", "skel_internal "), ("nul", "\0"),
                       ("splices", "\\\n"), ("questions", "?"), ("comments", "/*bpf_loader_ctx"),
                       ("quotes", "'bpf_loader_ctx"), ("hashes", "#include skel_internal.h\n"),
                       ("struct", "struct bpf_loader_ctx "), ("begun", "bpf_loader_ct")):
        yield Kind(f"folder/file/{name}", recursive(one_file(text)))
    yield Kind("raw", raw, 16 * MIB)
    yield Kind("signer/certificate", signer_certificate)
    yield Kind("signer/key", key_file)


def kinds():
    yield from (Kind(f"header/{name}", write) for name, write in headers())
    yield from (Kind(name, write) for name, write in objects("typical"))
    for name in ("maps", "programs", "variables", "calls"):
        yield Kind(f"object/compiled {name}", mapped(name, inspect), 2 * MIB)
    yield from (Kind(name, write, MIB * 3 // 4) for name, write in signatures())
    yield from (Kind(name, write, 256 << 10) for name, write in in_headers())
    yield from (Kind(name, write, MIB) for name, write in certificates())
    yield Kind("certificates/too large", dict(certificates())["certificates/c/comments"])
    yield from others()
