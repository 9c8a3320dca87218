"""The GraphQL endpoint of the mobile app: it reads, and closes tickets."""

import json

import graphql
from django.http import JsonResponse
from django.views.decorators.csrf import csrf_exempt

from . import store
from .tickets import mine
from .tokens import identify

SCHEMA = graphql.build_schema("""
    type Query {
        me: User
        user(id: Int!): User
        ticket(id: ID!): Ticket
        tickets(first: Int = 10): [Ticket!]!
        article(id: Int!): Article
    }
    type Mutation {
        closeTicket(id: ID!): Ticket
    }
    type User { id: Int! name: String! role: String! passwordHash: String hourlyCost: Float tickets(first: Int = 5): [Ticket!]! }
    type Ticket { id: ID! number: Int! subject: String! body: String! status: String! requester: User comments: [Comment!]! }
    type Comment { id: ID! text: String! ticket: Ticket }
    type Article { id: Int! title: String! votes: Int! }
""")


def resolver(name, type_name):
    def register(function):
        SCHEMA.get_type(type_name).fields[name].resolve = function
        return function
    return register


def asking(info):
    if info.context is None:
        raise graphql.GraphQLError("Please sign in")
    return info.context


@resolver("me", "Query")
def me(_, info):
    return store.one(store.users, "id", asking(info).id)


@resolver("user", "Query")
def user(_, info, id):
    asking(info)
    return store.one(store.users, "id", id)


@resolver("ticket", "Query")
def ticket(_, info, id):
    asking(info)
    return store.one(store.tickets, "id", id or "-")


@resolver("tickets", "Query")
def tickets(_, info, first):
    return mine(asking(info))[:first]


@resolver("article", "Query")
def article(_, __, id):
    return store.one(store.articles, "id", id)


@resolver("closeTicket", "Mutation")
def close_ticket(_, info, id):
    row = store.one(store.tickets, "id", id or "-")
    if row is None or row["tenant_id"] != asking(info).tenant_id:
        return None
    store.tickets.update_item(
        Key={"id": id}, UpdateExpression="SET #s = :closed",
        ExpressionAttributeNames={"#s": "status"}, ExpressionAttributeValues={":closed": "closed"},
    )
    return {**row, "status": "closed"}


@resolver("passwordHash", "User")
def password_hash(row, _):
    return row["password_hash"]


@resolver("hourlyCost", "User")
def hourly_cost(row, _):
    return row["hourly_cost"]


@resolver("tickets", "User")
def tickets_of(row, _, first):
    return store.by(store.tickets, "by_requester", "requester_id", row["id"])[:first]


@resolver("requester", "Ticket")
def requester(row, _):
    return store.one(store.users, "id", row["requester_id"])


@resolver("comments", "Ticket")
def comments(row, _):
    return store.by(store.comments, "by_ticket", "ticket_id", row["id"])


@resolver("ticket", "Comment")
def ticket_of(row, _):
    return store.one(store.tickets, "id", row["ticket_id"])


def run(operation, caller):
    query, variables = str(operation.get("query", "")), operation.get("variables")
    return graphql.graphql_sync(SCHEMA, query, context_value=caller, variable_values=variables).formatted


def answered(result):
    return JsonResponse(result, status=200 if result.get("data") is not None else 400)


@csrf_exempt
def endpoint(request):
    caller = identify(request)
    if request.method == "GET":
        return answered(run({"query": request.GET.get("query", "{ __typename }")}, caller))
    try:
        body = json.loads(request.body)
    except ValueError:
        return JsonResponse({"errors": [{"message": "The body is not JSON"}]}, status=400)
    if isinstance(body, list):
        return JsonResponse([run(part, caller) for part in body if isinstance(part, dict)], safe=False)
    if not isinstance(body, dict):
        return JsonResponse({"errors": [{"message": "The body is not an object"}]}, status=400)
    return answered(run(body, caller))
