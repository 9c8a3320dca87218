//! Near-misses: what looks as if a template fitted, and would break something.

use super::projects::proposed;

fn app(module: &str, route: &str) -> String {
    format!(
        "import boto3\nfrom fastapi import FastAPI, Request\n\napp = FastAPI()\ntable = boto3.resource(\"dynamodb\").Table(\"t\")\n{module}\n\n@app.get(\"/x/{{y}}\")\n{route}"
    )
}

fn refused(check: &str, files: &[(&str, &str)], why: &str) {
    match proposed(check, files) {
        Ok(proposal) => panic!("{check} is fixed:\n{}", proposal.diff()),
        Err(refusal) => assert!(refusal.to_string().contains(why), "{check}: {refusal}"),
    }
}

#[test]
fn a_history_whose_entries_are_read_stays() {
    let read = app(
        "seen = []\n",
        "def x(y: str):\n    seen.append(y)\n    return {\"mine\": [one for one in seen if one == y]}\n",
    );
    refused("growing-container", &[("app.py", &read)], "reads the entries of `seen`");
    let answered = app("seen = []\n", "def x(y: str):\n    seen.append(y)\n    return seen\n");
    refused("growing-container", &[("app.py", &answered)], "reads the entries of `seen`");
}

#[test]
fn what_another_module_uses_stays() {
    let text = app("seen = []\n", "def x(y: str):\n    seen.append(y)\n    return y\n");
    let other = "from app import seen\n\n\ndef shown():\n    return seen[0]\n";
    refused("growing-container", &[("app.py", &text), ("other.py", other)], "other.py:5");
    let other = "import app\n\n\ndef shown():\n    return app.seen[0]\n";
    refused("growing-container", &[("app.py", &text), ("other.py", other)], "other.py:5");
}

#[test]
fn a_mapping_that_is_no_cache_stays() {
    let state = app(
        "users = {}\n",
        "def x(y: str):\n    users[y] = table.get_item(Key={\"id\": y})\n    return y\n\n\n@app.get(\"/who/{y}\")\ndef who(y: str):\n    if y not in users:\n        return None\n    return users[y]\n",
    );
    refused("unbounded-dict-cache", &[("app.py", &state)], "`who` reads what other requests left");
}

#[test]
fn a_cache_whose_key_changes_between_question_and_read_stays() {
    let text = app(
        "cache = {}\n",
        "def x(y: str):\n    if y not in cache:\n        cache[y] = table.get_item(Key={\"id\": y})\n    y = y.lower()\n    return cache[y]\n",
    );
    refused("unbounded-dict-cache", &[("app.py", &text)], "the key changes");
}

#[test]
fn rows_that_are_the_answer_need_their_callers() {
    let text = app(
        "",
        "def x(y: str):\n    rows = []\n    for page in table.meta.client.get_paginator(\"scan\").paginate(TableName=\"t\"):\n        rows.extend(page[\"Items\"])\n    return {\"items\": rows}\n",
    );
    refused("collected-pages", &[("app.py", &text)], "`plimsoll fix --change-contract` offers it");
}

#[test]
fn a_client_that_the_function_closes_is_not_shared() {
    let text = "import httpx\nfrom fastapi import FastAPI\n\napp = FastAPI()\n\n\n@app.get(\"/x\")\ndef x():\n    http = httpx.Client()\n    answer = http.get(\"http://stock\")\n    http.close()\n    return answer.text\n";
    refused("http-client-per-request", &[("app.py", text)], "shapes");
}

#[test]
fn a_queue_that_nobody_empties_stays() {
    let text = app(
        "import queue\n\nwaiting = queue.Queue()\n",
        "def x(y: str):\n    waiting.put(y)\n    return waiting.qsize()\n",
    );
    refused("unbounded-queue", &[("app.py", &text)], "nothing was seen that takes");
}

#[test]
fn a_page_that_is_sorted_needs_all_rows() {
    let text = app(
        "",
        "def x(y: str):\n    rows = []\n    for page in table.meta.client.get_paginator(\"scan\").paginate(TableName=\"t\"):\n        rows.extend(page[\"Items\"])\n    rows.sort(key=str)\n    return {\"first\": rows[0][\"id\"]}\n",
    );
    refused("collected-pages", &[("app.py", &text)], "");
}

#[test]
fn scratch_space_that_a_called_function_fills_stays() {
    let text = "import threading\n\nfrom fastapi import FastAPI\n\napp = FastAPI()\n\n\nclass Space(threading.local):\n    def __init__(self):\n        self.rows = []\n\n\nspace = Space()\n\n\ndef keep(y):\n    space.rows.append(y)\n    return len(space.rows)\n\n\n@app.get(\"/x/{y}\")\ndef x(y: str):\n    keep(y)\n    return keep(y)\n";
    let folder = [("app.py", text)];
    refused("thread-local-accumulation", &folder, "several times for one request");
}

#[test]
fn a_handler_in_a_branch_is_left_alone() {
    let text = app(
        "events = table.meta.client.meta.events\n",
        "def x(y: str):\n    def mark(request, **kwargs):\n        request.headers[\"X\"] = y\n\n    if y:\n        events.register(\"before-sign.dynamodb\", mark)\n    return table.get_item(Key={\"id\": y})[\"Item\"][\"n\"]\n",
    );
    refused("event-handler-per-request", &[("app.py", &text)], "shapes");
}

#[test]
fn a_task_that_is_looked_for_after_a_wait_stays() {
    let text = "import asyncio\n\nfrom fastapi import FastAPI\n\napp = FastAPI()\nrunning = {}\n\n\nasync def load(y):\n    await asyncio.sleep(0)\n    return y\n\n\n@app.get(\"/x/{y}\")\nasync def x(y: str):\n    if y not in running:\n        running[y] = asyncio.create_task(load(y))\n    await asyncio.sleep(1)\n    return running[y].result()\n";
    refused("tasks-never-discarded", &[("app.py", text)], "a task is expected");
}

#[test]
fn entries_that_collect_are_no_cache() {
    let text = app(
        "users = {}\n",
        "def x(y: str):\n    users.setdefault(y, []).append(table.get_item(Key={\"id\": y}))\n    return y\n",
    );
    refused("unbounded-dict-cache", &[("app.py", &text)], "reads the entries of `users`");
}

#[test]
fn an_entry_that_is_stored_on_one_way_only_is_not_trusted() {
    let text = app(
        "cache = {}\n",
        "def x(y: str):\n    if y.startswith(\"a\"):\n        cache[y] = table.get_item(Key={\"id\": y})\n    return cache[y]\n",
    );
    refused("unbounded-dict-cache", &[("app.py", &text)], "trusts that an entry is there");
}
