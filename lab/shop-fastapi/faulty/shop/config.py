"""Settings of the shop, from the environment with defaults for the office setup."""

import os
from datetime import date

ENDPOINT = os.environ.get("DYNAMODB_ENDPOINT")
REGION = os.environ.get("AWS_REGION", "eu-west-1")

JWT_SECRET = os.environ.get("JWT_SECRET", "secret")

AWS_ACCESS_KEY = "AKIAZ5HTR3QWP7MN2KLD"
AWS_SECRET_KEY = "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"

NODE = "ip-10-20-4-17.eu-west-1.compute.internal"
RELEASE_DIR = "/srv/shop/releases/2026-10-28"


def today() -> date:
    fixed = os.environ.get("SHOP_TODAY")
    return date.fromisoformat(fixed) if fixed else date.today()
