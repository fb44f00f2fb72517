#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-2-Clause
# bpf-chainsign chain

load common

sha() {
    sha256sum | cut -d' ' -f1
}

binary() {
    xxd -r -p 2>/dev/null || perl -pe 's/\s//g; $_ = pack("H*", $_)'
}

@test "every link is what sha256sum computes" {
    head -c 64 /dev/zero >insns
    printf 'abc' >a
    printf 'defghijk' >b
    printf 'l' >c
    local program ha hb hc h1 h0 final
    program=$(sha <insns)
    ha=$( (cat a && head -c 5 /dev/zero) | sha)
    hb=$(sha <b)
    hc=$( (cat c && head -c 7 /dev/zero) | sha)
    h1=$(echo "$hc$hb" | binary | sha)
    h0=$(echo "$h1$ha" | binary | sha)
    final=$(echo "$program$h0" | binary | sha)
    run "$TOOL" chain --insns insns --map a --map b --map c
    status_is 0
    output_has "$final  sha256(program || h(0))" "$program  8 instructions, 64 bytes" \
        "$h0  sha256(h(1) || map 0)" "$ha  a: array, 1 x 3 bytes, hashed as 8" \
        "$h1  sha256(h(2) || map 1)" "$hb  b: array, 1 x 8 bytes, hashed as 8" \
        "$hc  = map 2" "$hc  c: array, 1 x 1 bytes, hashed as 8" "signatures: none"
    run "$TOOL" chain --insns insns --map c --map b --map a
    [[ $output != *"$final"* ]]
}

@test "an object, its skeleton and its raw parts have one chain" {
    object typical
    sign --quiet typical.bpf.o
    "$TOOL" chain typical.bpf.o | sed -n '2,5p' >object
    "$TOOL" chain typical.lskel.h | sed -n '2,5p' >skeleton
    cmp object skeleton
    [ -s object ]
}

@test "the digest is what sign signs, and signatures are listed with their key" {
    object typical
    sign --verbose typical.bpf.o >signed
    run "$TOOL" chain typical.lskel.h
    status_is 0
    output_has "$(sed -n 's/.*chain .*digest //p' signed)" "signature folded  by key " \
        "signature chain   by key $(sed -n 's/.*SKID \([0-9a-f]*\).*/\1/p' signed)"
}

@test "--json has every link" {
    printf 'insn 0..' >insns
    printf 'abc' >a
    run "$TOOL" chain --json --insns insns --map a
    status_is 0
    output_has '"final": "' '"instructions": 1' '"value_size": 3' '"hashed_size": 8' '"h": "' \
        '"signatures": []'
}

@test "without maps there is no chain: status 3" {
    printf 'insn 0..' >insns
    run "$TOOL" chain --insns insns
    status_is 3
    output_has "needs at least one map"
    printf 'odd' >insns
    run "$TOOL" chain --insns insns --map insns
    status_is 3
    output_has "3 bytes of instructions, expected a positive multiple of 8"
    : >empty
    printf 'insn 0..' >insns
    run "$TOOL" chain --insns insns --map empty
    status_is 3
    output_has "map empty"
}

@test "a signature by several keys is listed with all of them" {
    object tiny
    printf 'contents' >map
    printf 'insn 0..' >insns
    cat insns map >content
    openssl cms -sign -binary -in content -keyid -signer "$KEYS/p256.crt" -inkey "$KEYS/p256.key" \
        -signer "$KEYS/rsa2048.crt" -inkey "$KEYS/rsa2048.key" -outform DER -noattr -nocerts -out both.p7s
    sign --quiet --runtime libbpf tiny.bpf.o
    local hex
    hex=$(od -An -v -tx1 both.p7s | tr -d ' \n' | sed 's/../\\x&/g')
    awk -v hex="${hex//\\/\\\\}" '/static const char opts_sig\[\]/ { print; print hex "\";"; skip = 1; next }
        skip { if (/;$/) skip = 0; next } { print }' tiny.lskel.h >both.lskel.h
    run "$TOOL" chain both.lskel.h
    status_is 0
    [[ $output =~ signature\ unnamed\ by\ key\ [0-9a-f]{40}\ and\ key\ [0-9a-f]{40} ]]
    run "$TOOL" chain --json both.lskel.h
    [ "$(grep -c '"key_id"' <<<"$output")" -eq 3 ]
}
