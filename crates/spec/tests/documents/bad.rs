//! What people give instead of a good document: every one ends quickly, with one line that says where, in the right class.

use std::collections::HashMap;
use std::fmt::Write;
use std::time::{Duration, Instant};

use plimsoll_spec::{Api, Failure, LoadError, Options, Source, load};

/// What must come of a document.
enum Outcome {
    /// Nothing can be read: this failure, on this line, with this text in the message.
    Refused(Failure, Option<u32>, &'static str),
    /// This many operations, and exactly these diagnostics: line, part of the message, whether something was lost.
    Read(usize, Vec<(u32, &'static str, bool)>),
}

use Outcome::{Read, Refused};

fn told(line: u32, message: &'static str) -> Vec<(u32, &'static str, bool)> {
    vec![(line, message, false)]
}

fn lost(line: u32, message: &'static str) -> Vec<(u32, &'static str, bool)> {
    vec![(line, message, true)]
}

/// A YAML document of version 3.0 whose only path item is this, indented; it begins on line 4.
fn item(text: &str) -> String {
    format!("openapi: 3.0.3\ninfo: {{title: t, version: '1'}}\npaths:\n{text}\n")
}

/// A document with one GET operation with these parameters; the first stands on line 7.
fn parameters(text: &str) -> String {
    item(&format!("  /a:\n    get:\n      parameters:\n{text}\n      responses: {{'200': {{description: ok}}}}"))
}

/// A document with one GET operation whose answer has this schema, on line 10, in flow style.
fn schema(version: &str, text: &str) -> String {
    format!(
        "openapi: {version}\ninfo: {{title: t, version: '1'}}\npaths:\n  /a:\n    get:\n      responses:\n        '200':\n          \
         description: ok\n          content: {{application/json: {{\n            schema: {text}}}}}\n"
    )
}

const GET: &str = "  /a:\n    get: {responses: {'200': {description: ok}}}";

fn good() -> String {
    item(GET)
}

/// A good document whose head is preceded by this many levels of this opening.
fn nested(open: &str, close: &str, levels: usize) -> String {
    format!("{{\"openapi\": \"3.0.0\", \"x-deep\": {}1{}}}", open.repeat(levels), close.repeat(levels))
}

fn json(members: &str) -> String {
    format!(
        "{{\n  \"openapi\": \"3.0.3\",\n  \"info\": {{\"title\": \"t\", \"version\": \"1\"}},\n  \"paths\": {{\"/a\": {{\"get\": \
         {{\"responses\": {{\"200\": {{\"description\": \"ok\"}}}}}}}}}}{members}\n}}\n"
    )
}

fn alias_bomb() -> String {
    let mut text = good();
    text.push_str("x-0: &a0 [lol, lol, lol, lol, lol, lol, lol, lol, lol, lol]\n");
    for level in 1..=9 {
        let before = level - 1;
        let aliases = vec![format!("*a{before}"); 10].join(", ");
        writeln!(text, "x-{level}: &a{level} [{aliases}]").unwrap();
    }
    text
}

fn cases() -> Vec<(&'static str, Vec<u8>, Outcome)> {
    let utf16: Vec<u8> = good().encode_utf16().flat_map(u16::to_le_bytes).collect();
    let latin1: Vec<u8> = good().replace("title: t", "title: Fähre").chars().map(|c| c as u8).collect();
    let many_parts = vec!["{type: object, properties: {a: {type: string}}}"; 1000].join(", ");
    let mut values = String::with_capacity(9 << 20);
    (0..1_000_000).for_each(|n| write!(values, "\"v{n}\",").unwrap());
    values.pop();
    let mut paths = String::new();
    (0..10_000).for_each(|n| write!(paths, "  /p{n}/{{id}}:\n    get: {{responses: {{'200': {{description: ok}}}}, parameters: [{{$ref: '#/components/parameters/P'}}]}}\n").unwrap());
    let paths =
        item(&paths) + "components: {parameters: {P: {name: id, in: path, required: true, schema: {type: string}}}}\n";
    let postman = "{\"info\": {\"_postman_id\": \"1\", \"name\": \"n\"}, \"item\": []}";
    let graphql = "\"\"\"Shop\"\"\"\ntype Query {\n  orders(limit: Int): [Order!]!\n}\n";
    let wsdl = "<?xml version=\"1.0\"?>\n<wsdl:definitions xmlns:wsdl=\"http://schemas.xmlsoap.org/wsdl/\"/>";
    let ring = "openapi: 3.0.3\ninfo: {title: t, version: '1'}\npaths: {}\n";

    let cases: Vec<(&str, Vec<u8>, Outcome)> = vec![
        ("empty", vec![], Refused(Failure::NotOpenApi, Some(1), "empty")),
        ("white space", b" \n\t\n".to_vec(), Refused(Failure::NotOpenApi, Some(1), "empty")),
        ("BOM only", b"\xef\xbb\xbf".to_vec(), Refused(Failure::NotOpenApi, Some(1), "empty")),
        ("binary", b"\x7fELF\x02\x01\x01\0\0\0\0\0".to_vec(), Refused(Failure::Encoding, Some(1), "binary")),
        ("gzip", b"\x1f\x8b\x08\0\0\0\0\0\x02\xff\xed\xbd\x07".to_vec(), Refused(Failure::Encoding, Some(1), "binary")),
        ("UTF-16", utf16, Read(1, told(1, "UTF-16"))),
        ("UTF-32", b"\xff\xfe\0\0o\0\0\0".to_vec(), Refused(Failure::Encoding, Some(1), "UTF-32")),
        ("Latin-1", latin1, Read(1, told(2, "Latin-1"))),
        ("100 MB", vec![b' '; 100 << 20], Refused(Failure::TooLarge, None, "larger than 64 MiB")),
        ("tabs", good().replace("    get", "\tget").into_bytes(), Refused(Failure::Syntax, Some(5), "tab")),
        ("tabs in between", format!("{}x-note: >\n\tfolded\n", good()).into_bytes(), Refused(Failure::Syntax, Some(6), "tab")),
        ("duplicate keys, YAML", format!("{}info: {{title: again, version: '2'}}\n", good()).into_bytes(), Read(1, told(6, "the key info stands here again"))),
        ("duplicate keys, JSON", json(",\n  \"info\": {}").into_bytes(), Read(1, told(5, "the key info stands here again"))),
        ("alias bomb", alias_bomb().into_bytes(), Refused(Failure::TooLarge, Some(11), "aliases")),
        ("alias in itself", format!("{}x-a: &a [*a]\n", good()).into_bytes(), Read(1, told(6, "an alias within the value that it names"))),
        ("unknown alias", format!("{}x-a: *nothing\n", good()).into_bytes(), Refused(Failure::Syntax, Some(6), "anchor")),
        ("python tag", format!("{}x-a: !!python/object/apply:os.system ['id']\n", good()).into_bytes(), Read(1, told(6, "is not followed"))),
        ("include tag", format!("{}x-a: !include /etc/passwd\n", good()).into_bytes(), Read(1, told(6, "the YAML tag !include is not followed"))),
        ("two YAML documents", format!("{}---\nopenapi: 3.1.0\n", good()).into_bytes(), Read(1, told(6, "a second YAML document"))),
        ("JSON with comments", json("").replacen("\n  ", "\n  // note\n  /* of\n two */ ", 1).into_bytes(), Read(1, vec![(2, "a comment", false), (3, "a comment", false)])),
        ("JSON with trailing commas", json(", \"tags\": [1,],").into_bytes(), Read(1, vec![(4, "a trailing comma", false), (5, "a trailing comma", false)])),
        ("JSON with NaN", json(",\n  \"x-a\": [NaN, -Infinity]").into_bytes(), Read(1, vec![(5, "NaN is no JSON value", false), (5, "Infinity is no JSON value", false)])),
        ("JSON with single quotes", b"{'openapi': '3.0.0'}".to_vec(), Refused(Failure::Syntax, Some(1), "a key in double quotes")),
        ("JSON cut off", json("").as_bytes()[..60].to_vec(), Refused(Failure::Syntax, Some(3), "ends in the middle")),
        ("JSON and more", format!("{}{{}}", json("")).into_bytes(), Refused(Failure::Syntax, Some(6), "after the end")),
        ("deep JSON", nested("[", "]", 100_000).into_bytes(), Refused(Failure::TooLarge, Some(1), "nested deeper than 256")),
        ("deep JSON maps", nested("{\"a\":", "}", 100_000).into_bytes(), Refused(Failure::TooLarge, Some(1), "nested deeper than 256")),
        ("deep YAML", format!("openapi: 3.0.0\nx-deep: {}", "[".repeat(100_000)).into_bytes(), Refused(Failure::TooLarge, Some(2), "nested deeper than 256")),
        ("deep YAML lists", format!("openapi: 3.0.0\nx-deep:\n  {}a", "- ".repeat(20_000)).into_bytes(), Refused(Failure::TooLarge, Some(3), "nested deeper than 256")),
        ("unclosed YAML", b"openapi: 3.0.0\npaths: {a: [b\n".to_vec(), Refused(Failure::Syntax, Some(3), "")),
        ("version as number", good().replace("3.0.3", "3").into_bytes(), Read(1, told(1, "the version is a number"))),
        ("version as float", good().replace("3.0.3", "3.1").into_bytes(), Read(1, told(1, "the version is a number"))),
        ("Swagger 1.2", b"{\"swaggerVersion\": \"1.2\", \"apis\": []}".to_vec(), Refused(Failure::NotOpenApi, Some(1), "Swagger 1 document")),
        ("Swagger 1.2 by number", b"swagger: '1.2'\npaths: {}\n".to_vec(), Refused(Failure::Version, Some(1), "Swagger 1.2")),
        ("Swagger 2.0", good().replace("openapi: 3.0.3", "swagger: '2.0'").into_bytes(), Read(1, vec![])),
        ("OpenAPI 3.0.4", good().replace("3.0.3", "3.0.4").into_bytes(), Read(1, vec![])),
        ("OpenAPI 3.1.1", good().replace("3.0.3", "3.1.1").into_bytes(), Read(1, vec![])),
        ("OpenAPI 3.2.0", item(&format!("{GET}\n    query: {{responses: {{'200': {{description: ok}}}}}}")).replace("3.0.3", "3.2.0").into_bytes(), Read(1, lost(6, "methods of their own"))),
        ("OpenAPI 3.7", good().replace("3.0.3", "3.7.0").into_bytes(), Read(1, told(1, "later than 3.2"))),
        ("OpenAPI 4.0", good().replace("3.0.3", "4.0.0").into_bytes(), Refused(Failure::Version, Some(1), "the version 4.0.0")),
        ("no version", good().replace("openapi: 3.0.3", "x-a: 1").into_bytes(), Refused(Failure::NotOpenApi, Some(1), "does not say its version")),
        ("no paths", b"openapi: 3.0.0\ninfo: {title: t, version: '1'}\n".to_vec(), Read(0, lost(1, "no paths"))),
        ("paths: null", b"openapi: 3.0.0\npaths: null\n".to_vec(), Read(0, lost(2, "paths is a map, this is null"))),
        ("paths as list", b"openapi: 3.0.0\npaths: [a]\n".to_vec(), Read(0, lost(2, "paths is a map, this is a list"))),
        ("path item as string", item("  /b: nothing\n  /a:\n    get: {responses: {'200': {description: ok}}}").into_bytes(), Read(1, lost(4, "a path item is a map"))),
        ("operation as list", item(&format!("{GET}\n    put: []")).into_bytes(), Read(1, lost(6, "an operation is a map"))),
        ("path without slash", good().replace("/a:", "a:").into_bytes(), Read(1, told(4, "a path begins with a slash"))),
        ("two equal paths", item("  /a/{x}:\n    get: {responses: {'200': {description: ok}}, parameters: [{name: x, in: path, required: true, schema: {}}]}\n  /a/{y}:\n    get: {responses: {'200': {description: ok}}, parameters: [{name: y, in: path, required: true, schema: {}}]}").into_bytes(), Read(2, told(6, "equal but for the names"))),
        ("10,000 paths", paths.into_bytes(), Read(10_000, vec![])),
        ("reference to itself", schema("3.0.3", "{$ref: '#/x-a'}").into_bytes().into_iter().chain(*b"x-a: {$ref: '#/x-a'}\n").collect(), Read(1, lost(11, "leads only to itself"))),
        ("reference to an enclosing map", schema("3.0.3", "{items: {$ref: '#/paths/~1a/get/responses/200/content/application~1json/schema'}}").into_bytes(), Read(1, vec![])),
        ("reference to the root", schema("3.0.3", "{properties: {a: {$ref: '#'}}}").into_bytes(), Read(1, vec![])),
        ("reference to a missing file", schema("3.0.3", "{$ref: 'missing.yaml#/A'}").into_bytes(), Read(1, lost(10, "missing.yaml#/A leads nowhere"))),
        ("reference to /etc/passwd", schema("3.0.3", "{$ref: '../../../../etc/passwd'}").into_bytes(), Read(1, lost(10, "leads nowhere"))),
        ("reference to file://", schema("3.0.3", "{$ref: 'file:///etc/passwd'}").into_bytes(), Read(1, lost(10, "file: references are not followed"))),
        ("reference to a URL", schema("3.0.3", "{$ref: 'http://169.254.169.254/latest'}").into_bytes(), Read(1, lost(10, "remote references are not fetched"))),
        ("reference that is a number", schema("3.0.3", "{$ref: 5, type: string}").into_bytes(), Read(1, vec![])),
        ("siblings", schema("3.0.3", "{$ref: '#/x-a', maxLength: 1}").into_bytes().into_iter().chain(*b"x-a: {type: string}\n").collect(), Read(1, told(10, "maxLength beside $ref has no effect"))),
        ("schema true", schema("3.1.0", "true").into_bytes(), Read(1, vec![])),
        ("schema false", schema("3.1.0", "{properties: {a: false}}").into_bytes(), Read(1, vec![])),
        ("schema true in 3.0", schema("3.0.3", "true").into_bytes(), Read(1, told(10, "boolean schemas come with OpenAPI 3.1"))),
        ("schema as string", schema("3.0.3", "Pet").into_bytes(), Read(1, lost(10, "a schema is a map, this is a string"))),
        ("type list", schema("3.1.0", "{type: [string, 'null']}").into_bytes(), Read(1, vec![])),
        ("type list in 3.0", schema("3.0.3", "{type: [string, 'null']}").into_bytes(), Read(1, told(10, "a list of types comes with OpenAPI 3.1"))),
        ("unknown type", schema("3.0.3", "{type: date}").into_bytes(), Read(1, told(10, "the type date is unknown"))),
        ("discriminator to nowhere", schema("3.0.3", "{type: object, discriminator: {propertyName: k, mapping: {a: Gone}}}").into_bytes(), Read(1, told(10, "the discriminator names the schema Gone"))),
        ("allOf of 1,000", schema("3.0.3", &format!("{{allOf: [{many_parts}]}}")).into_bytes(), Read(1, vec![])),
        ("enum of 1,000,000", format!("{{\"openapi\":\"3.0.0\",\"paths\":{{\"/a\":{{\"get\":{{\"responses\":{{\"200\":{{\"description\":\"\",\"content\":{{\"application/json\":{{\"schema\":{{\"enum\":[{values}]}}}}}}}}}}}}}}}}}}").into_bytes(), Read(1, lost(1, "of the 1000000 values of this enum"))),
        ("invalid pattern", schema("3.0.3", "{type: string, pattern: '[a-'}").into_bytes(), Read(1, told(10, "the pattern is no regular expression"))),
        ("catastrophic pattern", schema("3.0.3", "{type: string, pattern: '^(a+)+$'}").into_bytes(), Read(1, vec![])),
        ("minimum above maximum", schema("3.0.3", "{type: integer, minimum: 9, maximum: 1}").into_bytes(), Read(1, told(10, "minimum is larger than maximum"))),
        ("multipleOf 0", schema("3.0.3", "{type: integer, multipleOf: 0}").into_bytes(), Read(1, told(10, "multipleOf is a number above zero"))),
        ("maxItems -1", schema("3.0.3", "{type: array, maxItems: -1}").into_bytes(), Read(1, told(10, "a whole number that is not negative"))),
        ("maxItems 1e400", schema("3.0.3", "{type: array, maxItems: 1e400}").into_bytes(), Read(1, told(10, "1e400 does not fit 64 bits"))),
        ("example of the wrong type", schema("3.0.3", "{type: integer, example: many}").into_bytes(), Read(1, told(10, "the example is of type string where integer is declared"))),
        ("parameter without schema", parameters("        - {name: q, in: query}").into_bytes(), Read(1, told(7, "the parameter q has no schema"))),
        ("parameter without name", parameters("        - {in: query, schema: {}}").into_bytes(), Read(1, lost(7, "a parameter without a name"))),
        ("path parameter without place", parameters("        - {name: id, in: path, required: true, schema: {}}").into_bytes(), Read(1, told(5, "the path has no place for its parameter id"))),
        ("place without path parameter", good().replace("/a:", "/a/{id}:").into_bytes(), Read(1, told(5, "the path parameter id is not declared"))),
        ("braces that do not pair", good().replace("/a:", "'/a/{id':").into_bytes(), Read(1, told(4, "do not pair"))),
        ("unknown place", parameters("        - {name: q, in: moon, schema: {}}").into_bytes(), Read(1, lost(7, "the parameter is in moon"))),
        ("body parameter in 3.0", parameters("        - {name: q, in: body, schema: {}}").into_bytes(), Read(1, lost(7, "that is requestBody"))),
        ("server variable without default", format!("{}servers: [{{url: 'https://{{region}}.example.com/v1'}}]\n", good()).into_bytes(), Read(1, told(6, "the server variable region has no default"))),
        ("relative server", format!("{}servers: [{{url: ../v2/}}]\n", good()).into_bytes(), Read(1, vec![])),
        ("server with credentials", format!("{}servers: [{{url: 'https://me:pw@example.com/'}}]\n", good()).into_bytes(), Read(1, told(6, "the server URL holds credentials"))),
        ("server that is no URL", format!("{}servers: [{{url: 'http://[::1'}}]\n", good()).into_bytes(), Read(1, told(1, "is no URL"))),
        ("unknown security scheme", format!("{}security: [{{gone: []}}]\n", good()).into_bytes(), Read(1, told(5, "the security scheme gone is not declared"))),
        ("security scheme of unknown type", format!("{}components: {{securitySchemes: {{s: {{type: telepathy}}}}}}\n", good()).into_bytes(), Read(1, told(6, "a security scheme of an unknown type"))),
        ("operationId twice", item("  /a:\n    get: {operationId: x, responses: {'200': {description: ok}}}\n    put: {operationId: x, responses: {'200': {description: ok}}}").into_bytes(), Read(2, told(6, "the operationId x stands here again"))),
        ("operationId empty", good().replace("{responses", "{operationId: '', responses").into_bytes(), Read(1, told(5, "the operationId is empty"))),
        ("operationId with newline", good().replace("{responses", "{operationId: \"a/b\\n::error::x\", responses").into_bytes(), Read(1, told(5, "the operationId a/b ::error::x holds white space"))),
        ("callbacks", good().replace("{responses", "{callbacks: {done: {'{$request.body#/url}': {post: {}}}}, responses").into_bytes(), Read(1, vec![])),
        ("webhooks only", ring.replace("3.0.3", "3.1.0").replace("paths: {}", "webhooks: {done: {post: {}}}").into_bytes(), Read(0, vec![])),
        ("vendor extension of 10 MB", json(&format!(",\n  \"x-data\": \"{}\"", "x".repeat(10 << 20))).into_bytes(), Read(1, vec![])),
        ("keys that are no strings", good().replace("'200'", "200").into_bytes(), Read(1, vec![])),
        ("key that is a map", format!("{}? {{a: b}}\n: c\n", good()).into_bytes(), Read(1, told(6, "a key that is no scalar"))),
        ("2XX and default", good().replace("'200'", "default: {description: no}, 2xx").into_bytes(), Read(1, vec![])),
        ("unknown status", good().replace("'200'", "okay").into_bytes(), Read(1, vec![(5, "declares no response", false), (5, "okay is no response status", true)])),
        ("no responses", good().replace("responses: {'200': {description: ok}}", "").into_bytes(), Read(1, told(5, "declares no response"))),
        ("HAR", b"{\"log\": {\"version\": \"1.2\", \"entries\": []}}".to_vec(), Refused(Failure::NotOpenApi, Some(1), "HAR recording")),
        ("Postman", postman.as_bytes().to_vec(), Refused(Failure::NotOpenApi, Some(1), "Postman collection")),
        ("GraphQL", graphql.as_bytes().to_vec(), Refused(Failure::NotOpenApi, Some(1), "GraphQL schema")),
        ("WSDL", wsdl.as_bytes().to_vec(), Refused(Failure::NotOpenApi, Some(1), "WSDL document")),
        ("HTML", b"<!DOCTYPE html><html>".to_vec(), Refused(Failure::NotOpenApi, Some(1), "HTML page")),
        ("AsyncAPI", b"asyncapi: 2.0.0\nchannels: {}\n".to_vec(), Refused(Failure::NotOpenApi, Some(1), "AsyncAPI")),
        ("prose", b"Dear reader,\nthis is a letter.\n".to_vec(), Refused(Failure::NotOpenApi, Some(1), "a string, not a map")),
        ("Windows line ends", good().replace('\n', "\r\n").into_bytes(), Read(1, vec![])),
        ("emoji and RTL in a path", good().replace("/a:", "/🚢/\u{202e}שלום:").into_bytes(), Read(1, vec![])),
        ("flow style.yaml", b"{openapi: 3.0.0, paths: {/a: {get: {responses: {200: {description: ok}}}}}}".to_vec(), Read(1, vec![])),
    ];
    cases
}

/// Loads, and checks what holds for every document: the time, and that every message is one line with file and line.
fn load_in_time(name: &str, bytes: Vec<u8>) -> Result<Api, LoadError> {
    let started = Instant::now();
    let file = format!("/{name}");
    let result = load(&Source::Bytes { name: file.clone(), bytes }, &Options::default());
    // Unoptimised and on a busy machine things take longer than the 2 s that hold for the program.
    let limit = Duration::from_secs(if cfg!(debug_assertions) { 20 } else { 2 });
    assert!(started.elapsed() < limit, "{name}: {:?}", started.elapsed());
    let lines: Vec<String> = match &result {
        Ok(api) => api.diagnostics.iter().map(|diagnostic| api.describe(diagnostic)).collect(),
        Err(error) => vec![error.to_string()],
    };
    for line in &lines {
        assert!(line.starts_with(&format!("{file}:")), "{name}: {line}");
        assert!(!line.contains(char::is_control) && line.chars().count() < 900, "{name}: {line:?}");
    }
    result
}

#[test]
fn every_bad_document_ends_in_its_class() {
    let mut faults = Vec::new();
    for (name, bytes, outcome) in cases() {
        let result = load_in_time(name, bytes);
        match (&result, outcome) {
            (Err(error), Refused(failure, line, part)) => {
                if error.failure != failure || error.line != line || !error.to_string().contains(part) {
                    faults.push(format!("{name}: {error} ({:?})", error.failure));
                }
            }
            (Ok(api), Read(operations, diagnostics)) => {
                let found: Vec<_> =
                    api.diagnostics.iter().map(|d| (d.place.line, d.message.as_str(), d.fatal)).collect();
                let equal = found.len() == diagnostics.len()
                    && found.iter().zip(&diagnostics).all(|(found, wanted)| {
                        found.0 == Some(wanted.0) && found.1.contains(wanted.1) && found.2 == wanted.2
                    });
                if api.operations.len() != operations || !equal {
                    faults.push(format!("{name}: {} operations, {found:?}", api.operations.len()));
                }
            }
            (Ok(api), _) => faults.push(format!("{name}: read, {:?}", api.diagnostics)),
            (Err(error), _) => faults.push(format!("{name}: refused, {error} ({:?})", error.failure)),
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn what_can_be_saved_is_saved() {
    let mut documents: HashMap<_, _> = cases().into_iter().map(|(name, bytes, _)| (name, bytes)).collect();
    let mut find = |name: &'static str| load_in_time(name, documents.remove(name).unwrap()).unwrap();
    assert_eq!(find("path without slash").operations[0].key.path, "/a");
    assert_eq!(find("relative server").prefix, "/v2");
    assert_eq!(find("server with credentials").servers, ["https://example.com/"]);
    assert_eq!(find("server variable without default").prefix, "");
    assert_eq!(find("place without path parameter").operations[0].parameters[0].name, "id");
    assert_eq!(find("webhooks only").callbacks[0].0, "done");
    assert_eq!(find("callbacks").callbacks[0].0, "/paths/~1a/get/done");
    assert_eq!(find("2XX and default").operations[0].responses.keys().collect::<Vec<_>>(), ["2XX", "default"]);
    assert_eq!(find("keys that are no strings").operations[0].responses.keys().collect::<Vec<_>>(), ["200"]);
    let answer = find("schema false").operations[0].success_schema().unwrap().clone();
    assert!(answer.properties.is_empty());
    let answer = find("maxItems -1").operations[0].success_schema().unwrap().clone();
    assert_eq!(answer.max_items, None);
    let answer = find("enum of 1,000,000").operations[0].success_schema().unwrap().clone();
    assert_eq!(answer.values.len(), 10_000);
}

#[test]
fn schemas_that_grow_when_put_together_are_cut() {
    // 300 schemas, each of which holds all properties of the one before, 60,000 in the first.
    let properties: Vec<String> = (0..60_000).map(|n| format!("\"p{n}\":{{}}")).collect();
    let mut schemas = format!("\"S0\":{{\"properties\":{{{}}}}}", properties.join(","));
    for n in 1..300 {
        let before = n - 1;
        write!(schemas, ",\"S{n}\":{{\"allOf\":[{{\"$ref\":\"#/components/schemas/S{before}\"}},{{\"properties\":{{\"q{n}\":{{}}}}}}]}}").unwrap();
    }
    let operations: Vec<String> = (0..300)
        .map(|n| format!("\"/a{n}\":{{\"get\":{{\"responses\":{{\"200\":{{\"description\":\"\",\"content\":{{\"application/json\":{{\"schema\":{{\"$ref\":\"#/components/schemas/S{n}\"}}}}}}}}}}}}}}"))
        .collect();
    let text = format!(
        "{{\"openapi\":\"3.0.0\",\"paths\":{{{}}},\"components\":{{\"schemas\":{{{schemas}}}}}}}",
        operations.join(",")
    );
    let api = load_in_time("growing", text.into_bytes()).unwrap();
    assert_eq!(api.operations.len(), 300);
    assert!(api.diagnostics.iter().any(|d| d.fatal && d.message.contains("too large when put together")));
}

#[test]
fn a_long_chain_of_schemas_is_cut() {
    let mut schemas = String::new();
    for n in 0..20_000 {
        let next = n + 1;
        write!(schemas, "\"S{n}\":{{\"items\":{{\"$ref\":\"#/components/schemas/S{next}\"}}}},").unwrap();
    }
    // From the end to the beginning, so that each finds the one below it already built.
    let operations: Vec<String> = (0..20_000)
        .rev()
        .map(|n| format!("\"/a{n}\":{{\"get\":{{\"responses\":{{\"200\":{{\"description\":\"\",\"content\":{{\"a/json\":{{\"schema\":{{\"$ref\":\"#/components/schemas/S{n}\"}}}}}}}}}}}}}}"))
        .collect();
    let text = format!(
        "{{\"openapi\":\"3.0.0\",\"paths\":{{{}}},\"components\":{{\"schemas\":{{{schemas}\"S20000\":{{\"type\":\"string\"}}}}}}}}",
        operations.join(",")
    );
    let api = load_in_time("chain", text.into_bytes()).unwrap();
    assert_eq!(api.operations.len(), 20_000);
    for operation in &api.operations {
        let mut schema = operation.success_schema().unwrap().clone();
        let mut height = 0;
        while let Some(items) = schema.items.clone() {
            schema = items;
            height += 1;
        }
        assert!(height <= 130, "{height}");
    }
}

/// Small documents that would be huge if every use of a shared part were written out.
#[test]
fn shared_parts_do_not_multiply() {
    let paths =
        |count: usize, item: &str| (0..count).map(|n| format!("\"/p{n}\":{item}")).collect::<Vec<_>>().join(",");
    let long = "x".repeat(1 << 20);
    let many = |count: usize, part: &str| vec![part; count].join(",");
    let parameters = (0..5_000)
        .map(|n| format!("{{\"name\":\"q{n}\",\"in\":\"query\",\"schema\":{{}}}}"))
        .collect::<Vec<_>>()
        .join(",");
    let templates: String = (0..100_000).fold(String::new(), |out, n| out + &format!("/{{v{n}}}"));
    let documents = [
        // One path item with 5,000 parameters, used 10,000 times.
        (
            "items",
            format!(
                "{},\"/x\":{{\"parameters\":[{parameters}],\"get\":{{}},\"put\":{{}}}}",
                paths(10_000, "{\"$ref\":\"#/paths/~1x\"}")
            ),
            String::new(),
        ),
        // A description of 1 MB, used 10,000 times.
        (
            "texts",
            paths(10_000, "{\"get\":{\"parameters\":[{\"$ref\":\"#/x-p\"}]}}"),
            format!(",\"x-p\":{{\"name\":\"q\",\"in\":\"query\",\"description\":\"{long}\"}}"),
        ),
        // An example of 100,000 values, used 10,000 times.
        (
            "examples",
            paths(
                10_000,
                "{\"get\":{\"parameters\":[{\"name\":\"q\",\"in\":\"query\",\"schema\":{\"$ref\":\"#/x-s\"}}]}}",
            ),
            format!(",\"x-s\":{{\"example\":[{}]}}", many(100_000, "1")),
        ),
        // A key of 1 MB above 100,000 schemas.
        (
            "pointers",
            format!(
                "\"/a\":{{\"get\":{{\"responses\":{{\"200\":{{\"description\":\"\",\"content\":{{\"{long}\":{{\"schema\":{{\"oneOf\":[{}]}}}}}}}}}}}}}}",
                many(100_000, "{}")
            ),
            String::new(),
        ),
        // 100,000 parameters in one path.
        ("templates", format!("\"{templates}\":{{\"get\":{{}},\"put\":{{}},\"post\":{{}}}}"), String::new()),
        // 2,000 security alternatives for each of 10,000 operations.
        ("security", paths(10_000, "{\"get\":{}}"), format!(",\"security\":[{}]", many(2_000, "{\"a\":[],\"b\":[]}"))),
        // 200 targets within each other around 100,000 references.
        (
            "rings",
            paths(200, "{}"),
            format!(
                ",\"x-r\":{}{}{}",
                "{\"a\":".repeat(200),
                format_args!(
                    "[{}]",
                    (0..100_000)
                        .map(|n| format!("{{\"$ref\":\"#/x-r{}\"}}", "/a".repeat(n % 200)))
                        .collect::<Vec<_>>()
                        .join(",")
                ),
                "}".repeat(200)
            ),
        ),
    ];
    for (name, paths, rest) in documents {
        let text = format!("{{\"openapi\":\"3.0.0\",\"paths\":{{{paths}}}{rest}}}");
        let api = load_in_time(name, text.into_bytes()).unwrap();
        assert!(!api.operations.is_empty() || name == "rings", "{name}");
    }
}
