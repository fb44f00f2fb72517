#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-2-Clause
# An object that libbpf does not survive is an error, not a crash; nor can it do anything.

load common

# libbpf: the one in use, as messages name it
libbpf() {
    "$TOOL" --version | sed -n 's/^\(libbpf [0-9.]*\),.*/\1/p'
}

# preloaded HOW COMMAND...: the tool with a libbpf that fails in the way HOW
preloaded() {
    [ -e preload.so ] || cc -D_GNU_SOURCE -shared -fPIC -o preload.so "$ROOT/tests/data/preload_libbpf.c" || return
    ASAN_OPTIONS=verify_asan_link_order=0 HOW=$1 LD_PRELOAD=$PWD/preload.so "${@:2}"
}

sign_typical() {
    preloaded "$1" "$TOOL" sign --key "$KEYS/rsa2048.key" --cert "$KEYS/rsa2048.crt" typical.bpf.o
}

@test "a crash inside libbpf is an error with status 3, and nothing is written" {
    object typical
    run sign_typical crash
    status_is 3
    output_has "typical.bpf.o: $(libbpf) failed on this object"
    [ ! -e typical.lskel.h ]
}

@test "inspect, chain and verify survive it, too" {
    object typical
    for command in inspect chain "verify --cert $KEYS/rsa2048.crt"; do
        # shellcheck disable=SC2086
        run preloaded crash "$TOOL" $command typical.bpf.o
        status_is 3
        output_has "typical.bpf.o: $(libbpf) failed on this object"
    done
}

@test "after a crash the other objects are still signed" {
    object typical
    object tiny
    run sign tiny.bpf.o
    cp tiny.lskel.h whole.lskel.h
    run preloaded crash "$TOOL" verify --cert "$KEYS/rsa2048.crt" typical.bpf.o whole.lskel.h
    status_is 3
    output_has "whole.lskel.h: accepted"
}

@test "a loop inside libbpf ends" {
    object tiny
    cp tiny.bpf.o typical.bpf.o
    run sign_typical loop
    status_is 3
    output_has "$(libbpf) failed on this object"
}

@test "so does a process that only sleeps, and one that is stopped" {
    object typical
    object tiny
    for how in sleep stop; do
        run sign_typical $how
        status_is 3
        output_has "typical.bpf.o: $(libbpf) failed on this object" "30 s in total"
    done
    run preloaded sleep "$TOOL" verify --cert "$KEYS/rsa2048.crt" typical.bpf.o tiny.bpf.o
    status_is 3
    output_has "typical.bpf.o: $(libbpf) failed on this object" \
        "tiny.bpf.o: $(libbpf) failed on this object"
    run preloaded stop "$TOOL" verify --cert "$KEYS/rsa2048.crt" typical.bpf.o tiny.bpf.o
    status_is 3
    output_has "$(libbpf) failed on this object"
}

@test "a flood of memory inside libbpf ends" {
    object typical
    run sign_typical memory
    status_is 3
    # a sanitizer's shadow leaves no room for the limit: there the flood ends by itself
    if grep -q __asan_init "$TOOL"; then
        output_has "Invalid cross-device link"
    else
        output_has "$(libbpf) failed on this object"
    fi
}

@test "an object that has taken over libbpf cannot open files for writing, fork, run, connect or call bpf()" {
    object typical
    touch victim
    run sign_typical escape
    status_is 3
    output_has "cannot generate a loader" "Invalid cross-device link"
    [ -e victim ] && [ ! -e escaped ]
}

@test "nor can it read a file of the user's" {
    object typical
    touch victim
    run sign_typical steal
    status_is 3
    output_has "Invalid cross-device link"
}

@test "nor can it write into the output, or read what is typed" {
    object typical
    run sign_typical talk <<<"typed"
    status_is 3
    output_has "Invalid cross-device link"
    [[ $output != *forged* ]]
}

@test "nor does it have a descriptor of its caller's" {
    object typical
    printf 'a passphrase\n' >word
    run sign_typical find 20<word 77<word 900<word <word
    status_is 3
    output_has "Invalid cross-device link"
}

# lie TEXT WORDS: "int step;" of the answer of the process for objects replaced by TEXT is refused
lie() {
    FROM='int step;' TO=$1 run sign_typical lie
    status_is 3
    output_has "$2"
    [ ! -e typical.lskel.h ]
}

@test "what it answers is judged: a header gets nothing but declarations of its variables" {
    object typical
    FROM='int step;' TO='int step;' run sign_typical lie
    status_is 0
    grep -q 'int step;' typical.lskel.h
    rm typical.lskel.h
    lie '};int x;{' "section rodata: offset 2: unexpected '}'"
    lie 'step(){};' "section rodata: offset 7: unexpected ')'"
    lie 'int step=' "section rodata: offset 10: unexpected '='"
    lie '#if 0    ' "section rodata: offset 2: unexpected '#'"
    lie 'int stop;' "variable 'step' is not the member at its position"
}

# in_session COMMAND...: COMMAND in a session of its own, whose number is in the file "session"
in_session() {
    # shellcheck disable=SC2016
    setsid -w sh -c 'echo $$ >session; "$@"' sh "$@"
}

@test "the process for objects has ended before the program ends" {
    object typical
    object tiny
    run sign tiny.bpf.o
    status_is 0
    for command in "verify --cert $KEYS/rsa2048.crt tiny.lskel.h" \
        "verify --cert $KEYS/rsa2048.crt tiny.lskel.h tiny.lskel.h" \
        "verify --cert $KEYS/rsa2048.crt missing" "inspect tiny.lskel.h" "inspect typical.bpf.o" \
        "chain typical.bpf.o tiny.bpf.o" "sign -q --strip tiny.lskel.h" \
        "sign -q --key missing typical.bpf.o" "sign -q --key $KEYS/rsa2048.key missing" \
        "sign -q --key $KEYS/rsa2048.key --cert $KEYS/rsa2048.crt typical.bpf.o tiny.bpf.o"; do
        # shellcheck disable=SC2086
        run in_session "$TOOL" $command
        run pgrep -s "$(<session)"
        [ -z "$output" ] || { echo "$command: $output"; return 1; }
    done
}

@test "it ends with a program that is killed, whatever it does then" {
    object typical
    object tiny
    for files in typical.bpf.o "typical.bpf.o tiny.bpf.o"; do
        for how in loop sleep stop; do
            rm -f session
            preloaded $how true
            # shellcheck disable=SC2086
            preloaded $how in_session "$TOOL" chain $files 3>&- &
            for _ in {1..50}; do
                [ -s session ] && pgrep -s "$(<session)" -x objects && break
                sleep 0.01
            done
            pgrep -s "$(<session)" -x objects
            pkill -KILL -s "$(<session)" -x bpf-chainsign
            # what is dead, and waits for init to look at it, is not there any more
            for _ in {1..50}; do
                pgrep -s "$(<session)" -r D,R,S,T,t || break
                sleep 0.01
            done
            run pgrep -s "$(<session)" -r D,R,S,T,t
            [ -z "$output" ]
        done
    done
}
