#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-2-Clause
# bpf-chainsign sign --strip, --prepare and --attach: signatures that go and come

load common

# --- strip ---

@test "a stripped header is unsigned, and signed again it has the bytes it had" {
    object typical
    sign --quiet typical.bpf.o
    cp typical.lskel.h signed.h
    run "$TOOL" sign --strip typical.lskel.h
    status_is 0
    [ "$output" = "typical.lskel.h: unsigned (folded, chain, insns removed)" ]
    run verify typical.lskel.h
    status_is 1
    output_has unsigned
    run grep -cE 'opts_sig|keyring_id|enforce|insn_checked|excl_hash' typical.lskel.h
    [ "$output" = 0 ]
    sign --quiet typical.lskel.h
    cmp signed.h typical.lskel.h
}

@test "what was signed with other options is, stripped and signed with them, the same again" {
    local options
    object typical
    for options in "--scheme chain" "--scheme insns,folded" "--insns-form hash-only" \
        "--runtime libbpf" "--hash sha512" "--no-seal --allow=open-values --allow=open-sizes --scheme folded"; do
        # shellcheck disable=SC2086
        sign --quiet $options -o signed.h typical.bpf.o
        "$TOOL" sign --quiet --strip -o plain.h signed.h
        # shellcheck disable=SC2086
        sign --quiet $options -o again.h plain.h
        cmp signed.h again.h
    done
}

@test "a header that bpftool has signed is stripped, too" {
    object tiny
    sign --quiet --runtime libbpf tiny.bpf.o
    # bpftool's own form does not name the scheme
    run verify --scheme folded tiny.lskel.h
    status_is 0
    run "$TOOL" sign --strip tiny.lskel.h
    status_is 0
    output_has "tiny.lskel.h: unsigned"
    run "$TOOL" sign --strip tiny.lskel.h
    [ "$output" = "tiny.lskel.h: was not signed" ]
}

@test "stripping an unsigned header changes no byte, whoever wrote it and how" {
    object tiny
    bpftool gen skeleton -L tiny.bpf.o >bpftool.h
    sign --quiet -o signed.h tiny.bpf.o
    "$TOOL" sign --quiet --strip -o ours.h signed.h
    sed 's/$/\r/' ours.h >crlf.h
    for header in bpftool.h ours.h crlf.h; do
        cp "$header" before.h
        run "$TOOL" sign --strip "$header"
        status_is 0
        cmp "$header" before.h
    done
}

@test "--strip --output - writes the header alone; --output leaves the input alone" {
    object tiny
    sign --quiet tiny.bpf.o
    cp tiny.lskel.h signed.h
    "$TOOL" sign --strip -o - tiny.lskel.h >stdout.h
    "$TOOL" sign --strip --quiet -o file.h tiny.lskel.h
    cmp tiny.lskel.h signed.h
    cmp stdout.h file.h
}

@test "--strip --json says what was taken out" {
    object tiny
    sign --quiet --scheme chain tiny.bpf.o
    run "$TOOL" sign --strip --json tiny.lskel.h
    status_is 0
    output_has '"was_signed": true' '"chain"' '"output": "tiny.lskel.h"'
    [[ $output != *folded* ]]
}

@test "--strip --recursive takes headers and passes objects over" {
    mkdir in
    object tiny
    sign --quiet tiny.bpf.o
    cp tiny.bpf.o in/another.bpf.o
    mv tiny.bpf.o tiny.lskel.h in
    run "$TOOL" sign --strip --recursive in
    status_is 0
    [ "${lines[-1]}" = "1 stripped" ]
    run verify in/tiny.lskel.h
    output_has unsigned
}

@test "an object has nothing to strip, and options that sign contradict --strip" {
    object tiny
    run "$TOOL" sign --strip tiny.bpf.o
    status_is 3
    output_has "tiny.bpf.o: only a light skeleton or a signed image can be stripped of its signatures"
    sign --quiet tiny.bpf.o
    cp tiny.lskel.h before.h
    local option
    for option in "--key k" "--cert c" "--hash sha256" "--name n" "--runtime embedded" \
        "--insns-form exclusive" --detached --allow-ambiguous --no-seal "--set a=1" \
        "--max-entries a=1" "--scheme chain" "--allow=open-values"; do
        # shellcheck disable=SC2086
        run "$TOOL" sign --strip $option tiny.lskel.h
        status_is 2
        output_has "${option%%[ =]*} cannot be used with --strip"
    done
    run "$TOOL" sign --strip --insns tiny.lskel.h
    status_is 2
    cmp tiny.lskel.h before.h
}

# --- prepare ---

# prepare [OPTION...] FILE...: into req
prepare() {
    "$TOOL" sign --quiet --prepare req "$@"
}

# attach [OPTION...] FILE...: from req, with the RSA-2048 test key's certificate
attach() {
    "$TOOL" sign --attach req --cert "$KEYS/rsa2048.crt" "$@"
}

# raw KEY: the other side gives raw signatures over what is in req
raw() {
    local digest
    for digest in req/*.digest; do
        openssl pkeyutl -sign -inkey "$KEYS/$1.key" -pkeyopt digest:sha256 -in "$digest" \
            -out "${digest%.digest}.sig"
    done
}

# cms KEY [OPTION...]: the other side gives finished messages
cms() {
    local content key=$1
    shift
    for content in req/*.content; do
        openssl cms -sign -binary -noattr -nocerts -keyid -md sha256 -signer "$KEYS/$key.crt" \
            -inkey "$KEYS/$key.key" -in "$content" -outform DER "$@" \
            -out "${content%.content}.p7s"
    done
}

@test "--prepare writes the bytes to be signed, their digests and a manifest, without a key" {
    object typical
    run "$TOOL" sign --prepare req typical.bpf.o
    status_is 0
    output_has "typical.lskel.h: to be signed" "in req/typical.lskel.h.folded.content" \
        "bpf-chainsign sign --attach req"
    [ "$(ls req)" = "$(printf 'typical.lskel.h.%s\n' {chain,folded,insns}.{content,digest} json)" ]
    [ ! -e typical.lskel.h ]
    local scheme
    for scheme in folded chain insns; do
        cmp "req/typical.lskel.h.$scheme.digest" \
            <(openssl dgst -sha256 -binary "req/typical.lskel.h.$scheme.content")
    done
    # the content is what one-step signing signs
    sign --quiet --detached typical.bpf.o
    for scheme in folded chain insns; do
        openssl cms -verify -binary -inform DER -in "typical.lskel.h.$scheme.p7s" \
            -content "req/typical.lskel.h.$scheme.content" -certfile "$KEYS/rsa2048.crt" -noverify \
            -out /dev/null
    done
}

@test "the manifest says what is to be signed, and nothing of when, where or by whom" {
    object typical
    prepare typical.bpf.o
    grep -q '"file": "typical.lskel.h"' req/typical.lskel.h.json
    grep -q '"digest_algorithm": "sha256"' req/typical.lskel.h.json
    local digest
    digest=$(sha256sum <req/typical.lskel.h.folded.content)
    grep -q "\"content_digest\": \"${digest%% *}\"" req/typical.lskel.h.json
    digest=$(head -c 2736 req/typical.lskel.h.folded.content | sha256sum)
    grep -q "\"insns_sha256\": \"${digest%% *}\"" req/typical.lskel.h.json
    digest=$(tail -c +2737 req/typical.lskel.h.folded.content | sha256sum)
    grep -q "\"sha256\": \"${digest%% *}\"" req/typical.lskel.h.json
    mkdir elsewhere
    cp typical.bpf.o elsewhere
    cd elsewhere
    "$TOOL" sign -q --prepare req -c "$KEYS/p256.crt" "$PWD/typical.bpf.o"
    diff -r req ../req
}

@test "--prepare takes --hash, --scheme, raw parts, several files, and an empty folder" {
    object typical
    object tiny
    mkdir -m 750 req
    prepare --hash sha384 --scheme chain,folded typical.bpf.o tiny.bpf.o
    [ "$(stat -c %a req)" = 750 ]
    [ "$(stat -c %s req/typical.lskel.h.chain.digest)" = 48 ]
    [ ! -e req/typical.lskel.h.insns.content ]
    [ -e req/tiny.lskel.h.folded.content ]
    head -c 64 /dev/zero >insns
    printf 'abc' >map
    "$TOOL" sign -q --prepare raw --insns insns --map map
    cmp raw/insns.folded.content <(cat insns map)
    "$TOOL" sign -q --prepare named/ --output out/other.h typical.bpf.o
    [ -e named/other.h.json ]
}

@test "a folder with files, or one that is none, is refused, and so are two inputs of one name" {
    object typical
    object tiny
    prepare typical.bpf.o
    run "$TOOL" sign --prepare req tiny.bpf.o
    status_is 3
    output_has "req: the folder is not empty: choose a new or empty folder"
    [ ! -e req/tiny.lskel.h.json ]
    run "$TOOL" sign --prepare typical.bpf.o tiny.bpf.o
    status_is 3
    output_has "typical.bpf.o: exists and is not a folder"
    run "$TOOL" sign --prepare no/such/place tiny.bpf.o
    status_is 3
    output_has "no/such/place: cannot create a temporary folder next to it"
    mkdir a b
    cp tiny.bpf.o a/x.o
    cp typical.bpf.o b/x.o
    run "$TOOL" sign --prepare two a/x.o b/x.o
    status_is 3
    output_has "b/x.o: another input also becomes x.lskel.h"
    [ ! -e two ]
}

@test "--prepare is for all inputs or for none, and leaves nothing behind" {
    object typical
    run "$TOOL" sign --prepare req typical.bpf.o missing.o
    status_is 3
    output_has "missing.o: cannot open" "req: not written, because one input failed"
    [[ $output != *"to be signed"* ]]
    [ "$(ls)" = typical.bpf.o ]
}

@test "what would not be signed is not prepared" {
    object typical
    head -c 64 /dev/zero >insns
    head -c 60 /dev/zero >map
    run "$TOOL" sign --prepare req --insns insns --map map
    status_is 3
    output_has "hashed as 64 bytes"
    run "$TOOL" sign --prepare req --no-seal typical.bpf.o
    status_is 3
    output_has "[open-values]"
    [ ! -e req ]
}

# --- attach ---

@test "raw RSA signatures give the header of one-step signing, byte for byte" {
    object typical
    sign --quiet --output one.h typical.bpf.o
    prepare typical.bpf.o
    raw rsa2048
    run attach typical.bpf.o
    status_is 0
    output_has 'typical.lskel.h: signed by "bpf-chainsign test rsa2048"' "note: initial values"
    cmp one.h typical.lskel.h
}

@test "so do finished messages, in DER and in PEM" {
    object typical
    sign --quiet --output one.h typical.bpf.o
    prepare typical.bpf.o
    cms rsa2048
    attach --quiet typical.bpf.o
    cmp one.h typical.lskel.h
    rm typical.lskel.h
    cms rsa2048 -outform PEM
    attach --quiet typical.bpf.o
    cmp one.h typical.lskel.h
}

@test "one scheme may come back raw, another as a message" {
    object typical
    sign --quiet --output one.h typical.bpf.o
    prepare typical.bpf.o
    cms rsa2048
    raw rsa2048
    run attach typical.bpf.o
    status_is 3
    output_has "req/typical.lskel.h.folded.p7s and .sig both exist"
    rm req/*.folded.p7s req/*.chain.sig req/*.insns.p7s
    attach --quiet typical.bpf.o
    cmp one.h typical.lskel.h
}

@test "the header that is prepared may be signed already: attach replaces, as sign does" {
    object typical
    sign --quiet --output one.h typical.bpf.o
    "$TOOL" sign -q -k "$KEYS/p256.key" -c "$KEYS/p256.crt" typical.bpf.o
    prepare typical.lskel.h
    raw rsa2048
    attach --quiet typical.lskel.h
    cmp one.h typical.lskel.h
}

@test "ECDSA: DER, r and s in a row, messages; the result verifies" {
    object typical
    local key half
    for key in p256 p384; do
        rm -rf req
        prepare typical.bpf.o
        raw "$key"
        "$TOOL" sign -q --attach req -c "$KEYS/$key.crt" typical.bpf.o
        "$TOOL" verify -q -c "$KEYS/$key.crt" typical.lskel.h
        cp typical.lskel.h der.h
        half=$((${key#p} / 8))
        for sig in req/*.sig; do
            openssl asn1parse -inform DER -in "$sig" |
                awk -F: -v half="$half" '/INTEGER/ { v = $4
                    while (length(v) < 2 * half) v = "0" v
                    printf "%s", v }' | sed 's/../\\\\x&/g' | xargs printf '%b' >rs
            [ "$(stat -c %s rs)" = $((2 * half)) ]
            mv rs "$sig"
        done
        "$TOOL" sign -q --attach req -c "$KEYS/$key.crt" typical.bpf.o
        cmp typical.lskel.h der.h
        rm req/*.sig
        cms "$key"
        "$TOOL" sign -q --attach req -c "$KEYS/$key.crt" typical.bpf.o
        "$TOOL" verify -q -c "$KEYS/$key.crt" typical.lskel.h
    done
}

@test "a message of two signers is taken where each of them is enough" {
    object typical
    prepare typical.bpf.o
    cms rsa2048 -signer "$KEYS/p384.crt" -inkey "$KEYS/p384.key"
    run "$TOOL" sign --attach req -c "$KEYS/rsa2048.crt" -c "$KEYS/p384.crt" typical.bpf.o
    status_is 0
    output_has "rsa2048" "p384"
    "$TOOL" verify -q -c "$KEYS/rsa2048.crt" typical.lskel.h
    "$TOOL" verify -q -c "$KEYS/p384.crt" typical.lskel.h
    run "$TOOL" sign --attach req -c "$KEYS/rsa2048.crt" -c "$KEYS/p256.crt" typical.bpf.o
    status_is 3
    output_has ENOKEY
    rm req/*.p7s
    raw rsa2048
    run "$TOOL" sign --attach req -c "$KEYS/rsa2048.crt" -c "$KEYS/p384.crt" typical.bpf.o
    status_is 3
    output_has "req/typical.lskel.h." ".N.sig: 1.sig: cannot open"
}

# raws KEY...: raw signatures of several keys, in their order
raws() {
    local key n=0 sig
    for key in "$@"; do
        n=$((n + 1))
        raw "$key"
        for sig in req/*[a-z].sig; do mv "$sig" "${sig%.sig}.$n.sig"; done
    done
}

@test "raw signatures of several signers give the header of one-step signing" {
    object typical
    "$TOOL" sign -q -k "$KEYS/rsa2048.key" -c "$KEYS/rsa2048.crt" -k "$KEYS/rsa4096.key" -c "$KEYS/rsa4096.crt" \
        -o once.h typical.bpf.o
    prepare typical.bpf.o
    raws rsa2048 rsa4096
    ls req
    "$TOOL" sign -q --attach req -c "$KEYS/rsa2048.crt" -c "$KEYS/rsa4096.crt" typical.bpf.o
    cmp once.h typical.lskel.h
    rm typical.lskel.h
    # the order is that of the certificates
    run "$TOOL" sign --attach req -c "$KEYS/rsa4096.crt" -c "$KEYS/rsa2048.crt" typical.bpf.o
    status_is 3
    output_has ".N.sig: "
    run "$TOOL" sign --attach req -c "$KEYS/rsa2048.crt" typical.bpf.o
    status_is 3
    output_has ".sig: cannot open"
    [ ! -e typical.lskel.h ]
    run "$TOOL" sign --attach req --record req/typical.lskel.h.folded.2.sig -c "$KEYS/rsa2048.crt" \
        -c "$KEYS/rsa4096.crt" typical.bpf.o
    status_is 3
    output_has "a file that --attach reads"
    cp req/typical.lskel.h.folded.1.sig req/typical.lskel.h.folded.sig
    run "$TOOL" sign --attach req -c "$KEYS/rsa2048.crt" -c "$KEYS/rsa4096.crt" typical.bpf.o
    status_is 3
    output_has "typical.lskel.h.folded.sig and .1.sig both exist: remove one of them"
    rm req/*.sig
    raws p256 rsa2048
    "$TOOL" sign -q --attach req -c "$KEYS/p256.crt" -c "$KEYS/rsa2048.crt" typical.bpf.o
    "$TOOL" verify -q -c "$KEYS/p256.crt" typical.lskel.h
    "$TOOL" verify -q -c "$KEYS/rsa2048.crt" typical.lskel.h
    if openssl list -public-key-algorithms | grep -q ML-DSA; then
        run "$TOOL" sign --attach req -c "$KEYS/mldsa44.crt" -c "$KEYS/rsa2048.crt" typical.bpf.o
        status_is 3
        output_has "raw signatures of several signers cannot include ML-DSA"
    fi
}

@test "raw parts: --attach --detached makes the message around a raw signature" {
    head -c 64 /dev/zero >insns
    printf 'abc' >map
    sign --quiet --insns insns --map map --detached --output one
    prepare --insns insns --map map
    raw rsa2048
    run attach --insns insns --map map
    status_is 2
    attach --quiet --insns insns --map map --detached
    for scheme in folded chain; do
        cmp "one.$scheme.p7s" "insns.$scheme.p7s"
    done
}

@test "a stored signature is put back on a rebuild, without a manifest and without a key" {
    object typical
    sign --quiet --output one.h typical.bpf.o
    mkdir stored
    sign --quiet --detached --output stored/typical.lskel.h typical.bpf.o
    local attach=("$TOOL" sign --quiet --attach stored --cert "$KEYS/rsa2048.crt")
    "${attach[@]}" typical.bpf.o
    cmp one.h typical.lskel.h
    # the header, stripped or not, is as good as the object
    "$TOOL" sign --quiet --strip typical.lskel.h
    "${attach[@]}" typical.lskel.h
    cmp one.h typical.lskel.h
    # --scheme restricts, and what is not there is not attached
    sign --quiet --scheme chain,insns --output some.h typical.bpf.o
    "${attach[@]}" --scheme chain,insns typical.bpf.o
    cmp some.h typical.lskel.h
    rm stored/*.folded.p7s
    "${attach[@]}" typical.bpf.o
    cmp some.h typical.lskel.h
    rm stored/*
    run "${attach[@]}" typical.bpf.o
    status_is 3
    output_has "no signature: expected stored/typical.lskel.h.folded.p7s or .sig"
    cmp some.h typical.lskel.h
}

# --- what attach refuses ---

# refused TEXT... : the last run wrote nothing, and says TEXT
refused() {
    status_is 3 && output_has "$@" && [ ! -e typical.lskel.h ]
}

@test "a changed input or other options are refused, with the first member that differs" {
    object typical
    prepare typical.bpf.o
    raw rsa2048
    local json=req/typical.lskel.h.json
    run attach --hash sha512 typical.bpf.o
    refused "$json: \"digest_algorithm\" differs from what --prepare wrote"
    run attach --name other typical.bpf.o
    refused "$json: \"object\" differs from what"
    run attach --scheme folded,insns typical.bpf.o
    refused "$json: \"schemes\" differs from what"
    run attach --scheme folded,chain typical.bpf.o
    refused "$json: \"schemes\" differs from what"
    run attach --set step=9 typical.bpf.o
    refused "$json: \"sha256\" of folded differs from what"
    run attach --insns-form hash-only typical.bpf.o
    refused "$json: \"insns_size\" of insns differs from what"
    object tiny
    cp tiny.bpf.o typical.o
    run attach typical.o
    refused "$json: \"object\" differs from what"
    sed -i 's/"manifest_version": 1/"manifest_version": 2/' "$json"
    run attach typical.bpf.o
    refused "$json: \"manifest_version\" differs from what"
    : >"$json"
    run attach typical.bpf.o
    refused "$json: "
}

@test "with a manifest every signature has to be there, and nothing is written if one is not" {
    object typical
    prepare typical.bpf.o
    raw rsa2048
    rm req/*.insns.sig
    run attach typical.bpf.o
    refused "no signature: expected req/typical.lskel.h.insns.p7s or .sig"
}

@test "a signature of another scheme, file or key is refused, and said to be" {
    object typical
    prepare typical.bpf.o
    raw rsa2048
    cp -r req kept
    cp req/typical.lskel.h.chain.sig req/typical.lskel.h.folded.sig
    run attach typical.bpf.o
    refused "req/typical.lskel.h.folded.sig: the signature belongs to the chain scheme, not to folded"
    rm req/*.sig
    cms rsa2048
    cp req/typical.lskel.h.folded.p7s req/typical.lskel.h.insns.p7s
    run attach typical.bpf.o
    refused "req/typical.lskel.h.insns.p7s: the signature belongs to the folded scheme, not to insns"
    # another file's
    object tiny
    rm -rf req
    prepare tiny.bpf.o
    raw rsa2048
    cms rsa2048
    cp req/tiny.lskel.h.chain.sig kept/typical.lskel.h.chain.sig
    run "$TOOL" sign --attach kept --cert "$KEYS/rsa2048.crt" typical.bpf.o
    refused "kept/typical.lskel.h.chain.sig: it does not match this file, scheme, key" EKEYREJECTED
    rm kept/*.sig
    cp req/tiny.lskel.h.chain.p7s kept/typical.lskel.h.chain.p7s
    cp req/tiny.lskel.h.folded.p7s kept/typical.lskel.h.folded.p7s
    run "$TOOL" sign --attach kept --cert "$KEYS/rsa2048.crt" typical.bpf.o
    refused "kept/typical.lskel.h.folded.p7s: it does not match this file, scheme, key"
}

@test "a signature by another key than the certificate's is refused" {
    object typical
    prepare typical.bpf.o
    cms p256
    run attach typical.bpf.o
    refused "req/typical.lskel.h.folded.p7s: " ENOKEY
    rm req/*.p7s
    raw p256
    run attach typical.bpf.o
    refused "req/typical.lskel.h.folded.sig: not a signature by the certificate's key"
    openssl genpkey -algorithm RSA -out other.key
    raw rsa2048
    openssl pkeyutl -sign -inkey other.key -pkeyopt digest:sha256 \
        -in req/typical.lskel.h.folded.digest -out req/typical.lskel.h.folded.sig
    run attach typical.bpf.o
    refused "req/typical.lskel.h.folded.sig: it does not match this file, scheme, key"
}

@test "what is no signature is refused: empty, text, base64, the content inside, broken PEM" {
    object typical
    prepare typical.bpf.o
    raw rsa2048
    cp -r req good
    local sig=req/typical.lskel.h.folded.sig
    : >$sig
    run attach typical.bpf.o
    refused "$sig: "
    base64 good/typical.lskel.h.folded.sig >$sig
    run attach typical.bpf.o
    refused "$sig: not a signature by the certificate's key: expected 256 bytes"
    rm req/*.sig
    cms rsa2048
    local p7s=req/typical.lskel.h.folded.p7s
    cp -r req good
    : >$p7s
    run attach typical.bpf.o
    refused "$p7s: "
    echo hello >$p7s
    run attach typical.bpf.o
    refused "$p7s: " EBADMSG
    printf -- '-----BEGIN CMS-----\nAAAA\n' >$p7s
    run attach typical.bpf.o
    refused "$p7s: malformed PEM: expected a CMS or PKCS7 block"
    cp "$KEYS/rsa2048.crt" $p7s
    run attach typical.bpf.o
    refused "$p7s: " EBADMSG
    cp "$KEYS/rsa2048.key" $p7s
    run attach typical.bpf.o
    refused "$p7s: malformed PEM: expected a CMS or PKCS7 block"
    openssl cms -sign -binary -nodetach -noattr -nocerts -keyid -md sha256 \
        -signer "$KEYS/rsa2048.crt" -inkey "$KEYS/rsa2048.key" \
        -in req/typical.lskel.h.folded.content -outform DER -out $p7s
    run attach typical.bpf.o
    refused "$p7s: " EBADMSG
    # OpenSSL's default attributes, with S/MIME capabilities
    openssl cms -sign -binary -nocerts -keyid -md sha256 -signer "$KEYS/rsa2048.crt" \
        -inkey "$KEYS/rsa2048.key" -in req/typical.lskel.h.folded.content -outform DER -out $p7s
    run attach typical.bpf.o
    refused "$p7s: the signature has signed attributes that kernels refuse"
    truncate -s 2M $p7s
    run attach typical.bpf.o
    refused "$p7s: " "more than the limit"
}

@test "an option of openssl that is missing is named" {
    object typical
    prepare typical.bpf.o
    cms rsa2048
    local p7s=req/typical.lskel.h.folded.p7s
    local signing=(openssl cms -sign -noattr -nocerts -keyid -md sha256 -signer "$KEYS/rsa2048.crt"
        -inkey "$KEYS/rsa2048.key" -in req/typical.lskel.h.folded.content -out "$p7s")
    "${signing[@]}" -binary -outform DER
    attach -q typical.bpf.o
    "${signing[@]}" -outform DER
    run attach typical.bpf.o
    status_is 3
    output_has "$p7s: the signature covers the content changed to text: add \"-binary\" to \"openssl cms\""
    "${signing[@]}" -binary
    run attach typical.bpf.o
    status_is 3
    output_has "$p7s: this is S/MIME: expected DER or PEM; add \"-outform DER\" to \"openssl cms\""
    signing=("${signing[@]/-noattr/-nosmimecap}")
    "${signing[@]}" -binary -outform DER
    attach -q typical.bpf.o
    signing=("${signing[@]/-nosmimecap/-keyid}")
    "${signing[@]}" -binary -outform DER
    run attach typical.bpf.o
    status_is 3
    output_has "$p7s: the signature has signed attributes that kernels refuse: add \"-noattr\" to \"openssl cms\""
}

@test "what is there stays as it was when one signature is refused" {
    object typical
    sign --quiet --scheme chain typical.bpf.o
    cp typical.lskel.h before.h
    prepare typical.bpf.o
    raw rsa2048
    head -c 256 /dev/zero >req/typical.lskel.h.insns.sig
    run attach typical.bpf.o
    status_is 3
    cmp before.h typical.lskel.h
}

# --- the command line ---

@test "options that contradict the mode are usage errors" {
    object tiny
    local line
    while read -r line; do
        # shellcheck disable=SC2086
        run "$TOOL" sign ${line%%|*} tiny.bpf.o
        status_is 2
        output_has "${line#*|}"
    done <<'EOF'
--prepare d --attach d|only one of --prepare, --attach, --strip, --unsigned and --check-key
--prepare d --strip|only one of --prepare, --attach, --strip, --unsigned and --check-key
--prepare d --prepare e|only one of --prepare, --attach, --strip, --unsigned and --check-key
--prepare d --key k|--key cannot be used with --prepare
--attach d --key k|--key cannot be used with --attach
--prepare d --detached|--detached cannot be used with --prepare
--prepare d --output -|--prepare writes nothing to stdout
--attach d|no certificate: pass --cert or set BPF_CHAINSIGN_CERT
--attach d --cert c --detached --output -|--detached cannot write to stdout
--attach d --cert c --json --output -|both write to stdout
EOF
    [ ! -e d ]
}

@test "a key in the environment is not looked at, a certificate is" {
    object typical
    sign --quiet --output one.h typical.bpf.o
    export BPF_CHAINSIGN_KEY=missing.key BPF_CHAINSIGN_CERT=$KEYS/rsa2048.crt
    prepare typical.bpf.o
    raw rsa2048
    "$TOOL" sign --quiet --attach req typical.bpf.o
    cmp one.h typical.lskel.h
    "$TOOL" sign --quiet --strip typical.lskel.h
    BPF_CHAINSIGN_CERT=missing.crt run "$TOOL" sign --attach req typical.bpf.o
    status_is 3
    output_has "missing.crt: cannot open"
}

@test "--output -, --quiet and --json" {
    object typical
    sign --quiet --output one.h typical.bpf.o
    run "$TOOL" sign --json --prepare req typical.bpf.o
    status_is 0
    output_has '"folder": "req"' '"name": "typical.lskel.h"' '"to_be_signed": [' \
        "\"digest\": \"$(od -An -v -tx1 req/typical.lskel.h.insns.digest | tr -d ' \n')\""
    raw rsa2048
    attach --output - typical.bpf.o >out.h
    cmp one.h out.h
    [ ! -e typical.lskel.h ]
    run attach --json typical.bpf.o
    status_is 0
    output_has '"output": "typical.lskel.h"' '"signer": "bpf-chainsign test rsa2048"' '"scheme": "chain"'
    run attach --quiet typical.bpf.o
    [ -z "$output" ]
    run "$TOOL" sign --json --prepare req typical.bpf.o
    status_is 3
    run "$TOOL" sign --json --prepare other missing.o
    status_is 3
    output_has '"file": "missing.o"' '"file": "other"'
}

@test "a certificate that people should mend is warned of at both steps" {
    object tiny
    run "$TOOL" sign --prepare req --cert "$KEYS/expired.crt" tiny.bpf.o
    status_is 0
    output_has "warning: $KEYS/expired.crt"
    raw expired
    run "$TOOL" sign --attach req --cert "$KEYS/expired.crt" tiny.bpf.o
    status_is 0
    output_has "warning: $KEYS/expired.crt"
}
