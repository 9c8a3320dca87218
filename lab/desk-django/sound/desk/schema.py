"""The OpenAPI document."""
from django.utils.decorators import method_decorator
from django.views.decorators.cache import cache_control
from drf_spectacular.views import SpectacularAPIView
from rest_framework.negotiation import DefaultContentNegotiation


@method_decorator(cache_control(public=True, max_age=300), name="dispatch")
class Document(SpectacularAPIView):
    """Served as YAML or JSON, whichever the caller prefers."""

    content_negotiation_class = DefaultContentNegotiation
