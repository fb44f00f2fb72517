#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-2-Clause
#
# sign --record and verify --record: statements by docs/record.schema.json and by in-toto's rules, with
# digests that sha256sum gives, and never a better verdict than the command's own.

load common

record() {
    "$ROOT/tests/record.py" "$@"
}

# is WANT FILE N PATH...: a member of line N is WANT
is() {
    local got
    got=$(record get "${@:2}") || return
    [ "$got" = "$1" ] || { echo "${*:3} is '$got', want '$1'"; return 1; }
}

sha256() {
    sha256sum "$1" | cut -d ' ' -f 1
}

@test "sign records the header and the parts of its loader, by the digests of sha256sum" {
    object typical
    sign -q --record log typical.bpf.o
    [ "$(record check log)" = 1 ]
    is urn:bpf-chainsign:signing/v1 log 0 predicateType
    [ "$(record digest log 0 typical.lskel.h)" = "$(sha256 typical.lskel.h)" ]
    is "$(sha256 typical.bpf.o)" log 0 predicate input digest sha256

    "$TOOL" sign -q --prepare parts typical.bpf.o
    [ "$(record digest log 0 typical.lskel.h#insns_checked)" = \
        "$(sha256 parts/typical.lskel.h.insns.content)" ]
    is folded log 0 predicate signatures 0 scheme
    is "$(sha256 parts/typical.lskel.h.folded.content)" log 0 predicate signatures 0 content sha256
    is "$(od -An -v -tx1 parts/typical.lskel.h.chain.content | tr -d ' \n')" \
        log 0 predicate signatures 1 content sha256
    is '["typical.lskel.h#insns_checked"]' log 0 predicate signatures 2 covers
    is '["typical.lskel.h#insns", "typical.lskel.h#map.0"]' log 0 predicate signatures 0 covers

    # what the folded scheme signs are the instructions and the map, one behind the other
    size=$(record get log 0 subject 3 annotations valueSize)
    tail -c "$size" parts/typical.lskel.h.folded.content >map
    head -c "-$size" parts/typical.lskel.h.folded.content >insns
    [ "$(record digest log 0 typical.lskel.h#map.0)" = "$(sha256 map)" ]
    [ "$(record digest log 0 typical.lskel.h#insns)" = "$(sha256 insns)" ]
}

@test "sign records signers, tool, and what was allowed" {
    object typical
    sign -q --no-seal --allow open-values --allow open-sizes -s folded --record log typical.bpf.o 2>err
    [ "$(record check log)" = 1 ]
    is false log 0 predicate sealed
    is "bpf-chainsign test rsa2048" log 0 predicate signers 0 name
    is "$(openssl x509 -in "$KEYS/rsa2048.crt" -noout -ext subjectKeyIdentifier | tail -n 1 |
        tr -d ' :' | tr A-F a-f)" log 0 predicate signers 0 keyId
    [ "bpf-chainsign $(record get log 0 predicate tool version)" = "$("$TOOL" --version | head -n 1)" ]
    run record get log 0 predicate findings
    output_has '"open-values"' '"open-sizes"'
}

@test "sign records the options that changed the loader" {
    object settings
    object untold
    sign -q --record log settings.bpf.o
    is null log 0 predicate settings name
    is null log 0 predicate settings values
    is null log 0 predicate settings kconfig
    is '[]' log 0 predicate settings set
    is '[]' log 0 predicate settings type
    echo '{"level": 5}' >values.json
    echo CONFIG_HZ=250 >config
    gzip -k config
    sign -q --record log --values values.json --kconfig config.gz --set 'name=a"b' --set on=true --name 's_{}' settings.bpf.o
    [ "$(record check log)" = 1 ]
    is 's_{}' log 0 predicate settings name
    is '["name=a\"b", "on=true"]' log 0 predicate settings set
    is values.json log 0 predicate settings values name
    is "$(sha256 values.json)" log 0 predicate settings values digest sha256
    is config.gz log 0 predicate settings kconfig name
    is "$(sha256 config)" log 0 predicate settings kconfig digest sha256
    sign -q --record log --load third --skip second --skip 'f*' --attach-target third=vfs_read --type third=fexit untold.bpf.o
    [ "$(record check log)" = 1 ]
    is '["third"]' log 0 predicate settings load
    is '["second", "f*"]' log 0 predicate settings skip
    is '["third=fexit"]' log 0 predicate settings type
    is '["third=vfs_read"]' log 0 predicate settings attachTarget
    object typical
    sign -q typical.bpf.o
    sign -q --record log --max-entries counts=77 typical.lskel.h
    [ "$(record check log)" = 1 ]
    is '["counts=77"]' log 0 predicate settings maxEntries
}

@test "sign --detached records the signatures' files" {
    object tiny
    sign -q --detached --record log tiny.bpf.o
    [ "$(record check log)" = 1 ]
    for scheme in folded chain insns; do
        [ "$(record digest log 0 tiny.lskel.h.$scheme.p7s)" = "$(sha256 tiny.lskel.h.$scheme.p7s)" ]
    done
    is "$(sha256 tiny.lskel.h.folded.p7s)" log 0 predicate signatures 0 signature sha256
}

@test "raw parts are recorded by their own digests" {
    head -c 64 /dev/zero | tr '\0' 'a' >loader.bin
    printf 'first map..' >a.bin
    printf 'second' >b.bin
    sign -q --insns loader.bin --map a.bin --map b.bin -s chain --detached --record log
    verify -q --insns loader.bin --map a.bin --map b.bin -s chain --signature loader.bin.chain.p7s \
        --record verified
    [ "$(record check log verified)" = $'1\n1' ]
    for file in log verified; do
        [ "$(record digest $file 0 loader.bin#insns)" = "$(sha256 loader.bin)" ]
        [ "$(record digest $file 0 loader.bin#map.0)" = "$(sha256 a.bin)" ]
        [ "$(record digest $file 0 loader.bin#map.1)" = "$(sha256 b.bin)" ]
    done
    is accepted verified 0 predicate verdict
    is "$(sha256 loader.bin.chain.p7s)" verified 0 predicate signatures 0 signature sha256
}

@test "verify records what it was asked, what it trusted, and what the kernels said" {
    object tiny
    sign -q tiny.bpf.o
    verify -q --kernel all --revoked "$KEYS/revoked.crt" --record log tiny.lskel.h || true
    verify -q --record log2 tiny.lskel.h
    [ "$(record check log log2)" = $'1\n1' ]
    is accepted log2 0 predicate verdict
    is null log2 0 predicate reason
    [ "$(record digest log2 0 tiny.lskel.h)" = "$(sha256 tiny.lskel.h)" ]
    openssl x509 -in "$KEYS/rsa2048.crt" -outform DER -out cert.der
    is "$(sha256 cert.der)" log2 0 predicate trusted 0 digest sha256
    is '[]' log2 0 predicate revoked
    openssl x509 -in "$KEYS/revoked.crt" -outform DER -out revoked.der
    is "$(sha256 revoked.der)" log 0 predicate revoked 0 digest sha256
    is "Linux 7.3 and later" log2 0 predicate signatures 0 kernels
    is valid log2 0 predicate signatures 0 verdict
    is valid log2 0 predicate signatures 0 signers 0 verdict
}

@test "what is rejected, unsigned or cannot be told is recorded as that" {
    object tiny
    sign -q -o good.lskel.h tiny.bpf.o
    cp good.lskel.h tampered.lskel.h
    flip opts_data tampered.lskel.h
    "$TOOL" sign -q --strip -o unsigned.lskel.h good.lskel.h
    head -n 40 good.lskel.h >broken.lskel.h
    run verify -q --record log good.lskel.h tampered.lskel.h unsigned.lskel.h broken.lskel.h missing.lskel.h
    status_is 3
    [ "$(record check log)" = 4 ]
    is accepted log 0 predicate verdict
    is rejected log 1 predicate verdict
    is EKEYREJECTED log 1 predicate signatures 0 errno
    is '[]' log 1 predicate signatures 0 covers
    is unsigned log 2 predicate verdict
    is '[]' log 2 predicate signatures
    is could-not-tell log 3 predicate verdict
    is '[]' log 3 predicate signatures
    [ "$(record digest log 3 broken.lskel.h)" = "$(sha256 broken.lskel.h)" ]
    [ -n "$(record get log 3 predicate reason)" ]
}

@test "a header whose values are not the signed ones is recorded as rejected, with the reason" {
    object typical
    sign -q -o signed.h typical.bpf.o
    awk '/static const char data\[\]/ && !done { print; getline; sub(/x07/, "xe9"); done = 1 } { print }' \
        signed.h >typical.lskel.h
    run verify -q --record log typical.lskel.h
    status_is 1
    [ "$(record check log)" = 1 ]
    is rejected log 0 predicate verdict
    [[ $(record get log 0 predicate reason) == *"initial value"* ]]
}

@test "a signer that is not trusted, and a certificate that signs nothing, are told apart" {
    object tiny
    sign -q tiny.bpf.o
    run "$TOOL" verify -q --cert "$KEYS/unrelated.crt" --record log tiny.lskel.h
    status_is 1
    [ "$(record check log)" = 1 ]
    is rejected log 0 predicate verdict
    is ENOKEY log 0 predicate signatures 0 errno
}

@test "nothing is in a record that was not signed" {
    object tiny
    object refused_legacy_maps
    cp tiny.bpf.o z.bpf.o
    run sign -q --record log tiny.bpf.o refused_legacy_maps.bpf.o z.bpf.o
    status_is 3
    [ "$(record check log)" = 1 ]
    [ "$(record digest log 0 tiny.lskel.h)" = "$(sha256 tiny.lskel.h)" ]
    run sign -q --record log refused_legacy_maps.bpf.o
    status_is 3
    [ -f log ] && [ ! -s log ]
}

@test "records are the same bytes whatever the number of jobs, the machine's time and its zone" {
    object tiny
    for n in 1 2 3 4 5 6 7 8; do cp tiny.bpf.o "x$n.bpf.o"; done
    sign -q -j 1 --record one x*.bpf.o
    TZ=Asia/Tokyo LC_ALL=C sign -q -j 4 --record four x*.bpf.o
    cmp one four
    [ "$(record check one)" = 8 ]
    verify -q -j 1 --record one x*.lskel.h
    verify -q -j 4 --record four x*.lskel.h
    cmp one four
    [ "$(record digest four 7 x8.lskel.h)" = "$(sha256 x8.lskel.h)" ]
}

@test "a time is recorded if SOURCE_DATE_EPOCH gives one, and no other" {
    object tiny
    sign -q --record log tiny.bpf.o
    run record get log 0 predicate time
    [ "$status" -ne 0 ]
    SOURCE_DATE_EPOCH=1700000000 sign -q --record log tiny.bpf.o
    is 2023-11-14T22:13:20Z log 0 predicate time
    SOURCE_DATE_EPOCH=0 verify -q --record log tiny.lskel.h
    is 1970-01-01T00:00:00Z log 0 predicate time
    [ "$(record check log)" = 1 ]
    cp log before
    for wrong in yesterday 1.5 -1 99999999999999999999; do
        SOURCE_DATE_EPOCH=$wrong run verify -q --record log tiny.lskel.h
        status_is 3
        output_has SOURCE_DATE_EPOCH
    done
    cmp log before
}

@test "a record is written whole or not at all, and without it nothing is said to be fine" {
    object tiny
    sign -q tiny.bpf.o
    run verify -q --record missing/log tiny.lskel.h
    status_is 3
    output_has missing/log
    mkdir folder
    run verify -q --record folder tiny.lskel.h
    status_is 3
    rm tiny.lskel.h
    run sign -q --record missing/log tiny.bpf.o
    status_is 3
    [ ! -e tiny.lskel.h ] # nothing is signed that cannot be recorded
    sign -q --record log tiny.bpf.o
    run verify -q --record log missing.lskel.h
    status_is 3
    [ ! -s log ]
}

@test "--record has no meaning where nothing is signed, and needs a file" {
    object tiny
    run "$TOOL" sign --prepare parts --record log tiny.bpf.o
    status_is 2
    sign -q tiny.bpf.o
    run "$TOOL" sign --strip --record log tiny.lskel.h
    status_is 2
    run verify --record - tiny.lskel.h
    status_is 2
    run sign -o - --record log tiny.bpf.o
    status_is 2
    [ ! -e log ]
}

@test "a record takes the place of nothing that sign writes, or --attach reads" {
    object typical
    sign --quiet typical.bpf.o
    cp typical.lskel.h before
    for file in typical.lskel.h "$PWD/./typical.lskel.h"; do
        run sign --record "$file" typical.bpf.o
        status_is 3
        output_has "is the output for the signed header: choose another file"
        cmp typical.lskel.h before
    done
    ln -s typical.lskel.h link
    run sign --record link typical.bpf.o
    status_is 3
    cmp typical.lskel.h before
    rm typical.lskel.h link
    run sign --record typical.lskel.h typical.bpf.o
    status_is 3
    run sign --record out -o out typical.bpf.o
    status_is 3
    run sign --detached --record typical.lskel.h.folded.p7s typical.bpf.o
    status_is 3
    output_has "is the output for a signature"
    [ "$(echo *)" = "before typical.bpf.o" ]
    run sign --record record typical.bpf.o
    status_is 0
    rm typical.lskel.h
    "$TOOL" sign --quiet --prepare folder --cert "$KEYS/rsa2048.crt" typical.bpf.o
    for file in folder/*.content; do
        openssl cms -sign -binary -md sha256 -noattr -nosmimecap -outform DER -signer "$KEYS/rsa2048.crt" \
            -inkey "$KEYS/rsa2048.key" -in "$file" -out "${file%content}p7s"
    done
    cp -r folder kept
    for file in folder/*; do
        run "$TOOL" sign --attach folder --cert "$KEYS/rsa2048.crt" --record "$file" typical.bpf.o
        status_is 3
        output_has "$file is a file that --attach reads"
        diff -r folder kept
        [ ! -e typical.lskel.h ]
    done
    run "$TOOL" sign --attach folder --cert "$KEYS/rsa2048.crt" --record folder/record typical.bpf.o
    status_is 0
}

@test "docs/record.md: a type below a host of one's own" {
    object typical
    sign -q --record signed.jsonl typical.bpf.o
    bash -euc "$(sed -n 's/^\$ \(sed .*signing.v1.*\)/\1/p' "$ROOT/docs/record.md")"
    is https://bpf.your.host/signing/v1 ours.jsonl 0 predicateType
    diff <(record get signed.jsonl 0 predicate) <(record get ours.jsonl 0 predicate)
}
