#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""What a kernel did with the headers of whole_make.c, and what the tool says of them.

    whole_compare.py PROGRAM KERNEL FOLDER KEYS ANSWERS [VERIFY-OPTION...]

FOLDER is whole_make's, KEYS has the certificates, ANSWERS is what the guest wrote (whole.h). PROGRAM is
asked with `verify --kernel KERNEL`: for the whole header, and for each scheme alone; and with `inspect`,
where the header loads. Prints "disagreement ID TEXT" for each, then a line of figures. Status 0.

What counts as agreement:

  accepted        the kernel loads it; or the loader fails at what it installs, and that was changed by
                  somebody who could sign it: programs are the verifier's to judge, not the tool's
  rejected        the kernel's errno is the same. Without one the header itself is refused: it is not what
                  this tool writes, or (code 0) nothing covers what it installs
  could not tell  a signature is accepted, and what the loader does is not known
"""
import collections
import json
import os
import subprocess
import sys

WAYS = ("chain", "folded", "insns", "insns-hash")
# Steps from which on there is no other way to try: BPF_PROG_LOAD took the loader.
LOADED = ("run", "loader", "check", "inside")
# Errnos of maps and signatures: what the loader is was not asked for.
BEFORE_THE_LOADER = (-1, -65, -74, -90, -126, -129)
E2BIG = -7


class Case:
    def __init__(self, line):
        number, certs, changed, schemes, self.title = line.rstrip("\n").split("\t")
        self.id = int(number)
        self.certs = certs
        self.changed = changed == "changed"
        self.schemes = schemes.split(",")
        self.ways = {}
        self.final = None
        self.maps = {}
        self.progs = {}

    def decider(self):
        """The step at which the load as a whole ended."""
        for way in WAYS:
            if way in self.ways and self.ways[way][0] in LOADED:
                return self.ways[way][0]
        return "load"


def read_list(folder):
    with open(os.path.join(folder, "list"), encoding="utf-8") as file:
        return {case.id: case for case in map(Case, file)}


def read_case(words, cases):
    case = cases[int(words[1])]
    if any(code != "0" for code in words[3].split(",") if code != "-"):
        sys.exit(f"case {case.id}: a certificate was not taken: {words[3]}")
    rest = words[4:]
    for way, step, code in zip(rest[0::3], rest[1::3], rest[2::3]):
        if way in WAYS and code != "-":
            case.ways[way] = (step, int(code))
    case.final = int(rest[-1])


def read_answers(path, cases):
    done = 0
    with open(path, encoding="utf-8", errors="replace") as file:
        for line in file:
            words = line.split()
            if not words:
                continue
            if words[0] == "case":
                read_case(words, cases)
            elif words[0] == "map":
                cases[int(words[1])].maps[int(words[2])] = words[3:]
            elif words[0] == "prog":
                cases[int(words[1])].progs[int(words[2])] = words[3:]
            elif words[0] == "done":
                done = int(words[1])
    return done


class Tool:
    def __init__(self, program, kernel, folder, keys, options):
        self.program, self.kernel, self.folder, self.keys, self.options = program, kernel, folder, keys, options

    def path(self, case):
        return os.path.join(self.folder, f"{case.id}.lskel.h")

    def run(self, args, cases):
        """The results by file, of as many calls as the length of a command line asks for."""
        found = {}
        for start in range(0, len(cases), 500):
            some = cases[start:start + 500]
            call = [self.program, *args, *(self.path(case) for case in some)]
            done = subprocess.run(call, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=False)
            if done.returncode not in (0, 1, 3):
                sys.exit(f"{' '.join(call[:12])}... ended with status {done.returncode}")
            for result in json.loads(done.stdout)["results"]:
                found[result["file"]] = result
        return {case.id: found.get(self.path(case)) for case in cases}

    def verify(self, cases, scheme):
        """Each case's result, for the keyring that it has; SCHEME None: of the whole header."""
        groups, found = collections.defaultdict(list), {}
        for case in cases:
            groups[case.certs].append(case)
        for certs, some in groups.items():
            # Nobody signs with this one where the keyring is to be empty: the tool wants one.
            names = ["noskid"] if certs == "-" else certs.split(",")
            args = ["verify", "--json", "--kernel", self.kernel, *self.options]
            args += [f"--cert={self.keys}/{name}.crt" for name in names]
            found.update(self.run(args + ([f"--scheme={scheme}"] if scheme else []), some))
        return found

    def inspect(self, cases):
        return self.run(["inspect", "--json"], cases)


def verdict_of(result):
    """(verdict, code or None, why) of one result."""
    if result is None:
        return "nothing", None, "no result"
    rows = result.get("signatures", [])
    verdict = result.get("verdict", "could not tell")
    if result.get("error") or len(rows) != 1:
        return verdict, None, result.get("error") or f"{len(rows)} rows"
    row = rows[0]
    if (verdict == "accepted") != (row["verdict"] == "valid"):
        return f"{verdict}, and {row['verdict']}", row["code"], "contradiction"
    return verdict, row["code"], row["reason"] or ""


def is_signed(way, step, code):
    """Whether the kernel took the signature; what it then said is the loader's. So is E2BIG, but for chain."""
    before = code in BEFORE_THE_LOADER or (code == E2BIG and way == "chain")
    return step in LOADED or (step == "load" and not before)


def judge(case, ways, step, code, verdict, ours, figures):
    """None, or what is wrong: the kernel ended at STEP with CODE; VERDICT with the errno OURS."""
    inside = step in ("inside", "run")
    if verdict == "accepted":
        if code and not (case.changed and inside):
            return "accepted"
        figures["installs what the kernel refuses" if code else "accepted"] += 1
    elif verdict == "rejected":
        if ours is None:
            figures["rejected as a header"] += 1
        elif ours == 0:
            if code and not inside:
                return "rejected, but for its errno"
            figures["rejected as uncovered"] += 1
        elif ours != code:
            return f"rejected with {ours}"
        else:
            figures["rejected"] += 1
    elif verdict == "could not tell":
        if ours is None:
            figures["could not read"] += 1
        elif not any(is_signed(way, *end) for way, end in ways.items()):
            return "could not tell"
        else:
            figures["could not tell"] += 1
    else:
        return verdict
    return None


def listing(case, result):
    """None, or how what was installed differs from what inspect lists."""
    if result is None or result.get("status") == "failed" or not result.get("loader"):
        return "inspect lists nothing"
    for i, map_ in enumerate(result["maps"]):
        want = [map_["name"], map_["type"]["number"], map_["key_size"], map_["value_size"], map_["max_entries"],
                map_["flags"], int(map_["frozen"])]
        contents = map_.get("contents")
        if map_["type"]["number"] == 2:
            want.append(contents if contents is not None else "00" * map_["value_size"])
        else:
            want.append("-")
        if [str(part) for part in want] != case.maps.get(i):
            return f"map {i}: installed {case.maps.get(i)}, listed {want}"
    for i, prog in enumerate(result["programs"]):
        want = [prog["kernel_name"], str(prog["type"]["number"])]
        if want != case.progs.get(i):
            return f"program {i}: installed {case.progs.get(i)}, listed {want}"
    if len(result["maps"]) != len(case.maps) or len(result["programs"]) != len(case.progs):
        return f"{len(case.maps)} maps and {len(case.progs)} programs, others are listed"
    return None


def compare(tool, cases, figures):
    """What is wrong, by the number of the case; its whole load comes first."""
    wrong = {}
    results = tool.verify(cases, None)
    for case in cases:
        verdict, ours, why = verdict_of(results[case.id])
        problem = judge(case, case.ways, case.decider(), case.final, verdict, ours, figures)
        if problem:
            wrong[case.id] = f"kernel {case.final} ({case.decider()}), ours {problem}: {why}"
    accepted = [case for case in cases if not case.final and verdict_of(results[case.id])[0] == "accepted"]
    listings = tool.inspect(accepted)
    for case in accepted:
        problem = listing(case, listings[case.id])
        figures["listings"] += 1
        if problem:
            wrong.setdefault(case.id, problem)
    for way in WAYS:
        some = [case for case in cases if way in case.ways]
        results = tool.verify(some, way)
        for case in some:
            step, code = case.ways[way]
            verdict, ours, why = verdict_of(results[case.id])
            problem = judge(case, {way: (step, code)}, step, code, verdict, ours, collections.Counter())
            if problem:
                wrong.setdefault(case.id, f"{way}: kernel {code} ({step}), ours {problem}: {why}")
    return wrong


def main():
    if len(sys.argv) < 6:
        sys.exit(__doc__)
    program, kernel, folder, keys, answers = sys.argv[1:6]
    cases = read_list(folder)
    done = read_answers(answers, cases)
    answered = [case for case in cases.values() if case.final is not None]
    figures = collections.Counter()
    tool = Tool(program, kernel, folder, keys, sys.argv[6:])
    wrong = compare(tool, answered, figures)
    if len(answered) != len(cases) or done != len(cases):
        wrong[0] = f"{len(cases) - len(answered)} of {len(cases)} cases without an answer of the kernel"
    for case_id, text in sorted(wrong.items()):
        title = cases[case_id].title if case_id in cases else ""
        print(f"disagreement {case_id} {text} [{title}]")
    codes = collections.Counter(case.final for case in answered)
    print(f"{len(answered)} cases, {len(wrong)} disagreements; the kernel:",
          " ".join(f"{code} x {nr}" for code, nr in sorted(codes.items(), reverse=True)) + "; ours:",
          ", ".join(f"{nr} {what}" for what, nr in sorted(figures.items())))


main()
