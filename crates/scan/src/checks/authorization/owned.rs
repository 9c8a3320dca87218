//! Properties that the service decides and no caller: their names, and a value to try them with.
//!
//! The value differs from the present one and does as little as possible for the moment that it stands: a little more of a number, a word that means
//! nothing. What could lock a caller out of its own object (its owner, its state, its password) is never tried.

use plimsoll_spec::Schema;
use serde_json::{Number, Value};

use crate::fields::normal;

/// Names by how much harm the moment can do, the least first: within a line all are alike.
const NAMES: &[&[&str]] = &[
    &[
        "credit",
        "credits",
        "balance",
        "points",
        "loyaltypoints",
        "bonus",
        "rating",
        "score",
        "reputation",
        "wallet",
        "coins",
        "quota",
        "storagequota",
        "creditlimit",
        "limit",
        "discount",
        "discountpercent",
        "discountrate",
        "availablecredit",
        "level",
        "karma",
        "totalspent",
        "rewardpoints",
    ],
    &[
        "verified",
        "isverified",
        "emailverified",
        "phoneverified",
        "premium",
        "ispremium",
        "vip",
        "isvip",
        "approved",
        "isapproved",
        "kycverified",
        "featured",
        "trusted",
        "paid",
        "ispaid",
    ],
    &["price", "total", "amount", "unitprice", "fee", "cost", "costprice", "salary"],
    &[
        "plan",
        "tier",
        "subscription",
        "subscriptionplan",
        "membership",
        "accounttype",
        "grade",
        "badge",
        "status",
        "state",
        "orderstatus",
    ],
    &["permissions", "scopes", "groups", "roles"],
    &["role", "userrole", "usertype"],
    &["isadmin", "admin", "isstaff", "staff", "issuperuser", "superuser", "ismoderator", "moderator", "isroot"],
];

/// The word that stands for a text.
pub const WORD: &str = "plimsoll";

/// How harmless a property is to try, 0 the least harmful; none where it is not one that only the service decides.
pub fn rank(name: &str) -> Option<usize> {
    let name = normal(name);
    NAMES.iter().position(|names| names.contains(&name.as_str()))
}

/// Another value for a property; none where there is no harmless one. A flag is only ever raised: lowering one may take a right away.
pub fn another(present: &Value, schema: Option<&Schema>) -> Option<Value> {
    match present {
        Value::Bool(false) => Some(Value::Bool(true)),
        Value::Bool(true) => None,
        Value::Number(number) if number.is_f64() => Number::from_f64(number.as_f64()? + 11.25).map(Value::Number),
        Value::Number(number) => Some(Value::from(number.as_i64()?.checked_add(11)?)),
        // Money is often written as a text.
        Value::String(text) => {
            if let Ok(number) = text.parse::<f64>() {
                Some(Value::from(format!("{:.2}", number + 11.25)))
            } else {
                let allowed = schema.map(|schema| {
                    schema.variants().iter().flat_map(|schema| schema.values.clone()).collect::<Vec<_>>()
                });
                match allowed.filter(|values| !values.is_empty()) {
                    Some(values) => values.into_iter().find(|value| value != present && value.is_string()),
                    None if text == WORD => Some(Value::from("plimsoll-2")),
                    None => Some(Value::from(WORD)),
                }
            }
        }
        Value::Array(items) if items.iter().all(Value::is_string) => {
            let mut more = items.clone();
            more.push(Value::from(WORD));
            Some(Value::Array(more))
        }
        _ => None,
    }
}

/// Whether two values are the same, however numbers are written.
pub fn equal(a: &Value, b: &Value) -> bool {
    let number = |value: &Value| value.as_f64().or_else(|| value.as_str()?.parse().ok());
    a == b || matches!((number(a), number(b)), (Some(a), Some(b)) if (a - b).abs() < 1e-6)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn harmless_first() {
        assert!(rank("credits") < rank("emailVerified") && rank("email_verified") < rank("is_admin"));
        for name in ["owner_id", "is_active", "password", "display_name", "tenant_id", "email"] {
            assert_eq!(rank(name), None, "{name}");
        }
    }

    #[test]
    fn another_value() {
        assert_eq!(another(&Value::from(10), None), Some(Value::from(21)));
        assert_eq!(another(&Value::from(0.5), None), Some(Value::from(11.75)));
        assert_eq!(another(&Value::from("10.00"), None), Some(Value::from("21.25")));
        assert_eq!(another(&Value::from(true), None), None);
        assert!(equal(&Value::from("21.25"), &Value::from(21.25)));
        assert!(!equal(&Value::from(1), &Value::from("one")));
    }
}
