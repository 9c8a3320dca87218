"""Consumer of the order events.

A reader follows the shards of the stream, parents before their children, and puts
records into a bounded queue; when the queue is full the reader waits, so nothing is
dropped and nothing piles up. A worker handles them and then saves the position per
shard in DynamoDB: a restart goes on after the last handled record.
"""
import logging
import queue
import threading
from collections import deque

from botocore.exceptions import BotoCoreError, ClientError

from . import store

logger = logging.getLogger(__name__)

QUEUE = 200
PAUSE = 1.0
SAVE_EVERY = 50


class Checkpoints:
    """Position per shard, in a table of its own."""

    def create(self):
        try:
            store.client.create_table(
                TableName=store.CHECKPOINTS,
                KeySchema=[{"AttributeName": "shard", "KeyType": "HASH"}],
                AttributeDefinitions=[{"AttributeName": "shard", "AttributeType": "S"}],
                BillingMode="PAY_PER_REQUEST",
            )
        except store.client.exceptions.ResourceInUseException:
            return
        store.client.get_waiter("table_exists").wait(
            TableName=store.CHECKPOINTS, WaiterConfig={"Delay": 1, "MaxAttempts": 30}
        )

    def read(self, shard):
        return store.one(store.CHECKPOINTS, {"shard": shard}, ["position", "finished"]) or {}

    def save(self, shard, position, finished=False):
        item = {"shard": shard, "finished": finished, **({"position": position} if position else {})}
        store.client.put_item(TableName=store.CHECKPOINTS, Item=store.to_store(item))


class Consumer:
    def __init__(self):
        self.queue = queue.Queue(maxsize=QUEUE)
        self.stop = threading.Event()
        self.checkpoints = Checkpoints()
        self.processed = 0
        self.latest = deque(maxlen=12)
        self.status = "starting"

    def start(self):
        for work in (self.read, self.handle):
            threading.Thread(target=work, name=f"events-{work.__name__}", daemon=True).start()

    def read(self):
        while not self.stop.is_set():
            try:
                self.checkpoints.create()
                self.status = "running"
                while not self.stop.wait(PAUSE):
                    self.follow()
            except (BotoCoreError, ClientError):
                self.status = "waiting"
                logger.exception("reading the order events failed, trying again")
                self.stop.wait(10 * PAUSE)

    def shards(self, arn):
        request = {"StreamArn": arn}
        while True:
            described = store.streams.describe_stream(**request)["StreamDescription"]
            yield from described["Shards"]
            if not described.get("LastEvaluatedShardId"):
                return
            request["ExclusiveStartShardId"] = described["LastEvaluatedShardId"]

    def follow(self):
        """Read on in every shard that is open and whose parent is done."""
        arn = store.client.describe_table(TableName=store.EVENTS)["Table"]["LatestStreamArn"]
        shards = {shard["ShardId"]: shard for shard in self.shards(arn)}
        marks = {name: self.checkpoints.read(f"{arn}/{name}") for name in shards}
        for name, shard in shards.items():
            parent = shard.get("ParentShardId")
            parent_done = parent not in shards or marks[parent].get("finished")
            if parent_done and not marks[name].get("finished"):
                self.drain(arn, name, marks[name].get("position"))

    def iterator(self, arn, shard, position):
        request = {"StreamArn": arn, "ShardId": shard, "ShardIteratorType": "TRIM_HORIZON"}
        if position:
            request |= {"ShardIteratorType": "AFTER_SEQUENCE_NUMBER", "SequenceNumber": position}
        return store.streams.get_shard_iterator(**request)["ShardIterator"]

    def drain(self, arn, shard, position):
        """Queue what is in the shard now; wait until it is handled, then mark the end."""
        iterator = self.iterator(arn, shard, position)
        while iterator and not self.stop.is_set():
            answer = store.streams.get_records(ShardIterator=iterator, Limit=100)
            for record in answer["Records"]:
                self.queue.put((f"{arn}/{shard}", record["dynamodb"]["SequenceNumber"], record))
                position = record["dynamodb"]["SequenceNumber"]
            iterator = answer.get("NextShardIterator")
            if not answer["Records"]:
                break
        self.queue.join()
        if not iterator:
            self.checkpoints.save(f"{arn}/{shard}", position, finished=True)

    def handle(self):
        unsaved = 0
        while not self.stop.is_set():
            shard, position, record = self.queue.get()
            try:
                image = record["dynamodb"].get("NewImage", {})
                if "id" in image:
                    self.latest.append(image["id"]["S"])
                self.processed += 1
                unsaved += 1
                if unsaved >= SAVE_EVERY or self.queue.empty():
                    self.checkpoints.save(shard, position)
                    unsaved = 0
            except (BotoCoreError, ClientError):
                logger.exception("the position of the order events was not saved")
            finally:
                self.queue.task_done()

    def state(self):
        return {
            "status": self.status,
            "pending": self.queue.qsize(),
            "processed": self.processed,
            "items": list(self.latest),
        }


consumer = Consumer()


def start():
    consumer.start()
