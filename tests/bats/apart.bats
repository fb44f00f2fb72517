#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-2-Clause
# An object that libbpf does not survive is an error, not a crash; nor can it do anything.

load common

# preloaded HOW COMMAND...: the tool with a libbpf that fails in the way HOW
preloaded() {
    [ -e preload.so ] || cc -shared -fPIC -o preload.so "$ROOT/tests/data/preload_libbpf.c" || return
    ASAN_OPTIONS=verify_asan_link_order=0 HOW=$1 LD_PRELOAD=$PWD/preload.so "${@:2}"
}

sign_typical() {
    preloaded "$1" "$TOOL" sign --key "$KEYS/rsa2048.key" --cert "$KEYS/rsa2048.crt" typical.bpf.o
}

@test "a crash inside libbpf is an error with status 3, and nothing is written" {
    object typical
    run sign_typical crash
    status_is 3
    output_has "typical.bpf.o: libbpf did not survive this object"
    [ ! -e typical.lskel.h ]
}

@test "inspect, chain and verify survive it, too" {
    object typical
    for command in inspect chain "verify --cert $KEYS/rsa2048.crt"; do
        # shellcheck disable=SC2086
        run preloaded crash "$TOOL" $command typical.bpf.o
        status_is 3
        output_has "typical.bpf.o: libbpf did not survive this object"
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
:
    object tiny
    cp tiny.bpf.o typical.bpf.o
    run sign_typical loop
    status_is 3
    output_has "libbpf did not survive this object"
}

@test "a flood of memory inside libbpf ends" {
    object typical
    run sign_typical memory
    status_is 3
    # a sanitizer's shadow leaves no room for the limit: there the flood ends by itself, after 1 GiB
    if grep -q __asan_init "$TOOL"; then
        output_has "Invalid cross-device link"
    else
        output_has "libbpf did not survive this object"
    fi
}

@test "an object that has taken over libbpf cannot open files for writing, fork, run, connect or call bpf()" {
:
    object typical
    touch victim
    run sign_typical escape
    status_is 3
    output_has "cannot generate a loader" "Invalid cross-device link"
    [ -e victim ] && [ ! -e escaped ]
}

# Whether the kernel has Landlock, which is Linux 5.13 with it switched on.
has_landlock() {
    cc -x c - -o probe <<-'END'
	#include <sys/syscall.h>
	#include <unistd.h>
	int main(void) { return syscall(SYS_landlock_create_ruleset, 0, 0, 1) < 1; }
	END
    ./probe
}

@test "nor can it read a file of the user's, where the kernel has Landlock" {
    object typical
    touch victim
    run sign_typical steal
    status_is 3
    if has_landlock; then
        output_has "Invalid cross-device link"
    else
        output_has "libbpf did not survive this object"
    fi
}

@test "nor can it write into the output, or read what is typed" {
    object typical
    run sign_typical talk <<<"typed"
    status_is 3
    output_has "Invalid cross-device link"
    [[ $output != *forged* ]]
}

@test "what libbpf asks of the host it can read" {
    for name in externs maps; do
        object $name
        run sign --quiet $name.bpf.o
        status_is 0
    done
}

@test "no process is left behind" {
    object typical
    # shellcheck disable=SC2016
    setsid -w sh -c 'echo $$ >session; "$@"' sh \
        "$TOOL" sign -q --key "$KEYS/rsa2048.key" --cert "$KEYS/rsa2048.crt" typical.bpf.o
    for _ in {1..50}; do
        pgrep -s "$(<session)" || return 0
        sleep 0.1
    done
    return 1
}
