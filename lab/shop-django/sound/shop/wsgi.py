"""WSGI entry point: one application and one consumer of order events per worker."""
import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "shop.settings")

application = get_wsgi_application()

from shop import consumer  # noqa: E402  needs the settings

consumer.start()
