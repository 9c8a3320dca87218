"""Plain Starlette: lists of routes, classes, mounts."""

from contextlib import asynccontextmanager

from starlette.applications import Starlette
from starlette.endpoints import HTTPEndpoint, WebSocketEndpoint
from starlette.middleware import Middleware
from starlette.responses import JSONResponse
from starlette.routing import Mount, Route, Router, WebSocketRoute

import parts


class Note(HTTPEndpoint):
    async def get(self, request):
        return JSONResponse({})

    async def delete(self, request):
        return JSONResponse({})


class Chat(WebSocketEndpoint):
    async def on_receive(self, websocket, data):
        await websocket.send_text(data)


class Header:
    def __init__(self, app):
        self.app = app

    async def __call__(self, scope, receive, send):
        await self.app(scope, receive, send)


def home(request):
    return JSONResponse({})


async def submit(request):
    return JSONResponse({})


@asynccontextmanager
async def lifespan(app):
    parts.warm()
    try:
        yield
    finally:
        parts.cool()


routes = [
    Route("/", home),
    Route("/submit", endpoint=submit, methods=["POST"]),
    Route("/notes/{note_id:int}", Note),
    WebSocketRoute("/chat", Chat),
    Mount("/parts", routes=parts.routes),
    Mount("/inner", app=Router([Route("/deep/{name}", home, methods=["GET", "PUT"])])),
]
routes.append(Route("/late", home))

app = Starlette(routes=routes, middleware=[Middleware(Header)], lifespan=lifespan)
app.add_route("/added", submit, methods=["PUT"])
