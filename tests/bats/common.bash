# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=bash
#
# What every test file loads: the tool, test keys, compiled BPF objects, a folder of its own.

ROOT=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
BUILD=$(cd "$ROOT" && mkdir -p "${O:-build}" && cd "${O:-build}" && pwd)
TOOL=$BUILD/bpf-chainsign
KEYS=$ROOT/keys/test
export ROOT BUILD TOOL KEYS

# A checkout may give others the keys to read, of which sign warns.
chmod go-r "$KEYS"/*.key 2>/dev/null || true

# Nothing of the caller's environment decides a test.
unset BPF_CHAINSIGN_KEY BPF_CHAINSIGN_CERT BPF_CHAINSIGN_PASSPHRASE BPF_CHAINSIGN_PASSPHRASE_FILE \
    BPF_CHAINSIGN_PIN BPF_CHAINSIGN_PIN_FILE BPF_CHAINSIGN_PKCS11

# object NAME: compile tests/data/NAME.bpf.c once, and copy the object to the test's folder.
object() {
    local out=$BUILD/data/$1.bpf.o
    if [[ ! $out -nt $ROOT/tests/data/$1.bpf.c ]]; then
        mkdir -p "$BUILD/data"
        clang -O2 -g -target bpf -I"/usr/include/$(cc -print-multiarch)" \
            -c "$ROOT/tests/data/$1.bpf.c" -o "$out.$$"
        mv "$out.$$" "$out"
    fi
    cp "$out" .
}

# sign [OPTION...] FILE...: with the RSA-2048 test key
sign() {
    "$TOOL" sign --key "$KEYS/rsa2048.key" --cert "$KEYS/rsa2048.crt" "$@"
}

# verify [OPTION...] FILE...: its certificate is trusted
verify() {
    "$TOOL" verify --cert "$KEYS/rsa2048.crt" "$@"
}

# flip ARRAY FILE: change one byte in the middle of a char array of a header, or of its part in the image
flip() {
    awk -v array="$1" '
        $0 ~ "static const char " array "\\[\\]|/\\* " array " \\*/" { inside = 1; line = 0 }
        inside && ++line == 3 {
            at = index($0, "\\x") ? index($0, "\\x") : index($0, "\\0")
            byte = substr($0, at, 2) == "\\x" ? 4 : 2
            old = substr($0, at, byte)
            $0 = substr($0, 1, at - 1) (old == "\\x5a" ? "\\xa5" : "\\x5a") substr($0, at + byte)
            inside = 0
            done = 1
        }
        { print }
        END { exit !done }' "$2" >flipped.$$ && mv flipped.$$ "$2"
}

setup() {
    cd "$BATS_TEST_TMPDIR" || return 1
}

# status_is N: of the last run, with its output where it is not
status_is() {
    # shellcheck disable=SC2154 # set by run
    [ "$status" -eq "$1" ] && return 0
    echo "status $status, want $1; output:"
    # shellcheck disable=SC2154
    echo "$output"
    return 1
}

# output_has TEXT...: each stands in the output of the last run
output_has() {
    local text
    for text in "$@"; do
        [[ $output == *"$text"* ]] && continue
        echo "'$text' is not in the output:"
        echo "$output"
        return 1
    done
}

# output_lacks TEXT...: none stands in the output of the last run
output_lacks() {
    local text
    for text in "$@"; do
        [[ $output != *"$text"* ]] && continue
        echo "'$text' is in the output:"
        echo "$output"
        return 1
    done
}

# output_matches REGEX...: each (extended) matches within a line of the output of the last run
output_matches() {
    local regex
    for regex in "$@"; do
        grep -qE -- "$regex" <<<"$output" && continue
        echo "no line matches '$regex':"
        echo "$output"
        return 1
    done
}
