#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-2-Clause
#
# Sentences of the manual page that promise something and that no other file tests. tests/promises.md has
# the test of each promise.

load common
load token

# options COMMAND: a line for each option in its --help: the long option, what it wants ("": nothing;
# "VALUE"; "[VALUE]": nothing or a value), whether it may be repeated (repeat), with tabs between them
options() {
    ARGP_HELP_FMT=rmargin=2000,opt-doc-col=60 "$TOOL" "$1" --help |
        sed -nE 's/^  (    |-., )(--[a-z0-9-]+)(\[?)=?([^] ]*)\]? +(.*)/\2\t\3\4\t\5/p' |
        awk -F '\t' -v OFS='\t' '{ print $1, $2, $3 ~ /repeat/ ? "repeat" : "once" }' |
        grep -vE '^--(help|usage|version)'
}

# value OPTION: one that it accepts on the command line
value() {
    case $1 in
    --scheme) echo chain ;;
    --hash) echo sha256 ;;
    --kernel) echo 7.3 ;;
    --runtime) echo embedded ;;
    --insns-form) echo exclusive ;;
    --jobs) echo 2 ;;
    --json) echo lines ;;
    --allow) echo unknown-loader ;;
    --deny) echo danger ;;
    --set) echo a=1 ;;
    --max-entries) echo m=1 ;;
    *) echo file ;;
    esac
}

@test "OPTIONS: an option with a value may be given once, unless it says that it may be repeated" {
    local command option wants times
    for command in sign verify inspect chain; do
        options "$command" >list
        [ "$(wc -l <list)" -ge 6 ]
        while IFS=$'\t' read -r option wants times; do
            [ -n "$wants" ] || continue
            if [ "$times" = once ]; then
                run "$TOOL" "$command" "$option=$(value "$option")" "$option=$(value "$option")" missing
                status_is 2
                output_matches 'given twice|only once$'
            else
                # a variable or a map has one value
                run "$TOOL" "$command" "$option=$(value "$option")" "$option=x$(value "$option")" missing
                output_lacks "twice"
            fi
        done <list
    done
}

@test "OPTIONS: an option without a value may be given again, which changes nothing" {
    local command option wants times
    object tiny
    sign -q tiny.bpf.o
    for command in sign verify inspect chain; do
        options "$command" >list
        while IFS=$'\t' read -r option wants times; do
            # one of --prepare, --attach and --strip, once
            [[ -n $wants || $option == --strip ]] && continue
            local own=()
            [ "$command" != sign ] || own=(--key "$KEYS/rsa2048.key" -o out)
            [[ $option != --detached ]] || own+=(-o signature)
            [ "$command" = inspect ] || [ "$command" = chain ] || own+=(--cert "$KEYS/rsa2048.crt")
            [[ $option != --detached ]] || own=(--key "$KEYS/rsa2048.key" --cert "$KEYS/rsa2048.crt" -o signature)
            run "$TOOL" "$command" "$option" "${own[@]}" tiny.lskel.h
            local once=$output status_once=$status
            run "$TOOL" "$command" "$option" "$option" "${own[@]}" tiny.lskel.h
            status_is "$status_once"
            [ "$output" = "$once" ] || { echo "$command $option"; false; }
        done <list
    done
}

@test "OPTIONS: what is the default may be said" {
    local option
    object typical
    sign -q typical.bpf.o
    mv typical.lskel.h default.h
    for option in --scheme=all --scheme=insns,folded,chain --hash=sha256 --runtime=embedded \
        --insns-form=exclusive --name=typical_bpf --fail-fast --jobs=1 --output=typical.lskel.h; do
        sign -q $option typical.bpf.o
        cmp default.h typical.lskel.h
    done
    cp default.h bad.h
    flip opts_data bad.h
    run verify bad.h default.h
    local by_default=$output
    run verify --keep-going bad.h default.h
    status_is 1
    [ "$output" = "$by_default" ]
}

@test "OPTIONS: help, a short form of it and the version, of each command" {
    local command option
    for command in sign verify inspect chain; do
        for option in --help -? --usage; do
            "$TOOL" "$command" "$option" >out 2>err
            [ ! -s err ]
            grep -q "^Usage: bpf-chainsign $command " out
        done
        for option in --version -V; do
            [ "$("$TOOL" "$command" "$option")" = "$("$TOOL" --version)" ]
        done
    done
}

@test "DESCRIPTION: a file is recognized by its content, not by its name" {
    object typical
    mv typical.bpf.o object.lskel.h
    sign -q -n typical_bpf -o header.bpf.o object.lskel.h
    run verify header.bpf.o
    status_is 0
    # a header is signed again in place, whatever its name
    cp header.bpf.o before
    sign -q header.bpf.o
    cmp before header.bpf.o
    "$TOOL" chain -q object.lskel.h
    "$TOOL" inspect -q object.lskel.h
}

@test "inspect and chain verify no signature" {
    object typical
    sign -q typical.bpf.o
    for command in inspect chain; do
        run "$TOOL" "$command" typical.lskel.h
        status_is 0
        good=$output
        cp typical.lskel.h changed.lskel.h
        for scheme in chain folded insns; do
            flip opts_sig_$scheme changed.lskel.h
        done
        run "$TOOL" "$command" changed.lskel.h
        status_is 0
        # the signer's name or key id may be what was changed; the loader is the same
        [ "$(grep -c . <<<"$output")" -ge "$(($(grep -c . <<<"$good") - 3))" ]
    done
    run verify changed.lskel.h
    status_is 1
}

@test "--verbose prints whole digests" {
    object typical
    "$TOOL" sign -v -k "$KEYS/rsa2048.key" -c "$KEYS/rsa2048.crt" -s folded,insns typical.bpf.o >out
    [ "$(grep -cE 'sha256 [0-9a-f]{64}$' out)" -eq 2 ]
    "$TOOL" chain -v typical.lskel.h >out
    grep -qE '(^|[^0-9a-f])[0-9a-f]{64}($|[^0-9a-f])' out
    "$TOOL" inspect -v typical.lskel.h >out
    grep -qE 'sha256 [0-9a-f]{64}($|[^0-9a-f])' out
}

@test "--detached writes OUTPUT.SCHEME.p7s" {
    object tiny
    sign -q --detached -o dir.d tiny.bpf.o
    [ "$(echo dir.d.*)" = "dir.d.chain.p7s dir.d.folded.p7s dir.d.insns.p7s" ]
    [ ! -e dir.d ] && [ ! -e tiny.lskel.h ]
}

@test "a signature of more than 8192 bytes is not made" {
    object tiny
    "$TOOL" sign -q --prepare request --scheme folded tiny.bpf.o
    for n in 1 2 3 4 5 6; do
        openssl req -new -x509 -key "$KEYS/rsa4096.key" -subj "/CN=certificate $n" -set_serial $n
    done >more.pem
    openssl cms -sign -binary -noattr -keyid -md sha256 -signer "$KEYS/rsa2048.crt" -inkey "$KEYS/rsa2048.key" \
        -certfile more.pem -in request/tiny.lskel.h.folded.content -outform DER -out large.p7s
    [ "$(stat -c %s large.p7s)" -gt 8192 ]
    cp large.p7s request/tiny.lskel.h.folded.p7s
    run "$TOOL" sign --attach request --scheme folded -c "$KEYS/rsa2048.crt" tiny.bpf.o
    status_is 3
    output_has "EINVAL" "8192"
    [ ! -e tiny.lskel.h ]
}

@test "MANY INPUTS: the entries of a folder in the order of their bytes, links after everything else" {
    mkdir in outside
    object tiny
    for name in b.h Z.h $'\xc3\xa9.h' a.h; do
        sign -q -o "in/$name" tiny.bpf.o
    done
    cp in/a.h outside/first.h
    ln -s ../outside/first.h in/0.h
    run verify -r in
    status_is 0
    [ "$(sed -n 's/: accepted.*//p' <<<"$output" | tr '\n' ' ')" = 'in/Z.h in/a.h in/b.h in/é.h in/0.h ' ]
}

@test "MANY INPUTS: an output is synced, then renamed, from a temporary file in its folder" {
    command -v strace >/dev/null || skip "no strace"
    object tiny
    mkdir out
    ASAN_OPTIONS=detect_leaks=0 strace -f -e trace=fsync,rename,renameat,renameat2,linkat -o log "$TOOL" sign -q \
        -k "$KEYS/rsa2048.key" -c "$KEYS/rsa2048.crt" -o out/x.h tiny.bpf.o
    grep -nE 'fsync\(' log | head -n 1 | cut -d: -f1 >synced
    grep -nE '(rename|link)[a-z0-9]*\(.*x\.h' log | head -n 1 | cut -d: -f1 >renamed
    [ "$(cat synced)" -lt "$(cat renamed)" ]
    grep -E '(rename|link)[a-z0-9]*\(.*x\.h' log | grep -q '\.bpf-chainsign\.'
    [ "$(ls -A out)" = x.h ]
}

@test "--runtime libbpf writes one signature, of the folded scheme" {
    object typical
    sign --runtime libbpf typical.bpf.o >out
    grep -q '^  folded ' out
    [ "$(grep -cE '^  (chain|insns) ' out)" -eq 0 ]
    [ "$(grep -c 'opts_sig\[\]' typical.lskel.h)" -eq 1 ]
    [ "$(grep -c '__loader' typical.lskel.h)" -eq 0 ]
    run verify --scheme folded typical.lskel.h
    status_is 0
}

# json FILE EXPRESSION: that Python expression over the document D is true
json() {
    python3 -c 'import json, sys
D = json.load(open(sys.argv[1]))
assert eval(sys.argv[2]), D' "$1" "$2"
}

@test "OUTPUT: inputs that could not be handled, and inputs that were not reached" {
    object tiny
    sign -q tiny.bpf.o
    for command in inspect chain; do
        "$TOOL" "$command" --json missing >out 2>err || [ $? -eq 3 ]
        json out 'sorted(D["results"][0]) == ["error", "file", "status"] and D["results"][0]["status"] == "failed"'
    done
    sign --json missing tiny.bpf.o >out 2>err || [ $? -eq 3 ]
    json out '[r["status"] for r in D["results"]] == ["failed", "skipped"]'
    json out 'sorted(D["results"][1]) == ["file", "status"]'
    json out 'sorted(D) == ["error", "results", "summary", "version"] and D["version"] == 2 and D["error"] is None'
    verify --json --fail-fast -j 1 missing tiny.lskel.h >out 2>err || [ $? -eq 3 ]
    json out 'D["results"][0]["verdict"] == "could not tell" and D["results"][0]["signatures"] == []'
    json out 'D["results"][1] == {"file": "tiny.lskel.h", "status": "skipped"}'
    verify --json=lines missing tiny.lskel.h >out 2>err || [ $? -eq 3 ]
    tail -n 1 out >last
    json last 'sorted(D) == ["error", "summary", "version"]'
}

@test "OUTPUT: findings are those of a loader with a signature that is not missing or rejected" {
    object maps
    sign -q --scheme folded maps.bpf.o
    verify --json maps.lskel.h >out
    json out '[f["id"] for f in D["results"][0]["findings"]] == ["host-cpus"]'
    cp maps.lskel.h bad.lskel.h
    flip opts_sig_folded bad.lskel.h
    verify --json bad.lskel.h >out 2>err || [ $? -eq 1 ]
    json out 'D["results"][0]["findings"] == []'
    "$TOOL" sign -q --strip maps.lskel.h
    verify --json maps.lskel.h >out || [ $? -eq 1 ]
    json out 'D["results"][0]["verdict"] == "unsigned" and D["results"][0]["findings"] == []'
}

# untouched COMMAND...: it ends with status 3, and no file is other than it was
untouched() {
    touch -d 2020-01-01 ./*
    find . -type f -printf '%p %i %s %t %m\n' | sort >"$BATS_TEST_TMPDIR.before"
    run "$@"
    status_is 3
    find . -type f -printf '%p %i %s %t %m\n' | sort >"$BATS_TEST_TMPDIR.after"
    diff "$BATS_TEST_TMPDIR.before" "$BATS_TEST_TMPDIR.after" || { echo "after: $*"; false; }
}

@test "EXIT STATUS: with 3 no output file was touched" {
    object typical
    object refused_struct_ops
    sign -q typical.bpf.o
    sign -q --detached typical.bpf.o
    cp typical.lskel.h changed.lskel.h
    flip opts_data changed.lskel.h
    head -c 2000 typical.lskel.h >short.lskel.h
    echo "not a key" >bad.key
    openssl pkey -in "$KEYS/rsa2048.key" -aes256 -passout pass:secret -out locked.key
    local key=(-k "$KEYS/rsa2048.key" -c "$KEYS/rsa2048.crt") old=(-o typical.lskel.h)
    untouched "$TOOL" sign -k missing.key -c "$KEYS/rsa2048.crt" typical.bpf.o
    untouched "$TOOL" sign -k bad.key -c "$KEYS/rsa2048.crt" typical.bpf.o
    untouched env CI=1 "$TOOL" sign -k locked.key -c "$KEYS/rsa2048.crt" typical.bpf.o
    untouched "$TOOL" sign -k "$KEYS/rsa2048.key" -c "$KEYS/p256.crt" typical.bpf.o
    untouched "$TOOL" sign "${key[@]}" "${old[@]}" missing.bpf.o
    untouched "$TOOL" sign "${key[@]}" "${old[@]}" refused_struct_ops.bpf.o
    untouched "$TOOL" sign "${key[@]}" "${old[@]}" short.lskel.h
    untouched "$TOOL" sign "${key[@]}" changed.lskel.h
    untouched "$TOOL" sign "${key[@]}" --no-seal typical.bpf.o
    untouched "$TOOL" sign "${key[@]}" --set no_such=1 typical.bpf.o
    untouched "$TOOL" sign "${key[@]}" --max-entries no_such=1 typical.bpf.o
    untouched "$TOOL" sign "${key[@]}" --kernel 6.18.15 typical.bpf.o
    untouched "$TOOL" sign "${key[@]}" --kernel 6.18.15 --detached typical.bpf.o
    untouched "$TOOL" sign -c "$KEYS/rsa2048.crt" --attach missing typical.bpf.o
    untouched "$TOOL" sign --strip "${old[@]}" typical.bpf.o
    untouched "$TOOL" sign --strip "${old[@]}" short.lskel.h
    untouched "$TOOL" sign --prepare typical.bpf.o typical.bpf.o
}

@test "EXIT STATUS: a denied finding is 1; sign, which then cannot sign, says 3 and writes nothing" {
    object maps
    sign -q maps.bpf.o
    touch -d 2020-01-01 maps.lskel.h
    stat -c '%y %i' maps.lskel.h >before
    run "$TOOL" inspect --deny host-cpus maps.bpf.o
    status_is 1
    run verify --deny host-cpus maps.lskel.h
    status_is 1
    run sign --deny host-cpus maps.bpf.o
    status_is 3
    stat -c '%y %i' maps.lskel.h | cmp before
}

@test "ENVIRONMENT: key and certificate are sign's alone, and options come first" {
    object tiny
    cat "$KEYS/p256.key" "$KEYS/p256.crt" >both.pem
    # the certificate of the environment, before the one that comes with the key
    run env BPF_CHAINSIGN_CERT="$KEYS/rsa2048.crt" "$TOOL" sign -k both.pem tiny.bpf.o
    status_is 3
    output_has "does not belong to the key"
    BPF_CHAINSIGN_KEY=missing BPF_CHAINSIGN_CERT=missing sign -q tiny.bpf.o
    BPF_CHAINSIGN_CERT=$KEYS/rsa2048.crt run "$TOOL" verify tiny.lskel.h
    status_is 2
    output_has "--cert"
}

@test "ENVIRONMENT: the passphrase itself comes before a file of it" {
    object tiny
    openssl pkey -in "$KEYS/rsa2048.key" -aes256 -passout pass:secret -out locked.key
    echo wrong >phrase
    export BPF_CHAINSIGN_PASSPHRASE=secret BPF_CHAINSIGN_PASSPHRASE_FILE=phrase
    "$TOOL" sign -q -k locked.key -c "$KEYS/rsa2048.crt" tiny.bpf.o
    BPF_CHAINSIGN_PASSPHRASE_FILE=missing "$TOOL" sign -q -k locked.key -c "$KEYS/rsa2048.crt" tiny.bpf.o
    unset BPF_CHAINSIGN_PASSPHRASE
    run "$TOOL" sign -k locked.key -c "$KEYS/rsa2048.crt" tiny.bpf.o
    status_is 3
}

@test "ENVIRONMENT: nothing but advice and records depends on the time" {
    object typical
    local time
    for time in 0 1000000000 4102444800; do
        SOURCE_DATE_EPOCH=$time sign -q typical.bpf.o 2>/dev/null
        cp typical.lskel.h "signed.$time"
        SOURCE_DATE_EPOCH=$time verify -v --kernel all typical.lskel.h >"verdict.$time" 2>&1 || [ $? -eq 1 ]
        sed -i '/: \[\(expired\|not-yet-valid\)\] /d' "verdict.$time" # the advice
        SOURCE_DATE_EPOCH=$time "$TOOL" inspect -v typical.bpf.o >"listing.$time"
        for kind in signed verdict listing; do
            cmp "$kind.0" "$kind.$time"
        done
    done
}

@test "KEYS IN TOKENS: all tokens of one run use the same module" {
    object tiny
    new_token one
    import_key one rsa2048 01
    import_key one p256 02
    cp "$MODULE" other.so
    local uri="pkcs11:token=one;object"
    for way in $(token_ways); do
        export BPF_CHAINSIGN_PKCS11=$way BPF_CHAINSIGN_PIN=$PIN
        "$TOOL" sign -q -k "$uri=rsa2048?module-path=$MODULE" -k "$uri=p256?module-path=$MODULE" tiny.bpf.o
        run "$TOOL" sign -k "$uri=rsa2048?module-path=$MODULE" -k "$uri=p256?module-path=$PWD/other.so" tiny.bpf.o
        status_is 3
        output_has "must use the same PKCS#11 module"
    done
    [ -n "$way" ]
}

@test "tests/promises.md: each test that it names exists" {
    local tests one file title names=0
    while IFS='|' read -r _ _ _ tests _; do
        while IFS= read -r one; do
            file=${one%%: *}
            title=${one#*: }
            if [ "$file" = unit ]; then
                grep -qF "TEST(${title#*: }" "$ROOT/tests/unit/${title%%: *}" || { echo "no $one"; false; }
            else
                grep -qF "@test \"$title" "$ROOT/tests/bats/$file.bats" || { echo "no $one"; false; }
            fi
            names=$((names + 1))
        done < <(sed 's/^ *//; s/ *$//; s/; /\n/g' <<<"$tests")
    done < <(sed -n '/^|---/,$p' "$ROOT/tests/promises.md" | sed 1d)
    [ "$names" -gt 100 ]
}
