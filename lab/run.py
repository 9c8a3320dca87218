"""Run one of the lab's shops or desks with its emulator and data.

    python lab/run.py fastapi faulty
    python lab/run.py django sound --port 8080 --emulator moto
    python lab/run.py desk-fastapi faulty

Starts the emulator (unless DYNAMODB_ENDPOINT is set), seeds it, starts the
application, waits until it answers, prints one JSON line
``{"url": …, "token": …, "emulator": …, "endpoint": …}`` and runs until SIGTERM, SIGINT or, with
``--until-eof``, the end of standard input. Nothing is left running afterwards.
A desk has more than one identity: its line also holds ``"tokens": {"alice": …, …}``.
All of it listens on 127.0.0.1.
"""

from __future__ import annotations

import argparse
import json
import os
import secrets
import signal
import subprocess
import sys
import tempfile
import threading
import urllib.error
import urllib.request
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

import desk_seed
import desk_upstream
import emulator as emulators
import seed

LAB = Path(__file__).resolve().parent
VARIANTS = ("faulty", "sound")



def uvicorn(application: str) -> list[str]:
    return [sys.executable, "-m", "uvicorn", application, "--host", "127.0.0.1", "--port", "{port}",
            "--no-access-log", "--log-level", "warning"]


def gunicorn(application: str) -> list[str]:
    return [sys.executable, "-m", "gunicorn", application, "--bind", "127.0.0.1:{port}",
            "--worker-class", "gthread", "--threads", "4", "--workers", "1", "--log-level", "warning"]


UVICORN, GUNICORN = uvicorn("shop.app:app"), gunicorn("shop.wsgi:application")
DESK_UVICORN, DESK_GUNICORN = uvicorn("desk.app:app"), gunicorn("desk.wsgi:application")

# How each application is started, as its own operators would do it; the working
# directory is `folder(name) / <variant>`.
COMMANDS: dict[tuple[str, str], list[str]] = {
    ("fastapi", "faulty"): UVICORN,
    ("fastapi", "sound"): [*UVICORN, "--no-server-header"],
    ("django", "faulty"): GUNICORN,
    ("django", "sound"): GUNICORN,
    ("desk-fastapi", "faulty"): DESK_UVICORN,
    ("desk-fastapi", "sound"): [*DESK_UVICORN, "--no-server-header"],
    ("desk-django", "faulty"): DESK_GUNICORN,
    ("desk-django", "sound"): DESK_GUNICORN,
}
SHOPS = tuple(dict.fromkeys(shop for shop, _ in COMMANDS))


def folder(shop: str) -> Path:
    """Where an application lives: `fastapi` is the shop of that name, `desk-fastapi` the desk."""
    return LAB / (shop if shop.startswith("desk-") else f"shop-{shop}")


class ShopError(RuntimeError):
    """A shop did not start or did not hand out a token."""


@dataclass
class Shop:
    """A running shop. `token` is a bearer token of the lab's administrator."""

    url: str
    token: str
    emulator: str
    endpoint: str
    process: subprocess.Popen
    # By the name of the identity; a desk only.
    tokens: dict[str, str] = field(default_factory=dict)
    # The address of what the desk talks to; a desk only.
    upstream: str | None = None


def desk_environment(upstream: str) -> dict[str, str]:
    """What a desk needs beside a shop's environment."""
    secret = ("DESK_JWT_SECRET", "DESK_CURSOR_SECRET", "DESK_HOOK_SECRET", "DESK_SECRET_KEY")
    return {"DESK_UPSTREAM": upstream, **{name: secrets.token_urlsafe(48) for name in secret}}


def shop_environment(endpoint: str) -> dict[str, str]:
    """The environment of a shop: the endpoint, a fixed day, fresh secrets."""
    return {
        **{k: v for k, v in os.environ.items() if not k.startswith("AWS_")},
        **emulators.aws_environment(endpoint),
        "PYTHONUNBUFFERED": "1",
        "SHOP_TODAY": seed.LAST_DAY.isoformat(),
        "SHOP_JWT_SECRET": secrets.token_urlsafe(48),
        "SHOP_CURSOR_SECRET": secrets.token_urlsafe(48),
        "SHOP_SECRET_KEY": secrets.token_urlsafe(48),
    }


def _post_json(url: str, body: dict) -> dict:
    request = urllib.request.Request(url, json.dumps(body).encode(), {"content-type": "application/json"})
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(request, timeout=10) as answer:
        return json.load(answer)


def sign_in(url: str, account: tuple[str, str] = seed.ADMIN) -> str:
    """A bearer token for `account`, taken the way a client takes it."""
    username, password = account
    try:
        return _post_json(f"{url}/auth/token", {"username": username, "password": password})["access_token"]
    except (urllib.error.HTTPError, KeyError, ValueError) as error:
        raise ShopError(f"POST /auth/token gave no token: {error}") from error


def desk_tokens(url: str) -> dict[str, str]:
    """A bearer token for each of the desk's identities, taken the way a client takes it."""
    tokens = {}
    for name, (_, email, _, _, password) in desk_seed.IDENTITIES.items():
        try:
            answer = _post_json(f"{url}/api/v2/auth/token", {"email": email, "password": password})
            tokens[name] = answer["access_token"]
        except (urllib.error.HTTPError, KeyError, ValueError) as error:
            raise ShopError(f"POST /api/v2/auth/token gave no token for {name}: {error}") from error
    return tokens


def start_shop(stack: ExitStack, shop: str, variant: str, port: int = 0, emulator: str = "dynoxide") -> Shop:
    """Start emulator, data and shop; `stack` ends them in reverse order."""
    endpoint = os.environ.get("DYNAMODB_ENDPOINT")
    name = "given"
    if not endpoint:
        running = stack.enter_context(emulators.start(emulator))
        endpoint, name = running.endpoint, running.kind
    environment = shop_environment(endpoint)
    desk, upstream = shop.startswith("desk-"), None
    if desk:
        desk_seed.fill(endpoint)
        upstream = desk_upstream.start(stack)
        environment |= desk_environment(upstream)
    else:
        seed.seed(endpoint)

    port = port or emulators.free_port()
    log = stack.enter_context(tempfile.TemporaryFile("w+"))
    process = subprocess.Popen(
        [part.format(port=port) for part in COMMANDS[shop, variant]],
        cwd=folder(shop) / variant,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=log,
        stderr=log,
        start_new_session=True,
        preexec_fn=emulators.die_with_parent,
    )
    stack.callback(emulators.stop_process, process)
    url = f"http://127.0.0.1:{port}"
    try:
        emulators.wait_until_answers(f"{url}/health", process, 30.0)
        if desk:
            tokens = desk_tokens(url)
            return Shop(url, tokens["admin"], name, endpoint, process, tokens, upstream)
        return Shop(url, sign_in(url), name, endpoint, process)
    except (emulators.EmulatorError, ShopError) as error:
        log.seek(0)
        raise ShopError(f"{shop} {variant}: {error}\n{log.read()[-4000:]}") from error


def main() -> int:
    parser = argparse.ArgumentParser(description="run a lab shop on 127.0.0.1")
    parser.add_argument("shop", choices=SHOPS)
    parser.add_argument("variant", choices=VARIANTS)
    parser.add_argument("--port", type=int, default=0, help="default: a free port")
    parser.add_argument("--emulator", choices=emulators.KINDS, default="dynoxide")
    parser.add_argument("--until-eof", action="store_true", help="stop when standard input ends")
    options = parser.parse_args()

    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    if options.until_eof:
        threading.Thread(target=lambda: (sys.stdin.read(), stop.set()), daemon=True).start()

    with ExitStack() as stack:
        try:
            shop = start_shop(stack, options.shop, options.variant, options.port, options.emulator)
        except (emulators.EmulatorError, ShopError) as error:
            print(f"error: {error}", file=sys.stderr)
            return 1
        line = {"url": shop.url, "token": shop.token, "emulator": shop.emulator, "endpoint": shop.endpoint}
        if shop.tokens:
            line["tokens"] = shop.tokens
        print(json.dumps(line), flush=True)
        while not stop.wait(0.2):
            if shop.process.poll() is not None:
                print(f"error: the shop ended with {shop.process.returncode}", file=sys.stderr)
                return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
