"""What becomes of each fault of the published samples: the handbook's table is held against `plimsoll code` and `plimsoll scan`.

The table is in `docs/src/seed-rows.md`; one row for each fault of each CASE.toml. Where it names a rule of the code, the rule
reports it in `faulty.py`, with the kind that the table says; where it names a check of the wire, a scan of the running sample does.
The twins are silent to every rule.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from sample_cases import CASES, LAB, SAMPLES, emulators, faults, running_store, tables

PAGE = LAB.parent / "docs" / "src" / "seed-rows.md"
PLIMSOLL = next(
    (path for kind in ("debug", "release") if (path := LAB.parent / "target" / kind / "plimsoll").exists()), None
)
ROW = re.compile(r"^\| `(s\d-ex\d-[a-z-]+)` \| `([a-z-]+)` \| ([a-z-]+) \| (.*) \|$", re.M)
TOLD = {(case, fault): (kind, found) for case, fault, kind, found in ROW.findall(PAGE.read_text())}


def by(side: str) -> list[tuple[str, str, str, str]]:
    """(case, fault, kind, check) of every row that names a check of that side: `check` (side)."""
    return [
        (case, fault, kind, check)
        for (case, fault), (kind, found) in TOLD.items()
        for check, where in re.findall(r"`([a-z-]+)` \((\w+)\)", found)
        if where == side
    ]


@pytest.fixture(scope="module")
def plimsoll() -> str:
    if PLIMSOLL is None:
        pytest.skip("no plimsoll was built: cargo build -p plimsoll")
    return str(PLIMSOLL)


def findings(*command: str) -> list[dict]:
    told = subprocess.run([*command, "--format", "json", "--exit-zero", "--quiet"], capture_output=True, timeout=120)
    assert told.returncode == 0, told.stderr.decode()
    return json.loads(told.stdout)["findings"]


def test_every_fault_has_a_row():
    assert set(TOLD) == {(case, fault) for case in CASES for fault in faults(case)}
    assert all(kind == faults(case)[fault]["kind"] for (case, fault), (kind, _) in TOLD.items())


def test_every_fault_is_reported_by_something():
    reported = {(case, fault) for side in ("code", "wire", "contract") for case, fault, *_ in by(side)}
    assert set(TOLD) == reported


@pytest.mark.parametrize(("case", "fault"), [key for key in TOLD if "code" in faults(key[0])[key[1]]["visible"]])
def test_what_the_code_shows_stands_near_its_line(plimsoll, case, fault):
    """Of the faults that a rule reports, the rule does so within the statement or function that the list points at."""
    rules = {check for other, which, _, check in by("code") if (other, which) == (case, fault)}
    if not rules:
        pytest.skip("reported by the wire or the contract")
    lines = [f["source"]["line"] for f in findings(plimsoll, "code", str(SAMPLES / case / "faulty.py")) if f["check"] in rules]
    assert any(abs(line - faults(case)[fault]["line"]) <= 4 for line in lines), lines


@pytest.mark.parametrize(("case", "fault", "kind", "check"), by("code"))
def test_the_rule_reports_the_fault_with_its_kind(plimsoll, case, fault, kind, check):
    found = findings(plimsoll, "code", str(SAMPLES / case / "faulty.py"))
    kinds = {finding["kind"] for finding in found if finding["check"] == check}
    # A handle that the caller can replace and that crashes is one finding: the crash comes first.
    assert kind in kinds or (kind == "access" and "crash" in kinds), [(f["check"], f["kind"]) for f in found]


@pytest.mark.parametrize("case", CASES)
def test_the_twin_is_silent(plimsoll, case):
    assert findings(plimsoll, "code", str(SAMPLES / case / "sound.py")) == []


@contextlib.contextmanager
def running(case: str) -> Iterator[str]:
    """The faulty sample with its tables on an emulator: its address."""
    with running_store("dynoxide"):
        port = emulators.free_port()
        words = [word.format(module="faulty", port=port) for word in CASES[case]["run"]["command"]]
        process = subprocess.Popen(
            [sys.executable if word == "python" else word for word in words],
            cwd=SAMPLES / case,
            env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        try:
            url = f"http://127.0.0.1:{port}"
            emulators.wait_until_answers(f"{url}/", process, 60)
            yield url
        finally:
            emulators.stop_process(process)


@pytest.fixture(scope="module")
def scanned(plimsoll, tmp_path_factory) -> dict[str, set[str]]:
    """Checks that a scan of each faulty sample reports."""
    folder = tmp_path_factory.mktemp("scans")
    found = {}
    for case in sorted({case for case, *_ in by("wire") + by("contract")}):
        with running(case) as url:
            found[case] = {finding["check"] for finding in findings(plimsoll, "scan", url, *contract(case, folder))}
            if CASES[case]["framework"] == "fastapi":
                document = folder / f"{case}-openapi.json"
                document.write_bytes(subprocess.check_output(["curl", "-sS", f"{url}/openapi.json"]))
                found[case] |= {finding["check"] for finding in findings(plimsoll, "audit", str(document))}
    return found


def test_a_row_with_a_set_is_a_crash_of_its_own(plimsoll, tmp_path):
    """The id of an unknown user crashes as well: here the contract's example is a user with a set, and that request is the evidence."""
    case = "s1-ex3-user-view"
    _, document = contract(case, tmp_path)
    text = Path(document).read_text()
    assert text.count("user-001") == 1
    Path(document).write_text(text.replace("user-001", tables.WITH_GROUPS))
    with running(case) as url:
        found = findings(plimsoll, "scan", url, "--spec", document)
    crashes = [finding for finding in found if finding["check"] == "unhandled-input" and finding["kind"] == "crash"]
    asked = [evidence for finding in crashes for evidence in finding["evidence"] if evidence["type"] == "exchange"]
    assert any(e["request"] == f"GET /users/{tables.WITH_GROUPS}" and e["status"] == 500 for e in asked), asked


def contract(case: str, folder) -> list[str]:
    """The Django samples publish no contract: the path that CASE.toml asks is handed over in one."""
    if CASES[case]["framework"] == "fastapi":
        return []
    path = CASES[case]["ask"]["path"].replace("user-001", "{user_id}")
    identifier = {"name": "user_id", "in": "path", "required": True, "schema": {"type": "string"}, "example": "user-001"}
    answer = {"200": {"description": "ok", "content": {"application/json": {"schema": {"type": "object"}}}}}
    operation = {"parameters": [identifier] if "{" in path else [], "responses": answer}
    document = folder / f"{case}.json"
    document.write_text(
        json.dumps(
            {"openapi": "3.1.0", "info": {"title": case, "version": "1"}, "paths": {path: {"get": operation}}}
        )
    )
    return ["--spec", str(document)]


@pytest.mark.parametrize(("case", "fault", "kind", "check"), by("wire") + by("contract"))
def test_a_scan_or_an_audit_reports_the_fault(scanned, case, fault, kind, check):
    assert check in scanned[case]
