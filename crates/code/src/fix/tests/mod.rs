//! Fixes of small files: what comes out, and that what cannot be fixed is left alone.

mod cursors;
mod errors;
mod projections;
mod projects;
mod refusals;

use plimsoll_model::{Confidence, Finding, Fingerprint, Kind, Severity, SourcePlace, Vantage, Weakness};

use super::{Safety, apply, for_finding};

fn finding(check: &str, line: u32) -> Finding {
    Finding {
        fingerprint: Fingerprint::of(["code", check]),
        check: check.to_owned(),
        weakness: Weakness::UselessDel,
        kind: Kind::Info,
        vantage: Vantage::Code,
        severity: Severity::Info,
        confidence: Confidence::Observed,
        operation: None,
        also: Vec::new(),
        part: None,
        source: Some(SourcePlace { file: "app.py".to_owned(), line, symbol: None, columns: None }),
        spec: None,
        message: String::new(),
        evidence: Vec::new(),
    }
}

fn fixed(check: &str, line: u32, text: &str) -> Option<(String, Safety)> {
    let fix = for_finding(text, &finding(check, line))?;
    Some((apply(text, &fix.edits).unwrap(), fix.safety))
}

#[test]
fn each_rule_has_its_fix() {
    let cases: &[(&str, u32, &str, &str, Safety)] = &[
        (
            "useless-del",
            3,
            "def f():\n    a = 1\n    del a\n    return 2\n",
            "def f():\n    a = 1\n    return 2\n",
            Safety::Safe,
        ),
        (
            "useless-del",
            3,
            "def f(a):\n    if a:\n        del a\n",
            "def f(a):\n    if a:\n        pass\n",
            Safety::Safe,
        ),
        (
            "page-iterator-context",
            2,
            "def f(p):\n    with p.paginate(\n        TableName=\"t\",\n    ) as pages:\n        for page in pages:\n            g(page)\n    return 1\n",
            "def f(p):\n    pages = p.paginate(\n        TableName=\"t\",\n    )\n    for page in pages:\n        g(page)\n    return 1\n",
            Safety::Safe,
        ),
        (
            "page-iterator-context",
            1,
            "with closing(orders()) as pages:\n    print(pages)\n",
            "pages = orders()\nprint(pages)\n",
            Safety::Safe,
        ),
        (
            "reserved-word",
            1,
            "t.scan(FilterExpression=\"attribute_exists(status)\")\n",
            "t.scan(FilterExpression=\"attribute_exists(#status)\", ExpressionAttributeNames={\"#status\": \"status\"})\n",
            Safety::Safe,
        ),
        (
            "reserved-word",
            1,
            "t.scan(ProjectionExpression=\"id, name\", ExpressionAttributeNames={\"#d\": \"date\"})\n",
            "t.scan(ProjectionExpression=\"id, #name\", ExpressionAttributeNames={\"#name\": \"name\", \"#d\": \"date\"})\n",
            Safety::Safe,
        ),
        (
            "missing-async-with",
            2,
            "async def f(s):\n    with s.client(\"x\") as c:\n        pass\n",
            "async def f(s):\n    async with s.client(\"x\") as c:\n        pass\n",
            Safety::Safe,
        ),
        (
            "unbounded-lru-cache",
            3,
            "from functools import lru_cache\n\n@lru_cache(maxsize=None)\ndef f(a):\n    return a\n",
            "from functools import lru_cache\n\n@lru_cache(maxsize=128)\ndef f(a):\n    return a\n",
            Safety::Review,
        ),
        (
            "unbounded-lru-cache",
            3,
            "from functools import cache\n\n@cache\ndef f(a):\n    return a\n",
            "import functools\nfrom functools import cache\n\n@functools.lru_cache(maxsize=128)\ndef f(a):\n    return a\n",
            Safety::Review,
        ),
        ("unbounded-queue", 1, "q = deque([])\n", "q = deque([], maxlen=1000)\n", Safety::Review),
        (
            "signal-connected-per-request",
            4,
            "def f():\n    def announce(sender):\n        pass\n    order.connect(announce, weak=False)\n",
            "def f():\n    def announce(sender):\n        pass\n    order.connect(announce)\n",
            Safety::Review,
        ),
        (
            "event-handler-per-request",
            4,
            "def note():\n    pass\n\nevents.register(\"before-call\", note)\n",
            "def note():\n    pass\n\nevents.register(\"before-call\", note, unique_id=\"note\")\n",
            Safety::Review,
        ),
        (
            "mutable-default-argument",
            1,
            "def f(a, seen=[]):\n    seen.append(a)\n",
            "def f(a, seen=None):\n    if seen is None:\n        seen = []\n    seen.append(a)\n",
            Safety::Review,
        ),
        (
            "tasks-never-discarded",
            3,
            "async def f():\n    task = create_task(g())\n    tasks.add(task)\n",
            "async def f():\n    task = create_task(g())\n    tasks.add(task)\n    task.add_done_callback(tasks.discard)\n",
            Safety::Safe,
        ),
        (
            "dangling-task",
            5,
            "import asyncio\n\n\nasync def f():\n    asyncio.create_task(g())\n",
            "import asyncio\n\n\n_running_tasks = set()\n\n\nasync def f():\n    task = asyncio.create_task(g())\n    _running_tasks.add(task)\n    task.add_done_callback(_running_tasks.discard)\n",
            Safety::Review,
        ),
        (
            "client-per-request",
            8,
            "import boto3\n\nREGION = \"eu-west-1\"\n\n\n@app.get(\"/\")\ndef f():\n    client = boto3.client(\"s3\", region_name=REGION)\n    return client.list_buckets()\n",
            "import boto3\n\nREGION = \"eu-west-1\"\n\n\nclient = boto3.client(\"s3\", region_name=REGION)\n\n\n@app.get(\"/\")\ndef f():\n    return client.list_buckets()\n",
            Safety::Review,
        ),
        (
            "building-dependency",
            6,
            "import boto3\n\n\ndef get_db():\n    # once\n    return boto3.resource(\"dynamodb\")\n",
            "import boto3\nimport functools\n\n\n@functools.lru_cache(maxsize=1)\ndef get_db():\n    # once\n    return boto3.resource(\"dynamodb\")\n",
            Safety::Review,
        ),
        (
            "unclosed-file",
            4,
            "import json\n\ndef f(path):\n    return json.load(open(path))\n",
            "import json\n\ndef f(path):\n    with open(path) as file:\n        return json.load(file)\n",
            Safety::Review,
        ),
        (
            "unclosed-executor",
            2,
            "def f(names):\n    pool = Pool(4)\n    # all of them\n    return pool.map(len, names)\n",
            "def f(names):\n    with Pool(4) as pool:\n    # all of them\n        return pool.map(len, names)\n",
            Safety::Review,
        ),
        (
            "unclosed-aio-client",
            3,
            "async def f(session):\n    client = session.client(\"dynamodb\")\n    return await client.list_tables()\n",
            "async def f(session):\n    async with session.client(\"dynamodb\") as client:\n        return await client.list_tables()\n",
            Safety::Review,
        ),
        (
            "logging-handler-per-request",
            3,
            "def f():\n    handler = H()\n    log.addHandler(handler)\n    work()\n    return 1\n",
            "def f():\n    handler = H()\n    log.addHandler(handler)\n    try:\n        work()\n        return 1\n    finally:\n        log.removeHandler(handler)\n",
            Safety::Review,
        ),
    ];
    for (check, line, text, after, safety) in cases {
        let (found, how) = fixed(check, *line, text).unwrap_or_else(|| panic!("{check} has no fix for\n{text}"));
        assert_eq!(found, *after, "{check}");
        assert_eq!(how, *safety, "{check}");
    }
}

#[test]
fn what_cannot_be_fixed_is_left_alone() {
    let cases: &[(&str, u32, &str)] = &[
        // Arguments of the call.
        (
            "client-per-request",
            2,
            "def f(region):\n    client = boto3.client(\"s3\", region_name=region)\n    return client\n",
        ),
        // The name means something else at the top of the module.
        (
            "client-per-request",
            5,
            "client = 1\n\n\ndef f():\n    client = boto3.client(\"s3\")\n    return client.list_buckets()\n",
        ),
        // What the call needs comes later.
        (
            "client-per-request",
            2,
            "def f():\n    client = boto3.client(\"s3\", region_name=REGION)\n    return client.a()\n\n\nREGION = \"x\"\n",
        ),
        // A text of several lines would be moved.
        ("unclosed-executor", 2, "def f():\n    pool = Pool()\n    pool.run(\"\"\"a\nb\"\"\")\n"),
        ("building-dependency", 2, "def get(region):\n    return boto3.client(\"s3\", region_name=region)\n"),
        ("missing-async-with", 2, "def f(s):\n    with s.client(\"x\") as c:\n        pass\n"),
        ("no-such-rule", 1, "a = 1\n"),
        ("useless-del", 9, "a = 1\n"),
    ];
    for (check, line, text) in cases {
        assert_eq!(fixed(check, *line, text), None, "{check}\n{text}");
    }
}

#[test]
fn edits_that_overlap_are_refused() {
    use super::Edit;
    use crate::syntax::Span;
    let edit = |start, end| Edit { span: Span { start, end }, text: "x".to_owned() };
    assert_eq!(apply("abcd", &[edit(0, 2), edit(1, 3)]), None);
    assert_eq!(apply("abcd", &[edit(2, 3), edit(0, 1)]).as_deref(), Some("xbxd"));
    assert_eq!(apply("abcd", &[edit(2, 9)]), None);
}
