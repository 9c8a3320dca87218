//! The type table: of which types there are more after the requests, `dict +5,000`.
//!
//! Types that grew by less than one object in ten requests are left out; everything else is the agent's count, unjudged.

use crate::agent::client::Retainers;

/// A type of which there are more.
#[derive(Clone, Debug, PartialEq)]
pub struct TypeGrowth {
    /// Module and name; bare for builtins.
    pub name: String,
    /// How many more.
    pub count: u64,
    /// Their own bytes, without what they refer to.
    pub bytes: u64,
    /// How many more per request.
    pub per_request: f64,
}

/// The types that grew with the requests, the heaviest first. `rounds` says how many rounds of `requests` lie between the first mark and the end.
pub fn type_table(retainers: &Retainers, rounds: u64) -> Vec<TypeGrowth> {
    let requests = (retainers.requests * rounds).max(1) as f64;
    let grown = |count: i64, bytes: i64, name: &str| {
        let (count, bytes) = (u64::try_from(count).ok()?, u64::try_from(bytes).unwrap_or_default());
        let per_request = count as f64 / requests;
        (per_request >= 0.1).then(|| TypeGrowth { name: name.to_owned(), count, bytes, per_request })
    };
    let mut table: Vec<TypeGrowth> =
        retainers.types.iter().filter_map(|one| grown(one.count, one.bytes, &one.name)).collect();
    table.sort_by(|a, b| b.bytes.cmp(&a.bytes).then_with(|| a.name.cmp(&b.name)));
    table
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::agent::protocol::TypeCount;

    #[test]
    fn only_types_that_grow_with_the_requests_are_listed() {
        let one = |name: &str, count, bytes| TypeCount { name: name.into(), count, bytes };
        let types = vec![
            one("dict", 120, 20_000),
            one("shop.Order", 120, 30_000),
            one("re.Pattern", 3, 9_000),
            one("list", -5, -400),
        ];
        let table = type_table(&Retainers { requests: 60, types, ..Retainers::default() }, 2);
        let seen: Vec<_> = table.iter().map(|row| (row.name.as_str(), row.count, row.per_request)).collect();
        assert_eq!(seen, [("shop.Order", 120, 1.0), ("dict", 120, 1.0)]);
    }
}
