#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-2-Clause
# bpf-chainsign inspect --diff: what changed between two releases

load common

# release NAME [SED]: NAME.lskel.h, signed, of a program with a map, values and a kernel function;
# SED changes its source
release() {
    cat >app.bpf.c <<'END'
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
struct limits { int low, high; };
const volatile int step = 7;
const volatile struct limits limits = {1, 2};
long total = 3;
struct {
    __uint(type, BPF_MAP_TYPE_HASH);
    __uint(max_entries, 1024);
    __type(key, __u32);
    __type(value, __u64);
} counts SEC(".maps");
// more maps
SEC("xdp") int count(void *ctx)
{
    __u32 key = limits.high;
    __u64 *at = bpf_map_lookup_elem(&counts, &key);
    if (at)
        *at += step;
    return XDP_PASS;
}
SEC("raw_tp/sys_enter") int trace(void *ctx) { total++; return 0; }
// more programs
char LICENSE[] SEC("license") = "GPL";
END
    sed -i "${2:-}" app.bpf.c
    clang -O2 -g -target bpf -I"/usr/include/$(cc -print-multiarch)" -c app.bpf.c -o app.bpf.o
    sign --quiet --name app -o "$1.lskel.h" "${@:3}" app.bpf.o
}

# diff_is: the differences from old to new, without those of the whole loader, are those of stdin
diff_is() {
    run "$TOOL" inspect --diff old.lskel.h new.lskel.h
    status_is 1
    grep -A2 -v '^old.lskel.h -> ' <<<"$output" | sed '/^  loader: /,$d' >differences
    diff - differences
}

@test "nothing changed: it says so, status 0" {
    release old
    release new
    run "$TOOL" inspect --diff old.lskel.h new.lskel.h
    status_is 0
    [ "$output" = "old.lskel.h -> new.lskel.h: nothing changed" ]
    run "$TOOL" inspect --quiet --diff old.lskel.h new.lskel.h
    status_is 0
    [ -z "$output" ]
}

@test "values are told by the names of variables" {
    release old
    release new '' --set step=9 --set limits.high=5
    diff_is <<'END'
  variable limits in .rodata: value: {.low = 1, .high = 2} -> {.low = 1, .high = 5}
  variable step in .rodata: value: 7 -> 9
END
    run "$TOOL" inspect --quiet --diff old.lskel.h new.lskel.h
    status_is 1
    [ -z "$output" ]
}

@test "sizes, flags and types of maps" {
    release old
    release new 's/1024/2048/; s/__type(value, __u64)/__type(value, struct limits)/; s/__u64 \*at/int *at/
        s/max_entries, 2048);/&\n    __uint(map_flags, BPF_F_NO_PREALLOC);/'
    run "$TOOL" inspect --diff old.lskel.h new.lskel.h
    status_is 1
    output_has "  map counts: max entries: 1024 -> 2048" "  map counts: value type: __u64 -> struct limits" \
        "  map counts: flags: none -> no_prealloc" "program count: instructions"
}

@test "a map that is pinned, no longer, or new" {
    release old
    release new 's/__type(value, __u64);/&\n    __uint(pinning, LIBBPF_PIN_BY_NAME);/'
    run "$TOOL" inspect --diff old.lskel.h new.lskel.h
    status_is 1
    output_has "  map counts: pinned: no -> yes" "  finding pinned-map: added"
    run "$TOOL" inspect --diff new.lskel.h old.lskel.h
    output_has "  map counts: pinned: yes -> no"
    sed '0,/ counts SEC/s// more SEC/; s/&counts/\&more/' app.bpf.c >other.bpf.c
    clang -O2 -g -target bpf -I"/usr/include/$(cc -print-multiarch)" -c other.bpf.c -o other.bpf.o
    run "$TOOL" inspect --diff old.lskel.h other.bpf.o
    output_has "  map more: added: hash, key 4 (__u32), value 8 (__u64), max 1024, pinned"
}

@test "a map and a variable in front of others do not make programs differ" {
    release old
    release new 's/^const volatile int step/const volatile int before = 4;\n&/
        s/^long total/long first = 5;\n&/
        s/^struct {/struct { __uint(type, BPF_MAP_TYPE_ARRAY); __uint(max_entries, 2); __type(key, int);\n    __type(value, long); } added SEC(".maps");\n&/'
    diff_is <<'END'
  map .data: value size: 8 -> 16
  variable first in .data: added: 5
  map .rodata: value size: 12 -> 16
  variable before in .rodata: added: 4
  map added: added: array, key 4 (int), value 8 (long), max 2
END
}

@test "programs that are new, gone, changed, or attached elsewhere" {
    release old
    release new 's,raw_tp/sys_enter,raw_tp/sys_exit,; s/XDP_PASS/XDP_DROP/'
    run "$TOOL" inspect --diff old.lskel.h new.lskel.h
    status_is 1
    output_has "  program count: instructions" "    old 20 instructions, sha256 " "    new 20 instructions, sha256 " \
        "program trace: attachment" "    old the tracepoint sys_enter, by the skeleton's attach function" \
        "    new the tracepoint sys_exit, by the skeleton's attach function"
    release new 's/int trace(/int other(/'
    run "$TOOL" inspect --diff old.lskel.h new.lskel.h
    output_has "program other: added: raw_tracepoint, attached to the tracepoint sys_enter" \
        "program trace: removed: raw_tracepoint"
}

@test "kernel functions and symbols" {
    object externs
    object typical
    run "$TOOL" inspect --diff typical.bpf.o externs.bpf.o
    status_is 1
    output_has "kernel function bpf_task_acquire: added: required" \
        "kernel function bpf_task_release: added: weak, it may be missing" \
        "kernel symbol runqueues: added: required" "finding host-config: added: " \
        "attached to the entry of the kernel function do_nanosleep"
    run "$TOOL" inspect --diff externs.bpf.o typical.bpf.o
    output_has "kernel function bpf_task_acquire: removed" "finding host-config: removed: "
}

# relocated FIELD: relocated.bpf.o, which reads FIELD of a struct of the kernel
relocated() {
    cat >relocated.bpf.c <<END
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
struct kernel_thing { int first, second; } __attribute__((preserve_access_index));
SEC("raw_tp/sys_enter") int use(struct bpf_raw_tracepoint_args *ctx)
{
    struct kernel_thing *thing = (void *)ctx->args[0];
    int field = 0;

    bpf_probe_read_kernel(&field, sizeof(field), &thing->$1);
    return field;
}
char LICENSE[] SEC("license") = "GPL";
END
    clang -O2 -g -target bpf -I"/usr/include/$(cc -print-multiarch)" -c relocated.bpf.c -o "$1.bpf.o"
}

@test "fields of the kernel that a program reads" {
    relocated first
    relocated second
    run "$TOOL" inspect --diff first.bpf.o second.bpf.o
    status_is 1
    output_has "program use: CO-RE relocations: struct kernel_thing 0:0 -> struct kernel_thing 0:1"
}

@test "signatures: schemes and signers" {
    release old
    "$TOOL" sign --quiet --key "$KEYS/p256.key" --cert "$KEYS/p256.crt" --scheme folded,chain \
        -o new.lskel.h old.lskel.h
    run "$TOOL" inspect --diff old.lskel.h new.lskel.h
    status_is 1
    output_has "signature chain: signers" "    old key " "    new key " "signature insns: removed: key "
    output_lacks "program" "map " "variable" "loader: its"
    # the same signer signs the same loader with another digest
    sign --quiet --hash sha512 -o new.lskel.h old.lskel.h
    run "$TOOL" inspect --diff old.lskel.h new.lskel.h
    status_is 1
    output_has "signature folded: message, for the same content"
}

@test "sealed, and not" {
    release old '' --scheme folded
    release new '' --scheme folded --no-seal --allow open-values --allow open-sizes 2>/dev/null
    run "$TOOL" inspect --diff old.lskel.h new.lskel.h
    status_is 1
    output_has "finding open-sizes: added: danger" "loader: host can replace sizes: no -> yes" \
        "loader: host can replace initial values: no -> yes" "loader: its own instructions"
}

@test "the text of a header around the same loader" {
    release old
    cp old.lskel.h new.lskel.h
    echo 'int more;' >>new.lskel.h
    run "$TOOL" inspect --diff old.lskel.h new.lskel.h
    status_is 1
    output_has "header: text" "    old as it is generated" "    new line "
    cp old.lskel.h new.lskel.h
    echo >>new.lskel.h
    run "$TOOL" inspect --diff old.lskel.h new.lskel.h
    status_is 1
    output_has "header: text, around the same loader"
}

@test "several files, an object, raw parts; --json is by the schema" {
    release old
    release new '' --set step=9
    "$TOOL" inspect --json --diff old.lskel.h old.lskel.h new.lskel.h app.bpf.o >out || [ $? -eq 1 ]
    python3 - out "$ROOT/docs/output.schema.json" <<'END'
import json, sys
import jsonschema
document, schema = (json.load(open(name, encoding="utf-8")) for name in sys.argv[1:])
jsonschema.Draft202012Validator(schema).validate(document)
same, new, unsigned = document["results"]
assert document["summary"] == {"same": 1, "different": 2, "failed": 0}, document["summary"]
assert same == {"file": "old.lskel.h", "compared_with": "old.lskel.h", "differences": []}, same
step = {"subject": "variable", "name": "step", "in": ".rodata", "what": "value", "change": "changed",
        "old": "7", "new": "9"}
assert step in new["differences"], new
assert [row["name"] for row in unsigned["differences"] if row["change"] == "removed"] == \
    ["chain", "folded", "insns"], unsigned
END
}

@test "what cannot be compared is status 3, what makes no sense 2" {
    release old
    cp old.lskel.h new.lskel.h
    flip opts_insn new.lskel.h
    run "$TOOL" inspect --diff old.lskel.h new.lskel.h
    status_is 3
    output_has "new.lskel.h: unknown loader"
    run "$TOOL" inspect --diff new.lskel.h old.lskel.h
    status_is 3
    output_has "--diff new.lskel.h: unknown loader"
    run "$TOOL" inspect --diff missing old.lskel.h
    status_is 3
    output_has "--diff missing: cannot open"
    run "$TOOL" inspect --diff old.lskel.h
    status_is 2
    run "$TOOL" inspect --diff old.lskel.h --diff old.lskel.h old.lskel.h
    status_is 2
    run "$TOOL" inspect --deny danger --diff old.lskel.h old.lskel.h
    status_is 2
    output_has "--diff and --deny exclude each other"
}
