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
        let mut leaves = Vec::new();
        leaf(&error, description, 0, &mut leaves);
        for error in leaves {
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
fn leaf<'e>(
    error: &'e ValidationError<'e>,
    description: &Description,
    depth: usize,
    out: &mut Vec<&'e ValidationError<'e>>,
) {
    let (ValidationErrorKind::AnyOf { context } | ValidationErrorKind::OneOfNotValid { context }) = error.kind() else {
        return out.push(error);
    };
    if depth >= DEPTH {
        return out.push(error);
    }
    let at = error.instance_path().as_str();
    let is_reference = raw_at(description, at).is_some_and(|raw| raw.get("$ref").is_some());
    // What has a `$ref` was meant as a reference, what has none was not. Otherwise the alternative that goes deepest with the fewest errors was meant:
    // it agreed on the way there.
    let asks_for_reference = |branch: &[ValidationError<'_>]| {
        branch
            .iter()
            .any(|error| matches!(error.kind(), ValidationErrorKind::Required { property } if property == "$ref"))
    };
    let meant = context.iter().filter(|branch| !branch.is_empty()).max_by_key(|branch| {
        let way = branch.iter().map(|error| depth_of(error)).max().unwrap_or(0);
        let wrong_type = branch.iter().any(|error| {
            matches!(error.kind(), ValidationErrorKind::Type { .. } | ValidationErrorKind::Enum { .. })
                && error.instance_path().as_str() == at
        });
        (
            asks_for_reference(branch) == is_reference && is_reference,
            !asks_for_reference(branch),
            !wrong_type,
            way,
            std::cmp::Reverse(branch.len()),
        )
    });
    match meant {
        Some(branch) => branch.iter().for_each(|error| leaf(error, description, depth + 1, out)),
        None => out.push(error),
    }
}

/// How far below the root an error is, alternatives followed.
fn depth_of(error: &ValidationError<'_>) -> usize {
    let own = error.instance_path().as_str().matches('/').count();
    match error.kind() {
        ValidationErrorKind::AnyOf { context } | ValidationErrorKind::OneOfNotValid { context } => {
            context.iter().flatten().map(depth_of).max().unwrap_or(own).max(own)
        }
        _ => own,
    }
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
    if let (
        ValidationErrorKind::AdditionalProperties { unexpected }
        | ValidationErrorKind::UnevaluatedProperties { unexpected },
        true,
    ) = (error.kind(), true)
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
                .map(|all| all.iter().take(8).map(std::string::ToString::to_string).collect::<Vec<_>>().join(", "));
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
