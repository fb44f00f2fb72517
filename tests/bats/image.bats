#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-2-Clause
# Signed images (x.bpf.signed): written, read by every command, changed

load common

# patch FILE OFFSET BYTE: one byte, in octal
patch() {
    # shellcheck disable=SC2059
    printf "\\$3" | dd of="$1" bs=1 seek="$2" conv=notrunc status=none
}

# offset FILE TEXT: where TEXT is for the last time
offset() {
    LC_ALL=C grep -obaF -- "$2" "$1" | tail -n 1 | cut -d: -f1
}

@test "the name of the output, or --format, says that an image is written" {
    object typical
    sign --quiet -o a.bpf.signed typical.bpf.o
    sign --quiet --format image typical.bpf.o
    sign --quiet --format=image -o c typical.bpf.o
    cmp a.bpf.signed typical.bpf.signed
    cmp a.bpf.signed c
    [ ! -e typical.lskel.h ]
    sign --quiet --format header -o d.bpf.signed typical.bpf.o
    grep -q '^#include' d.bpf.signed
    run sign --format elf typical.bpf.o
    status_is 2
    output_has "unknown --format 'elf': expected header or image"
    run sign --format image --detached typical.bpf.o
    status_is 2
    run sign --format image --runtime libbpf typical.bpf.o
    status_is 2
}

@test "an image is judged, listed and shown as the header is" {
    object typical
    sign --quiet typical.bpf.o
    sign --quiet --format image typical.bpf.o
    for command in inspect chain "inspect --json=1" "verify --json=1 --cert $KEYS/rsa2048.crt"; do
        # shellcheck disable=SC2086
        "$TOOL" $command typical.lskel.h | sed 's/typical.lskel.h/FILE/g' >header.out
        # shellcheck disable=SC2086
        "$TOOL" $command typical.bpf.signed | sed 's/typical.bpf.signed/FILE/g' >image.out
        diff header.out image.out
    done
    run verify typical.bpf.signed
    status_is 0
    [ "$output" = "typical.bpf.signed: accepted (folded, chain, insns)" ]
    run "$TOOL" inspect --diff typical.lskel.h typical.bpf.signed
    status_is 0
}

@test "an image that was changed is rejected" {
    object typical
    sign --quiet --format image typical.bpf.o
    cp typical.bpf.signed other.bpf.signed
    # an instruction
    patch other.bpf.signed "$(($(stat -c %s other.bpf.signed) / 2))" 132
    run verify other.bpf.signed
    status_is 1
    output_has "other.bpf.signed: rejected"
    # a name, which no signature covers
    cp typical.bpf.signed other.bpf.signed
    patch other.bpf.signed "$(offset other.bpf.signed counts)" 130
    run verify other.bpf.signed
    status_is 1
    output_has "other.bpf.signed: rejected" "Xounts"
    run sign other.bpf.signed
    status_is 3
    output_has "make the image again from the object"
    run "$TOOL" inspect --deny danger other.bpf.signed
    status_is 1
    # another key
    run "$TOOL" verify --cert "$KEYS/p256.crt" typical.bpf.signed
    status_is 1
    # a file that is not whole, or has more
    head -c 1000 typical.bpf.signed >short.bpf.signed
    run verify short.bpf.signed
    status_is 3
    output_has "truncated or damaged"
    echo >>typical.bpf.signed
    run verify typical.bpf.signed
    status_is 3
    output_has "1 bytes follow the image"
}

@test "headers become images, stripped images get the bytes back" {
    local size
    object typical
    sign --quiet typical.bpf.o
    sign --quiet --format image typical.bpf.o
    sign --quiet --format image -o from-header.bpf.signed typical.lskel.h
    cmp typical.bpf.signed from-header.bpf.signed
    cp typical.bpf.signed x.bpf.signed
    size=$(stat -c %s x.bpf.signed)
    run "$TOOL" sign --strip x.bpf.signed
    status_is 0
    [ "$output" = "x.bpf.signed: unsigned (folded, chain, insns removed)" ]
    [ "$(stat -c %s x.bpf.signed)" -lt "$size" ]
    run verify x.bpf.signed
    status_is 1
    output_has unsigned
    run "$TOOL" sign --strip x.bpf.signed
    [ "$output" = "x.bpf.signed: was not signed" ]
    sign --quiet x.bpf.signed
    cmp typical.bpf.signed x.bpf.signed
    # types of variables are not in an image
    run sign -o y.lskel.h --format header x.bpf.signed
    status_is 3
    output_has "pass the object"
    [ ! -e y.lskel.h ]
}

@test "an image is signed elsewhere, recorded and found in folders" {
    object typical
    sign --quiet --format image -o direct.bpf.signed typical.bpf.o
    "$TOOL" sign --quiet --prepare step --cert "$KEYS/rsa2048.crt" -o x.bpf.signed typical.bpf.o
    for scheme in folded chain insns; do
        content=step/x.bpf.signed.$scheme.content
        [ -e "$content" ] || content=step/x.bpf.signed.$scheme.digest
        openssl cms -sign -binary -outform DER -noattr -nocerts -keyid -md sha256 -in "$content" \
            -signer "$KEYS/rsa2048.crt" -inkey "$KEYS/rsa2048.key" -out "step/x.bpf.signed.$scheme.p7s"
    done
    "$TOOL" sign --quiet --attach step --cert "$KEYS/rsa2048.crt" -o x.bpf.signed typical.bpf.o
    run verify x.bpf.signed
    status_is 0
    mkdir -p folder/in
    mv x.bpf.signed folder/in
    run verify -r folder
    status_is 0
    output_has "folder/in/x.bpf.signed: accepted"
    sign --quiet --record=record.json --format image -o y.bpf.signed typical.bpf.o
    grep -q "$(sha256sum y.bpf.signed | cut -d' ' -f1)" record.json
    sign --quiet --detached direct.bpf.signed
    [ -s direct.bpf.signed.folded.p7s ]
}

@test "an object in a folder is signed once, as image or header" {
    object typical
    mkdir folder
    mv typical.bpf.o folder
    sign --quiet --format image -r folder
    cp folder/typical.bpf.signed first
    run sign --format image -r folder
    status_is 0
    output_has "typical.bpf.signed"
    [ "$(ls folder)" = $'typical.bpf.o\ntypical.bpf.signed' ]
    cmp first folder/typical.bpf.signed
}

@test "an image with a section that the tool does not know is listed, and neither accepted nor signed" {
    object attach
    sign --quiet --format image attach.bpf.o
    patch attach.bpf.signed "$(offset attach.bpf.signed kprobe/do_nanosleep)" 146
    run verify attach.bpf.signed
    status_is 1
    output_has "attach.bpf.signed: rejected" "which this bpf-chainsign does not know: use a newer one"
    run "$TOOL" inspect attach.bpf.signed
    output_has "a section that this bpf-chainsign does not know"
    run sign attach.bpf.signed
    status_is 3
    output_has "which this bpf-chainsign does not know"
}

@test "options for objects say that an image is none" {
    object typical
    sign --quiet --format image typical.bpf.o
    run sign --set step=3 typical.bpf.signed
    status_is 3
    output_has "pass the object"
    run sign --name other typical.bpf.signed
    status_is 3
    run sign --load "*" typical.bpf.signed
    status_is 3
}
