#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-2-Clause
#
# README.md: its first commands do what it says. What it and the other documents name exists.

load common

# commands SECTION: the console blocks of that section of README.md as calls of `types`, each with the
# command and what it prints, both quoted for the shell
commands() {
    awk -v section="## $1" '
        function quoted(text) {
            gsub(/\047/, "\047\\\047\047", text)
            return "\047" text "\047"
        }
        function finish() {
            if (command != "") print "types " quoted(command) " " quoted(prints)
            command = prints = ""
        }
        /^## / { inside = $0 == section }
        !inside { next }
        $0 == "```console" { block = 1; next }
        $0 == "```" { finish(); block = 0; next }
        !block { next }
        /^\$ / { finish(); command = substr($0, 3); next }
        command ~ /\\$/ && prints == "" { command = command "\n" $0; next }
        { prints = prints (prints == "" ? "" : "\n") $0 }
        END { finish() }' "$ROOT/README.md"
}

# types COMMAND PRINTS: run it in this shell, whatever its status; "..." in PRINTS stands for anything
types() {
    local command=$1 pattern printed
    command=${command#scripts/setup demo && make -s && } # is built already
    eval "$command" >"$BATS_TEST_TMPDIR/printed" || true
    printed=$(cat "$BATS_TEST_TMPDIR/printed")
    pattern=$(sed 's/[][*?\\]/\\&/g; s/\.\.\./*/g' <<<"$2")
    # shellcheck disable=SC2053 # a pattern
    [[ $printed == $pattern ]] && return
    printf 'README.md says that\n$ %s\nprints\n%s\nIt prints\n%s\n' "$1" "$2" "$printed"
    return 1
}

@test "README: the first commands print what it says" {
    mkdir build
    ln -s "$TOOL" build/bpf-chainsign
    ln -s "$ROOT/examples" examples
    commands "In 30 seconds" >steps
    [ "$(grep -c '^types' steps)" -ge 7 ]
    # shellcheck source=/dev/null
    source ./steps
}

@test "documents: each file that they link to exists" {
    local page link
    while read -r page; do
        while read -r link; do
            [ -e "$ROOT/$(dirname "$page")/$link" ] || { echo "$page links to $link, which does not exist"; false; }
        done < <(grep -oE '\]\([^)#]+' "$ROOT/$page" | sed 's/^](//' | grep -v '://')
    done < <(cd "$ROOT" && find . -name '*.md' -not -path './build*' -not -path './.git/*')
}

# shellcheck disable=SC2016 # backquotes of markdown
@test "documents: each file, and each function in CONTRIBUTING, that they name exists" {
    local page name
    while read -r page; do
        while read -r name; do
            compgen -G "$ROOT/$name*" >/dev/null || { echo "$page names $name, which does not exist"; false; }
        done < <(grep -oE '`(src|tests|scripts|docs|man|bench|keys|ci|examples)/[A-Za-z0-9_./*-]+`' "$ROOT/$page" | tr -d '`' | grep -vE 'NAME|KIND')
    done < <(cd "$ROOT" && find . -name '*.md' -not -path './build*' -not -path './.git/*')
    while read -r name; do
        grep -rqE "\b$name\(" "$ROOT/src" "$ROOT/tests" "$ROOT/scripts" ||
            { echo "CONTRIBUTING.md names $name(), which does not exist"; false; }
    done < <(grep -oE '`[a-z_0-9]+\(\)`' "$ROOT/CONTRIBUTING.md" | tr -d '`()')
}
