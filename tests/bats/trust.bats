#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-2-Clause
# Files and folders of certificates: every byte is read, or it is an error; and what may decide.

load common

# signed: typical.lskel.h by the RSA-2048 test key; signer.der, other.der
signed() {
    object typical
    sign --quiet typical.bpf.o
    openssl x509 -in "$KEYS/rsa2048.crt" -outform DER -out signer.der
    openssl x509 -in "$KEYS/unrelated.crt" -outform DER -out other.der
}

# revoking FILE STATUS [TEXT...]: what verify answers with FILE as --revoked
revoking() {
    run verify --revoked "$1" typical.lskel.h
    status_is "$2" || { echo "with --revoked $1"; return 1; }
    if [[ $output == *accepted* ]]; then
        echo "--revoked $1: $output"
        return 1
    fi
    output_has "${@:3}"
}

# trusting FILE STATUS [TEXT...]: with FILE as --cert
trusting() {
    run "$TOOL" verify --cert "$1" typical.lskel.h
    status_is "$2" || { echo "with --cert $1"; return 1; }
    output_has "${@:3}"
}

# --- files ---

@test "a revoked certificate behind a damaged block, in PEM: could not tell, with the line" {
    signed
    { cat "$KEYS/unrelated.crt"; sed '2s/^M/!/' "$KEYS/unrelated.crt"; cat "$KEYS/rsa2048.crt"; } >damaged.pem
    line=$(grep -n '!' damaged.pem | cut -d: -f1)
    revoking damaged.pem 3 "damaged.pem:$line: the certificate's block is damaged"
    trusting damaged.pem 3 "damaged.pem:$line: "
    sed 's/^!/M/' damaged.pem >mended.pem
    revoking mended.pem 1 "the signer's certificate is revoked"
}

@test "every way to break a marker: could not tell, as --revoked and as --cert" {
    signed
    local n=0 edit
    while IFS= read -r edit; do
        n=$((n + 1))
        { cat "$KEYS/unrelated.crt"; sed "$edit" "$KEYS/rsa2048.crt"; } >"broken$n.pem"
        revoking "broken$n.pem" 3 "broken$n.pem:"
        trusting "broken$n.pem" 3 "broken$n.pem:"
    done <<'END'
s/-----BEGIN/----BEGIN/
s/CERTIFICATE-----$/CERTIFICATE----/
/BEGIN/s/^/ /
/BEGIN/s/$/ /
/BEGIN/s/.*/\L&/
/BEGIN/s/^/# /
s/^/# /
/BEGIN/d
/END/d
/BEGIN/s/ //g
/-----/d
/-----/s/-/=/g
/BEGIN/s/BEGIN/BXGIN/
/BEGIN/s/CERTIFICATE/CERTIF1CATE/
/END/s/END/BEGIN/
/BEGIN/s/-/\xe2\x80\x93/g
s/^/> /
3s/^/\x00/
s/$/ /
END
    [ "$n" -eq 19 ]
}

@test "line ends: LF and CR LF are read, CR alone, a byte order mark and UTF-16 are errors" {
    signed
    sed 's/$/\r/' "$KEYS/rsa2048.crt" >crlf.pem
    revoking crlf.pem 1
    trusting crlf.pem 0
    tr '\n' '\r' <"$KEYS/rsa2048.crt" >cr.pem
    revoking cr.pem 3 "cr.pem:1: byte 0x0d"
    { printf '\xef\xbb\xbf'; cat "$KEYS/rsa2048.crt"; } >bom.pem
    revoking bom.pem 3 "bom.pem:1: the file begins with a byte order mark"
    for to in UTF-16 UTF-16LE UTF-16BE UTF-32; do
        iconv -f ASCII -t "$to" "$KEYS/rsa2048.crt" >wide.pem
        revoking wide.pem 3 "wide.pem:1: byte 0x"
    done
}

@test "blocks of another kind are errors: TRUSTED CERTIFICATE, X509 CRL, PRIVATE KEY and others" {
    signed
    openssl x509 -in "$KEYS/rsa2048.crt" -trustout -out trusted.pem
    revoking trusted.pem 3 "trusted.pem:1: a PEM block of another kind (TRUSTED CERTIFICATE)" "openssl x509"
    for label in "X509 CRL" "PRIVATE KEY" "PKCS7" "CERTIFICATE REQUEST" "certificate"; do
        sed "s/CERTIFICATE/$label/" "$KEYS/rsa2048.crt" | cat "$KEYS/unrelated.crt" - >kind.pem
        revoking kind.pem 3 ": a PEM block of another kind ($label)"
        trusting kind.pem 3 ": a PEM block of another kind ($label)"
    done
    sed 's/CERTIFICATE/X509 CERTIFICATE/' "$KEYS/rsa2048.crt" >old.pem
    revoking old.pem 1
    trusting old.pem 0
}

@test "a certificate without markers, in lines of any width, in YAML and XML: could not tell" {
    signed
    local body
    body=$(base64 -w 0 signer.der)
    for width in 12 16 32 38 39 40 64 76 2000; do
        { cat "$KEYS/unrelated.crt"; fold -w $width <<<"$body"; } >folded.pem
        revoking folded.pem 3 "base64 outside of a block"
        trusting folded.pem 3 "base64 outside of a block"
    done
    { cat "$KEYS/unrelated.crt"; echo "certificate-authority-data: $(base64 -w 0 "$KEYS/rsa2048.crt")"; } >kubeconfig
    revoking kubeconfig 3 "base64 outside of a block"
    { echo "<X509Certificate>$body</X509Certificate>"; cat "$KEYS/unrelated.crt"; } >saml
    revoking saml 3 "saml:1: base64 outside of a block"
}

@test "comments are comments: what openssl x509 -text and -subject write" {
    signed
    { openssl x509 -in "$KEYS/unrelated.crt" -text; openssl x509 -in "$KEYS/rsa2048.crt" -subject -fingerprint -text
        echo "# Raíz -- fim"; } >text.pem
    revoking text.pem 1
    trusting text.pem 0
}

@test "several DER certificates in one file are read, and nothing may follow them" {
    signed
    cat other.der signer.der >two.der
    revoking two.der 1
    trusting two.der 0
    cat other.der signer.der other.der >three.der
    revoking three.der 1
    { cat other.der; echo; } >longer.der
    revoking longer.der 3 "longer.der: offset $(stat -c %s other.der): 1 bytes follow the certificate"
    { cat signer.der; head -c 100 other.der; } >cut.der
    trusting cut.der 3 "cut.der: offset $(stat -c %s signer.der): "
    { cat other.der; cat "$KEYS/rsa2048.crt"; } >mixed.der
    revoking mixed.der 3 "mixed.der: offset "
    { cat "$KEYS/unrelated.crt"; cat signer.der; } >mixed.pem
    revoking mixed.pem 3 "mixed.pem:"
}

@test "a DER certificate that holds five hyphens is DER" {
    openssl req -new -x509 -key "$KEYS/rsa2048.key" -subj '/CN=-----BEGIN CERTIFICATE-----' -days 9 \
        -outform DER -out hyphens.der
    openssl x509 -inform DER -in hyphens.der -out hyphens.crt
    object typical
    "$TOOL" sign --quiet --key "$KEYS/rsa2048.key" --cert hyphens.der typical.bpf.o
    trusting hyphens.der 0
    trusting hyphens.crt 0
    run "$TOOL" verify --cert "$KEYS/rsa2048.crt" --revoked hyphens.der typical.lskel.h
    status_is 1
}

@test "empty files, and files without a certificate" {
    signed
    : >empty
    revoking empty 3 "empty: contains no certificate: the file is empty"
    trusting empty 3 "empty: contains no certificate"
    echo "none yet" >none.pem
    revoking none.pem 3 "none.pem: contains no certificate"
    printf '\x30\x03\x02\x01\x01' >tiny.der
    revoking tiny.der 3 "tiny.der:1: byte 0x03"
}

@test "a revoked certificate that cannot be put on the list is an error that names file and place" {
    signed
    head -c 300 signer.der >cut.der
    revoking cut.der 3 "cut.der: cannot be put on the revocation list"
    # one byte of the signature that it has made over itself
    { head -c -1 signer.der; printf '\xff'; } >changed.der
    revoking changed.der 3 "changed.der: cannot be put on the revocation list"
    cat other.der changed.der >two.der
    revoking two.der 3 "two.der: offset $(stat -c %s other.der): cannot be put on the revocation list"
    { cat "$KEYS/unrelated.crt"; openssl x509 -inform DER -in changed.der; } >two.pem
    line=$(grep -n BEGIN two.pem | tail -n 1 | cut -d: -f1)
    revoking two.pem 3 "two.pem:$line: cannot be put on the revocation list"
    mkdir ring
    cp two.pem ring
    revoking ring 3 "ring/two.pem:$line: cannot be put on the revocation list"
}

@test "a certificate that a kernel does not take is named with file and place" {
    signed
    { head -c -1 other.der; printf '\xff'; } >changed.der
    cat signer.der changed.der >two.der
    trusting two.der 0 "two.der: offset $(stat -c %s signer.der): Linux 6.18, " "would not add this certificate to a keyring: EINVAL" "self-signature is not valid"
    { cat "$KEYS/rsa2048.crt"; openssl x509 -inform DER -in changed.der; } >two.pem
    line=$(grep -n BEGIN two.pem | tail -n 1 | cut -d: -f1)
    trusting two.pem 0 "two.pem:$line: Linux 6.18, " "would not add this certificate"
    mkdir ring
    cp two.pem ring
    trusting ring 0 "ring/two.pem:$line: Linux 6.18, " "would not add this certificate"
    # once for all kernels that say the same
    [ "$(grep -c "would not add" <<<"$output")" -eq 1 ]
}

@test "the same certificate twice is fine" {
    signed
    cat "$KEYS/rsa2048.crt" "$KEYS/rsa2048.crt" >twice.pem
    revoking twice.pem 1
    trusting twice.pem 0
}

# --- a certificate on the list in which something was changed ---

# changed_leaf FROM TO: leaf.crt with the bytes FROM (hex) made TO, as changed.der
changed_leaf() {
    local hex
    openssl x509 -in "$KEYS/leaf.crt" -outform DER -out leaf.der
    hex=$(od -An -v -tx1 leaf.der | tr -d ' \n' | sed "s/$1/$2/; s/../\\\\x&/g")
    printf '%b' "$hex" >changed.der
    run cmp -s changed.der leaf.der
    status_is 1
}

@test "a revoked certificate that all but names the signer's: could not tell" {
    object typical
    "$TOOL" sign --quiet --key "$KEYS/leaf.key" --cert "$KEYS/leaf.crt" typical.bpf.o
    check=("$TOOL" verify --cert "$KEYS/leaf.crt" --revoked changed.der typical.lskel.h)
    "$TOOL" verify -q --cert "$KEYS/leaf.crt" typical.lskel.h
    # its subjectKeyIdentifier (nobody finds it by its own any more)
    skid=$(openssl x509 -in "$KEYS/leaf.crt" -noout -ext subjectKeyIdentifier | tail -n 1 | tr -d ' :' | tr A-F a-f)
    changed_leaf "0414$skid" "0414ff${skid:2}"
    run "${check[@]}"
    status_is 3
    output_has "is not revoked, but another certificate" "with the same key"
    # a byte of its key
    key=$(openssl x509 -in "$KEYS/leaf.crt" -noout -pubkey | openssl pkey -pubin -outform DER |
        tail -c 40 | head -c 20 | od -An -v -tx1 | tr -d ' \n')
    changed_leaf "$key" "ff${key:2}"
    run "${check[@]}"
    status_is 3
    # a byte of its issuer's signature: what was signed is the same, and revoked
    openssl x509 -in "$KEYS/leaf.crt" -outform DER | { head -c -1; printf '\xff'; } >changed.der
    run "${check[@]}"
    status_is 1
}

# --- folders ---

@test "a folder: names in capitals, hashes and links are read, others are counted and named" {
    signed
    for name in x.CRT x.Pem x.DER x.cEr 1a2b3c4d.0 .hidden.pem; do
        rm -rf ring && mkdir ring
        cp "$KEYS/rsa2048.crt" "ring/$name"
        trusting ring 0
        [[ $output != *warning* ]]
        revoking ring 1
    done
    rm -rf ring && mkdir ring ring/sub
    ln -s ../signer.der ring/link.der
    cp "$KEYS/unrelated.crt" ring/sub/y.pem
    echo x >ring/README
    echo x >ring/.gitkeep
    cp "$KEYS/unrelated.crt" ring/1a2b3c4d.r0
    trusting ring 0 "warning: ring: 4 entries ignored, not named" ".gitkeep, 1a2b3c4d.r0, README, sub"
    run "$TOOL" verify -q --cert ring typical.lskel.h
    status_is 0
    output_has "warning: ring: 4 entries ignored"
    output_lacks accepted
}

@test "a folder of revoked certificates: every file is read, whatever it is called" {
    signed
    mkdir ring
    cp "$KEYS/unrelated.crt" ring/a.pem
    cp "$KEYS/rsa2048.crt" ring/signer.txt
    revoking ring 1
    mv ring/signer.txt ring/.signer
    revoking ring 1
    rm ring/.signer
    run verify --revoked ring typical.lskel.h
    status_is 0
    echo x >ring/README
    revoking ring 3 "ring/README: contains no certificate"
    rm ring/README
    : >ring/.gitkeep
    revoking ring 3 "ring/.gitkeep: contains no certificate: the file is empty"
    rm ring/.gitkeep
    mkdir ring/sub
    revoking ring 3 "ring/sub: is a folder inside a folder"
    rmdir ring/sub
    ln -s nowhere ring/link.pem
    revoking ring 3 "ring/link.pem: cannot open"
    rm ring/link.pem
    mkfifo ring/pipe.pem
    revoking ring 3 "ring/pipe.pem: is a pipe or device: expected a regular file"
    rm -rf ring && mkdir ring
    revoking ring 3 "ring: contains no certificate"
}

@test "a file of a folder that cannot be read is an error" {
    signed
    mkdir ring ring/x.pem
    cp signer.der ring/signer.der
    trusting ring 3 "ring/x.pem: is a folder inside a folder"
    rmdir ring/x.pem
    ln -s nowhere ring/x.crt
    trusting ring 3 "ring/x.crt: cannot open"
    rm ring/x.crt
    ln -s loop.pem ring/loop.pem
    trusting ring 3 "ring/loop.pem: cannot open"
}

# --- a signer's certificate ---

@test "sign takes the certificate of the key, and tells of others in the file" {
    object typical
    cat "$KEYS/rsa2048.crt" "$KEYS/ca.crt" "$KEYS/unrelated.crt" >chain.pem
    run "$TOOL" sign --key "$KEYS/rsa2048.key" --cert chain.pem typical.bpf.o
    status_is 0
    output_has "chain.pem: [unused-certificates] its file contains 2 more certificates"
    verify -q typical.lskel.h
    { cat "$KEYS/rsa2048.crt"; sed '2s/^M/!/' "$KEYS/ca.crt"; } >damaged.pem
    run "$TOOL" sign --key "$KEYS/rsa2048.key" --cert damaged.pem typical.bpf.o
    status_is 3
    output_has "damaged.pem:" "block is damaged"
    openssl x509 -in "$KEYS/rsa2048.crt" -trustout -out trusted.pem
    "$TOOL" sign -q --key "$KEYS/rsa2048.key" --cert trusted.pem typical.bpf.o
    verify -q typical.lskel.h
}

# --- OpenSSL's configuration ---

# provider_conf MODULE: openssl.cnf that activates MODULE before OpenSSL's own
provider_conf() {
    cat >openssl.cnf <<END
openssl_conf = init
[init]
providers = providers
alg_section = algorithms
[providers]
yes = yes_section
default = default_section
[yes_section]
module = $1
activate = 1
[default_section]
activate = 1
[algorithms]
default_properties = ?provider=yes
END
}

@test "a module that OPENSSL_CONF names has no part in a verdict, unless --openssl-conf asks for it" {
    object typical
    sign -q typical.bpf.o
    printf 'insn 0..insn 1..' >insns
    printf 'insn 2..insn 3..' >others
    cc -shared -fPIC -o yes.so "$ROOT/tests/data/yes_provider.c"
    provider_conf "$PWD/yes.so"
    export OPENSSL_CONF=$PWD/openssl.cnf OPENSSL_MODULES=$PWD
    # the module does what it is for
    echo x >text
    run openssl dgst -sha256 text
    output_has "0000000000000000000000000000000000000000000000000000000000000000"
    # sign reads the configuration: this is a signature of any text, if it is asked
    "$TOOL" sign -q --key "$KEYS/leaf.key" --cert "$KEYS/leaf.crt" --insns insns --scheme insns --detached
    check=("$TOOL" verify --cert "$KEYS/leaf.crt" --scheme insns --signature insns.insns.p7s --insns)
    for insns in insns others; do
        run "${check[@]}" "$insns"
        status_is 1
        output_has EKEYREJECTED
    done
    for command in chain "inspect --json" "verify --json --cert $KEYS/rsa2048.crt"; do
        # shellcheck disable=SC2086
        run "$TOOL" $command typical.lskel.h
        status_is 0
        with=$output
        # shellcheck disable=SC2086
        run env -u OPENSSL_CONF -u OPENSSL_MODULES "$TOOL" $command typical.lskel.h
        [ "$output" = "$with" ]
    done
    # asked for, it decides: that is what the option is for
    run "${check[@]}" others --openssl-conf
    status_is 0
}

@test "a configuration that is damaged or names a module that is not there changes nothing" {
    signed
    provider_conf /nowhere/no.so
    OPENSSL_CONF=openssl.cnf verify -q typical.lskel.h
    echo '[[[' >openssl.cnf
    OPENSSL_CONF=openssl.cnf verify -q typical.lskel.h
    OPENSSL_CONF=openssl.cnf run verify --openssl-conf typical.lskel.h
    status_is 3
    output_has "openssl.cnf: cannot load OpenSSL's configuration"
    OPENSSL_CONF=/nowhere/openssl.cnf verify -q typical.lskel.h
    OPENSSL_CONF=/nowhere/openssl.cnf run verify --openssl-conf typical.lskel.h
    status_is 3
    printf 'openssl_conf = init\n[init]\nengines = engines\n[engines]\nyes = yes\n[yes]\ndynamic_path = /nowhere/no.so\ndefault_algorithms = ALL\ninit = 1\n' >openssl.cnf
    OPENSSL_CONF=openssl.cnf OPENSSL_ENGINES=/nowhere verify -q typical.lskel.h
}

@test "verify reads no configuration of OpenSSL at all" {
    command -v strace >/dev/null || skip "no strace"
    signed
    : >openssl.cnf
    ASAN_OPTIONS=detect_leaks=0 OPENSSL_CONF=$PWD/openssl.cnf strace -f -e trace=open,openat -o log "$TOOL" verify -q \
        --cert "$KEYS/rsa2048.crt" typical.lskel.h
    grep -q rsa2048.crt log
    run grep -E 'openssl\.cnf|ossl-modules|engines-' log
    [ -z "$output" ]
}
