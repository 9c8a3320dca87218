"""Settings of the shop. There is no SQL database: everything is in DynamoDB."""
import os
from pathlib import Path

BASE_DIR = Path(__file__).resolve().parent.parent

SECRET_KEY = os.environ.get("SHOP_SECRET_KEY", "dev-key-for-the-shop")
DEBUG = True
ALLOWED_HOSTS = ["*"]

ROOT_URLCONF = "shop.urls"
WSGI_APPLICATION = "shop.wsgi.application"
APPEND_SLASH = False
USE_TZ = True

INSTALLED_APPS = [
    "django.contrib.sessions",
    "rest_framework",
    "drf_spectacular",
    "shop.apps.ShopConfig",
]

MIDDLEWARE = [
    "shop.middleware.PoweredByMiddleware",
    "shop.middleware.CorsMiddleware",
    "shop.middleware.HistoryMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
]

TEMPLATES = [{"BACKEND": "django.template.backends.django.DjangoTemplates", "APP_DIRS": True}]

CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
        "OPTIONS": {"MAX_ENTRIES": 1_000_000},
    }
}
SESSION_ENGINE = "django.contrib.sessions.backends.cache"

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["shop.tokens.TokenAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.AllowAny"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": [
        "rest_framework.parsers.JSONParser",
        "rest_framework.parsers.FormParser",
    ],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "UNAUTHENTICATED_USER": None,
}

SPECTACULAR_SETTINGS = {
    "TITLE": "Plank & Tide shop",
    "VERSION": "1.4.0",
    "DESCRIPTION": "Products, customers and orders of the Plank & Tide furniture shop.",
    "SERVE_PERMISSIONS": ["rest_framework.permissions.AllowAny"],
    "SERVE_AUTHENTICATION": [],
    "SERVE_INCLUDE_SCHEMA": False,
    "POSTPROCESSING_HOOKS": ["shop.contract.add_plain_views"],
}

DYNAMODB_ENDPOINT = os.environ["DYNAMODB_ENDPOINT"]
AWS_REGION = os.environ.get("AWS_REGION", "eu-west-1")
TODAY = os.environ.get("SHOP_TODAY", "2026-11-01")
