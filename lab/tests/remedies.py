"""Runs the catalogue of remedies and measures each one before and after.

    python lab/tests/remedies.py [CELL...]        one line of JSON per cell, as in unbounded-cache/fastapi-boto3
    python lab/tests/remedies.py --table          the handbook's tables, from a fresh measurement

A *cell* is a folder `lab/remedies/WEAKNESS/FRAMEWORK-STORE` with `before.py` and `after.py`: two applications that answer
alike. `remedy.toml` beside the cells says what is asked and what is measured. Everything is driven in this process, through
WSGI or ASGI, against an emulator of its own; nothing listens. Only what a weakness costs is measured, in one of these ways:

- live bytes: what malloc holds after a collection, per request, over batches of requests (leaks)
- peak: how far resident memory rises during one request (peaks)
- built: clients that are built per request (churn)
- calls: calls of the store per request (cost)
- read: rows that the store reads per request (cost)
- open: clients that a request opens and does not close (unclosed)
- cookie: bytes by which a visitor's cookies grow per request

Python's own allocator is switched off for that (PYTHONMALLOC=malloc), so that malloc's statistics see every object.
"""

from __future__ import annotations

import argparse
import gc
import hashlib
import importlib
import json
import logging
import os
import selectors
import subprocess
import sys
import time
import traceback
import warnings
from collections.abc import Iterator
from typing import Any

from remedy_cells import LAB, REMEDIES, Cell, cells, seed
from remedy_doors import Answer, Visitor, configure_django, served
from remedy_measures import MEASURES, count_clients_and_calls, retained

sys.path[:0] = [str(LAB)]

import emulator as emulators  # noqa: E402  (found through the path above)

__all__ = ["LAB", "QUIET", "REMEDIES", "Cell", "cells", "run"]

# Bytes a request: what a series cannot tell from nothing. The smallest leak of the catalogue is above 400.
QUIET = 100

# One arena and no per-thread caches: malloc's figures are then exact. glibc reads these when a process starts.
MALLOC = {"PYTHONMALLOC": "malloc", "MALLOC_ARENA_MAX": "1", "GLIBC_TUNABLES": "glibc.malloc.tcache_count=0"}


def rows(answer: Answer) -> tuple[list, str | None]:
    """The rows of an answer, and the cursor of the next page if there is one."""
    if answer.headers.get("content-type", "").startswith("application/x-ndjson"):
        return [json.loads(line) for line in answer.body.splitlines()], answer.headers.get("x-next-cursor")
    value = json.loads(answer.body)
    return (value, None) if isinstance(value, list) else (value["items"], value.get("next_cursor"))


def all_rows(visitor: Visitor, n: int) -> list:
    """What a client gets that follows every page."""
    found, target = [], visitor.cell.target(n)
    for _ in range(200):
        answer = visitor.ask(n, target=target)
        assert answer.status == 200, (answer.status, answer.body)
        page, cursor = rows(answer)
        found += page
        if cursor is None:
            return sorted(found, key=lambda row: json.dumps(row, sort_keys=True))
        mark = "&" if "?" in visitor.cell.target(n) else "?"
        target = f"{visitor.cell.target(n)}{mark}cursor={cursor}"
    raise AssertionError("the pages do not end")


def answers(visitor: Visitor) -> list:
    """What the two sides have in common: statuses and bodies of some requests, or all rows over all pages."""
    if visitor.cell.same == "rows":
        return [hashlib.sha256(json.dumps(all_rows(visitor, n)).encode()).hexdigest() for n in ((0, 1) if "{" in visitor.cell.request else (0,))]
    found = []
    for n in (0, 1, 7, 0) if "{" in visitor.cell.request else (0,):
        answer = visitor.ask(n)
        assert answer.status in (200, 202, 404, 503), (answer.status, answer.body)
        body = json.loads(answer.body) if answer.headers.get("content-type") == "application/json" else answer.digest
        found.append([answer.status, body])
    return found


def measure(name: str) -> dict:
    """One cell: both sides' answers, and what was measured on each."""
    cell = Cell.read(name)
    result: dict[str, Any] = {"cell": name, "measure": cell.measure}
    began, spent = time.monotonic(), time.process_time()
    for side in ("before", "after"):
        with served(cell, side) as visitor:
            told = answers(visitor)
            if cell.measure == "live" and side == "after":
                seen = retained(visitor, cell, quiet=max(QUIET, result["before"]["value"] / 1_000))
            else:
                seen = MEASURES[cell.measure](visitor, cell)
            result[side] = {"answers": told, **seen}
        gc.collect()
    result["seconds"], result["cpu"] = round(time.monotonic() - began, 2), round(time.process_time() - spent, 2)
    return result


def forked(name: str) -> tuple[int, int]:
    """One cell, in a process that is forked for it: its id, and the pipe that it answers through."""
    reading, writing = os.pipe()
    child = os.fork()
    if child:
        os.close(writing)
        return child, reading
    try:
        emulators.die_with_parent()
        if "/django-" in name:
            configure_django()
        count_clients_and_calls()
        try:
            result = measure(name)
        except Exception as error:
            result = {"cell": name, "error": f"{type(error).__name__}: {error}", "trace": traceback.format_exc()}
        with os.fdopen(writing, "w") as answer:
            json.dump(result, answer)
    finally:
        os._exit(0)


def measure_forked(names: list[str], at_once: int = 2) -> Iterator[dict]:
    """Measures the cells, so many at a time."""
    waiting, running = list(names), {}
    with selectors.DefaultSelector() as answers:
        while waiting or running:
            while waiting and len(running) < at_once:
                name = waiting.pop(0)
                child, reading = forked(name)
                running[reading] = (name, child, bytearray())
                answers.register(reading, selectors.EVENT_READ)
            for key, _ in answers.select():
                name, child, text = running[key.fd]
                piece = os.read(key.fd, 65_536)
                text += piece
                if not piece:
                    answers.unregister(key.fd)
                    os.close(key.fd)
                    del running[key.fd]
                    os.waitpid(child, 0)
                    yield json.loads(text) if text else {"cell": name, "error": "ended without an answer", "trace": ""}


def measure_all(names: list[str]) -> Iterator[dict]:
    """Measures the named cells, two at a time, against one emulator.

    Each has a process of its own, forked where every library is imported already: what one cell leaves is no other's.
    """
    warnings.simplefilter("ignore")
    logging.disable(logging.CRITICAL)
    for library in ("aioboto3", "cachetools", "django.http", "fastapi", "httpx", "itsdangerous", "pynamodb.models"):
        importlib.import_module(library)
    with emulators.start("dynoxide") as running:
        os.environ.update(emulators.aws_environment(running.endpoint))
        os.environ["AWS_ENDPOINT_URL_DYNAMODB"] = running.endpoint
        os.environ.update(CURSOR_SECRET="for-tests-only", RATES_URL=f"{running.endpoint}/rates")
        seed(running.endpoint)
        gc.collect()
        gc.freeze()
        yield from measure_forked(names)


def run(names: list[str]) -> dict[str, dict]:
    """Measures the cells in a child whose allocator is malloc."""
    with subprocess.Popen(
        [sys.executable, __file__, *names],
        env={**os.environ, **MALLOC, "PYTHONDONTWRITEBYTECODE": "1"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        text=True,
        preexec_fn=emulators.die_with_parent,
    ) as child:
        try:
            results = [json.loads(line) for line in child.stdout]
        finally:
            child.terminate()
    return {result["cell"]: result for result in results}


def main() -> None:
    parser = argparse.ArgumentParser(description="Measure the catalogue of remedies.")
    parser.add_argument("cells", nargs="*")
    parser.add_argument("--table", action="store_true", help="measure everything and write the handbook's tables")
    given = parser.parse_args()
    if given.table:
        from remedy_tables import write

        write(run(cells()))
    elif os.environ.get("PYTHONMALLOC") == "malloc":
        for result in measure_all(given.cells or cells()):
            print(json.dumps(result), flush=True)
    else:
        for result in run(given.cells or cells()).values():
            print(json.dumps(result))


if __name__ == "__main__":
    main()
