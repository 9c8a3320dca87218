"""Exports for the warehouse and the accountants."""

import csv
import io
import json

from fastapi import APIRouter, Depends, Response
from fastapi.responses import StreamingResponse

from .db import async_client, client, plain
from .security import optional_user

router = APIRouter(tags=["exports"])

COLUMNS = ["id", "name", "category", "price", "stock", "supplier_id", "description"]


@router.get("/export/products.csv", response_class=Response)
def export_products():
    items = client.get_paginator("scan").paginate(TableName="products").build_full_result()["Items"]
    buffer = io.StringIO()
    writer = csv.DictWriter(buffer, COLUMNS, extrasaction="ignore")
    writer.writeheader()
    for item in items:
        writer.writerow(plain(item))
    return Response(buffer.getvalue(), media_type="text/csv")


@router.get("/export/orders", response_class=StreamingResponse)
async def export_orders(user: dict | None = Depends(optional_user)):
    db = await async_client()

    async def lines():
        paginator = db.get_paginator("scan")
        async for page in paginator.paginate(
            TableName="orders",
            ProjectionExpression="customer_id, order_id, #s, #t, created_at",
            ExpressionAttributeNames={"#s": "status", "#t": "total"},
        ):
            yield "".join(json.dumps(plain(item), default=float) + "\n" for item in page["Items"])

    return StreamingResponse(lines(), media_type="application/x-ndjson")
