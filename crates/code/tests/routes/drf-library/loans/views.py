from rest_framework import generics, serializers, viewsets
from rest_framework.response import Response

from .models import Member


class MemberSerializer(serializers.ModelSerializer):
    class Meta:
        model = Member
        fields = ["id", "name"]


class NoteSerializer(serializers.Serializer):
    text = serializers.CharField(max_length=200)
    copies = serializers.IntegerField(min_value=1, max_value=20)


class MemberList(generics.ListCreateAPIView):
    queryset = Member.objects.all()
    serializer_class = MemberSerializer

    def perform_create(self, serializer):
        greet(serializer.save())


class MemberDetail(generics.RetrieveUpdateDestroyAPIView):
    queryset = Member.objects.all()
    serializer_class = MemberSerializer
    http_method_names = ["get", "patch", "delete"]


class Simple(viewsets.ViewSet):
    serializer_class = NoteSerializer

    def list(self, request, *args, **kwargs):
        return Response([])


class FineViewSet(Simple):
    def create(self, request, member_id=None):
        return Response({})


class ShelfViewSet(Simple):
    def retrieve(self, request, pk=None):
        return Response({"pk": pk})


class RoomViewSet(Simple):
    lookup_field = "code"

    def destroy(self, request, code=None):
        return Response(status=204)


class LoanViewSet(Simple):
    def partial_update(self, request, pk=None):
        return Response({})


class Receipt(generics.GenericAPIView):
    serializer_class = NoteSerializer

    def get(self, request, receipt_id):
        return Response({})


def greet(member):
    return member
