#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-2-Clause
# bpf-chainsign verify

load common

signed() {
    object typical
    sign --quiet typical.bpf.o
}

@test "one byte changed in data, instructions, signature or exclusive hash: rejected, status 1" {
    signed
    for array in opts_data opts_insn opts_insn_checked opts_sig_folded opts_sig_chain \
        opts_sig_insns opts_excl_hash opts_excl_hash_checked; do
        cp typical.lskel.h "$array.h"
        flip "$array" "$array.h"
        run verify "$array.h"
        status_is 1
        output_has "$array.h: rejected"
    done
}

@test "the errno is the kernel's: data, instructions, exclusive hash" {
    signed
    cp typical.lskel.h data.h
    flip opts_data data.h
    run verify data.h
    output_matches 'folded   Linux 7.3 and later +EKEYREJECTED \(-129\)' \
        'chain    hash-chain kernels +EKEYREJECTED \(-129\) +\(same\)' \
        'insns    Linux 6.18 from 6.18.40, 7.1.5 to 7.2 +EINVAL \(-22\) +the loader.s check fails: its data'
    cp typical.lskel.h hash.h
    flip opts_excl_hash hash.h
    run verify hash.h
    output_matches 'folded   Linux 7.3 and later +EACCES \(-13\)'
}

@test "a second copy of an initial value that is not the signed one: rejected, not signed again" {
    signed
    awk '/static const char data\[\]/ && !done { print; getline; sub(/x07/, "xe9"); done = 1 } { print }' \
        typical.lskel.h >odd.lskel.h
    run cmp -s typical.lskel.h odd.lskel.h
    status_is 1
    run verify odd.lskel.h
    status_is 1
    output_has "odd.lskel.h:" "an initial value in the header differs from the signed data"
    cp odd.lskel.h before
    run sign odd.lskel.h
    status_is 3
    output_has "generate the header again"
    cmp before odd.lskel.h
}

@test "a certificate that is not the signer's: ENOKEY with the key id" {
    signed
    run "$TOOL" verify -c "$KEYS/unrelated.crt" typical.lskel.h
    status_is 1
    output_has "ENOKEY (-126)" "key id"
}

@test "a file of several certificates is a keyring" {
    signed
    cat "$KEYS/unrelated.crt" "$KEYS/p256.crt" "$KEYS/rsa2048.crt" >bundle.pem
    "$TOOL" verify -q -c bundle.pem typical.lskel.h
    "$TOOL" verify -q -c "$KEYS/unrelated.crt" -c "$KEYS/rsa2048.crt" typical.lskel.h
    openssl x509 -in "$KEYS/rsa2048.crt" -outform DER -out der.crt
    "$TOOL" verify -q -c der.crt typical.lskel.h
}

@test "a certificate the kernel does not take is named, and is not in the keyring" {
    signed
    openssl x509 -in "$KEYS/rsa2048.crt" -outform DER -out der.crt
    head -c 100 der.crt >cut.crt
    run "$TOOL" verify -c cut.crt typical.lskel.h
    status_is 1
    output_has "warning: cut.crt: Linux 6.18, " "would not add this certificate to a keyring: EBADMSG" "ENOKEY"
}

@test "a revoked signer is rejected" {
    signed
    run verify --revoked "$KEYS/rsa2048.crt" typical.lskel.h
    status_is 1
    output_has EKEYREJECTED
    run verify --revoked "$KEYS/unrelated.crt" typical.lskel.h
    status_is 0
}

@test "no signature is unsigned, status 1" {
    object typical
    run verify typical.bpf.o
    status_is 1
    output_has "typical.bpf.o: unsigned"
    run verify --json typical.bpf.o
    status_is 1
    output_has '"verdict": "unsigned"'
}

@test "--kernel applies the rules of that kernel to what a run-time shows it" {
    signed
    for kernel in 7.3 7.9 8.1 7.4.2+deb14-amd64 chain; do
        run verify --kernel "$kernel" typical.lskel.h
        status_is 0
    done
    for kernel in 6.18.40 6.18.99-rc1 7.1.5 7.1.13 7.2 7.2.13; do
        run verify --kernel "$kernel" typical.lskel.h
        status_is 0
        [ "$output" = "typical.lskel.h: accepted (insns)" ]
        run verify --kernel "$kernel" --scheme folded,chain typical.lskel.h
        status_is 1
        output_has "folded" "EKEYREJECTED (-129)" "E2BIG (-7)"
    done
    run verify --kernel 7.3 --scheme chain typical.lskel.h
    status_is 1
    output_has "E2BIG (-7)"
    run verify --kernel chain --scheme folded typical.lskel.h
    status_is 1
    output_has "EKEYREJECTED (-129)"
}

@test "kernels without struct bpf_map.excl: EACCES, whatever else is in the header" {
    signed
    for kernel in 6.18.0 6.18.15 6.18.39 6.19 6.19.14 7.0 7.0.13 7.1.0 7.1.4; do
        run verify --kernel "$kernel" typical.lskel.h
        status_is 1
        output_has "EACCES (-13)" "struct bpf_map.excl"
        output_lacks accepted
    done
    # both sides of a fix
    for line in 6.18 7.1 6.18.15..6.18.41 6.18.40..7.4 all; do
        run verify --kernel "$line" typical.lskel.h
        status_is 1
        output_has "EACCES (-13)" valid
        output_lacks accepted
    done
    run verify --kernel 7.1.5..7.4,6.18.40,chain typical.lskel.h
    status_is 0
    [ "$output" = "typical.lskel.h: accepted (insns, folded, chain)" ]
}

@test "--kernel all is the whole matrix, and says why a scheme is not for a kernel" {
    object typical
    sign --quiet --insns-form exclusive,hash-only typical.bpf.o
    run verify --kernel all typical.lskel.h
    status_is 0
    output_has "typical.lskel.h: accepted (insns-hash, insns, folded, chain)"
    run verify --kernel all --scheme folded,chain typical.lskel.h
    status_is 1
    output_lacks accepted
    output_matches 'folded +Linux 6.18 to 7.2 +EKEYREJECTED .* this kernel verifies only the instructions' \
        'folded +Linux 7.3 and later +valid' 'chain +Linux 6.18 to 7.2 +E2BIG .*does not support hash chains' \
        'chain +hash-chain kernels +valid'
}

@test "--kernel: what is no version, or checks no signatures, is a usage error" {
    signed
    for wrong in 6.17 6.17.13 5.4..7.3 7 7. 7.x 7.3.x 7.4..7.3 7.3..chain "7.3," ",7.3" "" 7.3...7.4; do
        run verify --kernel "$wrong" typical.lskel.h
        status_is 2
        output_has "--kernel:"
    done
}

@test "what an acceptance takes for granted is said" {
    signed
    run verify --verbose typical.lskel.h
    output_has "if the loading program freezes the map" "signature_maps"
    run verify --json typical.lskel.h
    output_has '"assumes": "the loading program freezes the map'
}

@test "a folder of certificates is a keyring" {
    signed
    mkdir ring
    cp "$KEYS/unrelated.crt" "$KEYS/rsa2048.crt" ring
    echo "not a certificate" >ring/README
    "$TOOL" verify -q -c ring typical.lskel.h
    rm ring/rsa2048.crt
    run "$TOOL" verify -c ring typical.lskel.h
    status_is 1
    output_has ENOKEY
    rm ring/unrelated.crt
    run "$TOOL" verify -c ring typical.lskel.h
    status_is 3
    output_has "ring: contains no certificate"
}

@test "--kernel-config says which algorithms the kernel has" {
    object tiny
    sign --quiet --hash sha512 tiny.bpf.o
    printf 'CONFIG_%s=y\n' BPF_SYSCALL KEYS SYSTEM_DATA_VERIFICATION CRYPTO_RSA CRYPTO_SHA256 \
        CRYPTO_SHA512 >full
    run verify --kernel-config full tiny.lskel.h
    status_is 0
    sed '/SHA512/s/=y/=m/' full >nosha512
    run verify --kernel-config nosha512 tiny.lskel.h
    status_is 1
    output_has "ENOPKG (-65)" "sha512"
    grep -v RSA full >norsa
    run verify --kernel-config norsa tiny.lskel.h
    status_is 1
    output_has "would not add this certificate to a keyring: ENOENT" "ENOKEY (-126)"
    grep -v VERIFICATION full >noverify
    run verify --kernel-config noverify tiny.lskel.h
    status_is 1
    output_has "EOPNOTSUPP (-95)"
    run verify --kernel-config tiny.lskel.h tiny.lskel.h
    status_is 3
    output_has "not the .config of a kernel"
}

@test "--scheme judges those signatures alone" {
    object typical
    sign --quiet --scheme folded,chain typical.bpf.o
    flip opts_sig_chain typical.lskel.h
    run verify typical.lskel.h
    status_is 1
    run verify --scheme folded typical.lskel.h
    status_is 0
    [ "$output" = "typical.lskel.h: accepted (folded)" ]
    run verify --scheme insns typical.lskel.h
    status_is 1
    output_has unsigned
}

@test "--scheme demands: a signature that is not there is unsigned, status 1" {
    object typical
    sign --quiet --scheme folded typical.bpf.o
    for list in chain,folded all insns folded,insns-hash; do
        run verify --scheme "$list" typical.lskel.h
        status_is 1
        output_has "typical.lskel.h: unsigned" "no signature of this scheme"
        output_lacks accepted
        run verify --json --scheme "$list" typical.lskel.h
        status_is 1
        output_lacks '"verdict": "accepted"'
        run verify --scheme "$list" --kernel 7.3 typical.lskel.h
        status_is 1
    done
}

@test "--scheme demands: a signature that no kernel named takes is judged, too" {
    object typical
    sign --quiet typical.bpf.o
    run verify --scheme all --kernel 7.3 typical.lskel.h
    status_is 0
    [ "$output" = "typical.lskel.h: accepted (folded, chain, insns)" ]
    verify -q --scheme chain,folded --kernel 7.3 typical.lskel.h
    cp typical.lskel.h damaged.lskel.h
    flip opts_sig_chain damaged.lskel.h
    for kernel in 7.3 7.3..7.4 7.2; do
        for list in all chain,folded,insns; do
            run verify --scheme $list --kernel $kernel damaged.lskel.h
            status_is 1
            output_matches "chain +hash-chain kernels +[A-Z]+ "
            output_lacks accepted
        done
        verify -q --scheme folded,insns --kernel $kernel damaged.lskel.h
    done
    verify -q --kernel 7.3 damaged.lskel.h
}

@test "--verbose shows every verdict, --quiet none" {
    signed
    run verify --verbose typical.lskel.h
    status_is 0
    output_matches 'folded   Linux 7.3 and later +valid' 'chain    hash-chain kernels +valid'
    run verify --quiet typical.lskel.h
    status_is 0
    [ -z "$output" ]
    flip opts_data typical.lskel.h
    run verify --quiet typical.lskel.h
    status_is 1
    [ -z "$output" ]
}

@test "--quiet prints warnings all the same" {
    object typical
    sign --quiet --no-seal --scheme folded --allow open-values --allow open-sizes -o open.lskel.h typical.bpf.o
    run verify --quiet open.lskel.h
    status_is 0
    output_has "warning: open.lskel.h: [open-values]"
    output_lacks accepted
}

@test "--deny turns findings into refusals" {
    object typical
    sign --quiet --no-seal --scheme folded --allow open-values --allow open-sizes -o open.lskel.h typical.bpf.o
    for id in open-values danger warning; do
        run verify --deny "$id" open.lskel.h
        status_is 1
        output_has "open.lskel.h: rejected" "[open-values]"
        output_lacks accepted
        run verify --json --deny "$id" open.lskel.h
        status_is 1
        output_has '"verdict": "rejected"' '"error": "[open-values]'
        output_lacks '"verdict": "accepted"'
        run "$TOOL" inspect --deny "$id" open.lskel.h
        status_is 1
        output_has "bpf-chainsign: open.lskel.h: [open-values]"
    done
    run verify --deny host-config open.lskel.h
    status_is 0
    run "$TOOL" inspect --deny host-config open.lskel.h
    status_is 0
    run verify --deny nothing open.lskel.h
    status_is 2
    output_has "unknown finding 'nothing'"
    run sign --no-seal --scheme folded --allow open-values --allow open-sizes --deny danger typical.bpf.o
    status_is 3
    output_has "[open-values]"
    [ ! -e typical.lskel.h ]
}

@test "the text of an old unsigned header, which may be anybody's, is a finding" {
    object typical
    sign -q --name typical -o own.lskel.h typical.bpf.o
    "$TOOL" sign -q --strip -o plain.lskel.h own.lskel.h
    "$BUILD/tests/text/restyle" plain.lskel.h 3 literals >typical.lskel.h
    grep -q 'opts.data = (void \*)"' typical.lskel.h
    sign -q --detached --no-seal --scheme folded --allow open-values --allow open-sizes typical.lskel.h
    local detached=(--scheme folded --signature typical.lskel.h.folded.p7s)
    run verify "${detached[@]}" typical.lskel.h
    status_is 0
    output_lacks "[text-unchecked]"
    verify -q "${detached[@]}" --deny=text-unchecked typical.lskel.h
    sed '/__open(void)$/{ n; s/{/{ abort();/ }' typical.lskel.h >odd.lskel.h
    line=$(grep -n 'abort();' odd.lskel.h | cut -d: -f1)
    run verify "${detached[@]}" odd.lskel.h
    status_is 0
    output_has "warning: odd.lskel.h: [text-unchecked] from line $line on"
    for id in text-unchecked warning; do
        run verify "${detached[@]}" --deny=$id odd.lskel.h
        status_is 1
        output_lacks accepted
    done
    run "$TOOL" inspect odd.lskel.h
    status_is 0
    output_has text-unchecked
    run "$TOOL" inspect --deny=text-unchecked odd.lskel.h
    status_is 1
}

@test "--deny is for raw parts, too" {
    object typical
    sign -q --no-seal --allow open-values --allow open-sizes --scheme folded typical.bpf.o
    python3 - <<'END'
import re
text = open("typical.lskel.h").read()
for name in "insn", "data":
    body = re.search(r'/\* opts_%s \*/ "(.*?)"' % name, text, re.S).group(1)
    body = re.sub(r'\\\n|"\s*"', "", body)
    open(name, "wb").write(body.encode("latin1").decode("unicode_escape").encode("latin1"))
END
    sign -q --insns insn --map data --scheme folded --detached --allow open-values --allow open-sizes
    local raw=(--insns insn --map data --scheme folded --signature insn.folded.p7s)
    run verify "${raw[@]}"
    status_is 0
    output_has "[open-values]"
    for id in open-values open-sizes danger warning; do
        run verify "${raw[@]}" --deny=$id
        status_is 1
        output_has "(--deny)"
        output_lacks accepted
    done
    verify -q "${raw[@]}" --deny=unknown-loader
    head -c 64 /dev/zero >insn
    sign -q --insns insn --map data --scheme folded --detached
    run verify "${raw[@]}"
    status_is 0
    run verify "${raw[@]}" --deny=unknown-loader
    status_is 1
    output_has "[unknown-loader]"
}

@test "--json has verdict, errno and code as the kernel gives them" {
    signed
    run verify --json typical.lskel.h
    status_is 0
    output_has '"version": 2' '"scheme": "folded"' '"7.3",' '"verdict": "accepted"' \
        '"verdict": "valid"' '"errno": null' '"code": 0' '"error": null' '"summary": {'
    flip opts_data typical.lskel.h
    run verify --json typical.lskel.h
    status_is 1
    output_has '"verdict": "rejected"' '"errno": "EKEYREJECTED"' '"code": -129'
    output_lacks '"verdict": "accepted"'
}

@test "a file name cannot drive the terminal or break the JSON" {
    signed
    mv typical.lskel.h $'x\033[2J"\n.h'
    run verify $'x\033[2J"\n.h'
    status_is 0
    [ "$output" = 'x\x1b[2J"\x0a.h: accepted (folded, chain, insns)' ]
    run verify --json $'x\033[2J"\n.h'
    output_has '"file": "x\u001b[2J\"\u000a.h"'
}

@test "signatures of openssl cms are judged as the kernel judges them" {
    object tiny
    sign --quiet tiny.bpf.o
    printf 'insn 0..insn 1..' >insns
    printf 'map contents' >map
    cat insns map >content
    local cms=(openssl cms -sign -binary -in content -signer "$KEYS/rsa2048.crt"
        -inkey "$KEYS/rsa2048.key" -outform DER)
    local check=(verify --insns insns --map map --scheme folded --signature)
    # accepted: with certificates, with attributes but without S/MIME capabilities, other digests
    "${cms[@]}" -nosmimecap -noattr -out certs.p7s
    run "${check[@]}" certs.p7s
    status_is 0
    "${cms[@]}" -nosmimecap -nocerts -out attrs.p7s
    run "${check[@]}" attrs.p7s
    status_is 0
    for md in sha1 sha384 sha512; do
        "${cms[@]}" -noattr -nocerts -md "$md" -out "$md.p7s"
        run "${check[@]}" "$md.p7s"
        status_is 0
    done
    # refused: S/MIME capabilities, content inside, MD5, RSA-PSS
    "${cms[@]}" -nocerts -out smime.p7s
    run "${check[@]}" smime.p7s
    status_is 1
    output_has EKEYREJECTED
    "${cms[@]}" -nodetach -noattr -nocerts -out inside.p7s
    run "${check[@]}" inside.p7s
    status_is 1
    output_has EBADMSG
    "${cms[@]}" -noattr -nocerts -md md5 -out md5.p7s
    run "${check[@]}" md5.p7s
    status_is 1
    output_has ENOPKG
    "${cms[@]}" -noattr -nocerts -keyopt rsa_padding_mode:pss -out pss.p7s
    run "${check[@]}" pss.p7s
    status_is 1
    output_has ENOPKG
}

@test "a broken detached signature: the kernel's errno" {
    printf 'insn 0..insn 1..' >insns
    printf 'map contents' >map
    sign --quiet --insns insns --map map --detached
    local check=(verify --insns insns --map map --scheme)
    : >empty
    run "${check[@]}" folded --signature empty
    status_is 1
    output_has "EINVAL (-22)"
    run "${check[@]}" chain --signature empty
    status_is 1
    output_has "EBADMSG (-74)"
    head -c 100 insns.folded.p7s >cut.p7s
    run "${check[@]}" folded --signature cut.p7s
    status_is 1
    output_has "EBADMSG (-74)"
    (cat insns.folded.p7s && echo trailing) >longer
    run "${check[@]}" folded --signature longer
    status_is 0
    head -c 9000 /dev/zero >large
    run "${check[@]}" folded --signature large
    status_is 1
    output_has "EINVAL (-22)"
    run "${check[@]}" folded --signature missing
    status_is 3
}

@test "an intermediate inside the message leads to a trusted CA" {
    printf 'insn 0..insn 1..' >insns
    openssl cms -sign -binary -in insns -signer "$KEYS/leaf.crt" -inkey "$KEYS/leaf.key" \
        -outform DER -noattr -out with.p7s
    openssl cms -sign -binary -in insns -signer "$KEYS/leaf.crt" -inkey "$KEYS/leaf.key" \
        -outform DER -noattr -nocerts -out without.p7s
    local check=("$TOOL" verify --insns insns --scheme folded -c "$KEYS/ca.crt")
    run "${check[@]}" --signature with.p7s
    status_is 0
    run "${check[@]}" --signature without.p7s
    status_is 1
    output_has ENOKEY
}

# two_signers FILE: both.p7s, by the P-256 and the RSA-2048 key, over FILE
two_signers() {
    openssl cms -sign -binary -in "$1" -keyid -signer "$KEYS/p256.crt" -inkey "$KEYS/p256.key" \
        -signer "$KEYS/rsa2048.crt" -inkey "$KEYS/rsa2048.key" -outform DER -noattr -nocerts \
        -out both.p7s
}

@test "several signers: each has a row, with what it would be told alone" {
    printf 'insn 0..insn 1..' >insns
    two_signers insns
    local check=("$TOOL" verify --insns insns --scheme folded --signature both.p7s)
    run "${check[@]}" -c "$KEYS/rsa2048.crt"
    status_is 0
    [ "$output" = "insns: accepted (folded)" ]
    run "${check[@]}" -v -c "$KEYS/rsa2048.crt"
    status_is 0
    [ "$(grep -c '^    signer ' <<<"$output")" -eq 2 ]
    grep -qE '^    signer [0-9a-f]{40}  ENOKEY \(-126\) .* no certificate in the keyring' <<<"$output"
    grep -qE '^    signer [0-9a-f]{40}  valid .* bpf-chainsign test rsa2048: signed by a trusted key' <<<"$output"
    run "${check[@]}" -c "$KEYS/unrelated.crt"
    status_is 1
    [ "$(grep -c '^    signer .*ENOKEY' <<<"$output")" -eq 2 ]
}

@test "several signers: a damaged signature of a trusted key rejects the message, that of another does not" {
    printf 'insn 0..insn 1..' >insns
    two_signers insns
    # the last bytes are the RSA signature's
    head -c -3 both.p7s >bad.p7s
    printf 'bad' >>bad.p7s
    local check=("$TOOL" verify --insns insns --scheme folded --signature bad.p7s)
    run "${check[@]}" -c "$KEYS/p256.crt"
    status_is 0
    run "${check[@]}" -c "$KEYS/p256.crt" -c "$KEYS/rsa2048.crt"
    status_is 1
    output_matches 'folded   Linux 7.3 and later +EKEYREJECTED \(-129\)'
    grep -qE '^    signer .* valid .* bpf-chainsign test p256' <<<"$output"
    grep -qE '^    signer .* EKEYREJECTED \(-129\) .* bpf-chainsign test rsa2048' <<<"$output"
}

@test "--json lists the signers, whether one or several" {
    printf 'insn 0..insn 1..' >insns
    two_signers insns
    run "$TOOL" verify --json --insns insns --scheme folded --signature both.p7s -c "$KEYS/rsa2048.crt"
    status_is 0
    # its own, and two of the signers
    [ "$(grep -c '"key_id"' <<<"$output")" -eq 3 ]
    [ "$(grep -c '"errno": "ENOKEY"' <<<"$output")" -eq 1 ]
    output_has '"signers": [' '"signer": "bpf-chainsign test rsa2048"' '"code": -126'
    signed
    run verify --json --scheme folded typical.lskel.h
    [ "$(grep -c '"key_id"' <<<"$output")" -eq 2 ]
    head -c 100 both.p7s >cut.p7s
    run "$TOOL" verify --json --insns insns --scheme folded --signature cut.p7s -c "$KEYS/rsa2048.crt"
    status_is 1
    output_has '"signers": []'
}

@test "--json has the findings that are warnings in text" {
    signed
    run verify --json typical.lskel.h
    output_has '"findings": []'
    [ "$(grep -c '"findings"' <<<"$output")" -eq 1 ]
    sign --quiet --no-seal --scheme folded --allow open-values --allow open-sizes -o open.lskel.h typical.bpf.o
    run verify open.lskel.h
    status_is 0
    output_has "warning: open.lskel.h: [open-values]"
    run verify --json open.lskel.h
    status_is 0
    output_has '"id": "open-values"' '"severity": "danger"' '"id": "open-sizes"' '"remedy": '
}

@test "a loader that is not known: could not tell, unless it is allowed by name" {
    signed
    awk '/opts_insn \*\// { print; getline; sub(/xbf.xa1/, "xbf\\xa2") } { print }' typical.lskel.h >odd.lskel.h
    run sign --no-seal --allow changed odd.lskel.h
    status_is 3
    output_has "[unknown-loader]"
    sign --quiet --no-seal --allow changed --allow unknown-loader odd.lskel.h
    run verify odd.lskel.h
    status_is 3
    output_has "odd.lskel.h: could not tell" "unknown loader: "
    output_lacks accepted
    run verify --allow unknown-loader odd.lskel.h
    status_is 0
    output_has "[unknown-loader]"
    run verify --json odd.lskel.h
    status_is 3
    output_has '"id": "unknown-loader"' '"verdict": "could not tell"'
    run verify --allow unknown-loader --deny unknown-loader odd.lskel.h
    status_is 1
}

@test "data that nothing covers: rejected, unless it is allowed by name" {
    object typical
    sign --quiet --no-seal --scheme insns --allow data-uncovered --allow open-values --allow open-sizes \
        typical.bpf.o
    run verify typical.lskel.h
    status_is 1
    output_has "[data-uncovered]" "typical.lskel.h: rejected"
    output_lacks accepted
    flip opts_data typical.lskel.h
    run verify typical.lskel.h
    [ "$status" -ne 0 ]
    run verify --kernel 7.2 typical.lskel.h
    [ "$status" -ne 0 ]
    sign --quiet --no-seal --scheme insns --allow data-uncovered --allow open-values --allow open-sizes \
        typical.bpf.o
    run verify --allow data-uncovered typical.lskel.h
    status_is 0
}

@test "a kernel that wants maps in the signature takes instructions alone of no loader, whatever is allowed" {
    head -c 64 /dev/zero >insns
    printf 'contents' >map
    sign -q --insns insns --map map --detached --scheme insns --allow data-uncovered
    local raw=(--insns insns --map map --scheme insns --signature insns.insns.p7s --allow data-uncovered) allow
    verify -q "${raw[@]}" --kernel 6.18..7.2
    object typical
    sign -q typical.bpf.o
    awk '/opts_insn \*\// { print; getline; sub(/xbf.xa1/, "xbf\\xa2") } { print }' typical.lskel.h >odd.lskel.h
    allow=(--allow unknown-loader --allow data-uncovered)
    sign -q --no-seal --allow changed "${allow[@]}" --scheme insns odd.lskel.h
    verify -q "${allow[@]}" --kernel 7.2 odd.lskel.h
    for kernel in 7.3 7.4 7.2..7.3 all; do
        run verify "${raw[@]}" --kernel $kernel
        status_is 1
        output_has "EACCES"
        output_lacks accepted
        run verify "${allow[@]}" --kernel $kernel odd.lskel.h
        status_is 1
        output_has "EACCES"
        run sign -q --insns insns --map map --detached -o other --scheme insns --allow data-uncovered --kernel $kernel
        status_is 3
        run sign -q -o other.lskel.h --no-seal "${allow[@]}" --scheme insns --kernel $kernel odd.lskel.h
        status_is 3
    done
    [ "$(echo other*)" = "other*" ]
    run verify --kernel 7.3 odd.lskel.h
    status_is 3
}

@test "data that the loader's own check does not take: EINVAL, by insns alone as well" {
    signed
    flip opts_data typical.lskel.h
    for options in "--kernel 7.2" "--kernel 6.18.40" "--scheme insns" "--scheme insns --kernel 7.1.13"; do
        # shellcheck disable=SC2086
        run verify $options typical.lskel.h
        status_is 1
        output_has "EINVAL (-22)"
        output_lacks accepted
    done
    sign --quiet --insns-form hash-only typical.bpf.o
    run verify --kernel 6.18.15 typical.lskel.h
    status_is 0
    flip opts_data typical.lskel.h
    run verify --kernel 6.18.15 typical.lskel.h
    status_is 1
    output_has "EINVAL (-22)"
}

@test "a map that the header does not make exclusive is EPERM on 7.3" {
    signed
    sed -e '/static const char opts_excl_hash\[\]/,/";$/d' -e '/opts\.excl_prog_hash\(_sz\)\? = /d' \
        typical.lskel.h >open.lskel.h
    run verify --kernel 7.3 open.lskel.h
    status_is 1
    output_lacks accepted
    run verify open.lskel.h
    status_is 1
}
