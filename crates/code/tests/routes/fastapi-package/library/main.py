"""The application, made by a factory."""

from contextlib import asynccontextmanager

from fastapi import Depends, FastAPI, Request
from fastapi.responses import JSONResponse

from . import jobs, store
from .admin import admin_app
from .api import api_router
from .config import REPORTS, WITH_LABS, settings
from .middleware import AuditMiddleware, RawTiming, add_server_header
from .routers import health, labs
from .security import current_member, verify_key


@asynccontextmanager
async def lifespan(app: FastAPI):
    app.state.store = store.open_store()
    jobs.start()
    yield
    jobs.stop()
    app.state.store.close()


def register_errors(app: FastAPI) -> None:
    @app.exception_handler(store.Missing)
    async def missing(request: Request, error: store.Missing):
        return JSONResponse({"error": "missing"}, status_code=404)

    app.add_exception_handler(ValueError, bad_value)


def bad_value(request: Request, error: ValueError):
    return JSONResponse({"error": "value"}, status_code=422)


def mount_parts(app: FastAPI, prefix: str) -> None:
    app.mount(prefix, admin_app)


def create_app(debug: bool = False) -> FastAPI:
    app = FastAPI(title=settings.title, debug=debug, lifespan=lifespan, dependencies=[Depends(verify_key)])
    app.add_middleware(AuditMiddleware)
    app.add_middleware(RawTiming)
    app.middleware("http")(add_server_header)
    app.include_router(api_router)
    app.include_router(health.router, prefix=settings.internal_prefix, include_in_schema=False)
    if WITH_LABS:
        app.include_router(labs.router, prefix="/labs")
    mount_parts(app, "/admin")
    register_errors(app)

    @app.get("/", include_in_schema=False)
    def index():
        return {"see": "/docs"}

    @app.get(REPORTS + "/{year:int}/{month}")
    async def report(year: int, month: int, member=Depends(current_member)):
        return store.report(year, month)

    return app


app = create_app()


@app.get("/version")
def version():
    return {"version": 2}
