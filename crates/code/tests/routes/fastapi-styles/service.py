"""An application that is an attribute of an object."""

from functools import partial, wraps

from fastapi import FastAPI


def logged(function):
    @wraps(function)
    def inner(*args, **kwargs):
        return function(*args, **kwargs)

    return inner


def answer(key: str, kind: str = "x"):
    return {"key": key, "kind": kind}


class Service:
    def __init__(self):
        self.app = FastAPI(title="Service", root_path="/gateway")
        self.routes()

    def routes(self):
        @self.app.get("/status")
        @logged
        def status():
            return {"ok": True}

        self.app.get("/ping")(self.ping)
        self.app.add_api_route("/answers/{key}", partial(answer, kind="y"))

    def ping(self):
        return "pong"
