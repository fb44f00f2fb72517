#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-2-Clause
# Which programs of an object are loaded: sign --load, --skip.

load common

# programs OPTION...: the programs of the loader that is signed with the options
programs() {
    sign --quiet "$@" optional.bpf.o
    verify --quiet optional.lskel.h
    "$TOOL" inspect --json optional.lskel.h | python3 -c '
import json, sys
print(*[prog["name"] for prog in json.load(sys.stdin)["results"][0]["programs"]])'
}

@test "a program is loaded as its section says, unless it is chosen" {
    object optional
    [ "$(programs)" = plain ]
    [ "$(programs --load optional)" = "optional plain" ]
    [ "$(programs --load 'opt*')" = "optional plain" ]
    [ "$(programs --load optional --skip plain)" = optional ]
    [ "$(programs --load optional --load plain)" = "optional plain" ]
    grep -q "int optional" optional.lskel.h
}

@test "a chosen program is signed as if its section had always loaded it" {
    sed 's/?socket/socket/' "$ROOT/tests/data/optional.bpf.c" >optional.bpf.c
    clang -O2 -target bpf -I"/usr/include/$(cc -print-multiarch)" -c optional.bpf.c -o plain.bpf.o
    clang -O2 -target bpf -I"/usr/include/$(cc -print-multiarch)" -c "$ROOT/tests/data/optional.bpf.c" -o chosen.bpf.o
    sign --quiet --name same -o plain.lskel.h plain.bpf.o
    sign --quiet --name same -o chosen.lskel.h --load optional chosen.bpf.o
    cmp plain.lskel.h chosen.lskel.h
}

@test "an object whose programs are all optional says which there are" {
    object optional
    run sign --skip plain optional.bpf.o
    status_is 3
    output_has "contains only programs that are not loaded: choose some with --load=PROG from optional, plain"
    [ ! -e optional.lskel.h ]
}

@test "a choice that means nothing is refused" {
    object optional
    run sign --load none optional.bpf.o
    status_is 3
    output_has "--load none matches no program: the object has optional, plain"
    run sign --skip 'x*' optional.bpf.o
    status_is 3
    output_has "--skip x* matches no program"
    run sign --load '*' --skip plain optional.bpf.o
    status_is 3
    output_has "--load * and --skip plain both match program plain"
    [ ! -e optional.lskel.h ]
    run sign --load "$(printf '%05000d' 0)" optional.bpf.o
    status_is 3
    output_has "more than 4092 bytes of --load and --skip"
    sign --quiet optional.bpf.o
    run sign --load optional optional.lskel.h
    status_is 3
    output_has "--load and --skip choose programs of an object"
    run "$TOOL" sign --strip --skip plain optional.lskel.h
    status_is 2
    output_has "--skip cannot be used with --strip"
}

@test "a two-step signature is over what was chosen" {
    object optional
    "$TOOL" sign --quiet --prepare request --load optional optional.bpf.o
    cp request/*.json chosen.json
    run "$TOOL" sign --cert "$KEYS/rsa2048.crt" --attach request optional.bpf.o
    status_is 3
    output_has "differs from what --prepare wrote"
    grep -q insns_sha256 chosen.json
}
