//! Validation against the official meta-schema of a document's version.
//!
//! A document is first only asked whether it is valid, which costs less than reading it. Where it is not, errors are collected up to a number,
//! followed into the alternative that was meant, and told in words. Files that references bring in are read, not validated: their parts
//! mean something only where they are used. Nothing is fetched.

use jsonschema::error::{TypeKind, ValidationErrorKind};
use jsonschema::{Draft, Registry, ValidationError, Validator};
use plimsoll_spec::{Api, Description};
use serde_json::{Value, json};

use crate::document::{Document, Fault};
use crate::tree::{Handle, Patience, Tree};
use crate::written::Written;

/// Errors that are built, those in alternatives included.
const ERRORS: u32 = 20_000;
/// Faults that are kept.
const KEPT: usize = 500;
/// Alternatives within alternatives that are followed.
const DEPTH: usize = 24;
/// The validator goes down with the document; both are bounded, and this is enough for both.
const STACK: usize = 64 << 20;

const V2: &str = include_str!("../schemas/2.0.json");
const V30: &str = include_str!("../schemas/3.0.json");
const V31: &str = include_str!("../schemas/3.1.json");
const V32: &str = include_str!("../schemas/3.2.json");
const DIALECT: &str = include_str!("../schemas/3.1-dialect.json");
const VOCABULARY: &str = include_str!("../schemas/3.1-vocabulary.json");
const DIALECT_ID: &str = "https://spec.openapis.org/oas/3.1/dialect/base";
const VOCABULARY_ID: &str = "https://spec.openapis.org/oas/3.1/meta/base";

/// What the meta-schema says of a description, and what stands in its texts. A version without a meta-schema of its own is checked as the
/// latest that is known.
pub fn validate(description: &Description, api: &Api) -> Document {
    let format = api.format.clone().unwrap_or_default();
    std::thread::scope(|scope| {
        let work = || Document { written: Written::of(description, api), ..of(description, &format) };
        let worker = std::thread::Builder::new().stack_size(STACK).spawn_scoped(scope, work);
        worker.ok().and_then(|worker| worker.join().ok()).unwrap_or_default()
    })
}

fn of(description: &Description, format: &str) -> Document {
    let Some(validator) = validator(format) else { return Document::default() };
    let patience = Patience::new(ERRORS);
    let root = Handle::new(description.root(), &patience);
    if validator.is_valid(root) {
        return Document::default();
    }
    let mut document = Document::default();
    for error in validator.iter_errors(root) {
        for error in leaves(&error, description, 0) {
            if document.faults.len() < KEPT {
                document.faults.push(fault(error, description));
            } else {
                document.more_faults += 1;
            }
        }
    }
    document.more_faults += u32::from(patience.is_over());
    document
}

/// The validator for this version. None can only be where the embedded files are broken, which a test excludes.
fn validator(format: &str) -> Option<Validator<Tree>> {
    let read = |text: &str| serde_json::from_str::<Value>(text).ok();
    let mut version = format.split('.');
    let options = jsonschema::options_for::<Tree>()
        .should_validate_formats(false)
        .with_pattern_options(jsonschema::PatternOptions::regex());
    match (version.next()?, version.next().unwrap_or("0")) {
        ("2", _) => options.with_draft(Draft::Draft4).build(&read(V2)?).ok(),
        ("3", "0") => options.with_draft(Draft::Draft4).build(&read(V30)?).ok(),
        (_, minor) => {
            let schema = read(if minor == "1" { V31 } else { V32 })?;
            let id = schema.get("$id")?.as_str()?.to_owned();
            let registry = Registry::new()
                .add(&id, schema)
                .and_then(|registry| registry.add(DIALECT_ID, read(DIALECT).unwrap_or_default()))
                .and_then(|registry| registry.add(VOCABULARY_ID, read(VOCABULARY).unwrap_or_default()))
                .and_then(jsonschema::RegistryBuilder::prepare)
                .ok()?;
            // As the published `schema-base`: Schema Objects are those of the dialect.
            let base = json!({
                "$schema": "https://json-schema.org/draft/2020-12/schema",
                "$ref": id,
                "$defs": {"schema": {"$dynamicAnchor": "meta", "$ref": DIALECT_ID}},
            });
            options.with_draft(Draft::Draft202012).with_registry(&registry).build(&base).ok()
        }
    }
}

/// The errors that tell what is wrong: those of the alternative that was meant.
fn leaves<'e>(error: &'e ValidationError<'e>, description: &Description, depth: usize) -> Vec<&'e ValidationError<'e>> {
    let (ValidationErrorKind::AnyOf { context } | ValidationErrorKind::OneOfNotValid { context }) = error.kind() else {
        return vec![error];
    };
    if depth >= DEPTH {
        return vec![error];
    }
    let at = error.instance_path().as_str();
    let is_reference = raw_at(description, at).is_some_and(|raw| raw.get("$ref").is_some());
    let branches = context.iter().filter(|branch| !branch.is_empty());
    let found = branches.map(|branch| {
        let below = branch.iter().flat_map(|error| leaves(error, description, depth + 1));
        below.collect::<Vec<_>>()
    });
    found.max_by_key(|branch| meant(branch, at, is_reference)).unwrap_or_else(|| vec![error])
}

/// How much speaks for an alternative having been meant. What has a `$ref` was meant as a reference, what has none was not. What is of another
/// kind, or says of itself that it is something else (`in`, `type`), was not meant; then, what agrees the furthest was.
fn meant(
    errors: &[&ValidationError<'_>],
    at: &str,
    is_reference: bool,
) -> (bool, bool, bool, usize, std::cmp::Reverse<usize>) {
    let asks_for_reference = errors.iter().any(|error| {
        matches!(error.kind(), ValidationErrorKind::Required { property } if property == "$ref")
            && error.instance_path().as_str() == at
    });
    let is_other_kind = errors
        .iter()
        .any(|error| matches!(error.kind(), ValidationErrorKind::Type { .. }) && error.instance_path().as_str() == at);
    let depth = |error: &ValidationError<'_>| error.instance_path().as_str().matches('/').count();
    let says_otherwise = errors.iter().any(|error| {
        let names = matches!(error.kind(), ValidationErrorKind::Enum { .. } | ValidationErrorKind::Constant { .. });
        names && depth(error) == at.matches('/').count() + 1
    });
    let way = errors.iter().map(|error| depth(error)).max().unwrap_or(0);
    (asks_for_reference == is_reference, !is_other_kind, !says_otherwise, way, std::cmp::Reverse(errors.len()))
}

fn raw_at<'d>(description: &'d Description, pointer: &str) -> Option<plimsoll_spec::Raw<'d>> {
    description.at(tokens(pointer).iter().map(String::as_str))
}

fn tokens(pointer: &str) -> Vec<String> {
    pointer.split('/').skip(1).map(|token| token.replace("~1", "/").replace("~0", "~")).collect()
}

fn fault(error: &ValidationError<'_>, description: &Description) -> Fault {
    let mut way = tokens(error.instance_path().as_str());
    let (message, detail) = said(error.kind());
    // What is too much stands at the member itself.
    if let ValidationErrorKind::AdditionalProperties { unexpected }
    | ValidationErrorKind::UnevaluatedProperties { unexpected } = error.kind()
        && let Some(first) = unexpected.first()
    {
        way.push(first.clone());
    }
    let place = description.place(way.iter().map(String::as_str));
    Fault { message, cause: format!("{} {detail}", error.schema_path().as_str()), place }
}

/// What is wrong, in words, and what tells causes of one keyword apart.
fn said(kind: &ValidationErrorKind) -> (String, String) {
    let names =
        |names: &[String]| names.iter().take(4).map(|name| format!("`{}`", short(name))).collect::<Vec<_>>().join(", ");
    match kind {
        ValidationErrorKind::AdditionalProperties { unexpected }
        | ValidationErrorKind::UnevaluatedProperties { unexpected } => (
            format!("{} is not allowed here", names(unexpected)),
            unexpected.first().map(|name| short(name)).unwrap_or_default(),
        ),
        ValidationErrorKind::Required { property } => {
            let name = property.as_str().unwrap_or_default().to_owned();
            (format!("`{}` is missing", short(&name)), name)
        }
        ValidationErrorKind::Type { kind } => {
            let wanted = match kind {
                TypeKind::Single(kind) => kind.to_string(),
                TypeKind::Multiple(kinds) => kinds.iter().map(|kind| kind.to_string()).collect::<Vec<_>>().join(" or "),
            };
            (format!("this is of another type than {wanted}"), wanted)
        }
        ValidationErrorKind::Enum { options } => {
            let options = options
                .as_array()
                .map(|all| all.iter().take(8).map(ToString::to_string).collect::<Vec<_>>().join(", "));
            (format!("this is none of {}", options.unwrap_or_default()), String::new())
        }
        ValidationErrorKind::Constant { expected_value } => (format!("this is not {expected_value}"), String::new()),
        ValidationErrorKind::Pattern { pattern } => {
            (format!("this does not match {}", short(pattern)), pattern.clone())
        }
        ValidationErrorKind::UniqueItems => ("an element stands here twice".to_owned(), String::new()),
        ValidationErrorKind::MinItems { limit } => (format!("at least {limit} elements belong here"), String::new()),
        ValidationErrorKind::MinProperties { limit } => {
            (format!("at least {limit} members belong here"), String::new())
        }
        ValidationErrorKind::MaxProperties { limit } => (format!("at most {limit} members belong here"), String::new()),
        ValidationErrorKind::Minimum { limit } | ValidationErrorKind::ExclusiveMinimum { limit } => {
            (format!("this is less than {limit} allows"), String::new())
        }
        ValidationErrorKind::PropertyNames { error } => {
            let (inner, detail) = said(error.kind());
            (format!("a name here is not allowed: {inner}"), detail)
        }
        ValidationErrorKind::Not { .. } | ValidationErrorKind::FalseSchema => {
            ("this does not belong here".to_owned(), String::new())
        }
        ValidationErrorKind::OneOfMultipleValid { .. } => ("this is two things at once".to_owned(), String::new()),
        other => (format!("this does not follow the rule for {}", other.keyword()), String::new()),
    }
}

fn short(text: &str) -> String {
    plimsoll_model::redact::one_line(text, 80)
}
