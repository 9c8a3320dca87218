"""The shop's API."""

from botocore.exceptions import ClientError
from fastapi import FastAPI, Request
from fastapi.middleware.cors import CORSMiddleware
from fastapi.responses import JSONResponse

from . import (
    admin,
    catalogue,
    config,
    customers,
    events,
    exports,
    inventory,
    metrics,
    middleware,
    orders,
    partners,
    products,
    reports,
    security,
)

app = FastAPI(title="Plank & Tide", version="2.4.1", debug=True)

app.middleware("http")(middleware.visits)
app.add_middleware(
    CORSMiddleware,
    allow_origins=["*"],
    allow_credentials=True,
    allow_methods=["*"],
    allow_headers=["*"],
)


@app.exception_handler(ClientError)
def store_error(request: Request, error: ClientError):
    request_id = error.response["ResponseMetadata"].get("RequestId")
    return JSONResponse({"error": str(error), "request_id": request_id}, status_code=400)


@app.get("/health")
def health():
    return {"status": "ok", "node": config.NODE, "release": config.RELEASE_DIR}


for module in (
    metrics, security, products, catalogue, customers, orders, exports, reports,
    events, admin, partners, inventory,
):
    app.include_router(module.router)
