"""Additions to the OpenAPI document: bearer scheme, plain Django views, GraphQL and RPC, error answers."""
from drf_spectacular.extensions import OpenApiAuthenticationExtension

from .graph import MOST_CHARACTERS, MOST_FIELDS
from .rpc import MOST_CALLS


class BearerScheme(OpenApiAuthenticationExtension):
    target_class = "desk.tokens.TokenAuthentication"
    name = "bearerAuth"

    def get_security_definition(self, auto_schema):
        return {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}

    def get_security_requirement(self, auto_schema):
        """With the role that an operation is for (OpenAPI 3.1, Security Requirement Object)."""
        wanted = auto_schema.view.permission_classes
        return {self.name: [permission.role for permission in wanted if hasattr(permission, "role")]}


def text(length, **more):
    return {"type": "string", "maxLength": length, **more}


def record(*required, **properties):
    return {"type": "object", "properties": properties, "required": list(required or properties)}


def answer(schema, kind="application/json", description="OK"):
    return {"description": description, "content": {kind: {"schema": schema}}}


def body(schema, example):
    return {"required": True, "content": {"application/json": {"schema": schema, "example": example}}}


def query(name, schema, example):
    return {"in": "query", "name": name, "schema": schema, "example": example}


PROBLEM = answer({"$ref": "#/components/schemas/Problem"}, "application/problem+json", "problem+json (RFC 9457)")
PROBLEM_SCHEMA = record(
    "title", "status", type=text(200), title=text(200), status={"type": "integer", "minimum": 400, "maximum": 599},
    invalid={"type": "array", "maxItems": 20, "items": text(64)},
)
HTML = {"200": answer(text(8000), "text/html")}
# Signing in is possible and not needed for everything.
OPTIONAL = [{"bearerAuth": []}, {}]
GRAPH_ANSWER = record(
    "data", data={"type": ["object", "null"], "maxProperties": MOST_FIELDS, "additionalProperties": {}},
    errors={"type": "array", "maxItems": 50, "items": record(message=text(200))},
)
del GRAPH_ANSWER["required"]
SCALAR = {"oneOf": [text(200), {"type": "integer"}, {"type": "boolean"}]}
GRAPH = {"200": answer(GRAPH_ANSWER), "400": answer(GRAPH_ANSWER, description="The query failed")}
NUMBER = {"type": ["integer", "null"], "minimum": 0, "maximum": 2**53}
CALL = record(
    "method", jsonrpc=text(3), method=text(60), id=NUMBER,
    params={"type": "object", "maxProperties": 10, "additionalProperties": SCALAR},
)
REPLY = record(
    "jsonrpc", jsonrpc=text(3), id=NUMBER, result={},
    error=record(code={"type": "integer", "minimum": -32_768, "maximum": -32_000}, message=text(80)),
)


def one_or_many(schema):
    return {"oneOf": [schema, {"type": "array", "maxItems": MOST_CALLS, "items": schema}]}


PLAIN_VIEWS = {
    ("/health", "get"): {"summary": "Is the desk up?", "responses": {"200": answer(record(status=text(16)))}},
    ("/help", "get"): {"summary": "Where help begins", "responses": HTML},
    ("/help/search", "get"): {
        "summary": "Articles with these words in their title",
        "parameters": [query("q", text(40, minLength=1, pattern="^[A-Za-z0-9 -]+$"), "vpn")],
        "responses": HTML,
    },
    ("/help/topic", "get"): {
        "summary": "What is written about a topic",
        "parameters": [query("name", text(80, minLength=1), "printing")],
        "responses": HTML,
    },
    ("/continue", "get"): {
        "summary": "Where to go after signing in: a path of the portal",
        "parameters": [query("next", text(80, pattern="^(/[a-z0-9-]+)+$"), "/help")],
        "responses": {"302": {"description": "Redirect"}},
    },
    ("/api/v1/tickets", "get"): {
        "summary": "Gone: use /api/v2/tickets", "deprecated": True, "responses": {"410": PROBLEM},
    },
    ("/graphql", "get"): {
        "summary": "Read",
        "parameters": [query("query", text(MOST_CHARACTERS, minLength=1), "{ __typename }")],
        "responses": GRAPH,
        "security": OPTIONAL,
    },
    ("/graphql", "post"): {
        "summary": "Read or change; one query per request",
        "requestBody": body(
            record(
                "query", query=text(MOST_CHARACTERS, minLength=1),
                variables={"type": ["object", "null"], "maxProperties": 20, "additionalProperties": SCALAR},
            ),
            {"query": "{ tickets(first: 2) { number subject } }"},
        ),
        "responses": GRAPH,
        "security": OPTIONAL,
    },
    ("/rpc", "post"): {
        "summary": "JSON-RPC 2.0: one call, or a batch of at most ten",
        "requestBody": body(one_or_many(CALL), {"jsonrpc": "2.0", "method": "desk.ping", "id": 1}),
        "responses": {"200": answer(one_or_many(REPLY))},
        "security": [{"bearerAuth": []}],
    },
}


def add_plain_views(result, generator, request, public):
    schemes = result["components"].setdefault("securitySchemes", {})
    schemes["paymentSignature"] = {
        "type": "apiKey", "in": "header", "name": "X-Signature",
        "description": "HMAC-SHA256 of `event:invoice` with the secret that is shared with the payment provider.",
    }
    for (path, method), operation in PLAIN_VIEWS.items():
        name = f"{method}{path.replace('/', '_')}"
        entry = {"operationId": name, "tags": ["site"], "security": [], **operation}
        result["paths"].setdefault(path, {})[method] = {**entry, "responses": dict(entry["responses"])}
    return result


EXAMPLES = {"code": "100000"}


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
            statuses = ["414", "429", "431", "500"]
            if operation.get("parameters") or method in ("post", "patch"):
                statuses.append("400")
            if method in ("post", "patch"):
                statuses += ["413", "415"]
            if "{" in path or path.endswith("/redeem"):
                statuses.append("404")
            if operation.get("security") or path.endswith(("/auth/token", "/hooks/payments")):
                statuses += ["401", "403"]
            if "/tools/" in path or path.endswith(("/exchange-rate", "/webhooks/test")):
                statuses.append("502")
            for status in statuses:
                operation["responses"].setdefault(status, PROBLEM)
    return result
