//! Which operations a security scheme stands before.

use plimsoll_spec::SecurityScheme;

use crate::view::View;

/// The schemes with their names and the positions of the operations that take them.
pub(super) fn schemes<'a>(view: &View<'a>) -> impl Iterator<Item = (&'a str, &'a SecurityScheme, Vec<u32>)> {
    let operations: Vec<_> = view.operations().collect();
    view.api.schemes.iter().map(move |(name, scheme)| {
        let takes = |op: &&crate::view::OpView<'a>| {
            op.spec.security.iter().flatten().any(|alternative| alternative.contains_key(name))
        };
        let users = operations.iter().filter(takes).map(|op| op.index).collect();
        (name.as_str(), scheme, users)
    })
}

/// Whether every operation that takes this scheme can be called with another one instead.
pub(super) fn has_alternative(view: &View<'_>, name: &str, users: &[u32]) -> bool {
    !users.is_empty()
        && users.iter().filter_map(|index| view.operation(*index)).all(|op| {
            op.spec
                .security
                .iter()
                .flatten()
                .any(|alternative| !alternative.is_empty() && !alternative.contains_key(name))
        })
}
