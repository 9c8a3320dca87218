"""The handbook's first steps are run as they stand: each command in order, in a copy of the project that the page is about.

A line of a `console` block that begins with `$` is a command; what follows is what it prints, in order, where `…` stands for
anything: within a line for some text, alone on a line for any lines. The pages say 8000 for the port; a free one is put in its place.
Links and included files of all pages are looked at as well.
"""

from __future__ import annotations

import contextlib
import os
import random
import re
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import emulator as emulators
import pytest

LAB = Path(__file__).resolve().parent.parent
PAGES = LAB.parent / "docs" / "src"
PLIMSOLL = next(
    (path for kind in ("debug", "release") if (path := LAB.parent / "target" / kind / "plimsoll").exists()), None
)
FENCE = re.compile(r"^```console\n(.*?)^```$", re.M | re.S)


def steps(page: str) -> list[tuple[str, list[str]]]:
    """Commands with the lines that they are to print."""
    found: list[tuple[str, list[str]]] = []
    for block in FENCE.findall((PAGES / page).read_text()):
        for line in block.splitlines():
            if line.startswith("$ "):
                found.append((line[2:], []))
            elif line.strip():
                found[-1][1].append(line.strip())
    return found


def pattern(lines: list[str]) -> re.Pattern:
    """What was told, as one expression over the lines of what was printed, each without its margin."""
    text = ""
    for line in lines:
        if line == "…":
            text += r"(?:.*\n)*?"
        else:
            # Where a title is longer than a line it goes on in the next; a number before it is its place in the list.
            text += r"(?:\d+ +)?" + r".*?".join(re.escape(part) for part in line.split("…")) + r".*\n"
    return re.compile(text)


def four_digits() -> str:
    """A port that is free and as long as that of the page, so that lines break where they do there."""
    for port in random.sample(range(8_100, 9_900), 50):
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return str(port)
    raise AssertionError("no free port")


def printed(output: str) -> str:
    return "".join(line.strip() + "\n" for line in output.splitlines() if line.strip())


@pytest.mark.skipif(PLIMSOLL is None, reason="no plimsoll was built: cargo build -p plimsoll")
@pytest.mark.parametrize("framework", ["fastapi", "django"])
def test_the_first_steps_do_what_the_page_says(framework, tmp_path):
    project = tmp_path / "project"
    shutil.copytree(LAB / "start" / framework, project, ignore=shutil.ignore_patterns("__pycache__"))
    port = four_digits()
    procfile = project / "Procfile"
    procfile.write_text(procfile.read_text().replace("8000", port))
    paths = [PLIMSOLL.parent, Path(sys.executable).parent, emulators.tools_dir() / "bin"]
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "DYNAMODB_"))},
        "PATH": os.pathsep.join([*map(str, paths), os.environ["PATH"]]),
        "PYTHONDONTWRITEBYTECODE": "1",
        "COLUMNS": "80",
    }
    for command, told in steps(f"start-{framework}.md"):
        ran = subprocess.run(
            command, shell=True, cwd=project, env=environment, capture_output=True, text=True, timeout=420
        )
        output = printed(ran.stderr) + printed(ran.stdout)
        if told:
            expected = pattern([line.replace("8000", port) for line in told])
            assert expected.search(output), f"$ {command}\n{ran.stderr}\n{ran.stdout}"
        assert ran.returncode in (0, 1), f"$ {command}: {ran.returncode}\n{ran.stderr}"


def pages() -> list[Path]:
    return sorted(PAGES.rglob("*.md"))


@pytest.mark.parametrize("page", pages(), ids=lambda page: str(page.relative_to(PAGES)))
def test_links_and_included_files_are_there(page):
    text = re.sub(r"^```.*?^```$", "", page.read_text(), flags=re.M | re.S)
    text = re.sub(r"`[^`\n]*`", "", text)
    included = re.findall(r"\{\{#include ([^}:\s]+)", page.read_text())
    linked = [target.split("#")[0] for target in re.findall(r"\]\(([^)\s]+)\)", text) if "://" not in target]
    missing = [name for name in [*included, *linked] if name and not (page.parent / name).exists()]
    assert missing == []


def test_every_page_is_in_the_summary():
    named = set(re.findall(r"\]\(([^)]+\.md)\)", (PAGES / "SUMMARY.md").read_text()))
    parts = {name for page in pages() for name in re.findall(r"\{\{#include ([a-z-]+\.md)", page.read_text())}
    assert {str(page.relative_to(PAGES)) for page in pages()} - {"SUMMARY.md"} - parts == named


@pytest.mark.skipif(not (emulators.tools_dir() / "bin" / "mdbook").exists(), reason="no mdbook: scripts/setup.sh book")
def test_the_book_is_built_without_a_word(tmp_path):
    command = [emulators.tools_dir() / "bin" / "mdbook", "build", LAB.parent / "docs", "--dest-dir", tmp_path / "book"]
    built = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert built.returncode == 0, built.stderr
    assert "WARN" not in built.stderr and "ERROR" not in built.stderr, built.stderr
    assert (tmp_path / "book" / "remedies" / "unbounded-cache.html").exists()
