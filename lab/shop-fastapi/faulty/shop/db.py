"""DynamoDB access."""

import json

import aioboto3
import boto3
from boto3.dynamodb.types import TypeDeserializer
from fastapi import Response

from . import config

dynamodb = boto3.resource("dynamodb", region_name=config.REGION, endpoint_url=config.ENDPOINT)
client = boto3.client("dynamodb", region_name=config.REGION, endpoint_url=config.ENDPOINT)
streams = boto3.client("dynamodbstreams", region_name=config.REGION, endpoint_url=config.ENDPOINT)
async_session = aioboto3.Session(region_name=config.REGION)

_deserializer = TypeDeserializer()


def table(name: str):
    return dynamodb.Table(name)


def plain(item: dict) -> dict:
    return {key: _deserializer.deserialize(value) for key, value in item.items()}


def json_answer(data: dict) -> Response:
    # Much quicker than the default encoder for long lists.
    return Response(json.dumps(data, default=float), media_type="application/json")


def new_client():
    return boto3.client("dynamodb", region_name=config.REGION, endpoint_url=config.ENDPOINT)


async def async_client():
    context = async_session.client("dynamodb", endpoint_url=config.ENDPOINT)
    return await context.__aenter__()
