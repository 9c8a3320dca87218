//! Which scopes can go through pages at all: those that read, and those that call generators and helpers that do.

use rustc_hash::FxHashSet;

use crate::program::{ExitKind, Scope};
use crate::rules::Cx;
use crate::rules::reads::pages::source;
use crate::rules::reads::read::reads;

/// How many calls away from the read pages are followed.
const ROUNDS: u8 = 3;

/// Whether the program reads DynamoDB, or pages of another store, at all.
pub fn any(cx: &Cx<'_>) -> bool {
    let pages = || cx.program.calls_named("paginate").any(|site| source(cx, site.at).is_some());
    let models = || {
        ["scan", "query", "batch_get"]
            .into_iter()
            .any(|name| cx.program.calls_named(name).any(|site| source(cx, site.at).is_some()))
    };
    !reads(cx).is_empty() || pages() || models()
}

/// The scopes in which pages or rows of a read are iterated, in the order of modules and source.
pub fn reading(cx: &Cx<'_>) -> Vec<Scope> {
    let program = cx.program;
    if !cx.reads() {
        return Vec::new();
    }
    let mut seen: FxHashSet<Scope> = FxHashSet::default();
    let mut frontier: Vec<Scope> = reads(cx).into_iter().map(|read| read.scope).collect();
    for name in ["paginate", "get_paginator"] {
        frontier.extend(program.calls_named(name).map(|site| site.scope));
    }
    for name in ["scan", "query", "batch_get"] {
        frontier.extend(program.calls_named(name).map(|site| site.scope));
    }
    frontier.retain(|scope| seen.insert(*scope));
    for _ in 0..ROUNDS {
        let mut next = Vec::new();
        for function in frontier.iter().filter_map(|scope| scope.function()) {
            let hands_on = program.function(function).is_generator
                || program.exits(function).iter().any(|exit| {
                    exit.kind == ExitKind::Return
                        && exit.value.is_some_and(|value| source(cx, function.module.expr(value)).is_some())
                });
            if hands_on {
                next.extend(program.calls_of(Some(program.function(function).name)).map(|site| site.scope));
            }
        }
        next.retain(|scope| seen.insert(*scope));
        frontier = next;
    }
    let mut found: Vec<Scope> = seen.into_iter().collect();
    found.sort_by_key(|scope| (scope.module(), start(cx, *scope)));
    found
}

fn start(cx: &Cx<'_>, scope: Scope) -> u32 {
    match scope {
        Scope::Module(_) => 0,
        Scope::Function(function) => cx.program.function(function).span.start,
        Scope::Class(class) => cx.program.class(class).span.start,
    }
}
