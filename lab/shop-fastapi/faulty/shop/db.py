"""DynamoDB access."""

import json

import aioboto3
import boto3
from fastapi import Response

from . import config

dynamodb = boto3.resource("dynamodb", region_name=config.REGION, endpoint_url=config.ENDPOINT)
client = boto3.client("dynamodb", region_name=config.REGION, endpoint_url=config.ENDPOINT)
streams = boto3.client("dynamodbstreams", region_name=config.REGION, endpoint_url=config.ENDPOINT)
async_session = aioboto3.Session(region_name=config.REGION)


def table(name: str):
    return dynamodb.Table(name)


def value(attribute: dict):
    (kind, content), = attribute.items()
    if kind == "N":
        return float(content) if "." in content else int(content)
    if kind == "L":
        return [value(part) for part in content]
    if kind == "M":
        return plain(content)
    return content


def plain(item: dict) -> dict:
    return {key: value(attribute) for key, attribute in item.items()}


def json_answer(data: dict) -> Response:
    # Much quicker than the default encoder for long lists.
    return Response(json.dumps(data, default=float), media_type="application/json")


def new_client():
    return boto3.client("dynamodb", region_name=config.REGION, endpoint_url=config.ENDPOINT)


async def async_client():
    context = async_session.client("dynamodb", endpoint_url=config.ENDPOINT)
    return await context.__aenter__()
