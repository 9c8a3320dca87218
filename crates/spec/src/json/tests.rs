//! The reader against serde_json: the same values, and nothing accepted in silence that serde_json refuses.

use proptest::prelude::*;
use serde_json::Value;

use super::*;

fn read(text: &str) -> Result<(Node, Vec<Remark>), Stop> {
    let mut remarks = Vec::new();
    parse(text, &Limits::default(), &mut 1_000_000, &mut remarks).map(|node| (node, remarks))
}

/// What serde_json accepts is accepted with the same value; what it refuses is refused or remarked upon.
fn agrees(text: &str) {
    match (serde_json::from_str::<Value>(text), read(text)) {
        (Ok(theirs), Ok((ours, remarks))) => {
            assert!(same(&theirs, &ours.to_value()), "{text}");
            let odd = remarks.iter().filter(|remark| !remark.message.contains("stands here again")).count();
            assert_eq!(odd, 0, "{text}: {remarks:?}");
        }
        (Ok(_), Err(stop)) => panic!("refused {text}: {stop}"),
        (Err(_), Ok((_, remarks))) => assert!(!remarks.is_empty(), "accepted {text}"),
        (Err(_), Err(_)) => {}
    }
}

/// Equal but for the last bit of a float, which serde_json may get wrong.
fn same(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Number(a), Value::Number(b)) if a.is_f64() && b.is_f64() => {
            let (a, b) = (a.as_f64().unwrap(), b.as_f64().unwrap());
            (a - b).abs() <= a.abs() * 1e-12
        }
        (Value::Array(a), Value::Array(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b)),
        (Value::Object(a), Value::Object(b)) => {
            a.len() == b.len() && a.iter().all(|(key, a)| b.get(key).is_some_and(|b| same(a, b)))
        }
        _ => a == b,
    }
}

#[test]
fn agrees_on_the_corners_of_the_grammar() {
    for text in [
        "0",
        "-0",
        "-",
        "01",
        "1.",
        ".5",
        "1e5",
        "1E+5",
        "1e",
        "-1.5e-3",
        "18446744073709551615",
        "18446744073709551616",
        "-9223372036854775808",
        "-9223372036854775809",
        "1e309",
        "null",
        "nul",
        "true1",
        "True",
        "\"\"",
        "\"\\u00e9\"",
        "\"\\ud83d\\udea2\"",
        "\"\\ud83d\"",
        "\"\\ud83dx\"",
        "\"\\udea2\"",
        "\"\\ud83d\\u0041\"",
        "\"\\x\"",
        "\"\\u12g4\"",
        "\"\t\"",
        "\"\u{7f}\"",
        "\"",
        "[",
        "[]",
        "[1,]",
        "[,]",
        "[1 2]",
        "{}",
        "{,}",
        "{\"a\":1,}",
        "{\"a\" 1}",
        "{a:1}",
        "{\"a\":1,\"a\":2}",
        "{\"a\":}",
        "[1]x",
        "/**/1",
        "1//x",
        "[/*",
        "\u{feff}1",
        "[1,\n2]",
        "é",
    ] {
        agrees(text);
    }
}

#[test]
fn lines_are_those_of_the_keys() {
    let (root, _) = read("{\n \"a\":\n  [1,\n   {\"b\": 2}],\r\n \"c\": \"x\"}").unwrap();
    let a = root.child("a").unwrap();
    let items = a.list().unwrap();
    let b = items[1].child("b").unwrap();
    assert_eq!((root.line, a.line, items[0].line, items[1].line, b.line), (1, 2, 3, 4, 4));
    assert_eq!(root.child("c").unwrap().line, 5);
}

#[test]
fn errors_say_line_and_column() {
    let stop = read("{\n  \"é\": [1,\n   x]}").unwrap_err();
    assert_eq!((stop.line, stop.column), (3, Some(4)));
    assert!(stop.what.contains("the word x"));
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn agrees_with_serde_json(text in "[\\[\\]{}:,\"\\\\u0-9a-f.eE+\\- \ntrlsn]{0,24}") {
        agrees(&text);
    }

    #[test]
    fn reads_what_serde_json_writes(words in prop::collection::vec(("\\PC{0,8}", any::<f64>(), any::<i64>(), any::<bool>()), 0..8)) {
        agrees(&serde_json::to_string_pretty(&words).unwrap());
    }
}
