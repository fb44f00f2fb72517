#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-2-Clause
# The commands of docs/two-step.md, as they stand there: SoftHSM2 is the HSM, stand-ins are the
# services, which take and give what the real ones do.

load common

DOC=$ROOT/docs/two-step.md

# block NAME: the commands between "```sh NAME" and "```"
block() {
    awk -v name="$1" '$0 == "```sh " name { on = 1; found = 1; next } $0 == "```" { on = 0 } on
        END { exit !found }' "$DOC"
}

# blocks NAME...: run them, one after the other
blocks() {
    local name
    for name in "$@"; do
        block "$name" >block.sh
        PATH=$PWD/bin:$BUILD:$PATH bash -eu -o pipefail block.sh
    done
}

# stand_in COMMAND: the script on stdin, as COMMAND
stand_in() {
    { echo '#!/bin/bash -eu'; cat; } >"bin/$1"
    chmod +x "bin/$1"
}

# signer KEY: who signs in this test; one.h is what signing in one step gives
signer() {
    cp "$KEYS/$1.key" signer.key
    cp "$KEYS/$1.crt" signer.crt
    "$TOOL" sign -q -k signer.key -c signer.crt -o one.h app.bpf.o
}

# token: a SoftHSM2 token "bpf" with the keys rsa and ec
token() {
    export SOFTHSM2_CONF=$PWD/softhsm2.conf PIN=2914 MODULE
    MODULE=$(dpkg -L libsofthsm2 | grep -m1 '/libsofthsm2\.so$')
    mkdir tokens
    printf 'directories.tokendir = %s\nlog.level = ERROR\n' "$PWD/tokens" >"$SOFTHSM2_CONF"
    softhsm2-util --init-token --free --label bpf --pin "$PIN" --so-pin "$PIN"
    softhsm2-util --import "$KEYS/rsa2048.key" --token bpf --label rsa --id 01 --pin "$PIN"
    softhsm2-util --import "$KEYS/p256.key" --token bpf --label ec --id 02 --pin "$PIN"
}

setup() {
    cd "$BATS_TEST_TMPDIR" || return 1
    mkdir bin
    object typical
    mv typical.bpf.o app.bpf.o
    signer rsa2048
}

@test "an air-gapped HSM that digests, with an RSA key" {
    token
    blocks prepare hsm-rsa attach
    cmp one.h app.lskel.h
}

@test "an HSM that does not digest, with an EC key" {
    token
    signer p256
    blocks prepare hsm-ec attach
}

@test "openssl pkeyutl gives the raw signature" {
    blocks prepare pkeyutl attach
    cmp one.h app.lskel.h
    rm -r request
    signer p384
    blocks prepare pkeyutl attach
}

@test "openssl cms gives the finished message" {
    blocks prepare cms attach
    cmp one.h app.lskel.h
    rm -r request
    signer p256
    blocks prepare cms attach
}

@test "ML-DSA, where OpenSSL has it, signs attributes" {
    if ! openssl genpkey -algorithm ML-DSA-65 -out signer.key 2>/dev/null; then
        [[ $(openssl version) == "OpenSSL 3."[0-4]* ]]
        return 0
    fi
    openssl req -x509 -key signer.key -subj /CN=mldsa -days 36500 -out signer.crt \
        -addext keyUsage=digitalSignature
    blocks prepare-mldsa mldsa
    "$TOOL" sign -q --attach request -c signer.crt app.bpf.o
    blocks cms-mldsa
    "$TOOL" sign -q --attach request -c signer.crt app.bpf.o
}

@test "a signing service that returns PKCS#7 with its certificate, in PEM" {
    stand_in curl <<'EOF'
[ "${*: -1}" = "$SERVICE/sign" ]
data=${*: -2:1}
exec openssl cms -sign -binary -nosmimecap -md sha256 -signer signer.crt -inkey signer.key \
    -in "${data#@}" -outform PEM
EOF
    SERVICE=https://signing.example.org blocks prepare service attach
}

@test "AWS KMS" {
    stand_in aws <<'EOF'
[ "$1 $2 $3 $4 $5 $6" = "kms sign --key-id alias/bpf --message-type DIGEST" ]
[ "$7 ${9} ${10}" = "--message --signing-algorithm RSASSA_PKCS1_V1_5_SHA_256" ]
openssl pkeyutl -sign -inkey signer.key -pkeyopt digest:sha256 -in "${8#fileb://}" | base64 -w 0
echo
EOF
    blocks prepare aws attach
    cmp one.h app.lskel.h
}

@test "Google Cloud KMS" {
    stand_in gcloud <<'EOF'
[ "$1 $2" = "kms asymmetric-sign" ]
for option; do
    case $option in
        --input-file=*) input=${option#*=} ;;
        --signature-file=*) output=${option#*=} ;;
        --digest-algorithm=*) digest=${option#*=} ;;
    esac
done
openssl dgst "-$digest" -sign signer.key -out "$output" "$input"
EOF
    signer p256
    blocks prepare gcloud attach
}

@test "HashiCorp Vault" {
    stand_in vault <<'EOF'
[ "$1 $2 $3 $4 $5" = "write -field=signature transit/sign/bpf/sha2-256 prehashed=true signature_algorithm=pkcs1v15" ]
printf 'vault:v1:'
base64 -d <<<"${6#input=}" | openssl pkeyutl -sign -inkey signer.key -pkeyopt digest:sha256 | base64 -w 0
echo
EOF
    blocks prepare vault attach
    cmp one.h app.lskel.h
}

@test "the Open Build Service" {
    blocks obs-prepare
    mkdir obs
    (cd obs && cpio -id <../app.cpio.rsasign)
    for file in obs/*; do
        openssl dgst -sha256 -sign signer.key -out "$file.sig" "$file"
    done
    (cd obs && find . -type f | cpio -H newc -o) >rsasigned.cpio
    blocks obs-attach
    cmp one.h app.lskel.h
}

@test "a signature is shipped and put back, and taken out" {
    blocks ship reattach
    cmp one.h app.lskel.h
    blocks strip
    cmp one.h app.lskel.h
}

@test "every block of the page is run" {
    local names ran
    names=$(sed -n 's/^```sh //p' "$DOC" | sort)
    ran=$(sed -n 's/^ .*blocks \([a-z -]*\)$/\1/p' "$BATS_TEST_FILENAME" | tr ' ' '\n' | sort -u)
    [ -n "$names" ]
    diff <(echo "$names") <(echo "$ran")
}
