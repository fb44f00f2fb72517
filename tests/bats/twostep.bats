#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-2-Clause
# bpf-chainsign sign --strip, --prepare and --attach: signatures that go and come

load common

# --- strip ---

@test "a stripped header is unsigned, and signed again it has the bytes it had" {
    object typical
    sign --quiet typical.bpf.o
    cp typical.lskel.h signed.h
    run "$TOOL" sign --strip typical.lskel.h
    status_is 0
    [ "$output" = "typical.lskel.h: unsigned (folded, chain, insns taken out)" ]
    run verify typical.lskel.h
    status_is 1
    output_has unsigned
    run grep -cE 'opts_sig|keyring_id|allow_unsigned|insn_checked|excl_hash' typical.lskel.h
    [ "$output" = 0 ]
    sign --quiet typical.lskel.h
    cmp signed.h typical.lskel.h
}

@test "what was signed with other options is, stripped and signed with them, the same again" {
    local options
    object typical
    for options in "--scheme chain" "--scheme insns,folded" "--insns-form hash-only" \
        "--runtime libbpf" "--hash sha512" "--no-seal --allow=open-values --allow=open-sizes --scheme folded"; do
        # shellcheck disable=SC2086
        sign --quiet $options -o signed.h typical.bpf.o
        "$TOOL" sign --quiet --strip -o plain.h signed.h
        # shellcheck disable=SC2086
        sign --quiet $options -o again.h plain.h
        cmp signed.h again.h
    done
}

@test "a header that bpftool has signed is stripped, too" {
    object tiny
    sign --quiet --runtime libbpf tiny.bpf.o
    # bpftool's own form does not name the scheme
    run verify --scheme folded tiny.lskel.h
    status_is 0
    run "$TOOL" sign --strip tiny.lskel.h
    status_is 0
    output_has "tiny.lskel.h: unsigned"
    run "$TOOL" sign --strip tiny.lskel.h
    [ "$output" = "tiny.lskel.h: was not signed" ]
}

@test "stripping an unsigned header changes no byte, whoever wrote it and how" {
    object tiny
    bpftool gen skeleton -L tiny.bpf.o >bpftool.h
    sign --quiet -o signed.h tiny.bpf.o
    "$TOOL" sign --quiet --strip -o ours.h signed.h
    sed 's/$/\r/' ours.h >crlf.h
    for header in bpftool.h ours.h crlf.h; do
        cp "$header" before.h
        run "$TOOL" sign --strip "$header"
        status_is 0
        cmp "$header" before.h
    done
}

@test "--strip --output - writes the header alone; --output leaves the input alone" {
    object tiny
    sign --quiet tiny.bpf.o
    cp tiny.lskel.h signed.h
    "$TOOL" sign --strip -o - tiny.lskel.h >stdout.h
    "$TOOL" sign --strip --quiet -o file.h tiny.lskel.h
    cmp tiny.lskel.h signed.h
    cmp stdout.h file.h
}

@test "--strip --json says what was taken out" {
    object tiny
    sign --quiet --scheme chain tiny.bpf.o
    run "$TOOL" sign --strip --json tiny.lskel.h
    status_is 0
    output_has '"was_signed": true' '"chain"' '"output": "tiny.lskel.h"'
    [[ $output != *folded* ]]
}

@test "an object has nothing to strip, and options that sign contradict --strip" {
    object tiny
    run "$TOOL" sign --strip tiny.bpf.o
    status_is 3
    output_has "tiny.bpf.o: it has no signatures to take out: give a light skeleton"
    sign --quiet tiny.bpf.o
    cp tiny.lskel.h before.h
    local option
    for option in "--key k" "--cert c" "--hash sha256" "--name n" "--runtime embedded" \
        "--insns-form exclusive" --detached --allow-ambiguous --no-seal "--set a=1" \
        "--max-entries a=1" "--scheme chain" "--allow=open-values"; do
        # shellcheck disable=SC2086
        run "$TOOL" sign --strip $option tiny.lskel.h
        status_is 2
        output_has "${option%%[ =]*} has no meaning with --strip"
    done
    run "$TOOL" sign --strip --insns tiny.lskel.h
    status_is 2
    cmp tiny.lskel.h before.h
}
