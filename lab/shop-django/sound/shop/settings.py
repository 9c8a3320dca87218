"""Settings of the shop. There is no SQL database: everything is in DynamoDB."""
import os
import secrets
from datetime import date

SECRET_KEY = os.environ.get("SHOP_SECRET_KEY") or secrets.token_urlsafe(48)
JWT_SECRET = os.environ.get("SHOP_JWT_SECRET") or secrets.token_urlsafe(48)
CURSOR_SECRET = os.environ.get("SHOP_CURSOR_SECRET") or secrets.token_urlsafe(48)

DEBUG = False
ALLOWED_HOSTS = os.environ.get("SHOP_HOSTS", "127.0.0.1,localhost").split(",")

ROOT_URLCONF = "shop.urls"
WSGI_APPLICATION = "shop.wsgi.application"
APPEND_SLASH = False
USE_TZ = True

INSTALLED_APPS = ["rest_framework", "drf_spectacular", "shop.apps.ShopConfig"]

MIDDLEWARE = [
    "shop.middleware.headers.SecurityHeaders",
    "django.middleware.common.CommonMiddleware",
    "shop.middleware.limits.RequestSize",
    "shop.middleware.limits.RateLimit",
    "shop.middleware.headers.Cors",
    "django.middleware.gzip.GZipMiddleware",
    "django.middleware.http.ConditionalGetMiddleware",
    "shop.middleware.counters.Counters",
]

DATA_UPLOAD_MAX_MEMORY_SIZE = 64 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 50

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["shop.tokens.TokenAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["shop.parsers.BoundedJSONParser", "rest_framework.parsers.FormParser"],
    "DEFAULT_CONTENT_NEGOTIATION_CLASS": "shop.problems.JsonNegotiation",
    "DEFAULT_METADATA_CLASS": None,
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "shop.problems.exception_handler",
    "UNAUTHENTICATED_USER": None,
}

SPECTACULAR_SETTINGS = {
    "TITLE": "Plank & Tide shop",
    "VERSION": "2.0.0",
    "OAS_VERSION": "3.1.0",
    "DESCRIPTION": "Products, customers and orders of the Plank & Tide furniture shop.",
    "SERVE_PERMISSIONS": ["rest_framework.permissions.AllowAny"],
    "SERVE_AUTHENTICATION": [],
    "SERVE_INCLUDE_SCHEMA": False,
    "POSTPROCESSING_HOOKS": ["shop.contract.add_plain_views", "shop.contract.complete"],
}

DYNAMODB_ENDPOINT = os.environ.get("DYNAMODB_ENDPOINT")
AWS_REGION = os.environ.get("AWS_REGION", "eu-west-1")
TODAY = date.fromisoformat(os.environ["SHOP_TODAY"]) if "SHOP_TODAY" in os.environ else None

CORS_ORIGINS = {"https://plank-and-tide.shop", "https://www.plank-and-tide.shop"}
REDIRECTS = ["https://help.plank-and-tide.shop/returns", "https://www.plank-and-tide.shop/"]
CATEGORIES = [
    "armchairs", "beds", "bookcases", "chairs", "cushions", "desks",
    "lamps", "mirrors", "rugs", "sofas", "stools", "tables",
]
