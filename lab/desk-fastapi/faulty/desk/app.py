"""The desk's API."""

from contextlib import asynccontextmanager

from fastapi import FastAPI
from fastapi.middleware.cors import CORSMiddleware

from . import accounts, admin, billing, graph, knowledge, people, reports, rpc, site, tickets, tools
from .middleware import AdminGate, OldBookmarks


@asynccontextmanager
async def lifespan(_: FastAPI):
    knowledge.build()
    yield


app = FastAPI(title="Harbour Desk", version="2.8.0", lifespan=lifespan)

app.add_middleware(OldBookmarks)
app.add_middleware(AdminGate)
app.add_middleware(
    CORSMiddleware,
    allow_origin_regex=r"https?://.*",
    allow_credentials=True,
    allow_methods=["*"],
    allow_headers=["*"],
)

for module in (accounts, people, tickets, billing, knowledge, tools, admin, reports, graph, rpc, site):
    app.include_router(module.router)
