"""Customer accounts and what they ordered."""

from boto3.dynamodb.conditions import Key
from fastapi import APIRouter, Depends, HTTPException, Path, Query, Response

from .db import json_answer, table
from .products import product_detail
from .security import current_user

router = APIRouter(tags=["customers"])


@router.get("/customers", dependencies=[Depends(current_user)])
def list_customers():
    response = table("customers").scan()
    customers = response["Items"]
    while "LastEvaluatedKey" in response:
        response = table("customers").scan(ExclusiveStartKey=response["LastEvaluatedKey"])
        customers.extend(response["Items"])
    return json_answer({"items": customers, "count": len(customers)})


@router.get("/customers/{customer_id}", dependencies=[Depends(current_user)])
def customer(customer_id: str = Path(examples=["cust-001"])):
    item = table("customers").get_item(Key={"id": customer_id}).get("Item")
    if item is None:
        raise HTTPException(404, "No such customer")
    return item


@router.head("/customers/{customer_id}")
def customer_exists(customer_id: str = Path(examples=["cust-001"])):
    item = table("customers").get_item(Key={"id": customer_id}).get("Item")
    if item is None:
        return Response(status_code=404)
    return Response(headers={"X-Loyalty-Tier": item["loyalty"]["tier"]})


@router.get("/customers/{customer_id}/orders")
def customer_orders(customer_id: str = Path(examples=["cust-001"]), expand: str = Query("", examples=["product"])):
    orders = table("orders").query(
        KeyConditionExpression=Key("customer_id").eq(customer_id),
        Limit=100,
    )["Items"]
    if "product" in expand.split(","):
        for order in orders:
            for line in order["lines"]:
                line["product"] = product_detail(line["product_id"])
    return json_answer({"items": orders, "count": len(orders)})
