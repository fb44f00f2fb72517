#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-2-Clause
# Where keys come from: files, PKCS#12, tokens; passphrases and PINs.
#
# Each test is a shell of its own; MODULE is token.bash's.
# shellcheck disable=SC2030,SC2031,SC2153

load common
load token

# --- files ---

@test "PKCS#12 holds key and certificate, and gives the bytes of PEM" {
    object tiny
    openssl pkcs12 -export -inkey "$KEYS/rsa2048.key" -in "$KEYS/rsa2048.crt" -out k.p12 \
        -passout pass:opensesame
    sign -q tiny.bpf.o
    cp tiny.lskel.h pem.h
    BPF_CHAINSIGN_PASSPHRASE=opensesame "$TOOL" sign -q -k k.p12 tiny.bpf.o
    cmp pem.h tiny.lskel.h
    BPF_CHAINSIGN_PASSPHRASE=opensesame "$TOOL" sign -q -k k.p12 -c "$KEYS/rsa2048.crt" tiny.bpf.o
    cmp pem.h tiny.lskel.h
    BPF_CHAINSIGN_PASSPHRASE=opensesame "$TOOL" sign -q -k k.p12 -c k.p12 tiny.bpf.o
    cmp pem.h tiny.lskel.h
}

@test "PKCS#12 without a passphrase is not asked one for" {
    object tiny
    openssl pkcs12 -export -inkey "$KEYS/p256.key" -in "$KEYS/p256.crt" -out k.p12 -passout pass:
    "$TOOL" sign -q -k k.p12 tiny.bpf.o
    "$TOOL" verify -q -c "$KEYS/p256.crt" tiny.lskel.h
}

@test "PKCS#12 that does not open, or lacks something: one message, status 3" {
    object tiny
    openssl pkcs12 -export -inkey "$KEYS/p256.key" -in "$KEYS/p256.crt" -out k.p12 -passout pass:sesame
    run "$TOOL" sign -k k.p12 tiny.bpf.o </dev/null
    status_is 3
    output_has "k.p12: the key is encrypted: set BPF_CHAINSIGN_PASSPHRASE"
    BPF_CHAINSIGN_PASSPHRASE=wrong run "$TOOL" sign -k k.p12 tiny.bpf.o
    status_is 3
    output_has "k.p12: the passphrase is wrong"
    openssl pkcs12 -export -nokeys -in "$KEYS/p256.crt" -out certs.p12 -passout pass:sesame
    BPF_CHAINSIGN_PASSPHRASE=sesame run "$TOOL" sign -k certs.p12 -c "$KEYS/p256.crt" tiny.bpf.o
    status_is 3
    output_has "certs.p12: contains no private key"
    openssl pkcs12 -export -nocerts -inkey "$KEYS/p256.key" -out key.p12 -passout pass:sesame
    BPF_CHAINSIGN_PASSPHRASE=sesame run "$TOOL" sign -k key.p12 tiny.bpf.o
    status_is 3
    output_has "key.p12: contains no certificate" "--cert"
    BPF_CHAINSIGN_PASSPHRASE=sesame "$TOOL" sign -q -k key.p12 -c "$KEYS/p256.crt" tiny.bpf.o
}

@test "PKCS#12 without a MAC opens, encrypted or not; a wrong passphrase is called that" {
    object tiny
    local files=(-inkey "$KEYS/rsa2048.key" -in "$KEYS/rsa2048.crt" -nomac)
    openssl pkcs12 -export "${files[@]}" -passout pass:sesame -out encrypted.p12
    openssl pkcs12 -export "${files[@]}" -passout pass:sesame -certpbe NONE -out half.p12
    openssl pkcs12 -export "${files[@]}" -passout pass:sesame -certpbe NONE -keypbe NONE -out open.p12
    sign -q tiny.bpf.o
    cp tiny.lskel.h pem.h
    for file in encrypted half open; do
        BPF_CHAINSIGN_PASSPHRASE=sesame "$TOOL" sign -q -k $file.p12 tiny.bpf.o
        cmp pem.h tiny.lskel.h
    done
    BPF_CHAINSIGN_PASSPHRASE=wrong "$TOOL" sign -q -k open.p12 tiny.bpf.o
    "$TOOL" sign -q -k open.p12 tiny.bpf.o </dev/null
    for file in encrypted half; do
        BPF_CHAINSIGN_PASSPHRASE=wrong run "$TOOL" sign -k $file.p12 tiny.bpf.o
        status_is 3
        output_has "$file.p12: the passphrase is wrong"
        run "$TOOL" sign -k $file.p12 tiny.bpf.o </dev/null
        status_is 3
        output_has "$file.p12: the key is encrypted: set BPF_CHAINSIGN_PASSPHRASE"
    done
}

# with_mac FILE OID: a PKCS#12 file whose MAC, of SHA-256, has the algorithm OID instead (11 bytes in hex)
with_mac() {
    perl -0777 -e 'my ($file, $oid) = @ARGV; open(my $in, "<:raw", $file) or die; local $/; my $all = <$in>;
        my $at = rindex($all, pack("H*", "0609608648016503040201")); die if $at < 0;
        substr($all, $at, 11) = pack("H*", $oid); binmode(STDOUT); print $all' "$@"
}

@test "PKCS#12 with a MAC or encryption that OpenSSL lacks is not a wrong passphrase" {
    object tiny
    local files=(-inkey "$KEYS/rsa2048.key" -in "$KEYS/rsa2048.crt" -passout pass:sesame)
    export BPF_CHAINSIGN_PASSPHRASE=sesame
    if openssl pkcs12 -export "${files[@]}" -pbmac1_pbkdf2 -out pbmac1.p12 2>/dev/null; then
        "$TOOL" sign -q -k pbmac1.p12 tiny.bpf.o
    else
        openssl pkcs12 -export "${files[@]}" -out mac.p12
        with_mac mac.p12 06092a864886f70d01050e >pbmac1.p12
        run "$TOOL" sign -k pbmac1.p12 tiny.bpf.o
        status_is 3
        output_has "pbmac1.p12: is protected with PBMAC1, which needs OpenSSL 3.4 or later, but this is 3."
    fi
    openssl pkcs12 -export "${files[@]}" -out mac.p12
    # a digest that nothing has
    with_mac mac.p12 060960864801650304027f >mac.p12.new
    run "$TOOL" sign -k mac.p12.new tiny.bpf.o
    status_is 3
    output_has "mac.p12.new: OpenSSL 3." "does not support the digest of its MAC"
    if openssl pkcs12 -export -legacy "${files[@]}" -out old.p12; then
        run "$TOOL" sign -k old.p12 tiny.bpf.o
        status_is 3
        output_has "old.p12: OpenSSL 3." "does not support its encryption (RC2-40-CBC): decrypt it with"
        openssl pkcs12 -export -legacy "${files[@]}" -nomac -certpbe PBE-SHA1-RC2-40 -out old.p12
        run "$TOOL" sign -k old.p12 tiny.bpf.o
        status_is 3
        output_has "does not support its encryption (RC2-40-CBC)"
        for form in PEM DER; do
            openssl pkcs8 -topk8 -in "$KEYS/rsa2048.key" -v1 PBE-SHA1-RC2-40 -passout pass:sesame \
                -provider legacy -provider default -outform $form -out old.key
            run "$TOOL" sign -k old.key -c "$KEYS/rsa2048.crt" tiny.bpf.o
            status_is 3
            output_has "old.key: OpenSSL 3." "does not support its encryption (RC2-40-CBC)"
        done
    fi
}

@test "a key in DER signs: PKCS#8, encrypted, and the older formats" {
    object tiny
    sign -q tiny.bpf.o
    cp tiny.lskel.h pem.h
    openssl pkcs8 -topk8 -nocrypt -in "$KEYS/rsa2048.key" -outform DER -out a.der
    openssl rsa -in "$KEYS/rsa2048.key" -traditional -outform DER -out b.der
    openssl pkcs8 -topk8 -in "$KEYS/rsa2048.key" -outform DER -passout pass:sesame -out c.der
    for file in a b c; do
        BPF_CHAINSIGN_PASSPHRASE=sesame "$TOOL" sign -q -k $file.der -c "$KEYS/rsa2048.crt" tiny.bpf.o
        cmp pem.h tiny.lskel.h
    done
    openssl ec -in "$KEYS/p256.key" -outform DER -out ec.der
    "$TOOL" sign -q -k ec.der -c "$KEYS/p256.crt" tiny.bpf.o
    "$TOOL" verify -q -c "$KEYS/p256.crt" tiny.lskel.h
    BPF_CHAINSIGN_PASSPHRASE=wrong run "$TOOL" sign -k c.der -c "$KEYS/rsa2048.crt" tiny.bpf.o
    status_is 3
    output_has "c.der: the passphrase is wrong"
    echo >>a.der
    run "$TOOL" sign -k a.der -c "$KEYS/rsa2048.crt" tiny.bpf.o
    status_is 3
    output_has "a.der: 1 bytes follow the private key"
    openssl x509 -in "$KEYS/rsa2048.crt" -outform DER -out crt.der
    run "$TOOL" sign -k crt.der -c "$KEYS/rsa2048.crt" tiny.bpf.o
    status_is 3
    output_has "crt.der: contains no private key: expected PEM (-----BEGIN PRIVATE KEY-----), DER or PKCS#12"
}

@test "of several certificates in a file the one is used that belongs to the key" {
    object tiny
    sign -q tiny.bpf.o
    cp tiny.lskel.h alone.h
    cat "$KEYS/ca.crt" "$KEYS/unrelated.crt" "$KEYS/rsa2048.crt" >ca-first.pem
    "$TOOL" sign -q -k "$KEYS/rsa2048.key" -c ca-first.pem tiny.bpf.o
    cmp alone.h tiny.lskel.h
    cat "$KEYS/rsa2048.key" "$KEYS/ca.crt" "$KEYS/rsa2048.crt" >both.pem
    "$TOOL" sign -q -k both.pem tiny.bpf.o
    cmp alone.h tiny.lskel.h
    for file in "$KEYS/ca.crt" "$KEYS/rsa2048.crt"; do openssl x509 -in "$file" -outform DER; done >both.der
    "$TOOL" sign -q -k "$KEYS/rsa2048.key" -c both.der tiny.bpf.o
    cmp alone.h tiny.lskel.h
    openssl pkcs12 -export -nokeys -in ca-first.pem -passout pass: -out certs.p12
    "$TOOL" sign -q -k "$KEYS/rsa2048.key" -c certs.p12 tiny.bpf.o
    cmp alone.h tiny.lskel.h
    cat "$KEYS/ca.crt" "$KEYS/unrelated.crt" >none.pem
    run "$TOOL" sign -k "$KEYS/rsa2048.key" -c none.pem tiny.bpf.o
    status_is 3
    output_has "none.pem: this certificate does not belong to the key"
    # a first certificate whose key no kernel verifies
    openssl genpkey -algorithm ed25519 -out ed.key
    openssl req -new -x509 -key ed.key -subj /CN=ca -out ed.crt
    cat ed.crt "$KEYS/rsa2048.crt" >ed-first.pem
    "$TOOL" sign -q -k "$KEYS/rsa2048.key" -c ed-first.pem tiny.bpf.o
    cmp alone.h tiny.lskel.h
}

@test "keys of other tools are named, with the way to use them" {
    object tiny
    local label
    for label in "TSS2 PRIVATE KEY:TPM" "ENCRYPTED COSIGN PRIVATE KEY:cosign" \
        "ENCRYPTED SIGSTORE PRIVATE KEY:cosign" "PGP PRIVATE KEY BLOCK:OpenPGP" "OPENSSH PRIVATE KEY:ssh-keygen -p -m PKCS8" \
        "PUBLIC KEY:contains no private key, but a public key" "CERTIFICATE REQUEST:a request for a certificate"; do
        printf -- '-----BEGIN %s-----\nAAAA\n-----END %s-----\n' "${label%%:*}" "${label%%:*}" >foreign
        run "$TOOL" sign -k foreign -c "$KEYS/rsa2048.crt" tiny.bpf.o
        status_is 3
        output_has "foreign: " "${label#*:}"
    done
    output_lacks "foreign: is contains"
    ssh-keygen -q -t rsa -b 2048 -N '' -f ssh 2>/dev/null || printf -- '-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n' >ssh
    run "$TOOL" sign -k ssh -c "$KEYS/rsa2048.crt" tiny.bpf.o
    status_is 3
    output_has "ssh: is an OpenSSH key: convert a copy with"
    run "$TOOL" sign -k "$KEYS/rsa2048.crt" -c "$KEYS/rsa2048.crt" tiny.bpf.o
    status_is 3
    output_has "contains no private key, but a certificate: pass the private key"
    printf 'PuTTY-User-Key-File-3: ssh-rsa\n' >foreign
    run "$TOOL" sign -k foreign -c "$KEYS/rsa2048.crt" tiny.bpf.o
    output_has "foreign: is a PuTTY key"
    printf '\xfe\xed\xfe\xed\0\0\0\2' >foreign
    run "$TOOL" sign -k foreign -c "$KEYS/rsa2048.crt" tiny.bpf.o
    output_has "foreign: is a Java key store" "keytool"
    for name in awskms:///alias/x arn:aws:kms:eu-west-1:1:key/2 gcpkms://projects/x hashivault://k azurekms://v/k \
        projects/p/locations/l/keyRings/r/cryptoKeys/k tpmkey:x handle:0x81010001; do
        run "$TOOL" sign -k "$name" -c "$KEYS/rsa2048.crt" tiny.bpf.o
        status_is 3
        output_has "$name: is a" "sign in two steps (--prepare, --attach), as docs/two-step.md shows"
    done
    run "$TOOL" sign -k https://example.com/key -c "$KEYS/rsa2048.crt" tiny.bpf.o
    output_has "is an address, which is not read"
}

@test "a passphrase file that cannot be read is named" {
    object tiny
    openssl pkey -in "$KEYS/rsa2048.key" -aes256 -passout pass:opensesame -out enc.key
    BPF_CHAINSIGN_PASSPHRASE_FILE=missing run "$TOOL" sign -k enc.key -c "$KEYS/rsa2048.crt" tiny.bpf.o
    status_is 3
    output_has "enc.key: cannot take the passphrase from missing: cannot open"
    head -c 300 /dev/zero | tr '\0' x >long
    BPF_CHAINSIGN_PASSPHRASE_FILE=long run "$TOOL" sign -k enc.key -c "$KEYS/rsa2048.crt" tiny.bpf.o
    status_is 3
    output_has "its first line is longer than 255 bytes"
    BPF_CHAINSIGN_PASSPHRASE=$(cat long) run "$TOOL" sign -k enc.key -c "$KEYS/rsa2048.crt" tiny.bpf.o
    status_is 3
    output_has "BPF_CHAINSIGN_PASSPHRASE is longer than 255 bytes"
    [[ $output != *xxx* ]]
}

@test "a variable that is set to nothing is named, and a byte order mark is not part of a passphrase" {
    object tiny
    local name
    BPF_CHAINSIGN_KEY='' run "$TOOL" sign -c "$KEYS/rsa2048.crt" tiny.bpf.o
    status_is 2
    output_has "BPF_CHAINSIGN_KEY is empty"
    BPF_CHAINSIGN_CERT='' run "$TOOL" sign -k "$KEYS/rsa2048.key" tiny.bpf.o
    status_is 2
    output_has "BPF_CHAINSIGN_CERT is empty"
    BPF_CHAINSIGN_CERT='' run "$TOOL" sign --attach . tiny.bpf.o
    status_is 2
    output_has "BPF_CHAINSIGN_CERT is empty"
    run "$TOOL" sign -k '' -c "$KEYS/rsa2048.crt" tiny.bpf.o
    status_is 2
    output_has "--key is empty"
    run "$TOOL" sign -k "$KEYS/rsa2048.key" -c '' tiny.bpf.o
    status_is 2
    output_has "--cert is empty"
    # options come first
    BPF_CHAINSIGN_KEY='' BPF_CHAINSIGN_CERT='' sign -q tiny.bpf.o
    openssl pkey -in "$KEYS/rsa2048.key" -aes256 -passout pass:sesame -out enc.key
    for name in BPF_CHAINSIGN_PASSPHRASE BPF_CHAINSIGN_PASSPHRASE_FILE; do
        run env $name= "$TOOL" sign -k enc.key -c "$KEYS/rsa2048.crt" tiny.bpf.o
        status_is 3
        output_has "enc.key: $name is empty"
        env $name= "$TOOL" sign -q -k "$KEYS/rsa2048.key" -c "$KEYS/rsa2048.crt" tiny.bpf.o
    done
    printf '\xef\xbb\xbfsesame\r\n' >word
    BPF_CHAINSIGN_PASSPHRASE_FILE=word "$TOOL" sign -q -k enc.key -c "$KEYS/rsa2048.crt" tiny.bpf.o
    printf '\xff\xfes\0e\0s\0' >word
    BPF_CHAINSIGN_PASSPHRASE_FILE=word run "$TOOL" sign -k enc.key -c "$KEYS/rsa2048.crt" tiny.bpf.o
    status_is 3
    output_has "enc.key: cannot take the passphrase from word: it is UTF-16: write it as UTF-8"
    printf '\xfe\xff\0s\0e' >word
    BPF_CHAINSIGN_PASSPHRASE_FILE=word run "$TOOL" sign -k enc.key -c "$KEYS/rsa2048.crt" tiny.bpf.o
    status_is 3
    output_has "it is UTF-16: write it as UTF-8"
    # without a mark, of which only the first letter would be left
    printf 's\0e\0s\0' >word
    BPF_CHAINSIGN_PASSPHRASE_FILE=word run "$TOOL" sign -k enc.key -c "$KEYS/rsa2048.crt" tiny.bpf.o
    status_is 3
    output_has "it has a zero byte, as UTF-16 has: write it as UTF-8"
}

@test "a passphrase comes out of a pipe, once for all keys, and what is neither file nor pipe is refused" {
    object tiny
    openssl pkcs12 -export -inkey "$KEYS/rsa2048.key" -in "$KEYS/rsa2048.crt" -out a.p12 -passout pass:opensesame
    openssl pkcs12 -export -inkey "$KEYS/p256.key" -in "$KEYS/p256.crt" -out b.p12 -passout pass:opensesame
    BPF_CHAINSIGN_PASSPHRASE_FILE=<(echo opensesame) "$TOOL" sign -q -k a.p12 -k b.p12 tiny.bpf.o
    "$TOOL" verify -q -c "$KEYS/p256.crt" tiny.lskel.h
    BPF_CHAINSIGN_PASSPHRASE_FILE=/dev/fd/7 "$TOOL" sign -q -k a.p12 tiny.bpf.o 7< <(printf opensesame)
    BPF_CHAINSIGN_PASSPHRASE_FILE=/dev/stdin "$TOOL" sign -q -k a.p12 tiny.bpf.o <<<opensesame
    printf 'opensesame\r\nmore\n' | BPF_CHAINSIGN_PASSPHRASE_FILE=/dev/stdin "$TOOL" sign -q -k a.p12 tiny.bpf.o
    # its writer comes late, says it in two pieces, and does not go
    mkfifo fifo
    (exec 8>fifo; sleep 0.2; printf open >&8; sleep 0.2; echo sesame >&8; exec sleep 60) 3>&- &
    BPF_CHAINSIGN_PASSPHRASE_FILE=fifo timeout 30 "$TOOL" sign -q -k a.p12 tiny.bpf.o
    kill $!
    BPF_CHAINSIGN_PASSPHRASE_FILE=<(false) run "$TOOL" sign -k a.p12 tiny.bpf.o
    status_is 3
    output_has "a.p12: cannot take the passphrase from /dev/fd/" "the pipe is empty"
    BPF_CHAINSIGN_PASSPHRASE_FILE=<(head -c 300 /dev/zero | tr '\0' x) run "$TOOL" sign -k a.p12 tiny.bpf.o
    status_is 3
    output_has "its first line is longer than 255 bytes"
    for file in /dev/zero . ; do
        BPF_CHAINSIGN_PASSPHRASE_FILE=$file run "$TOOL" sign -k a.p12 tiny.bpf.o
        status_is 3
        output_has "from $file: neither a file nor a pipe"
    done
    # a key is no secret's file
    run "$TOOL" sign -k <(cat "$KEYS/rsa2048.key") -c "$KEYS/rsa2048.crt" tiny.bpf.o
    status_is 3
    output_has "expected a regular file"
}

@test "--check-key tries key, certificate and token, and signs nothing" {
    export BPF_CHAINSIGN_PASSPHRASE=sesame
    openssl pkey -in "$KEYS/rsa2048.key" -aes256 -passout pass:sesame -out enc.key
    run "$TOOL" sign --check-key -k enc.key -c "$KEYS/rsa2048.crt"
    status_is 0
    [[ $output == 'enc.key: signs as "bpf-chainsign test rsa2048" (SKID '*'...)' ]]
    run "$TOOL" sign --check-key -k enc.key -c "$KEYS/rsa2048.crt" -k "$KEYS/p256.key" -c "$KEYS/p256.crt"
    status_is 0
    [ "${#lines[@]}" -eq 2 ]
    run "$TOOL" sign --check-key -q -k enc.key -c "$KEYS/rsa2048.crt"
    status_is 0
    [ -z "$output" ]
    BPF_CHAINSIGN_PASSPHRASE=wrong run "$TOOL" sign --check-key -k enc.key -c "$KEYS/rsa2048.crt"
    status_is 3
    output_has "enc.key: the passphrase is wrong"
    run "$TOOL" sign --check-key -k enc.key -c "$KEYS/p256.crt"
    status_is 3
    output_has "this certificate does not belong to the key"
    run "$TOOL" sign --check-key -k "$KEYS/expired.key" -c "$KEYS/expired.crt"
    status_is 0
    output_has "[expired]" "signs as"
    # a certificate that no kernel takes
    openssl req -x509 -md5 -key "$KEYS/rsa2048.key" -subj /CN=md5 -days 30 -out md5.crt
    run "$TOOL" sign --check-key -k enc.key -c md5.crt
    status_is 3
    output_has "md5.crt: Linux 7.4 would not add the certificate to a keyring: ENOPKG"
    new_token one
    import_key one rsa2048 01
    run token_sign --check-key -k 'pkcs11:token=one;object=rsa2048'
    status_is 0
    output_has 'pkcs11:token=one;object=rsa2048: signs as "bpf-chainsign test rsa2048"'
    run "$TOOL" sign --check-key
    status_is 2
    output_has "no key: pass --key"
    object tiny
    for option in tiny.bpf.o --insns=tiny.bpf.o --output=x --json --record=x --scheme=folded --name=x --kernel=7.3 \
        --detached --no-seal --set=x=1 --prepare=x --strip; do
        run "$TOOL" sign --check-key -k enc.key -c "$KEYS/rsa2048.crt" "$option"
        status_is 2
    done
    [ ! -e x ]
    [ ! -e tiny.lskel.h ]
}

@test "a key comes out of a variable or an open descriptor" {
    object tiny
    sign -q tiny.bpf.o
    cp tiny.lskel.h file.h
    K=$(<"$KEYS/rsa2048.key") "$TOOL" sign -q -k env:K -c "$KEYS/rsa2048.crt" tiny.bpf.o
    cmp file.h tiny.lskel.h
    K=$(<"$KEYS/rsa2048.key") C=$(<"$KEYS/rsa2048.crt") "$TOOL" sign -q -k env:K -c env:C tiny.bpf.o
    cmp file.h tiny.lskel.h
    K=$(cat "$KEYS/rsa2048.key" "$KEYS/rsa2048.crt") BPF_CHAINSIGN_KEY=env:K "$TOOL" sign -q tiny.bpf.o
    cmp file.h tiny.lskel.h
    "$TOOL" sign -q -k fd:7 -c "$KEYS/rsa2048.crt" tiny.bpf.o 7< <(cat "$KEYS/rsa2048.key")
    cmp file.h tiny.lskel.h
    cat "$KEYS/rsa2048.key" "$KEYS/rsa2048.crt" | "$TOOL" sign -q -k fd:0 tiny.bpf.o
    cmp file.h tiny.lskel.h
    openssl pkcs12 -export -inkey "$KEYS/rsa2048.key" -in "$KEYS/rsa2048.crt" -passout pass:sesame -out k.p12
    BPF_CHAINSIGN_PASSPHRASE=sesame "$TOOL" sign -q -k fd:5 tiny.bpf.o 5<k.p12
    cmp file.h tiny.lskel.h
    # two keys
    K=$(<"$KEYS/p256.key") "$TOOL" sign -q -k env:K -c "$KEYS/p256.crt" -k fd:7 -c "$KEYS/rsa2048.crt" tiny.bpf.o \
        7<"$KEYS/rsa2048.key"
    "$TOOL" verify -q -c "$KEYS/p256.crt" tiny.lskel.h
    run "$TOOL" sign -k env:NOTHING -c "$KEYS/rsa2048.crt" tiny.bpf.o
    status_is 3
    output_has "env:NOTHING: this variable is not set"
    K='' run "$TOOL" sign -k env:K -c "$KEYS/rsa2048.crt" tiny.bpf.o
    status_is 3
    output_has "env:K: is empty"
    run "$TOOL" sign -k fd:9 -c "$KEYS/rsa2048.crt" tiny.bpf.o 9</dev/null
    status_is 3
    output_has "fd:9: is empty"
    run "$TOOL" sign -k fd:77 -c "$KEYS/rsa2048.crt" tiny.bpf.o
    status_is 3
    output_has "fd:77: cannot read: Bad file descriptor"
    for name in fd: fd:x fd:-1 fd:3x fd:99999999999999999999; do
        run "$TOOL" sign -k $name -c "$KEYS/rsa2048.crt" tiny.bpf.o
        status_is 3
        output_has "$name: expected the number of a descriptor, as in fd:3"
    done
    run "$TOOL" sign -k fd:0 -c "$KEYS/rsa2048.crt" tiny.bpf.o < <(head -c 2M /dev/zero)
    status_is 3
    output_has "fd:0: has more than the limit of 1048576 bytes"
    K=wrong run "$TOOL" sign -k env:K -c "$KEYS/rsa2048.crt" tiny.bpf.o
    status_is 3
    output_has "env:K: contains no private key"
    output_lacks wrong
}

@test "a private key that other users can read is warned of, unless it is encrypted" {
    object tiny
    cp "$KEYS/rsa2048.key" open.key
    openssl pkey -in open.key -aes256 -passout pass:sesame -out enc.key
    chmod 644 open.key enc.key
    run "$TOOL" sign -q -k open.key -c "$KEYS/rsa2048.crt" tiny.bpf.o
    status_is 0
    [ "$output" = 'bpf-chainsign: warning: open.key: other users can read this private key: "chmod go-r", or encrypt it' ]
    chmod 640 open.key
    run "$TOOL" sign -q -k open.key -c "$KEYS/rsa2048.crt" tiny.bpf.o
    status_is 0
    [ -z "$output" ]
    BPF_CHAINSIGN_PASSPHRASE=sesame run "$TOOL" sign -q -k enc.key -c "$KEYS/rsa2048.crt" tiny.bpf.o
    status_is 0
    [ -z "$output" ]
    openssl pkcs12 -export -inkey open.key -in "$KEYS/rsa2048.crt" -passout pass:sesame -out enc.p12
    openssl pkcs12 -export -inkey open.key -in "$KEYS/rsa2048.crt" -passout pass: -out open.p12
    chmod 644 ./*.p12
    BPF_CHAINSIGN_PASSPHRASE=sesame run "$TOOL" sign -q -k enc.p12 tiny.bpf.o
    [ -z "$output" ]
    run "$TOOL" sign -q -k open.p12 tiny.bpf.o
    output_has "warning: open.p12: other users can read this private key"
}

# --- the terminal ---

# on_terminal INPUT COMMAND: COMMAND on a terminal of its own, at which INPUT is typed
on_terminal() {
    (sleep 1; printf '%b' "$1"; sleep 1) | env -u CI script -qec "$2" /dev/null
}

@test "at a terminal the passphrase is asked for, once, and not shown" {
    object tiny
    openssl pkcs12 -export -inkey "$KEYS/p256.key" -in "$KEYS/p256.crt" -out k.p12 -passout pass:opensesame
    run on_terminal 'opensesame\n' "'$TOOL' sign -k k.p12 -c k.p12 tiny.bpf.o; stty -a"
    output_has "passphrase for k.p12: " 'signed by "bpf-chainsign test p256"' " echo "
    [ "$(grep -o "passphrase for" <<<"$output" | wc -l)" -eq 1 ]
    [[ $output != *opensesame* ]]
    "$TOOL" verify -q -c "$KEYS/p256.crt" tiny.lskel.h
}

# asked_once STATUS TEXT: the last run asked once, ended with STATUS and TEXT, and the terminal has its echo
asked_once() {
    output_has "status $1" "$2" " echo "
    output_matches '(^| )isig '
    [ "$(grep -o "passphrase for" <<<"$output" | wc -l)" -eq 1 ]
    output_lacks "-echo " "-isig"
}

@test "a question that is not answered is not asked again, and leaves the terminal as it was" {
    object tiny
    openssl pkcs12 -export -inkey "$KEYS/p256.key" -in "$KEYS/p256.crt" -out k.p12 -passout pass:opensesame
    openssl pkey -in "$KEYS/p256.key" -aes256 -passout pass:opensesame -out k.pem
    for key in k.p12 k.pem; do
        run on_terminal '\004\004\004' "'$TOOL' sign -k $key -c '$KEYS/p256.crt' tiny.bpf.o; echo status \$?; stty -a"
        asked_once 3 "$key: nothing was typed"
    done
}

@test "Ctrl-C at a question ends the program by this signal, and leaves the terminal as it was" {
    object tiny
    openssl pkey -in "$KEYS/p256.key" -aes256 -passout pass:opensesame -out k.pem
    run on_terminal '\003\003\003' \
        "trap : INT; env --default-signal=INT '$TOOL' sign -k k.pem -c '$KEYS/p256.crt' tiny.bpf.o; echo status \$?; stty -a"
    asked_once 130 "passphrase for k.pem: "
    output_lacks "nothing was typed"
}

# Sends SIGTERM to the process in the file pid once the question for a
# passphrase is in the file log, or after 30 seconds.
terminate_when_asked() {
    for _ in {1..300}; do
        ! grep -q 'passphrase for' log || break
        sleep 0.1
    done
    kill -TERM "$(cat pid)"
    sleep 1
}

@test "SIGTERM at a question ends the program by this signal, and leaves the terminal as it was" {
    object tiny
    openssl pkey -in "$KEYS/p256.key" -aes256 -passout pass:opensesame -out k.pem
    touch log
    terminate_when_asked |
        env -u CI script -qefc "sh -c 'echo \$\$ >pid; exec \"$TOOL\" sign -k k.pem -c $KEYS/p256.crt tiny.bpf.o'; echo status \$?; stty -a" \
            /dev/null >log
    output=$(cat log)
    asked_once 143 "passphrase for k.pem: "
}

@test "nobody is asked in CI, or where no terminal is" {
    object tiny
    openssl pkcs12 -export -inkey "$KEYS/p256.key" -in "$KEYS/p256.crt" -out k.p12 -passout pass:opensesame
    run script -qec "CI=true '$TOOL' sign -k k.p12 tiny.bpf.o; echo status \$?" /dev/null
    output_has "the key is encrypted" "status 3"
    run script -qec "'$TOOL' sign -k k.p12 tiny.bpf.o </dev/null; echo status \$?" /dev/null
    output_has "the key is encrypted" "status 3"
    run script -qec "'$TOOL' sign -k k.p12 tiny.bpf.o 2>log; echo status \$?" /dev/null
    output_has "status 3"
}

# --- tokens ---

@test "a key in a token signs as the same key in a file does, the certificate comes with it" {
    object tiny
    new_token one
    import_key one rsa2048 01
    import_key one p256 02
    sign -q tiny.bpf.o
    cp tiny.lskel.h pem.h
    for way in $(token_ways); do
        export BPF_CHAINSIGN_PKCS11=$way
        for uri in 'token=one;object=rsa2048' 'token=one;id=%01' 'object=rsa2048;type=private' \
            'token=one;object=rsa2048;id=%01;type=private'; do
            rm tiny.lskel.h
            token_sign -q -k "pkcs11:$uri" tiny.bpf.o
            cmp pem.h tiny.lskel.h
        done
        token_sign -q -k 'pkcs11:token=one;object=rsa2048' -c "$KEYS/rsa2048.crt" tiny.bpf.o
        cmp pem.h tiny.lskel.h
        token_sign -q -k "$KEYS/rsa2048.key" -c 'pkcs11:token=one;object=rsa2048;type=cert' tiny.bpf.o
        cmp pem.h tiny.lskel.h
        token_sign -q -k 'pkcs11:token=one;object=p256' tiny.bpf.o
        "$TOOL" verify -q -c "$KEYS/p256.crt" tiny.lskel.h
    done
    [ -n "$way" ]
}

@test "keys that never leave their token sign, RSA and ECDSA" {
    object tiny
    new_token one
    make_key one made-rsa 0a rsa:2048
    make_key one made-ec 0b EC:prime256v1
    pkcs11-tool --module "$MODULE" --login --pin "$PIN" --token-label one -O >objects 2>/dev/null
    [ "$(grep -c 'never extractable' objects)" -eq 2 ]
    for way in $(token_ways); do
        for key in made-rsa made-ec; do
            BPF_CHAINSIGN_PKCS11=$way token_sign -q -k "pkcs11:token=one;object=$key" -c "$key.crt" tiny.bpf.o
            run "$TOOL" verify -c "$key.crt" tiny.lskel.h
            status_is 0
        done
    done
}

@test "what is not there, or not to be had from a token, has its message and status 3" {
    object tiny
    new_token one
    import_key one rsa2048 01
    make_key one alone 0c rsa:2048
    make_key one twins 0d rsa:2048
    make_key one twins 0e EC:prime256v1
    wrapper
    for way in $(token_ways); do
        export BPF_CHAINSIGN_PKCS11=$way
        local crt=$KEYS/rsa2048.crt
        run token_sign -k 'pkcs11:token=one;object=nothing' -c "$crt" tiny.bpf.o
        status_is 3
        output_has "pkcs11:token=one;object=nothing: the token contains no such private key"
        run token_sign -k 'pkcs11:token=two;object=rsa2048' -c "$crt" tiny.bpf.o
        status_is 3
        output_has "pkcs11:token=two;object=rsa2048: no such token"
        run token_sign -k 'pkcs11:token=one;object=twins' -c "$crt" tiny.bpf.o
        status_is 3
        output_has "2 private keys match" "object=, id="
        run token_sign -k 'pkcs11:token=one' -c "$KEYS/p256.crt" tiny.bpf.o
        status_is 3
        output_has "4 private keys match"
        run token_sign -k 'pkcs11:token=one;object=alone' -c "$crt" tiny.bpf.o
        status_is 3
        output_has "rsa2048.crt: this certificate does not belong to the key in pkcs11:token=one;object=alone"
        run token_sign -k 'pkcs11:token=one;object=alone' tiny.bpf.o
        status_is 3
        output_has "pkcs11:token=one;object=alone: contains no certificate" "--cert"
        run token_sign -k 'pkcs11:token=one;object=rsa2048' -c 'pkcs11:token=one;object=alone' tiny.bpf.o
        status_is 3
        output_has "the token contains no such certificate"
        BPF_CHAINSIGN_PIN=wrong-pin run "$TOOL" sign --pkcs11-module "$MODULE" \
            -k 'pkcs11:token=one;object=rsa2048' -c "$crt" tiny.bpf.o
        status_is 3
        output_has "pkcs11:token=one;object=rsa2048: the PIN is wrong"
        [[ $output != *wrong-pin* ]]
        WRAPPER_LOCKED=1 BPF_CHAINSIGN_PIN=$PIN run "$TOOL" sign --pkcs11-module \
            "$BUILD/data/wrapper.so" -k 'pkcs11:token=one;object=rsa2048' -c "$crt" tiny.bpf.o
        status_is 3
        output_has "the PIN is locked after too many wrong attempts" "unlock it"
        run "$TOOL" sign --pkcs11-module "$MODULE" -k 'pkcs11:token=one;object=rsa2048' -c "$crt" \
            tiny.bpf.o </dev/null
        status_is 3
        output_has "one: the token needs a PIN: set BPF_CHAINSIGN_PIN or BPF_CHAINSIGN_PIN_FILE"
        [ "${#lines[@]}" -eq 1 ] # OpenSSL asks nobody either
        for module in /nonexistent.so /etc/passwd; do
            run "$TOOL" sign --pkcs11-module $module -k 'pkcs11:token=one;object=x' -c "$crt" tiny.bpf.o
            status_is 3
            output_has "not a PKCS#11 module: $module: "
        done
        [ ! -e tiny.lskel.h ]
    done
}

@test "where OpenSSL has no way to tokens, it says what to install" {
    object tiny
    [ "$(token_ways | wc -l)" -eq 1 ] || unset BPF_CHAINSIGN_PKCS11
    for way in provider engine; do
        [[ $(token_ways) == *$way* ]] && continue
        BPF_CHAINSIGN_PKCS11=$way run token_sign -k 'pkcs11:object=x' -c "$KEYS/p256.crt" tiny.bpf.o
        status_is 3
        output_has "pkcs11-provider" "libengine-pkcs11-openssl"
    done
}

@test "a PIN in a URI is refused, and so is a URI that is none" {
    object tiny
    run token_sign -k 'pkcs11:object=x?pin-value=0000secret' -c "$KEYS/p256.crt" tiny.bpf.o
    status_is 3
    output_has "(pin-value)" "BPF_CHAINSIGN_PIN" "pin-source"
    [[ $output != *0000secret* ]]
    run token_sign -k 'pkcs11:what' -c "$KEYS/p256.crt" tiny.bpf.o
    status_is 3
    output_has "not a PKCS#11 URI: expected NAME=VALUE"
    run token_sign -k 'pkcs11:object=%4' -c "$KEYS/p256.crt" tiny.bpf.o
    status_is 3
    output_has "expected two hex digits after %"
    run token_sign -k 'pkcs11:slot-description=x' -c "$KEYS/p256.crt" tiny.bpf.o
    status_is 3
    output_has "an attribute other than"
    run token_sign -k 'pkcs11:object=x?pin-source=|cat' -c "$KEYS/p256.crt" tiny.bpf.o
    status_is 3
    output_has "pin-source does not name a file"
}

@test "module and PIN come from the URI, from files, from the environment" {
    object tiny
    new_token one
    import_key one rsa2048 01
    echo "$PIN" >pin
    echo wrong >wrong
    for way in $(token_ways); do
        export BPF_CHAINSIGN_PKCS11=$way
        "$TOOL" sign -q -k "pkcs11:token=one;object=rsa2048?pin-source=$PWD/pin&module-path=$MODULE" tiny.bpf.o
        "$TOOL" sign -q -k "pkcs11:token=one;object=rsa2048?module-path=$MODULE&pin-source=file:$PWD/pin" tiny.bpf.o
        BPF_CHAINSIGN_PIN_FILE=pin "$TOOL" sign -q --pkcs11-module "$MODULE" -k 'pkcs11:token=one;object=rsa2048' tiny.bpf.o
        BPF_CHAINSIGN_PIN_FILE=<(cat pin) "$TOOL" sign -q --pkcs11-module "$MODULE" -k 'pkcs11:token=one;object=rsa2048' tiny.bpf.o
        # what the URI says comes first
        token_sign -q -k "pkcs11:token=one;object=rsa2048?pin-source=$PWD/pin" tiny.bpf.o
        run token_sign -k "pkcs11:token=one;object=rsa2048?pin-source=$PWD/wrong" tiny.bpf.o
        status_is 3
        output_has "the PIN is wrong"
        run token_sign -k "pkcs11:token=one;object=rsa2048?pin-source=$PWD/none" tiny.bpf.o
        status_is 3
        output_has "cannot take the PIN from $PWD/none"
    done
    verify -q tiny.lskel.h
}

@test "a private key signs although the token does not have its public key" {
    object tiny
    new_token one
    make_key one ec 0a EC:prime256v1
    make_key one rsa 0b rsa:2048
    make_key one other 0c EC:prime256v1
    for key in ec:0a rsa:0b other:0c; do
        p11 one --delete-object --type pubkey --label "${key%:*}" --id "${key#*:}"
    done
    for way in $(token_ways); do
        export BPF_CHAINSIGN_PKCS11=$way
        for key in ec rsa; do
            token_sign -q -k "pkcs11:token=one;object=$key" -c $key.crt tiny.bpf.o
            "$TOOL" verify -q -c $key.crt tiny.lskel.h
            rm tiny.lskel.h
        done
        # the certificate's key decides
        for crt in other rsa; do
            run token_sign -k 'pkcs11:token=one;object=ec' -c $crt.crt tiny.bpf.o
            status_is 3
            output_has "$crt.crt: this certificate does not belong to the key in pkcs11:token=one;object=ec"
            [ ! -e tiny.lskel.h ]
        done
    done
}

@test "of two keys with one id the one signs that fits the certificate, which may have another label" {
    object tiny
    new_token one
    import_key one rsa2048 01
    softhsm2-util --import "$KEYS/rsa4096.key" --token one --label second --id 01 --force --pin "$PIN" >/dev/null
    make_key one ec 0b EC:prime256v1
    openssl x509 -in ec.crt -outform DER -out ec.der
    p11 one --write-object ec.der --type cert --label "a certificate" --id 0b
    for way in $(token_ways); do
        export BPF_CHAINSIGN_PKCS11=$way
        for crt in rsa2048 rsa4096; do
            token_sign -q -k 'pkcs11:token=one;id=%01' -c "$KEYS/$crt.crt" tiny.bpf.o
            "$TOOL" verify -q -c "$KEYS/$crt.crt" tiny.lskel.h
        done
        token_sign -q -k 'pkcs11:token=one;id=%01' tiny.bpf.o
        "$TOOL" verify -q -c "$KEYS/rsa2048.crt" tiny.lskel.h
        token_sign -q -k 'pkcs11:token=one;object=ec' tiny.bpf.o
        "$TOOL" verify -q -c ec.crt tiny.lskel.h
        run token_sign -k 'pkcs11:token=one;id=%01' -c "$KEYS/p256.crt" tiny.bpf.o
        status_is 3
        output_has "2 private keys match"
        run token_sign -k 'pkcs11:token=one;object=second' tiny.bpf.o
        status_is 3
        output_has "this certificate does not belong to the key in pkcs11:token=one;object=second"
    done
}

@test "a key that wants its PIN for each signature signs ten files, and a wrong PIN is given once" {
    object tiny
    new_token one
    make_key one ec 0a EC:prime256v1 --always-auth
    make_key one plain 0b rsa:2048
    local files=() i
    for i in a b c d e f g h i j; do
        cp tiny.bpf.o $i.bpf.o
        files+=("$i.bpf.o")
    done
    wrapper
    for way in $(token_ways); do
        export BPF_CHAINSIGN_PKCS11=$way
        : >wrapper.log
        BPF_CHAINSIGN_PIN=$PIN "$TOOL" sign -q --pkcs11-module "$BUILD/data/wrapper.so" \
            -k 'pkcs11:token=one;object=ec' -c ec.crt "${files[@]}"
        "$TOOL" verify -q -c ec.crt [a-j].lskel.h
        cat wrapper.log
        [ "$(grep -c '^login 1$' wrapper.log)" -eq 1 ]
        [ "$(grep -c '^login 2$' wrapper.log)" -eq 30 ]
        BPF_CHAINSIGN_PIN=$PIN WRAPPER_CONTEXT_WRONG=1 run "$TOOL" sign --keep-going --pkcs11-module \
            "$BUILD/data/wrapper.so" -k 'pkcs11:token=one;object=ec' -c ec.crt "${files[@]}"
        status_is 3
        output_has "a.bpf.o: the key failed to sign"
        : >wrapper.log
        BPF_CHAINSIGN_PIN=$PIN "$TOOL" sign -q --pkcs11-module "$BUILD/data/wrapper.so" \
            -k 'pkcs11:token=one;object=plain' -c plain.crt tiny.bpf.o
        [ "$(grep -c '^login 2$' wrapper.log)" -eq 0 ]
    done
}

@test "the token is asked for one login and bare signatures, whatever the number of files" {
    object tiny
    object typical
    new_token one
    import_key one rsa2048 01
    import_key one p256 02
    wrapper
    for way in $(token_ways); do
        : >wrapper.log
        BPF_CHAINSIGN_PKCS11=$way BPF_CHAINSIGN_PIN=$PIN "$TOOL" sign -q --pkcs11-module \
            "$BUILD/data/wrapper.so" -k 'pkcs11:token=one;object=rsa2048' \
            -k 'pkcs11:token=one;object=p256' -c "$KEYS/rsa2048.crt" -c "$KEYS/p256.crt" \
            tiny.bpf.o typical.bpf.o
        cat wrapper.log
        [ "$(grep -c '^login' wrapper.log)" -eq 1 ]
        # CKM_RSA_PKCS and CKM_ECDSA, for two files of three schemes each
        [ "$(grep -c '^sign 1$' wrapper.log)" -eq 6 ]
        [ "$(grep -c '^sign 1041$' wrapper.log)" -eq 6 ]
        [ "$(grep -c '^sign' wrapper.log)" -eq 12 ]
        [ "$(grep -c '^digest' wrapper.log)" -eq 0 ]
    done
    verify -q tiny.lskel.h typical.lskel.h
}

# --- where secrets are not ---

# while_signing SECRET COMMAND...: run it, stop it when it is about to write, and print in which of
# its memory, environment and command line, and those of its children, SECRET stands; then abort it,
# leaving the trace of what it did
while_signing() {
    local secret=$1 tracer pid='' i
    shift
    rm -f trace out
    ulimit -c unlimited
    # LeakSanitizer cannot work under strace
    ASAN_OPTIONS=detect_leaks=0 timeout 60 strace -f -s 4096 -o trace -e trace=fsync,write,execve,openat,connect,sendto \
        -e inject=fsync:signal=SIGSTOP:when=1 "$@" >out 2>&1 3>&- &
    for ((i = 0; i < 200; i++)); do
        grep -q 'stopped by SIGSTOP' trace 2>/dev/null && break
        sleep 0.05
    done
    read -r tracer _ <"/proc/$!/task/$!/children"
    read -r pid _ <"/proc/$tracer/task/$tracer/children"
    for i in $pid $(cat "/proc/$pid/task/$pid/children"); do
        grep -q '^State:.Z' "/proc/$i/status" && continue
        "$ROOT/tests/token/find-secret" "$i" "$secret" >found || echo "cannot look at $i: status $?"
        # AddressSanitizer keeps the environment and what was freed
        if grep -q __asan_init "$TOOL"; then sed -i '/^memory /d' found; fi
        cat found
    done
    grep -q '^Max core file size  *0  *0 ' "/proc/$pid/limits" || echo "a core file may be written"
    # once in many runs strace lets the program go on without the first
    kill -ABRT "$pid"
    kill -CONT "$pid"
    kill -ABRT "$pid" 2>/dev/null || true
    wait $! || true
    grep -aq 'killed by SIGABRT' trace || echo "it was not aborted"
    grep -a 'core dumped' trace || true
    grep -aF "$secret" trace out || true
    ls core* 2>/dev/null || true
}

@test "a passphrase is nowhere while signing is under way, nor in a core file" {
    object tiny
    openssl pkey -in "$KEYS/rsa2048.key" -aes256 -passout pass:Phrase-8xKq -out enc.key
    openssl pkcs12 -export -inkey "$KEYS/p256.key" -in "$KEYS/p256.crt" -out k.p12 -passout pass:Phrase-8xKq
    BPF_CHAINSIGN_PASSPHRASE=Phrase-8xKq run while_signing Phrase-8xKq "$TOOL" sign -k enc.key \
        -c "$KEYS/rsa2048.crt" tiny.bpf.o
    [ -z "$output" ] || { echo "$output"; false; }
    echo Phrase-8xKq >phrase
    BPF_CHAINSIGN_PASSPHRASE_FILE=phrase run while_signing Phrase-8xKq "$TOOL" sign -k k.p12 tiny.bpf.o
    [ -z "$output" ] || { echo "$output"; false; }
}

@test "a PIN is nowhere while signing is under way, but where libp11's engine keeps it" {
    object tiny
    new_token one
    import_key one rsa2048 01
    for way in $(token_ways); do
        BPF_CHAINSIGN_PKCS11=$way BPF_CHAINSIGN_PIN=$PIN run while_signing "$PIN" "$TOOL" sign \
            --pkcs11-module "$MODULE" -k 'pkcs11:token=one;object=rsa2048' tiny.bpf.o
        # for logging in again: a copy of the engine's and one of libp11's, on the heap
        [ "$way" = engine ] && output=$(sed '/^memory [0-9a-f]* \[heap\]$/d' <<<"$output")
        [ -z "$output" ] || { echo "$way: $output"; false; }
    done
}

@test "the search does find a secret that is there" {
    SECRET=here-it-is-9Zp sleep 60 &
    sleep 0.2
    run "$ROOT/tests/token/find-secret" $! here-it-is-9Zp
    kill $!
    output_has environ "memory " "[stack]"
}
