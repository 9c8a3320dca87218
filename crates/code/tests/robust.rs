//! Damaged and odd files: whatever a file holds, an analysis ends, and soon. The cargo-fuzz target `python_reader` asks the same with a fuzzer's patience.

use std::path::Path;
use std::time::{Duration, Instant};

use plimsoll_code::project::walk::Walked;
use plimsoll_code::project::{Entry, Origin};
use plimsoll_code::python::FileKind;
use plimsoll_code::{Analysis, Options, analysis};
use proptest::prelude::*;

/// Small applications that use most of what the analysis knows.
const SEEDS: [&str; 4] = [
    "from fastapi import APIRouter, Depends, FastAPI\nimport boto3\n\napp = FastAPI()\nrouter = APIRouter(prefix='/v1')\nSEEN: dict[str, list] = {}\n\n\ndef table(name: str = 't'):\n    return boto3.resource('dynamodb').Table(name)\n\n\n@router.get('/items/{key}')\nasync def item(key: str, limit: int = 10, t=Depends(table)):\n    page = t.scan(Limit=limit)\n    SEEN.setdefault(key, []).append(page['Items'])\n    return [row for row in page['Items'] if row]\n\n\napp.include_router(router)\n",
    "from django.urls import include, path\nfrom django.views import View\nfrom functools import lru_cache, partial\n\n\nclass Orders(View):\n    kept = []\n\n    @lru_cache(maxsize=None)\n    def load(self, key): return key\n\n    def get(self, request, pk):\n        self.kept.append(request)\n        try:\n            return self.load(pk)\n        finally:\n            del pk\n\n\nurlpatterns = [path('orders/<int:pk>/', Orders.as_view()), path('x/', include('other'))]\n",
    "import asyncio, aioboto3\nfrom celery import shared_task\n\nsession = aioboto3.Session()\nTASKS = set()\n\n\n@shared_task\ndef job(x):\n    loop = asyncio.new_event_loop()\n    match x:\n        case {'a': [first, *rest]} if first: return loop.run_until_complete(read(first))\n        case _: pass\n\n\nasync def read(n):\n    client = await session.client('dynamodb').__aenter__()\n    async for page in client.get_paginator('scan').paginate(TableName=f't{n}'):\n        yield page\n    TASKS.add(asyncio.create_task(read(n)))\n",
    "import queue, threading\nfrom flask import Flask, g, request\n\napp = Flask(__name__)\nQ = queue.Queue()\n\n\n@app.route('/p', methods=['POST'])\ndef post(cache={}):\n    cache[request.args['k']] = (lambda *a, **k: a)(1)\n    Q.put(request)\n    with open('f') as f, open('h') as h:\n        return f.read() if (n := len(Q.queue)) > 1 else g.x\n\n\nthreading.Thread(target=lambda: [Q.get() for _ in iter(int, 1)]).start()\n",
];

fn analyse(files: &[(&str, &str)]) -> Analysis {
    let entry = |(path, text): &(&str, &str)| Entry {
        path: (*path).to_owned(),
        origin: Origin::Memory((*text).into()),
        kind: FileKind::Source,
    };
    let walked = Walked { entries: files.iter().map(entry).collect(), linked: true, ..Walked::default() };
    analysis::analyse_walked(walked, &Options::default())
}

#[derive(Clone, Debug)]
enum Damage {
    Delete(prop::sample::Index, u8),
    Double(prop::sample::Index, u8),
    Put(prop::sample::Index, &'static str),
    Swap(prop::sample::Index, prop::sample::Index),
}

fn damage() -> impl Strategy<Value = Damage> {
    let index = any::<prop::sample::Index>;
    let odd = prop::sample::select(vec![
        "(",
        ")",
        "[",
        "{",
        "}",
        ":",
        "\n",
        "    ",
        "\t",
        "'",
        "\"\"\"",
        "\\",
        "\0",
        "lambda: ",
        "@",
        "*",
        "**",
        "=",
        ":=",
        "async ",
        "await ",
        "yield ",
        "return ",
        "def f(f=f): return f\n",
        "class A(A): pass\n",
        "from app import *\n",
        "import app as app\n",
        "global x\n",
        "self.x = self\n",
        "é",
        "\u{202e}",
        "#",
        "f'{f\"{x}\"}'",
        "x = x\n",
        "%time x\n",
        "print 'a'\n",
        "<<<<<<< HEAD\n",
        "0o",
        "1_",
        "if TYPE_CHECKING:\n",
    ]);
    prop_oneof![
        (index(), any::<u8>()).prop_map(|(at, n)| Damage::Delete(at, n)),
        (index(), any::<u8>()).prop_map(|(at, n)| Damage::Double(at, n)),
        (index(), odd).prop_map(|(at, what)| Damage::Put(at, what)),
        (index(), index()).prop_map(|(a, b)| Damage::Swap(a, b)),
    ]
}

fn damaged(text: &str, damages: &[Damage]) -> String {
    let mut chars: Vec<char> = text.chars().collect();
    for damage in damages {
        if chars.is_empty() {
            break;
        }
        match damage {
            Damage::Delete(at, n) => {
                let at = at.index(chars.len());
                let end = (at + usize::from(*n)).min(chars.len());
                chars.drain(at..end);
            }
            Damage::Double(at, n) => {
                let at = at.index(chars.len());
                let part: Vec<char> = chars[at..(at + usize::from(*n)).min(chars.len())].to_vec();
                chars.splice(at..at, part);
            }
            Damage::Put(at, what) => {
                let at = at.index(chars.len());
                chars.splice(at..at, what.chars());
            }
            Damage::Swap(a, b) => {
                let (a, b) = (a.index(chars.len()), b.index(chars.len()));
                chars.swap(a, b);
            }
        }
    }
    chars.into_iter().collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    #[test]
    fn damaged_applications_are_analysed(seed in 0..SEEDS.len(), other in 0..SEEDS.len(), damages in prop::collection::vec(damage(), 1..8)) {
        let text = damaged(SEEDS[seed], &damages);
        let start = Instant::now();
        let analysis = analyse(&[("app.py", &text), ("other.py", SEEDS[other])]);
        prop_assert_eq!(analysis.coverage.files, 2);
        prop_assert!(start.elapsed() < Duration::from_secs(5), "{:?}", start.elapsed());
    }
}

/// Files that once were, or could be, more than an analysis bears.
#[test]
fn odd_programs_end() {
    let chain = (0..400).fold(String::new(), |text, n| text + &format!("def f{n}(x):\n    return f{}(x)\n\n", n + 1));
    let wide = (0..2_000).fold(String::new(), |text, n| {
        text + &format!("@app.get('/r{n}')\ndef r{n}(x):\n    CACHE[x] = f(x)\n    return CACHE\n\n")
    });
    let cycle = "from fastapi import FastAPI\napp = FastAPI()\nx = y\ny = z\nz = x\nclass A(B): pass\nclass B(A): pass\ndef f(a=f): return f(f)\ng = lambda: g()\n@app.get('/')\ndef r():\n    x.append(A().b(y))\n    return g()\n";
    let chained = format!("import boto3\nc = boto3.client('s3'){}\n", ".x()".repeat(3_000));
    let odd = [
        ("recursion without end", format!("from fastapi import FastAPI\napp = FastAPI()\n@app.get('/')\ndef r(x):\n    return f0(x)\n\n{chain}def f400(x):\n    return f0(x)\n")),
        ("many routes into one cache", format!("from fastapi import FastAPI\napp = FastAPI()\nCACHE = {{}}\ndef f(x): return x\n{wide}")),
        ("cycles of names and bases", cycle.to_owned()),
        ("a long chain", chained),
        ("handlers built by exec", "import boto3\nexec('def handler(event, context): return 1')\nglobals()['x'] = eval('boto3')\nx.client('s3')\n".to_owned()),
        ("decorators of computed names", "from fastapi import FastAPI\napp = FastAPI()\nfor m in ['get', 'put']:\n    @getattr(app, m)('/x' + m)\n    def f(): return 1\n@(lambda f: f)\ndef g(): pass\n".to_owned()),
        ("stars in circles", "from other import *\nfrom app import *\nimport boto3\n".to_owned()),
    ];
    for (name, text) in &odd {
        let start = Instant::now();
        analyse(&[("app.py", text), ("other.py", "from app import *\nfrom other import *\nimport boto3\n")]);
        assert!(start.elapsed() < Duration::from_secs(20), "{name}: {:?}", start.elapsed());
    }
}

#[test]
fn an_analysis_does_not_depend_on_threads() {
    let seen: Vec<String> = [1, 2, 4]
        .into_iter()
        .map(|threads| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).stack_size(64 << 20).build().unwrap();
            let files: Vec<(String, &str)> =
                (0..40).map(|n| (format!("p{n}/app.py"), SEEDS[n % SEEDS.len()])).collect();
            let entry = |(path, text): &(String, &str)| Entry {
                path: path.clone(),
                origin: Origin::Memory((*text).into()),
                kind: FileKind::Source,
            };
            let entries: Vec<Entry> = files.iter().map(entry).collect();
            let analysis = pool.install(|| {
                let project = plimsoll_code::project::Project::open(entries, Vec::new());
                analysis::analyse_project(&project, &Options { base: Path::new("/").to_owned(), ..Options::default() })
            });
            format!("{:#?}\n{:#?}\n{:#?}", analysis.findings, analysis.routes, analysis.notes)
        })
        .collect();
    assert!(seen.iter().all(|text| text == &seen[0]));
}
