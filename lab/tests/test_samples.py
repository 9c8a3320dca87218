"""The six sample cases have the faults that their CASE.toml lists, and their twins have none of them.

Every statement is made by running the code against an emulator, which the test's
id names. A fault that hides behind another one is reached by applying the
repairs of CASE.toml to the faulty text, one by one: repaired texts live in memory
only. Nothing here judges by reading the code where running it can decide.
"""

from __future__ import annotations

import ast
import contextlib
import gc
import itertools
import json
import logging
import os
import shlex
import subprocess
import sys
import threading
import time
import tomllib
import tracemalloc
import types
from collections import Counter
from pathlib import Path

import boto3
import httpx
import pytest
import uvicorn

LAB = Path(__file__).resolve().parent.parent
SAMPLES = LAB / "samples"
sys.path[:0] = [str(LAB), str(SAMPLES)]

import emulator as emulators  # noqa: E402
import tables  # noqa: E402

CASES = {path.parent.name: tomllib.loads(path.read_text()) for path in sorted(SAMPLES.glob("*/CASE.toml"))}
KINDS = {"crash", "data-loss", "leak", "peak", "cost", "exposure", "access", "input", "info"}
EX1, EX2, EX3 = "s0-ex1-default-argument", "s0-ex2-search-limit", "s0-ex3-export-loop"
PAGES, STREAM, VIEW = "s1-ex1-paginator-context", "s1-ex2-stream-signal", "s1-ex3-user-view"
MIB = 1024 * 1024

PROVEN: set[tuple[str, str]] = set()
_serial = itertools.count()


def proves(case: str, *faults: str):
    """Note which faults of a case a test shows; the last test compares this with CASE.toml."""
    PROVEN.update((case, fault) for fault in faults)
    return lambda test: test


# --- running the samples -----------------------------------------------------------------------


@pytest.fixture(scope="module", params=emulators.KINDS)
def store(request):
    """An emulator with the samples' tables, as the environment of this process."""
    with emulators.start(request.param) as running, pytest.MonkeyPatch.context() as patch:
        for name, value in emulators.aws_environment(running.endpoint).items():
            patch.setenv(name, value)
        patch.setenv("SAMPLE_SECRET_KEY", "a-key-for-tests-only-0123456789abcdef")
        tables.create(running.endpoint)
        yield running


def faults(case: str) -> dict[str, dict]:
    return {fault["id"]: fault for fault in CASES[case]["fault"]}


def load(case: str, variant: str, repaired: tuple[str, ...] = (), **replaced: str) -> types.ModuleType:
    """The sample as a module of its own, with the named faults repaired."""
    path = SAMPLES / case / f"{variant}.py"
    text = path.read_text()
    swaps = [(swap["from"], swap["to"]) for fault in repaired for swap in faults(case)[fault]["repair"]]
    for old, new in [*swaps, *replaced.values()]:
        assert text.count(old) == 1, f"{old!r} is not in {path} exactly once"
        text = text.replace(old, new)
    module = types.ModuleType(f"sample_{next(_serial)}")
    module.__file__ = str(path)
    sys.modules[module.__name__] = module
    exec(compile(text, str(path), "exec"), module.__dict__)
    return module


@contextlib.contextmanager
def served(module: types.ModuleType):
    """A FastAPI sample behind uvicorn on a free port: an HTTP client for it."""
    config = uvicorn.Config(module.app, host="127.0.0.1", port=0, log_config=None, access_log=False)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    deadline = time.monotonic() + 20
    while not server.started:
        assert thread.is_alive() and time.monotonic() < deadline, "uvicorn did not start"
        time.sleep(0.005)
    port = server.servers[0].sockets[0].getsockname()[1]
    try:
        # uvicorn closes a connection after an unhandled exception: each request gets its own.
        single = httpx.Limits(max_keepalive_connections=0)
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", trust_env=False, timeout=30, limits=single) as client:
            yield client
    finally:
        server.should_exit = True
        thread.join(20)


@contextlib.contextmanager
def django_client(module: types.ModuleType):
    """A client for a Django sample: real requests through its handler, exceptions as `exc_info`."""
    from django.test import Client, override_settings

    with override_settings(ROOT_URLCONF=module.__name__):
        yield Client(raise_request_exception=False, SERVER_NAME="localhost")


def calls_of(client) -> Counter:
    """A live count of the operations that a boto3 client sends."""
    counted: Counter = Counter()

    def count(model, **_):
        counted[model.name] += 1

    client.meta.events.register("before-call", count)
    return counted


def peak_of(work) -> int:
    """Bytes that Python objects took at most while `work` ran."""
    tracemalloc.start()
    try:
        work()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


# --- the cases themselves ----------------------------------------------------------------------


def test_there_are_six_cases():
    assert set(CASES) == {EX1, EX2, EX3, PAGES, STREAM, VIEW}


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


def test_every_case_runs_as_documented(store, tmp_path):
    """The command of CASE.toml starts it, and `ask.path` answers as `ask` says; all at once, to be quick."""
    if store.kind != "dynoxide":
        pytest.skip("the commands do not depend on the emulator")
    streams = dict(zip(("stream_arn", "shard_id"), stream_of(store)))
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
                _eventually(checkpoint.exists, f"{command}: {log.read_text()[-2000:]}")
                process.terminate()
                assert process.wait(30) == 0
                assert f"{len(list(tables.events()))} records handled" in log.read_text()
    finally:
        for *_, process in running:
            emulators.stop_process(process)


def _eventually(condition, otherwise: str, seconds: float = 20) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, otherwise
        time.sleep(0.02)


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
        refused = [{"query": ""}, {"query": "x" * 3000}, {"query": "lamps", "limit": 0}, {"query": "lamps", "limit": 101}]
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


# --- s1-ex1: a paginator as a context manager ----------------------------------------------------


@proves(PAGES, "page-iterator-as-context-manager")
def test_page_iterator_is_no_context_manager(store):
    module = load(PAGES, "faulty")
    with django_client(module) as client:
        answers = [client.get("/users/active") for _ in range(2)]
    assert [answer.status_code for answer in answers] == [500, 500]
    kind, error, _ = answers[0].exc_info
    assert kind is TypeError and "'PageIterator' object does not support the context manager protocol" in str(error)
    paginator = module.dynamodb.get_paginator("scan")
    for thing in (paginator, paginator.paginate(TableName="Users")):
        assert not hasattr(thing, "close") and not hasattr(thing, "__enter__")


@proves(PAGES, "reserved-word")
def test_status_is_a_reserved_word(store):
    with django_client(load(PAGES, "faulty", ("page-iterator-as-context-manager",))) as client:
        answer = client.get("/users/active")
    assert answer.status_code == 500
    error = answer.exc_info[1]
    assert error.response["Error"]["Code"] == "ValidationException"
    assert "reserved keyword: status" in str(error)


@proves(PAGES, "sparse-row")
def test_row_without_an_address_ends_the_list(store):
    module = load(PAGES, "faulty", ("page-iterator-as-context-manager", "reserved-word"))
    assert len(module.get_active_users()) == tables.ACTIVE_USERS == 50
    with django_client(module) as client:
        answer = client.get("/users/active")
    assert answer.status_code == 500
    assert answer.exc_info[0] is KeyError and answer.exc_info[1].args == ("email",)


@proves(PAGES, "whole-table-in-a-list")
def test_list_holds_the_whole_table_where_the_twin_holds_a_page(store):
    faulty = load(PAGES, "faulty", ("page-iterator-as-context-manager", "reserved-word"))
    sound = load(PAGES, "sound")
    faulty.TABLE = sound.TABLE = "Readings"
    data = sum(len(value["S"]) for row in tables.readings() for value in row.values())
    listed = peak_of(faulty.get_active_users)
    paged = peak_of(lambda: sound.active_page(sound.MAX_LIMIT, None))
    assert listed > data > 7 * MIB
    assert paged < data / 4


@proves(PAGES, "addresses-without-sign-in")
def test_addresses_go_to_anybody(store):
    with django_client(load(PAGES, "faulty", ("page-iterator-as-context-manager", "reserved-word", "sparse-row"))) as client:
        answer = client.get("/users/active")
    assert answer.status_code == 200
    assert len(answer.json()["emails"]) == tables.ACTIVE_USERS - 1


def test_paginator_twin(store):
    module = load(PAGES, "sound")
    calls = calls_of(module.dynamodb)
    with django_client(module) as client:
        assert client.get("/users/active").status_code == 401
        assert client.get("/users/active").headers["WWW-Authenticate"] == "Bearer"
        assert not calls
        staff = {"authorization": f"Bearer {module.issue_token('maren')}"}
        seen, cursor, sizes = {}, None, []
        while True:
            query = {"limit": 20, **({"cursor": cursor} if cursor else {})}
            page = client.get("/users/active", query, headers=staff).json()
            sizes.append(len(page["users"]))
            seen |= {user["id"]: user["email"] for user in page["users"]}
            cursor = page["next_cursor"]
            if cursor is None:
                break
        assert calls == {"Scan": len(sizes)} and max(sizes) <= 20 < sum(sizes)
        assert set(seen) == {row["id"]["S"] for row in tables.users() if "status" in row}
        assert seen[tables.WITHOUT_EMAIL] is None and seen["user-001"] == "user1@example.org"
        for query in ({"limit": "0"}, {"limit": "101"}, {"limit": "x"}, {"cursor": "user-001"}):
            assert client.get("/users/active", query, headers=staff).status_code == 400


# --- s1-ex2: a stream consumer -------------------------------------------------------------------

RUNNABLE = ("wrong-client", "send-without-sender")


class Stopped(Exception):
    """Ends a consumer that does not end by itself."""


def stream_of(store) -> tuple[str, str]:
    """The ARN of the events table's stream and its first shard."""
    common = {"endpoint_url": store.endpoint, "region_name": "us-east-1"}
    table = boto3.client("dynamodb", **common).describe_table(TableName=tables.EVENTS)["Table"]
    arn = table["LatestStreamArn"]
    streams = boto3.client("dynamodbstreams", **common)
    return arn, streams.describe_stream(StreamArn=arn)["StreamDescription"]["Shards"][0]["ShardId"]


def consume_for(module, store, seconds: float, receivers=()) -> tuple[Counter, list[str], list[int]]:
    """Run the faulty loop for a while: its calls, the events it delivered, the size of each answer."""
    from django.dispatch import Signal

    calls, sizes, delivered, signal = calls_of(module.dynamodb), [], [], Signal()
    end = time.monotonic() + seconds

    def note(parsed, **_):
        if "Records" in parsed:
            sizes.append(len(parsed["Records"]))
        if time.monotonic() > end:
            raise Stopped

    def receive(record, **_):
        delivered.append(record["dynamodb"]["Keys"]["id"]["S"])

    module.dynamodb.meta.events.register("after-call", note)
    for each in (receive, *receivers):
        signal.connect(each, weak=False)
    with pytest.raises(Stopped):
        module.process_stream(*stream_of(store), signal)
    return calls, delivered, sizes


@proves(STREAM, "wrong-client")
def test_stream_calls_are_not_on_the_table_client(store):
    module = load(STREAM, "faulty")
    with pytest.raises(AttributeError, match="'DynamoDB' object has no attribute 'get_shard_iterator'"):
        module.process_stream(*stream_of(store), module.stream_record)


@proves(STREAM, "send-without-sender")
def test_signal_cannot_be_sent_without_a_sender(store):
    module = load(STREAM, "faulty", ("wrong-client",))
    with pytest.raises(TypeError, match="missing 1 required positional argument: 'sender'"):
        module.process_stream(*stream_of(store), module.stream_record)


@proves(STREAM, "hot-poll-loop", "one-shard-only")
def test_loop_polls_an_idle_stream_without_a_pause(store):
    calls, delivered, sizes = consume_for(load(STREAM, "faulty", RUNNABLE), store, 1.0)
    assert len(delivered) == len(list(tables.events()))
    # Three answers bring the 250 records; all others are empty, one after the other.
    assert sizes.count(0) == len(sizes) - 3
    assert sizes.count(0) >= 20
    # It never asks which shards there are.
    assert set(calls) == {"GetShardIterator", "GetRecords"} and calls["GetShardIterator"] == 1


@proves(STREAM, "no-checkpoint")
def test_restart_delivers_everything_again(store):
    first = consume_for(load(STREAM, "faulty", RUNNABLE), store, 0.3)[1]
    second = consume_for(load(STREAM, "faulty", RUNNABLE), store, 0.3)[1]
    assert first == second == [row["id"]["S"] for row in tables.events()]


@proves(STREAM, "buffer-drops-records")
def test_buffer_drops_records_and_is_not_even_used(store):
    module = load(STREAM, "faulty", RUNNABLE)
    loaded = {
        node.id
        for node in ast.walk(ast.parse((SAMPLES / STREAM / "faulty.py").read_text()))
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)
    }
    assert not {"recent_records", "receiver"} & loaded

    def keep(record, **_):
        module.recent_records.append(record)

    delivered = consume_for(module, store, 0.3, [keep])[1]
    assert len(delivered) == 250 and len(module.recent_records) == 100
    module.recent_records.extend(range(1_000))
    assert list(module.recent_records) == list(range(900, 1_000))


@proves(STREAM, "useless-del")
def test_del_of_the_answer_frees_nothing_that_would_stay(store):
    """Without it one answer lives until the next assignment; with or without, no answer lives on."""

    def most_alive(module) -> int:
        alive = []

        def note(parsed, **_):
            alive.append(sum(type(thing) is dict and "NextShardIterator" in thing for thing in gc.get_objects()))
            if len(alive) == 12:
                raise Stopped

        module.dynamodb.meta.events.register("after-call.dynamodb-streams.GetRecords", note)
        with pytest.raises(Stopped):
            module.process_stream(*stream_of(store), module.stream_record)
        return max(alive)

    gc.collect()
    assert most_alive(load(STREAM, "faulty", RUNNABLE)) == 1
    assert most_alive(load(STREAM, "faulty", RUNNABLE, without=("        del resp\n", ""))) == 2


def run_twin(module, consumer, until) -> list[str]:
    """Run the sound consumer in a thread until `until` holds: the events it delivered."""
    delivered = []

    def receive(record, **_):
        delivered.append(record["dynamodb"]["Keys"]["id"]["S"])

    module.stream_record.connect(receive, weak=False)
    thread = threading.Thread(target=consumer.run)
    thread.start()
    try:
        _eventually(lambda: until(delivered), f"{len(delivered)} delivered")
    finally:
        consumer.stop()
        thread.join(20)
        module.stream_record.disconnect(receive)
    return delivered


def test_stream_twin_reads_all_rests_and_goes_on_where_it_stopped(store, tmp_path):
    module = load(STREAM, "sound")
    expected = [row["id"]["S"] for row in tables.events()]
    checkpoint = tmp_path / "checkpoint.json"
    consumer = module.connect(checkpoint, idle=0.25)
    calls = calls_of(consumer.streams)
    end = time.monotonic() + 1.0
    assert run_twin(module, consumer, lambda _: time.monotonic() > end) == expected
    # Three answers with records, then one call for each rest.
    assert 4 <= calls["GetRecords"] <= 3 + 5
    assert calls["DescribeStream"] == 1

    again = module.connect(checkpoint, idle=0.05)
    calls = calls_of(again.streams)
    assert run_twin(module, again, lambda _: calls["GetRecords"] >= 3) == []


def test_stream_twin_does_not_pass_over_a_failing_receiver(store, tmp_path):
    module = load(STREAM, "sound")
    checkpoint = tmp_path / "checkpoint.json"

    def fail(record, **_):
        if record["dynamodb"]["Keys"]["id"]["S"] == "event-150":
            raise RuntimeError("the receiver's database is down")

    module.stream_record.connect(fail, weak=False)
    with pytest.raises(RuntimeError):
        module.connect(checkpoint).run()
    module.stream_record.disconnect(fail)
    rest = run_twin(module, module.connect(checkpoint), lambda delivered: "event-249" in delivered)
    # The first batch of 100 is done; the second, in which the receiver failed, comes again whole.
    assert rest == [row["id"]["S"] for row in tables.events()][100:]


class TwoShards:
    """A stream whose first shard is closed and has a child: emulators have one open shard only."""

    def describe_stream(self, StreamArn, ExclusiveStartShardId=None):  # noqa: N803
        child = {"ShardId": "shard-b", "ParentShardId": "shard-a"}
        if ExclusiveStartShardId == "shard-b":
            return {"StreamDescription": {"Shards": [{"ShardId": "shard-a"}]}}
        return {"StreamDescription": {"Shards": [child], "LastEvaluatedShardId": "shard-b"}}

    def get_shard_iterator(self, ShardId, SequenceNumber=None, **_):  # noqa: N803
        return {"ShardIterator": f"{ShardId}:{SequenceNumber or 0}"}

    def get_records(self, ShardIterator, Limit):  # noqa: N803
        shard, position = ShardIterator.split(":")
        numbers = [n for n in (1, 2, 3) if n > int(position)][:2]
        records = [
            {"dynamodb": {"SequenceNumber": str(n), "Keys": {"id": {"S": f"{shard}-{n}"}}}} for n in numbers
        ]
        answer = {"Records": records}
        if shard == "shard-b" or numbers and numbers[-1] < 3:
            answer["NextShardIterator"] = f"{shard}:{numbers[-1] if numbers else position}"
        return answer


def test_stream_twin_follows_child_shards_parents_first(tmp_path):
    module = load(STREAM, "sound")
    consumer = module.Consumer(TwoShards(), "arn", module.Checkpoint(tmp_path / "c.json"), idle=0.01)
    delivered = run_twin(module, consumer, lambda delivered: "shard-b-3" in delivered)
    assert delivered == [f"shard-{shard}-{n}" for shard in "ab" for n in (1, 2, 3)]
    assert module.Checkpoint(tmp_path / "c.json").finished == {"shard-a"}


# --- s1-ex3: a user view -------------------------------------------------------------------------


@proves(VIEW, "missing-user")
def test_unknown_user_gives_500(store):
    with django_client(load(VIEW, "faulty")) as client:
        answer = client.get("/users/nobody")
    assert answer.status_code == 500
    assert answer.exc_info[0] is AttributeError and "'NoneType' object has no attribute 'get'" in str(answer.exc_info[1])


@proves(VIEW, "set-in-the-answer")
def test_set_attribute_gives_500(store):
    with django_client(load(VIEW, "faulty")) as client:
        answer = client.get(f"/users/{tables.WITH_GROUPS}")
    assert answer.status_code == 500
    assert answer.exc_info[0] is TypeError and "Object of type set is not JSON serializable" in str(answer.exc_info[1])


@proves(VIEW, "anybodys-address")
def test_anybody_reads_anybodys_address(store):
    with django_client(load(VIEW, "faulty")) as client:
        answers = [client.get(f"/users/user-{n:03d}") for n in (1, 2)]
    assert [answer.json()["email"] for answer in answers] == ["user1@example.org", "user2@example.org"]


def test_user_view_twin(store):
    module = load(VIEW, "sound")
    with django_client(module) as client:

        def ask(user, as_user):
            return client.get(f"/users/{user}", headers={"authorization": f"Bearer {module.issue_token(as_user)}"})

        unsigned = client.get("/users/user-001")
        assert unsigned.status_code == 401 and unsigned.headers["WWW-Authenticate"] == "Bearer"
        assert client.get("/users/user-001", headers={"authorization": "Bearer user-001"}).status_code == 401
        assert ask("user-001", "user-001").json()["email"] == "user1@example.org"
        assert ask("user-002", "user-001").status_code == 404
        assert ask("nobody", "nobody").status_code == 404
        assert ask(tables.WITH_GROUPS, tables.WITH_GROUPS).json()["groups"] == ["buyers", "staff"]
        assert ask(tables.WITHOUT_EMAIL, tables.WITHOUT_EMAIL).json()["email"] is None


# --- completeness --------------------------------------------------------------------------------


def test_every_listed_fault_is_shown_by_a_test():
    assert PROVEN == {(case, fault) for case in CASES for fault in faults(case)}
