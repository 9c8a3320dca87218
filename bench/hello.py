"""The cheapest FastAPI operation, and a slow one: the targets of bench/engine.sh."""

import asyncio

from fastapi import FastAPI

app = FastAPI(openapi_url=None)


@app.get("/hello")
async def hello():
    return {"hello": "world"}


@app.get("/slow")
async def slow():
    await asyncio.sleep(3)
    return {"hello": "world"}
