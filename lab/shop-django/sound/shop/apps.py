"""Application configuration: what lives as long as the process is made here."""
from django.apps import AppConfig


class ShopConfig(AppConfig):
    name = "shop"

    def ready(self):
        from . import contract, signals, store  # noqa: F401  contract registers the bearer scheme

        store.open_clients()
        signals.connect()
