//! A connection to a database or cache is opened for every request.

use super::build::{Build, builds};
use super::client_per_request::is_provided;
use crate::rules::rule::{Rule, rule};
use crate::rules::{Cx, Drafts, Meta};
use crate::values::Kind;

rule! {
    /// A connection to a database or cache is opened for every request.
    ConnectionPerRequest { id: "connection-per-request", weakness: ClientPerRequest, kind: Cost, severity: Low, since: "0.1.0" }
}

impl Rule for ConnectionPerRequest {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn check(&self, cx: &Cx<'_>, out: &mut Drafts) {
        for build in connections(cx) {
            if is_provided(cx, &build) {
                continue;
            }
            let cost = "a handshake and a login each time, and the server's connections are the limit";
            if let Some(draft) = build.draft(cx, &Self::META, "a connection", cost) {
                out.push(draft);
            }
        }
    }
}

/// Functions that open a connection, or a pool of them, to a database or cache.
const OPENS: &[&str] = &[
    "MySQLdb.connect",
    "asyncpg.connect",
    "asyncpg.create_pool",
    "mysql.connector.connect",
    "psycopg.connect",
    "psycopg2.connect",
    "pymongo.MongoClient",
    "pymysql.connect",
];

/// Calls that open one.
fn connections(cx: &Cx<'_>) -> Vec<Build> {
    let names = [
        "connect",
        "create_pool",
        "Redis",
        "StrictRedis",
        "from_url",
        "MongoClient",
        "create_engine",
        "create_async_engine",
    ];
    builds(cx, &names, |object| match object.kind {
        Kind::Redis | Kind::SqlEngine => true,
        Kind::Made(path) => OPENS.contains(&cx.program.text(path)),
        _ => false,
    })
}
