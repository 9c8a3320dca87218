//! Reads of DynamoDB: which calls scan or query, and what their answers are called. A call on something unknown counts where its arguments are those of
//! DynamoDB; a call on something that is known to be something else never does.

use crate::program::{ExprAt, Program, Scope};
use crate::rules::Cx;
use crate::rules::look::{Body, Keyed, asked, call_name, kinds, text, unwrapped};
use crate::syntax::{ExprId, ExprKind, StmtId, StmtKind, Sym};
use crate::values::Kind;

/// Which read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Op {
    /// The whole table, or an index.
    Scan,
    /// One partition.
    Query,
    /// Another operation that pages, of DynamoDB or of another service.
    Other,
}

impl Op {
    /// By the name of the operation.
    pub fn named(name: &str) -> Self {
        match name {
            "scan" => Self::Scan,
            "query" => Self::Query,
            _ => Self::Other,
        }
    }

    /// How people call what it reads.
    pub fn noun(self) -> &'static str {
        match self {
            Self::Scan => "the table",
            Self::Query => "the partition",
            Self::Other => "what is listed",
        }
    }

    /// How people call it.
    pub fn verb(self) -> &'static str {
        match self {
            Self::Scan => "scan",
            Self::Query => "query",
            Self::Other => "listing",
        }
    }
}

/// A call that reads one page.
#[derive(Clone, Copy, Debug)]
pub struct Read {
    /// The call.
    pub call: ExprAt,
    /// Where it is executed.
    pub scope: Scope,
    /// Its statement.
    pub stmt: StmtId,
    /// Which read.
    pub op: Op,
}

/// Keywords that only reads of DynamoDB take.
const KEYWORDS: &[&str] = &[
    "TableName",
    "KeyConditionExpression",
    "FilterExpression",
    "ProjectionExpression",
    "ExclusiveStartKey",
    "ExpressionAttributeValues",
    "ExpressionAttributeNames",
    "Segment",
    "TotalSegments",
    "IndexName",
    "ScanIndexForward",
    "ConsistentRead",
];

/// Every call that scans or queries DynamoDB for one page.
pub fn reads(cx: &Cx<'_>) -> Vec<Read> {
    let sites =
        ["scan", "query"].into_iter().flat_map(|name| cx.program.calls_named(name).map(move |site| (name, site)));
    sites
        .filter(|(_, site)| is_read(cx, site.at))
        .map(|(name, site)| Read { call: site.at, scope: site.scope, stmt: site.stmt, op: Op::named(name) })
        .collect()
}

/// The read that a call is, if it is one.
pub fn read_of(cx: &Cx<'_>, call: ExprAt, scope: Scope) -> Option<Read> {
    let op = match call_name(cx.program, call)? {
        "scan" => Op::Scan,
        "query" => Op::Query,
        _ => return None,
    };
    let stmt = cx.program.module(call.module).links.stmt_of(call.expr)?;
    is_read(cx, call).then_some(Read { call, scope, stmt, op })
}

fn is_read(cx: &Cx<'_>, call: ExprAt) -> bool {
    let Some(receiver) = cx.program.receiver(call) else { return false };
    match kinds::store(cx, receiver) {
        kinds::Store::Yes => true,
        kinds::Store::No => false,
        kinds::Store::Unknown => looks_like_read(cx.program, call),
    }
}

fn looks_like_read(program: &Program, call: ExprAt) -> bool {
    let Some((_, args)) = program.call(call) else { return false };
    let known = |keyword: Sym| KEYWORDS.contains(&program.text(keyword));
    if args.iter().any(|arg| arg.keyword.is_some_and(known)) {
        return true;
    }
    // Options that are put together elsewhere: then the answer tells.
    let only_options = args.iter().all(|arg| arg.double_star || arg.keyword.is_some());
    only_options && answered_like_read(program, call)
}

fn answered_like_read(program: &Program, call: ExprAt) -> bool {
    let is_ours = |key: &str| matches!(key, "Items" | "LastEvaluatedKey" | "ScannedCount");
    if asked(program, call).is_some_and(|(_, key, _)| is_ours(key)) {
        return true;
    }
    let Some(name) = bound_name(program, call) else { return false };
    let scope = program.scope_of(call);
    let body = Body::of(program, scope);
    body.reads(name).iter().any(|&read| asked(program, call.beside(read)).is_some_and(|(_, key, _)| is_ours(key)))
}

/// The name that takes the value of an expression, through `await`.
pub fn bound_name(program: &Program, value: ExprAt) -> Option<Sym> {
    let module = program.module(value.module);
    let stmt = module.links.stmt_of(value.expr)?;
    if let StmtKind::Assign { targets, value: Some(whole), .. } = module.tree[stmt].kind
        && unwrapped(program, value.beside(whole)) == value
        && let [target] = module.tree[targets]
        && let ExprKind::Name(name) = module.tree[target].kind
    {
        return Some(name);
    }
    let parent = module.links.parent(value.expr)?;
    match module.tree[parent].kind {
        ExprKind::Named { target, .. } => match module.tree[target].kind {
            ExprKind::Name(name) => Some(name),
            _ => None,
        },
        _ => None,
    }
}

/// Where and how a scope asks an answer for its keys: the answer of a call, directly and through the name that it is bound to.
pub fn keys_of(program: &Program, body: &Body, call: ExprAt) -> Vec<(ExprAt, String, Keyed)> {
    let mut found: Vec<(ExprAt, String, Keyed)> = Vec::new();
    found.extend(asked(program, call).map(|(at, key, how)| (at, key.to_owned(), how)));
    if let Some(name) = bound_name(program, call) {
        for &read in body.reads(name) {
            found.extend(asked(program, call.beside(read)).map(|(at, key, how)| (at, key.to_owned(), how)));
        }
    }
    found
}

/// The value of an option of a call: a keyword, or a key of the dict that is handed over as `**options` and known here.
pub fn option(cx: &Cx<'_>, call: ExprAt, key: &str) -> Option<ExprAt> {
    cx.program
        .keyword(call, key)
        .or_else(|| options(cx, call).into_iter().find(|(name, _)| name == key).map(|(_, value)| value))
}

/// The options that come by `**name`: entries of the dict literals that the name is bound to here or at the top of a module, keywords of `dict(…)`, and stores
/// `name["key"] = value`.
pub fn options(cx: &Cx<'_>, call: ExprAt) -> Vec<(String, ExprAt)> {
    let program = cx.program;
    let Some((_, args)) = program.call(call) else { return Vec::new() };
    let mut found = Vec::new();
    for arg in args.iter().filter(|arg| arg.double_star) {
        let value = call.beside(arg.value);
        literal_options(program, value, &mut found);
        for object in kinds::objects(cx, value) {
            if matches!(object.kind, Kind::Container { .. }) {
                literal_options(program, object.made, &mut found);
            }
        }
        if let ExprKind::Name(name) = program.expr(value).kind {
            let scope = program.scope_of(call);
            let body = Body::of(program, scope);
            let tree = program.tree(call.module);
            for assigned in body.values_of(tree, name) {
                literal_options(program, call.beside(assigned), &mut found);
            }
            for &stmt in &body.stmts {
                let StmtKind::Assign { targets, value: Some(value), .. } = tree[stmt].kind else { continue };
                for &target in &tree[targets] {
                    if let ExprKind::Subscript { base, index } = tree[target].kind
                        && matches!(tree[base].kind, ExprKind::Name(found) if found == name)
                        && let Some(key) = text(program, call.beside(index))
                    {
                        found.push((key.to_owned(), call.beside(value)));
                    }
                }
            }
        }
    }
    found
}

fn literal_options(program: &Program, at: ExprAt, found: &mut Vec<(String, ExprAt)>) {
    match program.expr(at).kind {
        ExprKind::Dict(entries) => {
            for entry in &program.tree(at.module)[entries] {
                if let Some(key) = entry.key.and_then(|key| text(program, at.beside(key))) {
                    found.push((key.to_owned(), at.beside(entry.value)));
                }
            }
        }
        ExprKind::Call { args, .. } if call_name(program, at) == Some("dict") => {
            for arg in &program.tree(at.module)[args] {
                if let Some(keyword) = arg.keyword {
                    found.push((program.text(keyword).to_owned(), at.beside(arg.value)));
                }
            }
        }
        _ => {}
    }
}

/// Whether an expression of the function stands within a loop statement.
pub fn within(program: &Program, module: crate::program::ModuleId, inner: ExprId, outer: StmtId) -> bool {
    let tree = program.tree(module);
    crate::rules::look::spans(tree[outer].span, tree[inner].span)
}
