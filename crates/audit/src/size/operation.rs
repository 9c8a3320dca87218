//! The sizes of an operation: what a caller may send, and what is answered.

use plimsoll_spec::{Operation, Parameter, Schema, SchemaKind};

use super::bound::{Bound, Size};
use super::measure::Meter;
use super::text::member;
use super::{CauseKind, Way};

/// The worst-case sizes of one operation, in bytes.
#[derive(Clone, Debug)]
pub struct OperationSizes {
    /// The body of the request, in the largest of its media types; none where it takes none.
    pub body: Option<Size>,
    /// All parameters together, with their names.
    pub parameters: Size,
    /// Parameters and body.
    pub input: Size,
    /// The largest successful answer; none where none has a content.
    pub answer: Option<Size>,
    /// The status of that answer.
    pub status: Option<String>,
}

impl OperationSizes {
    pub(super) fn of(operation: &Operation, meter: &mut Meter) -> Self {
        let mut parameters = Bound::default();
        for parameter in &operation.parameters {
            parameters = parameters.plus(&of_parameter(parameter, meter));
        }
        let body = operation.body.as_ref().map(|body| {
            let mut widest = Bound::default();
            for (media_type, (schema, _)) in &body.content {
                let bound = if is_unspoken(schema) {
                    let kind = if is_file_like(media_type) { CauseKind::File } else { CauseKind::AnyValue };
                    meter.fault(kind, &body.place)
                } else {
                    let parts = if is_form(media_type) { schema.properties.len() as u128 } else { 0 };
                    // A part of a form has a boundary of 70 characters (RFC 2046 §5.1.1) and a few headers.
                    meter.schema(schema, Way::In).plus(&Bound::bytes(parts.saturating_mul(512)))
                };
                widest = widest.or(&bound);
            }
            widest
        });
        let answers: Vec<_> = operation.responses.iter().filter(|(status, _)| status.starts_with('2')).collect();
        let default = operation.responses.get_key_value("default").filter(|_| answers.is_empty());
        let mut answer: Option<(Bound, &str)> = None;
        for (status, response) in answers.into_iter().chain(default) {
            for (media_type, schema) in &response.content {
                let bound = if is_unspoken(schema) {
                    let kind = if is_file_like(media_type) { CauseKind::File } else { CauseKind::AnyValue };
                    meter.fault(kind, &response.place)
                } else {
                    meter.schema(schema, Way::Out)
                };
                answer = Some(match answer {
                    None => (bound, status),
                    Some((known, at)) => (known.or(&bound), if is_wider(&bound, &known) { status } else { at }),
                });
            }
        }
        let input = body.map_or(parameters, |body| body.plus(&parameters));
        Self {
            body: body.map(|body| meter.size(&body)),
            parameters: meter.size(&parameters),
            input: meter.size(&input),
            answer: answer.map(|(bound, _)| meter.size(&bound)),
            status: answer.map(|(_, status)| status.to_owned()),
        }
    }
}

fn is_wider(one: &Bound, other: &Bound) -> bool {
    match (one.known(), other.known()) {
        (Some(one), Some(other)) => one > other,
        (None, Some(_)) => true,
        (_, None) => false,
    }
}

/// A parameter with its name, `=` and `&`; a repeated one with its name before each value.
fn of_parameter(parameter: &Parameter, meter: &mut Meter) -> Bound {
    let name = Bound::bytes(member(&parameter.name).saturating_add(2));
    let value = meter.schema(&parameter.schema, Way::In);
    let repeated = parameter.explode && parameter.schema.allows(SchemaKind::Array);
    let most = parameter.schema.variants().iter().filter_map(|schema| schema.max_items).max();
    let names = match most.filter(|_| repeated) {
        Some(most) => name.times(u128::from(most.max(1))),
        None => name,
    };
    value.plus(&names)
}

/// Whether nothing is said of a schema.
fn is_unspoken(schema: &Schema) -> bool {
    schema.kinds.is_empty()
        && schema.alternatives.is_empty()
        && schema.properties.is_empty()
        && schema.values.is_empty()
        && !schema.recursive
        && schema.max_length.is_none()
        && schema.pattern.is_none()
        && schema.max_items.is_none()
        && schema.format.is_none()
}

fn is_form(media_type: &str) -> bool {
    media_type.starts_with("multipart/") || media_type.starts_with("application/x-www-form-urlencoded")
}

/// Whether a media type is that of a file: neither JSON, XML nor a form.
pub fn is_file_like(media_type: &str) -> bool {
    let media_type = media_type.split(';').next().unwrap_or(media_type).trim();
    let structured =
        media_type.contains("json") || media_type.contains("xml") || media_type.contains("yaml") || is_form(media_type);
    let binary = [
        "image/",
        "audio/",
        "video/",
        "application/octet-stream",
        "application/zip",
        "application/gzip",
        "application/pdf",
        "application/x-",
    ];
    !structured && (binary.iter().any(|start| media_type.starts_with(start)) || media_type == "*/*")
}
