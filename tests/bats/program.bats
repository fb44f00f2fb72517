#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-2-Clause
# Signed images in programs, libraries and archives: found, named FILE#NAME, judged

load common

# image NAME: the signed image of tests/data/NAME.bpf.c
image() {
    object "$1"
    sign --quiet --format image "$1.bpf.o"
}

# carry [--writable] NAME IMAGE...: NAME.o, with these images
carry() {
    local name=${1#--writable}
    name=${name:-$2}
    "$ROOT/tests/program/carry" "$@" >"$name.c" && cc -c "$name.c" -o "$name.o"
}

# program [--writable] NAME IMAGE...: a program with these images, by one object
program() {
    local name=${1#--writable}
    name=${name:-$2}
    carry "$@"
    echo "int ${name}_used(void); int main(void) { return !${name}_used(); }" >main.c
    cc main.c "$name.o" -o "$name"
}

# patch FILE OFFSET BYTE: one byte, in octal
patch() {
    # shellcheck disable=SC2059
    printf "\\$3" | dd of="$1" bs=1 seek="$2" conv=notrunc status=none
}

# section FILE: where the section with images begins
section() {
    printf '%d\n' "0x$(readelf -SW "$1" | sed -n 's/.* \.bpf_signed  *[A-Z]*  *[0-9a-f]* \([0-9a-f]*\) .*/\1/p')"
}

# header FILE: where the section header of this section begins
header() {
    local from size number
    from=$(readelf -hW "$1" | sed -n 's/.*Start of section headers: *\([0-9]*\).*/\1/p')
    number=$(readelf -SW "$1" | sed -n 's/^ *\[ *\([0-9]*\)\] \.bpf_signed .*/\1/p')
    size=$(readelf -hW "$1" | sed -n 's/.*Size of section headers: *\([0-9]*\).*/\1/p')
    echo $((from + number * size))
}

@test "every image in a program is judged, listed and shown by FILE#NAME" {
    image tiny
    image typical
    program prog tiny.bpf.signed typical.bpf.signed
    run verify prog
    status_is 0
    [ "$output" = "prog#tiny_bpf: accepted (folded, chain, insns)
prog#typical_bpf: accepted (folded, chain, insns)
2 accepted" ]
    run verify prog#typical_bpf
    status_is 0
    [ "$output" = "prog#typical_bpf: accepted (folded, chain, insns)" ]
    "$TOOL" inspect prog#typical_bpf | sed 's/prog#typical_bpf/FILE/' >one
    "$TOOL" inspect typical.bpf.signed | sed 's/typical.bpf.signed/FILE/' >two
    diff one two
    run "$TOOL" chain prog
    status_is 0
    output_has "prog#tiny_bpf" "prog#typical_bpf"
    verify --json --record record prog >out.json
    python3 - "$ROOT/docs" <<'END'
import hashlib, json, jsonschema, sys
document = json.load(open("out.json"))
jsonschema.validate(document, json.load(open(sys.argv[1] + "/output.schema.json")))
names = ["prog#tiny_bpf", "prog#typical_bpf"]
assert [r["file"] for r in document["results"]] == names, document
subjects = [json.loads(line)["subject"][0] for line in open("record")]
assert [s["name"] for s in subjects] == names, subjects
for subject, name in zip(subjects, ("tiny", "typical")):
    content = open(name + ".bpf.signed", "rb").read()
    assert subject["digest"]["sha256"] == hashlib.sha256(content).hexdigest(), subject
END
}

@test "FILE#NAME is a file if there is one of that name" {
    image tiny
    program prog tiny.bpf.signed
    cp tiny.bpf.signed prog#tiny_bpf
    patch prog "$(($(section prog) + 3000))" 1
    run verify prog#tiny_bpf
    status_is 0
    # but the program's own image is not looked for there
    run verify prog
    status_is 1
    output_lacks accepted
    run verify -r .
    status_is 1
    output_has "./prog#tiny_bpf: accepted" "./prog#tiny_bpf: rejected"
}

@test "a program without the image that is meant is unsigned" {
    image tiny
    program prog tiny.bpf.signed
    echo 'int main(void) { return 0; }' | cc -x c - -o none
    run verify none
    status_is 1
    output_has "none: contains no signed image: build it with a signed header" "none: unsigned"
    run verify prog#other
    status_is 1
    output_has "prog#other: the program contains no signed image of the name 'other': it has 1, the first of which is 'tiny_bpf'"
    run verify none#other
    status_is 1
    output_has "none#other: the program contains no signed image"
    run verify missing#other
    status_is 3
    output_has "missing#other: cannot open"
    for command in inspect chain; do
        run "$TOOL" $command none
        status_is 3
        output_has "contains no signed image"
    done
    run verify --record record --json none
    status_is 1
    [[ $output == *'"verdict": "unsigned"'* ]]
    grep -q "\"$(sha256sum <none | cut -d' ' -f1)\"" record
    # a program is not signed
    run sign prog
    status_is 3
    output_has "is a program or library for machine " "sign the object (x.bpf.o) or skeleton that it is built from"
}

@test "two programs are compared by their images" {
    image tiny
    program old tiny.bpf.signed
    program new tiny.bpf.signed
    run "$TOOL" inspect --diff old new
    status_is 0
    image typical
    program new tiny.bpf.signed typical.bpf.signed
    run "$TOOL" inspect --diff old new#tiny_bpf
    status_is 0
    run "$TOOL" inspect --diff new#typical_bpf old
    status_is 1
    run "$TOOL" inspect --diff new old
    status_is 3
    output_has "--diff new: has 2 signed images: name one of them, such as new#tiny_bpf"
    run "$TOOL" inspect --diff tiny.bpf.signed old
    status_is 0
}

@test "a changed section is not accepted" {
    local offset
    image tiny
    program prog tiny.bpf.signed
    offset=$(section prog)
    for at in 1000 3000; do
        cp prog changed
        patch changed $((offset + at)) 132
        run verify changed
        status_is 1
        output_has "changed#tiny_bpf: rejected"
    done
    # the magic, the version, the size, the type of the name
    for at in 0 8 12 16; do
        cp prog changed
        patch changed $((offset + at)) 132
        run verify changed
        status_is 3
        output_has "the section .bpf_signed has something that is not a signed image" "changed: could not tell"
    done
}

@test "images before what cannot be read are judged all the same" {
    image tiny
    head -c 1000 /dev/zero >zeros
    head -c 8 /dev/zero | tr '\0' x >junk
    program prog tiny.bpf.signed zeros junk
    run verify prog
    status_is 3
    output_has "prog#tiny_bpf: accepted" "prog: could not tell" "is not a signed image"
    mkdir in
    cp prog in
    run verify -r in
    status_is 3
    output_has "in/prog#tiny_bpf: accepted" "in/prog: could not tell"
}

@test "a section without contents, compressed, of another type or outside of the file is no answer" {
    image tiny
    program prog tiny.bpf.signed
    offset=$(header prog)
    cp prog changed
    patch changed $((offset + 4)) 10
    run verify changed
    status_is 3
    output_has "changed: the section .bpf_signed has no contents in this file: verify the program that it was made from"
    cp prog changed
    patch changed $((offset + 4)) 7
    run verify changed
    status_is 3
    output_has "the section .bpf_signed is of type 7, expected PROGBITS (1)"
    cp prog changed
    patch changed $((offset + 9)) 10 # SHF_COMPRESSED is 0x800
    run verify changed
    status_is 3
    output_has "the section .bpf_signed is compressed: decompress it with objcopy"
    cp prog changed
    patch changed $((offset + 28)) 1
    run verify changed
    status_is 3
    output_has "the section .bpf_signed of " "lies outside of the ELF file: it was truncated or damaged"
    head -c -100 prog >changed
    run verify changed
    status_is 3
    output_has "section headers of the ELF file lie outside of it: it was truncated or damaged"
}

@test "a section that the program can write to is a warning" {
    image tiny
    program --writable prog tiny.bpf.signed
    run verify prog
    status_is 0
    output_has "prog#tiny_bpf: accepted" "warning: prog#tiny_bpf: [writable-image] the program can write to its signed image"
    run verify --deny warning prog
    status_is 1
    run "$TOOL" inspect prog
    output_has "warning  writable-image"
}

@test "copies of an image are one, others of its name are numbered and a warning" {
    image tiny
    cp tiny.bpf.signed first.bpf.signed
    program prog first.bpf.signed tiny.bpf.signed first.bpf.signed
    run verify prog
    status_is 0
    [ "$output" = "prog#tiny_bpf: accepted (folded, chain, insns)" ]
    "$TOOL" sign --quiet --key "$KEYS/p256.key" --cert "$KEYS/p256.crt" --format image -o other.bpf.signed tiny.bpf.o
    program prog first.bpf.signed other.bpf.signed first.bpf.signed
    run verify prog
    status_is 1
    output_has "prog#tiny_bpf: accepted" "prog#tiny_bpf#2: rejected" \
        "warning: prog#tiny_bpf: [same-name] the program has several different signed images of this name" \
        "1 accepted, 1 rejected"
    run verify prog#tiny_bpf#2
    status_is 1
    run verify prog#tiny_bpf
    status_is 0
    run "$TOOL" inspect prog#tiny_bpf#2
    output_has "warning  same-name"
}

@test "stripped, without section headers, an object, a library, an archive" {
    image tiny
    image typical
    program prog tiny.bpf.signed typical.bpf.signed
    strip -s prog -o stripped
    # their offset, size, number and names are 0
    perl -0777 -pe 'substr($_, 40, 8) = "\0" x 8; substr($_, 58, 6) = "\0" x 6' prog >bare
    chmod +x bare
    ./bare
    cc -shared -fPIC prog.c -o library.so
    carry first tiny.bpf.signed
    carry second typical.bpf.signed
    ar rc archive.a first.o second.o main.c
    for file in stripped bare prog.o library.so archive.a; do
        run verify $file
        status_is 0
        [ "$output" = "$file#tiny_bpf: accepted (folded, chain, insns)
$file#typical_bpf: accepted (folded, chain, insns)
2 accepted" ]
    done
    ar rcT thin.a first.o
    run verify thin.a
    status_is 3
    output_has "thin.a: is an archive" "pass the object that it names"
    head -c 2000 archive.a >cut.a
    run verify cut.a
    status_is 3
    output_has "a member of the archive has " "more than the rest of the file: it was truncated"
    ar rc objects.a tiny.bpf.o
    run verify objects.a
    status_is 1
    output_has "contains no signed image"
}

@test "programs are found in folders, and others are counted" {
    image tiny
    program prog tiny.bpf.signed
    mkdir in
    cp prog tiny.bpf.signed in
    echo 'int main(void) { return 0; }' | cc -x c - -o in/none
    cp in/none in/another
    ln -s none in/link
    ln -s ../prog in/outside
    printf '\177ELFx' >in/short
    run verify -r in
    status_is 0
    [ "$output" = "in/prog#tiny_bpf: accepted (folded, chain, insns)
in/tiny.bpf.signed: accepted (folded, chain, insns)
in/outside#tiny_bpf: accepted (folded, chain, insns)
2 other files ignored (--verbose names them)
2 programs without a signed image
3 accepted" ]
    rm in/prog in/tiny.bpf.signed in/outside
    run verify -r in
    status_is 3
    output_has "in: contains no light skeleton or signed image at any depth"
    # neither the program nor its name is replaced by the record
    run verify --record prog prog
    status_is 3
    output_has "it is an input and will not be overwritten"
}

# uses NAME...: main.c, which loads the headers
uses() {
    {
        printf '#include "%s.lskel.h"\n' "$@"
        printf 'int main(void)\n{\n\treturn '
        printf '!%s_bpf__open_and_load() || ' "$@"
        printf '0;\n}\n'
    } >main.c
}

@test "a program in C carries the image of its signed header, however it is built" {
    local compiler flags
    object typical
    sign -q typical.bpf.o
    sign -q --format image typical.bpf.o
    uses typical
    for compiler in gcc clang "g++ -x c++"; do
        for flags in -O0 -O3 "-O2 -flto" "-O2 -ffunction-sections -fdata-sections -Wl,--gc-sections -s" \
            "-O1 -fPIC -shared" "-O2 -c"; do
            [ "$compiler $flags" != "clang -O2 -flto" ] || flags="-O2 -flto -fuse-ld=lld"
            # shellcheck disable=SC2086
            $compiler $flags main.c -o prog
            run verify prog
            status_is 0
            [ "$output" = "prog#typical_bpf: accepted (folded, chain, insns)" ] || { echo "$compiler $flags: $output"; return 1; }
            objcopy --dump-section .bpf_signed=image prog
            cmp -n "$(stat -c %s typical.bpf.signed)" typical.bpf.signed image
        done
    done
    # what does not load it has no copy
    gcc -O2 -Wl,--gc-sections -ffunction-sections -x c -include typical.lskel.h - -o prog <<<'int main(void) { return 0; }'
    run verify prog
    status_is 1
    output_has "prog: contains no signed image"
    gcc main.c -o prog
    patch prog "$(($(section prog) + 6000))" 1
    run verify prog
    status_is 1
    output_has "prog#typical_bpf: rejected"
}

@test "headers and files of one program: each image once" {
    object tiny
    object typical
    sign -q tiny.bpf.o
    sign -q typical.bpf.o
    uses tiny typical
    printf '#include "tiny.lskel.h"\nint other(void) { return !tiny_bpf__open_and_load(); }\n' >other.c
    gcc -O2 -c main.c && clang -O0 -c other.c && gcc main.o other.o -o prog
    run verify prog
    status_is 0
    [ "$(sort <<<"$output")" = "2 accepted
prog#tiny_bpf: accepted (folded, chain, insns)
prog#typical_bpf: accepted (folded, chain, insns)" ]
}

@test "a header says the same as its signed image, or is rejected" {
    local edit
    object typical
    sign -q typical.bpf.o
    for edit in 's/(opts_image + 48)/(opts_image + 56)/' 's/opts\.data_sz = [0-9]*/&0/' 's/"\.bpf_signed"/".bpf_other"/' \
        's/, __used__//' 's/typical_bpf/other_bpf/g' 's/\bbss\b/bsx/g'; do
        sed "$edit" typical.lskel.h >changed.lskel.h
        run cmp -s typical.lskel.h changed.lskel.h
        status_is 1
        run verify changed.lskel.h
        [ "$status" -ne 0 ] || { echo "$edit"; return 1; }
        output_lacks accepted
    done
    sed 's/typical_bpf/other_bpf/g; s/TYPICAL_BPF/OTHER_BPF/g' typical.lskel.h >changed.lskel.h
    run verify changed.lskel.h
    status_is 1
    output_has "this text was not generated for its signed image"
}

@test "a raw tracepoint that is writable stays so, which only the image says" {
    printf '%s\n' '#include <linux/bpf.h>' '#include <bpf/bpf_helpers.h>' 'char l[] SEC("license") = "GPL";' \
        'SEC("raw_tp.w/bpf_test_finish") int w(void *ctx) { return 0; }' >w.bpf.c
    clang -O2 -g -target bpf -I"/usr/include/$(cc -print-multiarch)" -c w.bpf.c -o w.bpf.o
    sign -q w.bpf.o
    sign -q --format image w.bpf.o
    cp w.bpf.signed first
    cp w.lskel.h first.h
    sign -q w.lskel.h
    cmp w.lskel.h first.h
    sign -q --format image -o w.bpf.signed w.lskel.h
    cmp w.bpf.signed first
    run "$TOOL" inspect w.lskel.h
    output_has raw_tp.w/bpf_test_finish
}
