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
    : >target/real.h
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

# --- folders that others can write to ---

# root_only: the test makes files of another user
root_only() {
    [ "$(id -u)" -eq 0 ] || skip "only root makes files of another user"
}

# sticky NAME: a folder of this test where everybody may write
sticky() {
    mkdir -p "$1"
    chmod 1777 "$1"
}

# of_other FILE...: they belong to another user
of_other() {
    chown -h 65534:65534 "$@"
}

@test "a symbolic link of somebody else in a sticky folder is not followed, wherever it stands" {
    root_only
    object tiny
    sign -q tiny.bpf.o
    sticky open
    mkdir ours
    echo old >ours/file
    cp ours/file before
    for place in out.lskel.h out.chain.p7s record.jsonl; do ln -s ../ours/file open/$place; done
    ln -s ../ours open/folder
    mkdir empty
    ln -s ../empty open/request
    ln -s ../absent open/new
    ln -s ../open/out.lskel.h ours/indirect
    of_other open/*
    for place in open/out.lskel.h "$PWD/open/out.lskel.h" open/../open/./out.lskel.h open/new open/folder/file \
        open/folder/new open/folder/../ours/file ours/indirect; do
        run sign -o "$place" tiny.bpf.o
        status_is 3
        output_has "tiny.bpf.o: $place: " "is a symbolic link of another user (65534)"
        run "$TOOL" sign --strip -o "$place" tiny.lskel.h
        status_is 3
    done
    run sign --detached -o open/out tiny.bpf.o
    status_is 3
    output_has "open/out.chain.p7s: " "of another user"
    run sign --record open/record.jsonl tiny.bpf.o
    status_is 3
    output_has "open/record.jsonl: " "of another user"
    run verify --record open/record.jsonl tiny.lskel.h
    status_is 3
    for folder in open/request open/request/ open/folder/request open/new; do
        run "$TOOL" sign --prepare $folder tiny.bpf.o
        status_is 3
        output_has "of another user"
    done
    cmp ours/file before
    [ "$(ls -A ours)" = $'file\nindirect' ]
    [ ! -e absent ] && [ -z "$(ls -A empty)" ]
    [ -z "$(find . -name '.bpf-chainsign.*')" ]
    [ ! -e open/out.folded.p7s ]
}

@test "a link of our own, of the folder's owner, or in a folder that is not sticky is followed" {
    root_only
    object tiny
    sticky open
    sticky theirs
    mkdir plain ours
    chmod 0777 plain
    ln -s ../ours/a open/own
    ln -s ../ours/b theirs/owners
    ln -s ../ours/c plain/link
    touch ours/a ours/b ours/c
    of_other theirs theirs/owners plain/link
    for link in open/own theirs/owners plain/link; do
        sign -q -o $link tiny.bpf.o
        [ -L $link ]
        verify -q $link
    done
    # what is no link, and in no such folder, is as it always was
    mkdir -p 'deep/with a name'
    sign -q -o "./deep//with a name/../with a name/out.h" tiny.bpf.o
    verify -q 'deep/with a name/out.h'
    (cd deep && sign -q -o ../up.h ../tiny.bpf.o)
    verify -q up.h
    ln -s "$PWD/deep" absolute
    sign -q -o 'absolute/with a name/new.h' tiny.bpf.o
    verify -q 'deep/with a name/new.h'
    run sign -o up.h/ tiny.bpf.o
    status_is 3
    run sign -o new.h/ tiny.bpf.o
    status_is 3
    run sign -o up.h/x tiny.bpf.o
    status_is 3
    output_has "Not a directory"
    ln -s loop2 loop1
    ln -s loop1 loop2
    run sign -o loop1 tiny.bpf.o
    status_is 3
    output_has "Too many levels of symbolic links"
}

@test "a file of somebody else in a sticky folder is not replaced, and lends nothing to what we write" {
    root_only
    object tiny
    sticky open
    echo theirs >open/out.h
    chmod 0666 open/out.h
    of_other open/out.h
    run sign -o open/out.h tiny.bpf.o
    status_is 3
    output_has "open/out.h: " "is a file of another user (65534)"
    [ "$(<open/out.h)" = theirs ]
    : >suid.h
    chmod 4755 suid.h
    sign -q -o suid.h tiny.bpf.o
    [ "$(stat -c %a suid.h)" = 755 ]
}

@test "--prepare takes an empty folder only if it is ours, and nobody else can write to it" {
    object tiny
    mkdir request
    for mode in 777 775 757 1777; do
        chmod $mode request
        run "$TOOL" sign --prepare request tiny.bpf.o
        status_is 3
        output_has "request: other users can write to the folder" "chmod go-w"
        [ -z "$(ls -A request)" ]
    done
    chmod 755 request
    "$TOOL" sign -q --prepare request tiny.bpf.o
    [ "$(stat -c %a request)" = 755 ]
    # a new one is not either, whatever the umask
    (umask 0 && "$TOOL" sign -q --prepare new tiny.bpf.o)
    [ "$(stat -c %a new)" = 755 ]
    (umask 077 && "$TOOL" sign -q --prepare mine tiny.bpf.o)
    [ "$(stat -c %a mine)" = 700 ]
    root_only
    mkdir theirs
    of_other theirs
    run "$TOOL" sign --prepare theirs tiny.bpf.o
    status_is 3
    output_has "theirs: the folder belongs to another user (65534)"
    [ -z "$(ls -A theirs)" ]
}

# --- sets of signatures ---

# failing FUNCTION N: fail.so, in which the N-th call of a function that takes names fails
failing() {
    cat >fail.c <<END
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
int $1(int a, const char *b, int c, const char *d, int e)
{
	int (*real)(int, const char *, int, const char *, int) = dlsym(RTLD_NEXT, "$1");
	static int calls;

	if (++calls != $2)
		return real(a, b, c, d, e);
	errno = EIO;
	return -1;
}
END
    cc -shared -fPIC -o fail.so fail.c -ldl
}

preloaded() {
    ASAN_OPTIONS=verify_asan_link_order=0 LD_PRELOAD=$PWD/fail.so "$@"
}

@test "detached signatures come together or not at all, and the old ones stand if one cannot be placed" {
    object tiny
    sign -q --detached -o new tiny.bpf.o
    rm new.*
    for n in 1 2 3; do
        failing renameat $n
        # none is there
        run preloaded "$TOOL" sign -k "$KEYS/p256.key" -c "$KEYS/p256.crt" --detached -o out tiny.bpf.o
        status_is 3
        output_has "tiny.bpf.o: out." "cannot rename the new file into place"
        [ -z "$(find . -name 'out.*' -o -name '.bpf-chainsign*')" ]
        # the set of another key, without one of them, is
        sign -q --detached -o out tiny.bpf.o
        rm out.folded.p7s
        ln out.chain.p7s kept
        mkdir old
        cp out.*.p7s old
        run preloaded "$TOOL" sign -k "$KEYS/p256.key" -c "$KEYS/p256.crt" --detached -o out tiny.bpf.o
        status_is 3
        [ "$(ls out.*)" = $'out.chain.p7s\nout.insns.p7s' ]
        for signature in out.*.p7s; do cmp "$signature" "old/$signature"; done
        [ kept -ef out.chain.p7s ]
        [ -z "$(find . -name '.bpf-chainsign*')" ]
        rm -r old kept out.*
    done
    # a file system without hard links
    failing linkat 2
    sign -q --detached -o out tiny.bpf.o
    preloaded "$TOOL" sign -q -k "$KEYS/p256.key" -c "$KEYS/p256.crt" --detached -o out tiny.bpf.o
    for scheme in chain folded insns; do
        "$TOOL" verify -q -c "$KEYS/p256.crt" -s $scheme --signature out.$scheme.p7s tiny.bpf.o
    done
    [ -z "$(find . -name '.bpf-chainsign*')" ]
}

@test "two names of one file are not two signatures" {
    object tiny
    sign -q --detached -o out tiny.bpf.o
    ln -sf out.folded.p7s out.chain.p7s
    cp out.folded.p7s before
    run "$TOOL" sign -k "$KEYS/p256.key" -c "$KEYS/p256.crt" --detached -o out tiny.bpf.o
    status_is 3
    output_has "is already the output of tiny.bpf.o"
    cmp out.folded.p7s before
}

@test "an input that failed keeps no place from another" {
    object tiny
    mkdir sub
    cp tiny.bpf.o sub/tiny.o
    failing renameat 1
    run preloaded "$TOOL" sign --keep-going -j 1 -k "$KEYS/p256.key" -c "$KEYS/p256.crt" tiny.bpf.o ./tiny.bpf.o
    status_is 3
    output_has "tiny.bpf.o: tiny.lskel.h: cannot rename" "1 signed, 1 failed"
}
