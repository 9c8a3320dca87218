//! What the evaluator costs and knows, over all that a path holds: `values {build|calls|callees|params} PATH`, and what it says of the receivers of
//! calls by name: `values scan,query PATH`. CPU time is for the caller to take.

#![expect(clippy::print_stdout, reason = "an example prints what it finds")]

use std::collections::BTreeMap;
use std::path::PathBuf;

use plimsoll_code::program::{Program, Scope};
use plimsoll_code::project::{Project, walk};
use plimsoll_code::values::{Value, Values};

fn main() {
    let mut args = std::env::args().skip(1);
    let (Some(stage), Some(path)) = (args.next(), args.next()) else {
        eprintln!("values {{build|calls|callees|params|NAME,NAME…}} PATH");
        std::process::exit(2);
    };
    let path = PathBuf::from(path);
    let walked = walk::walk(std::slice::from_ref(&path), &path).expect("the path can be read");
    let project = Project::of(walked);
    let mut known = 0;
    let mut all = 0;
    let mut told: BTreeMap<String, usize> = BTreeMap::new();
    for group in &project.groups {
        let loaded = project.load(group);
        let program = Program::build(loaded.names, loaded.modules);
        if stage == "build" {
            continue;
        }
        let values = Values::new(&program);
        match stage.as_str() {
            "calls" => {
                for site in program.modules.iter().flat_map(|module| &module.sites.calls) {
                    let found = values.eval(site.at);
                    all += 1;
                    known += usize::from(!found.is_empty());
                    for value in found {
                        if let Value::Object(id) = value {
                            let kind = format!("{:?}", values.object(*id).kind);
                            let kind = kind.split([' ', '(']).next().unwrap_or_default().to_owned();
                            *told.entry(kind).or_default() += 1;
                        }
                    }
                }
            }
            "callees" => {
                let scopes = program.functions().map(|(id, _)| Scope::Function(id));
                for scope in scopes.chain(program.modules.iter().map(|module| Scope::Module(module.id))) {
                    all += 1;
                    known += values.callees(scope).len();
                }
            }
            "params" => {
                for (function, declared) in program.functions() {
                    for n in 0..declared.params.len() {
                        all += 1;
                        known += usize::from(!values.param(function, n).is_empty());
                    }
                }
            }
            names => {
                for site in names.split(',').flat_map(|name| program.calls_named(name)) {
                    let Some(receiver) = program.receiver(site.at) else { continue };
                    let line = loaded.lines[site.at.module.0 as usize].line(program.expr(site.at).span.start);
                    let words: Vec<String> = values.eval(receiver).iter().map(|value| word(&values, *value)).collect();
                    let path = &program.module(site.at.module).path;
                    println!(
                        "{path}:{line} {} {}",
                        program.text(site.name.expect("it has the name")),
                        words.join(" | ")
                    );
                }
            }
        }
    }
    eprintln!("{known} of {all}");
    for (kind, count) in told {
        eprintln!("{count:8} {kind}");
    }
}

fn word(values: &Values<'_>, value: Value) -> String {
    match value {
        Value::Object(id) => format!("{:?} {:?}", values.object(id).kind, values.object(id).how),
        other => format!("{other:?}"),
    }
}
