"""The last ten, by id."""

import os

import boto3
from fastapi import FastAPI, HTTPException, Request
from starlette.middleware.sessions import SessionMiddleware

app = FastAPI()
app.add_middleware(SessionMiddleware, secret_key=os.environ["CURSOR_SECRET"])
client = boto3.client("dynamodb")


@app.get("/products/{product_id}")
def product(product_id: str, request: Request):
    answer = client.get_item(TableName="catalog", Key={"id": {"S": product_id}})
    if "Item" not in answer:
        raise HTTPException(404)
    seen = [product_id, *(known for known in request.session.get("seen", []) if known != product_id)]
    request.session["seen"] = seen[:10]
    return {"id": product_id, "name": answer["Item"]["name"]["S"]}
