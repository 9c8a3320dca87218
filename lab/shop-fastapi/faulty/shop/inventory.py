"""Stock levels for the tills."""

import boto3
from fastapi import APIRouter

from . import config

router = APIRouter(tags=["inventory"])


@router.get("/inventory/{product_id}")
def inventory(
    product_id: str,
    db=boto3.resource("dynamodb", region_name=config.REGION, endpoint_url=config.ENDPOINT),
):
    item = db.Table("products").get_item(Key={"id": product_id})["Item"]
    return {"id": product_id, "stock": item["stock"]}
