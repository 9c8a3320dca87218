"""Query parameters."""
from drf_spectacular.utils import OpenApiParameter
from rest_framework.exceptions import ParseError


def text(name, example):
    return OpenApiParameter(name, {"type": "string", "example": example})


def integer(name, example, **bounds):
    return OpenApiParameter(name, {"type": "integer", "example": example, **bounds})


def number(request, name, default):
    try:
        return int(request.query_params.get(name, default))
    except ValueError as error:
        raise ParseError(f"{name} has to be a number") from error
