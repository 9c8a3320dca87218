"""Access to DynamoDB."""
import boto3
from django.conf import settings

PRODUCTS = "products"
CUSTOMERS = "customers"
ORDERS = "orders"
STAFF = "staff"
EVENTS = "order-events"

client = boto3.client("dynamodb", region_name=settings.AWS_REGION, endpoint_url=settings.DYNAMODB_ENDPOINT)
dynamodb = boto3.resource("dynamodb", region_name=settings.AWS_REGION, endpoint_url=settings.DYNAMODB_ENDPOINT)

products = dynamodb.Table(PRODUCTS)
customers = dynamodb.Table(CUSTOMERS)
orders = dynamodb.Table(ORDERS)


def table(name):
    """A table by name."""
    resource = boto3.resource("dynamodb", region_name=settings.AWS_REGION, endpoint_url=settings.DYNAMODB_ENDPOINT)
    return resource.Table(name)


def scan_all(source, **options):
    """All items of a table."""
    answer = source.scan(**options)
    items = answer["Items"]
    while "LastEvaluatedKey" in answer:
        answer = source.scan(ExclusiveStartKey=answer["LastEvaluatedKey"], **options)
        items.extend(answer["Items"])
    return items
