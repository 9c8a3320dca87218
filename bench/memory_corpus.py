#!/usr/bin/env python3
"""Runs `plimsoll memory` on a corpus of labelled cases, both the suspect form and its clean twin, and scores what it says.

    bench/memory_corpus.py CORPUS [--case TEXT ...] [--twin leaky|clean|both] [--plimsoll PATH] [--time TIME] [--keep FOLDER]

CORPUS (or PLIMSOLL_CORPUS) is a folder with one folder for each case: `leaky.py`, `clean.py` and `CASE.toml`, which says what is true (kind = leak, peak or none;
[[fault]] the lines; [drive] the request; [measured] the bytes). `seed.py` beside them fills the emulator. Each case is started by the program itself, on an emulator
that is shared by all; cases with streams get moto, the only emulator here whose streams boto3 accepts.

What is counted: the verdict (a leak is called one; nothing else is, and a peak is called a peak), whether the interval (5 % wider, since the emulator and the
versions differ from those of the label) holds the labelled bytes, whether a reported line is a labelled one or in the same function within a few lines, and whether
a retaining path is named. Output: a Markdown table and a summary; exit code 1 where a verdict is wrong.
"""

import ast
import json
import pathlib
import subprocess
import sys
import tempfile
import time

from cases import Emulators, command_of, options_of, parsed, request_of, wanted

def measure(folder, case, twin, environment, options, keep):
    operation, target = request_of(case["drive"], (folder / "leaky.py").read_text())
    with tempfile.TemporaryDirectory() as place:
        config = pathlib.Path(place) / "plimsoll.toml"
        config.write_text("[memory.requests]\n%s = %s\n" % (json.dumps(operation), json.dumps(target)))
        report = pathlib.Path(place) / "report.json"
        command = [options.plimsoll, "memory", "--config", str(config), "--operation", operation, "--cwd", str(folder), "--quiet", "--exit-zero",
                   "--output", str(report)]
        if options.time:
            command += ["--time", options.time]
        if case["drive"]["method"] != "GET":
            command += ["--allow-writes", operation]
        began = time.monotonic()
        done = subprocess.run(command + options.more + ["--", *command_of(case, twin)], env=environment, capture_output=True, text=True, timeout=600)
        took = time.monotonic() - began
        if keep:
            (keep / ("%s-%s.txt" % (folder.name, twin))).write_text(" ".join(command) + "\n" + done.stdout + done.stderr)
        if not report.exists():
            return None, took, (done.stderr.strip().splitlines() or ["exit %d" % done.returncode])[-1]
        text = report.read_text()
        if keep:
            (keep / ("%s-%s.json" % (folder.name, twin))).write_text(text)
        found = json.loads(text).get("memory", [])
        return (found[0] if found else None), took, "" if found else "nothing measured: " + (done.stdout.strip().splitlines() or ["?"])[-1]


def function_of(file, line):
    names = []
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) and min([node.lineno] + [d.lineno for d in node.decorator_list]) <= line <= node.end_lineno:
            names.append((node.lineno, node.name))
    return max(names)[1] if names else ""


def lines_of(said, folder):
    """(line, function, how) for every line of the application that the report points to."""
    for retainer in said.get("retained_by", [])[:2]:
        for at in retainer.get("stored_at", []):
            yield at["line"], at.get("function") or "", "stored"
    for at in said.get("allocated_at", [])[:4]:
        if at["own"]:
            yield at["line"], at.get("function") or "", "allocated"


def judge(case, folder, twin, said):
    kind = case["kind"] if twin == "leaky" else "none"
    verdict = said["verdict"]
    wanted = {"leak": {"leak"}, "peak": {"peak"}, "none": {"none", "plateau", "inconclusive"}}[kind]
    row = {"kind": kind, "verdict": verdict, "right": verdict in wanted or twin == "clean" and verdict == "peak", "false alarm": verdict == "leak" and kind != "leak"}
    if kind != "leak":
        return row
    truth = case["measured"]["leaky_bytes_per_request"]
    rate = said.get("bytes_per_request")
    row["truth"] = truth
    row["inside"] = bool(rate) and rate["low"] - 0.05 * truth <= truth <= rate["high"] + 0.05 * truth
    faults = {line for fault in case["fault"] for line in fault["lines"]}
    lines = list(lines_of(said, folder))
    places = {function_of(folder / fault["file"], line) for fault in case["fault"] for line in fault["lines"]}
    row["line"] = any(line in faults for line, _, _ in lines)
    row["allocation"] = any(line in faults or function.rsplit(".", 1)[-1] in places for line, function, how in lines if how == "allocated")
    row["holder"] = any(retainer["named"] and retainer["own"] for retainer in said.get("retained_by", [])[:1])
    return row


def main():
    options = options_of()
    options.add_argument("--twin", choices=["leaky", "clean", "both"], default="both")
    options.add_argument("--time", help="time for each operation; the program's own default without it")
    options.add_argument("more", nargs="*", help="further options of plimsoll memory, after --")
    options = parsed(options)
    if options.keep:
        options.keep.mkdir(parents=True, exist_ok=True)
    rows = []
    print("| case | kind | verdict | bytes a request | labelled | holder | stored or allocated at | s |\n|---|---|---|---|---|---|---|---|", flush=True)
    with Emulators(options.corpus) as emulators:
        for folder, case in wanted(options):
            for twin in ("leaky", "clean") if options.twin == "both" else (options.twin,):
                said, took, why = measure(folder, case, twin, emulators.environment(folder), options, options.keep)
                name = folder.name + ("" if twin == "leaky" else " (clean twin)")
                if said is None:
                    rows.append({"kind": case["kind"] if twin == "leaky" else "none", "right": False, "false alarm": False})
                    print("| %s | | **no result**: %s | | | | | %.0f |" % (name, why.replace("|", "/")[:120], took), flush=True)
                    continue
                row = judge(case, folder, twin, said)
                rows.append(row)
                rate = said.get("bytes_per_request")
                holder = next((retainer["text"] for retainer in said.get("retained_by", [])), "")
                lines = sorted({"%d %s" % (line, how) for line, _, how in lines_of(said, folder)})
                print("| %s | %s | %s%s | %s | %s%s | %s%s | %s%s | %.0f |" % (
                    name, row["kind"], row["verdict"], "" if row["right"] else " **wrong**",
                    "%.0f [%.0f, %.0f]" % (rate["value"], rate["low"], rate["high"]) if rate else "",
                    row.get("truth", ""), "" if row.get("inside", True) else " **outside**",
                    "`%s`" % holder[:90] if holder else "", "" if row.get("holder", True) else " **none**",
                    ", ".join(lines[:4]), "" if row.get("line", True) else " **other**", took), flush=True)
    leaks = [row for row in rows if row["kind"] == "leak"]
    count = lambda key, of: "%d of %d" % (sum(bool(row.get(key)) for row in of), len(of))  # noqa: E731
    print("\nleaks found: %s · bytes inside the interval: %s · line: %s (allocated: %s) · holder named: %s" % (
        count("right", leaks), count("inside", leaks), count("line", leaks), count("allocation", leaks), count("holder", leaks)))
    print("peaks called peaks: %s · the rest without a false alarm: %d of %d" % (
        count("right", [row for row in rows if row["kind"] == "peak"]), sum(not row["false alarm"] for row in rows if row["kind"] != "leak"),
        sum(row["kind"] != "leak" for row in rows)))
    return 0 if all(row["right"] for row in rows) else 1


if __name__ == "__main__":
    sys.exit(main())
