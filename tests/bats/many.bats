#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-2-Clause
# More programs than libbpf's loader has room for on its stack.

load common

# many PROGS: tests/data/many.bpf.c with so many programs, as many.bpf.o
many() {
    clang -O2 -g -target bpf -I"/usr/include/$(cc -print-multiarch)" -DPROGS="$1" \
        -c "$ROOT/tests/data/many.bpf.c" -o many.bpf.o
}

@test "objects with up to 120 programs are signed, verified and listed" {
    for nr in 32 33 64 120; do
        many "$nr"
        sign --quiet --name many many.bpf.o
        verify --quiet many.lskel.h
        run "$TOOL" inspect many.lskel.h
        status_is 0
        output_has "sealed: it installs what is listed here" "findings
  none"
        [ "$(grep -c ' raw_tracepoint  ' <<<"$output")" -eq "$nr" ]
        # the 32 fit into libbpf's stack once the subprogram, which is never loaded, has no place there
        [ "$(grep -c 'sealing moved them' <<<"$output")" -eq "$((nr > 32))" ]
    done
}

@test "121 programs are refused; with one skipped they are signed" {
    many 121
    run sign many.bpf.o
    status_is 3
    output_has "many.bpf.o: has 121 programs to load, but a loader can hold at most 120" "--skip=PROG" \
        "split the object"
    [ ! -e many.lskel.h ]
    sign --quiet --skip count_15_0 many.bpf.o
    verify --quiet many.lskel.h
}

@test "only programs that are loaded are counted" {
    many 121
    sign --quiet --skip 'count_?_*' --skip 'count_10_*' --skip 'count_14_*' many.bpf.o
    verify --quiet many.lskel.h
    run "$TOOL" inspect many.lskel.h
    output_has "count_11_0" "count_15_0"
    output_lacks "count_9_" "sealing moved them"
}

@test "signing many programs twice gives the same bytes" {
    object many
    sign --quiet many.bpf.o
    cp many.lskel.h first.lskel.h
    sign --quiet many.lskel.h
    cmp many.lskel.h first.lskel.h
}

@test "one bit changed in a loader of many programs is rejected" {
    object many
    sign --quiet --scheme folded many.bpf.o
    for array in opts_insn opts_data; do
        cp many.lskel.h changed.lskel.h
        flip "$array" changed.lskel.h
        run verify changed.lskel.h
        status_is 1
        output_has "changed.lskel.h: rejected"
    done
}

@test "bpftool's header of many programs is a danger, and is mended when it is signed" {
    command -v bpftool >/dev/null || skip "bpftool is not installed"
    object many
    bpftool gen skeleton -L many.bpf.o name many >peer.lskel.h
    run "$TOOL" inspect peer.lskel.h
    status_is 0
    output_has "danger   too-many-programs" "libbpf gives it a stack for 32" \
        "remedy: seal the loader, which makes room for 120 programs"
    cp peer.lskel.h kept.lskel.h
    run sign --no-seal --allow=open-values --allow=open-sizes kept.lskel.h
    status_is 3
    output_has "[too-many-programs]"
    sign --quiet peer.lskel.h
    verify --quiet peer.lskel.h
    sign --quiet --name many -o own.lskel.h many.bpf.o
    for header in peer own; do
        awk '/\/\* opts_(data|insn) \*\// { inside = 1 } inside { print } /"$/ { inside = 0 }' \
            "$header.lskel.h" >"$header"
    done
    [ -s own ]
    cmp own peer
}

@test "optional programs do not count, up to 1024 of them" {
    for nr in 1023 1024; do
        {
            echo '#define SEC(name) __attribute__((section(name), used))'
            echo 'SEC("socket") int loaded(void *ctx) { return 0; }'
            for ((i = 0; i < nr; i++)); do
                echo "SEC(\"?socket\") int optional_$i(void *ctx) { return 0; }"
            done
            echo 'char LICENSE[] SEC("license") = "GPL";'
        } >optional.bpf.c
        clang -O2 -g -target bpf -c optional.bpf.c -o "optional$nr.bpf.o"
    done
    sign --quiet optional1023.bpf.o
    verify --quiet optional1023.lskel.h
    run sign optional1024.bpf.o
    status_is 3
    output_has "has 1025 programs, but a skeleton can hold at most 1024: split the object"
}
