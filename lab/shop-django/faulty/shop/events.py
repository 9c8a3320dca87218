"""Consumer of the order events."""
import queue

import boto3
from django.conf import settings
from django.http import JsonResponse

from . import store

backlog = queue.Queue()

streams = boto3.client("dynamodbstreams", region_name=settings.AWS_REGION, endpoint_url=settings.DYNAMODB_ENDPOINT)


def collect():
    arn = store.client.describe_table(TableName=store.EVENTS)["Table"]["LatestStreamArn"]
    for shard in streams.describe_stream(StreamArn=arn)["StreamDescription"]["Shards"]:
        iterator = streams.get_shard_iterator(
            StreamArn=arn, ShardId=shard["ShardId"], ShardIteratorType="TRIM_HORIZON"
        )["ShardIterator"]
        for record in streams.get_records(ShardIterator=iterator)["Records"]:
            backlog.put(record)
    return arn


def poll(request):
    arn = collect()
    pending = [record["dynamodb"] for record in list(backlog.queue)]
    return JsonResponse(
        {
            "status": "running",
            "stream": arn,
            "pending": len(pending),
            "items": [change["NewImage"]["id"]["S"] for change in pending if "NewImage" in change],
        }
    )
