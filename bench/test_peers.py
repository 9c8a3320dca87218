"""What bench/peers.py makes of the peers' messages. Run: .tools/lab-venv/bin/python -m pytest -p no:cacheprovider bench"""

import json
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent))
import peers  # noqa: E402

CONTRACT = peers.Contract({"paths": {
    "/items": {"get": {}, "post": {}},
    "/items/by-ids": {"get": {}},
    "/items/{id}": {"get": {}, "parameters": []},
    "/items/{id}/parts": {"get": {}},
}})


@pytest.mark.parametrize(("path", "template"), [
    ("/items", "/items"),
    ("/items/{id}", "/items/{id}"),
    ("/items/by-ids", "/items/by-ids"),
    ("/items/7", "/items/{id}"),
    ("/items/%m7X6Ra}s8/parts", "/items/{id}/parts"),
    ("/items/a/b#c", "/items/{id}"),
    ("/other", None),
])
def test_a_concrete_path_is_traced_to_its_operation(path, template):
    assert CONTRACT.template(path) == template


def test_a_method_that_is_not_in_the_contract_concerns_all_of_its_path():
    assert CONTRACT.operations("TRACE", "/items") == [{"method": "GET", "path": "/items"}, {"method": "POST", "path": "/items"}]
    assert CONTRACT.operations("POST", "/items") == [{"method": "POST", "path": "/items"}]


@pytest.mark.parametrize(("check", "message", "weaknesses"), [
    ("not_a_server_error", "Server error: ", ("unhandled-input",)),
    ("status_code_conformance", "Received: 500\nDocumented: 200", ("unhandled-input",)),
    ("status_code_conformance", "Received: 404\nDocumented: 200", ()),
    ("unsupported_method", "Unsupported method TRACE returned 200, expected 405", ("unexpected-method",)),
    ("unsupported_method", "Unsupported method TRACE returned 404, expected 405", ()),
    ("missing_required_header", "Got 200 when missing required 'Authorization' header", peers.AUTHENTICATION),
    ("missing_required_header", "Got 429 when missing required 'Authorization' header", ()),
    ("positive_data_acceptance", "Valid data should have been accepted", ()),
])
def test_schemathesis(check, message, weaknesses):
    assert peers.schemathesis_weaknesses(check, message) == weaknesses


def test_schemathesis_events(tmp_path):
    failure = {"operation": "GET /items/{id}", "title": "Server error", "message": ""}
    recorder = {
        "interactions": {"a": {}, "b": {}},
        "checks": {name: [{"name": "not_a_server_error", "status": "failure", "failure_info": {"failure": failure}},
                          {"name": "ignored_auth", "status": "success"}] for name in "ab"},
    }
    events = [{"PhaseStarted": {}}, {"ScenarioFinished": {"recorder": {"label": "skipped"}}}, {"ScenarioFinished": {"recorder": recorder}}]
    raw = tmp_path / "events.ndjson"
    raw.write_text("\n".join(map(json.dumps, events)))
    report = peers.normalise("schemathesis", raw, CONTRACT)
    assert report["requests"] == 2
    assert [(finding["operation"], finding["weakness"]) for finding in report["findings"]] == [({"method": "GET", "path": "/items/{id}"}, "unhandled-input")]


def test_wapiti_headers_concern_the_application_and_injections_are_other(tmp_path):
    entry = {"method": "GET", "path": "/", "info": "it is not set"}
    raw = tmp_path / "report.json"
    raw.write_text(json.dumps({
        "vulnerabilities": {"Clickjacking Protection": [entry], "MIME Type Confusion": [entry], "SQL Injection": [{**entry, "path": "/items/1"}]},
        "anomalies": {"Internal Server Error": [{**entry, "path": "/items/1"}]},
        "additionals": {},
    }))
    report = peers.normalise("wapiti", raw, CONTRACT)
    assert [(finding["operation"], finding["weakness"]) for finding in report["findings"]] == [
        (None, "missing-security-headers"), ({"method": "GET", "path": "/items/{id}"}, "unhandled-input")]
    assert len(report["other"]) == 1 and report["requests"] is None


def test_offat_injections_go_by_the_status(tmp_path):
    def result(name, method, status, vulnerable=True, **more):
        return {"test_name": name, "method": method, "endpoint": "/items/x'y", "vulnerable": vulnerable, "vuln_details": "d",
                "response_status_code": status, "data_leak": {}, **more}

    raw = tmp_path / "report.json"
    raw.write_text(json.dumps({"results": [
        result("SQLi Test", "GET", 500), result("SSTI Test", "GET", 500), result("SQLi Test", "GET", 200), result("SQLi Test", "GET", 500, vulnerable=False),
        result("UnSupported HTTP Method Check", "OPTIONS", 200), result("UnSupported HTTP Method Check", "PUT", 200),
        result("XSS", "GET", 404, vulnerable=False, data_leak={"email": ["a@b.c"], "ip": ["127.0.0.1"]}),
    ]}))
    report = peers.normalise("offat", raw, CONTRACT)
    assert [finding["weakness"] for finding in report["findings"]] == ["unhandled-input", "unexpected-method", "pii-exposed"]
    assert sorted(finding["check"] for finding in report["other"]) == ["SQLi Test", "UnSupported HTTP Method Check", "data leak"]
    assert report["requests"] == 7
