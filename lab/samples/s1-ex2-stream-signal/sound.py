"""Hand the records of a DynamoDB stream to Django signal receivers, with checkpointing.

Every shard is read, parents before their children. The position of a shard is
written to a file after each batch that all receivers took, so a restart goes on
where it stopped; a receiver that fails stops the consumer before that (a record
is delivered at least once, never dropped). A position that the stream has trimmed
already (24 hours) ends the consumer with DynamoDB's error instead of a silent gap. Nothing is buffered: the next batch
is fetched when the last one has been handled. An idle stream is asked once per
`idle` seconds.

Run: python sound.py   (ends on SIGINT or SIGTERM)
"""

import json
import os
import signal
import sys
import tempfile
import threading
from collections import deque
from pathlib import Path

import boto3
from django.dispatch import Signal

TABLE = "user-events"
REGION = "us-east-1"
BATCH = 100

stream_record = Signal()


class Checkpoint:
    """The last handled sequence number of each shard, and which shards are done."""

    def __init__(self, path):
        self.path = Path(path)
        saved = json.loads(self.path.read_text()) if self.path.exists() else {}
        self.last = saved.get("last", {})
        self.finished = set(saved.get("finished", []))

    def save(self):
        # Replaced in one step: a crash leaves the old file or the new one, never half of one.
        text = json.dumps({"last": self.last, "finished": sorted(self.finished)})
        with tempfile.NamedTemporaryFile("w", dir=self.path.parent, delete=False) as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        os.replace(file.name, self.path)


class Consumer:
    def __init__(self, streams, stream_arn, checkpoint, idle=1.0):
        self.streams = streams
        self.stream_arn = stream_arn
        self.checkpoint = checkpoint
        self.idle = idle
        self.stopping = threading.Event()
        self.handled = 0

    def run(self):
        """Read all shards in turn, one batch each, until `stop` is called."""
        open_shards = deque()
        while not self.stopping.is_set():
            if not open_shards:
                open_shards.extend((shard_id, self._iterator(shard_id)) for shard_id in self._ready_shards())
            progress = False
            for _ in range(len(open_shards)):
                shard_id, iterator = open_shards.popleft()
                count, iterator = self._batch(shard_id, iterator)
                progress = progress or count > 0
                if iterator is not None:
                    open_shards.append((shard_id, iterator))
                if self.stopping.is_set():
                    return
                if iterator is None:
                    # The shard is at its end: its children may be read from now on.
                    open_shards.clear()
                    progress = True
                    break
            if not progress:
                self.stopping.wait(self.idle)

    def stop(self):
        self.stopping.set()

    def _ready_shards(self):
        """Shards that are not finished and whose parent is finished or gone."""
        shards, more = [], {}
        while True:
            page = self.streams.describe_stream(StreamArn=self.stream_arn, **more)["StreamDescription"]
            shards.extend(page["Shards"])
            if not page.get("LastEvaluatedShardId"):
                break
            more = {"ExclusiveStartShardId": page["LastEvaluatedShardId"]}
        known = {shard["ShardId"] for shard in shards}
        self.checkpoint.finished &= known
        waiting = known - self.checkpoint.finished
        return [
            shard["ShardId"]
            for shard in shards
            if shard["ShardId"] in waiting and shard.get("ParentShardId") not in waiting
        ]

    def _iterator(self, shard_id):
        after = self.checkpoint.last.get(shard_id)
        start = (
            {"ShardIteratorType": "AFTER_SEQUENCE_NUMBER", "SequenceNumber": after}
            if after
            else {"ShardIteratorType": "TRIM_HORIZON"}
        )
        return self.streams.get_shard_iterator(StreamArn=self.stream_arn, ShardId=shard_id, **start)[
            "ShardIterator"
        ]

    def _batch(self, shard_id, iterator):
        page = self.streams.get_records(ShardIterator=iterator, Limit=BATCH)
        for record in page["Records"]:
            # `send` lets a receiver's exception through: the batch is then not checkpointed.
            stream_record.send(sender=type(self), record=record)
        following = page.get("NextShardIterator")
        if page["Records"]:
            self.checkpoint.last[shard_id] = page["Records"][-1]["dynamodb"]["SequenceNumber"]
            self.handled += len(page["Records"])
        if following is None:
            self.checkpoint.finished.add(shard_id)
            self.checkpoint.last.pop(shard_id, None)
        if page["Records"] or following is None:
            self.checkpoint.save()
        return len(page["Records"]), following


def connect(checkpoint_path, idle=1.0):
    common = {"region_name": REGION, "endpoint_url": os.environ["DYNAMODB_ENDPOINT"]}
    table = boto3.client("dynamodb", **common).describe_table(TableName=TABLE)["Table"]
    streams = boto3.client("dynamodbstreams", **common)
    return Consumer(streams, table["LatestStreamArn"], Checkpoint(checkpoint_path), idle)


def main():
    consumer = connect(os.environ.get("SAMPLE_CHECKPOINT", "user-events.checkpoint.json"))
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: consumer.stop())
    consumer.run()
    print(f"{consumer.handled} records handled", file=sys.stderr)


if __name__ == "__main__":
    main()
