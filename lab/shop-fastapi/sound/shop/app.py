"""The shop's API: connections open with the application and close with it."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack, asynccontextmanager, suppress

from fastapi import FastAPI
from fastapi.middleware.cors import CORSMiddleware
from fastapi.middleware.gzip import GZipMiddleware

from . import catalogue, customers, exports, figures, metrics, office, orders, problems, products, reports, security
from .consumer import Consumer
from .guard import Guard
from .store import open_store

REFRESH_SECONDS = 300.0


@asynccontextmanager
async def lifespan(app: FastAPI):
    async with AsyncExitStack() as stack:
        store = app.state.store = await open_store(stack)
        app.state.figures = await figures.count(store)
        renewal = asyncio.create_task(figures.renew(app, store, REFRESH_SECONDS))
        consumer = app.state.consumer = Consumer(store)
        consumer.start()
        try:
            yield
        finally:
            await asyncio.to_thread(consumer.stop)
            renewal.cancel()
            with suppress(asyncio.CancelledError):
                await renewal


app = FastAPI(
    title="Plank & Tide",
    version="3.0.0",
    lifespan=lifespan,
    docs_url=None,
    redoc_url=None,
    responses=problems.answers(414, 422, 429, 431, 500, 503),
    redirect_slashes=False,
)
problems.install(app)

# The last one added is the outermost.
app.add_middleware(GZipMiddleware, minimum_size=500)
app.add_middleware(
    CORSMiddleware,
    allow_origins=["https://www.plank-and-tide.shop"],
    allow_methods=["GET"],
    allow_headers=["authorization"],
    expose_headers=["x-next-cursor", "link", "ratelimit-limit", "ratelimit-remaining", "ratelimit-reset"],
)
app.add_middleware(Guard)

for router in (
    office.router,
    office.public,
    metrics.router,
    security.router,
    products.router,
    products.visits,
    catalogue.router,
    customers.router,
    orders.router,
    exports.public,
    exports.private,
    reports.router,
    office.office,
):
    app.include_router(router)


def contract() -> dict:
    """The OpenAPI document, with the schema that the error answers refer to."""
    if app.openapi_schema is None:
        document = FastAPI.openapi(app)
        schema = problems.Problem.model_json_schema()
        document.setdefault("components", {}).setdefault("schemas", {})["Problem"] = schema
        document["servers"] = [{"url": "/"}]
    return app.openapi_schema


app.openapi = contract
