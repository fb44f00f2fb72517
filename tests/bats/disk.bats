#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-2-Clause
# Disks that are full, files that are none, and two at once: whole or not at all, and a message.

load common

# apart COMMAND...: in a mount namespace of its own. Only root makes one in a chroot, where it cannot be
# cut off from its parent: what is mounted is unmounted again.
apart() {
    if [ "$(id -u)" -ne 0 ]; then
        unshare -Urm "$@"
    elif unshare -m true 2>/dev/null; then
        unshare -m "$@"
    else
        unshare -m --propagation unchanged "$@"
    fi
}

# on_small_disk FILE COMMAND...: with FILE alone on a file system of 64 KiB, in a mount namespace of its
# own; "left" is what was there afterwards, and FILE is copied back
on_small_disk() {
    mkdir disk
    # shellcheck disable=SC2016
    apart sh -c 'mount -t tmpfs -o size=64k none disk && cp "$1" disk && cd disk || exit 99
        file=$1; shift; "$@"
        status=$?; ls -A >../left; cp "$file" ..; cd .. && umount disk; exit $status' sh "$@"
}

# only FILE...: the folder holds these files and no other
only() {
    [ "$(printf '%s\n' "$@" | LC_ALL=C sort)" = "$(LC_ALL=C ls -A)" ] || { ls -A; return 1; }
}

@test "a full disk leaves the old header as it was, and nothing else" {
    object typical
    sign -q typical.bpf.o
    cp typical.lskel.h before
    [ "$(stat -c %s before)" -gt 33000 ] # not twice on that disk
    run on_small_disk typical.lskel.h \
        "$TOOL" sign --key "$KEYS/rsa4096.key" --cert "$KEYS/rsa4096.crt" typical.lskel.h
    status_is 3
    output_has "typical.lskel.h: " "No space left on device"
    cmp typical.lskel.h before
    [ "$(<left)" = typical.lskel.h ]
}

@test "a folder that cannot be written: a message, nothing left" {
    object tiny
    mkdir ro
    # shellcheck disable=SC2016
    run apart sh -c 'mount -t tmpfs -o ro none ro && "$@"; status=$?; umount ro; exit $status' sh \
        "$TOOL" sign --key "$KEYS/rsa2048.key" --cert "$KEYS/rsa2048.crt" -o ro/out.lskel.h tiny.bpf.o
    status_is 3
    output_has "ro/out.lskel.h: " "Read-only file system"
}

@test "a folder that is not there, an output that is a folder" {
    object tiny
    run sign -o nowhere/out.lskel.h tiny.bpf.o
    status_is 3
    output_has "nowhere/out.lskel.h: " "No such file or directory"
    mkdir out.lskel.h
    run sign -o out.lskel.h tiny.bpf.o
    status_is 3
    output_has "out.lskel.h: "
    only out.lskel.h tiny.bpf.o
}

@test "an input that is not there, cannot be read or is no file: a message at once" {
    mkfifo fifo
    mkdir folder.h
    ln -s nothing dangling
    ln -s loop loop
    for input in missing fifo /dev/zero /dev/full folder.h dangling loop; do
        for command in inspect chain "verify --cert $KEYS/rsa2048.crt"; do
            # shellcheck disable=SC2086
            run timeout 5 "$TOOL" $command "$input"
            status_is 3
            output_has "bpf-chainsign: $input: "
        done
        run timeout 5 "$TOOL" verify --cert "$input" fifo
        status_is 3
        output_has "bpf-chainsign: "
    done
}

@test "an input that grows while it is read is refused" {
    object tiny
    cat >grow.c <<'END'
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <unistd.h>
ssize_t read(int fd, void *data, size_t size)
{
	ssize_t (*real)(int, void *, size_t) = dlsym(RTLD_NEXT, "read");
	int out = open("tiny.bpf.o", O_WRONLY | O_APPEND);

	if (write(out, "more", 4) != 4)
		_exit(99);
	close(out);
	return real(fd, data, size);
}
ssize_t __read_chk(int fd, void *data, size_t size, size_t room)
{
	return size > room ? -1 : read(fd, data, size);
}
END
    cc -shared -fPIC -o grow.so grow.c -ldl
    ASAN_OPTIONS=verify_asan_link_order=0 LD_PRELOAD=$PWD/grow.so run "$TOOL" inspect tiny.bpf.o
    status_is 3
    output_has "tiny.bpf.o: " "changed"
}

@test "an output that is a symbolic link: its target is replaced, the link stays" {
    object tiny
    mkdir target
    echo old >target/real.h
    ln -s target/real.h out.lskel.h
    sign -q -o out.lskel.h tiny.bpf.o
    [ -L out.lskel.h ]
    verify -q target/real.h
    only out.lskel.h target tiny.bpf.o
    [ "$(ls -A target)" = real.h ]
}

@test "an existing output keeps its mode, a new one has the umask's" {
    object tiny
    umask 027
    sign -q tiny.bpf.o
    [ "$(stat -c %a tiny.lskel.h)" = 640 ]
    chmod 604 tiny.lskel.h
    sign -q tiny.bpf.o
    [ "$(stat -c %a tiny.lskel.h)" = 604 ]
}

@test "many runs on one output at once: each ends well, and the output is one of theirs" {
    object tiny
    sign -q -o one tiny.bpf.o
    "$TOOL" sign -q --key "$KEYS/p256.key" --cert "$KEYS/p256.crt" -o two tiny.bpf.o
    pids=()
    for _ in {1..8}; do
        sign -q -o out.lskel.h tiny.bpf.o & pids+=($!)
        "$TOOL" sign -q --key "$KEYS/p384.key" --cert "$KEYS/p384.crt" -o out.lskel.h tiny.bpf.o & pids+=($!)
    done
    for pid in "${pids[@]}"; do wait "$pid"; done
    cmp -s out.lskel.h one || "$TOOL" verify -q --cert "$KEYS/p384.crt" out.lskel.h
    only one two out.lskel.h tiny.bpf.o
}

@test "results that cannot be written are status 3" {
    object tiny
    sign -q tiny.bpf.o
    for command in "verify --cert $KEYS/rsa2048.crt" inspect chain; do
        # shellcheck disable=SC2086
        run sh -c '"$@" >/dev/full' sh "$TOOL" $command tiny.lskel.h
        status_is 3
        output_has "cannot write the results: No space left on device"
        # shellcheck disable=SC2086
        run sh -c '"$@" >&-' sh "$TOOL" $command tiny.lskel.h
        status_is 3
    done
}
