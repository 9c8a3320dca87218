"""Request bodies."""


def read(serializer, request):
    """The checked body of a request, or a 400 that names what is wrong."""
    given = serializer(data=request.data)
    given.is_valid(raise_exception=True)
    return given.validated_data
