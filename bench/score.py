#!/usr/bin/env python3
"""Score a JSON report against a shop's faults.toml.

    python bench/score.py REPORT.json SHOP [--misses] [--json]

SHOP is `fastapi` or `django`. A fault that wire or contract show is *found* when a finding above info names its weakness (or one that the fault
accepts) at one of its operations; a fault whose weakness is a mere fact (severity info) is left out. A finding above info is *right* when some fault
explains it. Recall is found / faults, precision is right / findings. Exit code 0; the caller compares.
"""

import argparse
import json
import re
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "lab" / "tests"))
import faults as catalogue  # noqa: E402

# Weaknesses that the scanner reports as facts: nothing is lost when they are not above info.
FACTS = {"uncompressed-answer", "missing-challenge", "callback-surface", "version-banner", "documentation-exposed"}


def template(operation: str) -> str:
    """An operation without the names of its path parameters: discovery cannot know them."""
    return re.sub(r"\{[^}]*\}", "{}", operation)


def operations(finding: dict) -> set[str]:
    keys = [finding.get("operation"), *finding.get("also", [])]
    return {f"{key['method']} {key['path']}" for key in keys if key}


def explains(fault: catalogue.Fault, finding: dict) -> bool:
    """Whether this fault is a cause of the finding. A message of another scanner can stand for several weaknesses (bench/peers.py)."""
    named = {finding["weakness"], *finding.get("alternatives", [])}
    if not named & {fault.weakness, *fault.accept}:
        return False
    mine = operations(finding)
    return not mine or "*" in fault.operations or bool(set(map(template, mine)) & set(map(template, fault.operations)))


def score(report: dict, shop: str) -> dict:
    faults = catalogue.load(shop)
    findings = [finding for finding in report["findings"] if finding["severity"] != "info"]
    visible = [f for f in faults if f.on_the_wire and f.scored and f.weakness in catalogue.SCANNED and f.weakness not in FACTS]
    found = [fault for fault in visible if any(explains(fault, finding) for finding in findings)]
    right = [finding for finding in findings if any(explains(fault, finding) for fault in faults)]
    wrong = [finding for finding in findings if finding not in right]
    ratio = lambda part, whole: round(len(part) / len(whole), 4) if whole else 1.0  # noqa: E731
    return {
        "faults": len(visible),
        "found": len(found),
        "recall": ratio(found, visible),
        "findings": len(findings),
        "right": len(right),
        "precision": ratio(right, findings),
        "operations": len(report["operations"]),
        "findings_per_operation": round(len(findings) / max(1, len(report["operations"])), 2),
        "missed": [f"{f.weakness} at {', '.join(f.operations)} ({f.id})" for f in visible if f not in found],
        "wrong": [f"{w['check']}/{w['weakness']} at {', '.join(sorted(operations(w))) or 'application'}: {w['message']}" for w in wrong],
    }


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("report", type=Path)
    parser.add_argument("shop", choices=["fastapi", "django"])
    parser.add_argument("--misses", action="store_true", help="also list what was missed and what was wrong")
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args()
    result = score(json.loads(args.report.read_text()), args.shop)
    if args.json:
        print(json.dumps(result))
        return 0
    print(f"recall {result['recall']:.1%} ({result['found']}/{result['faults']}), precision {result['precision']:.1%} "
          f"({result['right']}/{result['findings']}), {result['findings_per_operation']} findings per operation")
    if args.misses:
        for kind in ("missed", "wrong"):
            print(f"{kind}:")
            for line in result[kind]:
                print(f"  {line[:200]}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
