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

@test "help is --help, help COMMAND is COMMAND --help" {
    diff <("$TOOL" help) <("$TOOL" --help)
    for command in sign verify inspect chain; do
        diff <("$TOOL" help "$command") <("$TOOL" "$command" --help)
    done
    run "$TOOL" help sgin
    status_is 2
    output_has "unknown command 'sgin': did you mean 'sign'?"
    run "$TOOL" help sign verify
    status_is 2
    output_has "help explains one command at a time"
}

@test "a command or an option that is misspelled: the one that was meant, status 2" {
    run "$TOOL" verfy --cert c x.lskel.h
    status_is 2
    output_has "unknown command 'verfy': did you mean 'verify'?"
    run "$TOOL" frobnicate
    output_lacks "did you mean"
    for wrong in "--recrusive:--recursive" "--otput=x:--output" "--ceert:--cert" "--verison:--version"; do
        run sign x.o "${wrong%%:*}" y
        status_is 2
        output_has "bpf-chainsign sign: unknown option '$(cut -d = -f 1 <<<"${wrong%%:*}")': did you mean '${wrong##*:}'?" "--help"
    done
    run verify --quiet --json=lines --kernal 7.3 x.o
    status_is 2
    output_has "did you mean '--kernel'?"
    run verify --quiet --frobnicate x.o
    status_is 2
    output_has "unrecognized option '--frobnicate'"
}

@test "the value of an option, and a file after --, may look like a misspelled option" {
    run "$TOOL" sign --key --certt --cert --kei x.o
    status_is 3
    output_has "--kei: cannot open"
    run verify -- --kernal
    status_is 3
    output_has "--kernal: cannot open"
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

@test "names print as they are in UTF-8; controls and marks of direction are escaped" {
    object tiny
    cp tiny.bpf.o zürich-鍵.bpf.o
    cp tiny.bpf.o $'a\u202eb\u009bc\e[1m\xff.bpf.o'
    openssl req -new -x509 -newkey rsa:2048 -noenc -utf8 -subj $'/CN=M\u00fcller \u202e GmbH' -days 9 -keyout u.key -out u.crt 2>openssl.log
    run "$TOOL" sign -n x -k u.key -c u.crt zürich-鍵.bpf.o
    status_is 0
    output_has 'zürich-鍵.lskel.h: signed by "Müller \xe2\x80\xae GmbH"'
    run "$TOOL" verify -c "$KEYS/p256.crt" zürich-鍵.lskel.h
    status_is 1
    output_has 'zürich-鍵.lskel.h: rejected'
    run "$TOOL" sign -n x -k u.key -c u.crt $'a\u202eb\u009bc\e[1m\xff.bpf.o'
    output_has 'a\xe2\x80\xaeb\xc2\x9bc\x1b[1m\xff.lskel.h: signed by'
    run "$TOOL" chain --json fehlt-ü.bpf.o
    status_is 3
    output_has 'bpf-chainsign: fehlt-ü.bpf.o: cannot open' '"file": "fehlt-ü.bpf.o"'
}

# on_screen COLUMNS COMMAND: COMMAND on a terminal of this width
on_screen() {
    env -u CI -u NO_COLOR TERM=xterm script -qec "stty cols $1; $2" /dev/null </dev/null | tr -d '\r'
}

@test "on a terminal, lines are broken between words and tables fit 80 columns" {
    object typical
    sign -q typical.bpf.o
    flip opts_data typical.lskel.h
    verify --scheme all typical.lskel.h >plain || [ $? -eq 1 ]
    [ "$(awk 'length > 80' plain | wc -l)" -gt 0 ]
    cp typical.bpf.o again.bpf.o
    for command in "sign -k '$KEYS/rsa2048.key' -c '$KEYS/expired.crt' again.bpf.o" \
        "sign -k '$KEYS/rsa2048.key' -c '$KEYS/rsa2048.crt' again.bpf.o" \
        "verify --color=never -c '$KEYS/rsa2048.crt' --verbose --kernel all typical.lskel.h" \
        "inspect typical.bpf.o" "chain again.lskel.h" "sign --help"; do
        run on_screen 80 "'$TOOL' $command"
        [ "$(awk 'length > 80' <<<"$output" | wc -l)" -eq 0 ] || { echo "$command:"; echo "$output"; false; }
    done
    run on_screen 80 "'$TOOL' verify --color=never -c '$KEYS/rsa2048.crt' --scheme all typical.lskel.h"
    diff <(tr -s ' \n' '\n' <<<"$output") <(tr -s ' \n' '\n' <plain)
}

@test "a header on standard output, and JSON, are never broken or colored" {
    object typical
    sign -q -o want.lskel.h typical.bpf.o
    run on_screen 60 "'$TOOL' sign -k '$KEYS/rsa2048.key' -c '$KEYS/rsa2048.crt' -o - typical.bpf.o 2>log"
    diff <(echo "$output") want.lskel.h
    verify --json --color=always want.lskel.h >want.json
    run on_screen 60 "'$TOOL' verify --json -c '$KEYS/rsa2048.crt' want.lskel.h"
    diff <(echo "$output") want.json
    run grep -c $'\e' want.json
    [ "$output" = 0 ]
}

@test "verdicts and warnings have colors on a terminal, unless NO_COLOR, TERM=dumb or --color=never" {
    object typical
    sign -q typical.bpf.o
    local check="'$TOOL' verify -c '$KEYS/rsa2048.crt' typical.lskel.h"
    run on_screen 80 "$check"
    output_has $'typical.lskel.h: \e[32maccepted\e[m (folded'
    for plain in "NO_COLOR=1 $check" "TERM=dumb $check" "$check --color=never" "$check | cat"; do
        run on_screen 80 "$plain"
        output_has 'typical.lskel.h: accepted (folded'
    done
    run on_screen 80 "NO_COLOR= $check"
    output_has $'\e[32maccepted'
    run verify --color=always typical.lskel.h
    output_has $'\e[32maccepted'
    NO_COLOR=1 run verify --color always --scheme all typical.lskel.h
    output_has $'\e[32maccepted'
    flip opts_data typical.lskel.h
    run verify --color=always typical.lskel.h
    output_has $'\e[31mrejected'
    run "$TOOL" verify --color=always -c "$KEYS/expired.crt" -c "$KEYS/mldsa44.crt" typical.lskel.h
    output_has $'bpf-chainsign: \e[33mwarning\e[m: '
    run verify --color=sometimes typical.lskel.h
    status_is 2
    output_has "unknown --color 'sometimes': expected auto, always or never"
}
