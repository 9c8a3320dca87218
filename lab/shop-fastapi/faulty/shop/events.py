"""The order events that the warehouse screen shows."""

import queue

from fastapi import APIRouter

from .db import client, streams

router = APIRouter(tags=["events"])

pending: queue.Queue = queue.Queue()


def read_stream() -> dict | None:
    arn = client.describe_table(TableName="order-events")["Table"].get("LatestStreamArn")
    latest = None
    for shard in streams.describe_stream(StreamArn=arn)["StreamDescription"]["Shards"]:
        iterator = streams.get_shard_iterator(
            StreamArn=arn,
            ShardId=shard["ShardId"],
            ShardIteratorType="TRIM_HORIZON",
        )["ShardIterator"]
        while iterator:
            response = streams.get_records(ShardIterator=iterator, Limit=100)
            for record in response["Records"]:
                pending.put(record)
                latest = record
            iterator = response.get("NextShardIterator") if response["Records"] else None
            del response
    return latest


@router.get("/events/poll")
def poll():
    latest = read_stream()
    return {"pending": pending.qsize(), "latest": latest}
