#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-2-Clause
# Signing in two steps: {finished message, raw signature} x {kind of key} x {scheme}. Each verifies,
# and is what signing in one step gives, where an algorithm has one signature only: RSA, ML-DSA when
# it is asked for that.

load common

setup_file() {
    cd "$BATS_FILE_TMPDIR" || return 1
    local key level
    for key in rsa2048 rsa4096 p256 p384; do
        cp "$KEYS/$key.key" "$KEYS/$key.crt" .
    done
    for level in 44 65 87; do
        openssl genpkey -algorithm "ML-DSA-$level" -out "mldsa$level.key" 2>/dev/null || break
        openssl req -x509 -key "mldsa$level.key" -subj "/CN=ML-DSA-$level" -days 36500 \
            -addext keyUsage=digitalSignature -out "mldsa$level.crt"
    done
    printf 'CONFIG_%s=y\n' BPF_SYSCALL KEYS SYSTEM_DATA_VERIFICATION CRYPTO_RSA CRYPTO_ECDSA CRYPTO_MLDSA \
        CRYPTO_SHA256 CRYPTO_SHA512 CRYPTO_SHA3 >kernel.config
}

# sign_message KEY HASH CONTENT P7S
sign_message() {
    local attributes=-noattr
    [[ $1 != mldsa* ]] || attributes=-nosmimecap
    openssl cms -sign -binary $attributes -nocerts -keyid -md "$2" -signer "$1.crt" \
        -inkey "$1.key" -in "$3" -outform DER -out "$4"
}

# sign_raw KEY HASH CONTENT SIG
sign_raw() {
    if [[ $1 == mldsa* ]]; then
        openssl pkeyutl -sign -inkey "$1.key" -rawin -pkeyopt deterministic:1 \
            -in "${3%.content}.attrs" -out "$4"
    else
        openssl pkeyutl -sign -inkey "$1.key" -pkeyopt "digest:$2" -in "${3%.content}.digest" -out "$4"
    fi
}

# column sign_message|sign_raw KEY: all schemes, one by one and together
column() {
    local scheme hash=sha256 content suffix=p7s
    [ "$1" = sign_message ] || suffix=sig
    cd "$BATS_FILE_TMPDIR" || return 1
    if [ ! -e "$2.crt" ]; then # no ML-DSA before OpenSSL 3.5
        [[ $(openssl version) == "OpenSSL 3."[0-4]* ]]
        return
    fi
    [[ $2 != mldsa* ]] || hash=sha512
    object typical
    for scheme in chain folded insns all; do
        rm -rf request
        "$TOOL" sign -q -m "$hash" -s "$scheme" --prepare request -c "$2.crt" typical.bpf.o
        for content in request/*.content; do
            "$1" "$2" "$hash" "$content" "${content%.content}.$suffix"
        done
        "$TOOL" sign -q -m "$hash" -s "$scheme" --attach request -c "$2.crt" typical.bpf.o
        "$TOOL" verify -q --kernel-config kernel.config -c "$2.crt" typical.lskel.h
        [[ $2 == rsa* || "$1 $2" == "sign_raw mldsa"* ]] || continue
        "$TOOL" sign -q -m "$hash" -s "$scheme" -k "$2.key" -c "$2.crt" -o one.h typical.bpf.o
        cmp one.h typical.lskel.h
    done
}

@test "a finished message: RSA-2048" {
    column sign_message rsa2048
}

@test "a finished message: RSA-4096" {
    column sign_message rsa4096
}

@test "a finished message: P-256" {
    column sign_message p256
}

@test "a finished message: P-384" {
    column sign_message p384
}

@test "a finished message: ML-DSA-44, 65 and 87, where OpenSSL has them" {
    column sign_message mldsa44
    column sign_message mldsa65
    column sign_message mldsa87
}

@test "a raw signature: RSA-2048" {
    column sign_raw rsa2048
}

@test "a raw signature: RSA-4096" {
    column sign_raw rsa4096
}

@test "a raw signature: P-256" {
    column sign_raw p256
}

@test "a raw signature: P-384" {
    column sign_raw p384
}

@test "a raw signature: ML-DSA-44, 65 and 87, where OpenSSL has them" {
    column sign_raw mldsa44
    column sign_raw mldsa65
    column sign_raw mldsa87
}
