#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-2-Clause
# --json: every document is one by docs/output.schema.json, whatever became of the inputs

load common

# valid FILE: a document by the schema; prints its verdicts and statuses
valid() {
    python3 - "$1" "$ROOT/docs/output.schema.json" <<'END'
import json
import sys

import jsonschema

document, schema = (json.load(open(name, encoding="utf-8")) for name in sys.argv[1:])
jsonschema.Draft202012Validator.check_schema(schema)
jsonschema.Draft202012Validator(schema).validate(document)
print(*[result.get("verdict", result.get("status", "shown")) for result in document["results"]], sep=",")
END
}

setup_inputs() {
    ROOT=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
    object typical
    sign -q typical.bpf.o
    cp typical.lskel.h tampered.lskel.h
    flip opts_data tampered.lskel.h
    "$TOOL" sign -q --strip -o unsigned.lskel.h typical.lskel.h
    head -n 40 typical.lskel.h >broken.lskel.h
}

@test "verify: accepted, rejected, unsigned, could not tell, and inputs that were skipped" {
    setup_inputs
    verify --json typical.lskel.h tampered.lskel.h unsigned.lskel.h broken.lskel.h missing.lskel.h >out 2>err || [ $? -eq 3 ]
    [ "$(valid out)" = "accepted,rejected,unsigned,could not tell,could not tell" ]
    verify --json --fail-fast -j 1 tampered.lskel.h typical.lskel.h >out 2>err || [ $? -eq 1 ]
    [ "$(valid out)" = "rejected,skipped" ]
    verify --json --kernel all --scheme all typical.lskel.h >out 2>err || [ $? -eq 1 ]
    [ "$(valid out)" = rejected ]
    verify --json --scheme insns-hash typical.lskel.h >out 2>err || [ $? -eq 1 ]
    [ "$(valid out)" = unsigned ]
    # a folder, and a pipe
    mkdir folder && mkfifo pipe
    verify --json folder pipe typical.lskel.h >out 2>err || [ $? -eq 3 ]
    [ "$(valid out)" = "could not tell,could not tell,accepted" ]
    verify --json -r folder >out 2>err || [ $? -eq 3 ]
    [ "$(valid out)" = "could not tell" ]
    # a run that never comes to its inputs
    "$TOOL" verify --json --cert missing.crt typical.lskel.h >out 2>err || [ $? -eq 3 ]
    [ -z "$(valid out)" ]
    python3 -c 'import json; assert "missing.crt" in json.load(open("out"))["error"]'
}

@test "text that is not the rendering: rejected, with its line and the reason" {
    setup_inputs
    sed 's/attr.max_entries = 1;/attr.max_entries = 2;/' typical.lskel.h >text.lskel.h
    verify --json text.lskel.h >out 2>err || [ $? -eq 1 ]
    [ "$(valid out)" = rejected ]
    python3 -c 'import json; r = json.load(open("out"))["results"][0]; assert r["line"] > 0 and r["error"]'
}

@test "sign, chain and inspect" {
    setup_inputs
    sign --json typical.bpf.o >out
    [ "$(valid out)" = signed ]
    sign --json --detached typical.bpf.o >out
    [ "$(valid out)" = signed ]
    "$TOOL" sign --json --strip -o u.lskel.h typical.lskel.h >out
    [ "$(valid out)" = stripped ]
    "$TOOL" sign --json --unsigned -o u.lskel.h typical.lskel.h >out
    [ "$(valid out)" = unsigned ]
    "$TOOL" sign --json --prepare request typical.bpf.o >out
    [ "$(valid out)" = shown ]
    sign --json broken.lskel.h >out 2>err || [ $? -eq 3 ]
    [ "$(valid out)" = failed ]
    "$TOOL" chain --json typical.lskel.h broken.lskel.h >out 2>err || [ $? -eq 3 ]
    [ "$(valid out)" = shown,failed ]
    "$TOOL" inspect --json typical.lskel.h >out
    [ "$(valid out)" = shown ]
    "$TOOL" inspect --json --deny warning typical.lskel.h >out
    [ "$(valid out)" = shown ]
    sign -q --no-seal --scheme folded --allow open-values --allow open-sizes typical.bpf.o 2>err
    "$TOOL" inspect --json --deny danger typical.lskel.h >out 2>err || [ $? -eq 1 ]
    [ "$(valid out)" = shown ]
    grep -q '"error": "\[open-values\]' out
}

@test "inspect: every sample" {
    for name in attach externs globals long_names maps tiny typed typical; do
        object $name
        "$TOOL" inspect --json $name.bpf.o >out
        [ "$(valid out)" = shown ]
    done
}
