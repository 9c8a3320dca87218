"""Names of products, remembered for ever: one entry for each id that anybody asks for."""

import boto3
from fastapi import FastAPI, HTTPException

app = FastAPI()
client = boto3.client("dynamodb")
known = {}


@app.get("/products/{product_id}")
def product(product_id: str):
    if product_id not in known:
        known[product_id] = client.get_item(TableName="catalog", Key={"id": {"S": product_id}}).get("Item")
    item = known[product_id]
    if item is None:
        raise HTTPException(404)
    return {"id": product_id, "name": item["name"]["S"]}
