//! The way in and out of a route that answers one page: parameters, the texts of cursors, and what the framework needs for them.

use super::cursor::{Answer, ROWS, odd};
use super::holder::{Holder, Home};
use super::site::Site;
use super::source::{FILE, Source, insert, replace};
use super::{Edit, Refusal};
use crate::program::FunctionId;
use crate::rules::look::call_name;
use crate::syntax::{ExprKind, ParamKind, Parent, Span};

/// What a return annotation may name that says nothing of fields.
const PLAIN: &[&str] =
    &["dict", "Dict", "list", "List", "str", "int", "float", "bool", "Any", "None", "JSONResponse", "Response"];

/// Who asks.
pub(super) enum Door {
    FastApi,
    /// The name of the request.
    Django {
        request: String,
    },
}

impl Door {
    pub(super) fn of(site: &Site<'_>, function: FunctionId) -> Result<Self, Refusal> {
        let source = &site.source;
        let tree = source.tree();
        let own = &tree[function.ix];
        let none = || Refusal::shape("the function is no route of its own");
        let name = source.program.text(own.name);
        if own.parent != Parent::Module || own.is_generator {
            return Err(none());
        }
        let other_user = |place: String| Refusal::OtherUsers {
            name: name.to_owned(),
            place,
            why: "it would get one page only".to_owned(),
        };
        let others = site.others(name).ok_or_else(super::across::unknown)?;
        let called = others.iter().find(|(_, text)| text.contains(&format!("{name}(")));
        let here = source.program.calls_named(name).next();
        if called.is_some() || here.is_some() {
            let place = match (called, here) {
                (_, Some(call)) => format!("{}:{}", site.file, source.line(tree[call.at.expr].span.start)),
                (Some((file, _)), None) => file.clone(),
                (None, None) => String::new(),
            };
            return Err(other_user(place));
        }
        for name in ["limit", "cursor"] {
            let known = source.program.names.find(name);
            let used = source.exprs().any(|expr| {
                matches!(tree[expr].kind, ExprKind::Name(found) if Some(found) == known)
                    && (own.span.start..own.span.end).contains(&tree[expr].span.start)
            });
            if used || source.program.params(function).iter().any(|param| Some(param.name) == known) {
                return Err(Refusal::shape(format!("`{name}` is something else there")));
            }
        }
        let routes = ["get", "post", "api_route", "route"];
        let is_route = tree[own.decorators].iter().any(|&decorator| {
            let name = call_name(&source.program, FILE.expr(decorator)).unwrap_or_default();
            routes.contains(&name) && source.program.receiver(FILE.expr(decorator)).is_some()
        });
        let fastapi = source.text.contains("fastapi") && is_route;
        let first = source.program.params(function).first();
        if fastapi {
            // A route's decorator is all that knows its function; whoever else has it calls it, or lets it be called.
            let used = source.program.names.find(name).and_then(|name| {
                source.exprs().find(|&expr| matches!(tree[expr].kind, ExprKind::Name(found) if found == name))
            });
            if let Some(used) = used {
                return Err(other_user(format!("{}:{}", site.file, source.line(tree[used].span.start))));
            }
            Holder { name: name.to_owned(), home: Home::Module, uses: Vec::new() }.is_own(site)?;
            return Ok(Self::FastApi);
        }
        let django = source.text.contains("django.http") && own.decorators.is_empty();
        match first {
            Some(request) if django && source.program.text(request.name) == "request" => {
                Ok(Self::Django { request: source.program.text(request.name).to_owned() })
            }
            _ => Err(none()),
        }
    }

    /// The lines that say where the page begins, and how long it is.
    pub(super) fn begin(&self, key_of: &str, start: &str) -> Vec<String> {
        match self {
            Self::FastApi => vec![format!("{start} = {{\"ExclusiveStartKey\": {key_of}(cursor)}} if cursor else {{}}")],
            Self::Django { request } => {
                let (usual, most) = ROWS;
                [
                    "try:".to_owned(),
                    format!("\tlimit = min(max(int({request}.GET.get(\"limit\", {usual})), 1), {most})"),
                    format!("\tcursor = {request}.GET.get(\"cursor\")"),
                    format!("\t{start} = {{\"ExclusiveStartKey\": {key_of}(cursor)}} if cursor else {{}}"),
                    "except (ValueError, signing.BadSignature):".to_owned(),
                    "\treturn JsonResponse({\"error\": \"invalid limit or cursor\"}, status=400)".to_owned(),
                ]
                .to_vec()
            }
        }
    }

    /// What changes in the function's head.
    pub(super) fn edits(
        &self,
        source: &Source<'_>,
        function: FunctionId,
        answer: Answer,
    ) -> Result<Vec<Edit>, Refusal> {
        let Self::FastApi = self else { return Ok(Vec::new()) };
        let tree = source.tree();
        let own = &tree[function.ix];
        let model = || Refusal::shape("a model decides what the route answers, and would have to change with it");
        for &decorator in &tree[own.decorators] {
            if source.program.keyword(FILE.expr(decorator), "response_model").is_some() {
                return Err(model());
            }
        }
        let mut edits = Vec::new();
        if let Some(returns) = own.returns {
            let written = source.expr(returns);
            let word = written.split('[').next().unwrap_or(written).trim();
            // FastAPI takes an annotation for the model of the answer: fields that it leaves out must stay out.
            let names = written.split(|char: char| !(char.is_alphanumeric() || "_.".contains(char)));
            if names.filter(|name| !name.is_empty()).any(|name| !PLAIN.contains(&name)) {
                return Err(model());
            }
            match (word, answer) {
                ("dict" | "Dict" | "Any" | "JSONResponse" | "Response", Answer::Dict(_)) | ("Any", Answer::Bare(_)) => {
                    // Values are of more than one kind now.
                    if written.contains('[') {
                        edits.push(replace(tree[returns].span, "dict"));
                    }
                }
                ("list" | "List", Answer::Bare(_)) if written == word || written.contains("dict") => {
                    edits.push(replace(tree[returns].span, "dict"));
                }
                _ => return Err(model()),
            }
        }
        let params = source.program.params(function);
        if params
            .iter()
            .any(|param| matches!(param.kind, ParamKind::Args | ParamKind::Kwargs | ParamKind::PositionalOnly))
        {
            return Err(Refusal::shape("the function takes any argument"));
        }
        let (usual, most) = ROWS;
        let more = format!("limit: int = Query({usual}, ge=1, le={most}), cursor: str = Query(\"\", max_length=2048)");
        edits.push(if let Some(last) = params.last() {
            let end = last.default.or(last.annotation).map_or(last.span.end, |expr| tree[expr].span.end);
            insert(end, format!(", {more}"))
        } else {
            let name = own.name_span.end;
            if !source.slice(Span { start: name, end: own.span.end }).starts_with("()") {
                return Err(odd());
            }
            insert(name + 1, more)
        });
        let import = source.import_from("fastapi", "Query");
        edits.extend(import.ok_or_else(|| Refusal::shape("`Query` is another name there"))?);
        Ok(edits)
    }

    /// The functions that make a cursor of a key and a key of a cursor, before the route.
    pub(super) fn codec(
        &self,
        source: &Source<'_>,
        function: FunctionId,
        key_of: &str,
        cursor_of: &str,
        plain: bool,
    ) -> Result<Vec<Edit>, Refusal> {
        let taken = |name: &str| Refusal::shape(format!("`{name}` is another name there"));
        let mut edits = Vec::new();
        let (give, take) = if plain {
            for name in ["TypeDeserializer", "TypeSerializer"] {
                edits.extend(source.import_from("boto3.dynamodb.types", name).ok_or_else(|| taken(name))?);
            }
            (
                "{name: TypeSerializer().serialize(value) for name, value in key.items()}",
                "{name: TypeDeserializer().deserialize(value) for name, value in key.items()}",
            )
        } else {
            ("key", "{**key}")
        };
        let lines: Vec<String> = match self {
            Self::FastApi => {
                for module in ["base64", "json"] {
                    edits.extend(source.import(module).ok_or_else(|| taken(module))?);
                }
                edits.extend(source.import_from("fastapi", "HTTPException").ok_or_else(|| taken("HTTPException"))?);
                vec![
                    format!("def {cursor_of}(key):"),
                    "\t\"\"\"Where the next page begins, as a text that callers hand back; none after the last one.\"\"\"".to_owned(),
                    "\tif not key:".to_owned(),
                    "\t\treturn None".to_owned(),
                    format!("\treturn base64.urlsafe_b64encode(json.dumps({give}).encode()).decode()"),
                    String::new(),
                    String::new(),
                    format!("def {key_of}(cursor):"),
                    "\t\"\"\"Where a page begins, of what a caller handed back.\"\"\"".to_owned(),
                    "\ttry:".to_owned(),
                    "\t\tkey = json.loads(base64.urlsafe_b64decode(cursor))".to_owned(),
                    format!("\t\treturn {take}"),
                    "\texcept (ValueError, TypeError, AttributeError, ArithmeticError, RecursionError):".to_owned(),
                    "\t\traise HTTPException(400, \"invalid cursor\") from None".to_owned(),
                ]
            }
            Self::Django { .. } => {
                edits.extend(source.import_from("django.core", "signing").ok_or_else(|| taken("signing"))?);
                edits.extend(source.import_from("django.http", "JsonResponse").ok_or_else(|| taken("JsonResponse"))?);
                let salt = source.program.text(source.program.function(function).name);
                let mut lines = vec![
                    format!("def {cursor_of}(key):"),
                    "\t\"\"\"Where the next page begins, as a signed text that callers hand back; none after the last one.\"\"\"".to_owned(),
                    format!("\treturn signing.dumps({give}, salt=\"{salt}\") if key else None"),
                    String::new(),
                    String::new(),
                    format!("def {key_of}(cursor):"),
                    "\t\"\"\"Where a page begins, of what a caller handed back.\"\"\"".to_owned(),
                ];
                if plain {
                    lines.push(format!("\tkey = signing.loads(cursor, salt=\"{salt}\")"));
                    lines.push(format!("\treturn {take}"));
                } else {
                    lines.push(format!("\treturn signing.loads(cursor, salt=\"{salt}\")"));
                }
                lines
            }
        };
        let text = super::stream::deep(source, "", &lines);
        let top = source.line_start(source.tree()[function.ix].span.start);
        edits.push(insert(top, format!("{text}\n\n")));
        Ok(edits)
    }
}
