"""Ways in which people put an application together."""

from fastapi import APIRouter, Depends, FastAPI
from fastapi.routing import APIRoute
from starlette.responses import PlainTextResponse
from starlette.routing import Route

import shared
from service import Service
from shared import ALL


async def robots(request):
    return PlainTextResponse("")


def single(item: int):
    return item


app: FastAPI = FastAPI(routes=[Route("/robots.txt", robots), APIRoute("/single/{item}", single, methods=["GET"])])
service = Service()
app.mount("/service", service.app)

for each in ALL:
    app.include_router(each)

app.include_router(prefix="/again", router=shared.plain)


class Search:
    def __init__(self, q: str = "", size: int = 10):
        self.q = q
        self.size = size


class Guard:
    def __init__(self, role: str):
        self.role = role

    def __call__(self, x_role: str = "reader"):
        return x_role == self.role


@app.get("/search", dependencies=[Depends(Guard("reader"))])
async def search(found: Search = Depends(Search)):
    return found.q


@app.head("/search")
@app.options("/search")
def describe():
    return None


get = app.get


@get("/aliased")
def aliased():
    return 1


@app.webhooks.post("new-answer")
def announced(answer: str):
    return None


told = APIRouter()


@told.post("{$request.body.callback}/done")
def tell(answer: str):
    return None


@app.put("/ask", callbacks=told.routes)
def ask(callback: str):
    return callback


@app.on_event("startup")
async def warm():
    fill()


@app.on_event("shutdown")
def cool():
    empty()


def fill():
    return None


def empty():
    return None


if __name__ == "__main__":
    import uvicorn

    uvicorn.run(app)
