"""The catalogue of remedies does what it says: same answers, what was wrong measured before, and nothing of it after.

How a cell is driven and measured is in `remedies.py`; what it is asked stands in its `remedy.toml`. `plimsoll code` is held
against the same files: it names the weakness in `before.py`, and is silent about `after.py`.
"""

from __future__ import annotations

import json
import subprocess
import time
import tomllib
from concurrent.futures import ThreadPoolExecutor

import pytest
import remedies
import remedy_tables

CELLS = remedies.cells()
PLIMSOLL = next(
    (path for kind in ("debug", "release") if (path := remedies.LAB.parent / "target" / kind / "plimsoll").exists()), None
)
# What is left on purpose: a stream reads one page at a time and still reads all of the table in one request.
STAYS = {"whole-table-read": {"export-in-request"}}
LEAKS = 3 * remedies.QUIET
MIB = 1024 * 1024


@pytest.fixture(scope="module")
def measured() -> dict[str, dict]:
    began = time.monotonic()
    found = remedies.run(CELLS)
    print(f"\n{len(found)} cells measured in {time.monotonic() - began:.0f} s")
    return found


@pytest.fixture(params=CELLS)
def result(request, measured) -> dict:
    found = measured.get(request.param)
    assert found is not None, "the measuring process ended before this cell"
    assert "error" not in found, found.get("trace")
    return found


def test_the_answers_are_the_same(result):
    assert result["before"]["answers"] == result["after"]["answers"]


def is_linear(before: dict) -> bool:
    return all(0.5 < half / before["value"] < 2 for half in (before["first_half"], before["second_half"]))


def is_gone(before: dict, after: dict) -> bool:
    return after["rest"] < max(remedies.QUIET, before["value"] / 100)


def test_what_is_wrong_is_measured_before_and_gone_after(result):
    before, after = result["before"], result["after"]
    if result["measure"] == "live" and not (is_linear(before) and is_gone(before, after)):
        # What threads had in hand at the wrong moment; a leak is a line the second time, too, and a remedy leaves nothing.
        result = remedies.run([result["cell"]])[result["cell"]]
    before, after = result["before"], result["after"]
    match result["measure"]:
        case "live":
            assert before["value"] > LEAKS, before
            assert is_linear(before), f"not linear: {before}"
            assert is_gone(before, after), (before, after)
        case "peak":
            assert before["value"] > 2 * MIB, before
            assert after["value"] < before["value"] / 10, (before, after)
        case "built" | "open":
            assert before["value"] >= 1, before
            assert after["value"] == 0, after
        case "calls" | "read":
            assert before["value"] >= 5 * after["value"], (before, after)
        case "cookie":
            assert before["value"] > 10, before
            assert after["value"] == 0, after
        case other:
            raise AssertionError(other)


@pytest.fixture(scope="module")
def judged() -> dict[tuple[str, str], list[dict]]:
    """What `plimsoll code` finds in each file."""
    if PLIMSOLL is None:
        pytest.skip("no plimsoll was built: cargo build -p plimsoll")

    def judge(where: tuple[str, str]) -> list[dict]:
        cell, side = where
        path = remedies.REMEDIES / cell / f"{side}.py"
        command = [PLIMSOLL, "code", path, "--format", "json", "--exit-zero", "--quiet"]
        told = subprocess.run(command, capture_output=True, timeout=60, check=True, cwd=path.parent)
        return json.loads(told.stdout)["findings"]

    files = [(cell, side) for cell in CELLS for side in ("before", "after")]
    with ThreadPoolExecutor(2) as pool:
        return dict(zip(files, pool.map(judge, files)))


@pytest.mark.parametrize("cell", CELLS)
def test_the_rule_names_the_weakness_before_and_nothing_after(judged, cell):
    weakness = cell.split("/")[0]
    named = {finding["check"]: finding["weakness"] for finding in judged[cell, "before"]}
    for check in remedies.Cell.read(cell).checks:
        assert named.get(check) == weakness, named
    stays = {finding["check"] for finding in judged[cell, "after"] if finding["severity"] == "info"}
    assert stays <= STAYS.get(weakness, set())
    assert [finding for finding in judged[cell, "after"] if finding["severity"] != "info"] == []


@pytest.mark.parametrize("path", sorted(remedies.REMEDIES.glob("*/remedy.toml")), ids=lambda path: path.parent.name)
def test_a_remedy_describes_only_cells_that_exist(path):
    described = tomllib.loads(path.read_text())
    variants = {key for key, value in described.items() if isinstance(value, dict)} - {"settings"}
    assert variants <= {folder.name for folder in path.parent.iterdir() if folder.is_dir()}
    assert any(path.parent.glob("*/after.py"))


def test_the_handbook_shows_every_cell_as_it_is():
    assert {cell.split("/")[0] for cell in CELLS} == set(remedy_tables.WEAKNESSES)
    assert remedy_tables.stale() == [], "python lab/tests/remedies.py --table writes them"


def test_the_handbooks_figures_are_those_of_a_run(measured):
    """Bytes are stable from run to run, but for what is small; peaks depend on how pages happen to lie."""
    told = remedy_tables.told()
    assert set(told) == set(CELLS)
    for cell, (before, _) in told.items():
        near = 0.5 if measured[cell]["measure"] == "peak" or before < 1_000 else 0.2
        assert measured[cell]["before"]["value"] == pytest.approx(before, rel=near), cell
