#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-2-Clause
#
# scripts/check-words, which keeps phrases away that stop a reader, can fail.

load common

# check TEXT: what it says about a file that holds TEXT
check() {
    printf '%s\n' "$1" >"$BATS_TEST_TMPDIR/text.c"
    run "$ROOT/scripts/check-words" "$BATS_TEST_TMPDIR/text.c"
}

@test "words: a phrase is found, in any case" {
    check '/* Put to the Rules of a kernel. */'
    [ "$status" -eq 1 ]
    [[ $output == *'text.c:1: "put to the rules"; write: '* ]]
}

@test "words: a phrase is found where a comment or a string is broken" {
    check $'/*\n * What is put to\n * the rules.\n */'
    [ "$status" -eq 1 ]
    [[ $output == *'text.c:3: '* ]]
    check $'\t"it is put "\n\t"to the rules",'
    [ "$status" -eq 1 ]
}

@test "words: words that only contain a phrase are left alone" {
    check '/* An input to the rulesets. */'
    [ "$status" -eq 0 ]
    [ -z "$output" ]
}
