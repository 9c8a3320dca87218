"""Routes."""
from django.urls import path
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerView

from . import accounts, admin, catalogue, events, exports, reports, site
from .customers import CustomerViewSet
from .orders import OrderViewSet
from .products import ProductViewSet, inventory, old_products

urlpatterns = [
    path("health", site.health),
    path("metrics", site.metrics),
    path("auth/token", accounts.token),
    path("me", accounts.me),
    path("products", ProductViewSet.as_view({"get": "list"})),
    path("products/by-ids", ProductViewSet.as_view({"get": "by_ids"})),
    path("products/<str:product_id>", ProductViewSet.as_view({"get": "retrieve"})),
    path("products/<str:product_id>/related", ProductViewSet.as_view({"get": "related"})),
    path("inventory/<str:product_id>", inventory),
    path("categories", catalogue.CategoryList.as_view()),
    path("categories/<str:category>/products", catalogue.CategoryProducts.as_view()),
    path("search", catalogue.search),
    path("suggest", catalogue.suggest),
    path("customers", CustomerViewSet.as_view({"get": "list"})),
    path("customers/<str:customer_id>", CustomerViewSet.as_view({"get": "retrieve"})),
    path("customers/<str:customer_id>/orders", CustomerViewSet.as_view({"get": "orders"})),
    path("orders", OrderViewSet.as_view({"get": "list", "post": "create"})),
    path(
        "orders/<str:customer_id>/<str:order_id>",
        OrderViewSet.as_view({"get": "retrieve", "patch": "partial_update", "delete": "destroy"}),
    ),
    path("export/products.csv", exports.products_csv),
    path("export/orders", exports.orders_ndjson),
    path("reports/sales", reports.SalesReport.as_view()),
    path("reports/daily", reports.DailyReport.as_view()),
    path("recent", site.recent),
    path("events/poll", events.poll),
    path("admin/users", admin.users),
    path("admin/config", admin.config),
    path("v1/products", old_products),
    path("go", site.go),
    path("partners", site.partners),
    path("partners/<str:partner_id>/status", site.partner_status),
    path("api/schema/", SpectacularAPIView.as_view(), name="schema"),
    path("api/docs/", SpectacularSwaggerView.as_view(url_name="schema")),
]
