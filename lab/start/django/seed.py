"""Makes the table that the shop reads, and fills it."""

import os

import boto3


def main():
    client = boto3.client("dynamodb", endpoint_url=os.environ.get("DYNAMODB_ENDPOINT"))
    client.create_table(
        TableName="products",
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    for n in range(2_000):
        row = {"id": f"lamp-{n:04d}", "name": f"Lamp {n}", "text": "of brass " * 40}
        item = {name: {"S": value} for name, value in row.items()} | {"price": {"N": str(20 + n % 80)}}
        client.put_item(TableName="products", Item=item)


if __name__ == "__main__":
    main()
