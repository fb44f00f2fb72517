#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-2-Clause
#
# Inputs that cannot be signed: what the message says, and that the manual page has it.

load common

MULTIARCH=$(cc -print-multiarch)

# compile NAME [OPTION...]: the BPF program on standard input as NAME.bpf.o; -target bpfel or bpfeb is an option
compile() {
    local name=$1
    shift
    {
        printf '#include <linux/bpf.h>\n#include <bpf/bpf_helpers.h>\n'
        cat
        printf 'char LICENSE[] SEC("license") = "GPL";\n'
    } >"$name.bpf.c"
    clang -O2 -g -target bpf "-I/usr/include/$MULTIARCH" "$@" -c "$name.bpf.c" -o "$name.bpf.o"
}

# tiny NAME [OPTION...]: a small program
tiny() {
    compile "$@" <<<'SEC("xdp") int p(struct xdp_md *ctx) { return 2; }'
}

# libbpf_is_older VERSION: than 1.VERSION
libbpf_is_older() {
    local major minor
    IFS=. read -r major minor < <("$TOOL" --version | sed -n 's/^libbpf \([0-9.]*\),.*/\1/p')
    [ "$major" -lt 1 ] || { [ "$major" -eq 1 ] && [ "$minor" -lt "$1" ]; }
}

# refused FILE TEXT...: sign and inspect say all this in one line; there is no output
refused() {
    refused_by sign "$@"
    refused_by "$TOOL inspect" "$@"
}

# refused_program FILE TEXT...: sign says all this; inspect looks for a signed image
refused_program() {
    refused_by sign "$@"
    refused_by "$TOOL inspect" "$1" "contains no signed image" "clang -target bpf -c"
}

# refused_by COMMAND FILE TEXT...: this command says all this
refused_by() {
    local command=$1 file=$2
    shift 2
    # shellcheck disable=SC2086
    run $command "$file"
    status_is 3
    output_has ": $file: " "$@"
    [ "$(wc -l <<<"$output")" -eq 1 ]
    [ ! -e "${file%%.*}.lskel.h" ]
}

# unknown_section SECTION [MINOR]: an object with it is refused; libbpf 1.MINOR knows it
unknown_section() {
    compile unknown <<<"SEC(\"$1\") int prog(void *ctx) { return 0; }"
    refused unknown.bpf.o "program prog: built with libbpf 1." ", which does not know SEC(\"$1\"): ${2:+use libbpf 1.$2 or later}"
}

@test "a section that a newer libbpf knows is named, with that version" {
    local section minor
    while read -r section minor; do
        libbpf_is_older "$minor" || continue
        unknown_section "$section" "$minor"
    done <<'END'
tcx/ingress 3
netkit/peer 3
uprobe.multi//bin/sh:main 3
kprobe.session/do_exit 5
fsession/do_exit 7
fsession.multi/do_exit 8
END
}

@test "a section that no libbpf knows is named" {
    unknown_section my_thing/foo
    unknown_section tcx/elsewhere
    output_has "correct the section's name"
}

@test "an optional program of an unknown section is no obstacle" {
    compile optional <<'END'
SEC("xdp") int loaded(void *ctx) { return 2; }
SEC("?my_thing/foo") int left_out(void *ctx) { return 0; }
END
    sign -q optional.bpf.o
    run sign --load left_out optional.bpf.o
    status_is 3
    output_has 'program left_out: ' 'does not know SEC("my_thing/foo")'
}

@test "a function without a section is no program" {
    compile bare <<<'int function(void *ctx) { return 1; }'
    refused bare.bpf.o 'contains neither maps nor a program to load: a program is a function with SEC("...")'
}

@test "freplace and struct_ops are told to load unsigned" {
    compile replace <<<'SEC("freplace/other") int p(void *ctx) { return 0; }'
    refused replace.bpf.o "program p replaces another program (freplace)" "load it unsigned"
    object refused_struct_ops
    refused refused_struct_ops.bpf.o "uses struct_ops, which libbpf cannot put into a loader" "load it unsigned"
    # a program alone, of a struct that another object has
    compile ops <<<'SEC("struct_ops/init") int init(void *ctx) { return 0; }'
    refused ops.bpf.o "struct_ops, which libbpf cannot put into a loader"
}

@test "jump tables: compile without them" {
    # newer compilers make them; the section alone shows them
    compile jump <<'END'
asm(".section .jumptables,\"\",@progbits\n.quad 0\n.text");
SEC("xdp") int p(void *ctx) { return 2; }
END
    refused jump.bpf.o "has jump tables, which libbpf cannot put into a loader: compile with -fno-jump-tables"
}

@test "a map of maps that does not say what its maps look like is named; --no-seal is no advice" {
    compile outer <<'END'
struct { __uint(type, BPF_MAP_TYPE_HASH_OF_MAPS); __uint(max_entries, 4); __uint(key_size, 4); __uint(value_size, 4); } by_cpu SEC(".maps");
SEC("xdp") int p(void *ctx) { __u32 key = 0; return !!bpf_map_lookup_elem(&by_cpu, &key); }
END
    refused outer.bpf.o "map by_cpu is a map of maps that does not say what its maps look like" "__array(values, struct ...)"
    output_lacks "--no-seal"
    # a light skeleton of it
    bpftool gen skeleton -L outer.bpf.o name outer >outer.h 2>err
    run sign outer.h
    status_is 3
    output_has "outer.h: cannot seal the loader: map by_cpu is a map of maps" "__array(values, struct ...)"
    output_lacks "--no-seal"
}

@test "a call of no helper is a warning: the code may never run" {
    # 195896080 is what libbpf writes over code for other kernels
    compile poison <<'END'
static long (*no_helper)(void) = (void *)195896080;
volatile const int never = 0;
SEC("xdp") int p(void *ctx) { return never ? no_helper() : 2; }
END
    run sign poison.bpf.o
    status_is 0
    output_has "[no-such-helper] p: the program calls a number that no kernel has as a helper"
    run verify --deny no-such-helper poison.lskel.h
    status_is 1
    object tiny
    run "$TOOL" inspect tiny.bpf.o
    output_lacks "no-such-helper"
}

@test "more than 64 maps, and more instructions than jumps can cross, are said in words" {
    maps() {
        local n
        for n in $(seq "$1"); do
            echo "struct { __uint(type, BPF_MAP_TYPE_ARRAY); __uint(max_entries, 1); __type(key, __u32);"
            echo "__type(value, __u64); } m$n SEC(\".maps\");"
        done
        echo 'SEC("xdp") int p(void *ctx) { __u32 key = 0;'
        for n in $(seq "$1"); do
            echo "if (!bpf_map_lookup_elem(&m$n, &key)) return 1;"
        done
        echo 'return 2; }'
    }
    compile m65 < <(maps 65)
    refused m65.bpf.o "has 65 maps, one for each section of global variables included" "at most 64: split the object"
    compile m64 < <(maps 64)
    sign -q m64.bpf.o
    kfuncs() {
        local n
        echo 'extern void bpf_rcu_read_lock(void) __ksym; extern void bpf_rcu_read_unlock(void) __ksym;'
        echo 'SEC("syscall") int p(void *ctx) {'
        for n in $(seq "$1"); do
            echo 'bpf_rcu_read_lock(); bpf_rcu_read_unlock();'
        done
        echo 'return 0; }'
    }
    compile k3000 < <(kfuncs 1500)
    refused k3000.bpf.o "needs a loader of more than 32768 instructions, which its jumps cannot cross" "call fewer kernel functions"
}

@test "an object of the other byte order needs libbpf 1.5" {
    local other=bpfeb word=big
    [ "$(printf '\1\0' | od -An -tu2)" -eq 1 ] || { other=bpfel word=little; }
    tiny other -target $other
    if libbpf_is_older 5; then
        refused other.bpf.o "is for $word-endian machines: built with libbpf 1." "it needs libbpf 1.5 or later"
    else
        sign -q other.bpf.o
        verify -q other.lskel.h
    fi
}

@test "an object that is cut off is told from one that is no object" {
    local size
    tiny whole
    for size in 4 63 64 200 $(($(stat -c %s whole.bpf.o) - 1)); do
        head -c "$size" whole.bpf.o >cut.bpf.o
        refused cut.bpf.o "is cut off after $size bytes: compile or copy it again"
    done
}

@test "ELF files of other machines, and other kinds of them" {
    echo 'int main(void) { return 0; }' >main.c
    cc -c main.c -o machine.o
    refused_program machine.o "is an object or kernel module for machine " "compile with clang -target bpf -c"
    cc main.c -o program
    refused_program program "is a program or library for machine " "sign the object (x.bpf.o) or skeleton that it is built from"
    tiny kind
    printf '\2\0' | dd of=kind.bpf.o bs=1 seek=16 conv=notrunc status=none # ET_EXEC
    refused kind.bpf.o "is a program or library for machine 247"
}

@test "LLVM bitcode, archives and compressed files are called so" {
    tiny code -emit-llvm
    refused code.bpf.o "is LLVM bitcode" "compile without -emit-llvm and -flto"
    # in the wrapper that some systems use: magic, version, offset, size, processor
    {
        printf '\xde\xc0\x17\x0b\0\0\0\0\x14\0\0\0\0\0\0\0\7\0\0\0'
        cat code.bpf.o
    } >wrapped.bpf.o
    refused wrapped.bpf.o "is LLVM bitcode" "compile without -emit-llvm and -flto"
    clang -O2 -target bpf "-I/usr/include/$MULTIARCH" -emit-llvm -S code.bpf.c -o text.bpf.o
    refused text.bpf.o "is LLVM bitcode as text"
    tiny member
    ar rcs library.a member.bpf.o
    refused_program library.a "is an archive" "ar x"
    gzip <member.bpf.o >packed.bpf.o
    refused packed.bpf.o "is compressed" "gunzip"
}

@test "an ordinary skeleton is told from a light one" {
    tiny skeleton
    bpftool gen skeleton skeleton.bpf.o name skeleton >skeleton.skel.h
    refused skeleton.skel.h "is an ordinary skeleton, which has no loader that can be signed" "bpftool gen skeleton -L"
}

@test "bpftool -d prints to standard error, and the skeleton is the same" {
    object typical
    bpftool gen skeleton -L typical.bpf.o name typical >plain.h
    bpftool -d gen skeleton -L typical.bpf.o name typical >debug.h 2>err
    [ -s err ]
    cmp plain.h debug.h
    sign -q debug.h
    verify -q debug.h
}

@test "text, an empty file and a folder are no inputs" {
    echo "hello" >text.bpf.o
    refused text.bpf.o "expected a BPF object (ELF), a light skeleton or a signed image"
    : >empty.bpf.o
    refused empty.bpf.o "but the file is empty"
    mkdir folder.bpf.o
    run sign folder.bpf.o
    status_is 3
    output_has "folder.bpf.o: is a folder: add --recursive"
}

@test "what libbpf says is said with its version" {
    # a map without a type
    compile odd <<'END'
struct { __uint(nonsense, 1); } m SEC(".maps");
SEC("xdp") int p(void *ctx) { return bpf_map_lookup_elem(&m, ctx) != 0; }
END
    refused odd.bpf.o "$("$TOOL" --version | sed -n 's/^\(libbpf [0-9.]*\),.*/\1/p') cannot read the object: "
}

@test "what is known about libbpf's reason is added to it" {
    compile pinned <<'END'
struct {
    __uint(type, BPF_MAP_TYPE_ARRAY); __uint(max_entries, 1); __type(key, __u32); __type(value, __u32); __uint(pinning, 16);
} shared SEC(".maps");
SEC("xdp") int p(void *ctx) { __u32 key = 0; return !!bpf_map_lookup_elem(&shared, &key); }
END
    refused pinned.bpf.o "map 'shared': invalid pinning value 16" "LIBBPF_PIN_BY_NAME; remove what was written for another library"
    sed 's/, 16)/, LIBBPF_PIN_BY_NAME)/' pinned.bpf.c >plain.bpf.c
    clang -O2 -target bpf "-I/usr/include/$MULTIARCH" -c plain.bpf.c -o plain.bpf.o
    refused plain.bpf.o "BTF is required" ": compile with -g"
}

# documented: the messages in DIAGNOSTICS, with % for each word in italics and ' for a quote
documented() {
    sed -n '/^\.SH DIAGNOSTICS/,/^\.SH ENVIRONMENT/p' "$ROOT/man/bpf-chainsign.1" | grep -A 1 '^\.TP' |
        sed -n 's/^\.B //p' | sed "s/\\\\f[IR][^\\\\]*\\\\fB/%/g; s/\\\\([da]q/'/g; s/\\\\-/-/g; s/\\\\&//g"
}

# messages FILE...: C files in one line, without what is between strings, with % for each conversion and ' for
# a quote in a string
messages() {
    cat "$@" | tr '\n\t' '  ' | sed -E "s/\\\\\"/'/g; s/\" +\"//g; s/%[-.*0-9]*(ll|z|h+)?[a-z]/%/g"
}

# The kinds of foreign.c have a message of two parts; the name of a finding and its place come from elsewhere.
parts() {
    sed -E 's/^\[[a-z-]+\] (%: )?//' |
        sed -E 's/^is (compressed|an archive|LLVM bitcode), (.*)/"\1"\n\2/'
}

@test "each message in DIAGNOSTICS is one of the program's" {
    documented | parts >list
    [ "$(wc -l <list)" -ge 20 ]
    messages "$ROOT"/src/*.c "$ROOT"/src/*/*.c >source
    while IFS= read -r message; do
        grep -qF -- "$message" source || { echo "nowhere in src/: $message"; false; }
    done <list
}

@test "each refusal of a kind of object or file is in DIAGNOSTICS" {
    documented | parts >list
    local file message found
    for file in src/object/object_refuse.c src/foreign.c; do
        messages "$ROOT/$file" | sed 's/err_set(/\n/g' | sed -n 's/^ *err, -E[A-Z]*, *"\([^"]*\)".*/\1/p' >refusals
        [ -s refusals ]
        while IFS= read -r message; do
            found=
            while IFS= read -r entry; do
                [[ $message != *"$entry"* ]] || found=1
            done <list
            [ -n "$found" ] || { echo "not in DIAGNOSTICS: $message"; false; }
        done <refusals
    done
}
