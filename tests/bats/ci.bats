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

# A project as the templates expect one: `make` builds, and makes headers without signatures.
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
	@mkdir -p $(@D); env >environment
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

# built FOLDER: what the build job made, where the sign job has it
built() {
    object tiny
    mkdir -p "$1"
    "$TOOL" sign --quiet --unsigned -o "$1/tiny.lskel.h" tiny.bpf.o
    cp "$1/tiny.lskel.h" ../unsigned.h
}

# whole FOLDER: the header there is the one that is signed in one step
whole() {
    sign --quiet -o ../whole.h tiny.bpf.o
    cmp ../whole.h "$1/tiny.lskel.h"
    grep -q '"urn:bpf-chainsign:signing/v1"' signed.jsonl
}

# as_built FOLDER: nothing was signed
as_built() {
    cmp ../unsigned.h "$1/tiny.lskel.h"
    [ ! -e signed.jsonl ]
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

@test "GitHub and GitLab: a build without any secret gives a header without signatures" {
    run github Build
    status_is 0
    run verify .output/tiny.lskel.h
    status_is 1
    output_has "unsigned"
    run github 'List what would be signed'
    status_is 0
    output_has "tiny.lskel.h"
    rm -r .output
    export BPF_CHAINSIGN_KEY=$KEYS/rsa2048.key BPF_CHAINSIGN_PASSPHRASE=hunter2 BPF_CHAINSIGN_PIN=2914
    run gitlab .bpf-chainsign-build
    status_is 0
    output_has "tiny.lskel.h"
    run verify .output/tiny.lskel.h
    status_is 1
    output_has "unsigned"
    run grep -E 'rsa2048|hunter2|2914' environment
    status_is 1
}

@test "GitHub: a key in a secret signs; it is in no file, and the header is that of one step" {
    built headers
    secret "$KEYS/rsa2048.key"
    run github Sign
    status_is 0
    whole headers
    [ "$(find . -type f | LC_ALL=C sort | xargs)" = \
        "./Makefile ./headers/tiny.lskel.h ./signed.jsonl ./signing.crt ./tiny.bpf.c ./tiny.bpf.o" ]
    [ -z "$(ls "$RUNNER_TEMP")" ]
}

@test "GitHub: a key with a passphrase signs" {
    built headers
    with_passphrase
    secret ../encrypted.key
    export BPF_SIGNING_PASSPHRASE=hunter2
    run github Sign
    status_is 0
    whole headers
}

# token: with a key in it, which the URI names; the runner's module is named there, too
token() {
    new_token ci
    import_key ci rsa2048 01
    URI="pkcs11:token=ci;object=rsa2048?module-path=$MODULE"
}

@test "GitHub: a key on a token signs" {
    token
    built headers
    export BPF_SIGNING_URI=$URI BPF_SIGNING_PIN=wrong-pin
    run github Sign
    [ "$status" -ne 0 ]
    output_has "the PIN is wrong"
    output_lacks wrong-pin
    as_built headers
    export BPF_SIGNING_PIN=$PIN
    run github Sign
    status_is 0
    whole headers
}

@test "GitHub: no key, a wrong passphrase, another key: the job fails, and nothing is signed" {
    built headers
    run github Sign
    status_is 1
    output_has "::error::no key"
    with_passphrase
    secret ../encrypted.key
    export BPF_SIGNING_PASSPHRASE=wrong
    run github Sign
    [ "$status" -ne 0 ]
    secret "$KEYS/unrelated.key"
    run github Sign
    [ "$status" -ne 0 ]
    output_has "does not belong to the key"
    as_built headers
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
    built .output
    cp "$KEYS/rsa2048.key" ../variable
    chmod 666 ../variable
    export BPF_CHAINSIGN_KEY=$BATS_TEST_TMPDIR/variable
    run gitlab .bpf-chainsign-sign
    status_is 0
    output_lacks warning
    whole .output
    [ "$(stat -c %a ../variable)" = 600 ]
}

@test "GitLab: a key with a passphrase signs" {
    built .output
    with_passphrase
    export BPF_CHAINSIGN_KEY=$BATS_TEST_TMPDIR/encrypted.key BPF_CHAINSIGN_PASSPHRASE=hunter2
    run gitlab .bpf-chainsign-sign
    status_is 0
    whole .output
}

@test "GitLab: a key on a token signs" {
    token
    built .output
    export BPF_CHAINSIGN_KEY=$URI BPF_CHAINSIGN_PIN=wrong-pin
    run gitlab .bpf-chainsign-sign
    [ "$status" -ne 0 ]
    output_has "the PIN is wrong"
    as_built .output
    export BPF_CHAINSIGN_PIN=$PIN
    run gitlab .bpf-chainsign-sign
    status_is 0
    whole .output
}

@test "GitLab: no command but the one that signs has the secrets in its environment" {
    built .output
    export BPF_CHAINSIGN_KEY=$BATS_TEST_TMPDIR/encrypted.key BPF_CHAINSIGN_PASSPHRASE=hunter2 BPF_CHAINSIGN_PIN=2914
    with_passphrase
    release 'env >>seen'
    (cd "$ROOT" && scripts/check-ci body ci/gitlab-ci.yml .bpf-chainsign-sign) >../body
    stub chmod 'env >>seen; exec /bin/chmod "$@"'
    run env BPF_CHAINSIGN_URL="$url" BPF_CHAINSIGN_SHA256="$sha256" bash -eo pipefail ../body
    status_is 0
    whole .output
    [ "$(grep -c ^BPF_CHAINSIGN_CERT= seen)" -ge 5 ]
    run grep -E 'encrypted.key|hunter2|2914' seen
    status_is 1
}

@test "GitLab: no key, another key: the job fails, and nothing is signed" {
    built .output
    run gitlab .bpf-chainsign-sign
    status_is 1
    output_has "no key"
    cp "$KEYS/unrelated.key" ../variable
    export BPF_CHAINSIGN_KEY=$BATS_TEST_TMPDIR/variable
    run gitlab .bpf-chainsign-sign
    [ "$status" -ne 0 ]
    output_has "does not belong to the key"
    as_built .output
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

# release [COMMAND]: a tarball that stands for one; what is done with it is in the file "done"
release() {
    local also=${1:-:}
    mkdir -p ../release/bpf-chainsign-9/scripts
    printf '%s\n' "all: ; @echo built >>$PWD/done; cd $PWD; $also" \
        "install: ; @echo installed >>$PWD/done; cd $PWD; $also" \
        >../release/bpf-chainsign-9/Makefile
    printf '#!/bin/sh\necho "set up %s" >>%s/done; cd %s; %s\n' "\$*" "$PWD" "$PWD" "$also" >../release/bpf-chainsign-9/scripts/setup
    chmod +x ../release/bpf-chainsign-9/scripts/setup
    tar -C ../release -cJf ../release.tar.xz bpf-chainsign-9
    url=file://$BATS_TEST_TMPDIR/release.tar.xz
    sha256=$(sha256sum <../release.tar.xz | cut -d' ' -f1)
    stub sudo 'exec "$@"'
    stub apt-get "$also"
    export HOME=$BATS_TEST_TMPDIR/runner
}

# install_by FILE NAME: run what installs, of that step or job
install_by() {
    (cd "$ROOT" && scripts/check-ci body "$1" "$2") >../body
    env url="$url" sha256="$sha256" BPF_CHAINSIGN_URL="$url" BPF_CHAINSIGN_SHA256="$sha256" \
        bash -eo pipefail ../body
}

@test "both install a release whose sha256 is right, and no other" {
    release
    echo other >../other.tar.xz
    for job in "ci/action.yml:Install bpf-chainsign" ci/gitlab-ci.yml:.bpf-chainsign; do
        run install_by "${job%%:*}" "${job#*:}"
        status_is 0
        [ "$(cat 'done')" = $'set up demo\nbuilt\ninstalled' ]
        rm 'done'
        # again, with the cache of the first time
        url=file:///missing run install_by "${job%%:*}" "${job#*:}"
        status_is 0
        # what somebody else put there
        find . ../runner -name "$sha256.tar.xz" -exec cp ../other.tar.xz {} \;
        rm 'done'
        run install_by "${job%%:*}" "${job#*:}"
        [ "$status" -ne 0 ]
        output_has FAILED
        [ ! -e 'done' ]
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
    run broken $workflow 's/@3d3c.*/@v7/'
    output_has "not pinned"
    run broken $workflow 's/contents: read/contents: write/'
    output_has "permissions"
    run broken $workflow 's/run: make/run: echo ${{ github.ref }}/'
    output_has "expression within commands"
    run broken $workflow 's/path: headers$/path: ${{ secrets.X }}/'
    output_has "secret outside env"
    run broken $workflow 's/^ *timeout-minutes.*//'
    output_has "no timeout-minutes"
    run broken ci/action.yml 's/-o "\$release" "\$URL"/-o "$release" $URL/'
    output_has "SC2086"
    run broken $workflow 's/BPF_CHAINSIGN_UNSIGNED: 1/KEY: ${{ secrets.KEY }}/'
    output_has "code of the project gets a secret"
    run broken $workflow 's/^    environment: bpf-signing/    permissions: {id-token: write}/'
    output_has "gets more permissions"
    run broken ci/action.yml 's/^  sha256:/  sha512:/'
    output_has "not the inputs"
    run broken ci/gitlab-ci.yml 's/^    - make$/    - make: it/'
    output_has "does not take this for a command"
    run broken ci/gitlab-ci.yml 's/extends: .*/extends: .other/'
    output_has "extends what is not there"
}
