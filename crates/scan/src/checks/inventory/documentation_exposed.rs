//! `documentation-exposed`: interactive documentation or the contract without credentials.

use plimsoll_http::{Exchange, Probe};

use super::paths::{self, Kind};
use super::recognise::{self, Documentation};
use crate::check::{Check, Meta, check};
use crate::draft::Draft;
use crate::view::App;

check! {
    /// Interactive documentation or the OpenAPI document, served to anybody.
    pub struct DocumentationExposed {
        id: "documentation-exposed", weakness: DocumentationExposed, mode: Active, since: "0.1.0",
        page: "http/documentation-exposed.md",
    }
}

/// Where the customary frameworks serve them. Discovery asks for the same paths where no contract was given; then this costs nothing.
const PATHS: &[&str] = &["/docs", "/redoc", "/openapi.json", "/swagger.json", "/api/schema/", "/api/docs/"];

fn is_documentation(exchange: &Exchange) -> bool {
    recognise::documentation(exchange).is_some()
}

impl Check for DocumentationExposed {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn probes_app(&self, app: &App<'_>) -> Vec<Probe> {
        let mut probes: Vec<Probe> = PATHS.iter().map(|path| recognise::path_probe(app, path)).collect();
        probes.extend(paths::of_kind(app, Kind::Documentation));
        probes.extend(recognise::anonymous_twins(app, is_documentation));
        probes
    }

    fn judge_app(&self, app: &App<'_>) -> Vec<Draft> {
        let open: Vec<&Exchange> =
            recognise::open(app).into_iter().filter(|exchange| is_documentation(exchange)).collect();
        let paths = |kind: Documentation| {
            let of_kind = open.iter().filter(|exchange| recognise::documentation(exchange) == Some(kind));
            of_kind.map(|exchange| format!("`{}`", exchange.request.path)).collect::<Vec<_>>().join(", ")
        };
        let (pages, contracts) = (paths(Documentation::Interactive), paths(Documentation::Contract));
        let what = match (pages.is_empty(), contracts.is_empty()) {
            (true, true) => return Vec::new(),
            (false, true) => format!("Interactive documentation ({pages}) is"),
            (true, false) => format!("The OpenAPI document ({contracts}) is"),
            (false, false) => format!("Interactive documentation ({pages}) and the OpenAPI document ({contracts}) are"),
        };
        let mut keys = open.iter().map(|exchange| recognise::key_of(app, exchange));
        let mut draft =
            Draft::new(keys.next(), format!("{what} served without credentials.")).cause("documentation").also(keys);
        for exchange in &open {
            draft = draft.exchange_excerpt(exchange, "without credentials", "");
        }
        vec![draft]
    }
}
