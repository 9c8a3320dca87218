#!/usr/bin/env python3
"""Scores the code vantage on a corpus of labelled cases.

    bench/code_corpus.py CORPUS [--binary target/release/plimsoll] [--verbose]

A case is a folder with `CASE.toml`, a suspect form (`leaky.py` or `leaky/`) and a twin with the same answers (`clean.py` or `clean/`). Each form is
analysed alone. A fault is found when a finding of the case's kind stands on its line, give or take one. Every finding of kind leak or peak that is above
info counts for precision: right on a case of that kind, wrong on a case of kind `none` (for leaks) and on any clean twin. Findings above info of any
kind on clean twins are listed: there must be none.
"""

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path


def findings(binary: list[str], form: Path) -> list[dict]:
    """What is found in a form, analysed in a folder of its own so that its twin does not play along."""
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / form.name
        if form.is_dir():
            shutil.copytree(form, target)
        else:
            shutil.copy(form, target)
        run = subprocess.run([*binary, folder], capture_output=True, text=True, timeout=120, check=False)
    if run.returncode not in (0, 1, 10):
        sys.exit(f"{' '.join(binary)} {form} failed with {run.returncode}:\n{run.stderr}")
    text = run.stdout.strip()
    if not text:
        return []
    if text.startswith("{") and "\n{" in text:
        return [json.loads(line) for line in text.splitlines()]
    report = json.loads(text)
    return report["findings"] if "findings" in report else [report]


def line_of(finding: dict) -> tuple[str, int]:
    source = finding.get("source") or {}
    return Path(source.get("file", "")).as_posix(), source.get("line", 0)


def same_place(finding: dict, file: str, lines: list[int]) -> bool:
    found, line = line_of(finding)
    return found.endswith(Path(file).name) and any(abs(line - wanted) <= 1 for wanted in lines)


def shown(finding: dict) -> str:
    file, line = line_of(finding)
    return f"{finding['severity']:<8} {finding['kind']:<9} {finding['check']:<30} {file}:{line} {finding['confidence']}"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpus", type=Path)
    parser.add_argument("--binary", default="target/release/plimsoll")
    parser.add_argument("--raw", action="store_true", help="the binary takes a path and prints findings")
    parser.add_argument("--verbose", action="store_true")
    options = parser.parse_args()
    binary = [options.binary] if options.raw else [options.binary, "code", "--format", "json", "--exit-zero"]
    wanted = {"leak": 0, "peak": 0}
    found = {"leak": 0, "peak": 0}
    right = wrong = loud = 0
    for folder in sorted(path.parent for path in options.corpus.glob("*/CASE.toml")):
        case = tomllib.loads((folder / "CASE.toml").read_text())
        kind = case["kind"]
        forms = {name: next((p for p in (folder / name, folder / f"{name}.py") if p.exists()), None) for name in ("leaky", "clean")}
        suspect = findings(binary, forms["leaky"])
        twin = findings(binary, forms["clean"]) if forms["clean"] else []
        telling = [one for one in suspect if one["kind"] in ("leak", "peak") and one["severity"] != "info"]
        problems = []
        if kind in wanted:
            wanted[kind] += 1
            faults = case.get("fault", [])
            hit = any(one["kind"] == kind and same_place(one, fault["file"], fault["lines"]) for one in telling for fault in faults)
            found[kind] += hit
            if not hit:
                problems.append(f"missed {kind} at {[(fault['file'], fault['lines']) for fault in faults]}")
        for one in telling:
            good = one["kind"] == kind or (kind != "none" and one["kind"] == "peak") or (kind == "none" and one["kind"] == "peak")
            right, wrong = right + good, wrong + (not good)
            if not good:
                problems.append(f"wrong on {kind}: {shown(one)}")
        for one in twin:
            if one["severity"] != "info":
                loud += 1
                wrong += one["kind"] in ("leak", "peak")
                problems.append(f"on the clean twin: {shown(one)}")
        if problems or options.verbose:
            print(f"{folder.name} ({kind})")
            for problem in problems:
                print(f"    {problem}")
            if options.verbose:
                for one in suspect:
                    print(f"    - {shown(one)}")
    for kind, count in wanted.items():
        print(f"{kind}: {found[kind]} of {count} found")
    print(f"precision of leaks and peaks: {right} right, {wrong} wrong; above info on clean twins: {loud}")
    missed = sum(wanted.values()) - sum(found.values())
    return 1 if missed or wrong or loud else 0


if __name__ == "__main__":
    sys.exit(main())
