#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-2-Clause
# Every place that keys are kept in x every kind of key x every scheme: signs, and verifies.
#
# A test for each place, a loop over the kinds; the schemes are in each header. Two-step signing, as
# a place, is in two-step-matrix.bats.
#
# Each test is a shell of its own.
# shellcheck disable=SC2030,SC2031

load common
load token

# kinds: what each place is tried with; ML-DSA where OpenSSL has it (3.5)
kinds() {
    echo rsa2048 rsa4096 p256 p384
    if openssl list -public-key-algorithms 2>/dev/null | grep -q ML-DSA; then
        echo mldsa44 mldsa65 mldsa87
    fi
}

# key KIND: KIND.key and KIND.crt, of the test keys or made here
key() {
    if [[ $1 != mldsa* ]]; then
        cp "$KEYS/$1.key" "$KEYS/$1.crt" .
        return
    fi
    openssl genpkey -algorithm "ML-DSA-${1#mldsa}" -out "$1.key"
    openssl req -x509 -new -key "$1.key" -subj "/CN=$1" -days 3650 -out "$1.crt" \
        -addext keyUsage=critical,digitalSignature -addext extendedKeyUsage=codeSigning
}

# A kernel that has everything built in: Debian's have no ML-DSA.
kernel_config() {
    printf 'CONFIG_%s=y\n' BPF_SYSCALL KEYS SYSTEM_DATA_VERIFICATION CRYPTO_RSA CRYPTO_ECDSA CRYPTO_MLDSA \
        CRYPTO_SHA1 CRYPTO_SHA256 CRYPTO_SHA512 >config
}

# accepted KIND: tiny.lskel.h has all three signatures, and its certificate alone vouches for them
accepted() {
    run "$TOOL" verify --kernel-config config -c "$1.crt" tiny.lskel.h
    status_is 0
    [ "$output" = "tiny.lskel.h: accepted (folded, chain, insns)" ]
}

prepare() {
    object tiny
    kernel_config
    KINDS=$(kinds)
    for kind in $KINDS; do
        key "$kind"
    done
}

@test "PEM" {
    prepare
    for kind in $KINDS; do
        "$TOOL" sign -q -k "$kind.key" -c "$kind.crt" tiny.bpf.o
        accepted "$kind"
    done
}

@test "PEM, encrypted" {
    prepare
    export BPF_CHAINSIGN_PASSPHRASE=opensesame
    for kind in $KINDS; do
        openssl pkey -in "$kind.key" -aes256 -passout pass:opensesame -out enc.key
        "$TOOL" sign -q -k enc.key -c "$kind.crt" tiny.bpf.o
        accepted "$kind"
    done
}

@test "PKCS#12" {
    prepare
    export BPF_CHAINSIGN_PASSPHRASE=opensesame
    for kind in $KINDS; do
        openssl pkcs12 -export -inkey "$kind.key" -in "$kind.crt" -passout pass:opensesame -out k.p12
        "$TOOL" sign -q -k k.p12 tiny.bpf.o
        accepted "$kind"
    done
}

@test "a token, by each way there is (SoftHSM2 has no ML-DSA)" {
    prepare
    new_token one
    local id=1
    for kind in rsa2048 rsa4096 p256 p384; do
        import_key one "$kind" "0$((id++))"
    done
    for way in $(token_ways); do
        for kind in rsa2048 rsa4096 p256 p384; do
            BPF_CHAINSIGN_PKCS11=$way token_sign -q -k "pkcs11:token=one;object=$kind" tiny.bpf.o
            accepted "$kind"
        done
    done
}

@test "old key and new key in one signature: each certificate alone is enough" {
    prepare
    for kind in $KINDS; do
        [ "$kind" = rsa2048 ] && continue
        "$TOOL" sign -q -k rsa2048.key -c rsa2048.crt -k "$kind.key" -c "$kind.crt" tiny.bpf.o
        accepted "$kind"
        accepted rsa2048
        [[ $kind == mldsa* ]] || continue
        cp tiny.lskel.h once.h
        "$TOOL" sign -q -k "$kind.key" -c "$kind.crt" -k rsa2048.key -c rsa2048.crt tiny.bpf.o
        cmp once.h tiny.lskel.h
        # a kernel that knows ML-DSA's name and no more takes the other signer; Linux 6.18 none
        "$TOOL" verify -q -c rsa2048.crt tiny.lskel.h
        "$TOOL" verify -q --kernel 7.2 -c rsa2048.crt tiny.lskel.h
        run "$TOOL" verify --kernel 6.18 -c rsa2048.crt tiny.lskel.h
        status_is 1
        output_has "ENOPKG"
        run "$TOOL" verify -c "$kind.crt" tiny.lskel.h
        status_is 1
    done
}

# signed_by KIND...: what openssl says of a signature over "content" by these, with --hash sha384
signed_by() {
    local kind pairs=()
    for kind; do
        pairs+=(-k "$kind.key" -c "$kind.crt")
    done
    "$TOOL" sign -q --detached --hash sha384 -s chain "${pairs[@]}" tiny.bpf.o
    cat rsa2048.crt p256.crt "${@/%/.crt}" >certs
    openssl cms -verify -binary -noverify -nointern -inform DER -in tiny.lskel.h.chain.p7s \
        -certfile certs -content content -out verified 2>/dev/null
    cmp content verified
    openssl cms -cmsout -print -inform DER -in tiny.lskel.h.chain.p7s -noout | tee printed
    [ "$(grep -c "^ *digestAlgorithm: *$" printed)" -eq $# ]
}

@test "all signers sign contentType and messageDigest if one of them is ML-DSA's, else none does" {
    prepare
    "$TOOL" sign -q --prepare step -s chain tiny.bpf.o
    cp step/tiny.lskel.h.chain.content content
    signed_by rsa2048 p256
    [ "$(grep -c 'object: ' printed)" -eq 0 ]
    for kind in $KINDS; do
        [[ $kind == mldsa* ]] || continue
        signed_by rsa2048 "$kind" p256
        [ "$(grep -c 'object: contentType' printed)" -eq 3 ]
        [ "$(grep -c 'object: messageDigest' printed)" -eq 3 ]
        [ "$(grep -c 'object: ' printed)" -eq 6 ]
        [ "$(grep -A 1 '^ *digestAlgorithm: *$' printed | grep -c sha384)" -eq 2 ]
    done
}

@test "ML-DSA gives the same bytes each time, or says what it needs" {
    prepare
    if [[ $KINDS != *mldsa* ]]; then
        # a certificate with a key of ML-DSA-44's algorithm, which this OpenSSL cannot read
        openssl x509 -in p256.crt -outform DER -out p256.der
        perl -e 'local $/; $_ = <>; s/\x06\x07\x2a\x86\x48\xce\x3d\x02\x01/\x06\x07\x60\x86\x48\x01\x65\x03\x04/; print' \
            p256.der >alien.der
        run "$TOOL" sign -k p256.key -c alien.der tiny.bpf.o
        status_is 3
        output_has "ML-DSA needs OpenSSL 3.5 or later"
        return
    fi
    for kind in mldsa44 mldsa65 mldsa87; do
        "$TOOL" sign -q -k "$kind.key" -c "$kind.crt" tiny.bpf.o
        cp tiny.lskel.h once.h
        "$TOOL" sign -q -k "$kind.key" -c "$kind.crt" tiny.bpf.o
        cmp once.h tiny.lskel.h
        "$TOOL" sign -q --detached --scheme folded -k "$kind.key" -c "$kind.crt" tiny.bpf.o
        openssl cms -cmsout -print -inform DER -in tiny.lskel.h.folded.p7s -noout >printed
        grep -q 'algorithm: sha512' printed
        [ "$(grep -c 'object: ' printed)" -eq 2 ]
    done
}
