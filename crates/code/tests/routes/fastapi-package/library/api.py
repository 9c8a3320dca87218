"""Everything under the versioned prefix."""

from fastapi import APIRouter

from .config import API_PREFIX
from .routers import books_router, crud, files
from .routers.members import router as members

api_router = APIRouter(prefix=API_PREFIX)
api_router.include_router(books_router, prefix="/books", tags=["books"])
api_router.include_router(members)
api_router.include_router(files.files)

for resource in ("authors", "publishers"):
    api_router.include_router(crud.make_crud(resource), prefix=f"/{resource}")

shelves = crud.make_crud("shelves", writable=True)
api_router.include_router(shelves, prefix="/shelves")
