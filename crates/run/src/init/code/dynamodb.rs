//! How the code uses DynamoDB: which tables, where the endpoint comes from, and which programs make tables.

use plimsoll_code::program::{ExprAt, ModuleId, Role, Scope};
use plimsoll_code::syntax::{Const, ExprId, ExprKind};

use super::super::{Place, files};
use super::Reader;
use super::variables::Origin;

/// How DynamoDB is used.
#[derive(Clone, Debug, Default)]
pub(in crate::init) struct Dynamodb {
    /// Clients, resources and models, with the library.
    pub(in crate::init) used: Vec<(Place, &'static str)>,
    /// Variables that name the endpoint.
    pub(in crate::init) endpoints: Vec<(String, Place)>,
    /// Endpoints that are written in the source.
    pub(in crate::init) fixed: Vec<(String, Place)>,
    pub(in crate::init) tables: Vec<Table>,
    /// Programs that make tables, the likeliest first.
    pub(in crate::init) seeders: Vec<Seeder>,
}

/// A table.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::init) struct Table {
    /// Its name, or `$NAME` for a variable that holds it.
    pub(in crate::init) name: String,
    pub(in crate::init) place: Place,
}

/// A program that makes tables.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::init) struct Seeder {
    /// The file.
    pub(in crate::init) file: String,
    pub(in crate::init) place: Place,
    /// Whether it is a command of Django's `manage.py`.
    pub(in crate::init) is_command: bool,
    /// Its name for `python -m`, where it lies in a package or folder that its imports begin above of.
    pub(in crate::init) module: Option<String>,
}

impl Dynamodb {
    /// What of it lies in files for which the test holds.
    pub(in crate::init) fn within(&self, holds: &dyn Fn(&str) -> bool) -> Self {
        let mut mine = self.clone();
        mine.used.retain(|(place, _)| holds(&place.file));
        mine.endpoints.retain(|(_, place)| holds(&place.file));
        mine.fixed.retain(|(_, place)| holds(&place.file));
        mine.tables.retain(|table| holds(&table.place.file));
        mine.seeders.retain(|seeder| holds(&seeder.file));
        mine
    }

    pub(super) fn settle(&mut self) {
        // What serves requests stands before what fills tables.
        let seeding: Vec<String> = self.seeders.iter().map(|seeder| seeder.file.clone()).collect();
        self.used.sort_by_key(|(place, library)| (seeding.contains(&place.file), place.clone(), *library));
        self.endpoints.sort_by(|a, b| a.1.cmp(&b.1));
        self.fixed.sort_by(|a, b| a.1.cmp(&b.1));
        self.tables.sort();
        self.tables.dedup();
        let rank = |seeder: &Seeder| {
            let name = files::name(&seeder.file);
            let telling = ["seed", "create_table", "init", "setup", "bootstrap", "fixture", "local"];
            telling.iter().position(|word| name.contains(word)).unwrap_or(telling.len())
        };
        self.seeders.sort_by_key(|seeder| (rank(seeder), seeder.file.clone()));
        self.seeders.dedup_by(|a, b| a.file == b.file);
    }
}

impl Reader<'_> {
    pub(super) fn dynamodb(self, found: &mut Dynamodb) {
        self.clients(found);
        self.models(found);
        self.tables(found);
        self.seeders(found);
    }

    fn clients(self, found: &mut Dynamodb) {
        const MAKERS: &[&str] = &["client", "resource", "create_client"];
        for call in MAKERS.iter().flat_map(|name| self.program.calls_named(name)).filter(|call| self.counts(call.at)) {
            let service = self.program.argument(call.at, 0, "service_name").and_then(|at| self.literal(at));
            if !matches!(service, Some("dynamodb" | "dynamodbstreams")) {
                continue;
            }
            let path = self.program.call(call.at).and_then(|(callee, _)| self.program.external(callee));
            let library = match path {
                Some(path) if path.starts_with("aioboto3") => "aioboto3",
                Some(path) if path.starts_with("aiobotocore") => "aiobotocore",
                Some(path) if path.starts_with("boto3") => "boto3",
                // A session's method; which library made the session does not matter here.
                _ => "a session",
            };
            found.used.push((self.place(call.at), library));
            if let Some(endpoint) = self.program.keyword(call.at, "endpoint_url") {
                let place = self.place(call.at);
                for origin in self.origins(endpoint) {
                    match origin {
                        Origin::Variable(name) => found.endpoints.push((name, place.clone())),
                        Origin::Text(text) if !text.is_empty() => found.fixed.push((text, place.clone())),
                        Origin::Text(_) => {}
                    }
                }
            }
        }
    }

    /// Models of PynamoDB, whose inner class `Meta` says which table and where.
    fn models(self, found: &mut Dynamodb) {
        for (class, facts) in self.program.classes() {
            let is_model = self.program.derives_from(class, |base| base.starts_with("pynamodb.models."));
            if !is_model || !matches!(self.program.module(class.module).role, Role::Source | Role::Script) {
                continue;
            }
            let line = self.lines[class.module.0 as usize].line(facts.name_span.start);
            let place = Place { file: self.files[class.module.0 as usize].path.clone(), line };
            found.used.push((place.clone(), "PynamoDB"));
            let inner = self.program.names.find("Meta").into_iter().flat_map(|meta| self.program.classes_named(meta));
            let meta = inner.copied().find(|meta| {
                let parent = self.program.class(*meta).parent;
                meta.module == class.module && self.program.module(meta.module).scope(parent) == Scope::Class(class)
            });
            let Some(meta) = meta else { continue };
            if let Some(host) = self.class_value(meta, "host") {
                for origin in self.origins(host) {
                    match origin {
                        Origin::Variable(name) => found.endpoints.push((name, place.clone())),
                        Origin::Text(text) => found.fixed.push((text, place.clone())),
                    }
                }
            }
            if let Some(table) = self.class_value(meta, "table_name") {
                self.table(table, &place, found);
            }
        }
    }

    fn tables(self, found: &mut Dynamodb) {
        if found.used.is_empty() {
            return;
        }
        for call in self.program.calls_named("Table").filter(|call| self.counts(call.at)) {
            // `resource.Table(name)`; SQLAlchemy's `Table` is no method.
            if self.program.receiver(call.at).is_some()
                && let Some(name) = self.program.argument(call.at, 0, "name")
            {
                self.table(name, &self.place(call.at), found);
            }
        }
        for call in self.program.modules.iter().flat_map(|module| &module.sites.calls) {
            if self.counts(call.at)
                && let Some(name) = self.program.keyword(call.at, "TableName")
            {
                self.table(name, &self.place(call.at), found);
            }
        }
    }

    fn table(self, name: ExprAt, place: &Place, found: &mut Dynamodb) {
        let origins = self.origins(name);
        // The text beside a variable is its default.
        let variables: Vec<_> = origins.iter().filter(|origin| matches!(origin, Origin::Variable(_))).collect();
        let shown = if variables.is_empty() { origins.iter().collect() } else { variables };
        for origin in shown {
            let name = match origin {
                Origin::Variable(name) => format!("${name}"),
                Origin::Text(text) => text.clone(),
            };
            found.tables.push(Table { name, place: place.clone() });
        }
    }

    /// Programs that make tables: with a guard for being started, a `#!`, or commands of Django.
    fn seeders(self, found: &mut Dynamodb) {
        for call in self.program.calls_named("create_table").filter(|call| self.counts(call.at)) {
            let module = self.program.module(call.at.module);
            let place = self.place(call.at);
            let is_command = place.file.contains("management/commands/");
            let is_program = module.role == Role::Script || self.has_guard(call.at.module);
            if is_command || is_program {
                found.seeders.push(self.seeder(call.at.module, place, is_command));
            }
        }
        // Tables may be made elsewhere, for a program whose name says what it is for.
        for module in self.program.modules.iter().filter(|module| matches!(module.role, Role::Source | Role::Script)) {
            let file = &self.files[module.id.0 as usize].path;
            if found.used.is_empty() || !files::name(file).contains("seed") {
                continue;
            }
            let is_command = file.contains("management/commands/");
            if is_command || module.role == Role::Script || self.has_guard(module.id) {
                let place = Place { file: file.clone(), line: 1 };
                found.seeders.push(self.seeder(module.id, place, is_command));
            }
        }
    }

    fn seeder(self, module: ModuleId, place: Place, is_command: bool) -> Seeder {
        let (name, root) = self.module(module);
        let module = (root.is_empty() && name.contains('.')).then_some(name);
        Seeder { file: place.file.clone(), place, is_command, module }
    }

    /// Whether a module asks whether it was started as a program.
    fn has_guard(self, module: ModuleId) -> bool {
        let tree = self.program.tree(module);
        (0..tree.expr_count()).any(|n| {
            let at = module.expr(ExprId(n as u32));
            matches!(tree[at.expr].kind, ExprKind::Const(Const::Str(text)) if self.text(text) == "__main__")
        })
    }
}
