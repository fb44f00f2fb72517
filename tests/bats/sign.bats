#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-2-Clause
# bpf-chainsign sign

load common

@test "an object gives a signed skeleton beside it, that verifies" {
    object typical
    run sign typical.bpf.o
    status_is 0
    output_has 'typical.lskel.h: signed by "bpf-chainsign test rsa2048"' \
        "folded   Linux 7.3 and later" "chain    hash-chain kernels" "insns    Linux 6.18 from 6.18.40, 7.1.5 to 7.2"
    run verify typical.lskel.h
    status_is 0
    [ "$output" = "typical.lskel.h: accepted (folded, chain, insns)" ]
}

@test "the skeleton's name is bpftool's, or --name" {
    object typical
    sign --quiet typical.bpf.o
    grep -q '^typical_bpf__open_and_load(void)' typical.lskel.h
    sign --quiet --name other typical.bpf.o
    grep -q '^other__open_and_load(void)' typical.lskel.h
    cp typical.bpf.o 5g-core.o
    run sign 5g-core.o
    status_is 3
    output_has "'5g_core' is not a valid name in C" "--name=NAME" "--name='x_{}'"
    sign --quiet --name five_g 5g-core.o
    grep -q '^five_g__load(' 5g-core.lskel.h
    run sign --name 'a b' 5g-core.o
    status_is 3
    run sign --name "$(printf 'n%.0s' {1..64})" 5g-core.o
    status_is 3
    output_has "longer than 63 characters"
}

@test "--name with {} names each object of a batch by its file" {
    object tiny
    cp tiny.bpf.o 0010-x.bpf.o
    cp tiny.bpf.o 20.o
    sign --quiet --name 'app_{}' -r .
    grep -q '^app_0010_x_bpf__load(' 0010-x.lskel.h
    grep -q '^app_20__load(' 20.lskel.h
    grep -q '^app_tiny_bpf__load(' tiny.lskel.h
    verify --quiet 0010-x.lskel.h 20.lskel.h tiny.lskel.h
    sign --quiet --name '{}_v2' tiny.bpf.o
    grep -q '^tiny_bpf_v2__load(' tiny.lskel.h
    run sign --name app tiny.bpf.o 20.o
    status_is 2
    output_has "--name gives several objects the same name: add {}" "--name='app_{}'"
    run sign --name '{}{}' tiny.bpf.o
    status_is 3
    output_has "'tiny_bpf{}' is not a valid name in C"
}

@test "a name that is a keyword of C is refused, because its header would not compile" {
    object tiny
    cp tiny.bpf.o int.o
    run sign int.o
    status_is 3
    output_has "'int' is not a valid name in C: choose another one with --name=NAME"
    [ ! -e int.lskel.h ]
    sign --quiet --name 'x_{}' int.o
    grep -q '^x_int__load(' int.lskel.h
}

@test "--name is for objects: a header keeps its names" {
    object tiny
    sign --quiet tiny.bpf.o
    cp tiny.lskel.h before
    run sign --name other tiny.lskel.h
    status_is 3
    output_has "--name names an object: a header keeps the names that it has"
    cmp before tiny.lskel.h
}

@test "x.bpf.o and x.o give x.lskel.h, anything else is appended to" {
    object tiny
    mkdir -p some.dir
    cp tiny.bpf.o some.dir/a.o
    cp tiny.bpf.o some.dir/b
    sign --quiet some.dir/a.o
    sign --quiet some.dir/b
    [ -f some.dir/a.lskel.h ]
    [ -f some.dir/b.lskel.h ]
}

@test "same input, same key: same bytes, wherever and under whatever name of the file" {
    object typical
    mkdir elsewhere
    cp typical.bpf.o elsewhere/renamed.bpf.o
    sign --quiet --name n -o a.h typical.bpf.o
    (cd elsewhere && LC_ALL=C TZ=Asia/Tokyo sign --quiet --name n -o ../b.h renamed.bpf.o)
    cmp a.h b.h
}

@test "signing twice gives the same bytes and does not nest" {
    object typical
    sign --quiet typical.bpf.o
    cp typical.lskel.h once.h
    sign --quiet typical.lskel.h
    cmp once.h typical.lskel.h
    sign --quiet --scheme chain typical.lskel.h
    sign --quiet typical.lskel.h
    cmp once.h typical.lskel.h
}

@test "--scheme chooses the signatures, the others are gone" {
    object typical
    sign --quiet typical.bpf.o
    sign --quiet --scheme chain typical.lskel.h
    run verify typical.lskel.h
    [ "$output" = "typical.lskel.h: accepted (chain)" ]
    sign --quiet --scheme folded typical.lskel.h
    run verify typical.lskel.h
    [ "$output" = "typical.lskel.h: accepted (folded)" ]
    sign --quiet --scheme folded,insns typical.lskel.h
    run verify typical.lskel.h
    [ "$output" = "typical.lskel.h: accepted (folded, insns)" ]
}

@test "every test key signs, and its certificate verifies" {
    object tiny
    for key in rsa2048 rsa4096 p256 p384 noskid expired wrongusage leaf; do
        "$TOOL" sign -q -k "$KEYS/$key.key" -c "$KEYS/$key.crt" tiny.bpf.o
        run "$TOOL" verify -c "$KEYS/$key.crt" tiny.lskel.h
        status_is 0
    done
}

@test "--hash is the message digest" {
    object tiny
    for hash in sha256 sha384 sha512; do
        sign --quiet --hash "$hash" --detached --scheme chain tiny.bpf.o
        openssl cms -cmsout -print -inform DER -in tiny.lskel.h.chain.p7s -noout |
            grep -q "algorithm: $hash"
        run verify --scheme chain --signature tiny.lskel.h.chain.p7s tiny.bpf.o
        status_is 0
    done
}

@test "the signature is what openssl cms makes, too" {
    object tiny
    sign --quiet --detached --scheme folded --name t tiny.bpf.o
    run openssl cms -cmsout -print -inform DER -in tiny.lskel.h.folded.p7s -noout
    output_has "subjectKeyIdentifier" "certificates:" "<ABSENT>"
    "$TOOL" sign -q --detached --scheme folded -n t \
        -k "$KEYS/noskid.key" -c "$KEYS/noskid.crt" tiny.bpf.o
    run openssl cms -cmsout -print -inform DER -in tiny.lskel.h.folded.p7s -noout
    output_has "issuerAndSerialNumber"
}

@test "the signature is byte for byte the one of openssl cms, and always the same (RSA)" {
    printf 'insn 0..insn 1..' >insns
    printf 'map contents' >map
    sign --quiet --insns insns --map map --detached
    cat insns map | openssl cms -sign -binary -nocerts -noattr -nosmimecap -keyid -md sha256 \
        -signer "$KEYS/rsa2048.crt" -inkey "$KEYS/rsa2048.key" -outform DER -out peer.p7s
    cmp insns.folded.p7s peer.p7s
    # made once, with this key; it changes with the key alone
    [ "$(sha256sum <insns.folded.p7s)" = "1969bb294d7bbb906dfd5435d8f47ccbfa05b7e17f69a18c1478d0a9303eb07a  -" ]
    [ "$(sha256sum <insns.chain.p7s)" = "ee00d5c01395a7968edca18d51ef915b4fd3f8961ae7d7b4e26779dd031423be  -" ]
}

@test "--detached leaves the input alone and its signatures verify" {
    object typical
    sign --quiet -n t -o plain.h typical.bpf.o
    cp plain.h before.h
    run sign --detached plain.h
    status_is 0
    output_has "plain.h.folded.p7s" "plain.h.chain.p7s"
    cmp plain.h before.h
    for scheme in folded chain insns; do
        verify --scheme "$scheme" --signature "plain.h.$scheme.p7s" plain.h
    done
    run verify --scheme chain --signature plain.h.folded.p7s plain.h
    status_is 1
    output_has EKEYREJECTED
}

@test "a detached signature of an object verifies against the object" {
    object typical
    sign --quiet --detached typical.bpf.o
    [ ! -e typical.lskel.h ]
    for scheme in folded chain insns; do
        verify --scheme "$scheme" --signature "typical.lskel.h.$scheme.p7s" typical.bpf.o
    done
}

@test "raw parts are signed detached, several maps in order" {
    head -c 64 /dev/zero >insns
    printf 'abc' >a
    printf 'defgh' >b
    sign --quiet --insns insns --map a --map b --detached
    for scheme in folded chain; do
        run verify --insns insns --map a --map b --scheme "$scheme" --signature "insns.$scheme.p7s"
        status_is 0
        run verify --insns insns --map b --map a --scheme "$scheme" --signature "insns.$scheme.p7s"
        status_is 1
        run verify --insns insns --map a --scheme "$scheme" --signature "insns.$scheme.p7s"
        status_is 1
    done
    # what verify accepts for a kernel is made for it
    for kernel in 7.3 7.3..7.4 chain; do
        rm -f insns.*.p7s
        sign --quiet --insns insns --map a --detached --kernel $kernel
        scheme=$(echo insns.*.p7s | cut -d. -f2)
        verify --quiet --insns insns --map a --scheme "$scheme" --signature "insns.$scheme.p7s" --kernel $kernel
    done
    rm insns.*.p7s
    run sign --quiet --insns insns --map a --detached --scheme insns --kernel 7.2..7.3 --allow data-uncovered
    status_is 3
    [ ! -e insns.insns.p7s ]
}

@test "--output - writes the skeleton to stdout and nothing else" {
    object tiny
    sign -o - tiny.bpf.o >out.h
    [ ! -e tiny.lskel.h ]
    sign --quiet tiny.bpf.o
    cmp out.h tiny.lskel.h
}

@test "key and certificate come from the environment" {
    object tiny
    BPF_CHAINSIGN_KEY=$KEYS/p256.key BPF_CHAINSIGN_CERT=$KEYS/p256.crt "$TOOL" sign -q tiny.bpf.o
    "$TOOL" verify -q -c "$KEYS/p256.crt" tiny.lskel.h
}

@test "an encrypted key is opened by environment or file, and never prompts" {
    object tiny
    openssl pkey -in "$KEYS/rsa2048.key" -aes256 -passout pass:opensesame -out enc.key
    local cmd=("$TOOL" sign -q -k enc.key -c "$KEYS/rsa2048.crt" tiny.bpf.o)
    run "${cmd[@]}" </dev/null
    status_is 3
    output_has "enc.key: the key is encrypted" "BPF_CHAINSIGN_PASSPHRASE"
    BPF_CHAINSIGN_PASSPHRASE=opensesame "${cmd[@]}"
    echo opensesame >pass
    BPF_CHAINSIGN_PASSPHRASE_FILE=pass "${cmd[@]}"
    BPF_CHAINSIGN_PASSPHRASE=mistyped run "${cmd[@]}"
    status_is 3
    output_has "the passphrase is wrong"
    [[ $output != *mistyped* ]]
    BPF_CHAINSIGN_PASSPHRASE_FILE=missing run "${cmd[@]}"
    status_is 3
}

@test "a key that does not fit, or no key at all: one message, status 3, nothing written" {
    object tiny
    run "$TOOL" sign -k "$KEYS/p256.key" -c "$KEYS/rsa2048.crt" tiny.bpf.o
    status_is 3
    output_has "this certificate does not belong to the key"
    run "$TOOL" sign -k "$KEYS/rsa2048.crt" -c "$KEYS/rsa2048.crt" tiny.bpf.o
    status_is 3
    output_has "contains no private key"
    run "$TOOL" sign -k "$KEYS/rsa2048.key" -c "$KEYS/rsa2048.key" tiny.bpf.o
    status_is 3
    output_has "contains no certificate"
    run "$TOOL" sign -k "$KEYS/rsa2048.key" tiny.bpf.o
    status_is 3
    output_has "rsa2048.key: contains no certificate" "--cert" BPF_CHAINSIGN_CERT
    run "$TOOL" sign -k missing -c "$KEYS/rsa2048.crt" tiny.bpf.o
    status_is 3
    output_has "missing: cannot open"
    openssl genpkey -algorithm ed25519 -out ed.key
    openssl req -x509 -key ed.key -subj /CN=ed -out ed.crt
    run "$TOOL" sign -k ed.key -c ed.crt tiny.bpf.o
    status_is 3
    output_has "no kernel verifies"
    openssl ecparam -name secp256k1 -genkey -noout -out k1.key
    openssl req -x509 -key k1.key -subj /CN=k1 -out k1.crt
    run "$TOOL" sign -k k1.key -c k1.crt tiny.bpf.o
    status_is 3
    output_has "secp256k1"
    [ ! -e tiny.lskel.h ]
}

@test "certificates that users should mend are warned of, once, with --quiet as well" {
    object tiny
    for pair in expired:expired wrongusage:digitalSignature noskid:subjectKeyIdentifier; do
        local key=${pair%%:*}
        run "$TOOL" sign -k "$KEYS/$key.key" -c "$KEYS/$key.crt" tiny.bpf.o
        status_is 0
        output_has "warning: $KEYS/$key.crt: " "${pair##*:}"
        run "$TOOL" sign -q -k "$KEYS/$key.key" -c "$KEYS/$key.crt" tiny.bpf.o
        output_has "warning: $KEYS/$key.crt: "
        output_lacks "signed by"
    done
    run sign tiny.bpf.o
    [[ $output != *warning* ]]
}

@test "a file may hold both the key and its certificate" {
    object tiny
    cat "$KEYS/p256.key" "$KEYS/p256.crt" >both.pem
    "$TOOL" sign -q -k both.pem tiny.bpf.o
    "$TOOL" verify -q -c "$KEYS/p256.crt" tiny.lskel.h
}

@test "several signers: each certificate alone is enough to verify, their order changes nothing" {
    object tiny
    local a=(-k "$KEYS/rsa2048.key" -c "$KEYS/rsa2048.crt")
    local b=(-k "$KEYS/leaf.key" -c "$KEYS/leaf.crt")
    run "$TOOL" sign "${a[@]}" "${b[@]}" tiny.bpf.o
    status_is 0
    output_has 'signed by "bpf-chainsign test rsa2048" (SKID ' ' and "bpf-chainsign test leaf" (SKID '
    for key in rsa2048 leaf; do
        run "$TOOL" verify -c "$KEYS/$key.crt" tiny.lskel.h
        status_is 0
    done
    run "$TOOL" verify -c "$KEYS/unrelated.crt" tiny.lskel.h
    status_is 1
    cp tiny.lskel.h first.h
    "$TOOL" sign -q "${b[@]}" "${a[@]}" tiny.bpf.o
    cmp first.h tiny.lskel.h
    run "$TOOL" sign "${a[@]}" "${a[@]}" tiny.bpf.o
    status_is 3
    output_has "the same certificate is given twice"
}

@test "a signature of several signers is the one of openssl cms" {
    printf 'insn 0..insn 1..' >insns
    printf 'map contents' >map
    sign --quiet -k "$KEYS/leaf.key" -c "$KEYS/leaf.crt" --insns insns --map map --detached
    cat insns map | openssl cms -sign -binary -nocerts -noattr -nosmimecap -keyid -md sha256 \
        -signer "$KEYS/rsa2048.crt" -inkey "$KEYS/rsa2048.key" -signer "$KEYS/leaf.crt" \
        -inkey "$KEYS/leaf.key" -outform DER -out peer.p7s
    cmp insns.folded.p7s peer.p7s
}

@test "a map that is hashed as 64 bytes is not signed with chain, unless told to" {
    head -c 64 /dev/zero >insns
    head -c 60 /dev/zero >map
    run sign --insns insns --map map --detached
    status_is 3
    output_has "hashed as 64 bytes" "--allow-ambiguous" "--scheme folded"
    [ ! -e insns.chain.p7s ]
    [ ! -e insns.folded.p7s ]
    sign --quiet --insns insns --map map --detached --scheme folded
    sign --quiet --insns insns --map map --detached --allow-ambiguous
    [ -s insns.chain.p7s ]
}

@test "what libbpf does wrong is refused with the reason and the way out" {
    local refusals=(
        "struct_ops|struct_ops"
        "programs|has 121 programs to load, but a loader can hold at most 120: skip some with --skip=PROG, or split the object"
        "arena|arena"
        "legacy_maps|SEC(\".maps\")"
        "freplace|freplace"
        "prog_array|fill it at run time"
    )
    for refusal in "${refusals[@]}"; do
        local name=refused_${refusal%%|*}
        object "$name"
        run sign "$name.bpf.o"
        status_is 3
        output_has "bpf-chainsign: $name.bpf.o: " "${refusal##*|}"
        [ "$(wc -l <<<"$output")" -eq 1 ]
        [ ! -e "$name.lskel.h" ]
    done
}

@test "a pinned map is signed without a pin, an optional program takes no slot" {
    for name in pinned optional attach typed; do
        object "$name"
        sign --quiet "$name.bpf.o"
        verify --quiet "$name.lskel.h"
    done
    # the loaded program's descriptor is the loader's first slot
    [ "$(grep -A1 '^	struct {' optional.lskel.h | grep -m1 -o '_prog_desc [a-z]*')" = "_prog_desc plain" ]
}

@test "maps without a program are signed: header and image, form of libbpf's too" {
    object only_maps
    sign --quiet only_maps.bpf.o
    sign --quiet --runtime libbpf -o libbpf.h only_maps.bpf.o
    sign --quiet -o only_maps.bpf.signed only_maps.bpf.o
    for file in only_maps.lskel.h libbpf.h only_maps.bpf.signed; do
        verify --quiet "$file"
        run "$TOOL" inspect "$file"
        status_is 0
        output_matches "^programs" "^  none" "^   0  totals +hash" "seen = 3"
    done
    [[ $(<only_maps.lskel.h) != *_prog_desc\ *\;*progs\;* ]]
    sign --quiet --set limit=6 only_maps.bpf.o
    run "$TOOL" inspect only_maps.lskel.h
    output_has "limit = 6"
}

@test "a map that asks for a pin is noted, and its header can pin it" {
    object pinned
    run sign pinned.bpf.o
    status_is 0
    output_has "[pinned-map] pinned: libbpf would pin this map" "NAME__pin(skel, NULL)"
    grep -q '^pinned_bpf__unpin(' pinned.lskel.h
    run verify pinned.lskel.h
    status_is 0
    [[ $output != *pinned-map* ]]
    run verify --verbose pinned.lskel.h
    output_has "pinned-map"
    for file in pinned.lskel.h pinned.bpf.o; do
        run "$TOOL" inspect "$file"
        output_has "pinned   by the skeleton's pin(), not by the loader" "note     pinned-map in pinned"
        [ "$("$TOOL" inspect --json "$file" | grep -o '"pinned": *[a-z]*')" = '"pinned": true' ]
    done
    # a header of libbpf's form, and one without such a map, have no such functions
    sign --quiet --runtime libbpf -o s3.h pinned.bpf.o
    object tiny
    sign --quiet tiny.bpf.o
    run grep -c 'pin(\|PIN_H' s3.h tiny.lskel.h
    [ "$output" = "s3.h:0
tiny.lskel.h:0" ]
    run sign --deny pinned-map pinned.bpf.o
    status_is 3
}

@test "a signed header that can pin becomes one of libbpf's form, and an unsigned one" {
    object pinned
    sign --quiet pinned.bpf.o
    cp pinned.lskel.h before.h
    sign --quiet pinned.lskel.h
    cmp pinned.lskel.h before.h
    sign --quiet --runtime libbpf pinned.lskel.h
    [ "$(grep -c 'pin(' pinned.lskel.h)" -eq 0 ]
    sed -i 's/mkdir(dir, 0700)/mkdir(dir, 0777)/' before.h
    run verify before.h
    status_is 1
    output_has "this text was not generated"
}

@test "signing makes no bpf() system call" {
    command -v strace >/dev/null || skip "strace is not installed"
    object typical
    # LeakSanitizer cannot work under strace
    ASAN_OPTIONS=detect_leaks=0 strace -f -e trace=bpf -o trace "$TOOL" sign -q -k "$KEYS/rsa2048.key" -c "$KEYS/rsa2048.crt" \
        typical.bpf.o || skip "strace does not work here"
    run grep -c 'bpf(' trace
    [ "$output" = 0 ]
}

@test "bad input: one message with the file, status 3, the output is not touched" {
    echo precious >x.lskel.h
    printf '\177ELF' >x.o
    head -c 4096 /dev/zero >>x.o
    printf 'hello\n' >text
    : >empty
    cp "$TOOL" host.o
    for file in x.o text empty host.o . missing; do
        run sign -o x.lskel.h "$file"
        status_is 3
        output_has "bpf-chainsign: $file: "
        [ "$(wc -l <<<"$output")" -eq 1 ]
        [ "$(cat x.lskel.h)" = precious ]
    done
}

@test "a file over the size limit is refused before it is read" {
    truncate -s 1T huge.o
    run timeout 5 "$TOOL" sign -k "$KEYS/rsa2048.key" -c "$KEYS/rsa2048.crt" huge.o
    status_is 3
    output_has "more than the limit"
}

@test "an output that cannot be written is named, and nothing is left behind" {
    object tiny
    run sign -o no/such/folder/x.h tiny.bpf.o
    status_is 3
    output_has "no/such/folder/x.h: cannot find its folder"
    mkdir taken
    run sign -o taken tiny.bpf.o
    status_is 3
    [ "$(find . -newer tiny.bpf.o -name '*.??????' | wc -l)" -eq 0 ]
}

# kept FILE ARGUMENT...: the tool with ARGUMENT refuses to write over FILE
kept() {
    cp "$1" before
    run "$TOOL" "${@:2}"
    status_is 3
    output_matches "(will not|would) be overwritten"
    output_lacks accepted
    cmp "$1" before
}

@test "no output takes the place of what is read: key, certificate, object, raw part, input" {
    object tiny
    cp "$KEYS/rsa2048.key" a.key
    cp "$KEYS/rsa2048.crt" a.crt
    cp a.crt b.insns.p7s
    ln -s a.key link
    ln -s a.crt cert-link
    local signing=(sign -q -k a.key -c a.crt)
    for file in a.key a.crt; do
        kept $file "${signing[@]}" -o $file tiny.bpf.o
        kept $file "${signing[@]}" -o "./../${PWD##*/}/$file" tiny.bpf.o
        kept $file "${signing[@]}" --record $file tiny.bpf.o
    done
    kept a.key "${signing[@]}" -o link tiny.bpf.o
    kept a.crt sign -q -k a.key -c cert-link -o a.crt tiny.bpf.o
    kept b.insns.p7s sign -q -k a.key -c b.insns.p7s --detached -o b tiny.bpf.o
    kept tiny.bpf.o "${signing[@]}" --record tiny.bpf.o tiny.bpf.o
    kept tiny.bpf.o "${signing[@]}" -o tiny.bpf.o tiny.bpf.o
    echo word >word
    export BPF_CHAINSIGN_PASSPHRASE_FILE=word
    kept word "${signing[@]}" -o word tiny.bpf.o
    kept word "${signing[@]}" --record word tiny.bpf.o
    unset BPF_CHAINSIGN_PASSPHRASE_FILE
    ln -s tiny.bpf.o object-link
    kept tiny.bpf.o "${signing[@]}" -o tiny.bpf.o object-link
    head -c 64 /dev/zero >x.folded.p7s
    kept x.folded.p7s "${signing[@]}" --insns x.folded.p7s --map x.folded.p7s --scheme folded --detached -o x
    # the header that is made is none for the record
    run "$TOOL" "${signing[@]}" --record tiny.lskel.h tiny.bpf.o
    status_is 3
    sign -q tiny.bpf.o
    cp tiny.lskel.h other.lskel.h
    mkdir ring
    cp a.crt ring/ring.pem
    printf 'CONFIG_%s=y\n' BPF_SYSCALL KEYS >no.config
    kept tiny.lskel.h verify -c a.crt --record tiny.lskel.h other.lskel.h tiny.lskel.h
    kept a.crt verify -c a.crt --record a.crt tiny.lskel.h
    kept ring/ring.pem verify -c ring --record ring/ring.pem tiny.lskel.h
    kept no.config verify -c a.crt --kernel-config no.config --record no.config tiny.lskel.h
    cp "$KEYS/unrelated.crt" revoked.pem
    kept revoked.pem verify -c a.crt --revoked revoked.pem --record revoked.pem tiny.lskel.h
    # in its own place a header is rewritten
    "$TOOL" "${signing[@]}" --record log tiny.lskel.h
    "$TOOL" "${signing[@]}" -o tiny.lskel.h tiny.lskel.h
    "$TOOL" verify -q -c a.crt --record log tiny.lskel.h other.lskel.h
}

@test "no output takes the place of a file that this program does not make" {
    object tiny
    object typical
    openssl pkcs12 -export -inkey "$KEYS/rsa2048.key" -in "$KEYS/rsa2048.crt" -out other.p12 -passout pass:
    openssl x509 -in "$KEYS/rsa2048.crt" -outform DER -out other.der
    openssl crl2pkcs7 -nocrl -certfile "$KEYS/rsa2048.crt" -outform DER -out list.p7b
    openssl crl2pkcs7 -nocrl -certfile "$KEYS/rsa2048.crt" -out list.pem
    cp "$KEYS/unrelated.key" other.key
    cp "$KEYS/unrelated.crt" other.crt
    printf '#include "tiny.lskel.h"\nint main(void) { return 0; }\n' >main.c
    printf 'opts_insn, bpf_loader_ctx and skel_internal.h\n' >notes.txt
    printf '{"_type": "a list"}\n' >list.json
    export BPF_CHAINSIGN_KEY=$KEYS/rsa2048.key BPF_CHAINSIGN_CERT=$KEYS/rsa2048.crt
    sign -q -o signed.lskel.h typical.bpf.o
    for file in other.key other.crt typical.bpf.o other.p12 other.der list.p7b list.pem main.c notes.txt list.json; do
        kept $file sign -o $file tiny.bpf.o
        kept $file sign -o $file --strip signed.lskel.h
        kept $file sign --record $file tiny.bpf.o
        kept $file verify -c "$BPF_CHAINSIGN_CERT" --record $file signed.lskel.h
        ln -sf $file out.folded.p7s
        kept $file sign --scheme folded --detached -o out tiny.bpf.o
        [ -L out.folded.p7s ]
    done
    kept other.key sign -o other.key tiny.bpf.o
    output_has "other.key: is a private key, and will not be overwritten: choose another output, or remove it"
    kept other.crt sign -o other.crt tiny.bpf.o
    output_has "other.crt: is a certificate, and"
    kept typical.bpf.o sign -o typical.bpf.o tiny.bpf.o
    output_has "typical.bpf.o: is an object or a program, and"
    kept notes.txt sign -o notes.txt tiny.bpf.o
    output_has "is neither a skeleton, a signed image, a signature nor a record, and"
    [ ! -e tiny.lskel.h ]
    # what it makes is replaced by whatever it makes, and so is an empty file
    sign -q --record log -o one tiny.bpf.o
    cp one header
    sign -q --scheme folded --detached -o d tiny.bpf.o
    sign -q --format image -o two tiny.bpf.o
    openssl cms -cmsout -inform DER -in d.folded.p7s -outform PEM -out three
    : >four
    sed 1,2d signed.lskel.h >five
    for file in one two three four five log d.folded.p7s; do
        cp $file $file.before
        sign -q -o $file tiny.bpf.o
        cmp $file header
        cp $file.before $file
        sign -q --record $file tiny.bpf.o
        grep -q '^{"_type"' $file
    done
}

@test "with --keep-going one bad file does not keep the others from being signed" {
    object tiny
    object typical
    run sign --keep-going tiny.bpf.o missing.o typical.bpf.o
    status_is 3
    verify --quiet tiny.lskel.h typical.lskel.h
}

@test "--output-dir writes each output where it is told, under its own name" {
    object tiny
    object typical
    mkdir in out
    mv tiny.bpf.o in
    sign -q -o want.h in/tiny.bpf.o
    run sign --output-dir out in/tiny.bpf.o typical.bpf.o
    status_is 0
    output_has "out/tiny.lskel.h: signed by" "out/typical.lskel.h: signed by" "2 signed"
    cmp out/tiny.lskel.h want.h
    [ "$(ls in)" = tiny.bpf.o ]
    # headers, images and detached signatures, too
    mkdir again images detached
    sign -q --output-dir again -r out
    cmp again/tiny.lskel.h want.h
    sign -q --output-dir images --format image in/tiny.bpf.o
    verify images/tiny.bpf.signed
    sign -q --output-dir detached --detached in/tiny.bpf.o
    [ "$(ls detached)" = "$(printf 'tiny.lskel.h.%s.p7s\n' chain folded insns)" ]
    "$TOOL" sign -q --output-dir again --strip out/tiny.lskel.h
    run verify again/tiny.lskel.h
    output_has unsigned
}

@test "--output-dir replaces nothing of others, and no output of another input" {
    object tiny
    mkdir a b out
    cp tiny.bpf.o a
    mv tiny.bpf.o b
    run sign --output-dir out a/tiny.bpf.o b/tiny.bpf.o
    status_is 3
    output_has "b/tiny.bpf.o: out/tiny.lskel.h is already the output of a/tiny.bpf.o: two inputs cannot"
    echo mine >out/tiny.lskel.h
    run sign --output-dir out a/tiny.bpf.o
    status_is 3
    [ "$(cat out/tiny.lskel.h)" = mine ]
    cp "$KEYS/rsa2048.key" out/tiny.lskel.h
    run "$TOOL" sign --key out/tiny.lskel.h --cert "$KEYS/rsa2048.crt" --output-dir out a/tiny.bpf.o
    status_is 3
    cmp "$KEYS/rsa2048.key" out/tiny.lskel.h
    run sign --output-dir missing a/tiny.bpf.o
    status_is 3
    output_has missing
    [ ! -e missing ]
    run sign --output-dir out --record out/tiny.lskel.h a/tiny.bpf.o
    status_is 3
    for options in "--output x" --prepare=x --check-key "--output-dir=x"; do
        # shellcheck disable=SC2086 # an option and its value
        run sign --output-dir out $options a/tiny.bpf.o
        status_is 2
    done
    run sign --output-dir= a/tiny.bpf.o
    status_is 2
    output_has "--output-dir is empty"
}

# --- without a key ---

# around_arrays HEADER: all lines but those of arrays, and those that pass them to the run-time part
around_arrays() {
    grep -v '^[[:space:]]*"\|^\\\|opts_\|opts\.\(data\|insns\|sig\|excl\)\|\.bpf_signed' "$1"
}

@test "--unsigned writes the signed header without signatures, and signed later it is the same" {
    object typical
    sign -q -o signed.lskel.h typical.bpf.o
    run "$TOOL" sign --unsigned typical.bpf.o
    status_is 0
    [ "$output" = "typical.lskel.h: unsigned, loads only where the program does not enforce signatures" ]
    # nothing else differs than the arrays, and the lines that pass them
    cmp <(around_arrays typical.lskel.h) <(around_arrays signed.lskel.h)
    [ "$(around_arrays signed.lskel.h | wc -l)" -gt 700 ]
    "$TOOL" sign -q --unsigned -o again.lskel.h typical.bpf.o
    cmp typical.lskel.h again.lskel.h
    "$TOOL" sign -q --unsigned -o of-header.lskel.h signed.lskel.h
    cmp typical.lskel.h of-header.lskel.h
    run verify typical.lskel.h
    status_is 1
    output_has "typical.lskel.h: unsigned"
    run "$TOOL" inspect typical.lskel.h
    status_is 0
    output_has "sealed: it installs what is listed here"
    sign -q typical.lskel.h
    cmp typical.lskel.h signed.lskel.h
}

@test "--unsigned: an image, a batch, standard output, JSON" {
    object tiny
    object typical
    sign -q -o signed.bpf.signed tiny.bpf.o
    "$TOOL" sign -q --strip -o stripped.bpf.signed signed.bpf.signed
    "$TOOL" sign -q --unsigned -o tiny.bpf.signed tiny.bpf.o
    cmp tiny.bpf.signed stripped.bpf.signed
    run "$TOOL" sign --unsigned tiny.bpf.o typical.bpf.o
    status_is 0
    [ "${lines[-1]}" = "2 unsigned" ]
    "$TOOL" sign --unsigned -o - tiny.bpf.o | cmp - tiny.lskel.h
    run "$TOOL" sign --unsigned --json tiny.bpf.o
    status_is 0
    output_matches '"status": "unsigned"'
}

@test "--unsigned reads no key, asks for nothing, and options of keys contradict it" {
    object tiny
    mkfifo key
    BPF_CHAINSIGN_KEY=key BPF_CHAINSIGN_CERT=missing BPF_CHAINSIGN_PASSPHRASE_FILE=key \
        timeout 20 "$TOOL" sign -q --unsigned --hash=sha384 --kernel=7.3 tiny.bpf.o </dev/null
    BPF_CHAINSIGN_KEY='' BPF_CHAINSIGN_CERT='' "$TOOL" sign -q --unsigned tiny.bpf.o
    for option in --key=x --cert=x --pkcs11-module=x --detached --record=x; do
        run "$TOOL" sign --unsigned "$option" tiny.bpf.o
        status_is 2
        output_has "${option%=*} cannot be used with --unsigned"
    done
    run "$TOOL" sign --unsigned --runtime=libbpf tiny.bpf.o
    status_is 2
    output_has "--runtime libbpf cannot be used with --unsigned"
    run "$TOOL" sign --unsigned --strip tiny.lskel.h
    status_is 2
    output_has "only one of"
}

@test "--json is one document" {
    object typical
    run sign --json typical.bpf.o
    status_is 0
    output_has '"file": "typical.bpf.o"' '"output": "typical.lskel.h"' '"scheme": "chain"' \
        '"signer": "bpf-chainsign test rsa2048"'
    run sign --json missing.o
    status_is 3
    output_has '"file": "missing.o"' '"error": "cannot open'
}
