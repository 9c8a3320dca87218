"""What `plimsoll fix` offers for the catalogue's cells does what their remedies do: the offered change is measured in place of `after.py`."""

from __future__ import annotations

import json
import re
import shutil
import subprocess

import pytest
import remedies
from test_remedies import MIB, PLIMSOLL

# What a cell is fixed by: callers have to change with it, and its rows are compared over all pages.
CELLS = [f"unbounded-read/{variant}" for variant in ("fastapi-boto3", "fastapi-aioboto3", "django-boto3", "django-aioboto3")]

pytestmark = pytest.mark.skipif(PLIMSOLL is None, reason="no plimsoll was built: cargo build -p plimsoll")


def plimsoll(folder, *arguments: str) -> subprocess.CompletedProcess:
    return subprocess.run([PLIMSOLL, "fix", *arguments], cwd=folder, capture_output=True, text=True, timeout=60)


def fixed(cell: str, top):
    """A copy of a cell whose `after.py` is what is written for `before.py`."""
    folder = top / cell
    project = top / "projects" / cell
    for made in (folder, project):
        made.mkdir(parents=True)
        shutil.copy(remedies.REMEDIES / cell / "before.py", made)
    (project / "plimsoll.toml").write_text('[code]\npaths = ["."]\n')
    shutil.copy(remedies.REMEDIES / cell.split("/")[0] / "remedy.toml", folder.parent)

    alone = plimsoll(project)
    assert "`plimsoll fix --change-contract` offers it" in alone.stdout, alone
    offered = plimsoll(project, "--change-contract")
    issue = re.match(r"[0-9a-f]{8}", offered.stdout)
    assert issue and "(changes the contract)" in offered.stdout, offered
    written = plimsoll(project, issue[0], "--change-contract", "--apply")
    assert written.returncode == 0, written
    again = plimsoll(project, "--change-contract")
    assert "+++" not in again.stdout, again
    shutil.copy(project / "before.py", folder / "after.py")


@pytest.fixture(scope="module")
def measured(tmp_path_factory) -> dict[str, dict]:
    top = tmp_path_factory.mktemp("remedies")
    for cell in CELLS:
        fixed(cell, top)
    environment = {"REMEDIES": str(top)}
    with pytest.MonkeyPatch.context() as patch:
        for name, value in environment.items():
            patch.setenv(name, value)
        return remedies.run(CELLS)


@pytest.mark.parametrize("cell", CELLS)
def test_one_page_at_a_time_gives_all_rows_and_no_peak(cell, measured):
    result = measured[cell]
    assert "error" not in result, result.get("trace")
    before, after = result["before"], result["after"]
    assert before["answers"] == after["answers"], json.dumps(result)
    assert before["value"] > 2 * MIB, before
    assert after["value"] < before["value"] / 10, (before, after)
