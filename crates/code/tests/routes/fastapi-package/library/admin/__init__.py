"""The administration, an application of its own."""

from fastapi import FastAPI

from ..store import flush

admin_app = FastAPI(title="Administration")


@admin_app.post("/flush")
def do_flush():
    flush()
    return {}


@admin_app.get("/members/{member_id}")
def member(member_id: int):
    return {"id": member_id}
