//! Fixes that look at a project: what comes out of small applications.

use std::path::Path;

use super::super::{Proposal, Refusal, Safety, open, propose};
use crate::analysis::Options;

/// The head of an application on a table.
pub(super) const HEAD: &str = "import boto3\nfrom fastapi import FastAPI\n\napp = FastAPI()\ntable = boto3.resource(\"dynamodb\").Table(\"t\")\nclient = boto3.client(\"dynamodb\")\n";

/// What is proposed for the findings of a rule.
pub(super) fn proposed(check: &str, files: &[(&str, &str)]) -> Result<Proposal, Refusal> {
    proposed_for(check, files, Safety::Review)
}

/// The same for who is so daring.
pub(super) fn proposed_for(check: &str, files: &[(&str, &str)], daring: Safety) -> Result<Proposal, Refusal> {
    let folder = tempfile::tempdir().unwrap();
    let top = folder.path().canonicalize().unwrap();
    for (file, text) in files {
        let path = top.join(file);
        std::fs::create_dir_all(path.parent().unwrap_or(Path::new("."))).unwrap();
        std::fs::write(path, text).unwrap();
    }
    let mut session = open(vec![top.clone()], Options { base: top.clone(), ..Options::default() }).unwrap();
    let findings = session.analysis().findings;
    let wanted: Vec<_> = findings.iter().filter(|finding| finding.check == check).collect();
    assert!(!wanted.is_empty(), "{check} does not fire:\n{}", files[0].1);
    let proposal = propose(&mut session, &wanted, daring);
    // Nothing is written, and the session is as it was.
    assert_eq!(session.analysis().findings.len(), findings.len());
    for (file, text) in files {
        assert_eq!(&std::fs::read_to_string(top.join(file)).unwrap(), text);
    }
    proposal
}

/// The first file after what is proposed for it; a second proposal changes nothing more.
pub(super) fn after(check: &str, text: &str) -> String {
    let proposal = proposed(check, &[("app.py", text)]).unwrap_or_else(|why| panic!("{check}: {why}\n{text}"));
    let [file] = &proposal.files[..] else { panic!("one file") };
    let parsed = crate::python::read(&crate::names::Names::default(), &file.after, crate::python::FileKind::Source);
    assert!(parsed.errors.is_empty(), "{}", file.after);
    file.after.clone()
}

/// An application with a module part and a route.
fn app(module: &str, route: &str) -> String {
    format!(
        "\"\"\"Orders.\"\"\"\nfrom __future__ import annotations\n\nimport boto3\nfrom fastapi import FastAPI, Request\n\napp = FastAPI()\ntable = boto3.resource(\"dynamodb\").Table(\"t\")\n{module}\n\n@app.get(\"/x/{{y}}\")\n{route}"
    )
}

fn changed(check: &str, module: &str, route: &str) -> (String, String) {
    let before = app(module, route);
    let after = after(check, &before);
    let diff = similar::TextDiff::from_lines(&before, &after);
    let lines = |tag| {
        let all = diff.iter_all_changes().filter(|change| change.tag() == tag).map(|change| change.value().to_owned());
        all.collect::<String>()
    };
    (lines(similar::ChangeTag::Delete), lines(similar::ChangeTag::Insert))
}

#[test]
fn a_history_that_is_only_counted_is_counted() {
    let (_, new) = changed(
        "growing-container",
        "seen = []\n",
        "def x(y: str):\n    \"\"\"One.\"\"\"\n    seen.append({\"y\": y})\n    return {\"n\": len(seen)}\n",
    );
    assert_eq!(
        new,
        "import collections\nseen = collections.deque(maxlen=100)\nseen_total = 0\n    global seen_total\n    seen_total += 1\n    return {\"n\": seen_total}\n"
    );
}

#[test]
fn a_history_of_which_the_newest_are_read_keeps_as_many() {
    let (_, new) = changed(
        "growing-container",
        "seen: list[str] = []\n",
        "def x(y: str):\n    seen.append(y)\n    return seen[-250:]\n",
    );
    assert_eq!(
        new,
        "import collections\nseen: collections.deque[str] = collections.deque(maxlen=250)\n    return list(seen)[-250:]\n"
    );
}

#[test]
fn what_an_exception_and_a_request_drag_along_is_left_behind() {
    let (_, new) = changed(
        "exceptions-kept",
        "errors = []\n",
        "def x(y: str):\n    try:\n        return {\"n\": table.get_item(Key={\"id\": y})[\"Item\"][\"n\"]}\n    except KeyError as error:\n        errors.append((y, error))\n        raise\n",
    );
    assert!(new.contains("        errors.append((y, repr(error)))\n"), "{new}");
    let (_, new) = changed(
        "request-kept",
        "visits = []\n",
        "def x(y: str, request: Request):\n    visits.append(request)\n    return y\n",
    );
    assert!(new.contains("    visits.append(request.url.path)\n"), "{new}");
}

#[test]
fn a_cache_lets_go_of_the_oldest_and_asks_once() {
    let (old, new) = changed(
        "unbounded-dict-cache",
        "cache: dict[str, dict] = {}\n",
        "def x(y: str):\n    if y not in cache:\n        cache[y] = table.get_item(Key={\"id\": y})\n    return cache[y]\n",
    );
    assert_eq!(
        old,
        "cache: dict[str, dict] = {}\n    if y not in cache:\n        cache[y] = table.get_item(Key={\"id\": y})\n    return cache[y]\n"
    );
    assert_eq!(
        new,
        "import collections\ncache: collections.OrderedDict[str, dict] = collections.OrderedDict()\n    entry = cache.get(y)\n    if entry is None:\n        entry = cache[y] = table.get_item(Key={\"id\": y})\n        if len(cache) > 128:\n            cache.popitem(last=False)\n    return entry\n"
    );
}

#[test]
fn a_cache_that_is_asked_first_keeps_its_shape() {
    let (_, new) = changed(
        "unbounded-dict-cache",
        "cache = {}\n",
        "def x(y: str):\n    if y in cache:\n        return cache[y]\n    answer = table.get_item(Key={\"id\": y})\n    cache[y] = answer\n    return answer\n",
    );
    assert_eq!(
        new,
        "import collections\ncache = collections.OrderedDict()\n    entry = cache.get(y)\n    if entry is not None:\n        return entry\n    entry = cache[y] = answer\n    if len(cache) > 128:\n        cache.popitem(last=False)\n"
    );
}

#[test]
fn a_batch_is_written_while_it_is_small() {
    let (_, new) = changed(
        "growing-container",
        "SIZE = 50_000\nrows = []\n\n\ndef write():\n    print(len(rows))\n    rows.clear()\n",
        "def x(y: str):\n    rows.append(table.get_item(Key={\"id\": y}))\n    if len(rows) >= SIZE:\n        write()\n    return y\n",
    );
    assert_eq!(new, "SIZE = 100\n");
}

#[test]
fn a_queue_makes_wait() {
    let text = "import asyncio\n\nfrom fastapi import FastAPI\n\nqueue = asyncio.Queue()\napp = FastAPI()\n\n\nasync def work():\n    while True:\n        await asyncio.sleep(0.1)\n        print(await queue.get())\n\n\n@app.on_event(\"startup\")\nasync def start():\n    app.state.task = asyncio.create_task(work())\n\n\n@app.post(\"/x/{y}\")\nasync def x(y: str):\n    queue.put_nowait(y)\n    return y\n";
    let found = after("unbounded-queue", text);
    assert!(found.contains("queue = asyncio.Queue(maxsize=64)\n"), "{found}");
    assert!(found.contains("    await queue.put(y)\n"), "{found}");
}

#[test]
fn a_task_under_a_key_goes_when_it_is_done() {
    let text = "import asyncio\n\nfrom fastapi import FastAPI\n\napp = FastAPI()\nrunning = {}\n\n\nasync def load(y):\n    await asyncio.sleep(0)\n    return y\n\n\n@app.get(\"/x/{y}\")\nasync def x(y: str):\n    if y not in running:\n        running[y] = asyncio.create_task(load(y))\n    return await running[y]\n";
    let found = after("tasks-never-discarded", text);
    let wanted = "        task = running[y] = asyncio.create_task(load(y))\n        task.add_done_callback(lambda _, key=y: running.pop(key, None))\n";
    assert!(found.contains(wanted), "{found}");
}

#[test]
fn scratch_space_begins_empty() {
    let text = "import threading\n\nfrom fastapi import FastAPI\n\napp = FastAPI()\n\n\nclass Space(threading.local):\n    def __init__(self):\n        self.rows = []\n\n\nspace = Space()\n\n\n@app.get(\"/x/{y}\")\ndef x(y: str):\n    space.rows.append(y)\n    return len(space.rows)\n";
    let found = after("thread-local-accumulation", text);
    assert!(found.contains("def x(y: str):\n    space.rows.clear()\n    space.rows.append(y)\n"), "{found}");
}

#[test]
fn sums_and_counts_are_made_page_by_page() {
    let (old, new) = changed(
        "collected-pages",
        "",
        "def x(y: str):\n    rows = []\n    for page in table.meta.client.get_paginator(\"scan\").paginate(TableName=\"t\"):\n        rows.extend(page[\"Items\"])\n    total = sum(row[\"n\"] for row in rows if row[\"n\"] > 1)\n    return {\"sum\": total, \"count\": len(rows)}\n",
    );
    assert_eq!(
        old,
        "    rows = []\n    for page in table.meta.client.get_paginator(\"scan\").paginate(TableName=\"t\"):\n        rows.extend(page[\"Items\"])\n    total = sum(row[\"n\"] for row in rows if row[\"n\"] > 1)\n    return {\"sum\": total, \"count\": len(rows)}\n"
    );
    assert_eq!(
        new,
        "    total = 0\n    count = 0\n    for page in table.meta.client.get_paginator(\"scan\").paginate(TableName=\"t\", PaginationConfig={\"PageSize\": 200}, ProjectionExpression=\"n\"):\n        total = sum((row[\"n\"] for row in page[\"Items\"] if row[\"n\"] > 1), total)\n        count += len(page[\"Items\"])\n    return {\"sum\": total, \"count\": count}\n"
    );
}

#[test]
fn a_loop_that_follows_runs_for_each_page() {
    let before = app(
        "",
        "def x(y: str):\n    rows = []\n    for page in table.meta.client.get_paginator(\"scan\").paginate(TableName=\"t\"):\n        rows += page[\"Items\"]\n    counts = {}\n    for row in rows:\n        # per kind\n        if row[\"kind\"] != y:\n            continue\n        counts[row[\"kind\"]] = counts.get(row[\"kind\"], 0) + 1\n    return counts\n",
    );
    let found = after("collected-pages", &before);
    let wanted = "    counts = {}\n    for page in table.meta.client.get_paginator(\"scan\").paginate(TableName=\"t\", PaginationConfig={\"PageSize\": 200}, ProjectionExpression=\"kind\"):\n        for row in page[\"Items\"]:\n            # per kind\n            if row[\"kind\"] != y:\n                continue\n            counts[row[\"kind\"]] = counts.get(row[\"kind\"], 0) + 1\n    return counts\n";
    assert!(found.contains(wanted), "{found}");
}

#[test]
fn rows_are_sent_when_they_come() {
    let before = app(
        "import json\nfrom fastapi import Response\n",
        "def x(y: str):\n    rows = []\n    for page in table.meta.client.get_paginator(\"scan\").paginate(TableName=\"t\"):\n        rows.extend(page[\"Items\"])\n    kept = [row[\"id\"] for row in rows if row[\"id\"] != y]\n    return Response(json.dumps(kept), media_type=\"application/json\")\n",
    );
    let found = after("collected-pages", &before);
    let wanted = "def x(y: str):\n    def chunks():\n        yield \"[\"\n        separator = \"\"\n        for page in table.meta.client.get_paginator(\"scan\").paginate(TableName=\"t\", PaginationConfig={\"PageSize\": 200}, ProjectionExpression=\"id\"):\n            for row in page[\"Items\"]:\n                if row[\"id\"] != y:\n                    yield separator + json.dumps(row[\"id\"])\n                    separator = \", \"\n        yield \"]\"\n\n    return StreamingResponse(chunks(), media_type=\"application/json\")\n";
    assert!(found.contains(wanted), "{found}");
    assert!(found.contains("from fastapi.responses import StreamingResponse\n"), "{found}");
}

#[test]
fn rows_that_are_joined_keep_what_stands_between() {
    let before = app(
        "from fastapi import Response\n",
        "def x(y: str):\n    rows = []\n    start = None\n    while True:\n        options = {\"ExclusiveStartKey\": start} if start else {}\n        page = table.scan(**options)\n        for item in page[\"Items\"]:\n            rows.append(item)\n        start = page.get(\"LastEvaluatedKey\")\n        if not start:\n            break\n    text = \"\\n\".join(row[\"id\"] if y else \"-\" for row in rows)\n    return Response(text, media_type=\"text/plain\")\n",
    );
    let found = after("collected-pages", &before);
    let wanted = "            for item in page[\"Items\"]:\n                row = item\n                yield separator + (row[\"id\"] if y else \"-\")\n                separator = \"\\n\"\n";
    assert!(found.contains(wanted), "{found}");
}

#[test]
fn the_first_page_is_worked_on_like_the_others() {
    let before = app(
        "",
        "def x(y: str):\n    answer = table.scan()\n    rows = answer[\"Items\"]\n    while \"LastEvaluatedKey\" in answer:\n        answer = table.scan(ExclusiveStartKey=answer[\"LastEvaluatedKey\"])\n        rows.extend(answer[\"Items\"])\n    return {\"count\": len(rows)}\n",
    );
    let found = after("collected-pages", &before);
    let wanted = "def x(y: str):\n    count = 0\n    answer = table.scan(Limit=200)\n    while True:\n        count += len(answer[\"Items\"])\n        if \"LastEvaluatedKey\" not in answer:\n            break\n        answer = table.scan(Limit=200, ExclusiveStartKey=answer[\"LastEvaluatedKey\"])\n    return {\"count\": count}\n";
    assert!(found.contains(wanted), "{found}");
}

#[test]
fn line_ends_and_tabs_of_the_file_stay() {
    let before = app(
        "cache = {}\n",
        "def x(y: str):\n\tif y not in cache:\n\t\tcache[y] = table.get_item(Key={\"id\": y})\n\treturn cache[y]\n",
    );
    let found = after("unbounded-dict-cache", &before.replace('\n', "\r\n"));
    assert!(!found.replace("\r\n", "").contains('\n'), "{found:?}");
    assert!(found.contains("\t\tif len(cache) > 128:\r\n\t\t\tcache.popitem(last=False)\r\n"), "{found:?}");
}

#[test]
fn what_is_built_and_filed_for_each_request_is_built_once() {
    let text = "from concurrent.futures import ThreadPoolExecutor\n\nfrom fastapi import FastAPI\n\napp = FastAPI()\npools = []\n\n\n@app.get(\"/x/{y}\")\ndef x(y: str):\n    pool = ThreadPoolExecutor(max_workers=4)\n    pools.append(pool)\n    return list(pool.map(len, [y]))\n";
    let found = after("clients-kept", text);
    let wanted = "pool = ThreadPoolExecutor(max_workers=32)\npools.append(pool)\n\n\n@app.get(\"/x/{y}\")\ndef x(y: str):\n    return list(pool.map(len, [y]))\n";
    assert!(found.contains(wanted), "{found}");
}

#[test]
fn tables_are_built_once_and_the_resource_is_not_shared() {
    let text = "import boto3\nfrom fastapi import FastAPI\n\napp = FastAPI()\n\n\n@app.get(\"/x/{y}\")\ndef x(y: str):\n    db = boto3.resource(\n        \"dynamodb\",\n        region_name=\"eu-west-1\",\n    )\n    return db.Table(\"user-orders\").get_item(Key={\"id\": y})[\"Item\"][\"n\"]\n";
    let found = after("resource-per-request", text);
    let wanted = "user_orders_table = boto3.resource(\n    \"dynamodb\",\n    region_name=\"eu-west-1\",\n).Table(\"user-orders\")\n\n\n@app.get(\"/x/{y}\")\ndef x(y: str):\n    return user_orders_table.get_item(";
    assert!(found.contains(wanted), "{found}");
}

const ASYNC: &str = "import aioboto3\nfrom fastapi import FastAPI\n\nsession = aioboto3.Session()\n\napp = FastAPI(title=\"x\")\n\n\nasync def store():\n    return await session.client(\"dynamodb\").__aenter__()\n\n\n@app.get(\"/x/{y}\")\nasync def x(y: str):\n    client = await store()\n    answer = await client.get_item(TableName=\"t\", Key={\"id\": {\"S\": y}})\n    return {\"found\": \"Item\" in answer}\n";

#[test]
fn an_asynchronous_client_is_entered_by_the_application() {
    let found = after("unclosed-aio-client", ASYNC);
    let wanted = "@asynccontextmanager\nasync def lifespan(app: FastAPI):\n    async with session.client(\"dynamodb\") as client:\n        app.state.store = client\n        yield\n\n\napp = FastAPI(title=\"x\", lifespan=lifespan)\n\n\nasync def store():\n    return app.state.store\n";
    assert!(found.contains(wanted), "{found}");
}

#[test]
fn an_asynchronous_client_is_kept_where_the_application_is_elsewhere() {
    let db = "import aioboto3\n\nsession = aioboto3.Session()\n\n\nasync def store():\n    context = session.client(\"dynamodb\")\n    return await context.__aenter__()\n";
    let main = "from fastapi import FastAPI\n\nfrom db import store\n\napp = FastAPI()\n\n\n@app.get(\"/x/{y}\")\nasync def x(y: str):\n    client = await store()\n    answer = await client.get_item(TableName=\"t\", Key={\"id\": {\"S\": y}})\n    return {\"found\": \"Item\" in answer}\n";
    let proposal = proposed("unclosed-aio-client", &[("db.py", db), ("main.py", main)]).unwrap();
    let found = &proposal.files[0].after;
    let wanted = "    global _store_kept\n    async with _store_lock:\n        if _store_kept is None:\n            _store_kept = await session.client(\"dynamodb\").__aenter__()\n    return _store_kept\n";
    assert!(found.contains(wanted), "{found}");
}

#[test]
fn handlers_and_receivers_of_one_call_are_taken_off_again() {
    let (_, new) = changed(
        "event-handler-per-request",
        "events = table.meta.client.meta.events\n",
        "def x(y: str):\n    def mark(request, **kwargs):\n        request.headers[\"X\"] = y\n\n    events.register(\"before-sign.dynamodb\", mark)\n    return table.get_item(Key={\"id\": y})[\"Item\"][\"n\"]\n",
    );
    assert_eq!(
        new,
        "    try:\n        return table.get_item(Key={\"id\": y})[\"Item\"][\"n\"]\n    finally:\n        events.unregister(\"before-sign.dynamodb\", mark)\n"
    );
}

#[test]
fn what_is_made_in_another_module_is_bounded_there() {
    let state = "SEEN = []\nCACHE: dict = {}\n";
    let text = app(
        "import state\nfrom state import CACHE as known\n",
        "def x(y: str):\n    state.SEEN.append(y)\n    if y not in known:\n        known[y] = table.get_item(Key={\"id\": y})\n    return {\"n\": len(state.SEEN), \"item\": known[y]}\n",
    );
    let files = [("app.py", text.as_str()), ("state.py", state)];
    let proposal = proposed("growing-container", &files).unwrap();
    let [own, home] = &proposal.files[..] else { panic!("{}", proposal.diff()) };
    assert!(own.after.contains("    state.SEEN_total += 1\n    state.SEEN.append(y)\n"), "{}", own.after);
    assert!(own.after.contains("{\"n\": state.SEEN_total,"), "{}", own.after);
    assert_eq!(
        home.after,
        "import collections\nSEEN = collections.deque(maxlen=100)\nSEEN_total = 0\nCACHE: dict = {}\n"
    );
    let proposal = proposed("unbounded-dict-cache", &files).unwrap();
    let [own, home] = &proposal.files[..] else { panic!("{}", proposal.diff()) };
    assert!(own.after.contains("    entry = known.get(y)\n    if entry is None:\n"), "{}", own.after);
    assert!(home.after.contains("CACHE: collections.OrderedDict = collections.OrderedDict()\n"), "{}", home.after);
}

#[test]
fn a_cache_that_expects_a_missing_key_keeps_its_shape() {
    let (_, new) = changed(
        "unbounded-dict-cache",
        "cache = {}\n",
        "def x(y: str):\n    try:\n        return cache[y]\n    except KeyError:\n        value = table.get_item(Key={\"id\": y})\n        cache[y] = value\n        return value\n",
    );
    assert!(new.ends_with("        if len(cache) > 128:\n            cache.popitem(last=False)\n"), "{new}");
}

#[test]
fn what_is_written_to_a_buffer_is_sent_after_each_page() {
    let before = app(
        "import csv\nimport io\nfrom fastapi import Response\n\nclient = boto3.client(\"dynamodb\")\n",
        "def x(y: str):\n    items = client.get_paginator(\"scan\").paginate(TableName=\"t\").build_full_result()[\"Items\"]\n    buffer = io.StringIO()\n    writer = csv.writer(buffer)\n    writer.writerow([\"id\"])\n    for item in items:\n        # a line each\n        writer.writerow([item[\"id\"]])\n    return Response(buffer.getvalue(), media_type=\"text/csv\")\n",
    );
    let found = after("full-result", &before);
    let wanted = "def x(y: str):\n    def chunks():\n        buffer = io.StringIO()\n        writer = csv.writer(buffer)\n        writer.writerow([\"id\"])\n        yield buffer.getvalue()\n        buffer.seek(0)\n        buffer.truncate()\n        for page in client.get_paginator(\"scan\").paginate(TableName=\"t\", PaginationConfig={\"PageSize\": 200}, ProjectionExpression=\"id\"):\n            for item in page[\"Items\"]:\n                # a line each\n                writer.writerow([item[\"id\"]])\n            yield buffer.getvalue()\n            buffer.seek(0)\n            buffer.truncate()\n\n    return StreamingResponse(chunks(), media_type=\"text/csv\")\n";
    assert!(found.contains(wanted), "{found}");
}

#[test]
fn a_full_result_is_sent_row_by_row() {
    let before = app(
        "import json\nfrom fastapi import Response\n\nclient = boto3.client(\"dynamodb\")\n",
        "def x(y: str):\n    items = client.get_paginator(\"scan\").paginate(TableName=\"t\").build_full_result()[\"Items\"]\n    return Response(\"\\n\".join(json.dumps(item) for item in items), media_type=\"text/plain\")\n",
    );
    let found = after("full-result", &before);
    let wanted = "            for item in page[\"Items\"]:\n                yield separator + json.dumps(item)\n                separator = \"\\n\"\n";
    assert!(found.contains(wanted), "{found}");
}

#[test]
fn a_default_that_is_only_filled_is_made_for_each_call() {
    let text = "import boto3\nfrom fastapi import FastAPI\n\napp = FastAPI()\ntable = boto3.resource(\"dynamodb\").Table(\"t\")\n\n\ndef load(key, known={}):\n    if key not in known:\n        known[key] = table.get_item(Key={\"id\": key})\n    return known[key]\n\n\n@app.get(\"/x/{y}\")\ndef x(y: str):\n    return load(y)[\"Item\"][\"n\"]\n";
    let found = after("mutable-default-argument", text);
    let wanted = "def load(key, known=None):\n    if known is None:\n        known = {}\n    if key not in known:\n";
    assert!(found.contains(wanted), "{found}");
}

#[test]
fn an_entry_that_may_be_none_is_told_from_none() {
    let (_, new) = changed(
        "unbounded-dict-cache",
        "cache = {}\n",
        "def x(y: str):\n    if y not in cache:\n        item = table.get_item(Key={\"id\": y}).get(\"Item\")\n        cache[y] = item\n    return cache[y]\n",
    );
    assert!(new.contains("    entry = cache.get(y, ...)\n    if entry is ...:\n"), "{new}");
}

#[test]
fn fixing_twice_changes_nothing_more() {
    let text = app(
        "seen = []\ncache = {}\n",
        "def x(y: str):\n    seen.append(y)\n    if y not in cache:\n        cache[y] = table.get_item(Key={\"id\": y})\n    return {\"n\": len(seen), \"item\": cache[y]}\n",
    );
    let folder = tempfile::tempdir().unwrap();
    let top = folder.path().canonicalize().unwrap();
    let run = |text: &str| {
        std::fs::write(top.join("app.py"), text).unwrap();
        let mut session = open(vec![top.clone()], Options { base: top.clone(), ..Options::default() }).unwrap();
        let findings = session.analysis().findings;
        let all: Vec<_> = findings.iter().collect();
        propose(&mut session, &all, Safety::Review).map(|proposal| proposal.files[0].after.clone())
    };
    let once = run(&text).unwrap();
    assert_ne!(once, text);
    assert!(run(&once).is_err());
}

#[test]
fn safe_fixes_only_means_safe_fixes_only() {
    let text = app("seen = []\n", "def x(y: str):\n    seen.append(y)\n    return y\n");
    let folder = tempfile::tempdir().unwrap();
    let top = folder.path().canonicalize().unwrap();
    std::fs::write(top.join("app.py"), &text).unwrap();
    let mut session = open(vec![top.clone()], Options { base: top, ..Options::default() }).unwrap();
    let findings = session.analysis().findings;
    let all: Vec<_> = findings.iter().collect();
    let refused = propose(&mut session, &all, Safety::Safe).unwrap_err();
    assert!(matches!(refused, Refusal::NeedsReview { .. }), "{refused}");
}
