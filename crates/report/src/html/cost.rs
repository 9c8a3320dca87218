//! What an issue costs, in the numbers that were measured: bytes that a request leaves behind or has in use, how far it is to the limit, and what
//! the wire showed.

use plimsoll_model::memory::{OperationMemory, Until, Verdict};
use plimsoll_model::{Evidence, Finding, Issue, Vantage, redact};

use crate::memory;
use crate::svg;
use crate::text::bytes;

/// So many measurements of the wire stand at the top; all of them stand with their findings.
const MEASUREMENTS: usize = 2;

/// One number.
pub struct CostView {
    pub label: String,
    pub value: String,
    /// Its interval in words.
    pub band: String,
    /// Its interval as a drawing; may be empty.
    pub chart: String,
}

/// The costs of an issue: `measured` holds the memory of the operations that its findings from memory speak of.
pub fn of(issue: &Issue, findings: &[&Finding], measured: &[&OperationMemory]) -> Vec<CostView> {
    let mut out = Vec::new();
    let leaks = measured.iter().filter(|memory| memory.verdict == Verdict::Leak);
    let rate = |memory: &OperationMemory| memory.bytes_per_request.map_or(0.0, |interval| interval.value);
    let worst = leaks.max_by(|a, b| rate(a).total_cmp(&rate(b)));
    if let Some((memory, interval)) = worst.and_then(|memory| Some((memory, memory.bytes_per_request?))) {
        let band = format!("{:.0} % interval {}", interval.level * 100.0, memory::ends(&interval));
        out.push(CostView {
            label: "A request leaves behind".to_owned(),
            value: memory::size(interval.value),
            chart: svg::interval(
                interval.value,
                interval.low,
                interval.high,
                &format!("{} a request, {band}, with zero marked", memory::size(interval.value)),
            ),
            band,
        });
        out.extend(issue.requests_until_limit.or(memory.requests_until_limit).map(until));
    }
    let peaks = measured.iter().filter(|memory| memory.verdict == Verdict::Peak).filter_map(|memory| memory.peak_bytes);
    if let Some(peak) = peaks.max_by(|a, b| a.in_flight.value.total_cmp(&b.in_flight.value)) {
        out.push(CostView {
            label: "A request has in use".to_owned(),
            value: memory::size(peak.in_flight.value),
            band: format!("{} are answered", bytes(peak.answer_bytes)),
            chart: String::new(),
        });
        if let Some(item) = peak.per_item {
            let limit =
                peak.items_until_limit.map(|items| format!(", the limit with {} items", memory::rounded(items)));
            out.push(CostView {
                label: "Each item".to_owned(),
                value: memory::size(item.value),
                band: format!("{}{}", memory::ends(&item), limit.unwrap_or_default()),
                chart: String::new(),
            });
        }
    }
    // What memory measured stands above, with what follows from it.
    let told = |finding: &&&Finding| finding.vantage != Vantage::Memory || measured.is_empty();
    let measurements =
        findings.iter().filter(told).flat_map(|finding| &finding.evidence).filter_map(|evidence| match evidence {
            Evidence::Measurement(measurement) => Some(measurement),
            _ => None,
        });
    out.extend(measurements.take(MEASUREMENTS).map(|measurement| {
        let unit = redact::one_line(&measurement.unit, 40);
        CostView {
            label: redact::one_line(&measurement.name, 80),
            value: format!("{} {unit}", svg::number(measurement.value)),
            band: format!(
                "{} to {}, n = {}",
                svg::number(measurement.low),
                svg::number(measurement.high),
                measurement.n
            ),
            chart: String::new(),
        }
    }));
    out
}

fn until(until: Until) -> CostView {
    let (fewest, most) =
        (memory::rounded(until.fewest), until.most.map_or("perhaps never".to_owned(), memory::rounded));
    let band = if fewest == most { String::new() } else { format!("{fewest} to {most}") };
    CostView {
        label: format!("{} are reached after", bytes(until.limit)),
        value: format!("{} requests", memory::rounded(until.requests)),
        band,
        chart: String::new(),
    }
}
