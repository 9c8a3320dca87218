//! Whether an object is about a person, by the names of its fields: for what is judged without knowing whose it is.
//!
//! Shops, branches and companies have addresses and telephone numbers as well, which are there to be found; so one such field is not enough.

use plimsoll_http::Exchange;
use serde_json::{Map, Value};

use super::crossing::is_private_field;
use crate::callers::{is_people, noun};
use crate::fields::normal;
use crate::ties::{self, Bond};

/// What a person would not have published: one of them is enough.
const GRAVE: &[&str] = &[
    "birthdate",
    "birthday",
    "dateofbirth",
    "dob",
    "iban",
    "cardnumber",
    "creditcard",
    "ssn",
    "nationalid",
    "taxid",
    "passportnumber",
    "salary",
    "diagnosis",
    "password",
    "passwordhash",
    "hashedpassword",
    "apikey",
    "accesstoken",
    "refreshtoken",
    "medicalrecord",
    "secret",
    "pin",
    "otp",
    "shippingaddress",
    "homeaddress",
    "cardlast4",
    "last4",
    "accountnumber",
    "balance",
];

/// The names of fields that say that an object is about a person, or somebody's own; empty where it may be about anything.
pub fn telling(path: &str, object: &Map<String, Value>) -> Vec<String> {
    let mut names = Vec::new();
    collect(object, 0, &mut names);
    let grave: Vec<String> =
        names.iter().filter(|name| GRAVE.contains(&name.as_str()) || name.ends_with("secret")).cloned().collect();
    let person = names.iter().any(|name| {
        matches!(
            name.as_str(),
            "firstname"
                | "lastname"
                | "surname"
                | "fullname"
                | "username"
                | "login"
                | "givenname"
                | "familyname"
                | "isadmin"
                | "role"
        )
    });
    let private: Vec<String> = names.iter().filter(|name| is_private_field(name)).cloned().collect();
    let owned = ties::ties(object).iter().any(|tie| tie.bond == Bond::Owner);
    if grave.is_empty() && !(person || owned || is_people(&noun(path))) { Vec::new() } else { private }
}

fn collect(object: &Map<String, Value>, depth: u32, out: &mut Vec<String>) {
    for (name, value) in object {
        match value {
            Value::Null => continue,
            Value::String(text) if text.is_empty() => continue,
            Value::Object(inner) if depth < 3 => collect(inner, depth + 1, out),
            _ => {}
        }
        let name = normal(name);
        if !out.contains(&name) {
            out.push(name);
        }
    }
}

/// The owner that an object names, with the path of the field.
pub fn owner(exchange: &Exchange) -> Option<(String, String)> {
    let object = crate::same::object(exchange)?;
    let tie = ties::ties(object).into_iter().find(|tie| tie.bond == Bond::Owner)?;
    Some((tie.path, tie.value))
}
