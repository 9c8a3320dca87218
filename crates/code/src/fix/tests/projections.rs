//! Reads that ask for the attributes that are used, with the fixes that work page by page.

use super::projects::{HEAD, after};

fn app(module: &str, route: &str) -> String {
    format!("{HEAD}{module}\n\n@app.get(\"/x/{{y}}\")\ndef x(y: str):\n{route}")
}

#[test]
fn reserved_words_get_an_alias() {
    let found = after(
        "collected-pages",
        &app(
            "",
            "    rows = []\n    for page in client.get_paginator(\"scan\").paginate(TableName=\"t\", FilterExpression=\"#status = :s\", ExpressionAttributeNames={\"#status\": \"status\"}, ExpressionAttributeValues={\":s\": {\"S\": y}}):\n        rows.extend(page[\"Items\"])\n    return {\"sum\": sum(int(row[\"total\"][\"N\"]) for row in rows if row[\"status\"] and \"line-items\" in row)}\n",
        ),
    );
    assert!(found.contains("ProjectionExpression=\"#total, #status, #a2\")"), "{found}");
    assert!(
        found.contains(
            "ExpressionAttributeNames={\"#total\": \"total\", \"#a2\": \"line-items\", \"#status\": \"status\"}"
        ),
        "{found}"
    );
}

#[test]
fn a_read_that_follows_its_cursor_asks_for_less_each_time() {
    let found = after(
        "collected-pages",
        &app(
            "",
            "    answer = table.scan()\n    rows = answer[\"Items\"]\n    while \"LastEvaluatedKey\" in answer:\n        answer = table.scan(ExclusiveStartKey=answer[\"LastEvaluatedKey\"])\n        rows.extend(answer[\"Items\"])\n    return {\"sum\": sum(row.get(\"price\", 0) for row in rows)}\n",
        ),
    );
    assert!(found.contains("answer = table.scan(Limit=200, ProjectionExpression=\"price\")\n"), "{found}");
    let again = "ExclusiveStartKey=answer[\"LastEvaluatedKey\"], ProjectionExpression=\"price\")\n";
    assert!(found.contains(again), "{found}");
}

#[test]
fn options_that_are_made_in_the_function_are_seen() {
    let route = "    options = {\"ConsistentRead\": True}\n    answer = table.scan(**options)\n    rows = answer[\"Items\"]\n    while \"LastEvaluatedKey\" in answer:\n        options[\"ExclusiveStartKey\"] = answer[\"LastEvaluatedKey\"]\n        answer = table.scan(**options)\n        rows.extend(answer[\"Items\"])\n    return {\"sum\": sum(row.get(\"price\", 0) for row in rows)}\n";
    let found = after("collected-pages", &app("", route));
    assert_eq!(found.matches("**options, ProjectionExpression=\"price\"").count(), 2, "{found}");
}

#[test]
fn where_a_use_is_not_seen_everything_is_read() {
    for route in [
        // The row goes elsewhere.
        "    rows = []\n    for page in client.get_paginator(\"scan\").paginate(TableName=\"t\"):\n        rows.extend(page[\"Items\"])\n    return {\"sum\": sum(worth(row) for row in rows)}\n",
        // The attribute is worked out.
        "    rows = []\n    for page in client.get_paginator(\"scan\").paginate(TableName=\"t\"):\n        rows.extend(page[\"Items\"])\n    return {\"sum\": sum(int(row[y][\"N\"]) for row in rows)}\n",
        // Rows are only counted.
        "    rows = []\n    for page in client.get_paginator(\"scan\").paginate(TableName=\"t\"):\n        rows.extend(page[\"Items\"])\n    return {\"count\": len(rows)}\n",
        // Somebody chose already.
        "    rows = []\n    for page in client.get_paginator(\"scan\").paginate(TableName=\"t\", ProjectionExpression=\"n, m\"):\n        rows.extend(page[\"Items\"])\n    return {\"sum\": sum(int(row[\"n\"][\"N\"]) for row in rows)}\n",
        // Somebody chose already, in the way of the time before expressions.
        "    rows = []\n    for page in client.get_paginator(\"scan\").paginate(TableName=\"t\", AttributesToGet=[\"n\", \"m\"]):\n        rows.extend(page[\"Items\"])\n    return {\"sum\": sum(int(row[\"n\"][\"N\"]) for row in rows)}\n",
        // An index need not hold it.
        "    rows = []\n    for page in client.get_paginator(\"scan\").paginate(TableName=\"t\", IndexName=\"by-day\"):\n        rows.extend(page[\"Items\"])\n    return {\"sum\": sum(int(row[\"n\"][\"N\"]) for row in rows)}\n",
        // Who else gets the options may choose.
        "    options = {}\n    worth(options)\n    answer = table.scan(**options)\n    rows = answer[\"Items\"]\n    while \"LastEvaluatedKey\" in answer:\n        options[\"ExclusiveStartKey\"] = answer[\"LastEvaluatedKey\"]\n        answer = table.scan(**options)\n        rows.extend(answer[\"Items\"])\n    return {\"sum\": sum(row.get(\"price\", 0) for row in rows)}\n",
        // The names are given elsewhere.
        "    rows = []\n    for page in client.get_paginator(\"scan\").paginate(TableName=\"t\", ExpressionAttributeNames=NAMES):\n        rows.extend(page[\"Items\"])\n    return {\"sum\": sum(int(row[\"total\"][\"N\"]) for row in rows)}\n",
    ] {
        let module = "NAMES = {\"#n\": \"n\"}\n\n\ndef worth(row):\n    return len(row)\n";
        let before = app(module, route);
        let found = after("collected-pages", &before);
        let projections = |text: &str| text.matches("ProjectionExpression").count();
        assert_eq!(projections(&found), projections(&before), "{found}");
    }
}
