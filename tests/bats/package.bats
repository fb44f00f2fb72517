#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-2-Clause
# ci/verify-package: what a package ships is unpacked and verified, and nothing is written elsewhere

load common

export BPF_CHAINSIGN=$TOOL

setup() {
    cd "$BATS_TEST_TMPDIR" || return 1
    mkdir tmp
    export TMPDIR=$PWD/tmp
}

# Whatever happened, the temporary folder is gone.
teardown() {
    [ -z "$(ls -A tmp)" ]
}

check() {
    "$ROOT/ci/verify-package" --cert="$KEYS/rsa2048.crt" "$@"
}

# signed_root: the folder "root", as a package installs it, with a program that carries a signed image
signed_root() {
    object tiny
    sign --quiet --format image tiny.bpf.o
    "$ROOT/tests/program/carry" tiny tiny.bpf.signed >tiny.c
    echo 'int tiny_used(void); int main(void) { return !tiny_used(); }' >main.c
    mkdir -p root/usr/bin root/usr/lib root/usr/share
    cc tiny.c main.c -o root/usr/bin/prog
    # Links of a package lead to what others install, or to this machine's own files.
    ln -s /usr/lib root/usr/lib/folder
    ln -s libtiny.so.1 root/usr/lib/libtiny.so
    ln -s "$PWD/root/usr/bin/prog" root/usr/bin/own
    echo text >root/usr/share/text
}

# tampered: one byte of that image is another
tampered() {
    perl -0777 -pi -e 'substr($_, index($_, "tiny_bpf") + 1000, 1) ^= "\x01"' "$1"
}

# deb NAME: root as NAME.deb
deb() {
    mkdir -p root/DEBIAN
    printf '%s\n' "Package: $1" 'Version: 1' 'Architecture: all' 'Maintainer: test <test@example.org>' \
        'Description: test' >root/DEBIAN/control
    dpkg-deb --root-owner-group -b root "$1.deb" >/dev/null
    rm -r root/DEBIAN
}

# rpm_: root as signed-1-1.noarch.rpm
rpm_() {
    cat >signed.spec <<'SPEC'
Name: signed
Version: 1
Release: 1
Summary: test
License: BSD
BuildArch: noarch
%global __os_install_post %{nil}
%global _binaries_in_noarch_packages_terminate_build 0
AutoReqProv: no
%description
test
%install
cp -a %{root}/. %{buildroot}
%files
/usr
SPEC
    rpmbuild -bb --quiet --define "root $PWD/root" --define "_topdir $PWD/rpm" signed.spec
    mv rpm/RPMS/noarch/signed-1-1.noarch.rpm .
}

# hostile FILE PYTHON: a tar archive, to which the code adds members with file(name), link(name, to) ...
hostile() {
    python3 - "$1" "$2" <<'END'
import io, sys, tarfile
with tarfile.open(sys.argv[1], "w", format=tarfile.GNU_FORMAT) as tar:
    def add(name, kind, to="", text=b""):
        info = tarfile.TarInfo(name)
        info.type, info.linkname, info.size = kind, to, len(text)
        tar.addfile(info, io.BytesIO(text))
    def file(name): add(name, tarfile.REGTYPE, text=b"hostile\n")
    def link(name, to): add(name, tarfile.SYMTYPE, to)
    def hard(name, to): add(name, tarfile.LNKTYPE, to)
    def other(name, kind): add(name, kind)
    exec(sys.argv[2])
END
}

# outside: every path of the test's folder but the temporary one, with contents
outside() {
    find . -path ./tmp -prune -o -type f -exec sha256sum {} + -o -printf '%p %l\n' | LC_ALL=C sort
}

@test "a .deb is accepted, or rejected after one byte of it changed" {
    signed_root
    deb good
    run check good.deb
    status_is 0
    output_has "good.deb/usr/bin/prog#tiny_bpf: accepted"
    output_lacks text own
    tampered root/usr/bin/prog
    deb bad
    run check bad.deb
    status_is 1
    output_has "bad.deb/usr/bin/prog#tiny_bpf: rejected"
    run check good.deb bad.deb
    status_is 1
    output_has "1 accepted, 1 rejected"
    run "$ROOT/ci/verify-package" --cert="$KEYS/unrelated.crt" good.deb
    status_is 1
}

@test "an .rpm is accepted, or rejected after one byte of it changed" {
    command -v rpmbuild >/dev/null || skip "no rpmbuild"
    signed_root
    rpm_
    run check signed-1-1.noarch.rpm
    status_is 0
    output_has "signed-1-1.noarch.rpm/usr/bin/prog#tiny_bpf: accepted"
    tampered root/usr/bin/prog
    rpm_
    run check signed-1-1.noarch.rpm
    status_is 1
    output_has "rejected"
}

@test "a folder and tar archives, compressed or not" {
    signed_root
    run check root
    status_is 0
    output_has "root/usr/bin/prog#tiny_bpf: accepted" "1 accepted"
    output_lacks own
    tar -C root -cf image.tar .
    gzip -k image.tar
    xz -k image.tar
    bzip2 -k image.tar
    run check image.tar image.tar.gz image.tar.xz image.tar.bz2
    status_is 0
    output_has "image.tar.xz/usr/bin/prog#tiny_bpf: accepted" "4 accepted"
    tampered root/usr/bin/prog
    run check root/
    status_is 1
    output_has "root/usr/bin/prog#tiny_bpf: rejected"
}

@test "each layer of a container image is judged, also what a later one hides" {
    signed_root
    mkdir -p image/blobs/sha256 hidden/usr/bin
    tar -C root -czf image/blobs/sha256/two .
    cp root/usr/bin/prog hidden/usr/bin
    echo '{"imageLayoutVersion": "1.0.0"}' >image/oci-layout
    echo '{}' >image/blobs/sha256/config
    tar -C hidden -cf image/blobs/sha256/one .
    tar -C image -cf image.tar .
    run check image.tar
    status_is 0
    output_has "image.tar/blobs/sha256/one/usr/bin/prog#tiny_bpf: accepted" \
        "image.tar/blobs/sha256/two/usr/bin/prog#tiny_bpf: accepted"
    tampered hidden/usr/bin/prog
    tar -C hidden -cf image/blobs/sha256/one .
    run check image
    status_is 1
    output_has "image/blobs/sha256/one/usr/bin/prog#tiny_bpf: rejected"
}

@test "no signed BPF is status 1, and so is an object; what is no package is status 3" {
    mkdir root
    echo text >root/text
    deb none
    run check none.deb
    status_is 1
    output_has "none.deb: ships no signed BPF"
    signed_root
    cp tiny.bpf.o root/usr/lib
    deb object
    run check object.deb
    status_is 1
    output_has "object.deb/usr/bin/prog#tiny_bpf: accepted" "object.deb/usr/lib/tiny.bpf.o: unsigned"
    run check tiny.bpf.o
    status_is 3
    output_has "tiny.bpf.o: expected a .deb, an .rpm, a tar archive or a folder"
    head -c -200 object.deb >cut.deb
    run check cut.deb
    status_is 3
    output_has "cut.deb: cannot be unpacked"
    run check missing.deb
    status_is 3
    output_has "missing.deb: cannot be read"
}

@test "options are those of verify, files are found from where it was called" {
    signed_root
    deb good
    mkdir below
    cp "$KEYS/rsa2048.crt" below/signing.crt
    pushd below >/dev/null
    run "$ROOT/ci/verify-package" --cert signing.crt --record=record --json ../good.deb
    status_is 0
    [ "$(python3 -c 'import json, sys; print(json.load(sys.stdin)["results"][0]["file"])' <<<"$output")" = \
        good.deb/usr/bin/prog#tiny_bpf ]
    grep -q '"good.deb/usr/bin/prog#tiny_bpf"' record
    popd >/dev/null
    run "$ROOT/ci/verify-package" --cert=below/signing.crt --deny=no-such-finding good.deb
    status_is 2
    run "$ROOT/ci/verify-package"
    status_is 2
    output_has usage
    run check good.deb ./good.deb
    status_is 2
    output_has "two packages have this name"
    BPF_CHAINSIGN=./none run check good.deb
    status_is 3
    output_has "./none: not found"
}

@test "a hostile archive writes nothing outside of the temporary folder" {
    local code before
    echo mine >victim
    mkdir folder
    while IFS= read -r code; do
        hostile bad.tar "$code"
        before=$(outside)
        run check bad.tar
        [ "$status" -eq 1 ] || [ "$status" -eq 3 ]
        output_lacks hostile
        diff <(echo "$before") <(outside)
    done <<END
file("../victim"); file("../../victim"); file("../../../victim"); file("a/../../../../victim")
file("$PWD/victim")
link("a", "$PWD"); file("a/victim")
link("a", "../../.."); file("a/victim")
link("a", "b"); link("b", "$PWD/folder"); file("a/new")
link("x", "$PWD/victim"); file("x")
hard("x", "$PWD/victim"); file("x")
hard("x", "../../../victim"); file("x")
link("a", "$PWD"); hard("x", "a/victim"); file("x")
link("./a/..", "$PWD"); file("./a/../victim")
other("null", tarfile.CHRTYPE); other("pipe", tarfile.FIFOTYPE); file("pipe")
END
    hostile data.tar 'file("../../../victim"); link("a", "/"); file("a/new")'
    hostile control.tar 'file("control")'
    echo 2.0 >debian-binary
    ar rc bad.deb debian-binary control.tar data.tar
    before=$(outside)
    run check bad.deb
    status_is 3
    diff <(echo "$before") <(outside)
    # a layer, which comes out of an archive itself
    mkdir image
    echo '{}' >image/oci-layout
    hostile image/layer "link('a', '$PWD'); file('a/victim')"
    run check image
    status_is 3
    [ "$(cat victim)" = mine ]
}

@test "a package holds as much as it may, and no more" {
    export BPF_PACKAGE_MIB=2
    signed_root
    deb good
    run check good.deb
    status_is 0
    head -c 3M /dev/zero >root/zeros
    tar -C root -czf big.tar.gz .
    run check big.tar.gz
    status_is 3
    output_has "big.tar.gz: cannot be unpacked" "more than 2 MiB"
    rm root/zeros
    truncate -s 1T root/sparse
    tar -C root -Scf sparse.tar .
    run check sparse.tar
    status_is 3
    output_has "sparse.tar: cannot be unpacked"
    BPF_PACKAGE_MIB=-1 run check good.deb
    status_is 2
}
