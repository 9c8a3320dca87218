//! One page for all rows, for who asks for it.

use super::projects::{HEAD, proposed, proposed_for};
use crate::fix::{Proposal, Refusal, Safety};

fn app(route: &str) -> String {
    format!("{HEAD}\n\n@app.get(\"/x\")\n{route}")
}

fn asked(check: &str, text: &str) -> Result<Proposal, Refusal> {
    proposed_for(check, &[("app.py", text)], Safety::Contract)
}

/// What becomes of a program, which parses and is quiet, also about what is asked for on request.
fn paged(check: &str, text: &str) -> String {
    let proposal = asked(check, text).unwrap_or_else(|why| panic!("{check}: {why}\n{text}"));
    assert_eq!(proposal.safety, Safety::Contract);
    assert!(proposal.mind.iter().any(|line| line.starts_with("the contract changes: `limit`")), "{:?}", proposal.mind);
    let [file] = &proposal.files[..] else { panic!("one file") };
    let parsed = crate::python::read(&crate::names::Names::default(), &file.after, crate::python::FileKind::Source);
    assert!(parsed.errors.is_empty(), "{}", file.after);
    file.after.clone()
}

const PAGES: &str = "def x(kind: str = \"a\"):\n    rows = []\n    for page in client.get_paginator(\"scan\").paginate(TableName=\"t\", FilterExpression=\"kind = :k\", ExpressionAttributeValues={\":k\": {\"S\": kind}}):\n        rows.extend(page[\"Items\"])\n    return {\"items\": [row[\"id\"] for row in rows]}\n";

#[test]
fn without_being_asked_for_it_is_only_mentioned() {
    let why = proposed("collected-pages", &[("app.py", &app(PAGES))]).unwrap_err();
    assert!(matches!(why, Refusal::OnRequest { .. }) && why.to_string().contains("--change-contract"), "{why}");
}

#[test]
fn pages_of_a_paginator_become_one_page() {
    let found = paged("collected-pages", &app(PAGES));
    let wanted = "def x(kind: str = \"a\", limit: int = Query(50, ge=1, le=200), cursor: str = Query(\"\", max_length=2048)):\n    start = {\"ExclusiveStartKey\": _key_of(cursor)} if cursor else {}\n    found = client.scan(TableName=\"t\", FilterExpression=\"kind = :k\", ExpressionAttributeValues={\":k\": {\"S\": kind}}, Limit=limit, **start)\n    rows = found[\"Items\"]\n    return {\"items\": [row[\"id\"] for row in rows], \"next_cursor\": _cursor_of(found.get(\"LastEvaluatedKey\"))}\n";
    assert!(found.contains(wanted), "{found}");
    assert!(found.contains("from fastapi import FastAPI, Query, HTTPException\n"), "{found}");
    let codec = "def _cursor_of(key):\n    \"\"\"Where the next page begins, as a text that callers hand back; none after the last one.\"\"\"\n    if not key:\n        return None\n    return base64.urlsafe_b64encode(json.dumps(key).encode()).decode()\n\n\ndef _key_of(cursor):\n";
    assert!(found.contains(codec), "{found}");
}

#[test]
fn pages_that_have_a_name_before_become_one_page_too() {
    let route = "def x():\n    pages = client.get_paginator(\"scan\").paginate(TableName=\"t\")\n    items = []\n    for page in pages:\n        items += page[\"Items\"]\n    return {\"items\": [{\"id\": item[\"id\"][\"S\"]} for item in items]}\n";
    let found = paged("collected-pages", &app(route));
    let wanted = "max_length=2048)):\n    start = {\"ExclusiveStartKey\": _key_of(cursor)} if cursor else {}\n    found = client.scan(TableName=\"t\", Limit=limit, **start)\n    items = found[\"Items\"]\n    return ";
    assert!(found.contains(wanted), "{found}");
}

#[test]
fn a_loop_that_follows_the_cursor_becomes_one_page_and_a_list_an_object() {
    let route = "def x() -> list:\n    rows = []\n    options = {\"ConsistentRead\": True}\n    while True:\n        page = table.scan(**options)\n        rows += page[\"Items\"]\n        if \"LastEvaluatedKey\" not in page:\n            break\n        options[\"ExclusiveStartKey\"] = page[\"LastEvaluatedKey\"]\n    return rows\n";
    let found = paged("collected-pages", &app(route));
    let wanted = "-> dict:\n    start = {\"ExclusiveStartKey\": _key_of(cursor)} if cursor else {}\n    found = table.scan(ConsistentRead=True, Limit=limit, **start)\n    rows = found[\"Items\"]\n    return {\"items\": rows, \"next_cursor\": _cursor_of(found.get(\"LastEvaluatedKey\"))}\n";
    assert!(found.contains(wanted), "{found}");
    // Keys of a table's resource have no types, and numbers of any size.
    assert!(
        found.contains("json.dumps({name: TypeSerializer().serialize(value) for name, value in key.items()})"),
        "{found}"
    );
}

#[test]
fn what_the_read_and_the_rows_are_made_of_stays() {
    let route = "def x(kind: str = \"a\"):\n    wanted = \"open\"\n    values = {\":k\": {\"S\": kind}}\n    unused = \"n\"\n    rows = []\n    for page in client.get_paginator(\"scan\").paginate(TableName=\"t\", FilterExpression=\"kind = :k\", ExpressionAttributeValues=values):\n        rows.extend([row for row in page[\"Items\"] if row[\"s\"] == wanted])\n    return {\"items\": rows}\n";
    let found = paged("collected-pages", &app(route));
    assert!(found.contains("    wanted = \"open\"\n    values = {\":k\": {\"S\": kind}}\n"), "{found}");
    let wanted = "ExpressionAttributeValues=values, Limit=limit, **start)\n    rows = [row for row in found[\"Items\"] if row[\"s\"] == wanted]\n";
    assert!(found.contains(wanted), "{found}");
}

#[test]
fn another_file_that_has_the_route_keeps_it() {
    let other = "from fastapi.concurrency import run_in_threadpool\n\nfrom app import x as listed\n\n\nasync def all_rows():\n    return await run_in_threadpool(listed)\n";
    let text = app(PAGES);
    let why = proposed_for("collected-pages", &[("app.py", &text), ("other.py", other)], Safety::Contract);
    assert!(why.is_err() || why.is_ok_and(|proposal| proposal.safety != Safety::Contract));
}

#[test]
fn a_single_answer_says_where_it_ended() {
    let route = "def x():\n    return {\"items\": table.scan()[\"Items\"]}\n";
    let found = paged("whole-table-answer", &app(route));
    let wanted = "    found = table.scan(Limit=limit, **start)\n    return {\"items\": found[\"Items\"], \"next_cursor\": _cursor_of(found.get(\"LastEvaluatedKey\"))}\n";
    assert!(found.contains(wanted), "{found}");
}

#[test]
fn a_view_of_django_signs_its_cursor() {
    let text = "import boto3\nfrom django.http import JsonResponse\nfrom django.urls import path\n\ntable = boto3.resource(\"dynamodb\").Table(\"t\")\n\n\ndef orders(request):\n    rows = []\n    answer = table.scan()\n    rows.extend(answer[\"Items\"])\n    return JsonResponse({\"orders\": answer[\"Items\"]})\n\n\ndef all_orders(request):\n    answer = table.scan()\n    return JsonResponse(answer[\"Items\"], safe=False)\n\n\nurlpatterns = [path(\"orders\", all_orders)]\n";
    let found = paged("whole-table-answer", text);
    let wanted = "    try:\n        limit = min(max(int(request.GET.get(\"limit\", 50)), 1), 200)\n        cursor = request.GET.get(\"cursor\")\n        start = {\"ExclusiveStartKey\": _key_of(cursor)} if cursor else {}\n    except (ValueError, signing.BadSignature):\n        return JsonResponse({\"error\": \"invalid limit or cursor\"}, status=400)\n    found = table.scan(Limit=limit, **start)\n    return JsonResponse({\"items\": found[\"Items\"], \"next_cursor\": _cursor_of(found.get(\"LastEvaluatedKey\"))}, safe=False)\n";
    assert!(found.contains(wanted), "{found}");
    assert!(found.contains("from django.core import signing\n"), "{found}");
}

#[test]
fn what_needs_all_rows_or_somebody_else_stays() {
    let loops = |rest: &str| {
        format!(
            "def x():\n    rows = []\n    for page in client.get_paginator(\"scan\").paginate(TableName=\"t\"):\n        rows.extend(page[\"Items\"])\n{rest}"
        )
    };
    for route in [
        loops("    return {\"items\": rows, \"count\": len(rows)}\n"),
        loops("    return sorted(rows, key=str)\n"),
        loops("    return {\"items\": rows, \"next_cursor\": None}\n"),
        loops("    return {\"items\": rows}\n").replace("def x():", "def x(limit: int = 5):"),
        loops("    return {\"items\": rows}\n").replace("def x():", "def x() -> Orders:"),
        loops("    return rows\n").replace("def x():", "def x() -> list[dict[str, Order]]:"),
        loops("    return {\"items\": rows}\n").replace("TableName=\"t\"", "**OPTIONS"),
        format!("{}\n\ndef others():\n    return x()[\"items\"]\n", loops("    return {\"items\": rows}\n")),
        format!("{}\n\ndef others(run):\n    return run(x)\n", loops("    return {\"items\": rows}\n")),
        loops("    return {\"items\": rows}\n").replace("rows = []\n", "rows = []; seen = load()\n"),
        loops("    return {\"items\": rows}\n").replace("rows = []\n", "rows = seen = []\n"),
    ] {
        let text = app(&route);
        match asked("collected-pages", &text) {
            Ok(proposal) if proposal.safety == Safety::Contract => panic!("{}", proposal.diff()),
            Ok(_) | Err(_) => {}
        }
    }
}

#[test]
fn a_loop_that_does_more_than_to_gather_stays() {
    let with = |lines: &str, returns: &str| {
        app(&format!(
            "def x(days: str = \"a\"){returns}:\n    rows = []\n{lines}    return {{\"items\": [row[\"id\"] for row in rows]}}\n"
        ))
    };
    let read = "client.get_paginator(\"scan\").paginate(TableName=\"t\")";
    let plain = format!("    for page in {read}:\n        rows.extend(page[\"Items\"])\n");
    assert!(asked("collected-pages", &with(&plain, "")).is_ok());
    let refused = [
        // The read needs what the outer loop binds.
        (format!("    for day in days:\n        for page in {read}:\n            rows.extend(page[\"Items\"])\n"), ""),
        // What is taken out of every row would be answered.
        (format!("    for page in {read}:\n        for row in page[\"Items\"]:\n            row.pop(\"secret\", None)\n        rows.extend(page[\"Items\"])\n"), ""),
        (format!("    for page in {read}:\n        if days:\n            rows.extend(page[\"Items\"])\n"), ""),
        (format!("    for page in {read}:\n        page[\"Items\"] = [redact(row) for row in page[\"Items\"]]\n        rows.extend(page[\"Items\"])\n"), ""),
        (format!("    for page in {read}:\n        if not allowed(page):\n            continue\n        rows.extend(page[\"Items\"])\n"), ""),
        // The route answers something else before, and a model says what goes out.
        (format!("    if not days:\n        return {{\"items\": []}}\n{plain}"), ""),
        (plain.clone(), " -> dict[str, list[Row]]"),
        // What somebody else puts into the options.
        ("    options = {\"TableName\": \"t\"}\n    restrict(options)\n    for page in client.get_paginator(\"scan\").paginate(**options):\n        rows.extend(page[\"Items\"])\n".to_owned(), ""),
    ];
    for (lines, returns) in refused {
        let text = with(&lines, returns);
        assert!(asked("collected-pages", &text).is_err(), "{text}");
    }
}
