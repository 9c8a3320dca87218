"""Application configuration."""
from django.apps import AppConfig


class ShopConfig(AppConfig):
    name = "shop"

    def ready(self):
        from . import contract  # noqa: F401  registers the bearer scheme
