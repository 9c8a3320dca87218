//! The configuration as a person would write it: short, and every line with its reason.

use std::fmt::Write;

use super::survey::{Emulation, Known};

/// The text of `plimsoll.toml`.
pub(super) fn config(known: &Known) -> String {
    let mut out = String::from(
        "# What Plimsoll knows about this project. `plimsoll check` reads it, and so do `audit`, `scan`, `code` and `memory`.\n\
         # Paths are relative to this file; $NAME is filled in from the environment and never written into a report.\n",
    );
    target(known, &mut out);
    memory(known, &mut out);
    if let Some(emulation) = &known.emulation {
        emulator(emulation, &mut out);
    }
    out.push_str("\n[gate]\n# The least severity that fails a run: critical, high, medium, low, info or never.\nfail_on = \"medium\"\n");
    out
}

fn target(known: &Known, out: &mut String) {
    out.push_str("\n[target]\n");
    match &known.start {
        Some(start) => {
            let _ = writeln!(out, "# Where the command below answers.\nurl = \"http://127.0.0.1:{}\"", start.port);
        }
        None => out.push_str("# Where the running application answers.\n# url = \"http://127.0.0.1:8000\"\n"),
    }
    match &known.contract {
        Some(path) => {
            let _ = writeln!(out, "contract = {}", text(path));
        }
        None => out.push_str("# An OpenAPI document on disk; without one, the usual places of the application are tried.\n# contract = \"openapi.yaml\"\n"),
    }
    if let Some((what, place)) = &known.guard {
        let _ =
            writeln!(out, "# {what} asks for credentials ({place}).\n# headers = [\"Authorization: Bearer $TOKEN\"]");
    }
}

fn memory(known: &Known, out: &mut String) {
    out.push_str("\n[memory]\n");
    let Some(start) = &known.start else {
        out.push_str("# The command that starts the application on this machine, its words one by one.\n# command = [\"uvicorn\", \"shop.main:app\"]\n");
        return;
    };
    let from = start
        .place
        .as_ref()
        .map_or("a guess: no file of the project says how it is started".to_owned(), |place| format!("from {place}"));
    let _ = writeln!(out, "# How the application is started here ({from}).\ncommand = {}", list(&start.command));
    if !start.cwd.is_empty() {
        let _ = writeln!(out, "cwd = {}", text(&start.cwd));
    }
    if !known.wanted.is_empty() {
        out.push_str("# The application does not start without these; set them before, or name what they are here.\n");
        for (name, place) in &known.wanted {
            let _ = writeln!(out, "#   {name} = \"${name}\"  ({place})");
        }
    }
    let mut env = start.env.clone();
    env.extend(known.env.clone());
    if !env.is_empty() {
        let pairs: Vec<String> = env.iter().map(|(name, value)| format!("{} = {}", key(name), text(value))).collect();
        let _ = writeln!(out, "env = {{ {} }}", pairs.join(", "));
    }
}

fn emulator(emulation: &Emulation, out: &mut String) {
    out.push_str("\n[emulator]\n");
    let off = if emulation.sure { "" } else { "# " };
    if emulation.sure {
        let _ = writeln!(out, "# A DynamoDB of our own instead of the real one: {}.", emulation.why);
    } else {
        out.push_str("# Whether the application may run against a DynamoDB emulator.\n");
    }
    let _ = writeln!(out, "{off}dynamodb = true");
    if !emulation.seed.is_empty() {
        let _ = writeln!(out, "{off}seed = {}", list(&emulation.seed));
    }
    if let Some(name) = &emulation.endpoint_variable {
        let _ = writeln!(out, "{off}endpoint_variable = {}", text(name));
    }
}

fn text(text: &str) -> String {
    toml::Value::from(text).to_string()
}

fn list(words: &[String]) -> String {
    let words: Vec<String> = words.iter().map(|word| text(word)).collect();
    format!("[{}]", words.join(", "))
}

/// A key, in quotes where it is no plain word.
fn key(name: &str) -> String {
    let is_plain =
        !name.is_empty() && name.chars().all(|char| char.is_ascii_alphanumeric() || char == '_' || char == '-');
    if is_plain { name.to_owned() } else { text(name) }
}
