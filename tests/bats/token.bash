# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=bash
#
# A SoftHSM2 token of the test's own. What is loaded after common.bash.

PIN=pin-Zq83vK
MODULE=
for file in /usr/lib/softhsm/libsofthsm2.so /usr/lib/*/softhsm/libsofthsm2.so \
    /usr/lib64/pkcs11/libsofthsm2.so; do
    [[ -z $MODULE && -e $file ]] && MODULE=$file
done
export MODULE

# new_token LABEL: in the folder of the test
new_token() {
    mkdir -p tokens
    printf 'directories.tokendir = %s/tokens\nobjectstore.backend = file\n' "$PWD" >softhsm2.conf
    export SOFTHSM2_CONF=$PWD/softhsm2.conf
    softhsm2-util --init-token --free --label "$1" --so-pin so-"$PIN" --pin "$PIN" >/dev/null
}

# p11 LABEL ARG...: pkcs11-tool, logged in
p11() {
    local label=$1
    shift
    pkcs11-tool --module "$MODULE" --login --pin "$PIN" --token-label "$label" "$@" >/dev/null 2>&1
}

# import_key LABEL NAME ID: the test key NAME and its certificate
import_key() {
    softhsm2-util --import "$KEYS/$2.key" --token "$1" --label "$2" --id "$3" --pin "$PIN" >/dev/null
    openssl x509 -in "$KEYS/$2.crt" -outform DER -out "$2.der"
    p11 "$1" --write-object "$2.der" --type cert --label "$2" --id "$3"
}

# make_key LABEL NAME ID TYPE [OPTION...]: a key that never leaves the token, and NAME.crt for it, outside
make_key() {
    p11 "$1" --keypairgen --key-type "$4" --label "$2" --id "$3" "${@:5}"
    p11 "$1" --read-object --type pubkey --id "$3" -o "$2.pub.der"
    openssl pkey -pubin -inform DER -in "$2.pub.der" -out "$2.pub"
    openssl req -new -key "$KEYS/unrelated.key" -subj "/CN=$2" -out any.csr
    printf 'subjectKeyIdentifier=hash\nkeyUsage=digitalSignature\nextendedKeyUsage=codeSigning\n' >ext
    openssl x509 -req -in any.csr -force_pubkey "$2.pub" -CA "$KEYS/ca.crt" -CAkey "$KEYS/ca.key" \
        -extfile ext -days 30 -out "$2.crt" 2>/dev/null
}

# token_sign [OPTION...] FILE...: with the module and the PIN
token_sign() {
    BPF_CHAINSIGN_PIN=$PIN "$TOOL" sign --pkcs11-module "$MODULE" "$@"
}

# The ways to a token that this machine has: provider, engine.
token_ways() {
    local dir
    for dir in /usr/lib/*/ossl-modules /usr/lib64/ossl-modules; do
        if [[ -e $dir/pkcs11.so ]]; then echo provider; break; fi
    done
    for dir in /usr/lib/*/engines-3 /usr/lib64/engines-3; do
        if [[ -e $dir/pkcs11.so ]]; then echo engine; break; fi
    done
}

# wrapper: build the module that counts what it is asked for; it stands in front of $MODULE
wrapper() {
    if [[ ! $BUILD/data/wrapper.so -nt $ROOT/tests/token/wrapper.c ]]; then
        mkdir -p "$BUILD/data"
        cc -O -shared -fPIC -o "$BUILD/data/wrapper.$$" "$ROOT/tests/token/wrapper.c" -ldl
        mv "$BUILD/data/wrapper.$$" "$BUILD/data/wrapper.so"
    fi
    export WRAPPED=$MODULE WRAPPER_LOG=$PWD/wrapper.log
    : >wrapper.log
}
