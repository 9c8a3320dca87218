"""Application configuration."""
from django.apps import AppConfig


class DeskConfig(AppConfig):
    name = "desk"

    def ready(self):
        from . import contract, knowledge  # noqa: F401  contract registers the bearer scheme

        knowledge.build()
