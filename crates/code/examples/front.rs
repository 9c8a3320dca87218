//! What each stage costs: `front {walk|parse|open|load|build|analyse} PATH`, `front edit PATH FILE`, `front damage PATH`. CPU time is for the caller to take.

use std::path::PathBuf;

use plimsoll_code::project::{Project, walk};
use plimsoll_code::python;
use rayon::prelude::*;

fn main() {
    let mut args = std::env::args().skip(1);
    let (Some(stage), Some(path)) = (args.next(), args.next()) else {
        eprintln!("front {{walk|parse|open|load|build|analyse|edit}} PATH [FILE]");
        std::process::exit(2);
    };
    let path = PathBuf::from(path);
    let walked = walk::walk(std::slice::from_ref(&path), &path).expect("the path can be read");
    eprintln!("{} files", walked.entries.len());
    if stage == "parse" {
        let errors: usize =
            walked.entries.par_iter().filter_map(|e| e.read().ok().map(|s| python::parse_only(&s.text, e.kind))).sum();
        eprintln!("{errors} errors");
        return;
    }
    if stage == "walk" {
        return;
    }
    if stage == "edit" {
        let file = PathBuf::from(args.next().expect("a file"));
        let options = plimsoll_code::Options { base: path.clone(), ..Default::default() };
        let mut session = plimsoll_code::session::Session::open(vec![path], options).expect("the path can be read");
        let text = std::fs::read_to_string(&file).expect("the file can be read");
        for n in 0..6 {
            let start = std::time::Instant::now();
            session.edited(&file, format!("{text}\n# {n}\n")).expect("the path can be read");
            let findings = session.analysis().findings.len();
            eprintln!("edit {n}: {:.1} ms, {findings} findings", start.elapsed().as_secs_f64() * 1e3);
        }
        return;
    }
    if stage == "damage" {
        damage(&walked);
        return;
    }
    if stage == "analyse" {
        let options = plimsoll_code::Options { base: path.clone(), ..Default::default() };
        let analysis = plimsoll_code::analysis::analyse_walked(walked, &options);
        eprintln!("{} findings, {} routes, {:?}", analysis.findings.len(), analysis.routes.len(), analysis.coverage);
        return;
    }
    let project = Project::of(walked);
    let kept: usize = project.groups.iter().map(Vec::len).sum();
    let bytes = |g: &Vec<u32>| g.iter().map(|f| u64::from(project.files[*f as usize].bytes)).sum::<u64>();
    let mut sizes: Vec<_> =
        project.groups.iter().map(|g| (bytes(g), g.len(), &project.files[g[0] as usize].path)).collect();
    sizes.sort();
    eprintln!("{} groups, {kept} files kept, {} bytes", sizes.len(), sizes.iter().map(|s| s.0).sum::<u64>());
    for size in sizes.iter().rev().take(12) {
        eprintln!("{size:?}");
    }
    if stage == "load" || stage == "build" {
        let mut exprs = 0;
        for group in &project.groups {
            let loaded = project.load(group);
            if stage == "build" {
                let program = plimsoll_code::program::Program::build(loaded.names, loaded.modules);
                exprs += program.modules.len();
                continue;
            }
            exprs += loaded.modules.iter().map(|m| m.tree.expr_count()).sum::<usize>();
        }
        eprintln!("{exprs} expressions");
    }
}

/// How many definitions are still seen when the first 300 files are each damaged once in the middle.
fn damage(walked: &walk::Walked) {
    let texts: Vec<String> =
        walked.entries.iter().take(300).filter_map(|entry| entry.read().ok().map(|source| source.text)).collect();
    let names = plimsoll_code::names::Names::default();
    let count = |text: &str| {
        python::read(&names, text, python::FileKind::Source)
            .tree
            .functions()
            .filter(|(_, f)| names.text(f.name) != "<lambda>")
            .count()
    };
    let middle = |text: &str, what: &str| {
        let half = text.floor_char_boundary(text.len() / 2);
        text[half..].find(what).map(|at| half + at)
    };
    let without = |text: &str, what: &str| match middle(text, what) {
        Some(at) => format!("{}{}", &text[..at], &text[at + what.len()..]),
        None => text.to_owned(),
    };
    let conflict = |text: &str| match middle(text, "\n") {
        Some(at) => format!("{}\n<<<<<<< HEAD\n=======\n>>>>>>> other{}", &text[..at], &text[at..]),
        None => text.to_owned(),
    };
    let intact: usize = texts.iter().map(|text| count(text)).sum();
    let damages = [
        ("one `)` deleted", texts.iter().map(|text| without(text, ")")).collect::<Vec<_>>()),
        ("one `:` deleted", texts.iter().map(|text| without(text, ":")).collect()),
        ("merge conflict", texts.iter().map(|text| conflict(text)).collect()),
    ];
    for (name, damaged) in damages {
        let kept: usize = texts.iter().zip(&damaged).map(|(text, damaged)| count(text).min(count(damaged))).sum();
        eprintln!("{name}: {intact} definitions, {kept} kept");
    }
}
