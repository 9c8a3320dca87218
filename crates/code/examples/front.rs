//! What the front end costs, stage by stage: `front {walk|parse|open|load} PATH`. CPU time is for the caller to take.

use std::path::PathBuf;

use plimsoll_code::project::{Project, walk};
use plimsoll_code::python;
use rayon::prelude::*;

fn main() {
    let mut args = std::env::args().skip(1);
    let (Some(stage), Some(path)) = (args.next(), args.next()) else {
        eprintln!("front {{walk|parse|open|load}} PATH");
        std::process::exit(2);
    };
    let path = PathBuf::from(path);
    let walked = walk::walk(&[path.clone()], &path).expect("the path can be read");
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
    if stage == "load" {
        let mut exprs = 0;
        for group in &project.groups {
            let loaded = project.load(group);
            exprs += loaded.modules.iter().map(|m| m.tree.expr_count()).sum::<usize>();
        }
        eprintln!("{exprs} expressions");
    }
}
