#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-2-Clause
#
# Nothing of the build host is in a loader.

load common

# bare COMMAND...: COMMAND, a program of this folder, where there is nothing but its libraries, this
# folder as /w, and /dev/null: no /proc, /sys or /boot (but /proc for a sanitizer, which needs it)
bare() {
    # shellcheck disable=SC2016
    unshare "${namespaces[@]}" sh -c 'mount --bind /dev/null root/dev/null && mount --bind . root/w && cd root &&
        { [ ! -d proc ] || mount --rbind /proc proc; } &&
        exec chroot . sh -c "cd /w && exec \"\$@\"" sh "$@"' sh "$@"
}

# make_bare: the folder "root" for it
make_bare() {
    # root of a folder (chroot) has no namespace of users
    namespaces=(-rm)
    unshare "${namespaces[@]}" true 2>/dev/null || namespaces=(-m --propagation unchanged)
    unshare "${namespaces[@]}" true 2>/dev/null || skip "no namespaces of users and mounts"
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
    for name in ksym typical maps tiny inner_events; do
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
    output_has "bpf-chainsign: note: maps.bpf.o: [host-cpus] events:" "8192"
    output_lacks "warning"
    run sign --quiet maps.bpf.o
    [ -z "$output" ]
    sign --quiet --max-entries events=16 maps.bpf.o
    run "$TOOL" inspect --json maps.lskel.h
    output_lacks '"max_entries": 8192'
}

@test "so has an inner perf event array" {
    object inner_events
    run sign inner_events.bpf.o
    status_is 0
    output_has "[host-cpus] by_group:"
    verify -q inner_events.lskel.h
    run "$TOOL" inspect inner_events.lskel.h
    output_matches "of maps like by_group.inner +perf_event_array +key 4  value 4  max 8192"
    # one that the program gives a size keeps it
    sed 's/__uint(key_size, 4);/& __uint(max_entries, 128);/' "$ROOT/tests/data/inner_events.bpf.c" >sized.bpf.c
    clang -O2 -g -target bpf -I"/usr/include/$(cc -print-multiarch)" -c sized.bpf.c
    run "$TOOL" inspect sized.bpf.o
    output_matches "by_group.inner .*  max 128"
}

# every: the options for all that kernel.bpf.c asks for, one by one
every() {
    printf -- '--set=%s\n' LINUX_KERNEL_VERSION=6.12.3 CONFIG_BPF_SYSCALL=y CONFIG_NO_SUCH_OPTION=n \
        CONFIG_IPV6=m CONFIG_NET=y CONFIG_HZ=250 CONFIG_PHYSICAL_START=0x1000000 \
        'CONFIG_DEFAULT_HOSTNAME="(none)"'
}

@test "values of the build host's kernel are refused until they are given" {
    object kernel
    run sign kernel.bpf.o
    status_is 3
    output_has "[host-config] CONFIG_PHYSICAL_START" "more: unless they are given" "--kconfig FILE" "--allow=host-config"
    [ ! -e kernel.lskel.h ]
    mapfile -t all < <(every)
    for i in "${!all[@]}"; do
        run sign "${all[@]:0:i}" "${all[@]:i + 1}" kernel.bpf.o
        status_is 3
        name=${all[i]#--set=}
        output_has "[host-config] ${name%%=*}: unless"
    done
    run sign "${all[@]}" kernel.bpf.o
    status_is 0
    output_has "note: kernel.bpf.o: [fixed-config]"
    run "$TOOL" inspect kernel.lskel.h
    output_has "LINUX_KERNEL_VERSION = 396291" "CONFIG_BPF_SYSCALL = true" "CONFIG_NO_SUCH_OPTION = false" \
        "CONFIG_IPV6 = TRI_MODULE (2)" "CONFIG_NET = 121 'y'" "CONFIG_HZ = 250" \
        "CONFIG_PHYSICAL_START = 16777216" 'CONFIG_DEFAULT_HOSTNAME = "(none)"' "fixed-config"
    output_lacks "host-config"
    # whoever signed it gave the values
    sign --quiet kernel.lskel.h
    run verify --deny danger kernel.lskel.h
    status_is 0
    run verify --deny fixed-config kernel.lskel.h
    status_is 1
    # an unsigned header is from nobody who could have
    "$TOOL" sign --quiet --strip kernel.lskel.h
    run sign kernel.lskel.h
    status_is 3
    output_has "[host-config] CONFIG_PHYSICAL_START"
    run "$TOOL" inspect --deny host-config kernel.lskel.h
    status_is 1
}

@test "--kconfig gives what --set does not" {
    object kernel
    cat >config <<-'END'
	# Linux/x86 6.12.3 Kernel Configuration
	CONFIG_BPF_SYSCALL=y
	# CONFIG_NO_SUCH_OPTION is not set
	CONFIG_IPV6=m
	CONFIG_NET=y
	CONFIG_HZ=100
	CONFIG_PHYSICAL_START=0x1000000
	CONFIG_DEFAULT_HOSTNAME="(none)"
	CONFIG_ANOTHER="x"
	END
    mapfile -t all < <(every)
    sign --quiet "${all[@]}" -o want.lskel.h kernel.bpf.o
    run sign --kconfig config -o got.lskel.h kernel.bpf.o
    status_is 3
    output_has "[host-config] LINUX_KERNEL_VERSION: unless"
    sign --quiet --kconfig config --set CONFIG_HZ=250 --set LINUX_KERNEL_VERSION=6.12.3 -o got.lskel.h kernel.bpf.o
    cmp want.lskel.h got.lskel.h
    gzip -k config
    rm got.lskel.h
    sign --quiet --kconfig config.gz --set CONFIG_HZ=250 --set LINUX_KERNEL_VERSION=6.12.3 -o got.lskel.h kernel.bpf.o
    cmp want.lskel.h got.lskel.h
    # what the file does not say is not assumed
    sed -i '/NO_SUCH/d; /IPV6/d' config
    run sign --kconfig config --set LINUX_KERNEL_VERSION=6.12.3 kernel.bpf.o
    status_is 3
    output_has "[host-config] CONFIG_IPV6, CONFIG_NO_SUCH_OPTION: unless"
}

@test "--kconfig takes a kernel's configuration and nothing else" {
    object kernel
    object tiny
    run sign --kconfig missing tiny.bpf.o
    status_is 3
    output_has "--kconfig missing: " "No such file"
    run sign --kconfig tiny.bpf.o tiny.bpf.o
    status_is 3
    output_has "--kconfig tiny.bpf.o: line 1: expected CONFIG_NAME=VALUE"
    printf 'CONFIG_HZ=y\n' >config
    run sign --kconfig config kernel.bpf.o
    status_is 3
    output_has "CONFIG_HZ: 'y' is not a value for CONFIG_HZ: expected a number"
    # an object that asks for nothing needs nothing of it
    sign --quiet --kconfig config tiny.bpf.o
    cp tiny.lskel.h with.lskel.h
    sign --quiet tiny.bpf.o
    cmp tiny.lskel.h with.lskel.h
    run sign --kconfig config tiny.lskel.h
    status_is 3
    output_has "--kconfig sets variables of an object"
    run sign --no-seal --kconfig config tiny.bpf.o
    status_is 3
    output_has "--kconfig and --max-entries need a sealed loader"
    run sign --kconfig config --kconfig config tiny.bpf.o
    status_is 2
    run sign --strip --kconfig config tiny.lskel.h
    status_is 2
    run sign --quiet --kconfig config -o config tiny.bpf.o
    status_is 3
    output_has "config: is neither a skeleton"
}

@test "with --allow=host-config the values are those of the build host" {
    object kernel
    config=/boot/config-$(uname -r)
    [ -e "$config" ] || config=/proc/config.gz
    [ -e "$config" ] || skip "the configuration of this kernel is not known"
    sign --quiet --allow=host-config kernel.bpf.o
    version=$(uname -r | grep -oE '^[0-9]+\.[0-9]+(\.[0-9]+)?')
    rest=()
    for name in BPF_SYSCALL IPV6 NET HZ PHYSICAL_START DEFAULT_HOSTNAME NO_SUCH_OPTION; do
        zgrep -qE "^(# )?CONFIG_$name( is not set|=)" "$config" || rest+=(--set "CONFIG_$name=0")
    done
    sign --quiet --kconfig "$config" --set "LINUX_KERNEL_VERSION=$version" "${rest[@]}" -o given.lskel.h -n kernel_bpf kernel.bpf.o
    cmp kernel.lskel.h given.lskel.h
    run sign --no-seal --scheme folded --allow=host-config --allow=open-values --allow=open-sizes kernel.bpf.o
    status_is 3
    output_has "only in a sealed loader"
}

@test "without /proc, /sys and /boot values are given as well" {
    make_bare
    object kernel
    mapfile -t all < <(every)
    sign --quiet "${all[@]}" -o here.lskel.h kernel.bpf.o
    bare_sign --quiet "${all[@]}" -o bare.lskel.h kernel.bpf.o
    cmp here.lskel.h bare.lskel.h
    [ ! -d root/proc ] || return 0 # a sanitizer's, with the configuration in it
    run bare_sign --allow=host-config kernel.bpf.o
    status_is 3
    output_has "--allow=host-config: the configuration of this kernel, /proc/config.gz: "
}

# sized TYPE MAX_ENTRIES [LINE]: the object sized.bpf.o, with one map
sized() {
    printf '%s\n' '#include <linux/bpf.h>' '#include <bpf/bpf_helpers.h>' \
        "struct { __uint(type, $1); __uint(max_entries, $2); ${3-} } sized SEC(\".maps\");" \
        'SEC("syscall") int use(void *ctx) { return (long)&sized; }' 'char LICENSE[] SEC("license") = "GPL";' >sized.bpf.c
    clang -O2 -g -target bpf -I"/usr/include/$(cc -print-multiarch)" -c sized.bpf.c -o sized.bpf.o
}

# finds TEXT...: what inspect lists about it has each of them
finds() {
    run "$TOOL" inspect sized.bpf.o
    status_is 0
    output_has "$@"
}

@test "sizes that no kernel takes are refused, and those that one with large pages does not are noted" {
    for type in BPF_MAP_TYPE_RINGBUF BPF_MAP_TYPE_USER_RINGBUF; do
        sized $type 65536
        finds "  none"
        sized $type 32768
        finds "note     small-pages in sized"
        sign --quiet sized.bpf.o
        run sign --max-entries sized=12288 sized.bpf.o
        status_is 3
        output_has "[ring-buffer-size] sized"
    done
    # newer versions of libbpf map an arena, for which the process has no room: they see one page
    sized 33 1048576 "__uint(map_flags, BPF_F_MMAPABLE);"
    finds "max 1048576" "note     small-pages in sized"
    sized 33 1 "__uint(map_flags, BPF_F_MMAPABLE);"
    finds "max 1 " "  none"
    for pages in 65537 1048576; do
        run sign --max-entries "sized=$pages" sized.bpf.o
        status_is 0
        output_has "[small-pages] sized: "
    done
    run sign --max-entries sized=65536 sized.bpf.o
    status_is 0
    output_lacks "small-pages"
    run sign --max-entries sized=1048577 sized.bpf.o
    status_is 3
    output_has "[arena-size] sized: "
}

@test "a map without the sizes that its type needs is refused" {
    local sizes="__uint(key_size, 4); __uint(value_size, 8);"
    sized BPF_MAP_TYPE_HASH 0 "$sizes"
    finds "danger   no-max-entries in sized"
    run sign sized.bpf.o
    status_is 3
    output_has "[no-max-entries] sized: a map has no max_entries, which its type needs" "--max-entries MAP=N"
    [ ! -e sized.lskel.h ]
    sign --quiet --max-entries sized=1 sized.bpf.o
    run "$TOOL" inspect sized.lskel.h
    output_has "max 1" "  none"
    run sign --allow no-max-entries sized.bpf.o
    status_is 0
    output_has "[no-max-entries] sized: "
    run sign --no-seal --allow open-sizes sized.bpf.o # the caller sets it
    status_is 0
    output_lacks "no-max-entries"
    sized BPF_MAP_TYPE_STACK_TRACE 1 "__uint(key_size, 4);"
    run sign sized.bpf.o
    status_is 3
    output_has "[map-layout] sized: " "__uint(value_size, 127 * 8)"
    sized BPF_MAP_TYPE_STACK_TRACE 1 "__uint(key_size, 4); __uint(value_size, 127 * 8);"
    finds "  none"
    sized BPF_MAP_TYPE_TASK_STORAGE 1 "$sizes"
    finds "danger   map-layout in sized"
}

@test "a header that was made for larger pages is warned of" {
    object typical
    bpftool gen skeleton -L typical.bpf.o >typical.lskel.h
    grep -q '\b4096\b' typical.lskel.h || skip "this machine has other pages"
    cp typical.lskel.h large.lskel.h
    sed -i 's/\b4096\b/65536/g' large.lskel.h
    run "$TOOL" inspect typical.lskel.h
    output_lacks "large-pages"
    run "$TOOL" inspect large.lskel.h
    output_has "warning  large-pages in rodata"
    run sign large.lskel.h
    status_is 0
    output_has "warning: large.lskel.h: [large-pages] rodata"
    run verify large.lskel.h
    status_is 0
    output_has "[large-pages]"
    run verify --deny warning large.lskel.h
    status_is 1
    run sign --deny large-pages large.lskel.h
    status_is 3
}
