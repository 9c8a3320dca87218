"""A router of its own, which other applications extend."""

from rest_framework import routers

from .views import LoanViewSet


class LoanRouter(routers.SimpleRouter):
    pass


loan_router = LoanRouter()
loan_router.register("", LoanViewSet, basename="loan")
