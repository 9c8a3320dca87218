//! Evidence as the page shows it: texts ready to be escaped, charts ready to be placed.

use plimsoll_model::{Evidence, redact};

use crate::svg;
use crate::text::bytes;

/// One piece of evidence.
pub enum EvidenceView {
    /// A recorded exchange.
    Exchange(ExchangeView),
    /// A number with its interval.
    Measurement(MeasurementView),
    /// A chart, as SVG, with its caption.
    Chart(String, String),
    /// A place in the contract and what stands there.
    Contract(String, String),
    /// A sentence, as HTML.
    Note(String),
}

/// A recorded exchange.
pub struct ExchangeView {
    pub id: String,
    pub role: String,
    pub request: String,
    pub answer: String,
    pub status: String,
    pub curl: String,
    pub headers: Vec<String>,
    pub excerpt: String,
}

/// A number with its interval.
pub struct MeasurementView {
    pub name: String,
    pub value: String,
    pub low: String,
    pub high: String,
    pub unit: String,
    pub n: u32,
    pub method: String,
    pub chart: String,
}

/// The view of a piece of evidence. None for a place in the source, because these are steps of one trail, and for a
/// series without two points.
pub fn view(evidence: &Evidence) -> Option<EvidenceView> {
    Some(match evidence {
        Evidence::Exchange(exchange) => {
            let size = format!("{} in {} ms", bytes(exchange.bytes), svg::number(exchange.ms));
            EvidenceView::Exchange(ExchangeView {
                id: redact::one_line(&exchange.id, 40),
                role: redact::one_line(&exchange.role, 200),
                request: redact::one_line(&exchange.request, 2_000),
                answer: if exchange.status.is_some() { size } else { String::new() },
                status: exchange.status.map_or_else(|| "no answer".to_owned(), |status| status.to_string()),
                curl: redact::printable(&exchange.curl).into_owned(),
                headers: exchange.headers.iter().map(|header| redact::one_line(header, 1_000)).collect(),
                excerpt: redact::printable(&exchange.excerpt).into_owned(),
            })
        }
        Evidence::Measurement(measurement) => {
            let (value, low, high) = (measurement.value, measurement.low, measurement.high);
            let unit = redact::one_line(&measurement.unit, 40);
            let name = redact::one_line(&measurement.name, 200);
            let (value_text, low_text, high_text) = (svg::number(value), svg::number(low), svg::number(high));
            let title =
                format!("{name}: {value_text} {unit}, interval from {low_text} to {high_text}, with zero marked");
            EvidenceView::Measurement(MeasurementView {
                chart: svg::interval(value, low, high, &title),
                name,
                value: value_text,
                low: low_text,
                high: high_text,
                unit,
                n: measurement.n,
                method: redact::one_line(&measurement.method, 200),
            })
        }
        Evidence::Series(series) => {
            let title = redact::one_line(&series.title, 200);
            let chart = svg::scatter(svg::Scatter {
                title: &title.replace('`', ""),
                x_label: &series.x_label,
                y_label: &series.y_label,
                points: &series.points,
                fit: series.fit,
            });
            if chart.is_empty() {
                return None;
            }
            EvidenceView::Chart(super::markdown::sentence(&title), chart)
        }
        Evidence::Contract { pointer, line, excerpt } => {
            let place = match line {
                Some(line) => format!("{pointer} (line {line})"),
                None => pointer.clone(),
            };
            EvidenceView::Contract(redact::one_line(&place, 400), redact::one_line(excerpt, 600))
        }
        Evidence::Source { .. } => return None,
        Evidence::Note { text } => EvidenceView::Note(super::markdown::sentence(&redact::one_line(text, 2_000))),
    })
}
