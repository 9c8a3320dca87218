from django.urls import include, path, re_path
from rest_framework.routers import DefaultRouter, SimpleRouter

from catalogue.views import AuthorViewSet, BookViewSet, ImprintViewSet, Search, ping
from loans import views as loans
from loans.routing import loan_router

router = DefaultRouter()
router.register("books", BookViewSet, basename="book")
router.register(r"authors", AuthorViewSet, basename="author")

plain = SimpleRouter(trailing_slash=False)
plain.register("imprints", ImprintViewSet, "imprint")

REGISTRY = [("shelves", loans.ShelfViewSet), ("rooms", loans.RoomViewSet)]
for prefix, view in REGISTRY:
    plain.register(prefix, view, basename=prefix)

urlpatterns = [
    path("api/", include(router.urls)),
    path("", include(plain.urls)),
    path("loans/", include(loan_router.urls)),
    path("search/", Search.as_view()),
    path("ping/", ping),
    path("members/", loans.MemberList.as_view()),
    path("members/<int:pk>/", loans.MemberDetail.as_view()),
    re_path(r"^members/(?P<member_id>[0-9]+)/fines/$", loans.FineViewSet.as_view({"get": "list", "post": "create"})),
    path("receipt/<uuid:receipt_id>", loans.Receipt.as_view()),
]
