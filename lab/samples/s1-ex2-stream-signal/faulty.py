"""Hand the records of a DynamoDB stream to Django signal receivers, with checkpointing.

Run: python faulty.py STREAM_ARN SHARD_ID
"""

import os
import sys
from collections import deque

import boto3
from django.dispatch import Signal, receiver

REGION = "us-east-1"

stream_record = Signal()
recent_records = deque(maxlen=100)

dynamodb = boto3.client("dynamodb", region_name=REGION, endpoint_url=os.environ["DYNAMODB_ENDPOINT"])


def process_stream(stream_arn, shard_id, signal):
    shard_iterator = dynamodb.get_shard_iterator(
        StreamArn=stream_arn,
        ShardId=shard_id,
        ShardIteratorType="TRIM_HORIZON",
    )["ShardIterator"]
    while shard_iterator:
        resp = dynamodb.get_records(ShardIterator=shard_iterator, Limit=100)
        for rec in resp["Records"]:
            signal.send(record=rec)
        shard_iterator = resp.get("NextShardIterator")
        del resp


if __name__ == "__main__":
    process_stream(sys.argv[1], sys.argv[2], stream_record)
