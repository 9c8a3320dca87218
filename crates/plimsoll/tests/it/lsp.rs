//! A client that drives `plimsoll lsp` over standard input and output, as an editor does.

use std::io::{BufRead, BufReader, Read, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use serde_json::{Value, json};

struct Client {
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
    id: u64,
}

impl Client {
    fn start(folder: &Path) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_plimsoll"))
            .arg("lsp")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let (input, output) = (child.stdin.take().unwrap(), BufReader::new(child.stdout.take().unwrap()));
        let mut client = Self { child, input, output, id: 0 };
        let root = uri(folder);
        let folders = json!([{ "uri": root, "name": "shop" }]);
        let started = client.ask(
            "initialize",
            &json!({ "processId": null, "rootUri": root, "workspaceFolders": folders, "capabilities": {} }),
        );
        assert_eq!(started["capabilities"]["hoverProvider"], true);
        client.tell("initialized", &json!({}));
        client
    }

    fn send(&mut self, message: &Value) {
        let text = message.to_string();
        write!(self.input, "Content-Length: {}\r\n\r\n{text}", text.len()).unwrap();
        self.input.flush().unwrap();
    }

    fn tell(&mut self, method: &str, params: &Value) {
        self.send(&json!({ "jsonrpc": "2.0", "method": method, "params": params }));
    }

    fn receive(&mut self) -> Value {
        let mut length = 0;
        loop {
            let mut line = String::new();
            assert_ne!(self.output.read_line(&mut line).unwrap(), 0, "the server ended");
            match line.trim().strip_prefix("Content-Length: ") {
                Some(number) => length = number.parse().unwrap(),
                None if line.trim().is_empty() => break,
                None => panic!("not the protocol: {line}"),
            }
        }
        let mut body = vec![0; length];
        self.output.read_exact(&mut body).unwrap();
        serde_json::from_slice(&body).unwrap()
    }

    fn ask(&mut self, method: &str, params: &Value) -> Value {
        self.id += 1;
        let id = self.id;
        self.send(&json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params }));
        loop {
            let message = self.receive();
            if message["id"] == id {
                assert!(message["error"].is_null(), "{message}");
                return message["result"].clone();
            }
        }
    }

    /// The next diagnostics of a file.
    fn diagnostics(&mut self, uri: &str) -> Vec<Value> {
        loop {
            let message = self.receive();
            if message["method"] == "textDocument/publishDiagnostics" && message["params"]["uri"] == uri {
                return message["params"]["diagnostics"].as_array().unwrap().clone();
            }
        }
    }

    /// What is offered for the first of these findings.
    fn quick_fixes(&mut self, uri: &str, found: &[Value]) -> Vec<Value> {
        let params =
            json!({ "textDocument": { "uri": uri }, "range": found[0]["range"], "context": { "diagnostics": found } });
        self.ask("textDocument/codeAction", &params).as_array().unwrap().clone()
    }

    fn end(mut self) {
        self.ask("shutdown", &Value::Null);
        self.tell("exit", &Value::Null);
        assert!(self.child.wait().unwrap().success());
    }
}

fn uri(path: &Path) -> String {
    url::Url::from_file_path(path).unwrap().to_string()
}

const LEAK: &str = "from fastapi import FastAPI\n\napp = FastAPI()\nSEEN = []\n\n\n@app.get(\"/items/{item}\")\ndef item(item: str):\n    SEEN.append(item)\n    return {\"item\": item}\n";

/// A folder whose `app.py` leaks, a client that looks at it, the file's address and what is found in it.
fn leaking() -> (tempfile::TempDir, Client, String, Vec<Value>) {
    let folder = tempfile::tempdir().unwrap();
    let top = folder.path().canonicalize().unwrap();
    let file = top.join("app.py");
    std::fs::write(&file, LEAK).unwrap();
    let mut client = Client::start(&top);
    let uri = uri(&file);
    let found = client.diagnostics(&uri);
    (folder, client, uri, found)
}

#[test]
fn diagnostics_follow_the_text_that_is_typed() {
    let (_folder, mut client, uri, found) = leaking();
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!(found[0]["range"]["start"], json!({ "line": 8, "character": 4 }));
    assert_eq!((&found[0]["severity"], &found[0]["source"]), (&json!(1), &json!("plimsoll")));
    assert_eq!(found[0]["relatedInformation"][0]["location"]["range"]["start"]["line"], 3);

    let document = json!({ "uri": uri });
    let at = json!({ "textDocument": document, "position": { "line": 8, "character": 10 } });
    let hover = client.ask("textDocument/hover", &at);
    let shown = hover["contents"]["value"].as_str().unwrap();
    assert!(shown.contains("GET /items/{item}") && shown.contains("**FastAPI**"), "{shown}");
    let elsewhere = json!({ "textDocument": document, "position": { "line": 0, "character": 0 } });
    assert!(client.ask("textDocument/hover", &elsewhere).is_null());

    // The list is bounded in the editor, not on the disk.
    let bounded = LEAK
        .replace("SEEN = []", "SEEN = deque(maxlen=100)")
        .replace("from fastapi", "from collections import deque\nfrom fastapi");
    let opened = json!({ "textDocument": { "uri": uri, "languageId": "python", "version": 1, "text": LEAK } });
    client.tell("textDocument/didOpen", &opened);
    assert_eq!(client.diagnostics(&uri).len(), 1);
    client.tell(
        "textDocument/didChange",
        &json!({ "textDocument": { "uri": uri, "version": 2 }, "contentChanges": [{ "text": bounded }] }),
    );
    assert_eq!(client.diagnostics(&uri), Vec::<Value>::new());
    // Closed without saving: the file counts again.
    client.tell("textDocument/didClose", &json!({ "textDocument": document }));
    assert_eq!(client.diagnostics(&uri).len(), 1);
    client.end();
}

#[test]
fn a_quick_fix_that_needs_a_look_at_the_project_settles_its_finding() {
    let (_folder, mut client, uri, found) = leaking();
    let actions = client.quick_fixes(&uri, &found);
    let fix = actions.iter().find(|action| action["title"].as_str().unwrap().ends_with("(look at it)"));
    let fix = fix.unwrap_or_else(|| panic!("{actions:?}"));
    let mut edits: Vec<&Value> = fix["edit"]["changes"][&uri].as_array().unwrap().iter().collect();
    let offset = |at: &Value| {
        let line = at["line"].as_u64().unwrap() as usize;
        let before: usize = LEAK.split_inclusive('\n').take(line).map(str::len).sum();
        before + at["character"].as_u64().unwrap() as usize
    };
    edits.sort_by_key(|edit| std::cmp::Reverse(offset(&edit["range"]["start"])));
    let mut text = LEAK.to_owned();
    for edit in edits {
        let range = offset(&edit["range"]["start"])..offset(&edit["range"]["end"]);
        text.replace_range(range, edit["newText"].as_str().unwrap());
    }
    assert!(text.contains("deque(maxlen=100)"), "{text}");
    let change = json!({ "textDocument": { "uri": uri, "version": 2 }, "contentChanges": [{ "text": text }] });
    client.tell("textDocument/didChange", &change);
    assert_eq!(client.diagnostics(&uri), Vec::<Value>::new());
    client.end();
}

#[test]
fn what_needs_a_look_at_the_project_is_not_tried_for_a_whole_document() {
    let (_folder, mut client, uri, mut found) = leaking();
    found[0]["range"] = json!({ "start": { "line": 0, "character": 0 }, "end": { "line": 9, "character": 0 } });
    let titles: Vec<String> =
        client.quick_fixes(&uri, &found).iter().map(|action| action["title"].as_str().unwrap().to_owned()).collect();
    assert!(titles.iter().any(|title| title.starts_with("Accept ")), "{titles:?}");
    assert!(!titles.iter().any(|title| title.ends_with("(look at it)")), "{titles:?}");
    client.end();
}

#[test]
fn a_quick_fix_accepts_a_finding_once_it_has_a_reason() {
    let (_folder, mut client, uri, found) = leaking();
    let actions = client.quick_fixes(&uri, &found);
    let accept = actions.iter().find(|action| action["title"].as_str().unwrap().starts_with("Accept ")).unwrap();
    let edit = &accept["edit"]["changes"][&uri][0];
    let line = edit["range"]["start"]["line"].as_u64().unwrap() as usize;
    let edited = |comment: &str| {
        let mut lines: Vec<String> = LEAK.split_inclusive('\n').map(str::to_owned).collect();
        lines.insert(line, comment.to_owned());
        lines.concat()
    };
    let comment = edit["newText"].as_str().unwrap();
    let change = |text: String, version: u32| json!({ "textDocument": { "uri": uri, "version": version }, "contentChanges": [{ "text": text }] });
    client.tell("textDocument/didChange", &change(edited(comment), 2));
    assert_eq!(client.diagnostics(&uri).len(), 1, "without a reason it does not hold");
    client.tell("textDocument/didChange", &change(edited(&comment.replace("\"\"", "\"a test\"")), 3));
    assert_eq!(client.diagnostics(&uri), Vec::<Value>::new());
    client.end();
}
