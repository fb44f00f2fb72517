#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-2-Clause
# What compilers and linkers make of a section with a signed image: it is found, accepted, and rejected when one byte of it was changed

load common

setup() {
    cd "$BATS_TEST_TMPDIR" || return 1
    object tiny
    sign --quiet --format image tiny.bpf.o
    "$ROOT/tests/program/carry" carried tiny.bpf.signed >carried.c
    cat >main.c <<'END'
#ifdef __cplusplus
extern "C"
#endif
int carried_used(void);
int main(void)
{
	return carried_used() != 'B';
}
END
}

# carries FILE: its image is found and accepted; one changed byte of it, and it is not accepted
carries() {
    local at
    run verify "$1"
    status_is 0
    [ "$output" = "$1#tiny_bpf: accepted (folded, chain, insns)" ]
    at=$(($(begin "$1") + 1000))
    cp "$1" changed
    perl -e 'open my $f, "+<:raw", $ARGV[0] or die; seek $f, $ARGV[1], 0; read $f, my $byte, 1;
        seek $f, $ARGV[1], 0; print $f chr(ord($byte) ^ 0x10)' changed "$at"
    run verify changed
    status_is 1
    output_has "changed#tiny_bpf: rejected"
}

# begin FILE: where its image begins
begin() {
    perl -0777 -ne 'print index $_, "\x89BPFS\r\n\x1a"' "$1"
}

# linked COMMAND OPTION...: a program is built, with each of the levels of optimization
linked() {
    local level
    for level in -O0 -O1 -O2 -O3 -Os; do
        "$@" $level main.c carried.c -o "program$level"
        carries "program$level"
    done
}

@test "gcc and clang, at every level" {
    linked gcc
    ./program-O2
    linked clang
    ./program-O2
}

@test "link-time optimization, and sections that are collected" {
    gcc -O2 -flto main.c carried.c -o lto
    carries lto
    ./lto
    gcc -O2 -ffunction-sections -fdata-sections -Wl,--gc-sections main.c carried.c -o collected
    carries collected
    ./collected
    clang -O2 -ffunction-sections -fdata-sections -Wl,--gc-sections main.c carried.c -o collected
    carries collected
}

@test "static, stripped, a library, an object, not position-independent" {
    gcc -O2 -static main.c carried.c -o static
    carries static
    strip -s static
    carries static
    gcc -O2 -s main.c carried.c -o stripped
    carries stripped
    gcc -O2 -no-pie main.c carried.c -o fixed
    carries fixed
    gcc -O2 -shared -fPIC carried.c -o library.so
    carries library.so
    strip --strip-unneeded library.so
    carries library.so
    gcc -O2 -c carried.c
    carries carried.o
    ld -r carried.o -o again.o
    carries again.o
    ar rc archive.a carried.o
    carries archive.a
}

@test "C++" {
    g++ -O2 -x c++ main.c carried.c -o program
    carries program
    ./program
    clang++ -O2 -x c++ main.c carried.c -o program
    carries program
}

# cross TARGET OPTION...: clang for another machine, with its linker and no C library. gcc for other
# machines cannot be installed next to gcc for 32 bits.
cross() {
    local target=$1
    shift
    clang --target="$target" -nostdlib -Wl,-e,main "$@"
}

@test "aarch64, armhf, 32 bits, big-endian" {
    for target in aarch64-linux-gnu arm-linux-gnueabihf; do
        linked cross $target -static
        cross $target -O2 -static -s main.c carried.c -o program
        carries program
        cross $target -O2 -shared -fPIC carried.c -o library.so
        carries library.so
    done
    for target in i386 s390x mips powerpc64le riscv64; do
        clang --target=$target-linux-gnu -O2 -c carried.c -o $target.o
        carries $target.o
    done
}
