"""For the office."""

from fastapi import APIRouter, Depends

from . import config
from .db import table
from .security import admin

router = APIRouter(tags=["admin"])


@router.get("/admin/users", dependencies=[Depends(admin)])
def users():
    items = table("staff").scan()["Items"]
    return {"items": items, "count": len(items)}


@router.get("/admin/config")
def configuration():
    return {
        "region": config.REGION,
        "node": config.NODE,
        "release_dir": config.RELEASE_DIR,
        "aws_access_key_id": config.AWS_ACCESS_KEY,
        "aws_secret_access_key": config.AWS_SECRET_KEY,
        "jwt_secret": config.JWT_SECRET,
    }
