"""Figures for the shop window."""

import traceback
from datetime import timedelta

from boto3.dynamodb.conditions import Key
from fastapi import APIRouter, Query
from fastapi.responses import JSONResponse

from . import config
from .db import async_client, json_answer, plain, table

router = APIRouter(tags=["reports"])


@router.get("/reports/sales")
async def sales(group_by: str = Query("status", description="status, day or customer_id", examples=["status"])):
    db = await async_client()
    groups: dict[str, int] = {}
    async for page in db.get_paginator("scan").paginate(
        TableName="orders",
        ProjectionExpression="#s, created_at, customer_id",
        ExpressionAttributeNames={"#s": "status"},
    ):
        for item in page["Items"]:
            order = plain(item)
            order["day"] = order["created_at"][:10]
            groups[order[group_by]] = groups.get(order[group_by], 0) + 1
    items = [{"group": group, "orders": number} for group, number in sorted(groups.items())]
    return {"items": items, "count": len(items)}


@router.get("/reports/daily")
def daily(days: int = 7):
    try:
        first = config.today() - timedelta(days=days - 1)
        report = {(first + timedelta(days=n)).isoformat(): 0 for n in range(days)}
        condition = Key("kind").eq("order") & Key("created_at").gte(first.isoformat())
        page = {}
        while True:
            response = table("orders").query(
                IndexName="by_created",
                KeyConditionExpression=condition,
                ProjectionExpression="created_at",
                **page,
            )
            for order in response["Items"]:
                report[order["created_at"][:10]] += 1
            if "LastEvaluatedKey" not in response:
                break
            page = {"ExclusiveStartKey": response["LastEvaluatedKey"]}
    except Exception:
        return JSONResponse({"error": "report failed", "trace": traceback.format_exc()}, status_code=500)
    items = [{"day": day, "orders": number} for day, number in report.items()]
    return json_answer({"items": items, "count": len(items)})
