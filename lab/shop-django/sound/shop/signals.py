"""Signals of the shop; receivers are connected once, by AppConfig.ready."""
from django.dispatch import Signal

product_viewed = Signal()


def remember(sender, product, **kwargs):
    from .recent import recent

    recent.seen(product)


def connect():
    product_viewed.connect(remember, dispatch_uid="shop.recent")
