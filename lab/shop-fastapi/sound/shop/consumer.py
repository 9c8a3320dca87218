"""Reads the stream of order events: bounded, with back-pressure and a persisted position.

One thread reads shards, one handles records. Between them is a queue of 200
records; when it is full the reader waits, so nothing is dropped and nothing piles
up. A shard's position is written after its records were handled, and a child shard
is read only when its parent was read to its end.
"""

from __future__ import annotations

import logging
import queue
import threading
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from .store import Store, plain, typed

log = logging.getLogger("shop")

TABLE = "order-events"
CHECKPOINTS = "stream-checkpoints"
CAPACITY = 200
BATCH = 100
IDLE_SECONDS = 1.0
FINISHED = "finished"


@dataclass(frozen=True)
class Event:
    """What is kept of a record: three short strings and its position."""

    shard: str
    sequence: str
    id: str = ""
    type: str = ""


class Consumer:
    def __init__(self, store: Store) -> None:
        self._store = store
        self._queue: queue.Queue[Event] = queue.Queue(maxsize=CAPACITY)
        self._stop = threading.Event()
        self._iterators: dict[str, str | None] = {}
        self._threads = [
            threading.Thread(target=self._read_for_ever, name="stream-reader", daemon=True),
            threading.Thread(target=self._handle_for_ever, name="stream-handler", daemon=True),
        ]
        self.handled = 0
        self.latest: Event | None = None

    @property
    def pending(self) -> int:
        return self._queue.qsize()

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join(timeout=5)

    def _read_for_ever(self) -> None:
        wait = 0.0
        while not self._stop.wait(wait):
            try:
                wait = 0.0 if self._read_once() else IDLE_SECONDS
            except (ClientError, BotoCoreError) as error:
                # An expired iterator or trimmed data: go on from the position that was written.
                log.warning("stream: %s", error)
                self._iterators.clear()
                wait = 5 * IDLE_SECONDS

    def _read_once(self) -> bool:
        """Read one batch of every open shard; true when anything came."""
        description = self._store.client.describe_table(TableName=TABLE)["Table"]
        arn = description.get("LatestStreamArn")
        if arn is None:
            return False
        came = False
        shards = self._shards(arn)
        for gone in self._iterators.keys() - {shard["ShardId"] for shard in shards}:
            del self._iterators[gone]
        for shard in shards:
            name = shard["ShardId"]
            if name not in self._iterators:
                if not self._parent_done(shard, shards):
                    continue
                self._iterators[name] = self._iterator(arn, name)
            iterator = self._iterators[name]
            if iterator is None:
                continue
            answer = self._store.streams.get_records(ShardIterator=iterator, Limit=BATCH)
            for record in answer["Records"]:
                came = True
                if not self._put(self._event(name, record)):
                    return came
            following = answer.get("NextShardIterator")
            self._iterators[name] = following
            if following is None:
                self._put(Event(name, FINISHED))
        return came

    def _shards(self, arn: str) -> list[dict[str, Any]]:
        shards: list[dict[str, Any]] = []
        start: dict[str, str] = {}
        while len(shards) < 1000:
            answer = self._store.streams.describe_stream(StreamArn=arn, Limit=100, **start)["StreamDescription"]
            shards.extend(answer["Shards"])
            if "LastEvaluatedShardId" not in answer:
                break
            start = {"ExclusiveStartShardId": answer["LastEvaluatedShardId"]}
        return shards

    def _parent_done(self, shard: dict[str, Any], shards: list[dict[str, Any]]) -> bool:
        parent = shard.get("ParentShardId")
        if parent is None or all(other["ShardId"] != parent for other in shards):
            return True
        return self._position(parent) == FINISHED

    def _iterator(self, arn: str, shard: str) -> str | None:
        position = self._position(shard)
        if position == FINISHED:
            return None
        kind = {"ShardIteratorType": "TRIM_HORIZON"}
        if position is not None:
            kind = {"ShardIteratorType": "AFTER_SEQUENCE_NUMBER", "SequenceNumber": position}
        return self._store.streams.get_shard_iterator(StreamArn=arn, ShardId=shard, **kind)["ShardIterator"]

    def _event(self, shard: str, record: dict[str, Any]) -> Event:
        image = plain(record["dynamodb"].get("NewImage", {}))
        sequence = record["dynamodb"]["SequenceNumber"]
        return Event(shard, sequence, str(image.get("id", ""))[:40], str(image.get("type", ""))[:40])

    def _put(self, event: Event) -> bool:
        while not self._stop.is_set():
            try:
                self._queue.put(event, timeout=0.5)
                return True
            except queue.Full:
                continue
        return False

    def _handle_for_ever(self) -> None:
        unwritten: dict[str, str] = {}
        since = 0
        while not self._stop.is_set():
            try:
                event = self._queue.get(timeout=0.5)
            except queue.Empty:
                self._write(unwritten)
                continue
            if event.sequence != FINISHED:
                self.handled += 1
                self.latest = event
            unwritten[event.shard] = event.sequence
            since += 1
            if since >= BATCH or event.sequence == FINISHED:
                self._write(unwritten)
                since = 0
        self._write(unwritten)

    def _position(self, shard: str) -> str | None:
        row = self._store.item(CHECKPOINTS, {"shard_id": shard}, ["sequence"])
        return row["sequence"] if row else None

    def _write(self, positions: dict[str, str]) -> None:
        for shard, sequence in list(positions.items()):
            try:
                item = typed({"shard_id": shard, "sequence": sequence})
                self._store.client.put_item(TableName=CHECKPOINTS, Item=item)
                del positions[shard]
            except (ClientError, BotoCoreError) as error:
                # Kept for the next round: at worst some records are handled twice.
                log.warning("checkpoint of %s not written: %s", shard, error)
