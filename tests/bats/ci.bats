#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-2-Clause
#
# The templates for CI systems: the commands in them are run as they stand, with test keys.
#
# Each test is a shell of its own, and what one exports is not for the next.
# The expressions in single quotes are GitHub's, and sed's.
# shellcheck disable=SC2016,SC2030,SC2031

load common
load token

unset MAKEFLAGS MAKELEVEL DESTDIR PREFIX V

# A project as the templates expect one: `make` builds and signs. It says what the commands that it
# runs can see of the key.
setup() {
    cd "$BATS_TEST_TMPDIR" || return 1
    mkdir runner project stubs
    cd project || return 1
    cp "$ROOT/tests/data/tiny.bpf.c" .
    cp "$KEYS/rsa2048.crt" signing.crt
    cat >Makefile <<'MAKE'
include $(ROOT)/make/bpf-chainsign.mk
all: .output/tiny.lskel.h
.output/%.bpf.o: %.bpf.c
	@mkdir -p $(@D); env >environment; stat -c %a "$${BPF_CHAINSIGN_KEY##pkcs11:*}" >mode 2>&1 || :
	@clang -O2 -g -target bpf -I/usr/include/$(shell $(CC) -print-multiarch) -c $< -o $@
.SECONDARY:
MAKE
    ln -s "$TOOL" ../stubs/bpf-chainsign
    export RUNNER_TEMP=$BATS_TEST_TMPDIR/runner PATH=$BATS_TEST_TMPDIR/stubs:$PATH
}

# stub NAME: a program that does nothing, or its arguments
stub() {
    printf '#!/bin/sh\n%s\n' "${2-}" >"../stubs/$1"
    chmod +x "../stubs/$1"
}

# gitlab NAME: a job, without the lines that install the tool
gitlab() {
    (cd "$ROOT" && scripts/check-ci body ci/gitlab-ci.yml "$1") |
        sed '/^apt-get/,/^make .* install$/d' >../body
    bash -eo pipefail ../body
}

# github NAME: a step; its secrets have no other names than those that it gives them
github() {
    (cd "$ROOT" && scripts/check-ci body ci/github-actions.yml "$1") | awk '
        !/^export / && !done { print "unset ${!BPF_SIGNING_*}"; done = 1 }
        { print }' >../body
    bash --noprofile --norc -eo pipefail ../body
}

# with_passphrase: an encrypted key in ../encrypted.key
with_passphrase() {
    openssl pkey -in "$KEYS/rsa2048.key" -aes256 -passout pass:hunter2 -out ../encrypted.key
}

# secret FILE: as GitHub hands it over
secret() {
    BPF_SIGNING_KEY=$(cat "$1")
    export BPF_SIGNING_KEY
}

@test "GitHub: a key in a secret signs; it is in a file that none but its owner reads, and gone afterwards" {
    secret "$KEYS/rsa2048.key"
    run github 'Build and sign'
    status_is 0
    verify --quiet .output/tiny.lskel.h
    [ "$(cat mode)" = 600 ]
    [ -z "$(ls "$RUNNER_TEMP")" ]
    [ "$(stat -c %a .output/tiny.lskel.h)" = 644 ]
    run grep -F "$(sed -n 2p "$KEYS/rsa2048.key")" environment
    status_is 1
}

@test "GitHub: a key with a passphrase signs, and no command sees the passphrase" {
    with_passphrase
    secret ../encrypted.key
    export BPF_SIGNING_PASSPHRASE=hunter2
    run github 'Build and sign'
    status_is 0
    verify --quiet .output/tiny.lskel.h
    run grep hunter2 environment
    status_is 1
    [ -z "$(ls "$RUNNER_TEMP")" ]
}

# token: with a key in it, which the URI names; the runner's module is named there, too
token() {
    new_token ci
    import_key ci rsa2048 01
    URI="pkcs11:token=ci;object=rsa2048?module-path=$MODULE"
}

@test "GitHub: a key on a token signs, and no command sees the PIN" {
    token
    export BPF_SIGNING_URI=$URI BPF_SIGNING_PIN=$PIN
    run github 'Build and sign'
    status_is 0
    verify --quiet .output/tiny.lskel.h
    run grep -F "$PIN" environment
    status_is 1
    [ -z "$(ls "$RUNNER_TEMP")" ]
    rm -r .output
    export BPF_SIGNING_PIN=wrong-pin
    run github 'Build and sign'
    [ "$status" -ne 0 ]
    output_has "the PIN is wrong"
    [[ $output != *wrong-pin* ]]
    [ ! -e .output/tiny.lskel.h ]
}

@test "GitHub: no key, a wrong passphrase, another key: the job fails, and nothing is signed" {
    run github 'Build and sign'
    status_is 1
    output_has "::error::no key"
    with_passphrase
    secret ../encrypted.key
    export BPF_SIGNING_PASSPHRASE=wrong
    run github 'Build and sign'
    [ "$status" -ne 0 ]
    secret "$KEYS/unrelated.key"
    run github 'Build and sign'
    [ "$status" -ne 0 ]
    output_has "does not belong to the key"
    [ ! -e .output/tiny.lskel.h ]
    [ -z "$(ls "$RUNNER_TEMP")" ]
}

@test "GitHub: the verify step passes what is signed and fails the job otherwise" {
    object tiny
    mkdir headers
    run github Verify
    [ "$status" -ne 0 ]
    sign -o headers/tiny.lskel.h tiny.bpf.o
    run github Verify
    status_is 0
    output_has "headers/tiny.lskel.h: accepted"
    cp headers/tiny.lskel.h headers/tampered.lskel.h
    flip opts_data headers/tampered.lskel.h
    run github Verify
    status_is 1
    output_has "headers/tampered.lskel.h: rejected"
    rm headers/tampered.lskel.h
    bpftool gen skeleton -L tiny.bpf.o >headers/tiny.lskel.h
    run github Verify
    status_is 1
    output_has unsigned
}

@test "GitLab: a key in a file signs; it can be read by none but its owner" {
    cp "$KEYS/rsa2048.key" ../variable
    chmod 666 ../variable
    export BPF_CHAINSIGN_KEY=$BATS_TEST_TMPDIR/variable
    run gitlab .bpf-chainsign-sign
    status_is 0
    verify --quiet .output/tiny.lskel.h
    [ "$(cat mode)" = 600 ]
}

@test "GitLab: a key with a passphrase signs" {
    with_passphrase
    export BPF_CHAINSIGN_KEY=$BATS_TEST_TMPDIR/encrypted.key BPF_CHAINSIGN_PASSPHRASE=hunter2
    run gitlab .bpf-chainsign-sign
    status_is 0
    verify --quiet .output/tiny.lskel.h
}

@test "GitLab: a key on a token signs" {
    token
    export BPF_CHAINSIGN_KEY=$URI BPF_CHAINSIGN_PIN=$PIN
    run gitlab .bpf-chainsign-sign
    status_is 0
    verify --quiet .output/tiny.lskel.h
    rm -r .output
    export BPF_CHAINSIGN_PIN=wrong-pin
    run gitlab .bpf-chainsign-sign
    [ "$status" -ne 0 ]
    output_has "the PIN is wrong"
    [ ! -e .output/tiny.lskel.h ]
}

@test "GitLab: no key, another key: the job fails, and nothing is signed" {
    run gitlab .bpf-chainsign-sign
    status_is 1
    output_has "no key"
    cp "$KEYS/unrelated.key" ../variable
    export BPF_CHAINSIGN_KEY=$BATS_TEST_TMPDIR/variable
    run gitlab .bpf-chainsign-sign
    [ "$status" -ne 0 ]
    output_has "does not belong to the key"
    [ ! -e .output/tiny.lskel.h ]
}

@test "GitLab: the verify job passes what is signed and fails otherwise" {
    object tiny
    mkdir .output
    run gitlab .bpf-chainsign-verify
    [ "$status" -ne 0 ]
    sign -o .output/tiny.lskel.h tiny.bpf.o
    run gitlab .bpf-chainsign-verify
    status_is 0
    output_has ".output/tiny.lskel.h: accepted"
    flip opts_data .output/tiny.lskel.h
    run gitlab .bpf-chainsign-verify
    status_is 1
    output_has ".output/tiny.lskel.h: rejected"
}

# release: a tarball that stands for one; what is done with it is in the file "done"
release() {
    mkdir -p ../release/bpf-chainsign-9/scripts
    printf '%s\n' "all: ; @echo built >>$PWD/done" "install: ; @echo installed >>$PWD/done" \
        >../release/bpf-chainsign-9/Makefile
    printf '#!/bin/sh\necho "set up %s" >>%s/done\n' "\$*" "$PWD" >../release/bpf-chainsign-9/scripts/setup
    chmod +x ../release/bpf-chainsign-9/scripts/setup
    tar -C ../release -cJf ../release.tar.xz bpf-chainsign-9
    url=file://$BATS_TEST_TMPDIR/release.tar.xz
    sha256=$(sha256sum <../release.tar.xz | cut -d' ' -f1)
    stub sudo 'exec "$@"'
    stub apt-get
}

# install_by FILE NAME: run what installs, of that step or job
install_by() {
    (cd "$ROOT" && scripts/check-ci body "$1" "$2") >../body
    env url="$url" sha256="$sha256" BPF_CHAINSIGN_URL="$url" BPF_CHAINSIGN_SHA256="$sha256" \
        bash -eo pipefail ../body
}

@test "both install a release whose sha256 is right, and no other" {
    release
    for job in "ci/action.yml:Install bpf-chainsign" ci/gitlab-ci.yml:.bpf-chainsign; do
        run install_by "${job%%:*}" "${job#*:}"
        status_is 0
        [ "$(cat 'done')" = $'set up demo\nbuilt\ninstalled' ]
        rm 'done'
    done
    sha256=${sha256//[0-4]/5}
    for job in "ci/action.yml:Install bpf-chainsign" ci/gitlab-ci.yml:.bpf-chainsign; do
        run install_by "${job%%:*}" "${job#*:}"
        [ "$status" -ne 0 ]
        output_has FAILED
        [ ! -e 'done' ]
    done
}

# broken FILE SED: what check-ci says of templates with that change to one
broken() {
    rm -rf ../tree
    mkdir -p ../tree/scripts
    cp -r "$ROOT/ci" ../tree
    sed -i "$2" "../tree/$1"
    (cd ../tree && "$ROOT/scripts/check-ci")
}

@test "the check of the templates finds what it is there for" {
    run broken ci/action.yml ''
    status_is 0
    local workflow=ci/github-actions.yml
    run broken $workflow 's/@11bd.*/@v4/'
    output_has "not pinned"
    run broken $workflow 's/contents: read/contents: write/'
    output_has "permissions"
    run broken $workflow 's/run: bpf.*/run: echo ${{ github.ref }}/'
    output_has "expression within commands"
    run broken $workflow 's/path: headers/path: ${{ secrets.X }}/'
    output_has "secret outside env"
    run broken $workflow 's/^ *timeout-minutes.*//'
    output_has "no timeout-minutes"
    run broken $workflow 's/"\$folder\/pin"$/$folder\/pin/'
    output_has "SC2086"
    run broken ci/action.yml 's/^  sha256:/  sha512:/'
    output_has "not the inputs"
    run broken ci/gitlab-ci.yml 's/^    - make$/    - make: it/'
    output_has "does not take this for a command"
    run broken ci/gitlab-ci.yml 's/extends: .*/extends: .other/'
    output_has "extends what is not there"
}
