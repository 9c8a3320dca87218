"""Application configuration."""
from django.apps import AppConfig


class DeskConfig(AppConfig):
    name = "desk"

    def ready(self):
        from . import contract  # noqa: F401  registers the bearer scheme
