"""Settings, all from the environment. Secrets have no defaults."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from datetime import date


def _secret(name: str) -> str:
    value = os.environ.get(name, "")
    if len(value) < 32:
        raise RuntimeError(f"{name} must be set to at least 32 characters")
    return value


@dataclass(frozen=True)
class Settings:
    endpoint: str | None = field(default_factory=lambda: os.environ.get("DYNAMODB_ENDPOINT"))
    region: str = field(default_factory=lambda: os.environ.get("AWS_REGION", "eu-west-1"))
    jwt_secret: str = field(default_factory=lambda: _secret("SHOP_JWT_SECRET"), repr=False)
    cursor_secret: str = field(default_factory=lambda: _secret("SHOP_CURSOR_SECRET"), repr=False)
    requests_per_window: int = field(default_factory=lambda: int(os.environ.get("SHOP_RATE_LIMIT", "2000")))
    window_seconds: int = 10


settings = Settings()


def today() -> date:
    """The shop's day; SHOP_TODAY fixes it, so that reports can be reproduced."""
    fixed = os.environ.get("SHOP_TODAY")
    return date.fromisoformat(fixed) if fixed else date.today()
