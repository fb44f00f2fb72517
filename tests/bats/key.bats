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

@test "a question that is broken off leaves the terminal as it was" {
    object tiny
    openssl pkcs12 -export -inkey "$KEYS/p256.key" -in "$KEYS/p256.crt" -out k.p12 -passout pass:opensesame
    run on_terminal '\003' "'$TOOL' sign -k k.p12 tiny.bpf.o; echo status \$?; stty -a"
    output_has "k.p12: nothing was typed" "status 3" " echo "
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
        run token_sign -k 'pkcs11:token=one' -c "$crt" tiny.bpf.o
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
