"""Shared by the lab's tests: shops that are started once per session.

Everything runs on 127.0.0.1 against the emulator that LAB_EMULATOR names
(default: dynoxide); nothing is left running when the session ends.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import httpx
import pytest

LAB = Path(__file__).resolve().parent.parent
for folder in (LAB, LAB / "tests"):
    if str(folder) not in sys.path:
        sys.path.insert(0, str(folder))

import run  # noqa: E402  (found through the path above)
from fastapi_faults import Side  # noqa: E402

EMULATOR = os.environ.get("LAB_EMULATOR", "dynoxide")
StartShop = Callable[[str, str], run.Shop]
# The tests ask faster than any client; the limits themselves have tests that set their own.
for limit in ("SHOP_RATE_LIMIT", "DESK_RATE_LIMIT", "DESK_SENSITIVE_LIMIT"):
    os.environ.setdefault(limit, "1000000")


def pytest_report_header() -> str:
    return f"lab emulator: {EMULATOR}"


@pytest.fixture(scope="session")
def start_shop() -> Iterator[StartShop]:
    """`start_shop("fastapi", "faulty")`: a running shop, the same one at every call."""
    running: dict[tuple[str, str], run.Shop] = {}
    with ExitStack() as stack:

        def start(shop: str, variant: str) -> run.Shop:
            if (shop, variant) not in running:
                running[shop, variant] = run.start_shop(stack, shop, variant, emulator=EMULATOR)
            return running[shop, variant]

        yield start


@pytest.fixture(scope="session")
def connect(start_shop: StartShop) -> Iterator[Callable[..., httpx.Client]]:
    """`connect("fastapi", "sound", token=True)`: an HTTP client for a running shop.

    Redirects are not followed and no proxy of the environment is used.
    """
    with ExitStack() as stack:

        def client(shop: str, variant: str, token: bool = False) -> httpx.Client:
            running = start_shop(shop, variant)
            headers = {"authorization": f"Bearer {running.token}"} if token else {}
            # A server may close a connection after an error; retry the connect, not the request.
            transport = httpx.HTTPTransport(retries=2, limits=httpx.Limits(max_keepalive_connections=0))
            return stack.enter_context(
                httpx.Client(base_url=running.url, headers=headers, timeout=30, transport=transport, trust_env=False)
            )

        yield client


@pytest.fixture(scope="session")
def sides(start_shop: StartShop, connect: Callable[..., httpx.Client]) -> dict[str, Side]:
    """Both variants of the FastAPI shop."""

    def side(variant: str) -> Side:
        plain = connect("fastapi", variant)
        contract = plain.get("/openapi.json").json()
        pid = start_shop("fastapi", variant).process.pid
        return Side(plain, connect("fastapi", variant, token=True), contract, pid)

    return {variant: side(variant) for variant in run.VARIANTS}
