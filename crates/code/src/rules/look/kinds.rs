//! What kind of thing an expression is, as far as the values know.

use crate::program::ExprAt;
use crate::rules::Cx;
use crate::values::{Kind, Object, Value};

/// Whether something reads and writes DynamoDB.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Store {
    /// It is a client of DynamoDB, or a table.
    Yes,
    /// It is known to be something else.
    No,
    /// Nothing is known.
    Unknown,
}

/// The objects that an expression may be.
pub fn objects<'c>(cx: &'c Cx<'_>, at: ExprAt) -> impl Iterator<Item = &'c Object> {
    cx.values.objects(at).map(|(_, object)| object)
}

/// The object that a call makes itself, not one that it only passes on.
pub fn made_here<'c>(cx: &'c Cx<'_>, call: ExprAt) -> Option<&'c Object> {
    objects(cx, call).find(|object| object.made == call)
}

/// Whether something reads and writes DynamoDB.
pub fn store(cx: &Cx<'_>, at: ExprAt) -> Store {
    let mut known = false;
    for value in cx.values.eval(at) {
        let Value::Object(id) = value else {
            known |= !matches!(value, Value::Const(_));
            continue;
        };
        match cx.values.object(*id).kind {
            Kind::Table(_) => return Store::Yes,
            Kind::Client { service: Some(service), .. } | Kind::ClientContext { service: Some(service), .. } => {
                if cx.program.text(service) == "dynamodb" {
                    return Store::Yes;
                }
                known = true;
            }
            Kind::Client { service: None, .. } | Kind::ClientContext { service: None, .. } => {}
            _ => known = true,
        }
    }
    if known { Store::No } else { Store::Unknown }
}

/// The operation of a paginator or page iterator: `scan`.
pub fn operation<'c>(cx: &'c Cx<'_>, kind: Kind) -> Option<&'c str> {
    match kind {
        Kind::Paginator { operation, .. }
        | Kind::PageIterator { operation, .. }
        | Kind::Response { operation, .. }
        | Kind::Items { operation, .. }
        | Kind::Item { operation } => operation.map(|operation| cx.program.text(operation)),
        Kind::PynamoResults { operation, .. } => Some(cx.program.text(operation)),
        _ => None,
    }
}
