//! The terminal and JSON reports of one fixture, as they were reviewed: a change shows as a difference.
//!
//! `INSTA_UPDATE=always cargo nextest run -p plimsoll-report` writes them again; read the difference before it is committed.

mod fixture;

use plimsoll_report::{Paint, json, markdown, terminal};

const WIDE: terminal::Options = terminal::Options { paint: Paint(true), width: 120, detailed: usize::MAX, info: true };

#[test]
fn terminal_plain_at_80_columns() {
    let text = terminal::render(&fixture::shop(), terminal::Options::PLAIN);
    assert!(!text.contains('\u{1b}'), "no escape without colour");
    insta::assert_snapshot!(text);
}

#[test]
fn terminal_in_colour_with_everything() {
    insta::assert_snapshot!(terminal::render(&fixture::shop(), WIDE));
}

#[test]
fn terminal_when_nothing_was_found() {
    insta::assert_snapshot!(terminal::render(&fixture::clean(), terminal::Options::PLAIN));
}

#[test]
fn terminal_when_the_run_is_incomplete() {
    let text = terminal::render(&fixture::incomplete(), terminal::Options::PLAIN);
    assert!(text.contains("INCOMPLETE"));
    insta::assert_snapshot!(text);
}

#[test]
fn terminal_of_a_measurement_of_memory() {
    insta::assert_snapshot!("memory_at_80_columns", terminal::render(&fixture::memory(), terminal::Options::PLAIN));
    let wide = terminal::Options { width: 110, ..terminal::Options::PLAIN };
    insta::assert_snapshot!("memory_at_110_columns", terminal::render(&fixture::memory(), wide));
}

#[test]
fn terminal_of_what_was_joined() {
    for width in [60, 80, 140] {
        let options = terminal::Options { width, ..terminal::Options::PLAIN };
        let text = terminal::render(&fixture::joined(), options);
        insta::assert_snapshot!(format!("joined_at_{width}_columns"), text);
    }
    insta::assert_snapshot!("joined_in_colour_with_everything", terminal::render(&fixture::joined(), WIDE));
    insta::assert_snapshot!("partial_at_80_columns", terminal::render(&fixture::partial(), terminal::Options::PLAIN));
}

#[test]
fn lines_keep_to_every_width() {
    for width in [60, 72, 80, 100, 120, 140] {
        let options = terminal::Options { width, detailed: 2, ..terminal::Options::PLAIN };
        let text = [fixture::joined(), fixture::partial(), fixture::memory()]
            .map(|report| terminal::render(&report, options))
            .concat();
        // A curl command stays on one line, so that it can be copied.
        let too_long = |line: &&str| line.chars().count() > width && !line.contains("curl ");
        let long: Vec<&str> = text.lines().filter(too_long).collect();
        assert_eq!(long, Vec::<&str>::new(), "{width} columns");
    }
}

#[test]
fn markdown_of_a_measurement_of_memory() {
    insta::assert_snapshot!(markdown::render(&fixture::memory()));
    let hostile = markdown::render(&fixture::hostile_memory());
    for bad in ["<script", "<img", "](javascript", "\u{1b}", "\u{202e}"] {
        // What is escaped is text.
        let outside = hostile.split('`').step_by(2).collect::<String>().replace("\\]", "");
        assert!(!outside.contains(bad), "{bad}: {outside}");
    }
}

#[test]
fn prose_keeps_to_the_width() {
    let text =
        [fixture::shop(), fixture::memory()].map(|report| terminal::render(&report, terminal::Options::PLAIN)).concat();
    // A curl command stays on one line, so that it can be copied; a URL or path has no place to break.
    let too_long = |line: &&str| line.chars().count() > 80 && !line.contains("curl ") && line.trim().contains(' ');
    let long: Vec<&str> = text.lines().filter(too_long).collect();
    assert_eq!(long, Vec::<&str>::new());
}

#[test]
fn a_large_report_names_what_to_fix_first() {
    let text = terminal::render(&fixture::large(1_000, 500), terminal::Options::PLAIN);
    let detailed = text.matches("plimsoll explain ").count();
    assert_eq!(detailed, 5);
    assert!(text.lines().count() < 1_000, "{} lines", text.lines().count());
    let huge = terminal::render(&fixture::large(100, 30_000), terminal::Options::PLAIN);
    assert!(
        huge.lines().count() < 1_000 && huge.contains("issues more: --all shows them"),
        "{} lines",
        huge.lines().count()
    );
}

#[test]
fn nothing_of_a_hostile_target_reaches_the_terminal_raw() {
    let text = [fixture::hostile(), fixture::hostile_memory(), fixture::hostile_joined()]
        .map(|report| terminal::render(&report, WIDE))
        .concat();
    let escapes_of_ours = [
        "\u{1b}[0m",
        "\u{1b}[1m",
        "\u{1b}[2m",
        "\u{1b}[31m",
        "\u{1b}[1;31m",
        "\u{1b}[33m",
        "\u{1b}[32m",
        "\u{1b}[34m",
        "\u{1b}[36m",
    ];
    let mut rest = text;
    for escape in escapes_of_ours {
        rest = rest.replace(escape, "");
    }
    let harmful: Vec<char> =
        rest.chars().filter(|c| c.is_control() && *c != '\n' || ('\u{202a}'..='\u{202e}').contains(c)).collect();
    assert_eq!(harmful, Vec::<char>::new());
}

#[test]
fn json_is_as_published() {
    let text = json::render(&fixture::shop()).unwrap();
    insta::assert_snapshot!(text);
}

#[test]
fn json_keeps_to_its_schema_and_reads_back() {
    let schema = serde_json::to_value(json::schema()).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    for report in [
        fixture::shop(),
        fixture::clean(),
        fixture::incomplete(),
        fixture::hostile(),
        fixture::memory(),
        fixture::joined(),
        fixture::partial(),
        fixture::hostile_joined(),
    ] {
        let value = serde_json::to_value(&report).unwrap();
        let errors: Vec<String> = validator.iter_errors(&value).map(|error| error.to_string()).collect();
        assert_eq!(errors, Vec::<String>::new());
        assert_eq!(serde_json::from_value::<plimsoll_model::Report>(value).unwrap(), report);
    }
    let broken = serde_json::json!({"schema": "plimsoll.report/1", "findings": "none"});
    assert!(!validator.is_valid(&broken), "the schema refuses what is no report");
}
