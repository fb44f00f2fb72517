#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-2-Clause
# Values of variables from a file: sign --values.

load common

@test "a file sets what --set would set" {
    object settings
    cat >values.json <<'END'
{
	"level": 18446744073709551615, "on": true, "mode": "MODE_FAST", "ratio": -2.5,
	"name": "a\u00e9b",
	"table": [1, -2, 3, 2147483647],
	"cfg": {
		"limit": -5,
		"rules": [{"mac": [0, 17, 34, 51, 68, 255], "drop": true, "ports": [1, 2]}, {"ports": [3, 4]}]
	},
	"cfg.rules[1].mac": [1, 2, 3, 4, 5, 6]
}
END
    sign --quiet --values values.json settings.bpf.o
    verify --quiet settings.lskel.h
    mv settings.lskel.h from-file.lskel.h
    local pairs=(level=18446744073709551615 on=true mode=MODE_FAST ratio=-2.5 "name=aéb" "table=1,-2,3,2147483647"
        cfg.limit=-5 'cfg.rules[0].drop=true' "cfg.rules[0].ports=1,2" 'cfg.rules[1].ports[0]=3'
        'cfg.rules[1].ports[1]=4')
    local i=0 byte
    for byte in 0 17 34 51 68 255; do
        pairs+=("cfg.rules[0].mac[$i]=$byte" "cfg.rules[1].mac[$i]=$((i + 1))")
        i=$((i + 1))
    done
    sign --quiet "${pairs[@]/#/--set=}" settings.bpf.o
    cmp settings.lskel.h from-file.lskel.h
}

@test "a file and --set complete each other, but do not set the same bytes" {
    object settings
    printf '{"level": 5,\n"cfg": {"limit": 6}}' >values.json
    sign --quiet --values values.json --set table=1,2,3,4 settings.bpf.o
    "$TOOL" inspect settings.lskel.h >out
    grep -q 'level = 5$' out
    grep -q 'table = {1, 2, 3, 4}' out
    rm settings.lskel.h
    run sign --values values.json --set cfg.limit=7 settings.bpf.o
    status_is 3
    output_has "--set cfg.limit=7: values.json:2 already sets these bytes"
    printf '{"cfg.limit": 5,\n"cfg": {"limit": 6}}' >values.json
    run sign --values values.json settings.bpf.o
    status_is 3
    output_has "--values: values.json:2: values.json:1 already sets these bytes"
    [ ! -e settings.lskel.h ]
}

# refused TEXT MESSAGE: a file with TEXT
refused() {
    printf '%s' "$1" >values.json
    run sign --values values.json settings.bpf.o
    status_is 3
    output_has "--values: values.json$2"
    [ ! -e settings.lskel.h ]
}

@test "a file that does not fit the object is refused with its line" {
    object settings
    refused $'{"level": 1,\n"lvel": 2}' ":2: no global variable is called lvel"
    refused '{"cfg": {"limit": 1, "x": 2}}' ":1: cfg.x: no member is called 'x'"
    refused '{"level": -1}' ":1: -1 does not fit into level"
    refused '{"level": 18446744073709551616}' ":1: 18446744073709551616 does not fit into level"
    refused '{"level": 1e3}' ":1: '1e3' is not a value for level: expected a number"
    refused '{"level": 1.0}' ":1: '1.0' is not a value for level: expected a number"
    refused '{"level": true}' ":1: 'true' is not a value for level: expected a number"
    refused '{"on": 2}' ":1: '2' is not a value for on: expected true or false"
    refused '{"mode": "FAST"}' ":1: 'FAST' is not a value for mode: expected a number, MODE_SLOW, MODE_FAST"
    refused '{"name": "too long a text"}' ":1: the text for name has 15 bytes; the array holds 8"
    refused '{"name": 5}' ":1: name is an array of 8 elements: expected an array or a string"
    refused $'{"table":\n[1, 2, 3]}' ":2: table has 4 elements in the object, but 3 here"
    refused '{"table": [1, 2, 3, 4, 5]}' ":1: table[4]: the array has 4 elements"
    refused '{"level": [1]}' ":1: level[0]: what precedes [ is not an array"
    refused '{"cfg": 1}' ":1: cannot set cfg at once"
}

@test "a file that is not JSON is refused before an object is read" {
    object settings
    refused $'{"level": 1,\n}' ":2: expected a string, not '}'"
    refused $'{"level": 1,\n\n"level": 2}' ":3: level is given twice"
    refused '[]' ":1: expected an object, which begins with {"
    refused '{"level": null}' ":1: expected a number, string, true, false, object or array, not 'n'"
    refused '{"cfg": {}}' ":1: expected a string, not '}'"
    run sign --values missing.json settings.bpf.o
    status_is 3
    output_has "--values: missing.json: cannot open: No such file"
    head -c 1100000 /dev/zero >values.json
    run sign --values values.json settings.bpf.o
    status_is 3
    output_has "--values: values.json: "
    [ ! -e settings.lskel.h ]
}

@test "a file of values is for objects, and is not replaced" {
    object settings
    echo '{"level": 1}' >values.json
    sign --quiet settings.bpf.o
    run sign --values values.json settings.lskel.h
    status_is 3
    output_has "--values sets variables of an object: the values of a header cannot be set"
    echo CONFIG_HZ=250 >config
    run sign --kconfig config settings.lskel.h
    status_is 3
    output_has "--kconfig sets variables of an object: the values of a header cannot be set"
    run "$TOOL" sign --strip --values values.json settings.lskel.h
    status_is 2
    output_has "--values cannot be used with --strip"
    run sign --no-seal --allow open-values --allow open-sizes --values values.json settings.bpf.o
    status_is 3
    output_has "--values"
    run sign --values values.json -o values.json settings.bpf.o
    status_is 3
    output_has "values.json: is neither a skeleton"
    [ "$(cat values.json)" = '{"level": 1}' ]
}

@test "a file has values for options of the kernel" {
    object kernel
    local pairs=(LINUX_KERNEL_VERSION=6.12.3 CONFIG_BPF_SYSCALL=y CONFIG_NO_SUCH_OPTION=n CONFIG_IPV6=m CONFIG_NET=y
        CONFIG_HZ=250 CONFIG_PHYSICAL_START=0x1000000 'CONFIG_DEFAULT_HOSTNAME="abc"')
    sign --quiet "${pairs[@]/#/--set=}" kernel.bpf.o
    mv kernel.lskel.h set.lskel.h
    cat >values.json <<'END'
{
	"LINUX_KERNEL_VERSION": "6.12.3", "CONFIG_BPF_SYSCALL": true, "CONFIG_NO_SUCH_OPTION": "n", "CONFIG_IPV6": "m",
	"CONFIG_NET": "y", "CONFIG_HZ": 250, "CONFIG_PHYSICAL_START": "0x1000000", "CONFIG_DEFAULT_HOSTNAME": "\"abc\""
}
END
    sign --quiet --values values.json kernel.bpf.o
    cmp set.lskel.h kernel.lskel.h
    sed 's/"CONFIG_HZ": 250, //' values.json >less.json
    run sign --values less.json kernel.bpf.o
    status_is 3
    output_has "[host-config] CONFIG_HZ"
}

@test "a two-step signature is over the values of the file" {
    object settings
    echo '{"level": 1}' >values.json
    "$TOOL" sign --quiet --prepare request --values values.json settings.bpf.o
    run "$TOOL" sign --cert "$KEYS/rsa2048.crt" --attach request settings.bpf.o
    status_is 3
    output_has "differs from what --prepare wrote"
}
