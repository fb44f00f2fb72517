#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-2-Clause
#
# Completion in bash, fish and zsh, of the files in completions/. That their options are those of
# --help is scripts/lint's to say.

load common

# completed WORD...: what bash offers for the last word; "--option=value" is three words, as there
completed() {
    # shellcheck source=completions/bpf-chainsign.bash
    source "$ROOT/completions/bpf-chainsign.bash"
    COMP_WORDS=(bpf-chainsign "$@")
    COMP_CWORD=$#
    COMPREPLY=()
    _bpf_chainsign
    [ ${#COMPREPLY[@]} -eq 0 ] || printf '%s\n' "${COMPREPLY[@]}" | LC_ALL=C sort | paste -sd ' '
}

# offers WANT WORD...
offers() {
    local got
    got=$(completed "${@:2}")
    [ "$got" = "$1" ] || { echo "for '${*:2}': '$got', want '$1'"; return 1; }
}

@test "bash: commands, and the options in front of them" {
    offers "sign" si
    offers "--version" --ver
    offers "--help --usage --version chain inspect sign verify" ''
}

@test "bash: every long option of a command's --help is offered, and none else" {
    local command
    for command in sign verify inspect chain; do
        diff <("$TOOL" "$command" --help | sed -nE 's/^  (    |-., )(--[a-z0-9-]+).*/\2/p' | sort) \
            <(completed "$command" -- | tr ' ' '\n' | tr -d = | sort)
    done
}

@test "bash: values of options, in the next word and behind =" {
    offers "sha256 sha384 sha512" sign --hash ""
    offers "sha384" sign -m sha3
    offers "embedded libbpf" sign --runtime =
    offers "libbpf" sign --runtime = l
    offers "6.18 6.18.40 6.19" verify --kernel 6
    offers "all" verify --kernel = a
    offers "exclusive hash-only" sign --insns-form ""
    [[ " $(completed sign --allow '') " == *" open-values "* ]]
    offers "" sign --name ""
}

@test "bash: schemes with commas between them" {
    offers "all chain folded insns insns-hash" sign --scheme ""
    offers "chain,folded" verify -s chain,f
    offers "chain,folded,insns chain,folded,insns-hash" chain --scheme = chain,folded,i
}

@test "bash: inputs are objects, headers and folders; keys and certificates any file" {
    touch a.bpf.o b.lskel.h c.txt "d e.o"
    mkdir folder
    offers "a.bpf.o b.lskel.h d e.o folder" sign ""
    offers "a.bpf.o" inspect --json a
    offers "a.bpf.o b.lskel.h c.txt d e.o folder" sign --key ""
    offers "c.txt" verify --cert = c
}

@test "fish offers commands, options, values" {
    command -v fish || skip "fish is not installed"
    export HOME=$PWD
    fish_offers() {
        fish -N -c "source $ROOT/completions/bpf-chainsign.fish; complete -C 'bpf-chainsign $1'" | cut -f 1 |
            LC_ALL=C sort | paste -sd ' '
    }
    [ "$(fish_offers '')" = "chain inspect sign verify" ]
    [ "$(fish_offers 'sign --sch')" = --scheme ]
    [ "$(fish_offers 'sign --runtime=')" = "--runtime=embedded --runtime=libbpf" ]
    [ "$(fish_offers 'verify -s chain,f')" = chain,folded ]
    touch b.lskel.h
    [ "$(fish_offers 'chain b')" = b.lskel.h ]
}

@test "zsh completes commands, options, values and files" {
    command -v zsh || skip "zsh is not installed"
    touch b.lskel.h
    cat >terminal.zsh <<END
zmodload zsh/zpty
zpty shell HOME=$PWD zsh -f -i
zpty -w shell 'fpath=($ROOT/completions \$fpath); autoload -U compinit; compinit -u -D; PS1=READY"> "'
zpty -r shell seen '*READY> *'
completes() {
    zpty -w -n shell "bpf-chainsign \$1"\$'\\t'
    zpty -r shell seen "*bpf-chainsign \$2*"
    zpty -w -n shell \$'\\x15'
    print -r -- "\$1"
}
completes ver 'verify '
completes 'sign --sch' 'sign --scheme='
completes 'sign --runtime=l' 'sign --runtime=libbpf '
completes 'verify -s chain,f' 'verify -s chain,folded'
completes 'chain b' 'chain b.lskel.h '
END
    TERM=dumb timeout 60 zsh -f terminal.zsh
}
