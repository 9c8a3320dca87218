"""Additions to the OpenAPI document: bearer scheme, plain Django views, error answers."""
from django.conf import settings
from drf_spectacular.extensions import OpenApiAuthenticationExtension


class BearerScheme(OpenApiAuthenticationExtension):
    target_class = "shop.tokens.TokenAuthentication"
    name = "bearerAuth"

    def get_security_definition(self, auto_schema):
        return {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}

    def get_security_requirement(self, auto_schema):
        """With the role that an operation is for (OpenAPI 3.1, Security Requirement Object)."""
        wanted = auto_schema.view.permission_classes
        return {self.name: [permission.role for permission in wanted if hasattr(permission, "role")]}


def text(length, **more):
    return {"type": "string", "maxLength": length, **more}


def record(**properties):
    return {"type": "object", "properties": properties, "required": list(properties)}


def listing(item, most):
    return record(items={"type": "array", "maxItems": most, "items": item})


def json_answer(schema, description="OK"):
    return {"description": description, "content": {"application/json": {"schema": schema}}}


PROBLEM = {
    "description": "problem+json (RFC 9457)",
    "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
}
PROBLEM_SCHEMA = {
    **record(type=text(200), title=text(200), status={"type": "integer", "minimum": 400, "maximum": 599}),
}
PROBLEM_SCHEMA["properties"]["invalid"] = {"type": "array", "maxItems": 20, "items": text(64)}

PARTNER = record(id=text(40), name=text(80), site=text(200, format="uri"), _links=record(status=text(200)))

PLAIN_VIEWS = {
    "/health": {
        "operationId": "health",
        "summary": "Is the shop up?",
        "responses": {"200": json_answer(record(status=text(16)))},
    },
    "/recent": {
        "operationId": "recent",
        "summary": "Recently seen products, the last twelve",
        "responses": {"200": json_answer(listing({"$ref": "#/components/schemas/ProductSummary"}, 12))},
    },
    "/partners": {
        "operationId": "partners",
        "summary": "Shops that sell our furniture",
        "responses": {"200": json_answer(listing(PARTNER, 20))},
    },
    "/partners/{partner_id}/status": {
        "operationId": "partner_status",
        "summary": "Is the partner active?",
        "parameters": [
            {
                "in": "path",
                "name": "partner_id",
                "required": True,
                "schema": {"type": "string", "pattern": "^[a-z-]+$", "maxLength": 40},
                "example": "loftwerk",
            }
        ],
        "responses": {"200": json_answer(record(id=text(40), active={"type": "boolean"}))},
    },
    "/go": {
        "operationId": "go",
        "summary": "Leave the shop for one of the known pages",
        "parameters": [
            {
                "in": "query",
                "name": "url",
                "required": True,
                "schema": {"type": "string", "enum": settings.REDIRECTS},
                "description": "Where to go",
            }
        ],
        "responses": {"302": {"description": "Redirect"}},
    },
    "/v1/products": {
        "operationId": "products_v1",
        "summary": "Product list, first version: gone, use /products",
        "deprecated": True,
        "responses": {"410": PROBLEM},
    },
}


def add_plain_views(result, generator, request, public):
    for path, operation in PLAIN_VIEWS.items():
        result["paths"].setdefault(path, {})["get"] = {"tags": ["site"], "security": [], **operation}
    return result


# Values that work, for parameters whose bounds alone do not say what makes sense.
EXAMPLES = {
    "q": "oak",
    "prefix": "oa",
    "ids": "prod-00001,prod-00002",
}


def complete(result, generator, request, public):
    """Add examples, an empty security list on public operations, and the error answers."""
    result["components"]["schemas"]["Problem"] = PROBLEM_SCHEMA
    for path, operations in result["paths"].items():
        for method, operation in operations.items():
            for parameter in operation.get("parameters", []):
                if parameter["name"] in EXAMPLES:
                    parameter["example"] = EXAMPLES[parameter["name"]]
            if operation.get("security") in (None, [{}]):
                operation["security"] = []
            statuses = ["429"]
            if operation.get("parameters") or method in ("post", "patch"):
                statuses.append("400")
            if "{" in path:
                statuses.append("404")
            if operation.get("security") or path == "/auth/token":
                statuses += ["401", "403"]
            for status in statuses:
                operation["responses"].setdefault(status, PROBLEM)
    return result
