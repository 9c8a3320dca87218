"""Routers made by a function."""

from fastapi import APIRouter


def make_crud(name: str, writable: bool = False) -> APIRouter:
    router = APIRouter(tags=[name])

    @router.get("/")
    def list_all():
        return [name]

    @router.get("/{item_id}/" + name)
    def read_one(item_id: str):
        return {"id": item_id}

    return router
