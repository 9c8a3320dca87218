"""The FastAPI samples have the faults that their CASE.toml lists; their twins have none of them.

Every statement is made by running the code against an emulator, which the
test's id names. Nothing here judges by reading the code where running it can decide.
"""

from __future__ import annotations

import json
import logging

from sample_cases import MIB, calls_of, load, peak_of, proves, served, stores, tables

EX1, EX2, EX3 = "s0-ex1-default-argument", "s0-ex2-search-limit", "s0-ex3-export-loop"

store = stores("Items", "Catalog", "Readings")


# --- s0-ex1: a resource as a default argument ----------------------------------------------------


@proves(EX1, "default-argument-copied")
def test_default_argument_gives_500_on_every_request(store, caplog):
    with served(load(EX1, "faulty")) as client, caplog.at_level(logging.ERROR):
        assert [client.get(f"/items/item-{n:03d}").status_code for n in range(5)] == [500] * 5
    assert "cannot pickle '_thread.lock' object" in caplog.text


@proves(EX1, "handle-replaceable")
def test_default_argument_is_a_query_parameter_that_a_caller_can_set(store, caplog):
    with served(load(EX1, "faulty")) as client, caplog.at_level(logging.ERROR):
        contract = client.get("/openapi.json").json()
        published = contract["paths"]["/items/{item_id}"]["get"]["parameters"]
        assert ("db", "query", False) in [(p["name"], p["in"], p["required"]) for p in published]
        assert client.get("/items/plain", params={"db": "x"}).status_code == 500
    assert "'str' object has no attribute 'Table'" in caplog.text


@proves(EX1, "error-text-to-caller")
def test_store_error_text_reaches_the_caller(store):
    absent = ('db.Table("Items")', 'db.Table("Absent")')
    with served(load(EX1, "faulty", ("default-argument-copied",), table=absent)) as client:
        answer = client.get("/items/item-001")
    assert answer.status_code == 500
    assert "(ResourceNotFoundException) when calling the GetItem operation" in answer.json()["detail"]


@proves(EX1, "resource-per-request")
def test_provider_builds_a_resource_per_request(store, monkeypatch):
    module = load(EX1, "faulty", ("default-argument-copied",))
    built = []
    real = module.boto3.resource
    monkeypatch.setattr(module.boto3, "resource", lambda *a, **k: built.append(real(*a, **k)) or built[-1])
    with served(module) as client:
        assert [client.get("/items/item-001").status_code for _ in range(4)] == [200] * 4
    assert len({id(resource) for resource in built}) == 4


def test_default_argument_twin(store, caplog, monkeypatch):
    module = load(EX1, "sound")
    built = []
    real = module.boto3.client
    monkeypatch.setattr(module.boto3, "client", lambda *a, **k: built.append(real(*a, **k)) or built[-1])
    with served(module) as client:
        answers = [client.get("/items/item-001") for _ in range(4)]
        assert [answer.status_code for answer in answers] == [200] * 4
        assert answers[0].json()["name"] == "Lamp 1"
        assert len(built) == 1
        contract = client.get("/openapi.json").json()
        assert [p["name"] for p in contract["paths"]["/items/{item_id}"]["get"]["parameters"]] == ["item_id"]
        assert client.get("/items/item-001", params={"db": "x"}).status_code == 200
        assert client.get("/items/item-999").status_code == 404
        assert client.get("/items/" + "a" * 3000).status_code == 422
        monkeypatch.setattr(module, "TABLE", "Absent")
        broken = client.get("/items/item-001")
        assert broken.status_code == 503
        assert "ResourceNotFound" not in broken.text and "GetItem" not in broken.text
    assert "ResourceNotFoundException" in caplog.text


# --- s0-ex2: a limit that cuts off ---------------------------------------------------------------


@proves(EX2, "cut-at-one-hundred")
def test_search_is_cut_at_one_hundred_without_a_sign(store):
    with served(load(EX2, "faulty")) as client:
        answer = client.get("/search", params={"query": "lamps"}).json()
        small = client.get("/search", params={"query": "rugs"}).json()
    assert tables.CATALOG_ROWS == 250 and len(answer["items"]) == 100
    # What a complete answer has is all that the cut one has.
    assert set(answer) == set(small) == {"items"} and len(small["items"]) == 3


@proves(EX2, "query-without-bounds")
def test_search_text_has_no_bound(store):
    with served(load(EX2, "faulty")) as client:
        (parameter,) = client.get("/openapi.json").json()["paths"]["/search"]["get"]["parameters"]
        assert not {"minLength", "maxLength", "pattern", "enum"} & set(parameter["schema"])
        # A partition key has at most 2,048 bytes: no row can match, the store is asked all the same.
        assert client.get("/search", params={"query": "x" * 3000}).status_code == 200
        assert client.get("/search", params={"query": ""}).status_code == _EMPTY_KEY[store.kind]


# Where the emulators disagree; DynamoDB itself refuses an empty key, which is then the 500 of moto.
_EMPTY_KEY = {"dynoxide": 200, "moto": 500}


def test_search_twin(store):
    with served(load(EX2, "sound")) as client:
        seen, cursor, sizes = [], None, []
        while True:
            more = {"cursor": cursor} if cursor else {}
            page = client.get("/search", params={"query": "lamps", "limit": 100, **more}).json()
            seen += [item["id"] for item in page["items"]]
            sizes.append(len(page["items"]))
            cursor = page["next_cursor"]
            if cursor is None:
                break
        assert seen == [row["id"]["S"] for row in tables.catalog() if row["category"]["S"] == "lamps"]
        assert max(sizes) == 100
        refused = [{"query": ""}, {"query": "x" * 3000}]
        refused += [{"query": "lamps", "limit": limit} for limit in (0, 101)]
        assert [client.get("/search", params=params).status_code for params in refused] == [422] * 4
        first = client.get("/search", params={"query": "lamps", "limit": 1}).json()["next_cursor"]
        assert client.get("/search", params={"query": "rugs", "cursor": first}).status_code == 400
        assert client.get("/search", params={"query": "lamps", "cursor": "A" * len(first)}).status_code == 400
        assert b"lamps" not in first.encode()


# --- s0-ex3: an export loop ----------------------------------------------------------------------


@proves(EX3, "whole-table-in-one-request", "attribute-values-as-they-are")
def test_export_runs_a_scan_for_every_page_of_the_table(store):
    module = load(EX3, "faulty")
    calls = calls_of(module.client)
    with served(module) as client:
        lines = client.get("/export").text.splitlines()
    assert len(lines) == tables.READING_ROWS
    # About 8 MB in pages of 1 MB, which Limit=1000 does not change.
    assert calls == {"Scan": _SCANS[store.kind]}
    assert json.loads(lines[0])["status"] == {"S": "ok"}


_SCANS = {"dynoxide": 8, "moto": 9}


def test_export_holds_about_a_page_at_a_time(store):
    """Bounded memory is the sample's merit: time and read cost are what has no bound."""
    module = load(EX3, "faulty")
    assert peak_of(lambda: sum(1 for _ in module.rows())) < 7 * MIB < tables.READING_ROWS * 2_000


def test_export_twin(store):
    module = load(EX3, "sound")
    calls = calls_of(module.client)
    with served(module) as client:
        seen, cursor, requests = [], None, 0
        while True:
            answer = client.get("/export", params={"limit": 250, **({"cursor": cursor} if cursor else {})})
            requests += 1
            assert calls == {"Scan": requests}
            rows = [json.loads(line) for line in answer.text.splitlines()]
            assert len(rows) <= 250
            seen += rows
            cursor = answer.headers.get("X-Next-Cursor")
            if cursor is None:
                break
        assert sorted(row["id"] for row in seen) == [row["id"]["S"] for row in tables.readings()]
        assert seen[0].keys() == {"id", "status", "body"} and seen[0]["status"] == "ok"
        assert client.get("/export", params={"limit": 1000}).status_code == 422
        assert client.get("/export", params={"cursor": "A" * 64}).status_code == 400
