"""Members: handlers are methods of a class, and one function that is registered by a call."""

from fastapi import APIRouter


class Members:
    def __init__(self, prefix: str):
        self.router = APIRouter(prefix=prefix)
        self.router.add_api_route("", self.list, methods=["GET"])
        self.router.add_api_route("/{member_id}", self.remove, methods=["DELETE"])

    def list(self):
        return []

    def remove(self, member_id: int):
        return {"id": member_id}


def change(member_id: int, name: str):
    return {"id": member_id, "name": name}


router = Members("/members").router
router.add_api_route("/{member_id}", change, methods=["PATCH", "PUT"])
