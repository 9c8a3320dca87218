"""The GraphQL endpoint of the mobile app: it reads, and closes tickets."""

import json

import graphql
from fastapi import APIRouter, Depends, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field

from . import db
from .security import optional_user
from .tickets import mine

router = APIRouter(tags=["graphql"])

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


class Query(BaseModel):
    query: str = Field(max_length=20_000, examples=["{ tickets(first: 2) { number subject } }"])
    variables: dict | None = None


def resolver(name: str, type_name: str):
    def register(function):
        SCHEMA.get_type(type_name).fields[name].resolve = function
        return function
    return register


def asking(info) -> dict:
    if info.context is None:
        raise graphql.GraphQLError("Please sign in")
    return info.context


@resolver("me", "Query")
def me(_, info):
    return db.one(db.users, "id", asking(info)["id"])


@resolver("user", "Query")
def user(_, info, id):
    asking(info)
    return db.one(db.users, "id", id)


@resolver("ticket", "Query")
def ticket(_, info, id):
    asking(info)
    return db.one(db.tickets, "id", id or "-")


@resolver("tickets", "Query")
def tickets(_, info, first):
    return mine(asking(info))[:first]


@resolver("article", "Query")
def article(_, __, id):
    return db.one(db.articles, "id", id)


@resolver("closeTicket", "Mutation")
def close_ticket(_, info, id):
    row = db.one(db.tickets, "id", id or "-")
    if row is None or row["tenant_id"] != asking(info)["tenant_id"]:
        return None
    db.tickets.update_item(
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
    return db.by(db.tickets, "by_requester", "requester_id", row["id"])[:first]


@resolver("requester", "Ticket")
def requester(row, _):
    return db.one(db.users, "id", row["requester_id"])


@resolver("comments", "Ticket")
def comments(row, _):
    return db.by(db.comments, "by_ticket", "ticket_id", row["id"])


@resolver("ticket", "Comment")
def ticket_of(row, _):
    return db.one(db.tickets, "id", row["ticket_id"])


def run(operation: dict, user: dict | None) -> dict:
    result = graphql.graphql_sync(
        SCHEMA, str(operation.get("query", "")), context_value=user, variable_values=operation.get("variables")
    )
    return result.formatted


@router.get("/graphql", responses={400: {"description": "The query failed"}}, openapi_extra={"security": [{}]})
def by_get(query: str = "{ __typename }", user: dict | None = Depends(optional_user)):
    result = run({"query": query}, user)
    return JSONResponse(result, 200 if result.get("data") is not None else 400)


@router.post(
    "/graphql", responses={400: {"description": "The query failed"}},
    openapi_extra={"security": [{}], "requestBody": {"content": {"application/json": {"schema": Query.model_json_schema()}}}},
)
async def by_post(request: Request, user: dict | None = Depends(optional_user)):
    try:
        body = json.loads(await request.body())
    except ValueError:
        return JSONResponse({"errors": [{"message": "The body is not JSON"}]}, 400)
    if isinstance(body, list):
        return JSONResponse([run(part, user) for part in body if isinstance(part, dict)])
    if not isinstance(body, dict):
        return JSONResponse({"errors": [{"message": "The body is not an object"}]}, 400)
    result = run(body, user)
    return JSONResponse(result, 200 if result.get("data") is not None else 400)
