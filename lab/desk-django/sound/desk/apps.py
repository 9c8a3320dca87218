"""Application configuration: what lives as long as the process is made here."""
from django.apps import AppConfig


class DeskConfig(AppConfig):
    name = "desk"

    def ready(self):
        from . import contract, outbound, store  # noqa: F401  contract registers the bearer scheme

        store.open_client()
        outbound.open_pool()
