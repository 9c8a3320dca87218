//! Finds operations by path: built once for a contract, so that a check which asks for the neighbours of every operation stays linear.
//!
//! It holds positions only and knows nothing of what was seen.

use std::collections::HashMap;

use plimsoll_spec::Api;

/// The operations of a contract by path.
#[derive(Clone, Debug, Default)]
pub struct Index<'a> {
    at: HashMap<&'a str, Vec<u32>>,
    below: HashMap<&'a str, u32>,
}

impl<'a> Index<'a> {
    /// The index of this contract.
    pub fn of(api: &'a Api) -> Self {
        let mut index = Self::default();
        for (position, operation) in (0..).zip(&api.operations) {
            let path = operation.key.path.as_str();
            index.at.entry(path).or_default().push(position);
            if let Some((above, last)) = path.rsplit_once('/')
                && last.starts_with('{')
                && last.ends_with('}')
            {
                index.below.entry(above).or_insert(position);
            }
        }
        index
    }

    /// The positions of the operations at this path, of whatever method, in order.
    pub fn at(&self, path: &str) -> &[u32] {
        self.at.get(path).map_or(&[], Vec::as_slice)
    }

    /// The position of the first operation that is one element below this path, as `/orders/{id}` is below `/orders`.
    pub fn element_of(&self, path: &str) -> Option<u32> {
        self.below.get(path.trim_end_matches('/')).copied()
    }
}

#[cfg(test)]
mod tests {
    use plimsoll_model::Method;
    use plimsoll_spec::{Operation, Origin};

    use super::*;

    #[test]
    fn operations_by_path() {
        let paths = ["/orders", "/orders/{id}", "/orders/{id}/lines", "/orders/"];
        let operation = |path: &&str| Operation::found(Method::Get, (*path).to_owned(), Origin::Contract);
        let mut api = Api { operations: paths.iter().map(operation).collect(), ..Api::default() };
        api.operations.push(Operation::found(Method::Head, "/orders".to_owned(), Origin::Contract));
        let index = Index::of(&api);
        assert_eq!(index.at("/orders"), [0, 4]);
        assert_eq!(index.at("/none"), [0u32; 0]);
        assert_eq!((index.element_of("/orders/"), index.element_of("/orders/{id}")), (Some(1), None));
    }
}
