"""What the two emulators do, where the lab and the checks depend on DynamoDB's semantics.

Each test runs on dynoxide and on moto (named in its id) and states what DynamoDB
documents. Where the emulators differ from that or from each other, the table
DISAGREEMENTS says so, and a test holds each line of it true: a new version of an
emulator that changes its mind fails here, not in a bench.

Streams work through boto3 on both. dynoxide 3.2.0 builds shard ids as
`shardId-00000001-<table>`, and botocore refuses shard ids of fewer than 28
characters before anything is sent: there a table needs a name of 11 characters
or more.
"""

from __future__ import annotations

import itertools
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError, ParamValidationError

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import emulator as emulators  # noqa: E402

PAGE_BYTES = 1024 * 1024
ROWS, ROW_BYTES = 600, 4_000
TABLE = "semantics-table"
_serial = itertools.count(1)


@pytest.fixture(scope="module", params=emulators.KINDS)
def store(request) -> Iterator[emulators.Emulator]:
    with emulators.start(request.param) as running:
        yield running


def client_of(endpoint: str, service: str = "dynamodb"):
    return boto3.client(
        service,
        endpoint_url=endpoint,
        region_name="eu-west-1",
        aws_access_key_id="lab",
        aws_secret_access_key="lab-not-a-secret",
        config=Config(retries={"max_attempts": 1}, proxies={}),
    )


@pytest.fixture(scope="module")
def db(store):
    """A client, and `TABLE` with 600 rows of about 4 KB (2.4 MB): `status` on all, `flag` on the last one."""
    client = client_of(store.endpoint)
    create(client, TABLE)
    fill(client, TABLE, [row(n) for n in range(ROWS)])
    return client


def row(n: int) -> dict:
    flag = {"flag": {"S": "yes"}} if n == ROWS - 1 else {}
    return {"id": {"S": f"row-{n:04d}"}, "status": {"S": "active"}, "body": {"S": "x" * (ROW_BYTES - 40)}, **flag}


def create(client, name: str, **options) -> None:
    client.create_table(
        TableName=name,
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
        **options,
    )


def fill(client, name: str, rows: list[dict]) -> None:
    for start in range(0, len(rows), 25):
        answer = client.batch_write_item(
            RequestItems={name: [{"PutRequest": {"Item": each}} for each in rows[start : start + 25]]}
        )
        assert not answer.get("UnprocessedItems")


def pages(call: Callable, **arguments) -> list[dict]:
    """All pages of a Scan or Query: the loop that every reader has to write."""
    answers = [call(**arguments)]
    while "LastEvaluatedKey" in answers[-1]:
        assert len(answers) < 1_000
        answers.append(call(**arguments, ExclusiveStartKey=answers[-1]["LastEvaluatedKey"]))
    return answers


def error_of(call: Callable, **arguments) -> tuple[str, str]:
    with pytest.raises(ClientError) as caught:
        call(**arguments)
    return caught.value.response["Error"]["Code"], str(caught.value)


# --- reading in pages ----------------------------------------------------------------------------


def test_a_page_ends_at_one_megabyte_whatever_the_limit(db):
    answers = pages(db.scan, TableName=TABLE, Limit=1_000)
    assert len(answers) == 3
    for answer in answers:
        size = sum(len(value["S"]) for item in answer["Items"] for value in item.values())
        assert size <= PAGE_BYTES
    # All but the last are full: one more row of 4 KB, or a few for names and types, would not fit.
    assert all(answer["Count"] > 0.94 * PAGE_BYTES / ROW_BYTES for answer in answers[:-1])


@pytest.mark.parametrize("limit", [7, 250, 600, 601, None])
def test_the_loop_over_last_evaluated_key_is_complete(db, limit):
    answers = pages(db.scan, TableName=TABLE, ProjectionExpression="id", **({"Limit": limit} if limit else {}))
    ids = [item["id"]["S"] for answer in answers for item in answer["Items"]]
    assert len(ids) == ROWS and set(ids) == {f"row-{n:04d}" for n in range(ROWS)}


def test_a_projection_makes_answers_smaller_but_not_pages_fewer(db):
    """Pages are cut by what is read, not by what is sent."""
    whole = pages(db.scan, TableName=TABLE)
    projected = pages(db.scan, TableName=TABLE, ProjectionExpression="id")
    assert len(projected) == len(whole) == 3
    assert projected[0]["Items"][0].keys() == {"id"}


def test_limit_counts_before_the_filter(db):
    """So a page can be empty although a match exists further on: only the key ends a list."""
    wanted = {
        "TableName": TABLE,
        "Limit": 50,
        "FilterExpression": "flag = :yes",
        "ExpressionAttributeValues": {":yes": {"S": "yes"}},
    }
    answers = pages(db.scan, **wanted)
    assert [answer["ScannedCount"] for answer in answers if answer["ScannedCount"]] == [50] * (ROWS // 50)
    assert sum(answer["Count"] for answer in answers) == 1
    empty = [answer for answer in answers if not answer["Items"]]
    assert len(empty) >= ROWS // 50 - 1
    assert any(answer["Count"] == 0 and answer["LastEvaluatedKey"] for answer in empty if "LastEvaluatedKey" in answer)


def test_a_filter_does_not_lower_the_read_cost(db):
    plain = db.scan(TableName=TABLE, Limit=50, ReturnConsumedCapacity="TOTAL")
    filtered = db.scan(
        TableName=TABLE,
        Limit=50,
        ReturnConsumedCapacity="TOTAL",
        FilterExpression="flag = :yes",
        ExpressionAttributeValues={":yes": {"S": "yes"}},
    )
    assert filtered["ConsumedCapacity"] == plain["ConsumedCapacity"]


def test_segments_of_a_parallel_scan_share_the_table_out(db):
    wanted = {"TableName": TABLE, "TotalSegments": 3, "ProjectionExpression": "id"}
    parts = [
        {item["id"]["S"] for answer in pages(db.scan, Segment=n, **wanted) for item in answer["Items"]}
        for n in range(3)
    ]
    assert sum(len(part) for part in parts) == len(set.union(*parts)) == ROWS
    assert all(parts)


def test_a_query_pages_in_key_order(store):
    client = client_of(store.endpoint)
    name = f"sorted-table-{next(_serial)}"
    client.create_table(
        TableName=name,
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}, {"AttributeName": "at", "KeyType": "RANGE"}],
        AttributeDefinitions=[{"AttributeName": key, "AttributeType": "S"} for key in ("id", "at")],
        BillingMode="PAY_PER_REQUEST",
    )
    fill(client, name, [{"id": {"S": "one"}, "at": {"S": f"{n:03d}"}} for n in range(120)])
    wanted = {
        "TableName": name,
        "Limit": 50,
        "KeyConditionExpression": "id = :id",
        "ExpressionAttributeValues": {":id": {"S": "one"}},
    }
    answers = pages(client.query, **wanted)
    assert [answer["Count"] for answer in answers if answer["Count"]] == [50, 50, 20]
    assert [item["at"]["S"] for answer in answers for item in answer["Items"]] == [f"{n:03d}" for n in range(120)]
    down = client.query(**wanted, ScanIndexForward=False)
    assert down["Items"][0]["at"]["S"] == "119"


# --- expressions and items -----------------------------------------------------------------------


def test_reserved_words_need_an_alias(db):
    plain = [
        (db.scan, {"FilterExpression": "attribute_exists(status)"}),
        (db.scan, {"ProjectionExpression": "id, name"}),
        (db.update_item, {
            "Key": {"id": {"S": "absent"}},
            "UpdateExpression": "SET status = :s",
            "ExpressionAttributeValues": {":s": {"S": "x"}},
        }),
    ]
    for call, arguments in plain:
        code, text = error_of(call, TableName=TABLE, **arguments)
        assert code == "ValidationException" and "reserved keyword" in text
    alias = {"FilterExpression": "attribute_exists(#s)", "ExpressionAttributeNames": {"#s": "status"}}
    assert sum(answer["Count"] for answer in pages(db.scan, TableName=TABLE, **alias)) == ROWS


def test_an_item_has_at_most_400_kb(db):
    code, text = error_of(db.put_item, TableName=TABLE, Item={"id": {"S": "big"}, "body": {"S": "x" * 410_000}})
    assert code == "ValidationException" and "Item size has exceeded the maximum allowed size" in text


def test_errors_name_the_operation(db):
    code, text = error_of(db.get_item, TableName="absent-table", Key={"id": {"S": "1"}})
    assert code == "ResourceNotFoundException" and "when calling the GetItem operation" in text


def test_an_absent_key_is_no_error(db):
    assert "Item" not in db.get_item(TableName=TABLE, Key={"id": {"S": "absent"}})


def test_a_batch_get_takes_a_hundred_different_keys(db):
    keys = [{"id": {"S": f"row-{n:04d}"}} for n in range(100)]
    answer = db.batch_get_item(RequestItems={TABLE: {"Keys": keys, "ProjectionExpression": "id"}})
    assert len(answer["Responses"][TABLE]) == 100
    for refused in ([*keys, {"id": {"S": "row-0100"}}], [keys[0], keys[0]]):
        assert error_of(db.batch_get_item, RequestItems={TABLE: {"Keys": refused}})[0] == "ValidationException"


def test_empty_strings_are_values_but_not_keys(db):
    db.put_item(TableName=TABLE, Item={"id": {"S": "scratch"}, "note": {"S": ""}})
    assert db.get_item(TableName=TABLE, Key={"id": {"S": "scratch"}})["Item"]["note"] == {"S": ""}
    db.delete_item(TableName=TABLE, Key={"id": {"S": "scratch"}})
    for call, arguments in ((db.get_item, {"Key": {"id": {"S": ""}}}), (db.put_item, {"Item": {"id": {"S": ""}}})):
        code, text = error_of(call, TableName=TABLE, **arguments)
        assert code == "ValidationException" and "empty string" in text


# --- streams -------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def stream(store):
    """A streams client, an ARN and a shard whose records are five puts, an update and a delete."""
    client, name = client_of(store.endpoint), "stream-events"
    create(client, name, StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"})
    for n in range(5):
        client.put_item(TableName=name, Item={"id": {"S": f"e{n}"}, "n": {"N": str(n)}})
    client.update_item(
        TableName=name,
        Key={"id": {"S": "e1"}},
        UpdateExpression="SET n = :n",
        ExpressionAttributeValues={":n": {"N": "9"}},
    )
    client.delete_item(TableName=name, Key={"id": {"S": "e3"}})
    arn = client.describe_table(TableName=name)["Table"]["LatestStreamArn"]
    streams = client_of(store.endpoint, "dynamodbstreams")
    (shard,) = streams.describe_stream(StreamArn=arn)["StreamDescription"]["Shards"]
    return streams, arn, shard["ShardId"]


def records(stream, kind: str, limit: int = 100, calls: int = 1, **after) -> list[dict]:
    streams, arn, shard = stream
    start = {"StreamArn": arn, "ShardId": shard, "ShardIteratorType": kind, **after}
    iterator = streams.get_shard_iterator(**start)["ShardIterator"]
    found = []
    for _ in range(calls):
        answer = streams.get_records(ShardIterator=iterator, Limit=limit)
        assert len(answer["Records"]) <= limit
        found += answer["Records"]
        # The shard is open: there is always a next iterator, records or not.
        iterator = answer["NextShardIterator"]
    return found


def test_a_stream_is_read_in_order_through_boto3(stream):
    found = records(stream, "TRIM_HORIZON", limit=3, calls=4)
    assert [(each["eventName"], each["dynamodb"]["Keys"]["id"]["S"]) for each in found] == [
        *(("INSERT", f"e{n}") for n in range(5)),
        ("MODIFY", "e1"),
        ("REMOVE", "e3"),
    ]
    assert found[5]["dynamodb"]["OldImage"]["n"] == {"N": "1"} and found[5]["dynamodb"]["NewImage"]["n"] == {"N": "9"}
    numbers = [int(each["dynamodb"]["SequenceNumber"]) for each in found]
    assert numbers == sorted(set(numbers))


def test_a_reader_goes_on_after_a_sequence_number(stream):
    third = records(stream, "TRIM_HORIZON")[2]["dynamodb"]["SequenceNumber"]
    rest = records(stream, "AFTER_SEQUENCE_NUMBER", SequenceNumber=third)
    assert [each["dynamodb"]["Keys"]["id"]["S"] for each in rest] == ["e3", "e4", "e1", "e3"]
    assert records(stream, "AT_SEQUENCE_NUMBER", SequenceNumber=third)[0]["dynamodb"]["Keys"]["id"]["S"] == "e2"


def test_latest_starts_after_what_is_there(stream):
    assert records(stream, "LATEST", calls=2) == []


def test_boto3_refuses_the_shard_ids_of_short_tables_on_dynoxide(store):
    """`shardId-00000001-` has 17 characters, botocore asks for 28: tables need 11 of their own."""
    client, streams = client_of(store.endpoint), client_of(store.endpoint, "dynamodbstreams")
    for name, accepted in (("shop-event", store.kind != "dynoxide"), ("shop-events", True)):
        create(client, name, StreamSpecification={"StreamEnabled": True, "StreamViewType": "KEYS_ONLY"})
        arn = client.describe_table(TableName=name)["Table"]["LatestStreamArn"]
        shard = streams.describe_stream(StreamArn=arn)["StreamDescription"]["Shards"][0]["ShardId"]
        if store.kind == "dynoxide":
            assert shard == f"shardId-00000001-{name}"
        ask = {"StreamArn": arn, "ShardId": shard, "ShardIteratorType": "LATEST"}
        if accepted:
            assert streams.get_shard_iterator(**ask)["ShardIterator"]
        else:
            with pytest.raises(ParamValidationError, match="valid min length: 28"):
                streams.get_shard_iterator(**ask)


# --- where they disagree -------------------------------------------------------------------------


def outcome(call: Callable, **arguments) -> str:
    """`ok`, or the code of the error."""
    try:
        call(**arguments)
    except ClientError as error:
        return error.response["Error"]["Code"]
    return "ok"


def end_of_an_open_shard(db) -> str:
    streams, name = streams_beside(db), f"open-shard-{next(_serial)}"
    arn = stream_with(db, name, puts=1)
    shard = streams.describe_stream(StreamArn=arn)["StreamDescription"]["Shards"][0]
    return "set" if "EndingSequenceNumber" in shard["SequenceNumberRange"] else "not set"


def records_of_two_equal_puts(db) -> str:
    streams, name = streams_beside(db), f"same-again-{next(_serial)}"
    arn = stream_with(db, name, puts=2)
    shard = streams.describe_stream(StreamArn=arn)["StreamDescription"]["Shards"][0]["ShardId"]
    ask = {"StreamArn": arn, "ShardId": shard, "ShardIteratorType": "TRIM_HORIZON"}
    found = streams.get_records(ShardIterator=streams.get_shard_iterator(**ask)["ShardIterator"])["Records"]
    return ", ".join(each["eventName"] for each in found)


def streams_beside(db):
    """The streams client of the same emulator."""
    return client_of(db.meta.endpoint_url, "dynamodbstreams")


def stream_with(db, name: str, puts: int) -> str:
    create(db, name, StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_IMAGE"})
    for _ in range(puts):
        db.put_item(TableName=name, Item={"id": {"S": "same"}, "n": {"N": "1"}})
    return db.describe_table(TableName=name)["Table"]["LatestStreamArn"]


def capacity_of_fifty_rows(db) -> str:
    answer = db.scan(TableName=TABLE, Limit=50, ReturnConsumedCapacity="TOTAL")
    return f"{answer['ConsumedCapacity']['CapacityUnits']:g}"


UNUSED = {"FilterExpression": "attribute_exists(id)", "ExpressionAttributeValues": {":z": {"S": "unused"}}}
EMPTY = {"KeyConditionExpression": "id = :id", "ExpressionAttributeValues": {":id": {"S": ""}}}
REFUSED = "ValidationException"

# What is asked, what DynamoDB documents, and what dynoxide 3.2.0 and moto 5.2.5 do. Real AWS was not asked.
DISAGREEMENTS = {
    "a table's name of two letters": (lambda db: outcome(create, client=db, name="ab"), REFUSED, REFUSED, "ok"),
    "an expression value that is not used": (
        lambda db: outcome(db.scan, TableName=TABLE, **UNUSED), REFUSED, REFUSED, "ok",
    ),
    "a key of another type": (
        lambda db: outcome(db.get_item, TableName=TABLE, Key={"id": {"N": "1"}}), REFUSED, REFUSED, "ok",
    ),
    "an empty key in a query": (lambda db: outcome(db.query, TableName=TABLE, **EMPTY), REFUSED, "ok", REFUSED),
    "a start key of another shape": (
        lambda db: outcome(db.scan, TableName=TABLE, ExclusiveStartKey={"other": {"S": "1"}}), REFUSED, REFUSED, "500",
    ),
    # A row has 3,986 bytes by the documented rules (names and values): 50 of them are 49 half units of 4 KB,
    # and 263 fit into 1 MB. moto counts a call as one unit and its own JSON as the row's size.
    "the capacity that a scan of fifty rows takes": (capacity_of_fifty_rows, "24.5", "24.5", "1"),
    "the rows of a full page": (lambda db: str(db.scan(TableName=TABLE, Select="COUNT")["Count"]), "263", "263", "250"),
    "the last sequence number of an open shard": (end_of_an_open_shard, "not set", "set", "not set"),
    "the stream after a put that changes nothing": (
        records_of_two_equal_puts, "INSERT", "INSERT, MODIFY", "INSERT, MODIFY",
    ),
}


@pytest.mark.parametrize("question", DISAGREEMENTS, ids=lambda question: question.replace(" ", "-"))
def test_disagreement(db, store, question):
    ask, documented, dynoxide, moto = DISAGREEMENTS[question]
    assert {dynoxide, moto} != {documented}, "nothing to disagree about"
    assert ask(db) == {"dynoxide": dynoxide, "moto": moto}[store.kind]
