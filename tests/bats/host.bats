#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-2-Clause
#
# Nothing of the build host is in a loader.

load common

# bare COMMAND...: COMMAND, a program of this folder, where there is nothing but its libraries, this
# folder as /w, and /dev/null: no /proc, /sys or /boot (but /proc for a sanitizer, which needs it)
bare() {
    # shellcheck disable=SC2016
    unshare -rm sh -c 'mount --bind /dev/null root/dev/null && mount --bind . root/w && cd root &&
        { [ ! -d proc ] || mount --rbind /proc proc; } &&
        exec chroot . sh -c "cd /w && exec \"\$@\"" sh "$@"' sh "$@"
}

# make_bare: the folder "root" for it
make_bare() {
    unshare -rm true 2>/dev/null || skip "no namespaces of users and mounts"
    cp "$TOOL" tool
    cp "$(command -v sh)" own-sh
    mkdir -p root/dev root/w root/tmp root/bin
    ! grep -q __asan_init tool || mkdir root/proc
    : >root/dev/null
    ldd tool own-sh | grep -o '/[^ )]*[.]so[^ )]*' | sort -u | while read -r library; do
        mkdir -p "root$(dirname "$library")"
        cp -L "$library" "root$library"
    done
    cp own-sh root/bin/sh
    cp "$KEYS/rsa2048.key" "$KEYS/rsa2048.crt" .
}

# bare_sign [OPTION...] FILE...
bare_sign() {
    bare ./tool sign --key rsa2048.key --cert rsa2048.crt "$@"
}

@test "a typeless symbol is not looked up on the build host" {
    object ksym
    run sign ksym.bpf.o
    status_is 0
    output_lacks "[kernel-address]"
    run verify ksym.lskel.h
    status_is 0
    run "$TOOL" inspect ksym.lskel.h
    output_has "no_such_symbol_anywhere (address)" "_stext (address)" "nothing of it found"
    # nor is the address of one that the host has left where nothing is sealed
    run sign --no-seal --scheme folded --allow=open-values --allow=open-sizes -o open.lskel.h ksym.bpf.o
    status_is 0
}

@test "without /proc, /sys and /boot an object becomes the same header" {
    make_bare
    for name in ksym typical maps tiny; do
        object $name
        sign --quiet -o here.lskel.h $name.bpf.o
        bare_sign --quiet -o bare.lskel.h $name.bpf.o
        cmp here.lskel.h bare.lskel.h
    done
}

@test "a perf event array has room for the processors of any machine" {
    object maps
    run "$TOOL" inspect --json maps.bpf.o
    output_has '"max_entries": 8192'
    run sign maps.bpf.o
    output_has "[host-cpus] events:" "8192"
    sign --quiet --max-entries events=16 maps.bpf.o
    run "$TOOL" inspect --json maps.lskel.h
    output_lacks '"max_entries": 8192'
}
