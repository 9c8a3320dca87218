"""The six sample cases are described truly, run as described, and every listed fault is proven.

The proofs are in `test_samples_fastapi.py`, `test_samples_django.py` and
`test_samples_stream.py`; the last test here compares them with the lists.
"""

from __future__ import annotations

import itertools
import os
import shlex
import subprocess
import sys

import httpx
import pytest
import test_samples_django  # noqa: F401  (what it proves is noted at import, as with the next two)
import test_samples_fastapi  # noqa: F401
import test_samples_stream  # noqa: F401
from sample_cases import (
    CASES,
    PROVEN,
    SAMPLES,
    emulators,
    eventually,
    faults,
    running_store,
    stream_of,
    tables,
)

KINDS = {"crash", "data-loss", "leak", "peak", "cost", "exposure", "access", "input", "info"}


def test_there_are_six_cases():
    assert [case[:6] for case in CASES] == ["s0-ex1", "s0-ex2", "s0-ex3", "s1-ex1", "s1-ex2", "s1-ex3"]


@pytest.mark.parametrize("case", CASES)
def test_case_file_points_at_the_code(case):
    described = CASES[case]
    assert described["id"] == case
    assert described["framework"] in {"fastapi", "django"}
    assert set(described["tables"]) <= set(tables.TABLES)
    lines = (SAMPLES / case / "faulty.py").read_text().splitlines()
    listed = described["fault"]
    assert len({fault["id"] for fault in listed}) == len(listed)
    for fault in listed:
        assert fault["code"] in lines[fault["line"] - 1], fault["id"]
        assert fault["kind"] in KINDS
        assert set(fault["visible"]) <= {"contract", "wire", "code", "memory"} and fault["visible"]
        for front in fault.get("hidden_by", []):
            assert faults(case)[front]["repair"], f"{fault['id']} hides behind {front}, which has no repair"


@pytest.mark.parametrize("case", CASES)
def test_the_faulty_text_does_not_say_what_is_wrong(case):
    text = (SAMPLES / case / "faulty.py").read_text().lower()
    # Its own name is in it once, in the command that starts it.
    text = text.replace("faulty:", "", 1).replace("faulty.py", "", 1)
    told = {"fault", "leak", "vulnerab", "bug", "insecure", "wrong"}
    assert not {word for word in told if word in text}


def _command(case: str, variant: str, port: int, streams: dict[str, str]) -> list[str]:
    run = CASES[case]["run"]
    words = [*run["command"], *run.get(f"{variant}_arguments", [])]
    filled = [word.format(module=variant, port=port, **streams) for word in words]
    return [sys.executable if word == "python" else word for word in filled]


@pytest.fixture
def dynoxide():
    with running_store("dynoxide") as running:
        yield running


def test_every_case_runs_as_documented_on_dynoxide(dynoxide, tmp_path):
    """The command of CASE.toml starts it, and `ask.path` answers as `ask` says; all at once, to be quick."""
    streams = dict(zip(("stream_arn", "shard_id"), stream_of(dynoxide)))
    running = []
    try:
        for case, variant in itertools.product(CASES, ("faulty", "sound")):
            port = emulators.free_port()
            log = tmp_path / f"{case}-{variant}.log"
            process = subprocess.Popen(
                _command(case, variant, port, streams),
                cwd=SAMPLES / case,
                env={
                    **os.environ,
                    "PYTHONDONTWRITEBYTECODE": "1",
                    "SAMPLE_CHECKPOINT": str(tmp_path / f"{variant}.checkpoint.json"),
                },
                stdin=subprocess.DEVNULL,
                stdout=log.open("wb"),
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
            running.append((case, variant, port, log, process))
        for case, variant, port, log, process in running:
            command = shlex.join(_command(case, variant, port, streams))
            if "ask" in CASES[case]:
                emulators.wait_until_answers(f"http://127.0.0.1:{port}/", process, 30)
                url = f"http://127.0.0.1:{port}{CASES[case]['ask']['path']}"
                status = httpx.get(url, trust_env=False, timeout=30).status_code
                assert status == CASES[case]["ask"][variant], f"{command}: {log.read_text()[-2000:]}"
            elif variant == "faulty":
                assert process.wait(30) == 1, command
                assert "has no attribute 'get_shard_iterator'" in log.read_text()
            else:
                checkpoint = tmp_path / f"{variant}.checkpoint.json"
                eventually(checkpoint.exists, f"{command}: {log.read_text()[-2000:]}")
                process.terminate()
                assert process.wait(30) == 0
                assert f"{len(list(tables.events()))} records handled" in log.read_text()
    finally:
        for *_, process in running:
            emulators.stop_process(process)


def test_every_listed_fault_is_shown_by_a_test():
    assert PROVEN == {(case, fault) for case in CASES for fault in faults(case)}
