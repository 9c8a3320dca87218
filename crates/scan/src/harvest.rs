//! Harvested values: what answers tell about the ids and words that other operations take.
//!
//! Only names and plain values are taken. Values of fields that look like credentials are never taken, so that no token that an answer happens
//! to hold is sent anywhere.

use std::collections::HashMap;

use plimsoll_http::Exchange;
use plimsoll_model::Method;
use serde_json::{Map, Value};

use crate::fields::normal;
use crate::list::List;
use crate::same;

/// How many objects are kept for each operation.
const OBJECTS: usize = 12;
/// How many objects of other collections are looked at for a value.
const FAR: usize = 600;

/// An object that an answer held.
#[derive(Clone, Debug)]
struct Object {
    /// The path template of the operation that answered.
    template: String,
    /// Its scalar fields.
    fields: Vec<(String, String)>,
}

/// Values by field name, with the objects they came from.
#[derive(Clone, Debug, Default)]
pub struct Harvest {
    objects: Vec<Object>,
    /// The indices of the objects of each collection, by the template of the operation without a slash at its end.
    near: HashMap<String, Vec<usize>>,
    /// Plain strings that list answers held as elements, with the template of the operation.
    words: Vec<(String, String)>,
    /// The object that a path answered with, by the path.
    present: HashMap<String, Map<String, Value>>,
}

/// How many objects are kept as they are.
const PRESENT: usize = 200;

impl Harvest {
    /// Takes what a 2xx JSON answer of this operation holds.
    pub fn take(&mut self, template: &str, exchange: &Exchange) {
        if !exchange.is_success() {
            return;
        }
        let items = List::in_answer(exchange).map_or(&[][..], |list| list.items());
        // Spread over the list: the first elements are often alike, and often test data.
        let step = (items.len() / OBJECTS).max(1);
        for item in items.iter().step_by(step).take(OBJECTS) {
            match item {
                Value::Object(map) => self.push(template, map),
                Value::String(word) => self.words.push((template.to_owned(), word.clone())),
                _ => {}
            }
        }
        if items.is_empty()
            && let Some(Value::Object(map)) = exchange.json()
        {
            self.push(template, map);
        }
        if exchange.request.method == Method::Get
            && self.present.len() < PRESENT
            && let Some(object) = same::object(exchange)
        {
            self.present.insert(exchange.request.path.clone(), object.clone());
        }
    }

    /// The object that this path answered with.
    pub fn present(&self, path: &str) -> Option<&Map<String, Value>> {
        self.present.get(path)
    }

    fn push(&mut self, template: &str, map: &Map<String, Value>) {
        let mut fields = Vec::new();
        for (name, value) in map {
            if is_credential(name) {
                continue;
            }
            match value {
                Value::String(text) if !text.is_empty() && text.len() <= 100 => {
                    fields.push((name.clone(), text.clone()));
                }
                Value::Number(number) => fields.push((name.clone(), number.to_string())),
                // A raw DynamoDB AttributeValue: {"S": "…"} or {"N": "…"}.
                Value::Object(inner) if inner.len() == 1 => {
                    if let Some(Value::String(text)) = inner.get("S").or_else(|| inner.get("N")) {
                        fields.push((name.clone(), text.clone()));
                    }
                }
                _ => {}
            }
        }
        if !fields.is_empty() {
            self.near.entry(template.trim_end_matches('/').to_owned()).or_default().push(self.objects.len());
            self.objects.push(Object { template: template.to_owned(), fields });
        }
    }

    /// Sets of values for the path parameters of a template, the most likely set first: at most `most` sets.
    pub fn path_values(&self, template: &str, most: usize) -> Vec<Vec<(String, String)>> {
        let names = parameters(template);
        let set_of = |object: &Object| {
            let mut rank = 0;
            let mut set = Vec::new();
            for name in &names {
                let (cost, value) = object.value_for(name, template)?;
                rank += cost;
                set.push((name.clone(), value));
            }
            Some((rank, set))
        };
        // The collections that the template itself names come first, and where they have what it takes, nothing else is looked at: so the
        // cost does not grow with the size of the API.
        let near = names.iter().filter_map(|name| self.near.get(collection_of(template, name))).flatten();
        let mut ranked: Vec<(u32, Vec<(String, String)>)> = near.filter_map(|&at| set_of(&self.objects[at])).collect();
        if ranked.is_empty() {
            ranked = self.objects.iter().take(FAR).filter_map(set_of).collect();
        }
        if let [name] = names.as_slice() {
            // A list of plain words at `/categories` names the `{category}` of `/categories/{category}`.
            let collection = collection_of(template, name);
            ranked.extend(
                self.words
                    .iter()
                    .filter(|(from, _)| from == collection)
                    .map(|(_, word)| (1, vec![(name.clone(), word.clone())])),
            );
        }
        ranked.sort_by_key(|(rank, _)| *rank);
        let mut sets: Vec<Vec<(String, String)>> = Vec::new();
        for (_, set) in ranked {
            if !sets.contains(&set) {
                sets.push(set);
            }
        }
        if sets.is_empty() && names.len() > 1 {
            sets.extend(self.combined(template, &names));
        }
        sets.truncate(most);
        sets
    }

    /// One value for each parameter, from whichever object has one.
    fn combined(&self, template: &str, names: &[String]) -> Option<Vec<(String, String)>> {
        names
            .iter()
            .map(|name| {
                let best = self
                    .objects
                    .iter()
                    .filter_map(|object| object.value_for(name, template))
                    .min_by_key(|(cost, _)| *cost);
                best.map(|(_, value)| (name.clone(), value))
            })
            .collect()
    }

    /// A value of a field of this name, wherever it was seen.
    pub fn value(&self, name: &str) -> Option<&str> {
        let wanted = normal(name);
        self.objects
            .iter()
            .flat_map(|object| &object.fields)
            .find(|(field, _)| normal(field) == wanted)
            .map(|(_, value)| value.as_str())
    }

    /// Up to `most` different values of fields of this name.
    pub fn values(&self, name: &str, most: usize) -> Vec<&str> {
        let wanted = normal(name);
        let mut out: Vec<&str> = Vec::new();
        for (field, value) in self.objects.iter().flat_map(|object| &object.fields) {
            if normal(field) == wanted && !out.contains(&value.as_str()) && out.len() < most {
                out.push(value);
            }
        }
        out
    }

    /// A word from a name-like field, of at least three letters: something that a search will find.
    pub fn word(&self) -> Option<&str> {
        let fields = || self.objects.iter().flat_map(|object| &object.fields);
        ["name", "title", "label", "description", "category"].iter().find_map(|wanted| {
            fields()
                .filter(|(field, _)| field.eq_ignore_ascii_case(wanted))
                .find_map(|(_, value)| value.split(|c: char| !c.is_alphabetic()).find(|word| word.chars().count() >= 3))
        })
    }
}

impl Object {
    /// A value for a path parameter of `template`, with a cost: the lower the likelier.
    fn value_for(&self, name: &str, template: &str) -> Option<(u32, String)> {
        let field = |wanted: &str| {
            let wanted = normal(wanted);
            self.fields.iter().find(|(field, _)| normal(field) == wanted).map(|(_, value)| value.clone())
        };
        let collection = collection_of(template, name);
        let same_collection = self.template.trim_end_matches('/') == collection;
        let segment = collection.rsplit('/').next().unwrap_or("");
        let same_noun = !segment.is_empty() && self.template.trim_end_matches('/').ends_with(&format!("/{segment}"));
        if let Some(value) = field(name) {
            return Some((if same_collection { 0 } else { 2 }, value));
        }
        if same_collection || same_noun {
            let penalty = u32::from(!same_collection);
            let singular = segment.trim_end_matches("es").trim_end_matches('s');
            let names = [
                "id".to_owned(),
                format!("{singular}_id"),
                format!("{segment}_id"),
                "pk".into(),
                "uuid".into(),
                "key".into(),
                "slug".into(),
                "sku".into(),
                "name".into(),
            ];
            return names.iter().enumerate().find_map(|(index, name)| Some((1 + penalty + index as u32, field(name)?)));
        }
        // `{category}` is also the `category` of anything; `{product_id}` is the `id` of nothing but a product.
        let stem = normal(name).trim_end_matches("id").trim_end_matches("name").to_owned();
        (!stem.is_empty() && stem != normal(name)).then(|| field(&stem)).flatten().map(|value| (6, value))
    }
}

/// What stands before a parameter in a template: `/orders` for `{id}` in `/orders/{id}/lines`.
fn collection_of<'t>(template: &'t str, name: &str) -> &'t str {
    template.split(&format!("/{{{name}}}")).next().unwrap_or("")
}

/// The names of the parameters in a path template, in order.
pub fn parameters(template: &str) -> Vec<String> {
    template.split('{').skip(1).filter_map(|rest| rest.split_once('}').map(|(name, _)| name.to_owned())).collect()
}

fn is_credential(name: &str) -> bool {
    let name = normal(name);
    [
        "token",
        "secret",
        "password",
        "passwd",
        "apikey",
        "authorization",
        "cookie",
        "session",
        "hash",
        "signature",
        "credential",
    ]
    .iter()
    .any(|word| name.contains(word))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use plimsoll_http::{Body, OpId, Outcome, Probe, Request, Response, Timing};

    use super::*;

    fn answer(body: &str) -> Exchange {
        Exchange {
            id: 0,
            origin: Arc::from("http://a.test"),
            probe: Probe::of(OpId(0)),
            request: Request::get("/"),
            outcome: Outcome::Answer(Response {
                status: 200,
                version: "HTTP/1.1",
                headers: vec![("content-type".into(), "application/json".into())],
                body: Body::whole(body.as_bytes()),
            }),
            timing: Timing::default(),
        }
    }

    fn set(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
        pairs.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect()
    }

    #[test]
    fn ids_of_a_list_feed_its_detail() {
        let mut harvest = Harvest::default();
        harvest.take("/products", &answer(r#"{"items":[{"id":"p-1","name":"Garden hose","token":"x"}]}"#));
        assert_eq!(harvest.path_values("/products/{product_id}", 3), [set(&[("product_id", "p-1")])]);
        assert_eq!(harvest.path_values("/products/{product_id}/reviews", 3), [set(&[("product_id", "p-1")])]);
        assert!(harvest.path_values("/customers/{customer_id}", 3).is_empty());
        assert_eq!(harvest.word(), Some("Garden"));
        assert_eq!(harvest.value("token"), None);
    }

    #[test]
    fn both_keys_come_from_one_object() {
        let mut harvest = Harvest::default();
        harvest.take("/customers", &answer(r#"[{"id":"c-9"}]"#));
        harvest.take(
            "/orders",
            &answer(r#"[{"customer_id":"c-1","order_id":"o-1"},{"customer_id":"c-2","order_id":"o-2"}]"#),
        );
        let sets = harvest.path_values("/orders/{customer_id}/{order_id}", 1);
        assert_eq!(sets, [set(&[("customer_id", "c-1"), ("order_id", "o-1")])]);
    }

    #[test]
    fn words_of_a_plain_list_feed_its_detail() {
        let mut harvest = Harvest::default();
        harvest.take("/categories", &answer(r#"["tools","books"]"#));
        assert_eq!(harvest.path_values("/categories/{category}/products", 1), [set(&[("category", "tools")])]);
    }
}
