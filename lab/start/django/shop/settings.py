"""Settings of the shop."""

import os

SECRET_KEY = os.environ.get("SHOP_SECRET_KEY", "for-development-only")
ALLOWED_HOSTS = ["127.0.0.1", "localhost"]
ROOT_URLCONF = "shop.urls"
WSGI_APPLICATION = "shop.wsgi.application"
MIDDLEWARE = ["django.middleware.common.CommonMiddleware"]
DYNAMODB_ENDPOINT = os.environ.get("DYNAMODB_ENDPOINT")
