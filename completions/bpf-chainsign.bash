# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=bash
#
# bash completion for bpf-chainsign; written by scripts/completions.

# _bpf_chainsign_value KIND...: complete the value of an option; it starts with $cur
_bpf_chainsign_value()
{
    local kind=$1 before=
    case $kind in
    file) mapfile -t COMPREPLY < <(compgen -f -- "$cur") ;;
    folder) mapfile -t COMPREPLY < <(compgen -d -- "$cur") ;;
    list\ *)
        [[ $cur != *,* ]] || before=${cur%,*},
        mapfile -t COMPREPLY < <(compgen -P "$before" -W "${kind#list }" -- "${cur##*,}")
        ;;
    *) mapfile -t COMPREPLY < <(compgen -W "$kind" -- "$cur") ;;
    esac
    case $kind in
    file | folder) compopt -o filenames 2>/dev/null ;;
    esac
}

_bpf_chainsign()
{
    local command='' option=${COMP_WORDS[COMP_CWORD - 1]} options cur=${COMP_WORDS[COMP_CWORD]} i

    # "--option=value" comes as three words.
    if [[ $cur == = ]]; then
        cur=
    elif [[ $option == = ]]; then
        option=${COMP_WORDS[COMP_CWORD - 2]}
    fi
    for ((i = 1; i < COMP_CWORD && ${#command} == 0; i++)); do
        case ${COMP_WORDS[i]} in
        sign | verify | inspect | chain) command=${COMP_WORDS[i]} ;;
        esac
    done

    case $option in
    --allow) _bpf_chainsign_value 'open-values open-sizes data-uncovered not-exclusive too-many-programs kernel-address btf-refused ring-buffer-size arena-size no-max-entries map-layout unknown-loader changed host-config'; return ;;
    --attach) _bpf_chainsign_value 'folder'; return ;;
    --attach-target) return ;;
    --color) _bpf_chainsign_value 'auto always never'; return ;;
    --deny) _bpf_chainsign_value 'danger warning open-values open-sizes data-uncovered not-exclusive off-by-one check-refused old-externs too-many-programs optional-programs kernel-address fixed-config host-cpus btf-refused ring-buffer-size no-such-helper arena-size small-pages no-max-entries map-layout unknown-loader text-unchecked large-pages changed host-config pinned-map not-attached writable-image same-name'; return ;;
    --diff) _bpf_chainsign_value 'file'; return ;;
    --format) _bpf_chainsign_value 'header image'; return ;;
    --insns) _bpf_chainsign_value 'file'; return ;;
    --insns-form) _bpf_chainsign_value 'list exclusive hash-only'; return ;;
    --kconfig) _bpf_chainsign_value 'file'; return ;;
    --kernel) _bpf_chainsign_value 'list all 6.18 6.18.40 6.19 7.0 7.1 7.1.5 7.2 7.3 7.4 chain'; return ;;
    --kernel-config) _bpf_chainsign_value 'file'; return ;;
    --load) return ;;
    --map) _bpf_chainsign_value 'file'; return ;;
    --max-entries) return ;;
    --output-dir) _bpf_chainsign_value 'folder'; return ;;
    --pkcs11-module) _bpf_chainsign_value 'file'; return ;;
    --prepare) _bpf_chainsign_value 'folder'; return ;;
    --record) _bpf_chainsign_value 'file'; return ;;
    --revoked) _bpf_chainsign_value 'file'; return ;;
    --runtime) _bpf_chainsign_value 'embedded libbpf'; return ;;
    --set) return ;;
    --signature) _bpf_chainsign_value 'file'; return ;;
    --skip) return ;;
    --type) return ;;
    --values) _bpf_chainsign_value 'file'; return ;;
    -c | --cert) _bpf_chainsign_value 'file'; return ;;
    -j | --jobs) return ;;
    -k | --key) _bpf_chainsign_value 'file'; return ;;
    -m | --hash) _bpf_chainsign_value 'sha256 sha384 sha512'; return ;;
    -n | --name) return ;;
    -o | --output) _bpf_chainsign_value 'file'; return ;;
    -s | --scheme) _bpf_chainsign_value 'list chain folded insns insns-hash all'; return ;;
    esac
    case $command in
    sign) options='--allow= --allow-ambiguous --check-key --cert= --deny= --kernel= --key= --hash= --pkcs11-module= --attach-target= --insns-form= --kconfig= --load= --max-entries= --no-seal --set= --skip= --type= --values= --detached --format= --name= --output-dir= --output= --runtime= --attach= --prepare= --strip --unsigned --fail-fast --jobs= --keep-going --recursive --insns= --map= --scheme= --color= --json --quiet --record= --verbose --help --usage --version' ;;
    verify) options='--cert= --kernel= --kernel-config= --openssl-conf --revoked= --signature= --allow= --deny= --fail-fast --jobs= --keep-going --recursive --insns= --map= --scheme= --color= --json --quiet --record= --verbose --help --usage --version' ;;
    inspect) options='--deny= --diff= --insns= --map= --scheme= --color= --json --quiet --verbose --help --usage --version' ;;
    chain) options='--insns= --map= --scheme= --color= --json --quiet --verbose --help --usage --version' ;;
    *) options='sign verify inspect chain --help --usage --version' ;;
    esac
    if [[ $command && $cur != -* ]]; then
        mapfile -t COMPREPLY < <(
            compgen -d -- "$cur"
            compgen -f -X '!*.o' -- "$cur"
            compgen -f -X '!*.lskel.h' -- "$cur"
        )
        compopt -o filenames 2>/dev/null
        return
    fi
    mapfile -t COMPREPLY < <(compgen -W "$options" -- "$cur")
    [[ ${#COMPREPLY[@]} -ne 1 || ${COMPREPLY[0]} != *= ]] || compopt -o nospace 2>/dev/null
}

complete -F _bpf_chainsign bpf-chainsign
