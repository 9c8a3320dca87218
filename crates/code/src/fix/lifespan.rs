//! Fixes that enter an asynchronous client once: in the lifespan of the application where that is in the same file, otherwise when it is first asked for.

use super::site::Site;
use super::source::{FILE, Source, insert, replace};
use super::{Fix, Refusal};
use crate::program::{CallSite, FunctionId};
use crate::syntax::{ExprId, ExprKind, Span, StmtId, StmtKind};

/// A function without parameters that enters a client by hand and returns it.
struct Entered<'s> {
    function: FunctionId,
    /// What is entered.
    context: ExprId,
    /// The function's statements, but for its docstring.
    body: Vec<StmtId>,
    source: &'s Source<'s>,
}

impl<'s> Entered<'s> {
    /// `return await session.client(…).__aenter__()`, in one statement or in two or three.
    fn of(site: &'s Site<'_>) -> Result<Self, Refusal> {
        let source = &site.source;
        let tree = source.tree();
        let none = || Refusal::shape("it is no function without parameters that enters a client and returns it");
        let at = source.statement(site.line, |_| true).ok_or_else(none)?;
        let function = source.program.scope_of_stmt(FILE.stmt(at)).function().ok_or_else(none)?;
        let own = &tree[function.ix];
        if !own.is_async || own.is_generator || !own.params.is_empty() || own.parent != crate::syntax::Parent::Module {
            return Err(none());
        }
        let first = source.first_of(function).ok_or_else(none)?;
        let body: Vec<StmtId> = (tree[own.body].iter().copied()).skip_while(|&stmt| stmt != first).collect();
        let calls = source.program.calls_in(crate::program::Scope::Function(function));
        let entering: Vec<&CallSite> = calls
            .iter()
            .filter(|call| call.name.is_some_and(|name| source.program.text(name) == "__aenter__"))
            .collect();
        let [entering] = entering[..] else { return Err(none()) };
        let context = source.program.receiver(entering.at).ok_or_else(none)?.expr;
        let context = source.value_of(function, context).ok_or_else(none)?;
        if !matches!(tree[context].kind, ExprKind::Call { .. }) || !entering.awaited {
            return Err(none());
        }
        // Nothing else may happen there.
        let plain = body.iter().all(|&stmt| match tree[stmt].kind {
            StmtKind::Assign { value: Some(value), .. } | StmtKind::Return(Some(value)) => {
                matches!(tree[value].kind, ExprKind::Await(_) | ExprKind::Name(_)) || value == context
            }
            _ => false,
        });
        let last = body.last().is_some_and(|&stmt| matches!(tree[stmt].kind, StmtKind::Return(Some(_))));
        if !plain || !last || body.len() > 3 {
            return Err(none());
        }
        Ok(Self { function, context, body, source })
    }

    /// The lines of the body.
    fn lines(&self) -> Option<(Span, &'s str)> {
        let tree = self.source.tree();
        let (first, last) = (*self.body.first()?, *self.body.last()?);
        let indent = self.source.indent(tree[first].span.start)?;
        let start = self.source.line_start(tree[first].span.start);
        Some((Span { start, end: self.source.line_end(tree[last].span.end - 1) }, indent))
    }
}

/// The application enters the client when it starts, and leaves it when it ends.
pub(super) fn in_lifespan(site: &Site<'_>) -> Result<Fix, Refusal> {
    let source = &site.source;
    let tree = source.tree();
    let entered = Entered::of(site)?;
    let none = |why: &str| Refusal::shape(format!("the application's lifespan cannot enter it: {why}"));
    let apps: Vec<&CallSite> = (source.program.module(FILE).sites.calls.iter())
        .filter(|call| call.name.is_some_and(|name| matches!(source.program.text(name), "FastAPI" | "Starlette")))
        .collect();
    let [app] = apps[..] else { return Err(none("the application is not made in this file")) };
    let stmt = source.directly_of(app.at.expr).ok_or_else(|| none("the application has no plain name"))?;
    let name = source.assigned(stmt, app.at.expr).ok_or_else(|| none("the application has no plain name"))?;
    let class = source.expr(source.program.call(app.at).ok_or_else(|| none("it is no call"))?.0.expr);
    let (_, args) = source.program.call(app.at).ok_or_else(|| none("it is no call"))?;
    if args.iter().any(|arg| {
        arg.double_star
            || arg
                .keyword
                .is_some_and(|key| matches!(source.program.text(key), "lifespan" | "on_startup" | "on_shutdown"))
    }) || source.program.calls_named("on_event").next().is_some()
        || source.program.calls_named("add_event_handler").next().is_some()
        || source.program.calls_named("mount").next().is_some()
    {
        return Err(none("there is other start-up code"));
    }
    if source.program.scope_of(app.at).function().is_some() {
        return Err(none("the application is made by a function"));
    }
    let at = source.line_start(tree[stmt].span.start);
    if !super::hoist::is_known_at(
        source,
        FILE.expr(entered.context),
        crate::program::Scope::Function(entered.function),
        at,
    ) {
        return Err(none("what it is made of comes later"));
    }
    let attribute =
        source.program.text(source.program.function(entered.function).name).trim_start_matches('_').to_owned();
    let free = source.free(&["lifespan", "life_of_the_app"]).ok_or_else(|| none("no name is free"))?;
    let (lines, indent) = entered.lines().ok_or_else(|| none("a statement shares its line with another"))?;
    let unit = source.unit();
    let context = source.expr(entered.context);
    let made = format!(
        "@asynccontextmanager\nasync def {free}({name}: {class}):\n{unit}async with {context} as client:\n\
         {unit}{unit}{name}.state.{attribute} = client\n{unit}{unit}yield\n\n\n"
    );
    let import = source.import_from("contextlib", "asynccontextmanager");
    let mut edits = import.ok_or_else(|| none("`asynccontextmanager` is another name there"))?;
    edits.push(insert(at, made));
    let end = tree[app.at.expr].span.end - 1;
    let comma = if args.is_empty() { "" } else { ", " };
    let text = source.expr(app.at.expr);
    let comma = if text.trim_end_matches(')').trim_end().ends_with(',') { "" } else { comma };
    edits.push(insert(end, format!("{comma}lifespan={free}")));
    edits.push(replace(lines, format!("{indent}return {name}.state.{attribute}\n")));
    Ok(Fix::review("enter the client once, in the lifespan of the application", edits))
}

/// The client is entered when it is first asked for, and kept.
pub(super) fn when_asked(site: &Site<'_>) -> Result<Fix, Refusal> {
    let source = &site.source;
    let entered = Entered::of(site)?;
    let none = |why: &str| Refusal::shape(format!("it cannot be kept: {why}"));
    let function = source.program.function(entered.function);
    let name = source.program.text(function.name).trim_start_matches('_');
    let (kept, lock) = (format!("_{name}_kept"), format!("_{name}_lock"));
    if source.free(&[&kept]).is_none() || source.free(&[&lock]).is_none() {
        return Err(none("no name is free"));
    }
    let (lines, indent) = entered.lines().ok_or_else(|| none("a statement shares its line with another"))?;
    let unit = source.unit();
    let at = source.line_start(function.span.start);
    let import = source.import("asyncio");
    let mut edits = import.ok_or_else(|| none("`asyncio` is another name there"))?;
    edits.push(insert(at, format!("{kept} = None\n{lock} = asyncio.Lock()\n\n\n")));
    let context = source.expr(entered.context);
    edits.push(replace(
        lines,
        format!(
            "{indent}global {kept}\n{indent}async with {lock}:\n{indent}{unit}if {kept} is None:\n\
             {indent}{unit}{unit}{kept} = await {context}.__aenter__()\n{indent}return {kept}\n"
        ),
    ));
    Ok(Fix::review("enter the client once, when it is first asked for", edits)
        .minding("the client is used by one event loop, and stays open until the process ends"))
}

impl Source<'_> {
    /// What a name of a function is bound to, where that is one value; the expression itself where it is no name.
    fn value_of(&self, function: FunctionId, expr: ExprId) -> Option<ExprId> {
        let ExprKind::Name(name) = self.tree()[expr].kind else { return Some(expr) };
        let mut bindings = self.program.bindings(crate::program::Scope::Function(function), name);
        let (Some(crate::program::Binding::Target(target)), None) = (bindings.next(), bindings.next()) else {
            return None;
        };
        match self.tree()[self.stmt_of(target)?].kind {
            StmtKind::Assign { value, .. } => value,
            _ => None,
        }
    }
}
