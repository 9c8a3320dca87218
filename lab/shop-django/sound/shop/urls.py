"""Routes."""
from django.urls import path, register_converter

from . import accounts, admin, exports, products, reports, site
from .customers import CustomerViewSet
from .orders import OrderViewSet
from .products import ProductViewSet
from .schema import Document


class Identifier:
    """A path part of the shape prefix-characters; anything else is not found."""

    def to_python(self, value):
        return value

    def to_url(self, value):
        return value


register_converter(type("ProductId", (Identifier,), {"regex": "prod-[0-9]{5}"}), "product")
register_converter(type("CustomerId", (Identifier,), {"regex": "cust-[0-9]{3}"}), "customer")
register_converter(type("OrderId", (Identifier,), {"regex": "ord-[0-9a-f]{6,16}"}), "order")
register_converter(type("Category", (Identifier,), {"regex": "[a-z]{2,20}"}), "category")

urlpatterns = [
    path("health", site.Health.as_view()),
    path("metrics", admin.Metrics.as_view()),
    path("auth/token", accounts.SignIn.as_view()),
    path("me", accounts.Me.as_view()),
    path("products", ProductViewSet.as_view({"get": "list"})),
    path("products/by-ids", ProductViewSet.as_view({"get": "by_ids"})),
    path("products/<product:product_id>", ProductViewSet.as_view({"get": "retrieve"})),
    path("products/<product:product_id>/related", ProductViewSet.as_view({"get": "related"})),
    path("inventory/<product:product_id>", products.Stock.as_view()),
    path("categories", products.CategoryList.as_view()),
    path("categories/<category:category>/products", products.CategoryProducts.as_view()),
    path("search", products.Search.as_view()),
    path("suggest", products.Suggest.as_view()),
    path("customers", CustomerViewSet.as_view({"get": "list"})),
    path("customers/<customer:customer_id>", CustomerViewSet.as_view({"get": "retrieve"})),
    path("customers/<customer:customer_id>/orders", CustomerViewSet.as_view({"get": "orders"})),
    path("orders", OrderViewSet.as_view({"get": "list", "post": "create"})),
    path(
        "orders/<customer:customer_id>/<order:order_id>",
        OrderViewSet.as_view({"get": "retrieve", "patch": "partial_update", "delete": "destroy"}),
    ),
    path("export/products.csv", exports.ExportProducts.as_view()),
    path("export/orders", exports.ExportOrders.as_view()),
    path("reports/sales", reports.SalesReport.as_view()),
    path("reports/daily", reports.DailyReport.as_view()),
    path("recent", site.Recent.as_view()),
    path("events/poll", admin.Poll.as_view()),
    path("admin/users", admin.Users.as_view()),
    path("admin/config", admin.Configuration.as_view()),
    path("v1/products", site.OldProducts.as_view()),
    path("go", site.Go.as_view()),
    path("partners", site.Partners.as_view()),
    path("partners/<slug:partner_id>/status", site.PartnerStatus.as_view()),
    path("api/schema/", Document.as_view(), name="schema"),
]

handler400 = "shop.problems.bad_request"
handler403 = "shop.problems.forbidden"
handler404 = "shop.problems.not_found"
handler500 = "shop.problems.server_error"
