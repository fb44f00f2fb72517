#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-2-Clause
# Many inputs: folders, threads, order, what happens after a failure.

load common
load token

# copies N: x1.bpf.o to xN.bpf.o, objects with different names
copies() {
    local i
    object tiny
    for ((i = 1; i <= $1; i++)); do
        cp tiny.bpf.o "x$i.bpf.o"
    done
    rm tiny.bpf.o
}

# counted TEXT: the last line of the output
counted() {
    [ "${lines[-1]}" = "$1" ] && return 0
    echo "the last line is '${lines[-1]}', want '$1'"
    return 1
}

@test "files and output are the same for any number of jobs, and as from single runs" {
    copies 40
    mkdir single
    for object in x*.bpf.o; do
        sign --quiet -o "single/${object%.bpf.o}.lskel.h" "$object"
    done
    for jobs in 1 2 7; do
        mkdir "j$jobs"
        cp x*.bpf.o "j$jobs"
        (cd "j$jobs" && sign -j "$jobs" x*.bpf.o >../out.$jobs 2>../err.$jobs)
        rm "j$jobs"/*.bpf.o
        diff -r single "j$jobs"
        (cd "j$jobs" && verify -j "$jobs" x*.lskel.h >../verdicts.$jobs)
        cmp out.1 out.$jobs
        cmp err.1 err.$jobs
        cmp verdicts.1 verdicts.$jobs
    done
    [ "$(tail -n 1 out.1)" = "40 signed" ]
    [ "$(tail -n 1 verdicts.1)" = "40 accepted" ]
}

@test "a token is logged in to once for all files and jobs, and gives the bytes of PEM" {
    copies 12
    mkdir pem
    sign --quiet x*.bpf.o
    mv x*.lskel.h pem
    new_token one
    import_key one rsa2048 01
    wrapper
    for way in $(token_ways); do
        for jobs in 1 2 5; do
            rm -rf token wrapper.log
            BPF_CHAINSIGN_PKCS11=$way BPF_CHAINSIGN_PIN=$PIN "$TOOL" sign --quiet -j "$jobs" \
                --pkcs11-module "$BUILD/data/wrapper.so" -k 'pkcs11:token=one;object=rsa2048' x*.bpf.o
            mkdir token
            mv x*.lskel.h token
            diff -r pem token
            [ "$(grep -c '^login' wrapper.log)" -eq 1 ]
            [ "$(grep -c '^sign' wrapper.log)" -eq 36 ]
        done
    done
    [ -n "$way" ]
}

@test "--recursive takes objects and skeletons by content, in the order of their names" {
    mkdir -p in/b in/a.d
    object tiny
    object typical
    cp tiny.bpf.o in/b/object
    cp typical.bpf.o in/a.d/typical.bpf.o
    cp tiny.bpf.o in/b.o
    sign --quiet -o in/b/header tiny.bpf.o
    printf 'struct bpf_loader_ctx;\n/* struct x { struct bpf_loader_ctx ctx; */\n' >in/words.h
    printf 'const char *x = "struct x { struct bpf_loader_ctx ctx;";\n' >in/source.c
    cp "$TOOL" in/program
    : >in/empty
    ln -s ../tiny.bpf.o in/link.bpf.o
    mkfifo in/pipe
    run sign --recursive in
    status_is 0
    counted "4 signed"
    [ "$(grep -o '^in/.*: signed' <<<"$output" | tr '\n' ' ')" = \
        "in/a.d/typical.lskel.h: signed in/b/header: signed in/b/object.lskel.h: signed in/b.lskel.h: signed " ]
    rm in/pipe
    run verify -r in
    status_is 0
    counted "4 accepted"
}

@test "a header that is half there is not ignored" {
    object tiny
    sign --quiet tiny.bpf.o
    mkdir in
    head -c 2000 tiny.lskel.h >in/cut.h
    run verify -r in
    status_is 3
    output_has "in/cut.h:" "1 could not tell"
    sed 's/^#include <linux/"\n#include <linux/' tiny.lskel.h >in/cut.h
    run verify -r in
    status_is 3
    output_has "in/cut.h:"
}

@test "a folder needs --recursive, and something in it" {
    mkdir in
    run sign in
    status_is 3
    output_has "in: is a folder" "--recursive"
    run verify in
    status_is 3
    output_has "--recursive"
    echo text >in/text
    run verify --recursive in
    status_is 3
    output_has "in: contains no light skeleton or signed image at any depth"
    object tiny
    cp tiny.bpf.o in
    run verify --recursive in
    status_is 3
    output_has "no light skeleton"
    mkdir -p none
    run sign --recursive none
    status_is 3
    output_has "none: contains no BPF object, light skeleton or signed image at any depth"
    run sign --recursive --output x in
    status_is 2
    run sign --recursive --name x in
    status_is 2
    run verify --recursive --scheme chain --signature x in
    status_is 2
}

@test "what cannot be read in a folder is an error" {
    local open as_user=()
    object tiny
    sign --quiet tiny.bpf.o
    open=$(mktemp -d) # one that everybody can get to
    cp "$TOOL" "$KEYS/rsa2048.crt" "$open"
    cd "$open"
    chmod 755 .
    mkdir -p in/closed
    cp "$OLDPWD/tiny.lskel.h" in/fine.h
    cp "$OLDPWD/tiny.lskel.h" in/secret.h
    chmod 0 in/closed in/secret.h
    [ "$(id -u)" -ne 0 ] || as_user=(setpriv --reuid 65534 --regid 65534 --clear-groups)
    run "${as_user[@]}" ./bpf-chainsign verify --cert rsa2048.crt --recursive in
    cd "$OLDPWD"
    rm -r "$open"
    status_is 3
    output_has "in/closed:" "in/secret.h: cannot open" "in/fine.h: accepted" \
        "1 accepted, 2 could not tell"
}

@test "of an object and the header made of it --recursive signs the object" {
    mkdir in
    object tiny
    mv tiny.bpf.o in
    sign --quiet --recursive in
    cp in/tiny.lskel.h first
    echo '/* stale */' >>in/tiny.lskel.h
    run sign -r in
    status_is 0
    counted "1 signed"
    cmp first in/tiny.lskel.h
}

@test "two inputs with one output are refused, and the first one's stands" {
    object tiny
    object typical
    mkdir sub
    ln -s .. sub/up
    cp typical.bpf.o tiny.o
    sign --quiet -o want.h tiny.bpf.o -n tiny_bpf
    for second in tiny.bpf.o tiny.o ./tiny.o sub/up/tiny.o; do
        rm -f tiny.lskel.h
        run sign -j 8 tiny.bpf.o "$second" typical.bpf.o
        status_is 3
        output_has "is already the output of tiny.bpf.o" "1 signed, 1 failed, 1 skipped"
        cmp want.h tiny.lskel.h
        [ ! -e typical.lskel.h ]
    done
    run sign tiny.bpf.o tiny.lskel.h
    status_is 3
    output_has "tiny.lskel.h: tiny.lskel.h is already the output of tiny.bpf.o"
    cmp want.h tiny.lskel.h
}

@test "sign stops at the first failure and leaves the rest alone, whatever the number of jobs" {
    copies 30
    echo broken >x15.bpf.o
    for jobs in 1 2 16; do
        rm -f x*.lskel.h
        run sign -j $jobs $(seq -f 'x%g.bpf.o' 30)
        status_is 3
        output_has "x15.bpf.o: expected a BPF object"
        counted "14 signed, 1 failed, 15 skipped"
        [ "$(find . -name 'x*.lskel.h' | wc -l)" -eq 14 ]
        [ "$(find . -name '.bpf-chainsign*' | wc -l)" -eq 0 ]
    done
    run sign --keep-going $(seq -f 'x%g.bpf.o' 30)
    status_is 3
    counted "29 signed, 1 failed"
    run sign --keep-going --fail-fast x1.bpf.o
    status_is 2
    for jobs in 0 x -1 2x ''; do
        run sign --jobs="$jobs" x1.bpf.o
        status_is 2
    done
}

@test "verify looks at everything unless --fail-fast" {
    copies 6
    sign --quiet x*.bpf.o
    flip opts_data x2.lskel.h
    "$TOOL" sign --strip --quiet x3.lskel.h
    : >x5.lskel.h
    run verify x?.lskel.h
    status_is 3
    counted "3 accepted, 1 rejected, 1 unsigned, 1 could not tell"
    run verify --fail-fast x?.lskel.h
    status_is 1
    counted "1 accepted, 1 rejected, 4 skipped"
    run verify --quiet x1.lskel.h x4.lskel.h
    status_is 0
    [ -z "$output" ]
    run verify x1.lskel.h
    counted "x1.lskel.h: accepted (folded, chain, insns)"
}

@test "what is wrong with the keyring is said once" {
    copies 5
    sign --quiet x*.bpf.o
    run verify --cert missing.crt x*.lskel.h
    status_is 3
    [ "$(grep -c missing.crt <<<"$output")" -eq 1 ]
    openssl req -x509 -newkey rsa:1024 -nodes -keyout weak.key -out weak.crt -subj /CN=weak \
        -days 1 -md5 2>/dev/null || skip "openssl makes no such certificate"
    run verify --cert weak.crt --scheme folded x*.lskel.h
    [ "$(grep -c 'warning: weak.crt' <<<"$output")" -le 1 ]
}

@test "--json counts, and names what was skipped" {
    copies 3
    echo broken >x2.bpf.o
    sign --json x?.bpf.o >out.json 2>err || [ $? -eq 3 ]
    python3 - <<'END'
import json
document = json.load(open("out.json"))
assert document["summary"] == {"signed": 1, "failed": 1, "skipped": 1}, document["summary"]
assert [(r["file"], r["status"]) for r in document["results"]] == [
    ("x1.bpf.o", "signed"), ("x2.bpf.o", "failed"), ("x3.bpf.o", "skipped")]
END
}

@test "the summary in JSON counts for every command, and for a run that never came to its inputs" {
    copies 1
    sign --quiet x1.bpf.o
    verify --json --cert missing.crt x1.lskel.h >verify.json 2>err || [ $? -eq 3 ]
    "$TOOL" inspect --json x1.lskel.h >inspect.json
    "$TOOL" chain --json x1.lskel.h >chain.json
    "$TOOL" sign --prepare folder --cert "$KEYS/rsa2048.crt" --json x1.bpf.o >prepare.json
    python3 - <<'END'
import json
summary = {name: json.load(open(name + ".json"))["summary"] for name in ("verify", "inspect", "chain", "prepare")}
assert summary == {
    "verify": {"accepted": 0, "rejected": 0, "unsigned": 0, "could_not_tell": 0, "skipped": 0},
    "inspect": {"listed": 1, "denied": 0, "failed": 0},
    "chain": {"shown": 1, "failed": 0},
    "prepare": {"prepared": 1, "failed": 0, "skipped": 0},
}, summary
END
}

@test "--json=lines is an object on each line that names its file, and a summary" {
    copies 3
    sign --quiet x?.bpf.o
    flip opts_data x2.lskel.h
    echo broken >x3.lskel.h
    verify --json=lines x?.lskel.h >lines 2>err || [ $? -eq 3 ]
    verify --json x?.lskel.h >document 2>err || [ $? -eq 3 ]
    python3 - <<'END'
import json
lines = [json.loads(line) for line in open("lines")]
document = json.load(open("document"))
assert lines.pop() == {"version": document["version"], "summary": document["summary"], "error": None}
assert lines == document["results"]
assert all(line["file"] for line in lines)
assert document["summary"] == {"accepted": 1, "rejected": 1, "unsigned": 0, "could_not_tell": 1,
                               "skipped": 0}
END
    run verify --json=pretty x1.lskel.h
    status_is 2
    output_has "--json=lines"
}

@test "progress is shown on a terminal alone, and gone at the end" {
    copies 5
    sign --quiet x?.bpf.o
    verify x?.lskel.h >out 2>err
    [ ! -s err ]
    command -v script >/dev/null || skip "script is not installed"
    script -q -e -c "'$TOOL' verify --cert '$KEYS/rsa2048.crt' x?.lskel.h >out" typescript </dev/null
    grep -q '1 of 5' typescript
    [[ "$(tr -d '\n' <typescript)" == *$'\r\033[K'* ]]
    script -q -e -c "'$TOOL' verify --quiet --cert '$KEYS/rsa2048.crt' x?.lskel.h" typescript </dev/null
    [ "$(grep -c 'of 5' typescript)" -eq 0 ]
}

@test "kill -9 leaves each header old or new, and whole" {
    copies 60
    sign --quiet x*.bpf.o
    mkdir new
    cp x*.lskel.h new
    "$TOOL" sign --strip --quiet x*.lskel.h
    mkdir old
    cp x*.lskel.h old
    for delay in 0.01 0.03 0.05 0.08; do
        cp old/* .
        "$TOOL" sign --quiet -k "$KEYS/rsa2048.key" -c "$KEYS/rsa2048.crt" x*.lskel.h &
        sleep $delay
        kill -9 $! 2>/dev/null || true
        wait $! 2>/dev/null || true
        for header in x*.lskel.h; do
            cmp -s "$header" "old/$header" || cmp "$header" "new/$header"
        done
    done
    # what stays behind is no input
    run verify -r .
    [[ ${lines[-1]} =~ ^([0-9]+)\ accepted ]]
    sign --quiet --keep-going -r . || true
}

# signalled SIGNAL COMMAND...: the command is ended by SIGNAL while files of it are unfinished
signalled() {
    local signal=$1 status=0 pid
    shift
    # a shell's background jobs ignore SIGINT, and what runs under nohup SIGHUP
    env --default-signal=INT,TERM,HUP "$@" >/dev/null 2>err &
    pid=$!
    until find . -name '.bpf-chainsign.*' -o -name 'req.??????' | grep -q .; do
        kill -0 "$pid"
    done
    kill "-$signal" "$pid"
    wait "$pid" || status=$?
    [ "$status" -eq $((128 + $(kill -l "$signal"))) ]
    [ ! -s err ]
}

@test "SIGINT, SIGTERM and SIGHUP end a run at once, with their status, and leave nothing unfinished" {
    copies 60
    for signal in INT TERM HUP; do
        signalled $signal "$TOOL" sign -k "$KEYS/rsa4096.key" -c "$KEYS/rsa4096.crt" x*.bpf.o
        [ -z "$(find . -name '.bpf-chainsign.*')" ]
        [ "$(find . -name 'x*.lskel.h' | wc -l)" -lt 60 ]
        verify --cert "$KEYS/rsa4096.crt" --recursive . >/dev/null || [ ! -e x1.lskel.h ]
        rm -f x*.lskel.h
        signalled $signal "$TOOL" sign --prepare req x*.bpf.o
        [ ! -e req ]
        [ -z "$(ls -d req.* 2>/dev/null)" ]
    done
}

@test "a signal that is ignored stays ignored" {
    copies 30
    trap '' HUP
    "$TOOL" sign --quiet -k "$KEYS/rsa4096.key" -c "$KEYS/rsa4096.crt" x*.bpf.o &
    trap - HUP
    while kill -HUP $! 2>/dev/null; do sleep 0.01; done
    wait $!
    [ "$(find . -name 'x*.lskel.h' | wc -l)" -eq 30 ]
}

# --- what hides in folders ---

@test "verify -r judges a header wherever it is and whatever its name or its first bytes are" {
    object tiny
    sign --quiet tiny.bpf.o
    cp tiny.lskel.h bad.h
    flip opts_data bad.h
    mkdir -p in/.git/deep 'in/ '
    cp tiny.lskel.h in/good.h
    local long name names=(.bpf-chainsign.c.lskel.h .bpf-chainsign.AbCdEf .hidden $'new\nline' $'\x01\xff' -r x.o
        x.bpf.o x.txt x.png X.LSKEL.H '*' '[x]' .git/deep/x ' /  ')
    long=$(printf 'x%.0s' {1..255})
    for name in "${names[@]}" "$long"; do
        cp bad.h "in/$name"
        run verify -r in
        status_is 1
        counted "1 accepted, 1 rejected"
        rm "in/$name"
    done
    # below whatever text, good or bad: judged, or named
    python3 - <<'END'
good, bad = (open(name, "rb").read() for name in ("tiny.lskel.h", "bad.h"))
for n, text in enumerate([b"/* %s */" % (b"x" * 65536), b"/* %s */" % (b"x" * 5000000), b" " * 70000, b"\n" * 70000,
                          b"// %s\n" % (b"x" * 70000), b"#define X %s\n" % (b"1" * 70000), b"\xef\xbb\xbf"]):
    for kind, header in ("good", good), ("bad", bad):
        with open(f"text.{n}.{kind}", "wb") as file:
            file.write(text + header)
END
    for text in text.*; do
        cp "$text" in/hidden
        run verify -r in
        [ "$status" -ne 0 ] || [[ $text == *good && ${lines[-1]} == "2 accepted" ]] || { echo "$text: $output"; return 1; }
        output_has in/hidden
        [[ $text == *good || ${lines[-1]} == "1 accepted, 1 "* ]]
    done
    rm in/hidden
    run verify -r in
    status_is 0
    counted "1 accepted"
}

@test "what could be a light skeleton and is in no form that is read is not ignored" {
    object tiny
    sign --quiet tiny.bpf.o
    mkdir in
    cp tiny.lskel.h in/good.h
    cp tiny.lskel.h bad.h
    flip opts_data bad.h
    python3 - <<'END'
text = open("bad.h").read()
ctx = "struct bpf_chainsign_rt1_ctx"
assert f"{ctx} ctx" in text
def put(name, content):
    open(f"text.{name}", "wb").write(content.encode() if isinstance(content, str) else content)
put("utf16", text.encode("utf-16"))
put("utf16be", text.encode("utf-16-be"))
put("splice", text.replace("rt1_ctx ctx", "rt1\\\n_ctx ctx"))
put("comment", text.replace("rt1_ctx ctx", "rt1_ctx /* it's */ ctx"))
put("nul", text.replace("rt1_ctx ctx", "rt1_ctx\0ctx"))
put("unclosed", "#if 0\nit's '\n#endif\n" + text)
put("pragma", text.replace("#include <linux/bpf", '#pragma x "\n#include  <linux/bpf'))
put("member", text.replace(f"{ctx} ctx", f"int more; {ctx} ctx"))
put("macro", f"#define C {ctx}\n" + text.replace(f"{ctx} ctx", "C ctx"))
put("typedef", f"typedef {ctx} c;" + text.replace(f"{ctx} ctx", "c ctx"))
put("half", text[:2000])
put("two", text + text)
END
    for text in text.*; do
        cp "$text" in/hidden
        run verify -r in
        [ "$status" -ne 0 ] || { echo "$text: $output"; return 1; }
        output_has in/hidden
        [[ ${lines[-1]} == "1 accepted, 1 "* ]]
    done
    # by its name
    printf 'const char *x = "struct bpf_loader_ctx ctx;";\n' >in/hidden
    run verify -r in
    status_is 0
    for name in x.lskel.h X.LSKEL.H 'x.lskel.h~' $'x.lskel.h\n' .lskel.h; do
        mv in/* .
        mv hidden "in/$name"
        run verify -r in
        status_is 3
        output_has in/
        mv "in/$name" in/hidden
        mv good.h in
    done
    : >in/empty.lskel.h
    run verify -r in
    status_is 3
    output_has "in/empty.lskel.h: "
    rm in/*
    : >in/x.bpf.o
    run sign -r in
    status_is 3
    output_has "in/x.bpf.o: "
}

@test "a symbolic link does not hide a header" {
    object tiny
    sign --quiet tiny.bpf.o
    mkdir -p in/sub outside
    cp tiny.lskel.h in/good.h
    cp tiny.lskel.h outside/good.h
    cp tiny.lskel.h outside/bad.h
    flip opts_data outside/bad.h
    # to a file outside: judged, once
    ln -s ../outside/bad.h in/a-link
    ln -s a-link in/b-link
    run verify -r in
    status_is 1
    output_has "in/a-link: rejected"
    counted "1 accepted, 1 rejected"
    run verify -r -v in
    output_has "in/b-link: ignored: a link to a file that has another name here"
    # to what is in the folder: judged under its own name
    rm in/?-link
    ln -s good.h in/a-link
    ln -s ../../in in/sub/loop
    run verify -r in
    status_is 0
    counted "1 accepted"
    output_has "2 other files ignored"
    [[ $output != *a-link* ]]
    run verify -r in/good.h in
    status_is 0
    # to a folder outside: named, unless that is looked through, too
    ln -s ../outside in/away
    run verify -r in
    status_is 3
    output_has "in/away: is a link to a folder that is not searched"
    counted "1 accepted, 1 could not tell"
    run verify -r in outside
    status_is 1
    counted "2 accepted, 1 rejected"
    rm in/away
    # to nothing
    ln -s nowhere in/dangling
    ln -s circle in/circle
    run verify -r in
    status_is 3
    output_has "in/dangling: cannot open" "in/circle: cannot open"
    counted "1 accepted, 2 could not tell"
    ln -s nowhere in/x.lskel.h
    run verify -r in
    status_is 3
    output_has "in/x.lskel.h: cannot open"
    rm -r in/*
    ln -s ../outside/good.h in/link
    run verify -r in
    status_is 0
    counted "1 accepted"
}

@test "sign -r writes through no link, and says so" {
    object tiny
    sign --quiet tiny.bpf.o
    mkdir -p in outside
    cp tiny.bpf.o in
    mv tiny.lskel.h outside
    cp tiny.bpf.o outside/other.bpf.o
    ln -s ../outside/tiny.lskel.h in/link.h
    ln -s ../outside/other.bpf.o in/other.bpf.o
    ln -s ../outside in/folder
    ln -s tiny.bpf.o in/same.o
    cp -r outside before
    run "$TOOL" sign -r -k "$KEYS/p256.key" -c "$KEYS/p256.crt" in
    status_is 0
    output_has "in/link.h: ignored: a link, which is not followed" "in/other.bpf.o: ignored" \
        "in/folder: ignored: a link to a folder" "4 other files ignored"
    [[ $output != *same.o* ]]
    counted "1 signed"
    diff -r before outside
    [ ! -e in/other.lskel.h ]
    run "$TOOL" sign --strip -r in
    status_is 0
    counted "1 stripped"
    diff -r before outside
}

@test "pipes and devices are not waited for, and named" {
    object tiny
    sign --quiet tiny.bpf.o
    mkdir in
    mv tiny.lskel.h in
    mkfifo in/pipe
    ln -s /dev/zero in/zero
    python3 -c 'import socket; socket.socket(socket.AF_UNIX).bind("in/socket")'
    run timeout 10 "$TOOL" verify -c "$KEYS/rsa2048.crt" -r in
    status_is 3
    output_has "in/pipe: not a regular file" "in/zero: not a regular file" "in/tiny.lskel.h: accepted" \
        "1 other file ignored" "1 accepted, 2 could not tell"
    run verify --json -r in
    status_is 3
    [[ $output == *'"ignored": 1'* ]]
    run sign -r in
    status_is 0
    output_has "warning: in/pipe: ignored: a pipe or device" "warning: in/zero: ignored" "1 signed"
    mkfifo in/x.lskel.h
    run timeout 10 "$TOOL" verify -c "$KEYS/rsa2048.crt" -r in
    status_is 3
    output_has "in/x.lskel.h: not a regular file"
}

@test "other files are counted, and named with --verbose" {
    object tiny
    sign --quiet tiny.bpf.o
    mkdir in
    mv tiny.lskel.h tiny.bpf.o in
    echo 'What a struct bpf_loader_ctx is, and where it'"'"'s from.' >in/README.md
    printf '\x89PNG\0\1' >in/image
    cp "$TOOL" in/program
    truncate -s 300G in/sparse
    run verify -r in
    status_is 0
    output_has "4 other files ignored (--verbose names them)" "1 program without a signed image"
    counted "1 accepted"
    run verify -r -v in
    output_has "in/README.md: ignored: not a light skeleton or signed image" "in/image: ignored" \
        "in/program: ignored: a program without a signed image" \
        "in/tiny.bpf.o: ignored: an object, which has no signature" "4 other files ignored"
    verify --json -v -r in >out.json
    python3 - <<'END'
import json
document = json.load(open("out.json"))
passed = [r for r in document["results"] if r.get("status") == "ignored"]
assert document["summary"]["ignored"] == len(passed) - 1 == 4, document
assert document["summary"]["programs_without_image"] == 1, document
assert {r["file"] for r in passed} >= {"in/README.md", "in/sparse"}, passed
END
    run sign -r -v in
    output_has "in/tiny.lskel.h: ignored: the output of the object next to it"
}
