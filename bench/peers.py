#!/usr/bin/env python3
"""Put what another scanner reported into (operation, weakness, message), and score it as ours is scored.

    python bench/peers.py schemathesis EVENTS.ndjson --contract OPENAPI.json --shop fastapi --variant faulty [--list]
    python bench/peers.py plimsoll REPORT.json --contract OPENAPI.json --shop django --variant sound

Prints one JSON line: faults, found, findings, right, wrong, other, requests (null where the tool does not say).

The tables below say which weakness a message stands for. They are kind to the peers: where a message can stand for several weaknesses, any of them
counts; what another tool calls an injection because the answer was a 500 counts as the unhandled input that it is; repetitions at one operation count
once; and a message that stands for none of our weaknesses is *other*, which is neither right nor wrong. What does count is right when a fault of
the shop's faults.toml explains it (bench/score.py), and otherwise a false alarm; on a sound shop every one that counts is a false alarm.
"""

import argparse
import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
import score  # noqa: E402

AUTHENTICATION = ("auth-not-enforced", "missing-authentication", "method-auth-gap")

# Name of a schemathesis check -> weaknesses. Not here, and so *other*: status_code_conformance below 500, content_type_conformance,
# response_headers_conformance, positive_data_acceptance, allow_header_conformance, use_after_free, ensure_resource_availability,
# object_level_authorization (needs two users).
SCHEMATHESIS = {
    "not_a_server_error": ("unhandled-input",),
    "response_schema_conformance": ("undocumented-fields", "raw-attribute-values"),
    "negative_data_rejection": ("invalid-value-accepted",),
    "ignored_auth": AUTHENTICATION,
}

# Category of a wapiti report -> weaknesses. Injections, files, cookies and TLS have no counterpart in the shops.
WAPITI = {
    "Internal Server Error": ("unhandled-input",),
    "Open Redirect": ("open-redirect",),
    "Clickjacking Protection": ("missing-security-headers",),
    "MIME Type Confusion": ("missing-security-headers",),
    "HTTP Strict Transport Security (HSTS)": ("missing-security-headers",),
    "Content Security Policy Configuration": ("missing-security-headers",),
    "Resource consumption": ("input-driven-cost", "unbounded-read", "unbounded-batch", "unbounded-search", "synchronous-export"),
    "HTTP Methods": ("unexpected-method",),
    "Fingerprint web server": ("version-banner",),
    "Fingerprint web application framework": ("version-banner",),
    "Fingerprint web technology": ("version-banner",),
}
# These concern the application as a whole: wapiti names the base URL.
WAPITI_EVERYWHERE = {"missing-security-headers", "version-banner"}

# Name of an OFFAT test -> weaknesses; its injection tests go by the status, see `offat`. BOLA and BOPLA have no counterpart in the shops.
OFFAT = {
    "UnSupported HTTP Method Check": ("unexpected-method",),
    "Missing Authentication Test with Fuzzed Params": AUTHENTICATION,
}
# What OFFAT calls a data leak -> weaknesses.
OFFAT_LEAKS = {
    "email": ("pii-exposed",),
    "PhoneNumberIN": ("pii-exposed",),
    "AWSAccessKey": ("secret-exposed",),
    "AWSSecretKey": ("secret-exposed",),
    "ato_data": ("secret-exposed", "pii-exposed", "sensitive-jwt-claims", "undocumented-fields"),
}

# (method, path, weaknesses or (), message); a path of None is the application.
Message = tuple[str | None, str | None, tuple[str, ...], str]


def schemathesis_weaknesses(check: str, message: str) -> tuple[str, ...]:
    if check == "unsupported_method":
        # 404 instead of 405 is a matter of style, an answer of 2xx is not.
        return ("unexpected-method",) if re.search(r"returned 2\d\d", message) else ()
    if check == "missing_required_header":
        if not re.search(r"Got 2\d\d", message):
            return ()
        return AUTHENTICATION if "Authorization" in message else ("invalid-value-accepted",)
    if check == "status_code_conformance":
        return ("unhandled-input",) if re.search(r"Received: 5\d\d", message) else ()
    return SCHEMATHESIS.get(check, ())


def schemathesis(raw: Path) -> tuple[list[Message], int]:
    """The events of `st run --report ndjson`: every case with its checks."""
    found: list[Message] = []
    requests = 0
    with raw.open(encoding="utf-8") as lines:
        for line in lines:
            recorder = json.loads(line).get("ScenarioFinished", {}).get("recorder", {})
            requests += len(recorder.get("interactions", {}))
            for checks in recorder.get("checks", {}).values():
                for check in checks:
                    if check["status"] == "success":
                        continue
                    failure = check.get("failure_info", {}).get("failure", {})
                    message = f"{failure.get('title', '')}: {failure.get('message', '')}"
                    method, _, path = failure.get("operation", "").partition(" ")
                    found.append((method, path, schemathesis_weaknesses(check["name"], message), f"{check['name']}: {message}"))
    return found, requests


def wapiti(raw: Path) -> tuple[list[Message], None]:
    """The report of `wapiti -f json`; it does not count its requests."""
    report = json.loads(raw.read_text(encoding="utf-8"))
    found: list[Message] = []
    for part in ("vulnerabilities", "anomalies", "additionals"):
        for category, entries in report[part].items():
            weaknesses = WAPITI.get(category, ())
            everywhere = bool(WAPITI_EVERYWHERE.intersection(weaknesses))
            for entry in entries:
                place = (None, None) if everywhere else (entry["method"], entry["path"])
                found.append((*place, weaknesses, f"{category}: {entry['info']}"))
    return found, None


def offat(raw: Path) -> tuple[list[Message], int]:
    """The results of `offat -of json`: one for each request of a test that was answered."""
    results = json.loads(raw.read_text(encoding="utf-8"))["results"]
    found: list[Message] = []
    for result in results:
        place = (result["method"], result["endpoint"].split("?", 1)[0])
        name = result["test_name"]
        if result.get("vulnerable") in (True, "True"):
            # An answer to OPTIONS is how browsers ask, not a method that was forgotten.
            weaknesses = OFFAT.get(name, ()) if result["method"] != "OPTIONS" else ()
            if not weaknesses and str(result.get("response_status_code", "")).startswith("5"):
                weaknesses = ("unhandled-input",)
            found.append((*place, weaknesses, f"{name}: {result['vuln_details']}"))
        for kind in result.get("data_leak") or {}:
            found.append((*place, OFFAT_LEAKS.get(kind, ()), f"data leak: {kind}"))
    return found, len(results)


class Contract:
    """The operations of an OpenAPI document: which of them a concrete path means."""

    def __init__(self, document: dict) -> None:
        prefix = document.get("basePath", "").rstrip("/")
        methods = {"get", "put", "post", "delete", "options", "head", "patch", "trace"}
        self.paths = {
            prefix + path: sorted(name.upper() for name in item if name in methods)
            for path, item in document.get("paths", {}).items()
        }

    def template(self, path: str) -> str | None:
        """The path of the contract; literal segments win, and a fuzzed value may hold a slash."""
        if path in self.paths:
            return path
        for value in (r"[^/]+", r".+"):
            fitting = [
                candidate for candidate in self.paths
                if re.fullmatch(value.join(map(re.escape, re.split(r"\{[^}]*\}", candidate))), path, re.DOTALL)
            ]
            if fitting:
                return min(fitting, key=lambda candidate: candidate.count("{"))
        return None

    def operations(self, method: str, path: str) -> list[dict]:
        """What the finding is about: the operation, or those of the same path where the method is none of the contract's."""
        template = self.template(path)
        if template is None:
            return [{"method": method, "path": path}]
        methods = self.paths[template]
        return [{"method": name, "path": template} for name in ([method] if method in methods else methods)]


def findings(messages: list[Message], contract: Contract) -> Iterator[dict]:
    """In the shape of our report, each operation and weakness once. `weakness` is None for what is *other*."""
    seen = set()
    for method, path, weaknesses, message in messages:
        places = contract.operations(method, path) if method and path else []
        # Of what has no counterpart only the first words tell one kind from another.
        key = (json.dumps(places), weaknesses or message.split(":", 1)[0])
        if key in seen:
            continue
        seen.add(key)
        yield {
            "check": message.split(":", 1)[0],
            "weakness": weaknesses[0] if weaknesses else None,
            "alternatives": list(weaknesses[1:]),
            "severity": "medium",
            "operation": places[0] if places else None,
            "also": places[1:],
            "message": " ".join(message.split())[:160],
        }


def ours(raw: Path) -> dict:
    report = json.loads(raw.read_text(encoding="utf-8"))
    return {
        "findings": report["findings"], "operations": report["operations"], "requests": report["cost"]["requests"], "complete": report["complete"],
    }


def normalise(tool: str, raw: Path, contract: Contract) -> dict:
    """A report in our shape, with the number of requests and of what is *other*."""
    if tool == "plimsoll":
        return {**ours(raw), "other": []}
    messages, requests = {"schemathesis": schemathesis, "wapiti": wapiti, "offat": offat}[tool](raw)
    all_of_them = list(findings(messages, contract))
    return {
        "findings": [finding for finding in all_of_them if finding["weakness"]],
        "other": [finding for finding in all_of_them if not finding["weakness"]],
        "operations": [],
        "requests": requests,
    }


def judge(report: dict, shop: str, variant: str) -> dict:
    result = score.score(report, shop)
    wrong = score.score(report, shop, sound=True)["wrong"] if variant == "sound" else result["wrong"]
    return {
        "operations": result["operations"],
        "categories": result["categories"],
        "faults": result["faults"],
        "found": result["found"] if variant == "faulty" else None,
        "recall": result["recall"],
        "findings": result["findings"],
        "right": result["right"] if variant == "faulty" else 0,
        "precision": result["precision"],
        "wrong": wrong,
        "other": [f"{finding['check']} at {', '.join(sorted(score.operations(finding))) or 'application'}" for finding in report["other"]],
        "findings_per_operation": result["findings_per_operation"],
        "requests": report["requests"],
        "missed": result["missed"],
        "complete": report.get("complete"),
    }


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("tool", choices=["plimsoll", "schemathesis", "wapiti", "offat"])
    parser.add_argument("raw", type=Path, help="what the tool wrote")
    parser.add_argument("--contract", type=Path, required=True, help="the OpenAPI document, as JSON")
    parser.add_argument("--shop", choices=score.SHOPS, required=True)
    parser.add_argument("--variant", choices=["faulty", "sound"], required=True)
    parser.add_argument("--list", action="store_true", help="for reading: every finding that counts, with what it was taken for")
    args = parser.parse_args()
    contract = Contract(json.loads(args.contract.read_text(encoding="utf-8")))
    report = normalise(args.tool, args.raw, contract)
    if args.list:
        for finding in report["findings"]:
            names = "|".join([finding["weakness"], *finding.get("alternatives", [])])
            print(f"{', '.join(sorted(score.operations(finding))) or 'application'}: {names}: {finding['message']}")
        return 0
    print(json.dumps(judge(report, args.shop, args.variant)))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
