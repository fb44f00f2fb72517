#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Records of sign and verify, for tests/bats/record.bats.

tests/record.py check FILE...        every line is a statement by docs/record.schema.json, and by the rules
                                     of in-toto's Statement v1; prints how many there are
tests/record.py get FILE N PATH...   print a member of line N: names and indices; objects as JSON
tests/record.py digest FILE N NAME   print the sha256 of the subject NAME of line N
"""
import json
import os
import re
import sys

import jsonschema

SCHEMA = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "docs", "record.schema.json")


def refuse_twice(pairs):
    members = dict(pairs)
    if len(members) != len(pairs):
        sys.exit(f"a member comes twice: {[key for key, _ in pairs]}")
    return members


def lines(path):
    with open(path, encoding="utf-8", newline="\n") as file:
        text = file.read()
    if text and not text.endswith("\n"):
        sys.exit(f"{path}: the last line does not end")
    return [json.loads(line, object_pairs_hook=refuse_twice) for line in text.splitlines()]


# https://in-toto.io/Statement/v1, and ResourceDescriptor and TypeURI as it needs them; written here a
# second time, so that a mistake in our schema does not hide one in our statements.
def check_in_toto(statement):
    assert set(statement) <= {"_type", "subject", "predicateType", "predicate"}
    assert statement["_type"] == "https://in-toto.io/Statement/v1"
    assert re.fullmatch(r"[a-z][a-z0-9+.-]*:[^\s]+/v[0-9]+", statement["predicateType"])
    assert isinstance(statement["predicate"], dict)
    subjects = statement["subject"]
    assert isinstance(subjects, list) and subjects
    for subject in subjects:
        assert set(subject) <= {"name", "uri", "digest", "content", "downloadLocation", "mediaType",
                                "annotations"}
        assert subject["digest"]
        for name, value in subject["digest"].items():
            assert name == "sha256" and re.fullmatch("[0-9a-f]{64}", value)
    names = [subject["name"] for subject in subjects]
    assert len(set(names)) == len(names), f"subjects of one name: {names}"
    for signature in statement["predicate"]["signatures"]:
        assert set(signature["covers"]) <= set(names)


def check(paths):
    with open(SCHEMA, encoding="utf-8") as file:
        schema = json.load(file)
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)
    for path in paths:
        statements = lines(path)
        for statement in statements:
            validator.validate(statement)
            check_in_toto(statement)
        print(len(statements))


def main():
    what, *rest = sys.argv[1:]
    if what == "check":
        check(rest)
        return
    value = lines(rest[0])[int(rest[1])]
    if what == "digest":
        print(*[s["digest"]["sha256"] for s in value["subject"] if s["name"] == rest[2]])
        return
    for key in rest[2:]:
        value = value[int(key)] if isinstance(value, list) else value[key]
    print(value if isinstance(value, str) else json.dumps(value))


main()
