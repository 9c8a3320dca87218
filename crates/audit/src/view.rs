//! What a rule sees: every operation, every schema once with the operations that it belongs to, every list.

mod reach;

use std::cell::OnceCell;
use std::sync::Arc;

use plimsoll_model::{Method, OperationKey, PartKind};
use plimsoll_spec::roles::lists;
use plimsoll_spec::roles::paging::Controls;
use plimsoll_spec::{Api, Operation, Schema};

use crate::document::Document;
use crate::size::Sizes;
use crate::witness::Witness;

pub use reach::{Direction, Operations, SchemaUse, Step};

/// A contract with what is derived from it, each part on demand and once.
pub struct View<'a> {
    /// The contract.
    pub api: &'a Api,
    /// What is known of the document beside it.
    pub document: &'a Document,
    /// Who saw the service run.
    pub witness: &'a dyn Witness,
    schemas: OnceCell<Vec<SchemaUse<'a>>>,
    lists: OnceCell<Vec<ListView<'a>>>,
    sizes: OnceCell<Sizes>,
}

/// An operation.
#[derive(Clone, Copy, Debug)]
pub struct OpView<'a> {
    /// Its position in the contract.
    pub index: u32,
    /// Its entry in the contract.
    pub spec: &'a Operation,
}

/// An operation whose successful answer is a list.
#[derive(Clone, Copy, Debug)]
pub struct ListView<'a> {
    /// The operation.
    pub op: OpView<'a>,
    /// The status of the answer.
    pub status: &'a str,
    /// Its media type.
    pub media_type: &'a str,
    /// The schema of the answer: the list itself, or its envelope.
    pub answer: &'a Arc<Schema>,
    /// The schema of the array.
    pub list: &'a Arc<Schema>,
    /// The page controls that the contract declares.
    pub controls: Controls<'a>,
}

impl<'a> View<'a> {
    /// The view of a contract.
    pub fn new(api: &'a Api, document: &'a Document, witness: &'a dyn Witness) -> Self {
        Self { api, document, witness, schemas: OnceCell::new(), lists: OnceCell::new(), sizes: OnceCell::new() }
    }

    /// Every operation, in document order.
    pub fn operations(&self) -> impl ExactSizeIterator<Item = OpView<'a>> + use<'a> {
        self.api.operations.iter().enumerate().map(|(index, spec)| OpView { index: index as u32, spec })
    }

    /// The operation at this position.
    pub fn operation(&self, index: u32) -> Option<OpView<'a>> {
        self.api.operations.get(index as usize).map(|spec| OpView { index, spec })
    }

    /// Each schema that an operation uses, once for each place in the document, with everything that reaches it. What is `readOnly` is not
    /// reached as input, what is `writeOnly` not as output.
    pub fn schemas(&self) -> &[SchemaUse<'a>] {
        self.schemas.get_or_init(|| reach::schemas(self.api))
    }

    /// The operations whose successful answer is a list.
    pub fn lists(&self) -> &[ListView<'a>] {
        self.lists.get_or_init(|| {
            let list = |op: OpView<'a>| {
                let (status, media_type, answer, list) = lists::answered(op.spec)?;
                Some(ListView { op, status, media_type, answer, list, controls: Controls::of(op.spec) })
            };
            self.operations().filter_map(list).collect()
        })
    }

    /// How many bytes each operation takes and answers with at worst.
    pub fn sizes(&self) -> &Sizes {
        self.sizes.get_or_init(|| Sizes::of(self.api))
    }

    /// The sizes, once nothing else is wanted.
    pub fn into_sizes(self) -> Sizes {
        self.sizes.into_inner().unwrap_or_else(|| Sizes::of(self.api))
    }

    /// The path of a schema below its root, as in `items[].name`; empty for the root itself.
    pub fn path(&self, used: &SchemaUse<'a>) -> String {
        reach::path(self.schemas(), used)
    }
}

impl<'a> OpView<'a> {
    /// Method and template.
    pub fn key(&self) -> &'a OperationKey {
        &self.spec.key
    }

    /// Whether it is a GET.
    pub fn is_get(&self) -> bool {
        self.spec.key.method == Method::Get
    }

    /// Whether its method changes something (RFC 9110 §9.2.1), and the contract does not say otherwise.
    pub fn is_write(&self) -> bool {
        !self.spec.key.method.is_safe() && !self.spec.marked_safe
    }

    /// Whether anybody may call it: no scheme is required, or one of the alternatives requires none (`security: [{}]`).
    pub fn is_open(&self) -> bool {
        !self.spec.requires_credentials()
    }

    /// The schemas of its request bodies by media type.
    pub fn bodies(&self) -> impl Iterator<Item = (&'a str, &'a Arc<Schema>)> + use<'a> {
        let content = self.spec.body.iter().flat_map(|body| &body.content);
        content.map(|(media_type, (schema, _))| (media_type.as_str(), schema))
    }

    /// The schemas of its answers by status and media type.
    pub fn answers(&self) -> impl Iterator<Item = (&'a str, &'a str, &'a Arc<Schema>)> + use<'a> {
        self.spec.responses.iter().flat_map(|(status, response)| {
            response.content.iter().map(move |(media_type, schema)| (status.as_str(), media_type.as_str(), schema))
        })
    }
}

/// Where a schema hangs: the part of a request or answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Root<'a> {
    /// Which part.
    pub kind: PartKind,
    /// The name of the parameter, the status of the answer; empty for a request body.
    pub name: &'a str,
}
