#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-2-Clause
# What is chosen about the programs of an object: sign --load, --skip, --type, --attach-target.

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
    output_has "more than 4092 bytes of --load, --skip"
    sign --quiet optional.bpf.o
    run sign --load optional optional.lskel.h
    status_is 3
    output_has "--load is for programs of an object"
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

# progs FILTER: FILTER of each program of untold.lskel.h, one a line
progs() {
    "$TOOL" inspect --json untold.lskel.h | python3 -c "
import json, sys
for prog in json.load(sys.stdin)['results'][0]['programs']:
    print($1)"
}

@test "a section that tells no type is named, and --type gives one" {
    object untold
    run sign untold.bpf.o
    status_is 3
    output_has 'program first: built with libbpf' 'does not know SEC("prog1"): ' 'choose a type with --type first=TYPE'
    sign --quiet --type first=fentry.s --attach-target first=wake_up_new_task --type second=xdp.frags \
        --type 'f[oi][uf]*=BPF_PROG_TYPE_SCHED_CLS' untold.bpf.o
    verify --quiet untold.lskel.h
    [ "$(progs "prog['name'], prog['type']['name'], prog['attach_type']['name'], prog['flags'], prog['target']")" = \
        "first tracing trace_fentry 16 wake_up_new_task
second xdp xdp 32 None
fourth sched_cls cgroup_inet_ingress 0 None
fifth sched_cls cgroup_inet_ingress 0 None" ]
    sign --quiet --skip first --type second=cgroup_skb:cgroup_inet_egress --type 'f*=socket' untold.bpf.o
    [ "$(progs "prog['type']['name'], prog['attach_type']['number']")" = $'cgroup_skb 1\nsocket_filter 0\nsocket_filter 0' ]
}

@test "a type and target are what the section would have told" {
    object untold
    sed 's,prog1,fentry.s/wake_up_new_task,; s,?fentry,fexit/vfs_read,; s,2/1,xdp.frags,; s,shared,socket,' \
        "$ROOT/tests/data/untold.bpf.c" >told.bpf.c
    clang -O2 -g -target bpf -I"/usr/include/$(cc -print-multiarch)" -c told.bpf.c -o told.bpf.o
    # digests of records are over offsets of names, which differ
    what="{k: v if 'records' not in str(v) else v['records'] for k, v in prog.items()}"
    sign --quiet --name untold -o untold.lskel.h told.bpf.o
    progs "$what" >told
    sign --quiet --name untold --load third --attach-target first=wake_up_new_task --type first=fentry.s \
        --type third=fexit --attach-target third=vfs_read --type 'f[oi][uf]*=socket' --type second=xdp.frags untold.bpf.o
    progs "$what" >chosen
    diff told chosen
    grep -q "'core_relocations': 1," chosen
}

@test "a target is a name in the loader's data, not an id of this machine" {
    object untold
    sign --quiet --skip second --skip 'f*' --load third --attach-target third=no_such_function_anywhere untold.bpf.o
    "$TOOL" inspect untold.lskel.h >out
    grep -q 'tracing (trace_fentry) on no_such_function_anywhere' out
    grep -q 'build host  nothing of it found' out
}

@test "a raw tracepoint that is chosen is what the skeleton attaches to" {
    object untold
    sign --quiet --skip 'f*' --type second=raw_tp --attach-target second=sys_enter untold.bpf.o
    grep -q 'raw_tracepoint_open("sys_enter"' untold.lskel.h
}

@test "a type that libbpf does not know is refused with the nearest" {
    object untold
    run sign --type 'first=sched_clss' untold.bpf.o
    status_is 3
    output_has "--type first=sched_clss: 'sched_clss' is not a program type that libbpf" "knows: the nearest are sched_cls, "
    run sign --type 'first=fentri' untold.bpf.o
    status_is 3
    output_has "the nearest are fentry, "
    run sign --type 'first=cgroup_skb:cgroup_inet_egres' untold.bpf.o
    status_is 3
    output_has "'cgroup_inet_egres' is not a type of attaching that libbpf" "the nearest are cgroup_inet_egress, "
    run sign --type first=tracing untold.bpf.o
    status_is 3
    output_has "--type first=tracing: this type needs the name of a section: fentry, fexit, fmod_ret, lsm, tp_btf, iter or raw_tp"
    [ ! -e untold.lskel.h ]
}

@test "a target that means nothing is refused" {
    object untold
    run sign --load third --type '[fs]*=socket' untold.bpf.o
    status_is 3
    output_has 'program third: SEC("fentry") names no function to attach to: choose it with --attach-target third=FUNC'
    run sign --type second=xdp --attach-target second=foo untold.bpf.o
    status_is 3
    output_has '--attach-target second=foo: program second in SEC("2/1") is none of fentry, fexit'
    run sign --attach-target 'third=a b' untold.bpf.o
    status_is 3
    output_has "'a b' is not the name of a function"
    run sign --type none=xdp untold.bpf.o
    status_is 3
    output_has "--type none matches no program: the object has first, second"
    run sign --type 'f*=xdp' --type first=tc untold.bpf.o
    status_is 3
    output_has "--type f*=xdp and --type first=tc both match program first"
    run sign --type fourth=raw_tp untold.bpf.o
    status_is 3
    output_has 'program fifth shares SEC("shared") with others, which would have to be SEC("raw_tp") and SEC("shared")'
    run sign --type '[fs]*=fentry' --attach-target '*=vfs_read' untold.bpf.o
    status_is 3
    output_has 'the programs in SEC("prog1") and SEC("2/1") would both be in SEC("fentry/vfs_read")'
    [ ! -e untold.lskel.h ]
}

@test "--type and --attach-target have two parts, and are for objects" {
    object tiny
    for wrong in "--type first" "--type =xdp" "--type first=" "--attach-target first" "--attach-target =x"; do
        # shellcheck disable=SC2086
        run sign $wrong tiny.bpf.o
        status_is 2
        output_has "expected PROG="
    done
    sign --quiet tiny.bpf.o
    run sign --type '*=xdp' tiny.lskel.h
    status_is 3
    output_has "--type is for programs of an object"
    run "$TOOL" sign --strip --attach-target x=y tiny.lskel.h
    status_is 2
    output_has "--attach-target cannot be used with --strip"
}

@test "a tracepoint's name is a string, not a name in C" {
    cat >strange.bpf.c <<'END'
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
char LICENSE[] SEC("license") = "GPL";
SEC("raw_tp/sched:sched_switch") int first(void *ctx) { return 0; }
SEC("raw_tp/int") int second(void *ctx) { return 0; }
END
    clang -O2 -g -target bpf -I"/usr/include/$(cc -print-multiarch)" -c strange.bpf.c -o strange.bpf.o
    sign --quiet strange.bpf.o
    verify --quiet strange.lskel.h
    grep -q 'raw_tracepoint_open("sched:sched_switch"' strange.lskel.h
    grep -q 'raw_tracepoint_open("int"' strange.lskel.h
    echo '#include "strange.lskel.h"' | cc -x c -D_GNU_SOURCE -I. -fsyntax-only -Wall -Werror -Wno-unused-function -
    sign --quiet strange.lskel.h # read again
    sed 's,raw_tp/int,raw_tp/a\\"b,' strange.bpf.c >quoted.bpf.c
    clang -O2 -g -target bpf -I"/usr/include/$(cc -print-multiarch)" -c quoted.bpf.c -o quoted.bpf.o
    run sign quoted.bpf.o
    status_is 3
    output_has "is not up to 127 letters, digits and _.:/,+-@"
}
