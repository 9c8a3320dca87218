#!/usr/bin/env python3
"""Score a JSON report against the faults.toml of a shop or a desk.

    python bench/score.py REPORT.json SHOP [--misses] [--categories] [--json]

SHOP is `fastapi`, `django`, `desk-fastapi` or `desk-django`; `--sound` says that the report is of the sound variant, where every finding
above info is wrong. A fault that wire or contract show is *found* when a finding above info names its weakness (or one that the fault
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

SHOPS = ("fastapi", "django", "desk-fastapi", "desk-django")

# What `--categories` groups by: the words for what a scan looks for.
CATEGORIES = {
    "objects of others (API1)": "broken-object-authorization guessable-object-ids",
    "authentication and tokens (API2)": "auth-not-enforced missing-authentication method-auth-gap unsigned-jwt weak-jwt-secret unbounded-jwt "
    "sensitive-jwt-claims missing-challenge unverified-token expired-token-accepted",
    "properties (API3)": "internal-property-exposed mass-assignment undocumented-fields secret-exposed pii-exposed",
    "functions of others (API5)": "broken-function-authorization access-rule-bypass",
    "flows (API6)": "unprotected-flow account-enumeration",
    "forged requests (API7)": "server-side-request-forgery caller-chosen-address",
    "injection": "sql-injection store-query-injection template-injection command-injection header-injection path-traversal reflected-input "
    "open-redirect injectable-dependency",
    "transport, headers, cookies, origins (API8)": "insecure-cookie missing-security-headers permissive-cors plaintext-transport outdated-tls "
    "weak-cipher-suite weak-certificate unverifiable-certificate mixed-content",
    "inventory (API9)": "metrics-exposed exposed-file exposed-debug-endpoint exposed-admin-panel debug-mode older-version-answers "
    "documentation-exposed deprecated-operation undocumented-operation staging-host-exposed version-banner parallel-versions",
    "consumption (API10)": "upstream-error-exposed redirect-followed third-party-redirect third-party-script unsigned-callback "
    "insecure-third-party-url callback-surface",
    "GraphQL and RPC": "graphql-introspection graphql-suggestions graphql-unbounded graphql-unbounded-depth graphql-unbounded-aliases "
    "graphql-unbounded-batch graphql-field-exposed graphql-get-mutation rpc-unbounded-batch rpc-methods-listed",
    "contract against wire": "contract-violation undocumented-answer",
}
REST = "resources, errors, other"
CATEGORY = {weakness: name for name, weaknesses in CATEGORIES.items() for weakness in weaknesses.split()}

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


def category(weakness: str) -> str:
    return CATEGORY.get(weakness, REST)


def ratio(part: list, whole: list) -> float:
    return round(len(part) / len(whole), 4) if whole else 1.0


def described(finding: dict) -> str:
    return f"{finding['check']}/{finding['weakness']} at {', '.join(sorted(operations(finding))) or 'application'}: {finding['message']}"


def score(report: dict, shop: str, sound: bool = False) -> dict:
    faults = [] if sound else catalogue.load(shop)
    findings = [finding for finding in report["findings"] if finding["severity"] != "info"]
    visible = [f for f in faults if f.on_the_wire and f.scored and f.weakness in catalogue.SCANNED and f.weakness not in FACTS]
    found = [fault for fault in visible if any(explains(fault, finding) for finding in findings)]
    right = [finding for finding in findings if any(explains(fault, finding) for fault in faults)]
    wrong = [finding for finding in findings if finding not in right]
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
        "wrong": [described(finding) for finding in wrong],
        "categories": {
            name: {
                "faults": sum(category(fault.weakness) == name for fault in visible),
                "found": sum(category(fault.weakness) == name for fault in found),
                "findings": sum(category(finding["weakness"]) == name for finding in findings),
                "right": sum(category(finding["weakness"]) == name for finding in right),
            }
            for name in [*CATEGORIES, REST]
        },
    }


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("report", type=Path)
    parser.add_argument("shop", choices=SHOPS)
    parser.add_argument("--sound", action="store_true", help="the report is of the sound variant")
    parser.add_argument("--misses", action="store_true", help="also list what was missed and what was wrong")
    parser.add_argument("--categories", action="store_true", help="also a line for each category")
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args()
    result = score(json.loads(args.report.read_text()), args.shop, args.sound)
    if args.json:
        print(json.dumps(result))
        return 0
    print(f"recall {result['recall']:.1%} ({result['found']}/{result['faults']}), precision {result['precision']:.1%} "
          f"({result['right']}/{result['findings']}), {result['findings_per_operation']} findings per operation")
    if args.categories:
        for name, counts in result["categories"].items():
            print(f"  {name:45} found {counts['found']:2} of {counts['faults']:2}, right {counts['right']:2} of {counts['findings']:2}")
    if args.misses:
        for kind in ("missed", "wrong"):
            print(f"{kind}:")
            for line in result[kind]:
                print(f"  {line[:200]}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
