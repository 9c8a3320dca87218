"""As many reads as the caller names ids, one after the other."""

from typing import Annotated

import boto3
from fastapi import FastAPI, Query

app = FastAPI()
client = boto3.client("dynamodb")


@app.get("/products/by-ids")
def by_ids(ids: Annotated[list[str], Query()]):
    names = {}
    for product_id in ids:
        item = client.get_item(TableName="catalog", Key={"id": {"S": product_id}}).get("Item")
        if item:
            names[product_id] = item["name"]["S"]
    return names
