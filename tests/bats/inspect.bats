#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-2-Clause
# bpf-chainsign inspect

load common

# output_lacks TEXT: it does not stand in the output of the last run
output_lacks() {
    [[ $output != *"$1"* ]] && return 0
    echo "'$1' is in the output:"
    echo "$output"
    return 1
}

# unsealed: typical.lskel.h, signed for the scheme folded as libbpf makes it
unsealed() {
    object typical
    sign --quiet --scheme folded --no-seal --allow open-values --allow open-sizes typical.bpf.o \
        2>/dev/null
}

@test "an object's maps and programs are listed, with the values of its variables" {
    object typical
    run "$TOOL" inspect typical.bpf.o
    status_is 0
    output_has "libbpf's, recognized completely; little-endian" "sealed: it installs" \
        "count_packets    xdp (xdp)" "maps     counts, typical_.rodata" "helpers  map_lookup_elem" \
        "license GPL" "counts           hash              key 4  value 8  max 1024" \
        "flags rdonly_prog,mmapable  frozen" "step = 7" "total = 3" "findings
  none"
}

@test "of an object, what sign makes of it is listed" {
    object typical
    sign --quiet typical.bpf.o
    "$TOOL" inspect typical.bpf.o | tail -n +2 >object
    "$TOOL" inspect typical.lskel.h | tail -n +2 >skeleton
    cmp object skeleton
    [ -s object ]
}

@test "a loader that is not sealed says so, with what follows from it" {
    unsealed
    run "$TOOL" inspect typical.lskel.h
    status_is 0
    output_has "not sealed" "danger   open-values in typical_.rodata" "danger   open-sizes" \
        "remedy: seal the loader"
}

@test "a value given at signing is the one that is listed" {
    object typical
    sign --quiet --scheme folded --set step=11 --max-entries counts=5 typical.bpf.o
    run "$TOOL" inspect typical.lskel.h
    status_is 0
    output_has "step = 11" "key 4  value 8  max 5"
}

@test "values have the form of their types; others, and what lies between, are bytes" {
    object typed
    run "$TOOL" inspect typed.bpf.o
    status_is 0
    output_has "first = 97 'a'" "second = -2" 'name = "typed"' "hidden = 5" "custom = 9" \
        "origin = 24 bytes: 6f 00 00 00 00 00 00 00 01 00 00 00 00 00 00 00 ..." \
        "points = 72 bytes, all zero"
    run "$TOOL" inspect --verbose typed.bpf.o
    status_is 0
    output_has "000010  02 00 00 00 00 00 00 00                          |........|"
}

@test "externs, targets, and what the build host left are named" {
    object externs
    run "$TOOL" inspect externs.bpf.o
    status_is 0
    output_has "tracing (trace_fentry) on do_nanosleep" "kfuncs   bpf_task_acquire, bpf_task_release (weak)" \
        "ksyms    runqueues, no_such_variable (weak), no_such_symbol (address)" \
        "LINUX_KERNEL_VERSION = " "build host  left in the bytes: host-config" \
        "warning  host-config in externs.kconfig"
}

@test "maps of maps are listed with what is in them" {
    object maps
    run "$TOOL" inspect maps.bpf.o
    status_is 0
    output_has "array_of_maps" "of maps like array.inner" "[0] = map 0" "[2] = map 1" \
        "flags numa_node  NUMA node 1  extra 3" "note     host-cpus in events"
}

@test "findings are those for the schemes that are asked for" {
    unsealed
    run "$TOOL" inspect typical.lskel.h
    output_lacks "data-uncovered"
    run "$TOOL" inspect --scheme insns typical.lskel.h
    status_is 0
    output_has "danger   data-uncovered"
}

@test "a loader with one bit changed is unknown, and so is what is no loader" {
    object typical
    sign --quiet --scheme folded typical.bpf.o
    flip opts_insn typical.lskel.h
    run "$TOOL" inspect typical.lskel.h
    status_is 3
    output_has "typical.lskel.h: unknown loader"
    printf 'insn 0..' >insns
    run "$TOOL" inspect --insns insns --map insns
    status_is 3
    output_has "insns: unknown loader"
}

@test "the second form of a header must be the same loader" {
    object typical
    sign --quiet typical.bpf.o
    run "$TOOL" inspect typical.lskel.h
    status_is 0
    output_has "for the scheme insns, the same loader checks that its map is exclusive"
    flip opts_insn_checked typical.lskel.h
    run "$TOOL" inspect typical.lskel.h
    status_is 3
    output_has "checked form does not result from sealing its first form"
    sign --quiet --insns-form hash-only typical.bpf.o
    run "$TOOL" inspect typical.lskel.h
    status_is 0
    output_has "the same loader checks the hash of its data" "danger   not-exclusive"
    run "$TOOL" inspect --scheme folded typical.lskel.h
    output_lacks "not-exclusive"
}

@test "a copy of an initial value beside the loader that is not its own is named" {
    object typical
    sign --quiet typical.bpf.o
    awk '/static const char data\[\]/ && !done { print; getline; sub(/x07/, "xe9"); done = 1 } { print }' \
        typical.lskel.h >odd.lskel.h
    run cmp -s typical.lskel.h odd.lskel.h
    status_is 1
    run "$TOOL" inspect odd.lskel.h
    status_is 0
    line=$(grep -n -m1 'static const char data\[\]' odd.lskel.h | cut -d: -f1)
    output_has "step = 7" "line $line: an initial value in the header differs from the signed data: that of rodata"
    for id in warning danger; do
        run "$TOOL" inspect --json --deny $id odd.lskel.h
        status_is 1
        output_has '"error": "an initial value in the header differs from the signed data'
    done
}

@test "--json has all of it, --quiet nothing" {
    unsealed
    run "$TOOL" inspect --json typical.lskel.h
    status_is 0
    output_has '"sealed": false' '"check": "none"' '"byte_order": "little"' '"name": "count_packets"' \
        '"map_lookup_elem"' '"contents": "07000000"' '"value": "7"' '"frozen": true' \
        '"id": "open-values"' '"severity": "danger"'
    run "$TOOL" inspect --quiet typical.lskel.h
    status_is 0
    [ -z "$output" ]
}

@test "a header whose text is another says so in JSON as on stderr" {
    object typical
    sign --quiet typical.bpf.o
    "$TOOL" inspect --json typical.lskel.h >json 2>err
    [ ! -s err ]
    python3 -c 'import json; assert json.load(open("json"))["results"][0]["text"] is None'
    echo 'int more;' >>typical.lskel.h
    "$TOOL" inspect --json typical.lskel.h >json 2>err
    python3 - <<'END'
import json
text = json.load(open("json"))["results"][0]["text"]
assert text["line"] > 1 and text["what"], text
assert open("err").read() == f"bpf-chainsign: warning: typical.lskel.h: line {text['line']}: {text['what']}\n"
END
}

# named NAME: named.bpf.o, with a map of structs that are called NAME, which has 10 characters
named() {
    cat >named.bpf.c <<END
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
struct NameOfType { int x; };
struct {
    __uint(type, BPF_MAP_TYPE_ARRAY);
    __uint(max_entries, 1);
    __type(key, int);
    __type(value, struct NameOfType);
} counts SEC(".maps");
SEC("socket") int use(void *ctx) { int zero = 0; return !bpf_map_lookup_elem(&counts, &zero); }
char LICENSE[] SEC("license") = "GPL";
END
    clang -O2 -g -target bpf -I"/usr/include/$(cc -print-multiarch)" -c named.bpf.c -o named.bpf.o
    sed -i "s/NameOfType/$1/" named.bpf.o
}

@test "BTF that no kernel accepts is a danger, named by what is wrong in it" {
    named 'Map<u64,u>'
    run sign named.bpf.o
    status_is 3
    output_has "[btf-refused] Map<u64,u>: every kernel refuses this BTF"
    [ ! -e named.lskel.h ]
    run "$TOOL" inspect named.bpf.o
    output_has "danger   btf-refused in Map<u64,u>"
    named NameOfThat
    sign --quiet named.bpf.o
    run "$TOOL" inspect named.bpf.o
    output_has "findings" "  none"
}

@test "a ring buffer has a size that kernels create" {
    cat >ring.bpf.c <<END
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
struct { __uint(type, BPF_MAP_TYPE_RINGBUF); __uint(max_entries, 4096); } ring SEC(".maps");
SEC("socket") int use(void *ctx) { return !bpf_ringbuf_query(&ring, BPF_RB_RING_SIZE); }
char LICENSE[] SEC("license") = "GPL";
END
    clang -O2 -g -target bpf -I"/usr/include/$(cc -print-multiarch)" -c ring.bpf.c -o ring.bpf.o
    sign --quiet ring.bpf.o
    sign --quiet --max-entries ring=65536 ring.bpf.o
    for size in 3000 4097 6144 12288 2048; do
        run sign --max-entries "ring=$size" ring.bpf.o
        status_is 3
        output_has "[ring-buffer-size] ring: the size of a ring buffer is not a power of two"
    done
}
