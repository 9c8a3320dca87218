//! Weaknesses in how DynamoDB and its streams are read and written.

use super::{Category, Facts};
use crate::{Kind, Severity};

pub(super) const WHOLE_TABLE_READ: Facts = Facts {
    id: "whole-table-read",
    title: "All pages of a read are collected in memory",
    category: Category::ResourceConsumption,
    kind: Kind::Peak,
    severity: Severity::Medium,
    cwe: 770,
    owasp: "API4:2023",
    why: "The pages come one by one, at most 1 MB each, and are put together again in a list. The peak grows with the table, three or four times its size once decoded, for every request at once that does so. Nothing is retained; the worker dies at the peak.",
    fastapi: r##"Hand out one page with a cursor; where everything must go out, stream it page by page.

```python
def lines():
    pages = client.get_paginator("scan").paginate(
        TableName="catalog", ProjectionExpression="id, price", PaginationConfig={"PageSize": 250}
    )
    for page in pages:
        rows = ({"id": item["id"]["S"], "price": item["price"]["N"]} for item in page["Items"])
        yield "".join(json.dumps(row) + "\n" for row in rows)


@app.get("/export")
def export():
    return StreamingResponse(lines(), media_type="application/x-ndjson")
```

A page is sent as one piece: each piece of a plain generator costs a change of threads. With aioboto3 `lines` is an asynchronous generator; `Product.scan(attributes_to_get=["id", "price"], page_size=250)` of PynamoDB reads on
while it is iterated."##,
    django: r##"Hand out one page with a cursor; where everything must go out, stream it page by page, or leave it to a job that writes to S3.

```python
def lines():
    pages = client.get_paginator("scan").paginate(
        TableName="catalog", ProjectionExpression="id, price", PaginationConfig={"PageSize": 250}
    )
    for page in pages:
        rows = ({"id": item["id"]["S"], "price": item["price"]["N"]} for item in page["Items"])
        yield "".join(json.dumps(row) + "\n" for row in rows)


def export(request):
    return StreamingHttpResponse(lines(), content_type="application/x-ndjson")
```

Under ASGI only an asynchronous generator streams; a plain one is read to its end first."##,
};

pub(super) const SCAN_INSTEAD_OF_QUERY: Facts = Facts {
    id: "scan-instead-of-query",
    title: "A scan where a key condition fits",
    category: Category::ResourceConsumption,
    kind: Kind::Cost,
    severity: Severity::Medium,
    cwe: 405,
    owasp: "API4:2023",
    why: "A scan reads, and is billed for, every item of the table; a filter, in the call or after it, only drops what was already paid for. A query on a key or an index reads what is asked for, and keeps doing so when the table has grown a thousandfold.",
    fastapi: r##"Query by the key of the table, or by an index that has the attribute as its key.

```python
answer = table.query(
    IndexName="by_category",
    KeyConditionExpression=Key("category").eq(category),
    Limit=limit,
)
```"##,
    django: r##"Query by the key of the table, or by an index that has the attribute as its key.

```python
answer = table.query(
    IndexName="by_category",
    KeyConditionExpression=Key("category").eq(request.query_params["category"]),
    Limit=limit,
)
```"##,
};

pub(super) const MISSING_CHECKPOINT: Facts = Facts {
    id: "missing-checkpoint",
    title: "A stream is read without keeping the position",
    category: Category::ResourceConsumption,
    kind: Kind::DataLoss,
    severity: Severity::Medium,
    cwe: 460,
    owasp: "API4:2023",
    why: "Without a stored sequence number a restart reads everything again (`TRIM_HORIZON`) or skips what came meanwhile (`LATEST`); without following child shards the records after a split are never seen; without a pause an open shard is asked dozens of times a second for nothing.",
    fastapi: r##"Use a Lambda trigger or the Kinesis Client Library where possible: both keep positions. A loop of your own keeps the sequence number after each batch, follows child shards and sleeps. `load` and `save` stand for a small table.

```python
def read_shard(stream_arn: str, shard_id: str) -> None:
    position = load(shard_id)
    start = (
        {"ShardIteratorType": "AFTER_SEQUENCE_NUMBER", "SequenceNumber": position}
        if position
        else {"ShardIteratorType": "TRIM_HORIZON"}
    )
    iterator = streams.get_shard_iterator(StreamArn=stream_arn, ShardId=shard_id, **start)["ShardIterator"]
    while iterator:
        answer = streams.get_records(ShardIterator=iterator, Limit=100)
        for record in answer["Records"]:
            handle(record)
        if answer["Records"]:
            save(shard_id, answer["Records"][-1]["dynamodb"]["SequenceNumber"])
        else:
            time.sleep(1)
        iterator = answer.get("NextShardIterator")
```

Run it outside of the web process, and list the shards again when one has ended: those whose `ParentShardId` it was come next."##,
    django: r##"Use a Lambda trigger or the Kinesis Client Library where possible: both keep positions. A management command of your own keeps the sequence number after each batch, follows child shards and sleeps.

```python
class Command(BaseCommand):
    def read_shard(self, stream_arn, shard_id):
        position, _ = ShardPosition.objects.get_or_create(shard_id=shard_id)
        start = (
            {"ShardIteratorType": "AFTER_SEQUENCE_NUMBER", "SequenceNumber": position.sequence}
            if position.sequence
            else {"ShardIteratorType": "TRIM_HORIZON"}
        )
        iterator = streams.get_shard_iterator(StreamArn=stream_arn, ShardId=shard_id, **start)["ShardIterator"]
        while iterator:
            answer = streams.get_records(ShardIterator=iterator, Limit=100)
            for record in answer["Records"]:
                handle(record)
            if answer["Records"]:
                position.sequence = answer["Records"][-1]["dynamodb"]["SequenceNumber"]
                position.save(update_fields=["sequence"])
            else:
                time.sleep(1)
            iterator = answer.get("NextShardIterator")
```"##,
};

pub(super) const SDK_MISUSE: Facts = Facts {
    id: "sdk-misuse",
    title: "A call of a library that cannot work",
    category: Category::InputValidation,
    kind: Kind::Crash,
    severity: Severity::High,
    cwe: 684,
    owasp: "API8:2023",
    why: "The call fails every time it is reached: the object has no such method, or the service refuses the expression. It was never run, or only on a path that no test takes; the caller gets a server error.",
    fastapi: r##"A page iterator is iterated, not entered; reserved words need an alias; stream operations are on the `dynamodbstreams` client.

```python
for page in client.get_paginator("scan").paginate(
    TableName="users",
    FilterExpression="attribute_exists(#s)",
    ExpressionAttributeNames={"#s": "status"},
):
    handle(page["Items"])

streams = boto3.client("dynamodbstreams")
```"##,
    django: r##"The same, and `Signal.send()` takes a sender.

```python
record_seen.send(sender=None, record=record)

for page in client.get_paginator("scan").paginate(
    TableName="users",
    FilterExpression="attribute_exists(#s)",
    ExpressionAttributeNames={"#s": "status"},
):
    handle(page["Items"])
```"##,
};

pub(super) const DROPPED_RECORDS: Facts = Facts {
    id: "dropped-records",
    title: "A full buffer drops records silently",
    category: Category::ResourceConsumption,
    kind: Kind::DataLoss,
    severity: Severity::Medium,
    cwe: 404,
    owasp: "API4:2023",
    why: "`deque(maxlen=…)` makes room by forgetting the oldest entry, without an error and without a trace. For the last hundred log lines that is right; for records of a stream it is loss, and the consumer's position moves on past them.",
    fastapi: r##"A bounded queue makes the reader wait, and the position is stored after the work is done.

```python
records: queue.Queue = queue.Queue(maxsize=1_000)

for record in answer["Records"]:
    records.put(record)  # waits while the queue is full
```"##,
    django: r##"A bounded queue makes the reader wait, and the position is stored after the work is done.

```python
records = queue.Queue(maxsize=1_000)

for record in answer["Records"]:
    records.put(record)  # waits while the queue is full
```"##,
};

pub(super) const UNPROCESSED_ITEMS: Facts = Facts {
    id: "unprocessed-items",
    title: "What a batch left undone is ignored",
    category: Category::ResourceConsumption,
    kind: Kind::DataLoss,
    severity: Severity::Medium,
    cwe: 252,
    owasp: "API4:2023",
    why: "A batch call may do a part and succeed: what was throttled comes back in the answer (`UnprocessedItems`, `UnprocessedKeys`, `FailedEntryCount`). Not looked at, these writes and reads are lost, and only under load.",
    fastapi: r##"For writes, a table's batch writer sends again what was left. For reads, ask again for what is left, a bounded number of times.

```python
with table.batch_writer() as batch:
    for item in items:
        batch.put_item(Item=item)

pending = {"catalog": {"Keys": keys}}
for attempt in range(6):
    answer = client.batch_get_item(RequestItems=pending)
    found += answer["Responses"].get("catalog", [])
    pending = answer.get("UnprocessedKeys")
    if not pending:
        break
    time.sleep(0.05 * 2**attempt)
else:
    raise HTTPException(status_code=503, detail="busy", headers={"Retry-After": "1"})
```"##,
    django: r##"For writes, a table's batch writer sends again what was left. For reads, ask again for what is left, a bounded number of times.

```python
with table.batch_writer() as batch:
    for item in items:
        batch.put_item(Item=item)

pending = {"catalog": {"Keys": keys}}
for attempt in range(6):
    answer = client.batch_get_item(RequestItems=pending)
    found += answer["Responses"].get("catalog", [])
    pending = answer.get("UnprocessedKeys")
    if not pending:
        break
    time.sleep(0.05 * 2**attempt)
else:
    return JsonResponse({"detail": "busy"}, status=503, headers={"Retry-After": "1"})
```"##,
};

pub(super) const HOT_POLL_LOOP: Facts = Facts {
    id: "hot-poll-loop",
    title: "A loop polls without a pause",
    category: Category::ResourceConsumption,
    kind: Kind::Cost,
    severity: Severity::Medium,
    cwe: 834,
    owasp: "API4:2023",
    why: "An open shard or an empty queue answers at once with nothing. Without a pause the loop asks dozens of times a second, burns a core and the request quota (five reads a second for each shard), and is billed for it.",
    fastapi: r##"Sleep when there was nothing; let SQS wait for you.

```python
while iterator:
    answer = streams.get_records(ShardIterator=iterator, Limit=100)
    handle(answer["Records"])
    iterator = answer.get("NextShardIterator")
    if not answer["Records"]:
        time.sleep(1)

messages = sqs.receive_message(QueueUrl=url, WaitTimeSeconds=20, MaxNumberOfMessages=10).get("Messages", [])
```"##,
    django: r##"Sleep when there was nothing; let SQS wait for you. A management command is the place for such a loop, not a view.

```python
while iterator:
    answer = streams.get_records(ShardIterator=iterator, Limit=100)
    handle(answer["Records"])
    iterator = answer.get("NextShardIterator")
    if not answer["Records"]:
        time.sleep(1)
```"##,
};
