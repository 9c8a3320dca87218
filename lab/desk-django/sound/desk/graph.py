"""The GraphQL endpoint of the mobile app: bounded queries, no introspection, one query at a time."""

import graphql
from django.http import Http404, JsonResponse
from graphql.validation import NoSchemaIntrospectionCustomRule, ValidationRule
from rest_framework import permissions, serializers
from rest_framework.views import APIView

from . import bodies, fields, queries, store
from .tickets import listed, own

MOST_CHARACTERS, MOST_TOKENS, MOST_DEPTH, MOST_FIELDS = 4000, 400, 5, 60

SCHEMA = graphql.build_schema("""
    type Query {
        me: User
        ticket(id: ID!): Ticket
        tickets(first: Int = 10): [Ticket!]!
        article(id: Int!): Article
    }
    type Mutation {
        closeTicket(id: ID!): Ticket
    }
    type User { id: Int! name: String! role: String! }
    type Ticket { id: ID! number: Int! subject: String! body: String! status: String! }
    type Article { id: Int! title: String! votes: Int! }
""")


class Bounds(ValidationRule):
    """Refuses what is nested too deeply or asks for too many fields, aliases counted."""

    def enter_document(self, document, *_):
        fragments = {
            node.name.value: node for node in document.definitions if isinstance(node, graphql.FragmentDefinitionNode)
        }
        self.fields = 0

        def walk(selection, depth, inside):
            if selection is None or self.fields > MOST_FIELDS:
                return
            if depth > MOST_DEPTH:
                self.fields = MOST_FIELDS + 1
                return
            for node in selection.selections:
                if isinstance(node, graphql.FragmentSpreadNode):
                    name = node.name.value
                    if name in fragments and name not in inside:
                        walk(fragments[name].selection_set, depth, (*inside, name))
                    continue
                self.fields += 1
                walk(node.selection_set, depth + isinstance(node, graphql.FieldNode), inside)

        for node in document.definitions:
            if isinstance(node, graphql.OperationDefinitionNode):
                walk(node.selection_set, 1, ())
        if self.fields > MOST_FIELDS:
            self.report_error(graphql.GraphQLError("The query is too large"))


RULES = [*graphql.specified_rules, NoSchemaIntrospectionCustomRule, Bounds]


def signed_in(info):
    if info.context is None:
        raise graphql.GraphQLError("Please sign in")
    return info.context


def me(_, info):
    return vars(signed_in(info))


def ticket(_, info, id):
    caller = signed_in(info)
    try:
        return own(caller, id) if 0 < len(id) <= 40 else None
    except Http404:
        return None


def tickets(_, info, first):
    if not 1 <= first <= 20:
        raise graphql.GraphQLError("`first` is 1 to 20")
    return listed(signed_in(info), {"limit": first})["items"]


def article(_, info, id):
    return store.one("desk-articles", {"id": id}, ["id", "title", "votes"])


def close_ticket(_, info, id):
    row = ticket(_, info, id)
    if row is None:
        return None
    store.change("desk-tickets", {"id": row["id"]}, {"status": "closed"})
    return {**row, "status": "closed"}


for kind, resolvers in {
    "Query": {"me": me, "ticket": ticket, "tickets": tickets, "article": article},
    "Mutation": {"closeTicket": close_ticket},
}.items():
    for name, function in resolvers.items():
        SCHEMA.get_type(kind).fields[name].resolve = function


class GetQuery(serializers.Serializer):
    query = fields.Text(min_length=1, max_length=MOST_CHARACTERS, default="{ __typename }")


class PostQuery(serializers.Serializer):
    query = fields.Text(min_length=1, max_length=MOST_CHARACTERS)
    variables = serializers.DictField(required=False, allow_null=True)


def run(query, variables, caller, reading):
    """Execute one query. Errors have a message and no hints at what the schema has."""
    try:
        document = graphql.parse(query, max_tokens=MOST_TOKENS, no_location=True)
    except (graphql.GraphQLError, RecursionError):
        return failed("The query cannot be read")
    if errors := graphql.validate(SCHEMA, document, RULES, max_errors=5):
        large = any(error.message == "The query is too large" for error in errors)
        return failed("The query is too large" if large else "The query is not valid")
    if reading and any(
        isinstance(node, graphql.OperationDefinitionNode) and node.operation is not graphql.OperationType.QUERY
        for node in document.definitions
    ):
        return failed("Changes are sent with POST")
    result = graphql.execute_sync(SCHEMA, document, context_value=caller, variable_values=variables)
    if result.errors:
        ours = [str(error.message)[:200] for error in result.errors if error.original_error is None][:50]
        errors = [{"message": text} for text in ours or ["The query failed"]]
        return JsonResponse({"data": result.data, "errors": errors}, status=200 if result.data else 400)
    return JsonResponse({"data": result.data})


def failed(message):
    return JsonResponse({"errors": [{"message": message}]}, status=400)


class Endpoint(APIView):
    permission_classes = [permissions.AllowAny]
    schema = None  # see contract.py

    def get(self, request):
        """Read; changes need POST."""
        return run(queries.read(GetQuery, request)["query"], None, request.user, reading=True)

    def post(self, request):
        """Read or change; one query per request."""
        given = bodies.read(PostQuery, request)
        return run(given["query"], given.get("variables"), request.user, reading=False)
