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
    refused("growing-container", &[("app.py", &text), ("other.py", other)], "other.py:1");
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
    refused("collected-pages", &[("app.py", &text)], "a page size and a cursor");
}

#[test]
fn a_client_that_the_function_closes_is_not_shared() {
    let text = "import httpx\nfrom fastapi import FastAPI\n\napp = FastAPI()\n\n\n@app.get(\"/x\")\ndef x():\n    http = httpx.Client()\n    answer = http.get(\"http://stock\")\n    http.close()\n    return answer.text\n";
    refused("http-client-per-request", &[("app.py", text)], "shapes");
}
