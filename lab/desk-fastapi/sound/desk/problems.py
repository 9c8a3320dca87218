"""Error answers: application/problem+json (RFC 9457) with a title and nothing from inside."""

from __future__ import annotations

import json
import logging
from http import HTTPStatus

from botocore.exceptions import BotoCoreError, ClientError
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException

log = logging.getLogger("desk")


class Problem(BaseModel):
    """What went wrong, without detail."""

    title: str = Field(max_length=100)
    status: int = Field(ge=400, le=599)


def body(status: int, title: str | None = None) -> bytes:
    return json.dumps({"title": title or HTTPStatus(status).phrase, "status": status}).encode()


def problem(status: int, title: str | None = None, headers: dict[str, str] | None = None) -> Response:
    return Response(
        body(status, title),
        status,
        headers={"cache-control": "no-store", **(headers or {})},
        media_type="application/problem+json",
    )


def answers(*statuses: int) -> dict[int | str, dict]:
    """The `responses` of an operation, for the contract."""
    return {
        status: {
            "description": HTTPStatus(status).phrase,
            "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
        }
        for status in statuses
    }


def install(app: FastAPI) -> None:
    @app.exception_handler(HTTPException)
    def refused(_: Request, error: HTTPException) -> Response:
        return problem(error.status_code, headers=dict(error.headers or {}))

    @app.exception_handler(RequestValidationError)
    def invalid(_: Request, __: RequestValidationError) -> Response:
        return problem(422, "Invalid request")

    @app.exception_handler(ClientError)
    @app.exception_handler(BotoCoreError)
    def store_failed(request: Request, error: Exception) -> Response:
        log.error("store failed at %s: %s", request.url.path, error)
        return problem(503, headers={"retry-after": "5"})
