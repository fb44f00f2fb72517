#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-2-Clause
#
# Projects that sign in their build: make/bpf-chainsign.mk, the CMake package, the examples.
#
# Each test is a shell of its own, and what one exports is not for the next.
# shellcheck disable=SC2030,SC2031

load common

# make and cmake as a person would call them, not as a part of the make that runs the tests
unset MAKEFLAGS MAKELEVEL DESTDIR PREFIX CFLAGS V

# checkout FOLDER: the tree without what was built
checkout() {
    mkdir -p "$1"
    tar -C "$ROOT" --exclude=./.git --exclude='build' --exclude='build-*' --exclude='*.lskel.h' \
        --exclude='*.bpf.o' --exclude='*.signer' --exclude=xdp_count -cf - . |
        tar -C "$1" -xf -
}

# use_key NAME: that test key signs
use_key() {
    export BPF_CHAINSIGN_KEY=$KEYS/$1.key BPF_CHAINSIGN_CERT=$KEYS/$1.crt
}

# many N: a project of N BPF programs in the current folder
many() {
    local i
    cp "$ROOT/tests/data/tiny.bpf.c" .
    for ((i = 0; i < $1; i++)); do
        cp tiny.bpf.c "p$i.bpf.c"
    done
    rm tiny.bpf.c
    cat >Makefile <<'MAKE'
BPF_CHAINSIGN_HEADERS := $(patsubst %.bpf.c,%.lskel.h,$(wildcard *.bpf.c))
include $(ROOT)/make/bpf-chainsign.mk
all: $(BPF_CHAINSIGN_HEADERS)
%.bpf.o: %.bpf.c
	@clang -O2 -g -target bpf -I/usr/include/$(shell $(CC) -print-multiarch) -c $< -o $@
.SECONDARY:
MAKE
    export BPF_CHAINSIGN=$TOOL
}

# signed_by NAME FILE...: whose signature the headers have
signed_by() {
    local name=$1
    shift
    "$TOOL" verify --quiet --cert "$KEYS/$name.crt" "$@"
}

# changed_by COMMAND...: the headers that it made anew, in one line
changed_by() {
    touch now
    sleep 0.02
    "$@" >changed.log 2>&1 || { cat changed.log; return 1; }
    find . -name '*.lskel.h' -newer now | sort | xargs
}

@test "make: a header for each object, signed, in one quiet line each" {
    many 2
    use_key rsa2048
    run make
    status_is 0
    [ "$(grep -c '^  SIGN     p[01].lskel.h$' <<<"$output")" -eq 2 ]
    [ "$(wc -l <<<"$output")" -eq 2 ]
    signed_by rsa2048 p0.lskel.h p1.lskel.h
    grep -q 'p0_bpf__load' p0.lskel.h
}

@test "make: V=1 shows the command, which does not name the key" {
    many 1
    use_key rsa2048
    run make V=1
    status_is 0
    output_has "sign --quiet  -o p0.lskel.h p0.bpf.o"
    [[ $output != *rsa2048* ]]
    touch p0.bpf.c
    run make V=0
    output_has "  SIGN     p0.lskel.h"
}

@test "make: nothing changed, nothing is signed" {
    many 3
    use_key p256
    make
    [ -z "$(changed_by make)" ]
    run make
    output_has "Nothing to be done"
}

@test "make: what is signed anew is what was touched" {
    many 3
    use_key rsa2048
    make
    touch p1.bpf.c
    [ "$(changed_by make)" = ./p1.lskel.h ]
    signed_by rsa2048 p?.lskel.h
}

@test "make: another key, another certificate, other options sign anew" {
    many 2
    use_key rsa2048
    make
    use_key p256
    [ "$(changed_by make)" = "./p0.lskel.h ./p1.lskel.h" ]
    signed_by p256 p?.lskel.h
    cp "$KEYS/p256.crt" own.crt
    [ "$(changed_by make BPF_CHAINSIGN_CERT=own.crt)" = "./p0.lskel.h ./p1.lskel.h" ]
    [ "$(changed_by make BPF_CHAINSIGN_CERT=own.crt BPF_CHAINSIGN_FLAGS=--hash=sha384)" = \
        "./p0.lskel.h ./p1.lskel.h" ]
}

@test "make: a file of key or certificate with other contents signs anew, the same written again does not" {
    many 1
    cp "$KEYS/rsa2048.key" 'our key' && cp "$KEYS/rsa2048.crt" "our'certificate"
    export BPF_CHAINSIGN_KEY='our key' BPF_CHAINSIGN_CERT="our'certificate"
    make
    cp "$KEYS/rsa2048.key" 'our key' && touch "our'certificate"
    [ -z "$(changed_by make)" ]
    cp "$KEYS/p384.key" 'our key' && cp "$KEYS/p384.crt" "our'certificate"
    [ "$(changed_by make)" = ./p0.lskel.h ]
    signed_by p384 p0.lskel.h
}

@test "make: options of one header alone" {
    many 2
    echo 'p1.lskel.h: BPF_CHAINSIGN_FLAGS = --scheme folded' >>Makefile
    use_key rsa2048
    make
    grep -q opts_sig_chain p0.lskel.h
    run grep -q opts_sig_chain p1.lskel.h
    status_is 1
    [ -z "$(changed_by make)" ]
}

@test "make: a PIN in a pkcs11: URI is not kept" {
    many 1
    run make BPF_CHAINSIGN_KEY='pkcs11:object=sig;type=private?pin-value=hunter2'
    [ "$status" -ne 0 ]
    grep -q 'object=sig' p0.signer
    run grep -r hunter2 .
    status_is 1
}

@test "make: -j8 gives the same bytes" {
    many 12
    use_key rsa2048
    make
    sha256sum ./*.lskel.h >sums
    rm ./*.lskel.h ./*.bpf.o
    make -j8
    sha256sum --quiet -c sums
}

@test "make: what cannot be signed is not there, not even as it was" {
    many 2
    use_key rsa2048
    make
    export BPF_CHAINSIGN_KEY=$KEYS/unrelated.key
    run make -k -j8
    status_is 2
    output_has "does not belong to the key"
    run ls p0.lskel.h p1.lskel.h
    status_is 2
    run make
    status_is 2
    use_key rsa2048
    [ "$(changed_by make)" = "./p0.lskel.h ./p1.lskel.h" ]
}

@test "make: without a key, the message says how to give one" {
    many 1
    run make
    status_is 2
    output_has "BPF_CHAINSIGN_KEY"
    [ ! -e p0.lskel.h ]
    run make BPF_CHAINSIGN_KEY=missing.key BPF_CHAINSIGN_CERT="$KEYS/p256.crt"
    status_is 2
    [ "$(grep -c missing.key <<<"$output")" -eq 1 ]
}

@test "make: objects in a folder of their own, as libbpf-bootstrap has them" {
    many 2
    cat >Makefile <<'MAKE'
OUTPUT := .output
include $(ROOT)/make/bpf-chainsign.mk
all: $(OUTPUT)/p0.lskel.h $(OUTPUT)/p1.lskel.h
$(OUTPUT):
	@mkdir -p $@
$(OUTPUT)/%.bpf.o: %.bpf.c | $(OUTPUT)
	@clang -O2 -g -target bpf -I/usr/include/$(shell $(CC) -print-multiarch) -c $< -o $(@:.bpf.o=.tmp.bpf.o)
	@mv $(@:.bpf.o=.tmp.bpf.o) $@
.DELETE_ON_ERROR:
.SECONDARY:
MAKE
    use_key rsa2048
    make -j8
    signed_by rsa2048 .output/p?.lskel.h
    [ -z "$(changed_by make -j8)" ]
}

@test "make: bpf-chainsign-verify fails where a header is not accepted" {
    many 2
    use_key rsa2048
    run make bpf-chainsign-verify
    status_is 0
    output_has "p0.lskel.h: accepted" "p1.lskel.h: accepted"
    flip opts_data p1.lskel.h
    run make bpf-chainsign-verify
    status_is 2
    output_has "p1.lskel.h: rejected"
}

@test "make: without a key, BPF_CHAINSIGN_UNSIGNED=1 makes the same headers without signatures" {
    many 2
    run make BPF_CHAINSIGN_UNSIGNED=1
    status_is 0
    [ "$(grep -c '^  UNSIGNED p[01].lskel.h$' <<<"$output")" -eq 2 ]
    "$TOOL" sign --unsigned --quiet -o want.h p0.bpf.o
    cmp p0.lskel.h want.h
    [ -z "$(changed_by make BPF_CHAINSIGN_UNSIGNED=1)" ]
    use_key rsa2048
    [ "$(changed_by make BPF_CHAINSIGN_UNSIGNED=0)" = "./p0.lskel.h ./p1.lskel.h" ]
    signed_by rsa2048 p0.lskel.h p1.lskel.h
    export BPF_CHAINSIGN_UNSIGNED=1 BPF_CHAINSIGN_KEY=missing.key
    [ "$(changed_by make)" = "./p0.lskel.h ./p1.lskel.h" ]
    cmp p0.lskel.h want.h
    run make bpf-chainsign-verify BPF_CHAINSIGN_CERT="$KEYS/rsa2048.crt"
    status_is 2
    output_has "p0.lskel.h: unsigned"
}

@test "make: what sign warns of is seen" {
    many 1
    cp "$KEYS/rsa2048.key" open.key
    chmod 644 open.key
    run make BPF_CHAINSIGN_KEY=open.key BPF_CHAINSIGN_CERT="$KEYS/rsa2048.crt"
    status_is 0
    output_has "warning: open.key: other users can read this private key"
}

@test "make: relative names of keys are those of the caller, also with -C" {
    mkdir sub keys
    cp "$KEYS/rsa2048.key" 'keys/our key' && cp "$KEYS/rsa2048.crt" keys/our.crt
    (cd sub && many 1)
    export BPF_CHAINSIGN=$TOOL BPF_CHAINSIGN_KEY='keys/our key' BPF_CHAINSIGN_CERT=keys/our.crt
    make -C sub
    signed_by rsa2048 sub/p0.lskel.h
    [ -z "$(changed_by make -C sub)" ]
    # on the command line, and in a make of make
    rm sub/p0.lskel.h
    # shellcheck disable=SC2016 # make replaces it
    printf 'all:\n\t$(MAKE) -C sub\n' >Makefile
    env -u BPF_CHAINSIGN_CERT make BPF_CHAINSIGN_CERT=keys/our.crt
    signed_by rsa2048 sub/p0.lskel.h
    # what the project's own folder has comes first
    mkdir sub/keys
    cp "$KEYS/p256.key" 'sub/keys/our key' && cp "$KEYS/p256.crt" sub/keys/our.crt
    make -C sub
    signed_by p256 sub/p0.lskel.h
}

@test "make: another program signs anew, the same one installed again does not" {
    many 1
    use_key rsa2048
    cp "$TOOL" tool
    # older than any header, as what a package manager installs
    touch -d '2 years ago' tool
    make BPF_CHAINSIGN=./tool
    touch tool
    [ -z "$(changed_by make BPF_CHAINSIGN=./tool)" ]
    printf 'newer' >>tool
    touch -d '2 years ago' tool
    [ "$(changed_by make BPF_CHAINSIGN=./tool)" = ./p0.lskel.h ]
    mkdir bin
    mv tool bin/bpf-chainsign
    [ -z "$(PATH=$PWD/bin:$PATH changed_by make BPF_CHAINSIGN=bpf-chainsign)" ]
}

@test "make: several signers by variables" {
    many 1
    use_key rsa2048
    export BPF_CHAINSIGN_KEY_2=$KEYS/p256.key BPF_CHAINSIGN_CERT_2=$KEYS/p256.crt
    run make V=1 bpf-chainsign-verify
    status_is 0
    [[ $output != *p256.key* ]]
    signed_by rsa2048 p0.lskel.h
    signed_by p256 p0.lskel.h
    [ -z "$(changed_by make)" ]
    export BPF_CHAINSIGN_KEY_2=$KEYS/p384.key BPF_CHAINSIGN_CERT_2=$KEYS/p384.crt
    [ "$(changed_by make)" = ./p0.lskel.h ]
    signed_by p384 p0.lskel.h
    unset BPF_CHAINSIGN_CERT_2
    run make
    status_is 2
    output_has "2 keys, but 1 certificate"
    BPF_CHAINSIGN_CERT_2='' run "$TOOL" sign p0.bpf.o
    status_is 2
    output_has "BPF_CHAINSIGN_CERT_2 is empty"
}

@test "make: a plain skeleton in the place of the header is noticed" {
    many 1
    use_key rsa2048
    make
    "$TOOL" sign --strip --quiet p0.lskel.h
    touch p0.lskel.h
    [ "$(changed_by make)" = ./p0.lskel.h ]
    signed_by rsa2048 p0.lskel.h
    [ -z "$(changed_by make)" ]
}

# project NAME: an example of the checkout, as a project outside it
project() {
    cp -r "$ROOT/examples/$1" project
    rm -rf project/build project/*.lskel.h project/*.bpf.o project/*.signer
    cd project || return 1
}

# installed: an installed tree in $tree, and nothing else to find the tool by
installed() {
    tree=$BATS_TEST_TMPDIR/root
    make -s -C "$ROOT" O="$BUILD" -o "$TOOL" install DESTDIR="$tree" PREFIX=/usr
    export PATH=$tree/usr/bin:$PATH
}

@test "an installed tree is enough for the Make example" {
    installed
    project make
    use_key rsa4096
    make -I"$tree/usr/include"
    signed_by rsa4096 xdp_count.lskel.h
    [ -x xdp_count ]
    [ -z "$(changed_by make -I"$tree/usr/include")" ]
    make -I"$tree/usr/include" clean
    [ "$(ls)" = $'Makefile\nchanged.log\nnow\nxdp_count.bpf.c\nxdp_count.c' ]
}

@test "the Makefile part is found under any PREFIX by pkg-config" {
    tree=$BATS_TEST_TMPDIR/root
    make -s -C "$ROOT" O="$BUILD" -o "$TOOL" install PREFIX="$tree/opt/sign"
    export PKG_CONFIG_PATH=$tree/opt/sign/share/pkgconfig PATH=$tree/opt/sign/bin:$PATH
    [ "bpf-chainsign $(pkg-config --modversion bpf-chainsign)" = "$("$TOOL" --version | head -n 1)" ]
    many 1
    # shellcheck disable=SC2016
    sed -i 's|^include .*|include $(shell pkg-config --variable=makefile bpf-chainsign)|' Makefile
    unset BPF_CHAINSIGN
    use_key rsa2048
    make
    signed_by rsa2048 p0.lskel.h
    printf '#include "%s"\n' p0.lskel.h bpf-chainsign.h >includes.c
    # shellcheck disable=SC2046 # several words
    gcc $(pkg-config --cflags bpf-chainsign) -fsyntax-only includes.c
}

# cmake_project GENERATOR: configure the CMake example in build
cmake_project() {
    installed
    project cmake
    cmake -G "$1" -B build -DCMAKE_PREFIX_PATH="$tree/usr"
}

build_with() {
    cmake_project "$1"
    use_key rsa4096
    cmake --build build -j8
    signed_by rsa4096 build/udp_ports.lskel.h
    [ -x build/udp_ports ]
    [ -z "$(changed_by cmake --build build)" ]
    cp build/udp_ports before
    touch udp_ports.bpf.c
    cmake --build build
    [ ! build/udp_ports -nt before ]
    sed -i 's/lowest_port = 1/lowest_port = 1024/' udp_ports.bpf.c
    [ "$(changed_by cmake --build build -j8)" = ./build/udp_ports.lskel.h ]
    [ build/udp_ports -nt before ]
    use_key p256
    [ "$(changed_by cmake --build build -j8)" = ./build/udp_ports.lskel.h ]
    signed_by p256 build/udp_ports.lskel.h
}

@test "an installed tree is enough for the CMake example: Unix Makefiles" {
    build_with 'Unix Makefiles'
}

@test "an installed tree is enough for the CMake example: Ninja" {
    build_with Ninja
}

@test "cmake: what cannot be signed is not there, not even as it was" {
    cmake_project 'Unix Makefiles'
    use_key rsa2048
    cmake --build build
    export BPF_CHAINSIGN_KEY=$KEYS/unrelated.key
    run cmake --build build
    [ "$status" -ne 0 ]
    output_has "does not belong to the key" "udp_ports.lskel.h was not signed"
    [ ! -e build/udp_ports.lskel.h ]
    unset BPF_CHAINSIGN_KEY BPF_CHAINSIGN_CERT
    run cmake --build build
    [ "$status" -ne 0 ]
    output_has "BPF_CHAINSIGN_KEY"
}

@test "cmake: the key is in no file of the build" {
    cmake_project Ninja
    export BPF_CHAINSIGN_KEY='pkcs11:object=sig;type=private?pin-value=hunter2' BPF_CHAINSIGN_CERT=x
    run cmake --build build
    [ "$status" -ne 0 ]
    run grep -r hunter2 .
    status_is 1
}

@test "cmake: one skeleton for two programs, and objects that are there already" {
    cmake_project 'Unix Makefiles'
    cat >>CMakeLists.txt <<'CMAKE'
add_executable(second udp_ports.c)
target_link_libraries(second PRIVATE PkgConfig::LIBBPF)
bpf_chainsign_skeleton(second udp_ports.bpf.c other.bpf.o)
CMAKE
    object tiny
    mv tiny.bpf.o other.bpf.o
    use_key rsa2048
    cmake -B build
    cmake --build build -j8
    signed_by rsa2048 build/udp_ports.lskel.h build/other.lskel.h
}

@test "cmake: without a key, -DBPF_CHAINSIGN_UNSIGNED=ON makes headers without signatures" {
    cmake_project 'Unix Makefiles'
    cmake -B build -DBPF_CHAINSIGN_UNSIGNED=ON
    run cmake --build build
    status_is 0
    output_has "Writing without signatures: udp_ports.lskel.h"
    [ -x build/udp_ports ]
    [ -z "$(changed_by cmake --build build)" ]
    run "$TOOL" verify --cert "$KEYS/rsa2048.crt" build/udp_ports.lskel.h
    status_is 1
    output_has "udp_ports.lskel.h: unsigned"
    use_key rsa2048
    cmake -B build -DBPF_CHAINSIGN_UNSIGNED=OFF
    [ "$(changed_by cmake --build build)" = ./build/udp_ports.lskel.h ]
    signed_by rsa2048 build/udp_ports.lskel.h
}

@test "cmake: another program, a plain skeleton and a second signer sign anew, and warnings are seen" {
    cmake_project Ninja
    use_key rsa2048
    cmake --build build
    [ -z "$(changed_by cmake --build build)" ]
    "$TOOL" sign --strip --quiet build/udp_ports.lskel.h
    [ "$(changed_by cmake --build build)" = ./build/udp_ports.lskel.h ]
    printf 'newer' >>"$tree/usr/bin/bpf-chainsign"
    [ "$(changed_by cmake --build build)" = ./build/udp_ports.lskel.h ]
    BPF_CHAINSIGN_KEY_2=$KEYS/p256.key BPF_CHAINSIGN_CERT_2=$KEYS/p256.crt cmake --build build
    signed_by rsa2048 build/udp_ports.lskel.h
    signed_by p256 build/udp_ports.lskel.h
    cp "$KEYS/rsa2048.key" open.key
    chmod 644 open.key
    BPF_CHAINSIGN_KEY=open.key run cmake --build build
    status_is 0
    output_has "warning: open.key: other users can read this private key"
}

@test "cmake: the package is found under any PREFIX that PATH names" {
    tree=$BATS_TEST_TMPDIR/root
    make -s -C "$ROOT" O="$BUILD" -o "$TOOL" install PREFIX="$tree/opt/sign"
    mkdir project && cd project
    printf '%s\n' 'cmake_minimum_required(VERSION 3.20)' 'project(p NONE)' \
        'find_package(bpf-chainsign REQUIRED)' >CMakeLists.txt
    PATH=$tree/opt/sign/bin:$PATH run cmake -B build
    status_is 0
    grep -q "bpf-chainsign_DIR:PATH=$tree/opt/sign/share" build/CMakeCache.txt
}

@test "cmake: a version that is too new is refused, the package's own is found" {
    installed
    mkdir project && cd project
    printf '%s\n' 'cmake_minimum_required(VERSION 3.20)' 'project(p NONE)' \
        "find_package(bpf-chainsign \${WANTED} REQUIRED)" >CMakeLists.txt
    cmake -B build -DCMAKE_PREFIX_PATH="$tree/usr" -DWANTED=0.1
    run cmake -B build -DCMAKE_PREFIX_PATH="$tree/usr" -DWANTED=99.1
    [ "$status" -ne 0 ]
    output_has 99.1
}

@test "the examples build with one command from a clean checkout, and warn of the test key" {
    checkout clean
    export CFLAGS=-O1
    run make -j2 -C clean/examples/make
    status_is 0
    output_has "PUBLIC TEST KEY"
    signed_by rsa2048 clean/examples/make/xdp_count.lskel.h
    run bash -c 'cd clean/examples/cmake && cmake -B build && cmake --build build'
    status_is 0
    output_has "PUBLIC TEST KEY"
    signed_by rsa2048 clean/examples/cmake/build/udp_ports.lskel.h
    use_key p256
    run make -j2 -C clean/examples/make
    [[ $output != *"PUBLIC TEST KEY"* ]]
    signed_by p256 clean/examples/make/xdp_count.lskel.h
}

@test "docs/adopt.md does what it says" {
    MAKEFLAGS=-j2 CFLAGS=-O1 run "$ROOT/scripts/adopt"
    status_is 0
    output_has "every command of docs/adopt.md"
}
