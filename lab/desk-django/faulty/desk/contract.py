"""Additions to the OpenAPI document: the bearer scheme and the plain Django views."""
from drf_spectacular.extensions import OpenApiAuthenticationExtension


class BearerScheme(OpenApiAuthenticationExtension):
    target_class = "desk.tokens.TokenAuthentication"
    name = "bearerAuth"

    def get_security_definition(self, auto_schema):
        return {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}


def query(name, example):
    return {"in": "query", "name": name, "schema": {"type": "string"}, "example": example}


def page(summary, *parameters):
    return {
        "summary": summary,
        "parameters": list(parameters),
        "responses": {"200": {"description": "A page", "content": {"text/html": {"schema": {"type": "string"}}}}},
    }


JSON = {"application/json": {"schema": {"type": "object"}}}
OK = {"200": {"description": "OK", "content": JSON}, "400": {"description": "The query failed", "content": JSON}}
GRAPH = {
    "type": "object",
    "required": ["query"],
    "properties": {"query": {"type": "string", "maxLength": 20_000}, "variables": {"type": "object"}},
    "example": {"query": "{ tickets(first: 2) { number subject } }"},
}
CALL = {
    "type": "object",
    "required": ["method"],
    "properties": {
        "jsonrpc": {"type": "string", "maxLength": 3},
        "method": {"type": "string", "maxLength": 60},
        "params": {"type": "object"},
        "id": {"type": "integer"},
    },
    "example": {"jsonrpc": "2.0", "method": "desk.ping", "id": 1},
}


def body(schema):
    return {"content": {"application/json": {"schema": schema}}}


PLAIN_VIEWS = {
    "/health": {"get": {"summary": "Is the desk up?", "responses": {"200": {"description": "OK", "content": JSON}}}},
    "/help": {"get": page("Where help begins")},
    "/help/search": {"get": page("Search the articles", query("q", "vpn"))},
    "/help/topic": {"get": page("What is written about a topic", query("name", "printing"))},
    "/continue": {
        "get": {
            "summary": "Where to go after signing in",
            "parameters": [query("next", "/help")],
            "responses": {"302": {"description": "Redirect"}},
        }
    },
    "/graphql": {
        "get": {"summary": "Read", "parameters": [query("query", "{ __typename }")], "responses": OK},
        "post": {"summary": "Read and change", "requestBody": body(GRAPH), "responses": OK},
    },
    "/rpc": {"post": {"summary": "JSON-RPC 2.0", "requestBody": body(CALL), "responses": {"200": OK["200"]}}},
}


def add_plain_views(result, generator, request, public):
    for path, operations in PLAIN_VIEWS.items():
        for method, operation in operations.items():
            name = f"{method}{path.replace('/', '_')}"
            result["paths"].setdefault(path, {})[method] = {"operationId": name, "tags": ["site"], **operation}
    return result
