"""The help desk, on both frameworks: every listed fault shows in the faulty variant and not in the sound one."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import desk_seed
import emulator as emulators
import faults
import httpx
import pytest
import run
from conftest import EMULATOR, LAB
from desk import API, DESKS, TICKETS, Desk
from desk_faults import HOLDS, SHOWS

HIDDEN = {
    "GET /api/v1/tickets", "GET /internal/metrics", "GET /.env", "GET /.git/config", "GET /backup.sql",
    "GET /static/app.js.map", "GET /actuator", "GET /actuator/env", "GET /actuator/health", "GET /__debug__/",
    "GET /app/{page}",
}
DOCUMENTS = {
    "desk-fastapi": {"GET /docs", "GET /redoc", "GET /openapi.json"},
    "desk-django": {"GET /api/docs/", "GET /api/schema/"},
}
# moto does not read an expression of this kind as DynamoDB and dynoxide do.
MOTO_DOES_NOT_REFUSE = {"find-error-text"}
VISIBLE = [(desk, fault) for desk in DESKS for fault in faults.load(desk) if fault.id in SHOWS]
NEAR = [(desk, near) for desk in DESKS for near in faults.near_misses(desk)]


@pytest.fixture(scope="session")
def desks(start_shop: Callable[[str, str], run.Shop]) -> Iterator[Callable[[str, str], Desk]]:
    """`desks("desk-fastapi", "faulty")`: a running desk, the same one at every call."""
    running: dict[tuple[str, str], Desk] = {}
    with ExitStack() as stack:

        def desk(name: str, variant: str) -> Desk:
            if (name, variant) not in running:
                shop = start_shop(name, variant)
                client = stack.enter_context(httpx.Client(base_url=shop.url, timeout=30, trust_env=False))
                running[name, variant] = Desk(name, client, shop.tokens, shop.upstream)
            return running[name, variant]

        yield desk


@pytest.mark.parametrize("name", DESKS)
def test_fault_list_is_consistent(desks, name: str) -> None:
    faulty = desks(name, "faulty")
    served = faulty.operations() | HIDDEN | DOCUMENTS[name]
    assert faults.problems(name, served) == []
    for operation in HIDDEN | DOCUMENTS[name]:
        assert faulty.gives(faulty.filled(operation.split(" ", 1)[1])), operation


@pytest.mark.parametrize("name", DESKS)
def test_source_does_not_name_its_faults(name: str) -> None:
    assert faults.giveaways(name) == []


def test_every_fault_and_near_miss_has_a_demonstration() -> None:
    assert {fault.id for name in DESKS for fault in faults.load(name)} == SHOWS.keys()
    assert {near.id for name in DESKS for near in faults.near_misses(name)} == HOLDS.keys()


@pytest.mark.filterwarnings("ignore::jwt.warnings.InsecureKeyLengthWarning")
@pytest.mark.parametrize(("name", "fault"), VISIBLE, ids=lambda part: getattr(part, "id", part))
def test_fault_shows_in_the_faulty_variant_only(desks, name: str, fault: faults.Fault) -> None:
    if EMULATOR == "moto" and fault.id in MOTO_DOES_NOT_REFUSE:
        pytest.skip("moto accepts what DynamoDB refuses here")
    assert SHOWS[fault.id](desks(name, "faulty"))
    assert not SHOWS[fault.id](desks(name, "sound"))


@pytest.mark.parametrize(("name", "near"), NEAR, ids=lambda part: getattr(part, "id", part))
def test_near_miss_holds_in_both_variants(desks, name: str, near: faults.Fault) -> None:
    assert HOLDS[near.id](desks(name, "faulty"))
    assert HOLDS[near.id](desks(name, "sound"))


@pytest.mark.parametrize("name", DESKS)
def test_both_variants_answer_the_same_requests(desks, name: str) -> None:
    """As each identity: what one variant gives of its own, the other gives too, and the same objects."""
    faulty, sound = desks(name, "faulty"), desks(name, "sound")
    assert len(faulty.operations()) >= 50
    assert faulty.operations() - sound.operations() == set()
    asked = 0
    for operation in sorted(faulty.operations()):
        method, path = operation.split(" ", 1)
        if method != "GET" or path == f"{API}/contacts/lookup":
            continue
        for who in ("alice", "admin"):
            wanted = faulty.get(faulty.filled(path), who)
            if path == f"{API}/admin/tenants" or (who == "alice" and "/admin/" in path):
                continue
            given = sound.get(sound.filled(path), who)
            assert given.status_code == (200 if wanted.status_code == 202 else wanted.status_code), (operation, who)
            kinds = [answer.headers.get("content-type", "").split(";")[0] for answer in (wanted, given)]
            assert kinds[0] == kinds[1], operation
            asked += 1
    assert asked >= 60
    for path in (TICKETS, f"{API}/users", f"{API}/attachments", f"{API}/invoices", f"{API}/announcements"):
        key = "number" if path.endswith("invoices") else "id"
        # Signing up adds people to the company of the faulty desk.
        wanted = [row[key] for row in faulty.rows(path, "bob") if path != f"{API}/users" or row["id"] < 2000]
        assert wanted[:5] == [row[key] for row in sound.rows(path, "bob")][:5], path


@pytest.mark.parametrize("name", DESKS)
@pytest.mark.parametrize("variant", run.VARIANTS)
def test_each_identity_sees_what_is_theirs(desks, name: str, variant: str) -> None:
    desk = desks(name, variant)
    assert desk.tokens.keys() == desk_seed.IDENTITIES.keys()
    for who, (number, _, tenant, role, _) in desk_seed.IDENTITIES.items():
        me = desk.get(f"{API}/me", who).json()
        assert (me["id"], me["tenant_id"], me["role"]) == (number, tenant, role)
    assert {row["requester_id"] for row in desk.rows(TICKETS, "alice")} == {1001}
    assert {row["tenant_id"] for row in desk.rows(TICKETS, "agent")} == {"kestrel"}
    assert len({row["requester_id"] for row in desk.rows(TICKETS, "agent")}) > 3
    assert desk.get(TICKETS).status_code == 401


SECURED = "/admin/", "/tickets", "/me", "/users", "/attachments", "/invoices", "/announcements", "/reports/", "/webhooks"


@pytest.mark.parametrize("name", DESKS)
def test_sound_asks_for_credentials_exactly_where_the_contract_does(desks, name: str) -> None:
    sound = desks(name, "sound")
    secured = 0
    for operation in sound.operations():
        method, path = operation.split(" ", 1)
        security = sound.operation(operation).get("security") or []
        wanted = bool(security) and {} not in security
        body = {"json": {}} if method in ("POST", "PATCH") else {}
        answer = sound.ask(method, sound.filled(path), params={"code": "100000"}, **body)
        assert wanted == (answer.status_code == 401), operation
        secured += wanted
        assert wanted or not any(part in path for part in SECURED) or path == "/api/v1/tickets", operation
    assert secured >= 35


@pytest.mark.parametrize("name", DESKS)
def test_sound_administration_names_the_role_that_it_asks_for(desks, name: str) -> None:
    sound = desks(name, "sound")
    asked = 0
    for operation in sorted(sound.operations()):
        if "/admin/" not in operation:
            continue
        [[roles]] = [list(wanted.values()) for wanted in sound.operation(operation)["security"]]
        assert roles in (["admin"], ["operator"]), operation
        if operation.startswith("GET "):
            path = operation.removeprefix("GET ")
            for who in desk_seed.IDENTITIES:
                role = desk_seed.IDENTITIES[who][3]
                assert sound.get(path, who).status_code == (200 if role in roles else 403), (operation, who)
                asked += 1
    assert asked >= 20


@pytest.mark.parametrize("name", DESKS)
def test_sound_way_out_is_open_for_as_many_as_come(desks, name: str) -> None:
    """Connections are shared, and each is given back: also by what is not read to its end, and by what fails."""
    sound = desks(name, "sound")
    for _ in range(20):
        for kind, path, status in (
            ("link-preview", "release-notes", 200), ("avatar-check", "release-notes", 200), ("link-preview", "none", 200),
        ):
            field = "src" if kind == "avatar-check" else "url"
            answer = sound.get(f"{API}/tools/{kind}", "alice", params={field: f"{sound.upstream}/pages/{path}"})
            assert answer.status_code == status, answer.text
        assert sound.ask("POST", f"{API}/webhooks/test", "alice", json={"url": f"{sound.upstream}/hook"}).json() == {"ok": True}
        assert sound.get(f"{API}/billing/exchange-rate").status_code == 200
    elsewhere = sound.get(f"{API}/tools/link-preview", "alice", params={"url": f"{sound.upstream}.example/pages/latest"})
    assert elsewhere.status_code in (400, 422)


@pytest.mark.parametrize("name", DESKS)
@pytest.mark.parametrize("path", [TICKETS, f"{API}/users", f"{API}/invoices", f"{TICKETS}/find", f"{API}/announcements"])
def test_sound_pages_cover_everything_once(desks, name: str, path: str) -> None:
    sound = desks(name, "sound")
    seen: list = []
    following: str | None = f"{path}?limit=5"
    while following:
        body = sound.get(following, "alice").json()
        assert body["items"]
        seen += [row.get("id", row.get("number")) for row in body["items"]]
        following = f"{path}?limit=5&cursor={body['next_cursor']}" if body["next_cursor"] else None
    assert len(seen) == len(set(seen)) > 5
    moved = sound.get(f"{path}?limit=5", "alice").json()["next_cursor"]
    assert sound.get(f"{path}?limit=5&cursor={moved}", "bob").status_code == 400


ODD = ("", "0", "-1", "1.5", "null", "true", "[]", "99999999999999999999", "%00", "%ff%fe", "'", '"', "x" * 300, "{{7*7}}", "$ne")


@pytest.mark.parametrize("name", DESKS)
def test_sound_never_fails_on_odd_input(desks, name: str) -> None:
    sound = desks(name, "sound")
    for operation in sorted(sound.operations()):
        method, path = operation.split(" ", 1)
        for parameter in sound.operation(operation).get("parameters", []):
            if method != "GET" or parameter["in"] not in ("path", "query"):
                continue
            for value in ODD:
                target = path.replace(f"{{{parameter['name']}}}", value.replace('"', "%22") or "-")
                query = f"?{parameter['name']}={value}" if parameter["in"] == "query" else ""
                answer = sound.get(sound.filled(target) + query, "admin")
                assert answer.status_code < 500, (operation, parameter["name"], value)
    for body in ([], {}, {"query": 1}, {"query": "{"}, {"query": "{ me { " * 80}, None, 7, [[]], [{"method": "desk.ping"}] * 200):
        for path in ("/graphql", "/rpc"):
            assert sound.ask("POST", path, "alice", json=body).status_code < 500, (path, body)


def test_the_start_line_has_a_token_for_each_identity() -> None:
    process = subprocess.Popen(
        [sys.executable, str(LAB / "run.py"), "desk-fastapi", "sound", "--emulator", EMULATOR, "--until-eof"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        env={key: value for key, value in os.environ.items() if key != "DYNAMODB_ENDPOINT"},
    )
    try:
        line = json.loads(process.stdout.readline())
        assert line.keys() == {"url", "token", "emulator", "endpoint", "tokens"}
        assert line["tokens"].keys() == desk_seed.IDENTITIES.keys()
        assert line["token"] == line["tokens"]["admin"]
    finally:
        process.stdin.close()
        assert process.wait(timeout=20) == 0
    with pytest.raises(httpx.ConnectError):
        httpx.get(f"{line['url']}/health", trust_env=False)


def test_data_is_the_same_every_time_and_written_once() -> None:
    for _, _, _, make in desk_seed.TABLES.values():
        assert make(random.Random(7)) == make(random.Random(7))
    with emulators.start(EMULATOR) as emulator:
        written = desk_seed.fill(emulator.endpoint)
        assert written["desk-tickets"] == desk_seed.TICKETS
        assert written["desk-users"] == desk_seed.USERS
        assert desk_seed.fill(emulator.endpoint) == {}
