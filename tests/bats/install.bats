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

# block NAME: the commands of docs/ci.md between "```sh NAME" and "```"
block() {
    awk -v name="$1" '$0 == "```sh " name { on = found = 1; next } $0 == "```" { on = 0 } on
        END { exit !found }' "$ROOT/docs/ci.md"
}

@test "release: checksums and a signature by any key, which the commands of docs/ci.md check" {
    local kind
    block release >check.sh
    repository
    for kind in "RSA -pkeyopt rsa_keygen_bits:2048" "EC -pkeyopt ec_paramgen_curve:P-256" ed25519; do
        # shellcheck disable=SC2086
        openssl genpkey -quiet -algorithm $kind -out "$PWD/release.key" 2>/dev/null ||
            openssl genpkey -algorithm $kind -out "$PWD/release.key" 2>/dev/null
        env -u MAKEFLAGS make -s -C repository O=build release RELEASE_KEY="$PWD/release.key"
        rm -rf got
        cp -r repository/build/release got
        [ "$(cd got && echo *)" = "SHA256SUMS SHA256SUMS.sig bpf-chainsign-$(version).tar.xz release.pub" ]
        pushd got >/dev/null
        run bash -eu ../check.sh
        status_is 0
        output_has "Signature Verified Successfully" "bpf-chainsign-$(version).tar.xz: OK"
        echo more >>"bpf-chainsign-$(version).tar.xz"
        run bash -eu ../check.sh
        status_is 1
        sha256sum -- *.tar.xz >SHA256SUMS
        run bash -eu ../check.sh
        [ "$status" -ne 0 ]
        output_lacks ": OK"
        popd >/dev/null
    done
}

version() {
    sed -n 's/^VERSION := //p' "$ROOT/Makefile"
}

@test "release: the same twice; not without a key, not of changes" {
    repository
    openssl genpkey -algorithm ed25519 -out release.key
    git clone -q repository other
    for folder in repository other; do
        env -u MAKEFLAGS make -s -C $folder O=build release RELEASE_KEY="$PWD/release.key"
    done
    diff -r repository/build/release other/build/release
    run env -u MAKEFLAGS make -s -C other O=build release
    [ "$status" -ne 0 ]
    output_has "no key is named: make release RELEASE_KEY=FILE"
    run env -u MAKEFLAGS make -s -C other O=build release RELEASE_KEY=missing
    [ "$status" -ne 0 ]
    run env -u MAKEFLAGS make -s -C other O=build release RELEASE_KEY="$PWD/release.key"
    status_is 0
    output_has "HEAD does not have the tag v$(version)"
    git -C other tag "v$(version)"
    run env -u MAKEFLAGS make -s -C other O=build release RELEASE_KEY="$PWD/release.key"
    status_is 0
    output_lacks "does not have the tag"
    echo change >>other/README.md
    run env -u MAKEFLAGS make -s -C other O=build release RELEASE_KEY="$PWD/release.key"
    [ "$status" -ne 0 ]
    output_has "not committed"
    [ -e other/build/release/SHA256SUMS.sig ] # of before
}

@test "what the manual page names is installed, under the names that it says" {
    make_ install DESTDIR="$PWD/root" PREFIX=/usr
    local name
    while read -r name; do
        [ -s "root/usr/share/doc/bpf-chainsign/$name" ] || { echo "docs/$name is not installed"; false; }
    done < <(sed 's/\\-/-/g' "$ROOT/man/bpf-chainsign.1" | grep -oE 'docs/[A-Za-z.-]+[a-z]' | sed 's/^docs.//' | sort -u)
    [ "$(cd root/usr/share/doc/bpf-chainsign && ls ./*.schema.json)" = "./output.schema.json
./record.schema.json" ]
    [ -x root/usr/share/bpf-chainsign/verify-package ]
    grep -qF 'share/doc/bpf\-chainsign/' "$ROOT/man/bpf-chainsign.1"
    grep -qF 'share/bpf\-chainsign/verify\-package' "$ROOT/man/bpf-chainsign.1"
}
