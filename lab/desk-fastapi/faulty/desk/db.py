"""DynamoDB access."""

from decimal import Decimal
from typing import Any

import boto3
from boto3.dynamodb.conditions import Key

from . import config

dynamodb = boto3.resource("dynamodb", region_name=config.REGION, endpoint_url=config.ENDPOINT)

users = dynamodb.Table("desk-users")
tickets = dynamodb.Table("desk-tickets")
comments = dynamodb.Table("desk-comments")
attachments = dynamodb.Table("desk-attachments")
invoices = dynamodb.Table("desk-invoices")
articles = dynamodb.Table("desk-articles")
announcements = dynamodb.Table("desk-announcements")
posts = dynamodb.Table("desk-posts")
contacts = dynamodb.Table("desk-contacts")
coupons = dynamodb.Table("desk-coupons")


def plain(value: Any) -> Any:
    """Numbers as JSON knows them."""
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, dict):
        return {name: plain(part) for name, part in value.items()}
    if isinstance(value, list):
        return [plain(part) for part in value]
    return value


def one(table, key: str, value: Any) -> dict | None:
    item = table.get_item(Key={key: value}).get("Item")
    return plain(item) if item else None


def by(table, index: str, key: str, value: Any) -> list[dict]:
    """All items of an index with this key, the newest first."""
    options = {"IndexName": index, "KeyConditionExpression": Key(key).eq(value), "ScanIndexForward": False}
    answer = table.query(**options)
    items = answer["Items"]
    while "LastEvaluatedKey" in answer:
        answer = table.query(**options, ExclusiveStartKey=answer["LastEvaluatedKey"])
        items += answer["Items"]
    return plain(items)


def everything(table) -> list[dict]:
    answer = table.scan()
    items = answer["Items"]
    while "LastEvaluatedKey" in answer:
        answer = table.scan(ExclusiveStartKey=answer["LastEvaluatedKey"])
        items += answer["Items"]
    return plain(items)
