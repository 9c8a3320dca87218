"""Additions to the OpenAPI document: the bearer scheme and the plain Django views."""
from drf_spectacular.extensions import OpenApiAuthenticationExtension


class BearerScheme(OpenApiAuthenticationExtension):
    target_class = "shop.tokens.TokenAuthentication"
    name = "bearerAuth"

    def get_security_definition(self, auto_schema):
        return {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}


def query(name, schema, description, required=False):
    return {"in": "query", "name": name, "schema": schema, "description": description, "required": required}


def in_path(name, example):
    return {"in": "path", "name": name, "schema": {"type": "string"}, "required": True, "example": example}


JSON = {"application/json": {"schema": {"type": "object"}}}
SIGNED_IN = [{"bearerAuth": []}]

PLAIN_VIEWS = {
    "/health": {"operationId": "health", "summary": "Is the shop up?"},
    "/inventory/{product_id}": {
        "operationId": "inventory",
        "summary": "Stock of a product",
        "parameters": [
            in_path("product_id", "prod-00001"),
            query("table", {"type": "string"}, "Stock table, the default one when absent"),
        ],
    },
    "/export/products.csv": {
        "operationId": "export_products",
        "summary": "All products as CSV",
        "responses": {"200": {"description": "CSV", "content": {"text/csv": {"schema": {"type": "string"}}}}},
    },
    "/export/orders": {
        "operationId": "export_orders",
        "summary": "All orders, one JSON document per line",
        "responses": {
            "200": {"description": "Lines", "content": {"application/x-ndjson": {"schema": {"type": "string"}}}}
        },
    },
    "/reports/sales": {"operationId": "reports_sales", "summary": "Sales in figures"},
    "/reports/daily": {
        "operationId": "reports_daily",
        "summary": "Orders per day",
        "parameters": [query("days", {"type": "integer", "minimum": 1}, "How many days back, 7 when absent")],
    },
    "/recent": {"operationId": "recent", "summary": "Recently seen products"},
    "/admin/users": {"operationId": "admin_users", "summary": "Staff", "security": SIGNED_IN},
    "/admin/config": {"operationId": "admin_config", "summary": "Configuration", "security": SIGNED_IN},
    "/v1/products": {
        "operationId": "products_v1",
        "summary": "Product list, first version; use /products",
        "deprecated": True,
    },
    "/go": {
        "operationId": "go",
        "summary": "Leave the shop",
        "parameters": [query("url", {"type": "string", "format": "uri"}, "Where to go", required=True)],
        "responses": {"302": {"description": "Redirect"}},
    },
    "/partners": {"operationId": "partners", "summary": "Shops that sell our furniture"},
}


def add_plain_views(result, generator, request, public):
    for path, operation in PLAIN_VIEWS.items():
        entry = {"tags": ["site"], "responses": {"200": {"description": "OK", "content": JSON}}, **operation}
        result["paths"].setdefault(path, {})["get"] = entry
    return result
