#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-2-Clause
#
# make install, make uninstall, make dist.

load common

# make as a person would call it, with what is built; not a part of the make that runs the tests
make_() {
    env -u MAKEFLAGS -u MAKELEVEL -u DESTDIR -u PREFIX make -s -C "$ROOT" O="$BUILD" -o "$TOOL" "$@"
}

# repository: the tree as one commit in the folder "repository", with nothing of this machine's git
repository() {
    export HOME=$PWD GIT_CONFIG_NOSYSTEM=1 GIT_AUTHOR_NAME=test GIT_AUTHOR_EMAIL=test@example.org
    export GIT_COMMITTER_NAME=test GIT_COMMITTER_EMAIL=test@example.org
    export GIT_AUTHOR_DATE='1700000000 +0000' GIT_COMMITTER_DATE='1700000000 +0000'
    mkdir repository
    tar -C "$ROOT" --exclude=./.git --exclude='./build*' -cf - . | tar -C repository -xf -
    git -C repository init -q
    git -C repository add -A
    git -C repository commit -q -m test
}

@test "install puts the program and its manual page where they are looked for" {
    make_ install DESTDIR="$PWD/a b" PREFIX=/usr
    [ "$('a b/usr/bin/bpf-chainsign' --version)" = "$("$TOOL" --version)" ]
    [ "$(MANPATH="$PWD/a b/usr/share/man" man -w bpf-chainsign)" = \
        "$PWD/a b/usr/share/man/man1/bpf-chainsign.1" ]
    [ -z "$(find 'a b' -type f -perm /022)" ]
}

@test "uninstall leaves nothing behind, and nothing of others is removed" {
    make_ install DESTDIR="$PWD/root" PREFIX=/usr
    echo theirs >root/usr/bin/other
    make_ uninstall DESTDIR="$PWD/root" PREFIX=/usr
    run find root ! -type d -o -name '*chainsign*'
    status_is 0
    [ "$output" = root/usr/bin/other ]
}

@test "uninstall can be repeated" {
    make_ uninstall DESTDIR="$PWD/root" PREFIX=/usr
    [ ! -e root ]
}

@test "dist gives the same bytes whatever the umask, time zone, locale and settings" {
    repository
    umask 022
    git clone -q repository one
    env -u MAKEFLAGS make -s -C one O=build dist
    umask 077
    git clone -q repository two
    git config --global tar.umask 0
    git config --global core.autocrlf true
    touch -d '1 hour ago' two/Makefile
    TZ=Asia/Tokyo LC_ALL=C XZ_OPT=-9e XZ_DEFAULTS=-T4 env -u MAKEFLAGS make -s -C two O=build dist
    cmp one/build/bpf-chainsign-*.tar.xz two/build/bpf-chainsign-*.tar.xz
}

@test "dist holds the files of HEAD, nobody's names, and one time" {
    repository
    echo change >>repository/README.md
    run env -u MAKEFLAGS make -s -C repository O=build dist
    status_is 0
    output_has "not committed"
    tar --utc --full-time -tvf repository/build/bpf-chainsign-*.tar.xz >list
    run grep -v ' root/root .* 2023-11-14 22:13:20 bpf-chainsign-[0-9.]*/' list
    status_is 1
    diff <(git -C repository ls-files | sort) \
        <(grep -v '/$' list | sed 's/.* bpf-chainsign-[0-9.]*\///' | sort)
    tar --strip-components=1 -xf repository/build/bpf-chainsign-*.tar.xz --wildcards '*/README.md'
    git -C repository show HEAD:README.md | cmp - README.md
}
