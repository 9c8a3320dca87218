"""One long-lived botocore session, wrapped anew for each request: each wrapping registers its handlers on it, for good."""

import boto3
import botocore.session
from fastapi import FastAPI, HTTPException

app = FastAPI()
core = botocore.session.get_session()


@app.get("/products/{product_id}")
def product(product_id: str):
    client = boto3.Session(botocore_session=core).client("dynamodb")
    answer = client.get_item(TableName="catalog", Key={"id": {"S": product_id}})
    if "Item" not in answer:
        raise HTTPException(404)
    return {"id": product_id, "name": answer["Item"]["name"]["S"]}
