"""Settings, all from the environment. Secrets have no defaults."""

from __future__ import annotations

import os
from dataclasses import dataclass, field


def _secret(name: str) -> str:
    value = os.environ.get(name, "")
    if len(value) < 32:
        raise RuntimeError(f"{name} must be set to at least 32 characters")
    return value


def _upstream() -> str:
    return os.environ.get("DESK_UPSTREAM", "http://127.0.0.1:9")


@dataclass(frozen=True)
class Settings:
    endpoint: str | None = field(default_factory=lambda: os.environ.get("DYNAMODB_ENDPOINT"))
    region: str = field(default_factory=lambda: os.environ.get("AWS_REGION", "eu-west-1"))
    jwt_secret: str = field(default_factory=lambda: _secret("DESK_JWT_SECRET"), repr=False)
    cursor_secret: str = field(default_factory=lambda: _secret("DESK_CURSOR_SECRET"), repr=False)
    hook_secret: str = field(default_factory=lambda: _secret("DESK_HOOK_SECRET"), repr=False)
    upstream: str = field(default_factory=_upstream)
    requests_per_window: int = field(default_factory=lambda: int(os.environ.get("DESK_RATE_LIMIT", "2000")))
    window_seconds: int = 10
    # Sign-in, sign-up, resets, votes and coupons.
    sensitive_per_minute: int = field(default_factory=lambda: int(os.environ.get("DESK_SENSITIVE_LIMIT", "20")))
    logo_hosts: frozenset[str] = frozenset({"logos.harbourdesk.io"})


settings = Settings()
