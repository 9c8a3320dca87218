//! What a schema says, as a number that does not depend on order, on names of schemas, or on where they stand.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

use plimsoll_spec::Schema;

/// Digests of schemas, each computed once. They must not outlive the schemas, which are known by address.
#[derive(Default)]
pub(super) struct Digests(HashMap<*const Schema, u64>);

impl Digests {
    pub(super) fn of(&mut self, schema: &Arc<Schema>) -> u64 {
        let mut open = vec![(&**schema, false)];
        while let Some((schema, ready)) = open.pop() {
            let key = std::ptr::from_ref(schema);
            if self.0.contains_key(&key) {
                continue;
            }
            if ready {
                let digest = self.digest(schema);
                self.0.insert(key, digest);
            } else {
                open.push((schema, true));
                open.extend(schema.below().map(|below| (&**below, false)));
            }
        }
        self.0[&Arc::as_ptr(schema)]
    }

    fn digest(&self, schema: &Schema) -> u64 {
        let known = |below: &Arc<Schema>| self.0.get(&Arc::as_ptr(below)).copied().unwrap_or_default();
        let mut hasher = DefaultHasher::new();
        let out = &mut hasher;
        schema.kinds.hash(out);
        (&schema.format, &schema.pattern).hash(out);
        [schema.minimum, schema.maximum].map(|bound| bound.map(f64::to_bits)).hash(out);
        (schema.min_length, schema.max_length, schema.min_items, schema.max_items).hash(out);
        (schema.max_properties, schema.max_name_length, schema.unique, schema.additional).hash(out);
        (schema.read_only, schema.write_only, schema.recursive).hash(out);
        let mut values: Vec<String> = schema.values.iter().map(ToString::to_string).collect();
        values.sort_unstable();
        values.hash(out);
        schema.default.as_ref().map(ToString::to_string).hash(out);
        let mut required: Vec<&String> = schema.required.iter().collect();
        required.sort_unstable();
        required.dedup();
        required.hash(out);
        schema.items.as_ref().map(known).hash(out);
        schema.extra.as_ref().map(known).hash(out);
        let mut properties: Vec<(&str, u64)> =
            schema.properties.iter().map(|(name, below)| (name.as_str(), known(below))).collect();
        properties.sort_unstable();
        properties.hash(out);
        let mut alternatives: Vec<u64> = schema.alternatives.iter().map(known).collect();
        alternatives.sort_unstable();
        alternatives.dedup();
        alternatives.hash(out);
        hasher.finish()
    }
}
