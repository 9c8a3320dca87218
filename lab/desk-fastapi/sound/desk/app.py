"""The desk's API: connections open with the application and close with it."""

from __future__ import annotations

from contextlib import ExitStack, asynccontextmanager

from fastapi import FastAPI
from fastapi.middleware.cors import CORSMiddleware
from fastapi.middleware.gzip import GZipMiddleware

from . import accounts, admin, billing, graph, knowledge, metrics, people, problems, reports, rpc, site, tickets, tools
from .bounded import TtlCache
from .guard import Guard
from .outbound import open_way_out
from .store import open_store


@asynccontextmanager
async def lifespan(app: FastAPI):
    with ExitStack() as stack:
        store = app.state.store = open_store(stack)
        app.state.outside = open_way_out(stack)
        app.state.votes = TtlCache(entries=10_000, seconds=86_400)
        search = app.state.search = knowledge.Search(store)
        stack.callback(search.close)
        yield


app = FastAPI(
    title="Harbour Desk",
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
    allow_origins=["https://www.harbourdesk.io"],
    allow_methods=["GET"],
    allow_headers=["authorization"],
    expose_headers=["x-next-cursor", "link", "ratelimit-limit", "ratelimit-remaining", "ratelimit-reset"],
)
app.add_middleware(Guard)

for router in (
    site.router, metrics.router, accounts.router, people.router, tickets.router, billing.router, billing.public,
    knowledge.public, knowledge.router, tools.router, tools.public, admin.router, reports.router, graph.router,
    rpc.router,
):
    app.include_router(router)


def contract() -> dict:
    """The OpenAPI document, with the schema that the error answers refer to."""
    if app.openapi_schema is None:
        document = FastAPI.openapi(app)
        schemas = document.setdefault("components", {}).setdefault("schemas", {})
        schemas["Problem"] = problems.Problem.model_json_schema()
        schemas["RpcError"] = rpc.RpcError.model_json_schema()
        document["servers"] = [{"url": "/"}]
    return app.openapi_schema


app.openapi = contract
