"""Settings of the desk."""

import os

REGION = os.environ.get("AWS_REGION", "eu-west-1")
ENDPOINT = os.environ.get("DYNAMODB_ENDPOINT")
JWT_SECRET = os.environ.get("DESK_SIGNING_KEY", "changeme")
UPSTREAM = os.environ.get("DESK_UPSTREAM", "http://127.0.0.1:9")
LOGO_HOSTS = {"logos.harbourdesk.io"}
