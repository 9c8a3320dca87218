from rest_framework import mixins, serializers, viewsets
from rest_framework.decorators import action, api_view
from rest_framework.response import Response
from rest_framework.views import APIView

from .models import Author, Book, Imprint


class AuthorSerializer(serializers.ModelSerializer):
    class Meta:
        model = Author
        fields = ["id", "name"]


class BookSerializer(serializers.ModelSerializer):
    class Meta:
        model = Book
        fields = ["id", "title", "isbn"]


class ImprintSerializer(serializers.ModelSerializer):
    class Meta:
        model = Imprint
        fields = ["id", "name"]


class BookViewSet(viewsets.ModelViewSet):
    queryset = Book.objects.all()
    serializer_class = BookSerializer
    lookup_field = "isbn"

    def get_queryset(self):
        return narrow(super().get_queryset(), self.request)

    @action(detail=True, methods=["post"], url_path="reserve")
    def reserve_copy(self, request, isbn=None):
        return Response({})

    @action(detail=False)
    def recent(self, request):
        return Response([])

    @action(detail=True, methods=["get", "delete"], url_path=r"notes/(?P<note_id>[^/.]+)")
    def note(self, request, isbn=None, note_id=None):
        return Response({})

    @action(detail=True)
    def cover(self, request, isbn=None):
        return Response({})

    @cover.mapping.put
    def change_cover(self, request, isbn=None):
        return Response({})


class AuthorViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet):
    queryset = Author.objects.all()
    serializer_class = AuthorSerializer
    lookup_value_regex = "[0-9]+"

    def list(self, request, *args, **kwargs):
        return super().list(request, *args, **kwargs)


class ImprintViewSet(viewsets.ReadOnlyModelViewSet):
    queryset = Imprint.objects.all()
    serializer_class = ImprintSerializer
    lookup_url_kwarg = "imprint_id"

    @action(detail=True, methods=["patch"])
    def rename_all(self, request, imprint_id=None):
        return Response({})


class Search(APIView):
    def get(self, request):
        return Response(find(request.query_params.get("q")))

    def post(self, request):
        return Response(find(request.data.get("q")))


@api_view(["GET", "POST"])
def ping(request):
    return Response({})


def narrow(query, request):
    return query


def find(text):
    return [text]
