"""The stream sample has the faults that its CASE.toml lists; its twin has none of them.

Every statement is made by running the code against an emulator, which the
test's id names. Nothing here judges by reading the code where running it can decide.
"""

from __future__ import annotations

import ast
import gc
import threading
import time
from collections import Counter

import pytest
from sample_cases import SAMPLES, calls_of, eventually, load, proves, stores, stream_of, tables

STREAM = "s1-ex2-stream-signal"

store = stores(tables.EVENTS)
RUNNABLE = ("wrong-client", "send-without-sender")


class Stopped(Exception):
    """Ends a consumer that does not end by itself."""


def consume_for(module, store, seconds: float, receivers=()) -> tuple[Counter, list[str], list[int]]:
    """Run the faulty loop for a while: its calls, the events it delivered, the size of each answer."""
    from django.dispatch import Signal

    calls, sizes, delivered, signal = calls_of(module.dynamodb), [], [], Signal()
    end = time.monotonic() + seconds

    def note(parsed, **_):
        if "Records" in parsed:
            sizes.append(len(parsed["Records"]))
        # Not before the first empty answer: on a busy machine the time may be up sooner.
        if time.monotonic() > end and 0 in sizes:
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
    assert sizes.count(0) >= 10
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
            if len(alive) == 6:
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
        eventually(lambda: until(delivered), f"{len(delivered)} delivered")
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
    began = time.monotonic()
    done = lambda delivered: len(delivered) >= len(expected) and time.monotonic() > began + 1.0  # noqa: E731
    assert run_twin(module, consumer, done) == expected
    # Three answers with records, then one call for each rest.
    assert 4 <= calls["GetRecords"] <= 3 + (time.monotonic() - began) / consumer.idle + 1
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
