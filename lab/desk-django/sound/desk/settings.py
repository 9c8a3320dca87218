"""Settings of the desk. Tickets are in DynamoDB, the search index is in SQLite."""
import os
import secrets

SECRET_KEY = os.environ.get("DESK_SECRET_KEY") or secrets.token_urlsafe(48)
JWT_SECRET = os.environ.get("DESK_JWT_SECRET") or secrets.token_urlsafe(48)
CURSOR_SECRET = os.environ.get("DESK_CURSOR_SECRET") or secrets.token_urlsafe(48)
HOOK_SECRET = os.environ.get("DESK_HOOK_SECRET") or secrets.token_urlsafe(48)

DEBUG = False
ALLOWED_HOSTS = os.environ.get("DESK_HOSTS", "127.0.0.1,localhost").split(",")

ROOT_URLCONF = "desk.urls"
WSGI_APPLICATION = "desk.wsgi.application"
APPEND_SLASH = False
USE_TZ = True
TIME_ZONE = "UTC"

INSTALLED_APPS = ["rest_framework", "drf_spectacular", "desk.apps.DeskConfig"]

MIDDLEWARE = [
    "desk.middleware.headers.SecurityHeaders",
    "django.middleware.common.CommonMiddleware",
    "desk.middleware.limits.RequestSize",
    "desk.middleware.limits.RateLimit",
    "desk.middleware.headers.Cors",
    "django.middleware.gzip.GZipMiddleware",
    "django.middleware.http.ConditionalGetMiddleware",
    "desk.middleware.counters.Counters",
]

DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": "file:desk-search?mode=memory&cache=shared",
        "OPTIONS": {"uri": True},
    }
}

DATA_UPLOAD_MAX_MEMORY_SIZE = 64 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 50

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["desk.tokens.TokenAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["desk.parsers.BoundedJSONParser"],
    "DEFAULT_CONTENT_NEGOTIATION_CLASS": "desk.problems.JsonNegotiation",
    "DEFAULT_METADATA_CLASS": None,
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "desk.problems.exception_handler",
    "UNAUTHENTICATED_USER": None,
}

SPECTACULAR_SETTINGS = {
    "TITLE": "Harbour Desk",
    "VERSION": "3.0.0",
    "OAS_VERSION": "3.1.0",
    "DESCRIPTION": "Tickets, knowledge and billing of the Harbour Desk.",
    "SERVE_PERMISSIONS": ["rest_framework.permissions.AllowAny"],
    "SERVE_AUTHENTICATION": [],
    "SERVE_INCLUDE_SCHEMA": False,
    "POSTPROCESSING_HOOKS": ["desk.contract.add_plain_views", "desk.contract.complete"],
}

DYNAMODB_ENDPOINT = os.environ.get("DYNAMODB_ENDPOINT")
AWS_REGION = os.environ.get("AWS_REGION", "eu-west-1")
UPSTREAM = os.environ.get("DESK_UPSTREAM", "http://127.0.0.1:9")
LOGO_HOSTS = {"logos.harbourdesk.io"}
CORS_ORIGINS = {"https://www.harbourdesk.io"}
REQUESTS_PER_WINDOW = int(os.environ.get("DESK_RATE_LIMIT", "2000"))
# Sign-in, sign-up, resets, votes and coupons.
SENSITIVE_PER_MINUTE = int(os.environ.get("DESK_SENSITIVE_LIMIT", "20"))
CURRENCIES = ["EUR", "USD", "GBP", "CHF"]
