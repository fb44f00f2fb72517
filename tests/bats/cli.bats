#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-2-Clause
# The command line itself: help, usage errors, statuses.

load common

@test "--help and --version go to stdout with status 0" {
    "$TOOL" --help >out 2>err
    [ ! -s err ]
    grep -q '^Commands:' out
    grep -q '^  sign ' out
    "$TOOL" --version >out 2>err
    [ ! -s err ]
    grep -q '^bpf-chainsign [0-9]' out
}

@test "--version names the libbpf and the OpenSSL that the program runs with" {
    "$TOOL" --version >out
    [ "$(wc -l <out)" = 2 ]
    grep -Eqx 'libbpf [0-9]+[.][0-9]+, OpenSSL [0-9.]+[a-z0-9.-]*' out
    # Debian's own, where the program was not built against others
    ldd "$TOOL" | grep -q libcrypto.so || skip "OpenSSL is linked into the program"
    grep -q "OpenSSL $(openssl version | cut -d ' ' -f 2)" out
}

@test "each command has --help, on stdout with status 0" {
    for command in sign verify chain; do
        "$TOOL" "$command" --help >out 2>err
        [ ! -s err ]
        grep -q "^Usage: bpf-chainsign $command \[OPTION...\] FILE..." out
    done
}

@test "--help fits a terminal of 80 columns" {
    for command in "" sign verify chain; do
        # shellcheck disable=SC2086
        run "$TOOL" $command --help
        [ "$(awk 'length > 80' <<<"$output" | wc -l)" -eq 0 ]
    done
}

@test "no command, an unknown command, an unknown option: usage, status 2" {
    run "$TOOL"
    status_is 2
    output_has "no command given" "--help"
    run "$TOOL" frobnicate
    status_is 2
    output_has "unknown command 'frobnicate'"
    run "$TOOL" --frobnicate
    status_is 2
    for command in sign verify chain; do
        run "$TOOL" "$command" --frobnicate x
        status_is 2
    done
}

@test "no input is a usage error" {
    run sign
    status_is 2
    output_has "no input: expected FILE"
    run verify
    status_is 2
    run "$TOOL" chain
    status_is 2
}

@test "an option that is given twice is a usage error" {
    for twice in "--hash sha256 --hash sha256" "--output a --output b" \
        "--name a --name b" "--runtime libbpf --runtime libbpf" "--scheme chain --scheme chain" \
        "--insns a --insns b"; do
        # shellcheck disable=SC2086
        run "$TOOL" sign --cert c $twice x.o
        status_is 2
        output_has "given twice"
    done
    for twice in "--kernel 7.3 --kernel 7.2" "--kernel-config a --kernel-config b" \
        "--signature a --signature b"; do
        # shellcheck disable=SC2086
        run "$TOOL" verify --cert c $twice x.o
        status_is 2
        output_has "given twice"
    done
}

@test "contradictions are usage errors" {
    run sign --insns a b.o
    status_is 2
    run sign --map a b.o
    status_is 2
    output_has "--map needs --insns"
    run sign --insns a --map b
    status_is 2
    output_has "add --detached"
    run sign --quiet --verbose x.o
    status_is 2
    run sign --quiet --json x.o
    status_is 2
    run sign --output x a.o b.o
    status_is 2
    run sign --name x a.o b.o
    status_is 2
    run sign --output - --json a.o
    status_is 2
    run sign --output - --detached a.o
    status_is 2
    run sign --runtime libbpf --scheme chain a.lskel.h
    status_is 2
    run sign --runtime libbpf --detached a.lskel.h
    status_is 2
    run verify --insns a
    status_is 2
    output_has "--signature"
    run verify --signature a b.o
    status_is 2
    output_has "--scheme"
    run verify --signature a --scheme all b.o
    status_is 2
    run verify --signature a --scheme chain b.o c.o
    status_is 2
}

@test "wrong values are usage errors that name the right ones" {
    run sign --scheme chains x.o
    status_is 2
    output_has "expected chain, folded, insns, insns-hash or all"
    run sign --hash md5 x.o
    status_is 2
    output_has "expected sha256, sha384 or sha512"
    run sign --runtime kernel x.o
    status_is 2
    output_has "expected embedded or libbpf"
    run verify --kernel 5.10 x.o
    status_is 2
    output_has "6.18"
}

@test "sign without a key, verify without a keyring: usage, with the way out" {
    run "$TOOL" sign x.o
    status_is 2
    output_has "BPF_CHAINSIGN_KEY"
    run "$TOOL" sign --key a --key b --cert x x.o
    status_is 2
    output_has "2 keys, but 1 certificate: " "one --cert for each --key"
    # shellcheck disable=SC2046
    run "$TOOL" sign $(printf -- '--key k%d ' {1..9}) x.o
    status_is 2
    output_has "more than 8 signers"
    run "$TOOL" verify x.lskel.h
    status_is 2
    output_has "--cert"
}

@test "results that stdout does not take are status 3" {
    object typical
    sign --quiet typical.bpf.o
    run bash -c "'$TOOL' verify --cert '$KEYS/rsa2048.crt' typical.lskel.h >/dev/full"
    status_is 3
    output_has "cannot write the results"
}

@test "the worst status of several files is the status" {
    object typical
    sign --quiet typical.bpf.o
    cp typical.lskel.h bad.lskel.h
    flip opts_data bad.lskel.h
    run verify typical.lskel.h bad.lskel.h
    status_is 1
    output_has "typical.lskel.h: accepted" "bad.lskel.h: rejected"
    run verify missing bad.lskel.h typical.lskel.h
    status_is 3
    output_has "missing: cannot open" "typical.lskel.h: accepted" "bad.lskel.h: rejected"
}
