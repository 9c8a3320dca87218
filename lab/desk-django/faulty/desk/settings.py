"""Settings of the desk. Tickets are in DynamoDB, the search index is in SQLite."""
import os
from pathlib import Path

BASE_DIR = Path(__file__).resolve().parent.parent

SECRET_KEY = os.environ.get("DESK_SECRET_KEY", "dev-key-for-the-desk")
DEBUG = False
ALLOWED_HOSTS = ["*"]

ROOT_URLCONF = "desk.urls"
WSGI_APPLICATION = "desk.wsgi.application"
APPEND_SLASH = False
USE_TZ = True
TIME_ZONE = "UTC"

INSTALLED_APPS = ["rest_framework", "drf_spectacular", "desk.apps.DeskConfig"]

MIDDLEWARE = [
    "desk.middleware.Cors",
    "desk.middleware.AdminGate",
    "desk.middleware.MethodOverride",
    "desk.middleware.OldBookmarks",
    "django.middleware.common.CommonMiddleware",
]

TEMPLATES = [{"BACKEND": "django.template.backends.django.DjangoTemplates", "APP_DIRS": True}]
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": "file:desk-search?mode=memory&cache=shared",
        "OPTIONS": {"uri": True},
    }
}

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["desk.tokens.TokenAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "UNAUTHENTICATED_USER": None,
}

SPECTACULAR_SETTINGS = {
    "TITLE": "Harbour Desk",
    "VERSION": "2.8.0",
    "DESCRIPTION": "Tickets, knowledge and billing of the Harbour Desk.",
    "SERVE_PERMISSIONS": ["rest_framework.permissions.AllowAny"],
    "SERVE_AUTHENTICATION": [],
    "SERVE_INCLUDE_SCHEMA": False,
    "POSTPROCESSING_HOOKS": ["desk.contract.add_plain_views"],
}

DYNAMODB_ENDPOINT = os.environ["DYNAMODB_ENDPOINT"]
AWS_REGION = os.environ.get("AWS_REGION", "eu-west-1")
JWT_SECRET = os.environ.get("DESK_SIGNING_KEY", "supersecret")
UPSTREAM = os.environ.get("DESK_UPSTREAM", "http://127.0.0.1:9")
LOGO_HOSTS = {"logos.harbourdesk.io"}
