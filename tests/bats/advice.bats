#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-2-Clause
# What sign says of certificates and signatures that kernels take all the same.

load common

# sign_by NAME [OPTION...]: tiny.bpf.o with a key of keys/test
sign_by() {
    local name=$1
    shift
    "$TOOL" sign -k "$KEYS/$name.key" -c "$KEYS/$name.crt" "$@" tiny.bpf.o
}

# certificate KEY OPTION...: own.crt, of a key of keys/test, as a signer's should be but for OPTION
certificate() {
    local key=$1
    shift
    openssl req -x509 -key "$key" -subj "/CN=own" -days 3650 -addext "keyUsage=digitalSignature" \
        -addext "extendedKeyUsage=codeSigning" -out own.crt "$@"
}

# ids: of the advice in the output, one a line
ids() {
    sed -n 's/^bpf-chainsign: warning: .*\.crt: \[\([a-z-]*\)\].*/\1/p' <<<"$output"
}

mldsa() {
    openssl list -public-key-algorithms | grep -q ML-DSA
}

setup() {
    cd "$BATS_TEST_TMPDIR" || return 1
    unset SOURCE_DATE_EPOCH
    object tiny
}

@test "a good certificate gets no advice" {
    for name in rsa2048 rsa4096 p256 p384 leaf; do
        run sign_by "$name"
        status_is 0
        [ -z "$(ids)" ]
        run sign_by "$name" --json
        output_has '"advice": []'
    done
}

@test "an expired certificate, and one that is not valid yet, by the clock or by SOURCE_DATE_EPOCH" {
    run sign_by expired
    status_is 0
    [ "$(ids)" = expired ]
    output_has "expired.crt: [expired] the certificate expired on 2021-01-01;"
    SOURCE_DATE_EPOCH=1600000000 run sign_by expired
    [ -z "$(ids)" ]
    SOURCE_DATE_EPOCH=0 run sign_by rsa2048
    status_is 0
    [ "$(ids)" = not-yet-valid ]
    output_has "valid only from 2025-01-01 on"
    SOURCE_DATE_EPOCH=9999999999 run sign_by rsa2048
    [ "$(ids)" = expired ]
    for text in "" tomorrow 1x -1 99999999999999999999; do
        SOURCE_DATE_EPOCH=$text run sign_by rsa2048
        status_is 3
        output_has "SOURCE_DATE_EPOCH is '$text': expected seconds since 1970"
    done
}

@test "verify warns of a trusted certificate that is not valid now, and judges as kernels do" {
    sign_by expired --quiet
    run "$TOOL" verify -c "$KEYS/expired.crt" tiny.lskel.h
    status_is 0
    [ "$(ids)" = expired ]
    output_has "expired.crt: [expired] the certificate expired on 2021-01-01; kernels do not check this" accepted
    run "$TOOL" verify --quiet -c "$KEYS/expired.crt" tiny.lskel.h
    [ "$(ids)" = expired ]
    SOURCE_DATE_EPOCH=1600000000 run "$TOOL" verify -c "$KEYS/expired.crt" tiny.lskel.h
    [ -z "$(ids)" ]
    SOURCE_DATE_EPOCH=0 run "$TOOL" verify -c "$KEYS/expired.crt" tiny.lskel.h
    [ "$(ids)" = not-yet-valid ]
    run "$TOOL" verify -c "$KEYS/rsa2048.crt" --revoked "$KEYS/expired.crt" tiny.lskel.h
    [ -z "$(ids)" ]
    SOURCE_DATE_EPOCH=x run "$TOOL" verify -c "$KEYS/expired.crt" tiny.lskel.h
    status_is 3
    output_has "SOURCE_DATE_EPOCH is 'x': expected seconds since 1970"
}

@test "usages that enrolment in the .bpf keyring refuses" {
    run sign_by wrongusage
    status_is 0
    [ "$(ids)" = "key-usage
extended-key-usage" ]
    certificate "$KEYS/p256.key"
    run "$TOOL" sign -k "$KEYS/p256.key" -c own.crt tiny.bpf.o
    [ -z "$(ids)" ]
    # without these extensions nothing is excluded
    openssl req -x509 -key "$KEYS/p256.key" -subj /CN=own -days 3650 -out own.crt
    run "$TOOL" sign -k "$KEYS/p256.key" -c own.crt tiny.bpf.o
    status_is 0
    [ -z "$(ids)" ]
}

@test "what systemd does not enroll in the .bpf keyring, and what it does" {
    openssl req -x509 -key "$KEYS/rsa2048.key" -subj "/CN=any" -days 3650 -addext "keyUsage=digitalSignature" \
        -addext "extendedKeyUsage=anyExtendedKeyUsage" -out own.crt
    run "$TOOL" sign -k "$KEYS/rsa2048.key" -c own.crt tiny.bpf.o
    status_is 0
    [ -z "$(ids)" ]
    cat own.crt "$KEYS/ca.crt" >bundle.crt
    run "$TOOL" sign -k "$KEYS/rsa2048.key" -c bundle.crt tiny.bpf.o
    status_is 0
    [ "$(ids)" = unused-certificates ]
    output_has "its file contains 1 more certificate, which no signature uses, and systemd does not enroll"
    openssl x509 -in own.crt -outform DER -out der.crt
    run "$TOOL" sign -k "$KEYS/rsa2048.key" -c der.crt tiny.bpf.o
    status_is 0
    [ "$(ids)" = der-certificate ]
    # PKCS#12 is not a file that is enrolled
    openssl pkcs12 -export -inkey "$KEYS/rsa2048.key" -in own.crt -passout pass: -out k.p12
    run "$TOOL" sign -k k.p12 tiny.bpf.o
    status_is 0
    output_lacks warning
    certificate "$KEYS/rsa2048.key" -set_serial -5
    run "$TOOL" sign -k "$KEYS/rsa2048.key" -c own.crt tiny.bpf.o
    status_is 0
    [ "$(ids)" = negative-serial ]
    # an extension that does not parse
    certificate "$KEYS/rsa2048.key" -addext 1.3.6.1.5.5.7.1.1=DER:0101
    run "$TOOL" sign -k "$KEYS/rsa2048.key" -c own.crt tiny.bpf.o
    status_is 0
    [ "$(ids)" = invalid-extension ]
}

@test "no subjectKeyIdentifier" {
    run sign_by noskid
    status_is 0
    [ "$(ids)" = no-key-id ]
}

@test "an RSA key below 2048 bits" {
    openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:1024 -out short.key
    certificate short.key
    run "$TOOL" sign -k short.key -c own.crt tiny.bpf.o
    status_is 0
    [ "$(ids)" = short-key ]
    output_has "an RSA key of 1024 bits"
}

@test "a certificate signed with SHA-1, and with MD5, which kernels do not take" {
    certificate "$KEYS/rsa2048.key" -sha1
    run "$TOOL" sign -k "$KEYS/rsa2048.key" -c own.crt tiny.bpf.o
    status_is 0
    [ "$(ids)" = weak-digest ]
    output_has "signed with SHA-1"
    certificate "$KEYS/rsa2048.key" -md5
    rm tiny.lskel.h
    run "$TOOL" sign -k "$KEYS/rsa2048.key" -c own.crt tiny.bpf.o
    status_is 3
    [ "$(ids)" = weak-digest ]
    output_has "signed with MD5" "would not add the certificate to a keyring: ENOPKG"
    [ ! -e tiny.lskel.h ]
}

@test "--json has the advice in each result, --quiet keeps it" {
    cp tiny.bpf.o other.bpf.o
    run sign_by wrongusage --json other.bpf.o
    status_is 0
    [ "$(grep -c '"id": "key-usage"' <<<"$output")" -eq 2 ]
    [ "$(grep -c '"id": "extended-key-usage"' <<<"$output")" -eq 2 ]
    output_has "\"cert\": \"$KEYS/wrongusage.crt\"" '"what": "the certificate' '"remedy": "'
    [ "$(ids | wc -l)" -eq 2 ]
    run sign_by wrongusage --quiet
    status_is 0
    [ "$(ids | wc -l)" -eq 2 ]
    output_lacks "signed by"
}

@test "of several signers the certificate that is meant is named" {
    run sign_by rsa2048 -k "$KEYS/expired.key" -c "$KEYS/expired.crt"
    status_is 0
    [ "$(ids)" = expired ]
    output_has "expired.crt: [expired]"
    run sign_by rsa2048 --json -k "$KEYS/expired.key" -c "$KEYS/expired.crt"
    output_has "\"cert\": \"$KEYS/expired.crt\""
}

@test "a signature that is larger than bpftool has room for" {
    local signers=()
    for n in 1 2 3 4 5 6 7 8; do
        certificate "$KEYS/rsa4096.key" -set_serial "$n"
        mv own.crt "$n.crt"
        signers+=(-k "$KEYS/rsa4096.key" -c "$n.crt")
    done
    run "$TOOL" sign "${signers[@]}" tiny.bpf.o
    status_is 0
    output_has "warning: tiny.bpf.o: [large-signature] the signature has 4" "bpftool only 4096"
    run "$TOOL" sign --json "${signers[@]}" tiny.bpf.o
    output_has '"id": "large-signature"' '"cert": null'
    run "$TOOL" sign "${signers[@]:0:8}" tiny.bpf.o
    [[ $output != *large-signature* ]]
}

# What a kernel needs to take ML-DSA.
mldsa_config() {
    printf 'CONFIG_%s=y\n' BPF_SYSCALL KEYS SYSTEM_DATA_VERIFICATION CRYPTO_RSA CRYPTO_ECDSA \
        CRYPTO_SHA256 CRYPTO_SHA512 CRYPTO_MLDSA >config
}

@test "ML-DSA is signed with, and the kernels that lack it are named; older OpenSSL says what it needs" {
    for level in 44 65 87; do
        run sign_by "mldsa$level"
        if mldsa; then
            status_is 0
            ids | grep -qx kernel-lacks-key
            output_has "Linux 6.18 to 6.19 (ENOPKG), Linux 7.0 and later and hash-chain kernels (ENOENT)" \
                "CRYPTO_MLDSA=y"
            run sign_by "mldsa$level" --scheme folded
            output_has "would not add the certificate to a keyring: Linux 7.3 and later (ENOENT);"
        else
            status_is 3
            output_has "ML-DSA needs OpenSSL 3.5"
            [ ! -e tiny.lskel.h ]
        fi
    done
}

@test "of an ML-DSA key among several signers the kernels are named that refuse all of them" {
    run sign_by rsa2048 -k "$KEYS/p256.key" -c "$KEYS/p256.crt"
    status_is 0
    [ -z "$(ids)" ]
    mldsa || return 0
    run sign_by rsa2048 -k "$KEYS/mldsa44.key" -c "$KEYS/mldsa44.crt"
    status_is 0
    ids | grep -qx kernel-lacks-key
    output_has "mldsa44.crt: [kernel-refuses-all] some kernels reject every signature in which this key takes part, even if they trust another signer: Linux 6.18 to 6.19 (ENOPKG);"
    run sign_by rsa2048 -k "$KEYS/mldsa44.key" -c "$KEYS/mldsa44.crt" --scheme folded,chain
    status_is 0
    [[ $output != *kernel-refuses-all* ]]
    [[ $output == *kernel-lacks-key* ]]
}

@test "ML-DSA is accepted for a kernel that has it, and rejected for Debian's; older OpenSSL cannot tell" {
    mldsa_config
    for level in 44 65 87; do
        if mldsa; then
            sign_by "mldsa$level" --quiet
        else
            sign --quiet tiny.bpf.o
        fi
        run "$TOOL" verify -c "$KEYS/mldsa$level.crt" tiny.lskel.h
        status_is 1
        output_has "Linux 7.3, hash-chain kernel would not add this certificate to a keyring: ENOENT" "does not support ML-DSA" \
            "ENOKEY (-126)"
        run "$TOOL" verify --kernel 6.18 -c "$KEYS/mldsa$level.crt" tiny.lskel.h
        status_is 1
        output_has "ENOPKG"
        run "$TOOL" verify --kernel-config config -c "$KEYS/mldsa$level.crt" tiny.lskel.h
        if mldsa; then
            status_is 0
            output_has "accepted (folded, chain, insns)"
            flip opts_data tiny.lskel.h
            run "$TOOL" verify --kernel-config config -c "$KEYS/mldsa$level.crt" tiny.lskel.h
            status_is 1
            output_has "EKEYREJECTED (-129)"
        else
            status_is 3
            output_has "only OpenSSL 3.5 and later can check ML-DSA signatures"
        fi
        run "$TOOL" chain tiny.lskel.h
        status_is 0
    done
}
