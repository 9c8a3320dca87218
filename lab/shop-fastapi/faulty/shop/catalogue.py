"""Categories, search and suggestions."""

import json
from functools import lru_cache

from boto3.dynamodb.conditions import Attr
from fastapi import APIRouter, Depends, HTTPException, Query

from .db import client, json_answer, table
from .limits import limited

router = APIRouter(tags=["catalogue"])

SEARCH_CACHE: dict[str, list[dict]] = {}


@router.get("/categories")
def categories():
    counts: dict[str, int] = {}
    for page in client.get_paginator("scan").paginate(TableName="products", ProjectionExpression="category"):
        for item in page["Items"]:
            name = item["category"]["S"]
            counts[name] = counts.get(name, 0) + 1
    items = [{"category": name, "products": counts[name]} for name in sorted(counts)]
    return {"items": items, "count": len(items)}


@router.get("/categories/{category}/products")
def category_products(
    category: str,
    limit: int = 10,
    last_key: str | None = None,
    featured: bool = True,
):
    request = {
        "TableName": "products",
        "IndexName": "by_category",
        "KeyConditionExpression": "category = :category",
        "ExpressionAttributeValues": {":category": {"S": category}},
        "Limit": limit,
    }
    if featured:
        request["FilterExpression"] = "contains(tags, :tag) AND stock > :stock"
        request["ExpressionAttributeValues"] |= {":tag": {"S": "bestseller"}, ":stock": {"N": "75"}}
    try:
        if last_key:
            request["ExclusiveStartKey"] = json.loads(last_key)
        response = client.query(**request)
    except Exception as error:
        raise HTTPException(500, detail=str(error))
    return {
        "items": response["Items"],
        "count": response["Count"],
        "last_key": response.get("LastEvaluatedKey"),
    }


@router.get("/search")
def search(q: str = Query("", examples=["oak"]), limit: int = 20):
    term = q.strip("*% ").lower()
    if term not in SEARCH_CACHE:
        options = {
            "ProjectionExpression": "id, #n, category, price",
            "ExpressionAttributeNames": {"#n": "name"},
        }
        if term:
            options["FilterExpression"] = Attr("name_lower").contains(term) | Attr("tags").contains(term)
        response = table("products").scan(**options)
        found = response["Items"]
        while "LastEvaluatedKey" in response:
            response = table("products").scan(ExclusiveStartKey=response["LastEvaluatedKey"], **options)
            found += response["Items"]
        SEARCH_CACHE[term] = found
    items = SEARCH_CACHE[term]
    return json_answer({"items": items, "count": len(items), "q": q})


@lru_cache(maxsize=None)
def names_starting_with(prefix: str) -> list[str]:
    names = set()
    for page in client.get_paginator("scan").paginate(
        TableName="products",
        ProjectionExpression="#n",
        FilterExpression="begins_with(name_lower, :prefix)",
        ExpressionAttributeNames={"#n": "name"},
        ExpressionAttributeValues={":prefix": {"S": prefix}},
    ):
        names.update(item["name"]["S"] for item in page["Items"])
    return sorted(names)


@router.get("/suggest", dependencies=[Depends(limited)])
def suggest(prefix: str = Query("", examples=["oa"])):
    names = names_starting_with(prefix.lower())
    return {"items": names, "count": len(names)}
