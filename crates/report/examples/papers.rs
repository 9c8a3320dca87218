//! Writes the reports of the tests in every form that is text to a folder, for the tools of others that judge them (`dev/validators`).
//!
//!     cargo run -q -p plimsoll-report --example papers -- FOLDER

use std::error::Error;
use std::fs;
use std::path::Path;

use plimsoll_model::Report;
use plimsoll_report::{Root, csv, defectdojo, github, gitlab, har, json, junit, markdown, openvex, sarif};

#[path = "../tests/fixture/mod.rs"]
mod fixture;

fn main() -> Result<(), Box<dyn Error>> {
    let folder = std::env::args().nth(1).ok_or("name a folder")?;
    let mut one = fixture::shop();
    one.findings.truncate(1);
    one.issues.truncate(1);
    let reports = [
        ("none", fixture::clean()),
        ("one", one),
        ("many", fixture::large(30_000, 30_000)),
        ("shop", fixture::shop()),
        ("memory", fixture::memory()),
        ("joined", fixture::joined()),
        ("partial", fixture::partial()),
        ("incomplete", fixture::incomplete()),
        ("hostile", fixture::hostile()),
        ("hostile-joined", fixture::hostile_joined()),
        ("hostile-memory", fixture::hostile_memory()),
    ];
    for (name, report) in reports {
        write(&Path::new(&folder).join(name), &report)?;
    }
    Ok(())
}

fn write(folder: &Path, report: &Report) -> Result<(), Box<dyn Error>> {
    fs::create_dir_all(folder)?;
    let root = Root::new("/repository", "/repository/services/shop");
    for (name, text) in [
        ("report.json", json::render(report)?),
        ("report.md", markdown::render(report)),
        ("report.sarif", sarif::render(report, &root).text),
        ("report.junit.xml", junit::render(report, &root)),
        ("report.csv", csv::render(report, &root)),
        ("report.har", har::render(report)),
        ("gl-dast-report.json", gitlab::dast::render(report, &root)),
        ("gl-sast-report.json", gitlab::sast::render(report, &root)),
        ("gl-code-quality-report.json", gitlab::code_quality::render(report, &root)),
        ("annotations.txt", github::annotations::render(report, &root).text),
        ("summary.md", github::summary::render(report).text),
        ("comment.md", github::comment::render(report).text),
        ("defectdojo.json", defectdojo::render(report, &root)),
        ("report.vex.json", openvex::render(report)),
    ] {
        fs::write(folder.join(name), text)?;
    }
    Ok(())
}
