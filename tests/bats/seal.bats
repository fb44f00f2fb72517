#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-2-Clause
# What sign does to the loader before it is signed: sealing, values, sizes, findings.

load common

# variant SED: the object of typical.bpf.c, changed by a sed script, as variant.bpf.o
variant() {
    sed "$1" "$ROOT/tests/data/typical.bpf.c" >variant.bpf.c
    cmp -s variant.bpf.c "$ROOT/tests/data/typical.bpf.c" && return 1
    cp variant.bpf.c typical.bpf.c
    clang -O2 -g -target bpf -I"/usr/include/$(cc -print-multiarch)" -c typical.bpf.c -o variant.bpf.o
}

# arrays FILE: the instructions and data of a header's loader
arrays() {
    awk '/\/\* opts_(data|insn) \*\// { inside = 1 } inside { print } /"$/ { inside = 0 }' "$1"
}

@test "the loader of an object and of bpftool's header are sealed to the same bytes" {
    command -v bpftool >/dev/null || skip "bpftool is not installed"
    object typical
    bpftool gen skeleton -L typical.bpf.o name typical >peer.lskel.h
    sign --quiet --name typical -o own.lskel.h typical.bpf.o
    sign --quiet peer.lskel.h
    arrays own.lskel.h >own
    arrays peer.lskel.h >peer
    [ -s own ]
    cmp own peer
}

@test "sealing is what lets initial values and map sizes hold; without it sign refuses" {
    object typical
    run sign --no-seal typical.bpf.o
    status_is 3
    output_has "[open-values]" "sign it anyway with --allow=open-values"
    run sign --no-seal --allow open-values typical.bpf.o
    status_is 3
    output_has "[open-sizes]"
    [ ! -e typical.lskel.h ]
    run sign --no-seal --allow open-values --allow open-sizes typical.bpf.o
    status_is 0
    output_has "warning: typical.bpf.o: [open-values]" "warning: typical.bpf.o: [open-sizes]"
    run verify typical.lskel.h
    status_is 0
    output_has "warning: typical.lskel.h: [open-values]"
    arrays typical.lskel.h >open
    sign --quiet typical.lskel.h
    run verify typical.lskel.h
    status_is 0
    [[ $output != *"open-"* ]]
    arrays typical.lskel.h >sealed
    run cmp -s open sealed
    status_is 1
}

@test "what sealing changes for the program is said, once" {
    object typical
    run sign typical.bpf.o
    output_has "note: initial values and map sizes are fixed by this signature" "--set VAR=VALUE"
    run sign typical.lskel.h
    [[ $output != *note:* ]]
    run sign -q typical.bpf.o
    [ -z "$output" ]
}

@test "--no-seal keeps the bytes" {
    command -v bpftool >/dev/null || skip "bpftool is not installed"
    object typical
    bpftool gen skeleton -L typical.bpf.o name typical >peer.lskel.h
    sign --quiet --name typical --no-seal --allow open-values --allow open-sizes -o own.lskel.h \
        typical.bpf.o
    sign --quiet --no-seal --allow open-values --allow open-sizes peer.lskel.h
    arrays own.lskel.h >own
    arrays peer.lskel.h >peer
    cmp own peer
}

@test "an unknown finding, an unknown form: usage" {
    object tiny
    run sign --allow everything tiny.bpf.o
    status_is 2
    output_has "unknown finding 'everything'"
    run sign --insns-form none tiny.bpf.o
    status_is 2
    output_has "exclusive, hash-only"
    run sign --insns-form hash-only --no-seal tiny.bpf.o
    status_is 2
    run sign --insns-form hash-only --insns-form exclusive tiny.bpf.o
    status_is 2
    output_has "given twice"
}

@test "optional programs that shift slots: bpftool's header is not signed, ours has them last" {
    command -v bpftool >/dev/null || skip "bpftool is not installed"
    object optional
    bpftool gen skeleton -L optional.bpf.o name o >peer.lskel.h
    run sign peer.lskel.h
    status_is 3
    output_has "peer.lskel.h:11: skel->progs.optional would be the loader's program plain"
    sign --quiet --detached optional.bpf.o
    run verify --signature optional.lskel.h.folded.p7s --scheme folded peer.lskel.h
    status_is 1
    output_has "peer.lskel.h:11: skel->progs.optional would be the loader's program plain"
    run sign optional.bpf.o
    status_is 0
    [[ $output != *optional-programs* ]]
    run verify optional.lskel.h
    [ "$output" = "optional.lskel.h: accepted (folded, chain, insns)" ]
}

@test "--set and --max-entries give what the compiler would have given" {
    object typical
    variant 's/step = 7/step = -123456/; s/total = 3/total = 0x1122334455667788/; s/1024/77/'
    sign --quiet --name typical -o compiled.lskel.h variant.bpf.o
    sign --quiet --name typical -o set.lskel.h --set step=-123456 \
        --set total=0x1122334455667788 --max-entries counts=77 typical.bpf.o
    # the line information in BTF differs where the source does, and so may sizes
    grep -v '^[\]' compiled.lskel.h | sed '/opts\./s/[0-9][0-9]*/N/' >compiled.text
    grep -v '^[\]' set.lskel.h | sed '/opts\./s/[0-9][0-9]*/N/' >set.text
    cmp compiled.text set.text
    verify --quiet set.lskel.h
    sed -n '/char data\[\]/,/";/p' compiled.lskel.h >compiled.values
    sed -n '/char data\[\]/,/";/p' set.lskel.h >set.values
    cmp compiled.values set.values
    grep -q 'x88.x77.x66.x55.x44.x33.x22.x11' set.values
    sign --quiet --name typical -o plain.lskel.h typical.bpf.o
    run cmp -s plain.lskel.h set.lskel.h
    status_is 1
}

@test "values are checked against their types" {
    object typed
    local wrong=(
        "first=256|does not fit"
        "first=-129|does not fit"
        "second=9223372036854775808|does not fit"
        "second=seven|expected a number"
        "second=|expected a number"
        "second=1 |expected a number"
        "name=too long a text|has 15 bytes; the array holds 6"
        "origin=1|cannot set origin at once: it is a struct or union"
        "origin.z=1|no member is called 'z'"
        "points[3].x=1|the array has 3 elements"
        "points.x=1|what precedes .x is not a struct"
        "nothing=1|no global variable is called nothing"
        "second|is not NAME=VALUE"
        "=1|is not NAME=VALUE"
    )
    for pair in "${wrong[@]}"; do
        run sign --set "${pair%%|*}" typed.bpf.o
        status_is 3
        output_has "--set ${pair%%|*}: " "${pair##*|}"
    done
    [ ! -e typed.lskel.h ]
    sign --quiet --set first=-128 --set second=9223372036854775807 --set name=other \
        --set custom=0 typed.bpf.o
    verify --quiet typed.lskel.h
}

@test "--set reaches members and elements, and the same bytes once" {
    object typed
    sign --quiet --name typed -o set.lskel.h --set origin.tag=65 --set 'origin.x=77' typed.bpf.o
    run "$TOOL" inspect --verbose set.lskel.h
    output_has "origin = {.tag = 65 'A', .x = 77, .y = 2}"
    sign --quiet --set 'points[2].y=-3' typed.bpf.o
    run "$TOOL" inspect --verbose typed.lskel.h
    output_has "points = {{}, {}, {.tag = 0, .x = 0, .y = -3}}"
    run sign --set 'points[2].y=-3' --set 'points[02].y=4' typed.bpf.o
    status_is 3
    output_has "--set points[02].y=4: --set points[2].y=-3 already sets these bytes"
}

@test "map sizes are checked, and belong to the maps of the object" {
    object typical
    for pair in counts=0 counts=4294967296 counts=x counts= other=5 .rodata=5 counts=+5 'counts= 5' \
        'counts= -18446744073709551611'; do
        run sign --max-entries "$pair" typical.bpf.o
        status_is 3
        output_has "--max-entries $pair: "
    done
    [ ! -e typical.lskel.h ]
}

@test "a value or a size is given once" {
    object typical
    object long_names
    for twice in "--set step=1 --set step=2" "--set step=1 --set step=1" "--max-entries counts=5 --max-entries counts=6"; do
        # shellcheck disable=SC2086
        run sign $twice typical.bpf.o
        status_is 2
        output_has "given twice"
    done
    run sign --max-entries another_long_ma=55 --max-entries another_long_map_name=56 long_names.bpf.o
    status_is 2
    run sign --max-entries another_long_map_name=56 --max-entries another_long_ma=55 long_names.bpf.o
    status_is 2
    [ ! -e typical.lskel.h ] && [ ! -e long_names.lskel.h ]
    sign -q --set my_long_variable_beta=9 --set my_long_variable_alpha=8 long_names.bpf.o
}

@test "a header's values cannot be set, its maps can be resized" {
    object typical
    sign --quiet typical.bpf.o
    run sign --set step=9 typical.lskel.h
    status_is 3
    output_has "pass the object"
    cp typical.lskel.h before.lskel.h
    sign --quiet --max-entries counts=5 typical.lskel.h
    verify --quiet typical.lskel.h
    run cmp -s before.lskel.h typical.lskel.h
    status_is 1
}

@test "a loader that is not libbpf's is not sealed, and can be signed as it is" {
    object typical
    sign --quiet typical.bpf.o
    # the second instruction of every loader is r1 = r10
    awk '/opts_insn \*\// { print; getline; sub(/xbf.xa1/, "xbf\\xa2") } { print }' typical.lskel.h >odd.lskel.h
    run sign --allow changed odd.lskel.h
    status_is 3
    output_has "unknown loader" "--no-seal"
    run sign --no-seal --allow changed odd.lskel.h
    status_is 3
    output_has "[unknown-loader]" "--allow=unknown-loader"
    sign --quiet --no-seal --allow changed --allow unknown-loader odd.lskel.h
    verify --quiet --allow unknown-loader odd.lskel.h
}

@test "instructions alone are not signed where nothing is known to check the maps" {
    head -c 64 /dev/zero >insns
    printf 'contents' >map
    run sign --insns insns --map map --detached --scheme insns
    status_is 3
    output_has "[data-uncovered]" "--allow=data-uncovered"
    [ ! -e insns.insns.p7s ]
    sign --quiet --insns insns --map map --detached --scheme insns --allow data-uncovered
    [ -s insns.insns.p7s ]
    run verify --insns insns --map map --scheme insns --signature insns.insns.p7s
    status_is 1
    output_has "[data-uncovered]"
    verify --quiet --insns insns --map map --scheme insns --signature insns.insns.p7s --allow data-uncovered
    sign --quiet --insns insns --detached --scheme insns
    object typical
    run sign --no-seal --scheme insns --allow open-values --allow open-sizes typical.bpf.o
    status_is 3
    output_has "[data-uncovered]"
}

# sizes FILE: of the hash maps, in the order of the loader
sizes() {
    "$TOOL" inspect "$1" | sed -n 's/^ *[0-9]* .* hash .* max \([0-9]*\).*/\1/p' | paste -sd ' '
}

@test "maps are told apart by their whole names, of which a kernel knows 15 characters" {
    local alpha=my_long_counter_map_alpha beta=my_long_counter_map_beta from
    object long_names
    sign --quiet -o plain.lskel.h long_names.bpf.o
    for from in long_names.bpf.o plain.lskel.h; do
        run sign --quiet -o out.lskel.h --max-entries $beta=77 $from
        status_is 0
        [ "$(sizes out.lskel.h)" = "8 77 8" ]
        run sign --quiet -o out.lskel.h --max-entries $alpha=66 --max-entries another_long_map_name=55 $from
        status_is 0
        [ "$(sizes out.lskel.h)" = "66 8 55" ]
        # all that inspect shows, where only one map has it
        run sign --quiet -o out.lskel.h --max-entries another_long_ma=55 $from
        status_is 0
        [ "$(sizes out.lskel.h)" = "8 8 55" ]
        rm out.lskel.h
        for name in my_long_counter_map_BETA my_long_counter_map my_long_counter_map_alph \
            my_long_counter_map_alphabet; do
            run sign --quiet -o out.lskel.h --max-entries $name=77 $from
            status_is 3
            output_has "no map is called $name: similar names are $alpha, $beta"
        done
        run sign --quiet -o out.lskel.h --max-entries my_long_counter=77 $from
        status_is 3
        output_has "pass one of them in full: $alpha, $beta"
        for name in my_long another_long_m my_long_counte; do
            run sign --quiet -o out.lskel.h --max-entries $name=77 $from
            status_is 3
            output_has "no map is called $name: inspect lists them"
        done
        [ ! -e out.lskel.h ]
    done
}

@test "variables are told apart by their whole names" {
    object long_names
    run sign --quiet --set my_long_variable_beta=9 long_names.bpf.o
    status_is 0
    run "$TOOL" inspect long_names.lskel.h
    output_has "my_long_variable_alpha = 1" "my_long_variable_beta = 9"
    for name in my_long_variabl my_long_variable_ my_long_variable_BETA my_long_variable_beta2; do
        run sign --quiet --set $name=9 long_names.bpf.o
        status_is 3
        output_has "no global variable is called $name"
    done
}

@test "a signed header that was changed since is not signed again, unless that is allowed" {
    object typical
    sign --quiet typical.bpf.o
    for array in opts_data opts_insn opts_insn_checked opts_excl_hash; do
        cp typical.lskel.h changed.lskel.h
        flip "$array" changed.lskel.h
        cp changed.lskel.h before
        run sign changed.lskel.h
        status_is 3
        output_has "[changed]" "--allow=changed"
        cmp before changed.lskel.h
    done
    # data alone, which only the signature or the loader's check can tell
    sign --quiet --scheme folded -o folded.lskel.h typical.bpf.o
    flip opts_data folded.lskel.h
    run sign folded.lskel.h
    status_is 3
    output_has "[changed]"
    # by another key: the check in the loader still tells, a folded signature does not
    cp typical.lskel.h other.lskel.h
    "$TOOL" sign -q -k "$KEYS/p256.key" -c "$KEYS/p256.crt" other.lskel.h
    run sign other.lskel.h
    status_is 0
    output_has "signed with another key"
    "$TOOL" sign -q -k "$KEYS/p256.key" -c "$KEYS/p256.crt" -o other.lskel.h typical.bpf.o
    flip opts_data other.lskel.h
    run sign other.lskel.h
    status_is 3
    output_has "[changed]" "its data was changed"
}

@test "sign --kernel makes what a fleet needs, or refuses" {
    object typical
    sign --quiet --kernel 7.3 typical.bpf.o
    run verify --scheme folded --kernel 7.3..7.4 typical.lskel.h
    status_is 0
    run verify --scheme insns typical.lskel.h
    status_is 1
    sign --quiet --kernel 6.18.40,7.1.5..7.4 typical.bpf.o
    run verify --kernel 6.18.40,7.1.5..7.4 typical.lskel.h
    status_is 0
    run verify --scheme chain typical.lskel.h
    status_is 1
    rm typical.lskel.h
    for kernel in 6.18.15 7.0.13 6.18.40..7.4; do
        run sign --kernel "$kernel" typical.bpf.o
        status_is 3
        output_has "would not load it" "EACCES" "--insns-form=exclusive,hash-only"
        [ ! -e typical.lskel.h ]
    done
    sign --quiet --kernel 6.18.15 --insns-form hash-only typical.bpf.o
    run verify --kernel 6.18.15 typical.lskel.h
    status_is 0
    rm typical.lskel.h
    run sign --kernel 7.3 --scheme insns typical.bpf.o
    status_is 3
    output_has "Linux 7.3 would not load it (insns): EACCES"
    run sign --kernel 6.17 typical.bpf.o
    status_is 2
}

@test "both forms for insns in one header: every signing kernel loads it" {
    object typical
    for form in exclusive,hash-only hash-only,exclusive; do
        run sign --insns-form "$form" --kernel all typical.bpf.o
        status_is 0
        output_matches '^  insns-hash  Linux 6.18 to 7.2 ' '^  insns .*Linux 6.18 from 6.18.40, 7.1.5 to 7.2 '
        run verify --kernel all typical.lskel.h
        status_is 0
        run verify typical.lskel.h
        status_is 0
        output_has "typical.lskel.h: accepted (folded, chain, insns, insns-hash)"
    done
    for array in opts_insn_hash opts_sig_insns_hash opts_excl_hash_hash; do
        cp typical.lskel.h changed.lskel.h
        flip "$array" changed.lskel.h
        run verify changed.lskel.h
        status_is 1
        run verify --kernel 7.0 changed.lskel.h
        status_is 1
    done
    cp typical.lskel.h again.lskel.h
    sign --quiet --insns-form exclusive,hash-only again.lskel.h
    cmp typical.lskel.h again.lskel.h
    run "$TOOL" inspect again.lskel.h
    status_is 0
    output_has "not-exclusive"
}

@test "the text of a header is that of a sealed loader, or of one that is not" {
    object typical
    sign --quiet typical.bpf.o
    grep -q 'const struct typical_bpf__rodata {' typical.lskel.h
    sed 's/const struct typical_bpf__rodata {/struct typical_bpf__rodata {/; /opts.nr_maps = /d' typical.lskel.h >changed.h
    run verify changed.h
    status_is 1
    output_has "the text is for a loader that takes values and sizes from the program, but this one is sealed"
    sign --quiet --no-seal --allow=open-values --allow=open-sizes --scheme folded -o open.lskel.h typical.bpf.o
    run grep -c 'const struct typical_bpf__rodata {' open.lskel.h
    [ "$output" = 0 ]
    run verify open.lskel.h
    status_is 0
    sed 's/ struct typical_bpf__rodata {/ const struct typical_bpf__rodata {/
        s/^\topts.nr_sections = .*/&\topts.nr_maps = 4;/' open.lskel.h >changed.h
    run verify changed.h
    status_is 1
    output_has "the text is for a sealed loader, but this one takes values or sizes from the program"
    sign --quiet open.lskel.h
    grep -q 'const struct typical_bpf__rodata {' open.lskel.h
    run verify open.lskel.h
    status_is 0
}

@test "a light skeleton of bpftool, signed, loads nothing unsigned by default" {
    command -v bpftool >/dev/null || skip "no bpftool"
    object typical
    bpftool gen skeleton -L typical.bpf.o name typical >typical.lskel.h
    sign --quiet typical.lskel.h
    grep -qx '	skel->enforce = 1;' typical.lskel.h
    sed '/skel->enforce = 1;/d' typical.lskel.h >changed.h
    run verify changed.h
    status_is 1
    output_has "was not generated for these names and arrays"
}
