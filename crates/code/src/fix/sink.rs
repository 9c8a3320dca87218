//! How rows become the text of an answer: joined, dumped as JSON, or sent as they are.

use super::Refusal;
use super::gathered::Over;
use super::source::{FILE, Source};
use crate::program::{FunctionId, Scope};
use crate::rules::look::call_name;
use crate::syntax::{ExprId, ExprKind, Span, StmtId, StmtKind, Sym};

/// How rows become text.
pub(super) struct Sink {
    /// The statements that only prepare the answer, which go away.
    pub(super) gone: Vec<StmtId>,
    /// The call that makes the response.
    pub(super) response: ExprId,
    /// Its content.
    pub(super) content: ExprId,
    /// What comes before the first row, between rows, and after the last.
    pub(super) frame: [Option<String>; 3],
    /// The name of a row.
    pub(super) row: String,
    /// Further names: what each is made of, in order.
    pub(super) made: Vec<(String, String)>,
    /// Conditions on a row, each with how many of the names have to be made first.
    pub(super) conditions: Vec<(usize, String)>,
    /// What is sent of a row.
    pub(super) piece: String,
    /// The expressions that move into the generator.
    pub(super) moved: Vec<ExprId>,
}

impl Sink {
    /// What becomes of a gathered list.
    pub(super) fn of(source: &Source<'_>, function: FunctionId, list: Sym, read: ExprId) -> Result<Self, Refusal> {
        if let Some(over) = Over::of(source, read) {
            let mut sink = Self::of_rows(source, function, over.whole)?;
            let row = source.expr(over.target).to_owned();
            if sink.row.is_empty() {
                sink.piece = sink.with(source, over.element);
            } else {
                sink.made.insert(0, (sink.row, source.expr(over.element).to_owned()));
                for condition in &mut sink.conditions {
                    condition.0 += 1;
                }
            }
            sink.row = row;
            for &condition in over.conditions.iter().rev() {
                sink.conditions.insert(0, (0, source.expr(condition).to_owned()));
            }
            sink.moved.push(over.whole);
            return Ok(sink);
        }
        let mut sink = Self::of_rows(source, function, read)?;
        if sink.row.is_empty() {
            let row = source.free(&["item", "row", "record"]).unwrap_or("item");
            let _ = list;
            sink.piece = sink.piece.replace('\u{1}', row);
            row.clone_into(&mut sink.row);
        }
        Ok(sink)
    }

    /// What becomes of rows: a list by name, or the expression that makes them. Where the row has no name yet, U+0001 stands for it.
    pub(super) fn of_rows(source: &Source<'_>, function: FunctionId, rows: ExprId) -> Result<Self, Refusal> {
        let tree = source.tree();
        let other = || Refusal::ChangesContract {
            why: "all rows are one answer; a page size and a cursor would have to be asked for".to_owned(),
        };
        // `rows = [… for item in raw]`, then used once.
        if let Some(stmt) = source.directly_of(rows)
            && let Some(name) = source.assigned(stmt, rows)
        {
            let read = only_read(source, function, name).ok_or_else(other)?;
            let list = source.program.names.find(name).ok_or_else(other)?;
            let mut sink = match Over::of(source, read) {
                Some(_) => Self::of(source, function, list, read)?,
                None => Self::of_rows(source, function, read)?,
            };
            if source.block_of(stmt).is_some() || !source.ends_line(stmt) {
                return Err(other());
            }
            sink.gone.push(stmt);
            return Ok(sink);
        }
        let user = source.parent(rows).ok_or_else(other)?;
        let ExprKind::Call { callee, args } = tree[user].kind else { return Err(other()) };
        let callee_name = call_name(&source.program, FILE.expr(user)).unwrap_or_default();
        let is_first = tree[args].first().is_some_and(|arg| arg.value == rows && !arg.double_star);
        if !is_first {
            return Err(other());
        }
        match callee_name {
            // `", ".join(rows)`
            "join" => {
                let ExprKind::Attribute { base, .. } = tree[callee].kind else { return Err(other()) };
                let between = source.expr(base);
                if !matches!(tree[base].kind, ExprKind::Const(_)) {
                    return Err(other());
                }
                let empty = matches!(between, "\"\"" | "''");
                let frame = [None, (!empty).then(|| between.to_owned()), None];
                Self::answered(source, function, user, frame, "\u{1}".to_owned())
            }
            // `json.dumps(rows, default=str)`
            "dumps" if source.program.external(FILE.expr(callee)) == Some("json.dumps") => {
                let shapes = ["indent", "separators", "cls", "check_circular", "skipkeys"];
                let odd = tree[args]
                    .iter()
                    .skip(1)
                    .any(|arg| arg.keyword.is_none_or(|keyword| shapes.contains(&source.program.text(keyword))));
                if odd {
                    return Err(other());
                }
                let span = tree[user].span;
                let after = source.slice(Span { start: tree[rows].span.end, end: span.end });
                let piece = format!("{}(\u{1}{after}", source.expr(callee));
                let frame = [Some("\"[\"".to_owned()), Some("\", \"".to_owned()), Some("\"]\"".to_owned())];
                Self::answered(source, function, user, frame, piece)
            }
            // `StreamingResponse(iter(rows))`
            "iter" => Self::answered(source, function, user, [None, None, None], "\u{1}".to_owned()),
            "StreamingResponse" | "StreamingHttpResponse" => {
                Ok(Self::made(user, rows, [None, None, None], "\u{1}".to_owned()))
            }
            _ => Err(other()),
        }
    }

    /// The text of all rows is the content of a response.
    pub(super) fn answered(
        source: &Source<'_>,
        function: FunctionId,
        text: ExprId,
        frame: [Option<String>; 3],
        piece: String,
    ) -> Result<Self, Refusal> {
        let tree = source.tree();
        let other = || Refusal::shape("what is put together is not the content of a response");
        let (content, gone) = match source.directly_of(text).and_then(|stmt| Some((stmt, source.assigned(stmt, text)?)))
        {
            Some((stmt, name)) => {
                if source.block_of(stmt).is_some() || !source.ends_line(stmt) {
                    return Err(other());
                }
                (only_read(source, function, name).ok_or_else(other)?, Some(stmt))
            }
            None => (text, None),
        };
        let response = source.parent(content).ok_or_else(other)?;
        let ExprKind::Call { args, .. } = tree[response].kind else { return Err(other()) };
        let names = ["Response", "HttpResponse", "StreamingResponse", "StreamingHttpResponse"];
        let name = call_name(&source.program, FILE.expr(response)).unwrap_or_default();
        let args = &tree[args];
        let first = args.first().is_some_and(|arg| arg.value == content && arg.keyword.is_none());
        let named = args.iter().skip(1).all(|arg| arg.keyword.is_some());
        // A response of the REST framework renders data.
        let rest = source.program.names.find("rest_framework").is_some() && name == "Response";
        if !names.contains(&name) || !first || !named || rest {
            return Err(other());
        }
        let mut sink = Self::made(response, content, frame, piece);
        sink.gone.extend(gone);
        Ok(sink)
    }

    fn made(response: ExprId, content: ExprId, frame: [Option<String>; 3], piece: String) -> Self {
        Self {
            gone: Vec::new(),
            response,
            content,
            frame,
            row: String::new(),
            made: Vec::new(),
            conditions: Vec::new(),
            piece,
            moved: Vec::new(),
        }
    }

    /// What is sent of a row that is made by an expression.
    pub(super) fn with(&self, source: &Source<'_>, element: ExprId) -> String {
        let text = source.expr(element);
        // `a + b if c else d` would be another thing.
        let alone = self.frame[1].is_none() || self.piece != "\u{1}";
        let closed = matches!(
            source.tree()[element].kind,
            ExprKind::Name(_)
                | ExprKind::Call { .. }
                | ExprKind::Attribute { .. }
                | ExprKind::Subscript { .. }
                | ExprKind::Const(_)
                | ExprKind::Fstring(_)
        );
        let text = if alone || closed { text.to_owned() } else { format!("({text})") };
        self.piece.replace('\u{1}', &text)
    }

    /// The lines that send a row, some steps deep.
    pub(super) fn lines(&self, separator: Option<&str>, steps: usize) -> Vec<String> {
        let mut lines = Vec::new();
        let mut depth = steps;
        for n in 0..=self.made.len() {
            for (_, condition) in self.conditions.iter().filter(|(before, _)| *before == n) {
                lines.push(format!("{}if {condition}:", "\t".repeat(depth)));
                depth += 1;
            }
            if let Some((name, value)) = self.made.get(n) {
                lines.push(format!("{}{name} = {value}", "\t".repeat(depth)));
            }
        }
        let front = "\t".repeat(depth);
        match (separator, &self.frame[1]) {
            (Some(name), Some(between)) => {
                lines.push(format!("{front}yield {name} + {}", self.piece));
                lines.push(format!("{front}{name} = {between}"));
            }
            _ => lines.push(format!("{front}yield {}", self.piece)),
        }
        lines
    }
}

/// The only place of a function that reads a name that is bound once.
pub(super) fn only_read(source: &Source<'_>, function: FunctionId, name: &str) -> Option<ExprId> {
    let tree = source.tree();
    let name = source.program.names.find(name)?;
    let scope = Scope::Function(function);
    if source.program.bindings(scope, name).count() != 1 {
        return None;
    }
    let mut reads = source.exprs().filter(|&expr| {
        matches!(tree[expr].kind, ExprKind::Name(found) if found == name)
            && source.program.binding_scope(source.program.scope_of(FILE.expr(expr)), name) == Some(scope)
            && !source.is_target(expr)
    });
    let (read, more) = (reads.next()?, reads.next());
    let here = source.program.scope_of(FILE.expr(read)) == scope;
    (more.is_none() && here).then_some(read)
}

impl Source<'_> {
    /// Whether an expression is assigned to.
    fn is_target(&self, expr: ExprId) -> bool {
        let Some(stmt) = self.directly_of(expr) else { return false };
        matches!(self.tree()[stmt].kind, StmtKind::Assign { targets, .. } if self.tree()[targets].contains(&expr))
    }

    /// The module that responses are imported from.
    pub(super) fn responses(&self) -> &'static str {
        let tree = self.tree();
        let fastapi = tree[tree.body].iter().any(|&stmt| match tree[stmt].kind {
            StmtKind::Import(imports) => {
                tree[imports].iter().any(|import| self.program.text(import.module).split('.').next() == Some("fastapi"))
            }
            _ => false,
        });
        if fastapi { "fastapi.responses" } else { "starlette.responses" }
    }
}
