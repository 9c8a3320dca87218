//! `graphql-unbounded-depth`: a query may be nested to any depth.

use plimsoll_http::{Exchange, Probe};
use plimsoll_model::{PartKind, Severity};

use super::endpoint::{data, endpoints};
use super::schema::{self, Field, Graph};
use crate::check::{Check, Meta, check};
use crate::discover::Protocol;
use crate::draft::Draft;
use crate::view::App;

check! {
    /// Any depth.
    pub struct GraphqlUnboundedDepth {
        id: "graphql-unbounded-depth", weakness: GraphqlUnbounded, mode: Active, since: "0.3.0", page: "http/graphql-unbounded-depth.md",
    }
}

/// Levels of the two queries: one that every limit allows, and one that none should.
const FLAT: usize = 2;
const DEEP: usize = 24;

/// A way from a query to a type that leads back to itself, and round.
struct Loop<'g> {
    root: &'g Field,
    cycle: Vec<&'g Field>,
}

impl<'g> Loop<'g> {
    /// A loop that costs nothing to run: it begins at an object that is asked for by a name that nothing has, so that the server checks the query and
    /// resolves nothing; or it has no list in it.
    fn of(graph: &'g Graph) -> Option<Self> {
        let mut loops = graph.roots().iter().filter(|root| root.object).filter_map(|root| {
            root.naming_nothing()?;
            Some(Self { root, cycle: graph.cycle(&root.gives)? })
        });
        loops.find(|one| {
            let finds_nothing = !one.root.is_free() && !one.root.list;
            finds_nothing || !one.root.list && one.cycle.iter().all(|field| !field.list)
        })
    }

    fn query(&self, levels: usize) -> String {
        let steps: Vec<&str> = self.cycle.iter().map(|field| field.name.as_str()).cycle().take(levels).collect();
        let arguments = self.root.naming_nothing().unwrap_or_default();
        format!("{{{}{arguments}{{{}{{__typename}}{}}}", self.root.name, steps.join("{"), "}".repeat(levels))
    }
}

/// The answer to a query that was run: whatever it brought, the server did not refuse it.
fn run<'a>(app: &App<'a>, probe: &Probe) -> Option<&'a Exchange> {
    let exchange = app.seen.reply(probe)?;
    // A null that must not be null takes `data` with it: then an error has a path, which errors of validation do not have (§7.1.2).
    let resolved = exchange.json()?.get("errors").and_then(|errors| errors.get(0)?.get("path")).is_some();
    (data(exchange).is_some() || resolved).then_some(exchange)
}

impl Check for GraphqlUnboundedDepth {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn probes_app(&self, app: &App<'_>) -> Vec<Probe> {
        let mut out = Vec::new();
        for endpoint in endpoints(app, Protocol::GraphQl) {
            out.push(schema::probe(&endpoint));
            let Some(graph) = schema::told(app, &endpoint) else { continue };
            let Some(round) = Loop::of(&graph) else { continue };
            let flat = endpoint.query(&round.query(FLAT));
            if run(app, &flat).is_some() {
                out.push(endpoint.query(&round.query(DEEP)));
            }
            out.push(flat);
        }
        out
    }

    fn judge_app(&self, app: &App<'_>) -> Vec<Draft> {
        let mut out = Vec::new();
        for endpoint in endpoints(app, Protocol::GraphQl) {
            let Some(graph) = schema::told(app, &endpoint) else { continue };
            let Some(round) = Loop::of(&graph) else { continue };
            let Some(exchange) = run(app, &endpoint.query(&round.query(DEEP))) else { continue };
            let names: Vec<&str> = round.cycle.iter().map(|field| field.name.as_str()).collect();
            let way = names.join(".");
            out.push(
                endpoint
                    .finding(format!(
                        "A query nested {DEEP} levels deep is run (`{way}` leads back to where it began): with lists on the way, each level multiplies what is read. The query asked for an object that does not exist."
                    ))
                    .severity(Severity::Medium)
                    .part(PartKind::Body, "depth")
                    .exchange(exchange, format!("{DEEP} levels")),
            );
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn field(name: &str, gives: &str, list: bool, args: &[(&str, &str, bool)]) -> Field {
        let args = args.iter().map(|(name, kind, required)| ((*name).to_owned(), (*kind).to_owned(), *required));
        Field { name: name.into(), gives: gives.into(), list, object: true, args: args.collect() }
    }

    #[test]
    fn a_loop_that_costs_nothing() {
        let graph = Graph {
            root: "Query".into(),
            types: [
                (
                    "Query".into(),
                    vec![field("all", "Ticket", true, &[]), field("ticket", "Ticket", false, &[("id", "ID", true)])],
                ),
                ("Ticket".into(), vec![field("comments", "Comment", true, &[("first", "Int", false)])]),
                ("Comment".into(), vec![field("ticket", "Ticket", false, &[])]),
            ]
            .into(),
        };
        let one = Loop::of(&graph).unwrap();
        assert_eq!(one.query(3), "{ticket(id: \"plimsoll-nothing\"){comments{ticket{comments{__typename}}}}}");
    }
}
