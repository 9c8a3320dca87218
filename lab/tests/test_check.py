"""What `plimsoll check` says of the sound applications: nothing above info, grade A.

The shops are checked as their `plimsoll.toml` says, the desks as `bench/join.py` does it: with several identities, the active tests and the
writes that the faults of their twins need. Memory is measured by the bench.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import emulator as emulators
import pytest
import seed
from conftest import LAB

sys.path.append(str(LAB.parent / "bench"))
import join  # noqa: E402  (found through the path above)

PLIMSOLL = next(
    (path for kind in ("debug", "release") if (path := LAB.parent / "target" / kind / "plimsoll").exists()), None
)
pytestmark = pytest.mark.skipif(PLIMSOLL is None, reason="no plimsoll was built: cargo build -p plimsoll")


def as_configured(shop: str, folder: Path) -> dict:
    """The report on a copy of a shop, with its own settings."""
    project = folder / shop / "sound"
    shutil.copytree(LAB / shop / "sound", project, ignore=shutil.ignore_patterns("__pycache__", ".plimsoll"))
    shutil.copy(LAB / "seed.py", folder)
    paths = [Path(sys.executable).parent, emulators.tools_dir() / "bin"]
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "DYNAMODB_", "SHOP_"))},
        "PATH": os.pathsep.join([*map(str, paths), os.environ["PATH"]]),
        "SHOP_PASSWORD": seed.ADMIN[1],
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    command = [str(PLIMSOLL), "check", "--no-memory", "--quiet", "--format", "json"]
    ran = subprocess.run(command, cwd=project, env=environment, capture_output=True, text=True, timeout=300)
    assert ran.returncode == 0, ran.stderr
    return json.loads(ran.stdout)


def nothing_above_info(report: dict) -> None:
    looked = {lane["vantage"] for lane in report["lanes"] if lane["ran"]}
    assert looked == {"contract", "wire", "code"}
    assert [(issue["severity"], issue["title"]) for issue in report["issues"] if issue["severity"] != "info"] == []
    assert (report["complete"], report["grade"]) == (True, "a")


@pytest.mark.parametrize("shop", ["shop-fastapi", "shop-django"])
def test_a_sound_shop_has_no_issue_above_info(shop, tmp_path):
    nothing_above_info(as_configured(shop, tmp_path))


@pytest.mark.parametrize("desk", ["desk-fastapi", "desk-django"])
def test_a_sound_desk_has_no_issue_above_info(desk, tmp_path, monkeypatch):
    monkeypatch.delenv("DESK_SENSITIVE_LIMIT", raising=False)
    report, _ = join.check(PLIMSOLL, desk, "sound", None, tmp_path / "report.json")
    nothing_above_info(report)
