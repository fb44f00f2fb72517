# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=bash
#
# TAP for the scripts of tests/, which source it from the top folder: . tests/tap.bash
# It numbers tests and writes their lines. It does not count skips as failures: scripts/test does.
#
#	some command; ok $? "what it shows"        skip "what it shows" "why it cannot run here"
#	finish                                     the last line of the script: plan and exit status

# git keeps no modes, and keys that others can read are warned about
chmod go-r keys/test/*.key 2>/dev/null || true

tap_nr=0
tap_failed=0

# ok STATUS NAME: a test, passed if STATUS is 0; returns STATUS
ok() {
    tap_nr=$((tap_nr + 1))
    if [ "$1" -eq 0 ]; then
        echo "ok $tap_nr $2"
    else
        tap_failed=1
        echo "not ok $tap_nr $2"
    fi
    return "$1"
}

# skip NAME WHY: a test that cannot run here
skip() {
    tap_nr=$((tap_nr + 1))
    echo "ok $tap_nr $1 # SKIP $2"
}

# same WANT GOT NAME: a test that two texts are the same, with both where they are not
same() {
    [ "$1" = "$2" ] || printf '# want %s\n# got  %s\n' "${1//$'\n'/$'\n#      '}" "${2//$'\n'/$'\n#      '}"
    [ "$1" = "$2" ]
    ok $? "$3"
}

# comment: standard input as comments
comment() {
    sed 's/^/# /'
}

# bail WHY: no further test can run; ends the script with status 1
bail() {
    echo "Bail out! $*"
    exit 1
}

# finish: the plan; ends the script with status 1 if a test failed
finish() {
    echo "1..$tap_nr"
    exit $tap_failed
}
