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
        "count_packets    xdp (xdp)" "maps     counts, .rodata" "helpers  map_lookup_elem" \
        "license GPL" "counts           hash              key 4 (__u32)  value 8 (__u64)  max 1024" \
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
    output_has "step = 11" "key 4 (__u32)  value 8 (__u64)  max 5"
}

@test "values have the form of their types, structs and arrays that of initializers" {
    object typed
    object globals
    run "$TOOL" inspect typed.bpf.o globals.bpf.o
    status_is 0
    output_has "first = 97 'a'" "second = -2" 'name = "typed"' "hidden = 5" "custom = 9" \
        "origin = {.tag = 111 'o', .x = 1, .y = 2}" "points = 72 bytes, all zero" \
        "totals = {2, 0, 0}" "ratio = 0.5" "pair = {.more = 7, .inner = 8, .half = 0.25}" \
        "either = {.narrow = 9, .wide = 9}" "size = LARGE (1)"
    "$TOOL" inspect --json typed.bpf.o | python3 -c '
import json, sys
maps = json.load(sys.stdin)["results"][0]["maps"]
origin = [v for m in maps for v in m.get("variables", []) if v["name"] == "origin"][0]
assert origin["type"] == "const volatile struct point", origin
assert not origin["partial"], origin'
}

# holed: holed.bpf.o, whose struct has bytes that are in no member, and an array of 300 numbers
holed() {
    cat >holed.bpf.c <<END
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
struct holed { char tag; long more; };
union { struct holed holed; char bytes[16]; } odd = {.bytes = {1, 2, 3}};
struct holed many[100] = {[50] = {5, 6}};
int squares[300] = {[0 ... 299] = 123456};
SEC("socket") int use(void *ctx) { return odd.holed.tag + many[ctx != 0].tag + squares[ctx != 0]; }
char LICENSE[] SEC("license") = "GPL";
END
    clang -O2 -g -target bpf -I"/usr/include/$(cc -print-multiarch)" -c holed.bpf.c -o holed.bpf.o
}

@test "what a value does not show is said, and shown by --verbose" {
    holed
    run "$TOOL" inspect holed.bpf.o
    status_is 0
    output_has 'odd = {.holed = {.tag = 1, .more = 0}, .bytes = "\x01\x02\x03"}'
    output_has "many = {{}, {}," "{.tag = 5, .more = 6}, /* 49 more, all zero */}"
    output_has "123456, ...}  (not all of 1200 bytes; see --verbose)"
    run "$TOOL" inspect --verbose holed.bpf.o
    output_has "  000000  01 02 03 00"
    [[ $output != *"not all of"* ]]
}

@test "externs, targets, and what the build host left are named" {
    object externs
    run "$TOOL" inspect externs.bpf.o
    status_is 0
    output_has "tracing (trace_fentry) on do_nanosleep" \
        "attach   the entry of the kernel function do_nanosleep, by the skeleton's attach function" \
        "attach   the tracepoint sched_switch, by the skeleton's attach function" "kfuncs   bpf_task_acquire, bpf_task_release (weak)" \
        "ksyms    runqueues, no_such_variable (weak), no_such_symbol (address)" \
        "LINUX_KERNEL_VERSION = " "build host  left in the bytes: host-config" \
        "danger   host-config in LINUX_KERNEL_VERSION" "note     fixed-config in externs.kconfig"
}

@test "maps of maps are listed with what is in them" {
    object maps
    run "$TOOL" inspect maps.bpf.o
    status_is 0
    output_has "array_of_maps" "of maps like array.inner" "[0] = map 0 (first)" "[2] = map 1 (second)" \
        "calls    add (static, 6 instructions)" "value 8 (long)" \
        "flags numa_node  NUMA node 1  extra 3" "note     host-cpus in events"
}

@test "what a program attaches to is said, or that the loading program chooses it" {
    object attach
    sign --quiet attach.bpf.o
    for file in attach.bpf.o attach.lskel.h; do
        run "$TOOL" inspect "$file"
        output_has "attach   the tracepoint sys_enter, by the skeleton's attach function" \
            "attach   the entry of the kernel function bpf_fentry_test1, by the skeleton's" \
            "attach   the iterator over each task, by the skeleton's" \
            "attach   kprobe/do_nanosleep, by the skeleton's attach function"
    done
    # a header with another text does not say how it attaches
    echo 'int more;' >>attach.lskel.h
    run "$TOOL" inspect attach.lskel.h
    output_has "attach   a tracepoint that the loading program chooses" "function bpf_fentry_test1" \
        "attach   a function of the kernel or of a program that the loading program chooses"
    output_lacks "sys_enter" "by the skeleton's"
}

@test "probes are attached as their sections say, and what is left out is said" {
    object probes
    run sign probes.bpf.o
    status_is 0
    output_has "[not-attached] on_usdt, strange: NAME__attach() does not attach these programs"
    for file in probes.bpf.o probes.lskel.h; do
        run "$TOOL" inspect "$file"
        output_has "attach   kprobe/do_nanosleep+0x4, by the skeleton's attach function" \
            "attach   uprobe//bin/bash:readline, by" "attach   kprobe.multi/vfs_??ad*, by" \
            "attach   tp/sched/sched_process_exec, by" "warning  not-attached in on_usdt, strange"
    done
    run grep -q evil probes.lskel.h
    status_is 1
    verify --quiet probes.lskel.h
    # one that libbpf loads attaches none of them
    run sign --runtime libbpf -o libbpf.h probes.bpf.o
    output_has "[not-attached] on_kprobe, on_kretprobe, on_ksyscall, on_tp, "
    run sign -o again.h libbpf.h
    output_has "[not-attached] on_kprobe, "
    run sign --deny not-attached -o again.h libbpf.h
    status_is 3
    # the type that a user gives says where
    sign --quiet --skip on_usdt --type strange=kprobe/do_exit -o typed.h probes.bpf.o
    run "$TOOL" inspect typed.h
    output_has "attach   kprobe/do_exit, by the skeleton's attach function"
    output_lacks "not-attached"
}

@test "what a header attaches to is a target of its kind" {
    object probes
    sign --quiet probes.bpf.o
    for change in 's|rt1_kprobe("kprobe/|rt1_kprobe("uprobe/|' 's|rt1_tracepoint("tp/sched/|&../|' \
        's|("kprobe.multi/vfs_|&"; x("|' 's|rt1_uprobe("uprobe//bin|&/sh|' 's|ENTRY_|&|; s|by_hand_fd;|0;|'; do
        sed "$change" probes.lskel.h >changed.h
        ! cmp -s probes.lskel.h changed.h
        run verify changed.h
        status_is 1
    done
}

@test "names are whole, and the kernel's is said where it is another" {
    object long_names
    run "$TOOL" inspect long_names.bpf.o
    output_has "my_long_program_alpha" "named    my_long_program in the kernel" \
        "my_long_counter_map_alpha" "my_long_counter_map_beta" "named    my_long_counter in the kernel"
    object typical
    run "$TOOL" inspect typical.bpf.o
    output_has "named    typical_.rodata in the kernel"
    output_lacks "named    counts"
}

@test "what the host can change about each map" {
    unsealed
    "$TOOL" inspect typical.lskel.h | grep '  host  ' >host
    cat >expected <<'END'
       host     can replace its size; can write to it, once it is loaded
       host     can replace its size and initial value; cannot write to it, once it is loaded
       host     can replace its size and initial value; can write to it, once it is loaded
       host     can replace its size and initial value; can write to it, once it is loaded
END
    diff expected host
    "$TOOL" inspect typical.bpf.o | grep '  host  ' >host
    cat >expected <<'END'
       host     can write to it, once it is loaded
       host     cannot change it
       host     can write to it, once it is loaded
       host     can write to it, once it is loaded
END
    diff expected host
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

@test "programs that may sleep, in hooks of security modules, with functions of their own" {
    cat >hooks.bpf.c <<'END'
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
__attribute__((noinline)) int twice(int value) { return 2 * value; }
SEC("lsm.s/file_open") int may_open(__u64 *ctx) { return twice(ctx[0]); }
SEC("lsm_cgroup/socket_bind") int may_bind(__u64 *ctx) { return 1; }
SEC("fmod_ret/bpf_modify_return_test") int result(__u64 *ctx) { return 0; }
SEC("fexit.s/bpf_fentry_test1") int leave(__u64 *ctx) { return 0; }
SEC("syscall") int call(void *ctx) { return 0; }
SEC("xdp/devmap") int device(void *ctx) { return 2; }
char LICENSE[] SEC("license") = "GPL";
END
    clang -O2 -g -target bpf -I"/usr/include/$(cc -print-multiarch)" -c hooks.bpf.c -o hooks.bpf.o
    run "$TOOL" inspect hooks.bpf.o
    status_is 0
    output_has "flags sleepable" "calls    twice (" \
        "attach   the security hook file_open, by the skeleton's attach function" \
        "attach   in a cgroup, the security hook socket_bind" \
        "attach   the result of the kernel function bpf_modify_return_test" \
        "attach   the return of the kernel function bpf_fentry_test1" \
        "attach   nothing: the loading program runs it" \
        "attach   an element of a map of devices that the loading program chooses"
}
