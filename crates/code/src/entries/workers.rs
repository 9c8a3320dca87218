//! Ways in besides HTTP: tasks, Lambda handlers, consumers, threads, loops, schedulers, commands, signal receivers. Found by decorators, calls and bases,
//! wherever they stand; what is handed over as a value is asked of [`Values`].

use super::EntryKind;
use super::lifecycle::Gathered;
use crate::program::{CallSite, ClassId, Decorated, ExprAt, FunctionId, Program, Role, Scope, Symbol};
use crate::syntax::{Block, Const, ExprKind, Parent, StmtId, StmtKind, Tree};
use crate::values::{Value, Values};

/// Decorators by their last part, and what they make of a function, where they belong to a library of which the path begins so (any, if empty).
const DECORATORS: &[(&str, &[&str], EntryKind)] = &[
    ("task", &[], EntryKind::Task),
    ("shared_task", &[], EntryKind::Task),
    ("periodic_task", &[], EntryKind::Task),
    ("db_task", &[], EntryKind::Task),
    ("db_periodic_task", &[], EntryKind::Task),
    ("actor", &[], EntryKind::Task),
    ("job", &[], EntryKind::Task),
    ("scheduled_job", &[], EntryKind::Task),
    ("background", &["background_task"], EntryKind::Task),
    ("on_s3_event", &[], EntryKind::Consumer),
    ("on_sqs_message", &[], EntryKind::Consumer),
    ("on_sns_message", &[], EntryKind::Consumer),
    ("on_kinesis_record", &[], EntryKind::Consumer),
    ("on_dynamodb_record", &[], EntryKind::Consumer),
    ("on_cw_event", &[], EntryKind::Consumer),
    ("schedule", &[], EntryKind::Consumer),
    ("lambda_function", &[], EntryKind::Lambda),
    ("subscriber", &[], EntryKind::Consumer),
    ("agent", &["faust"], EntryKind::Consumer),
    ("timer", &["faust"], EntryKind::Consumer),
    ("command", &["click", "typer", "flask", "quart", "django_click", "invoke", ""], EntryKind::Command),
    ("cli", &[], EntryKind::Command),
    ("receiver", &["django", "blinker"], EntryKind::SignalReceiver),
    ("simple_tag", &[], EntryKind::Resolver),
    ("inclusion_tag", &[], EntryKind::Resolver),
    ("filter", &["django"], EntryKind::Resolver),
    ("field", &["strawberry"], EntryKind::Resolver),
    ("mutation", &["strawberry"], EntryKind::Resolver),
    ("subscription", &["strawberry"], EntryKind::Resolver),
];

/// Base classes by their last part, the method that is called, and how.
const BASES: &[(&str, &[&str], EntryKind)] = &[
    ("BaseCommand", &["handle"], EntryKind::Command),
    ("NoArgsCommand", &["handle", "handle_noargs"], EntryKind::Command),
    ("Task", &["run", "on_success", "on_failure", "on_retry", "before_start", "after_return"], EntryKind::Task),
    ("Thread", &["run"], EntryKind::Thread),
    ("Process", &["run"], EntryKind::Thread),
    ("WebsocketConsumer", &["connect", "disconnect", "receive"], EntryKind::Resolver),
    ("JsonWebsocketConsumer", &["connect", "disconnect", "receive_json", "receive"], EntryKind::Resolver),
    ("AsyncWebsocketConsumer", &["connect", "disconnect", "receive"], EntryKind::Resolver),
    ("AsyncJsonWebsocketConsumer", &["connect", "disconnect", "receive_json", "receive"], EntryKind::Resolver),
    (
        "BaseHTTPRequestHandler",
        &["do_GET", "do_POST", "do_PUT", "do_DELETE", "do_PATCH", "do_HEAD"],
        EntryKind::Resolver,
    ),
    ("BaseRequestHandler", &["handle", "setup", "finish"], EntryKind::Resolver),
    ("RequestHandler", &["get", "post", "put", "patch", "delete", "head", "prepare", "on_finish"], EntryKind::Resolver),
    ("Middleware", &["before", "after"], EntryKind::Resolver),
];

/// Finds them.
pub(super) fn find(program: &Program, values: &Values<'_>, out: &mut Gathered) {
    decorated(program, out);
    derived(program, out);
    handed(program, values, out);
    by_shape(program, out);
}

fn decorated(program: &Program, out: &mut Gathered) {
    for &(name, libraries, kind) in DECORATORS {
        for decorator in program.decorators_named(name) {
            let Decorated::Function(function) = decorator.on else { continue };
            if program.module(function.module).role == Role::Test {
                continue;
            }
            let path = match program.decorator(decorator.at) {
                Some(Symbol::External(path)) => Some(program.text(path)),
                _ => None,
            };
            let known = path
                .is_some_and(|path| libraries.iter().any(|library| !library.is_empty() && path.starts_with(library)));
            // `@app.task` of an object: its path is not known, but nothing else says `task`.
            let free = path.is_none() && (libraries.is_empty() || libraries.contains(&""));
            let library = path.is_some() && libraries.is_empty();
            if known || free || library {
                out.add(kind, function);
            }
        }
    }
    // `@worker_process_init.connect`, `@request_finished.connect`
    for decorator in program.decorators_named("connect") {
        let Decorated::Function(function) = decorator.on else { continue };
        if let Some(Symbol::External(path)) = program.decorator(decorator.at) {
            out.add(signal_kind(program.text(path)), function);
        }
    }
}

/// When the receivers of a library's signal run.
fn signal_kind(path: &str) -> EntryKind {
    let signal = path.strip_suffix(".connect").unwrap_or(path).rsplit('.').next().unwrap_or_default();
    match signal {
        "worker_process_init"
        | "worker_init"
        | "worker_ready"
        | "celeryd_init"
        | "celeryd_after_setup"
        | "setup_logging"
        | "post_migrate" => EntryKind::Startup,
        "worker_process_shutdown" | "worker_shutdown" | "worker_shutting_down" => EntryKind::Shutdown,
        _ if path.starts_with("celery.") => EntryKind::Task,
        _ => EntryKind::SignalReceiver,
    }
}

fn derived(program: &Program, out: &mut Gathered) {
    for (class, definition) in program.classes() {
        if definition.bases.is_empty() || program.module(class.module).role == Role::Test {
            continue;
        }
        for base in program.external_bases(class) {
            let last = base.rsplit('.').next().unwrap_or_default();
            for (name, methods, kind) in BASES {
                let fits = *name == last
                    && (last != "Middleware" || base.starts_with("falcon") || base.starts_with("dramatiq"));
                if fits && !(last == "Task" && !base.starts_with("celery") && !base.contains("celery")) {
                    methods.iter().for_each(|method| method_of(program, class, method, *kind, out));
                }
            }
            // `graphene.ObjectType`: `resolve_orders`, `mutate`.
            if base.starts_with("graphene") {
                for function in program.methods(class) {
                    let name = program.text(program.function(function).name);
                    if name.starts_with("resolve_") || name == "mutate" || name == "mutate_and_get_payload" {
                        out.add(EntryKind::Resolver, function);
                    }
                }
            }
        }
    }
}

fn method_of(program: &Program, class: ClassId, name: &str, kind: EntryKind, out: &mut Gathered) {
    if let Some(function) = program.names.find(name).and_then(|name| program.method(class, name)) {
        out.add(kind, function);
    }
}

/// Functions that are handed to threads, schedulers, signals and exit handlers.
fn handed(program: &Program, values: &Values<'_>, out: &mut Gathered) {
    let mut hand = |name: &str, position: usize, keyword: &str, kind: &dyn Fn(&CallSite) -> Option<EntryKind>| {
        for site in program.calls_named(name) {
            if program.module(site.at.module).role == Role::Test {
                continue;
            }
            let Some(function) = program.argument(site.at, position, keyword) else { continue };
            let Some(kind) = kind(site) else { continue };
            for function in functions(values, function) {
                out.add(kind, function);
            }
        }
    };
    hand("Thread", 1, "target", &|_| Some(EntryKind::Thread));
    hand("Process", 1, "target", &|_| Some(EntryKind::Thread));
    hand("Timer", 1, "function", &|_| Some(EntryKind::Thread));
    hand("start_new_thread", 0, "function", &|_| Some(EntryKind::Thread));
    hand("add_job", 0, "func", &|_| Some(EntryKind::Task));
    hand("do", 0, "job_func", &|site| receiver_says(program, site, &["schedule", "every"]).then_some(EntryKind::Task));
    hand("register", 0, "func", &|site| {
        let path = callee_path(program, site)?;
        (path == "atexit.register").then_some(EntryKind::Shutdown)
    });
    hand("signal", 1, "handler", &|site| {
        (callee_path(program, site)? == "signal.signal").then_some(EntryKind::Shutdown)
    });
    hand("add_signal_handler", 1, "callback", &|_| Some(EntryKind::Shutdown));
    hand("connect", 0, "receiver", &|site| {
        // `order_changed.connect(announce)`: the base says which signal.
        let path = callee_path(program, site);
        Some(path.map_or(EntryKind::SignalReceiver, signal_kind))
    });
    hand("start_server", 0, "client_connected_cb", &|_| Some(EntryKind::Resolver));
    hand("basic_consume", 1, "on_message_callback", &|_| Some(EntryKind::Consumer));
    hand("subscribe", 1, "callback", &|_| Some(EntryKind::Consumer));
}

fn callee_path<'p>(program: &'p Program, site: &CallSite) -> Option<&'p str> {
    program.external(program.call(site.at)?.0)
}

/// Whether a chain of calls before the last mentions one of the words: `schedule.every(5).minutes.do(f)`.
fn receiver_says(program: &Program, site: &CallSite, words: &[&str]) -> bool {
    let mut at = program.receiver(site.at);
    for _ in 0..12 {
        let Some(here) = at else { return false };
        at = match program.expr(here).kind {
            ExprKind::Attribute { base, name } if !words.contains(&program.text(name)) => Some(here.beside(base)),
            ExprKind::Call { callee, .. } => Some(here.beside(callee)),
            ExprKind::Name(name) | ExprKind::Attribute { name, .. } => return words.contains(&program.text(name)),
            _ => None,
        };
    }
    false
}

fn functions(values: &Values<'_>, at: ExprAt) -> Vec<FunctionId> {
    let found = values.eval(at).iter().filter_map(|value| match value {
        Value::Function(function) | Value::Bound(function, _) => Some(*function),
        _ => None,
    });
    found.collect()
}

/// Handlers that only their shape tells: `handler(event, context)`, loops without end, `main` that nobody calls.
fn by_shape(program: &Program, out: &mut Gathered) {
    for (id, function) in program.functions() {
        if matches!(program.module(id.module).role, Role::Test | Role::Stub | Role::Migration | Role::Generated) {
            continue;
        }
        let name = program.text(function.name);
        if function.parent == Parent::Module && is_lambda(program, id, name) {
            out.add(EntryKind::Lambda, id);
        }
        let tree = program.tree(id.module);
        if name != "<lambda>" && !function.is_generator && loops_for_ever(program, tree, function.body) {
            out.add(EntryKind::Loop, id);
        }
        if function.parent == Parent::Module && matches!(name, "main" | "cli" | "_main") {
            out.add(EntryKind::Command, id);
        }
    }
}

fn is_lambda(program: &Program, id: FunctionId, name: &str) -> bool {
    let params = program.params(id);
    let named =
        |n: usize, word: &str| params.get(n).is_some_and(|param| program.text(param.name).trim_matches('_') == word);
    let required = params.iter().filter(|param| param.default.is_none()).count();
    required <= 2
        && named(0, "event")
        && (named(1, "context") || named(1, "ctx") || (named(1, "") && name.contains("handler")))
}

/// Whether a function holds a loop that only the end of the process ends: `while True` without a way out, `while not stopped.is_set()`.
fn loops_for_ever(program: &Program, tree: &Tree, block: Block) -> bool {
    tree[block].iter().any(|&stmt| {
        if let StmtKind::While { test, body, .. } = tree[stmt].kind {
            let forever = matches!(tree[test].kind, ExprKind::Const(Const::Bool(true) | Const::Int(1)));
            let endless = if forever { !leaves(tree, body, 0) } else { waits_for_stop(program, tree, test) };
            return endless && works(tree, body);
        }
        let mut found = false;
        tree.blocks_of(stmt, &mut |block| found |= loops_for_ever(program, tree, block));
        found
    })
}

/// `not stop.is_set()`, `not stop.wait(1)`, `self.running`, `not self._stopped`.
fn waits_for_stop(program: &Program, tree: &Tree, test: crate::syntax::ExprId) -> bool {
    const WORDS: &[&str] = &[
        "stop",
        "stopped",
        "running",
        "shutdown",
        "closed",
        "alive",
        "exit",
        "terminate",
        "should_exit",
        "keep_running",
        "quit",
        "finished",
        "is_set",
        "wait",
    ];
    match tree[test].kind {
        ExprKind::Unary { not: true, value } => waits_for_stop(program, tree, value),
        ExprKind::Call { callee, .. } => match tree[callee].kind {
            ExprKind::Attribute { base, name } => {
                matches!(program.text(name), "is_set" | "wait" | "is_alive")
                    || waits_for_stop(program, tree, base) && program.text(name) == "get"
            }
            _ => false,
        },
        ExprKind::Name(name) | ExprKind::Attribute { name, .. } => {
            WORDS.contains(&program.text(name).trim_start_matches('_').trim_start_matches("is_"))
        }
        _ => false,
    }
}

/// Whether a block leaves the loop around it.
fn leaves(tree: &Tree, block: Block, loops: u8) -> bool {
    tree[block].iter().any(|&stmt: &StmtId| match tree[stmt].kind {
        StmtKind::Return(_) => true,
        StmtKind::Break => loops == 0,
        // What is raised within the loop itself mostly ends it; a handler that goes on is not looked for.
        StmtKind::Raise { .. } => false,
        StmtKind::While { body, orelse, .. } | StmtKind::For { body, orelse, .. } => {
            leaves(tree, body, loops + 1) || leaves(tree, orelse, loops)
        }
        _ => {
            let mut found = false;
            tree.blocks_of(stmt, &mut |block| found |= leaves(tree, block, loops));
            found
        }
    })
}

/// Whether a loop does more than wait.
fn works(tree: &Tree, body: Block) -> bool {
    tree[body].iter().any(|&stmt| !matches!(tree[stmt].kind, StmtKind::Pass | StmtKind::Continue))
        && !tree[body].is_empty()
}

/// Whether a place is executed only when the file is started as a program: under `if __name__ == "__main__"`.
pub(super) fn is_main_block(program: &Program, site: &CallSite) -> bool {
    if !matches!(site.scope, Scope::Module(_)) {
        return false;
    }
    let module = program.module(site.at.module);
    let mut at = site.stmt;
    while let Some((parent, _)) = module.links.parent_stmt(at) {
        if let StmtKind::If { test, .. } = module.tree[parent].kind
            && let ExprKind::Compare { left, .. } = module.tree[test].kind
            && matches!(module.tree[left].kind, ExprKind::Name(name) if program.text(name) == "__name__")
        {
            return true;
        }
        at = parent;
    }
    false
}
