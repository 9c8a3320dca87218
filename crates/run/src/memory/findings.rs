//! From measured operations to findings: which weakness it is, how bad it is by the numbers, and what is said of it.
//!
//! The severity of a leak follows from how many requests it takes to reach the limit, that of a peak from how few callers it takes. Nothing is judged
//! here that the estimator left open: plateaus, and what is inconclusive, are no findings.

use plimsoll_model::memory::{Curve, Handle, HandleGrowth, Interval, OperationMemory, Peak, Retainer, Verdict};
use plimsoll_model::{
    Confidence, Evidence, Finding, Fingerprint, Measurement, Series, Severity, SourcePlace, Vantage, Weakness,
};

/// Leaks that reach the limit within so many requests are critical, high, medium; the others are low. At ten requests a second this is ten minutes, a
/// day, and a month.
const REQUESTS: [(u64, Severity); 3] =
    [(6_000, Severity::Critical), (864_000, Severity::High), (26_000_000, Severity::Medium)];
/// The name of the check that finds retained bytes.
const LEAK: &str = "memory-leak";
/// Requests at once that reach the limit: as many as a worker's threads.
const CALLERS: u64 = 40;
/// A leak of handles is high from so many a request on: a limit of 1,024 descriptors is reached within minutes.
const HANDLES: f64 = 0.1;

/// The findings of all operations. What every request leaves behind, whatever it asks for, is one finding about all of them.
pub fn of_all(memory: &[OperationMemory]) -> Vec<Finding> {
    let (everywhere, own): (Vec<_>, Vec<_>) = memory.iter().partition(|memory| memory.everywhere);
    let mut out: Vec<Finding> = own.into_iter().flat_map(of).collect();
    // The one that says most: it was asked what holds the bytes.
    let lead = everywhere
        .iter()
        .max_by_key(|memory| (memory.retained_by.len(), memory.allocated_at.len(), memory.curves.len()));
    for mut finding in lead.map(|memory| of(memory)).unwrap_or_default() {
        if finding.check == LEAK {
            finding.message.insert_str(0, "Every request does, whatever it asks for. ");
            let others = everywhere.iter().map(|memory| memory.operation.clone());
            finding.also = others.filter(|operation| finding.operation.as_ref() != Some(operation)).collect();
            finding.fingerprint = Fingerprint::of(["finding", LEAK, finding.weakness.id(), "application"]);
        }
        out.push(finding);
    }
    out
}

/// The findings of one operation.
fn of(memory: &OperationMemory) -> Vec<Finding> {
    let mut out = Vec::new();
    match (memory.verdict, &memory.bytes_per_request, &memory.peak_bytes) {
        // Where handles alone leak, the rate of bytes is not above zero.
        (Verdict::Leak, Some(rate), _) if rate.low > 0.0 => out.push(leak(memory, rate)),
        (Verdict::Peak, _, Some(peak)) => out.push(self::peak(memory, peak)),
        _ => {}
    }
    out.extend(
        memory.handles.iter().filter(|growth| growth.verdict == Verdict::Leak).map(|growth| handles(memory, growth)),
    );
    out
}

fn finding(memory: &OperationMemory, check: &str, weakness: Weakness, severity: Severity, message: String) -> Finding {
    let key = &memory.operation;
    Finding {
        fingerprint: Fingerprint::of(["finding", check, weakness.id(), key.method.as_str(), &key.path]),
        check: check.to_owned(),
        weakness,
        kind: weakness.facts().kind,
        vantage: Vantage::Memory,
        severity,
        confidence: Confidence::Proven,
        operation: Some(key.clone()),
        also: Vec::new(),
        part: None,
        source: None,
        spec: None,
        message,
        evidence: Vec::new(),
    }
}

fn leak(memory: &OperationMemory, rate: &Interval) -> Finding {
    let severity = match memory.requests_until_limit {
        Some(until) => {
            let found = REQUESTS.iter().find(|(requests, _)| until.requests <= *requests);
            found.map_or(Severity::Low, |(_, severity)| *severity)
        }
        None => Severity::Medium,
    };
    let signal = memory.signal.map_or("memory", plimsoll_model::memory::Signal::as_str);
    let mut said = vec![format!(
        "Each request leaves {} of {signal} behind ({:.0} % interval {} to {})",
        size(rate.value),
        rate.level * 100.0,
        size(rate.low),
        size(rate.high)
    )];
    if let Some(until) = memory.requests_until_limit {
        said[0] += &format!("; {} are reached after {} requests", size(until.limit as f64), rounded(until.requests));
    }
    said[0].push('.');
    if memory.keyed_by_input == Some(true) {
        said.push(
            "It does not grow when the same request is repeated: something is kept for each different input."
                .to_owned(),
        );
    }
    if let Some(retainer) = holder(memory) {
        let sure = if retainer.named { "Held by" } else { "Probably held by" };
        said.push(format!(
            "{sure} `{}`, {:.2} entries more with each request.",
            retainer.path.join(" → "),
            retainer.entries_per_request
        ));
    }
    let line = memory.allocated_at.iter().find(|line| line.own);
    if let Some(line) = line {
        let function = line.function.as_deref().map(|function| format!(" in `{function}`")).unwrap_or_default();
        said.push(format!(
            "{:.0} % of it is allocated at `{}:{}`{function}.",
            line.share.value * 100.0,
            line.file,
            line.line
        ));
    }
    if memory.native {
        said.push(
            "The interpreter's objects do not grow: the bytes are held by a native library, or by the allocator."
                .to_owned(),
        );
    }
    let mut finding = finding(memory, LEAK, weakness(memory), severity, said.join(" "));
    // Where it is stored says more than where it was made, if the statement names the holder.
    let stored = holder(memory)
        .filter(|holder| holder.own && holder.named)
        .and_then(|holder| holder.stored_at.iter().find(|at| at.exact));
    finding.source = stored
        .map(|at| (&at.file, at.line, &at.function))
        .or(line.map(|line| (&line.file, line.line, &line.function)))
        .map(|(file, line, function)| SourcePlace {
            file: file.clone(),
            line,
            symbol: function.clone(),
            columns: None,
        });
    finding.evidence.push(measurement("bytes that a request leaves behind", rate, "B/request", memory.requests));
    finding.evidence.extend(memory.curves.iter().find(|curve| !curve.fixed_input).and_then(series));
    finding
}

/// The path that explains the growth best: the application's own before those of libraries, named ones before those that are guessed.
fn holder(memory: &OperationMemory) -> Option<&Retainer> {
    memory.retained_by.iter().min_by_key(|retainer| (!retainer.named, !retainer.own))
}

/// What kind of thing is held, by the path that holds it; a container of whatever kind where the path says nothing.
fn weakness(memory: &OperationMemory) -> Weakness {
    let Some(retainer) = holder(memory) else { return Weakness::UnboundedCache };
    // The root is a name of the application's, and says nothing about what is held.
    let steps =
        || retainer.path.iter().skip(1).map(|step| step.rsplit('.').next().unwrap_or(step).to_ascii_lowercase());
    let holds = |words: &[&str]| steps().any(|step| words.iter().any(|word| step.contains(word)));
    let is = |words: &[&str]| steps().any(|step| words.contains(&step.as_str()));
    if holds(&["traceback", "exception"]) || steps().any(|step| step.ends_with("error")) {
        Weakness::RetainedException
    } else if holds(&["wsgirequest", "asgirequest", "httprequest", "httpresponse"])
        || is(&["request", "response", "jsonresponse"])
    {
        Weakness::RetainedRequest
    } else if is(&["generator", "async_generator", "pageiterator"]) {
        Weakness::RetainedIterator
    } else if is(&["task", "future"]) {
        Weakness::RetainedTask
    } else if is(&[
        "dynamodb",
        "session",
        "client",
        "asyncclient",
        "clientsession",
        "threadpoolexecutor",
        "serviceresource",
    ]) {
        Weakness::RetainedClient
    } else if is(&["queue", "simplequeue", "lifoqueue", "priorityqueue"]) {
        Weakness::UnboundedQueue
    } else {
        Weakness::UnboundedCache
    }
}

fn peak(memory: &OperationMemory, peak: &Peak) -> Finding {
    let mut said = vec![format!(
        "One request has {} in use at once ({:.0} % interval {} to {}) for an answer of {}.",
        size(peak.in_flight.value),
        peak.in_flight.level * 100.0,
        size(peak.in_flight.low),
        size(peak.in_flight.high),
        size(peak.answer_bytes as f64)
    )];
    if let Some(item) = &peak.per_item {
        let limit = peak
            .items_until_limit
            .map(|items| format!("; one request reaches the limit with {} items", rounded(items)));
        said.push(format!("It grows by {} with every item{}.", size(item.value), limit.unwrap_or_default()));
    }
    if let Some(requests) = peak.requests_until_limit {
        said.push(format!("{} such requests at once reach the limit.", rounded(requests)));
    }
    said.push("Nothing of it stays.".to_owned());
    let few = peak.requests_until_limit.is_some_and(|requests| requests <= CALLERS);
    let severity = match (few, peak.per_item) {
        (true, Some(_)) => Severity::High,
        (true, None) | (false, Some(_)) => Severity::Medium,
        (false, None) => Severity::Low,
    };
    let mut finding = finding(memory, "memory-peak", Weakness::UnboundedRead, severity, said.join(" "));
    finding.evidence.push(measurement("bytes in use by one request", &peak.in_flight, "B", memory.requests));
    let item =
        peak.per_item.as_ref().map(|item| measurement("bytes in use for each item", item, "B/item", memory.requests));
    finding.evidence.extend(item);
    finding
}

fn handles(memory: &OperationMemory, growth: &HandleGrowth) -> Finding {
    let weakness = match growth.handle {
        Handle::Files => Weakness::UnclosedResource,
        Handle::CloseWait => Weakness::UnclosedClient,
        Handle::Tasks => Weakness::RetainedTask,
        Handle::Threads => Weakness::RetainedClient,
    };
    let severity = if growth.per_request.low >= HANDLES { Severity::High } else { Severity::Medium };
    let message = format!(
        "Each request leaves {:.2} {} open (interval {:.2} to {:.2}); {} in the end.",
        growth.per_request.value,
        growth.handle.as_str(),
        growth.per_request.low,
        growth.per_request.high,
        growth.last
    );
    let mut finding = finding(memory, "handle-leak", weakness, severity, message);
    finding.evidence.push(measurement(growth.handle.as_str(), &growth.per_request, "/request", memory.requests));
    finding
}

fn measurement(name: &str, interval: &Interval, unit: &str, requests: u64) -> Evidence {
    let tenth = |value: f64| (value * 10.0).round() / 10.0;
    Evidence::Measurement(Measurement {
        name: name.to_owned(),
        value: tenth(interval.value),
        low: tenth(interval.low),
        high: tenth(interval.high),
        unit: unit.to_owned(),
        n: u32::try_from(requests).unwrap_or(u32::MAX),
        method: format!("see the estimator's page in the handbook, {:.0} %", interval.level * 100.0),
    })
}

fn series(curve: &Curve) -> Option<Evidence> {
    let first = curve.points.first()?;
    let above = |value: f64| ((value - first[1]) / 1024.0 * 10.0).round() / 10.0;
    let fit = curve.fit.map(|fit| {
        let at_zero = fit.through[1] - fit.slope.value * fit.through[0];
        [(at_zero - first[1]) / 1024.0, fit.slope.value / 1024.0]
    });
    Some(Evidence::Series(Series {
        title: format!("{} against requests", curve.signal.as_str()),
        x_label: "requests".to_owned(),
        y_label: "KiB since the first reading".to_owned(),
        points: curve.points.iter().map(|point| [point[0], above(point[1])]).collect(),
        fit,
    }))
}

/// A size with a binary unit, as the reports write it.
pub fn size(bytes: f64) -> String {
    let mut value = bytes;
    for unit in ["B", "KiB", "MiB", "GiB"] {
        if value.abs() < 1000.0 || unit == "GiB" {
            let digits = usize::from(unit != "B" && value.abs() < 100.0) * 2;
            return format!("{value:.digits$} {unit}");
        }
        value /= 1024.0;
    }
    format!("{bytes:.0} B")
}

/// Two significant digits: an extrapolation is no more exact than that.
fn rounded(number: u64) -> String {
    let step = 10u64.pow(number.checked_ilog10().unwrap_or(0).saturating_sub(1));
    let digits = (number.saturating_add(step / 2) / step * step).to_string();
    let mut out = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

#[cfg(test)]
mod tests {
    use plimsoll_model::memory::{Signal, Until};
    use serde_json::json;

    use super::*;
    use crate::memory::tests::{interval, measured};

    fn leaking(until: u64) -> OperationMemory {
        let mut memory = measured("/cache", Verdict::Leak);
        memory.bytes_per_request = Some(interval(9_594.0, 9_633.0, 9_664.0));
        memory.signal = Some(Signal::Live);
        memory.requests_until_limit =
            Some(Until { limit: 512 << 20, requests: until, fewest: until, most: Some(until) });
        memory
    }

    fn held_by(path: &[&str]) -> OperationMemory {
        let mut memory = leaking(47_000);
        let retainer = json!({"path": path, "text": "", "entries": 100, "entries_per_request": 1.0, "bytes_per_request": 9e3, "own": true, "named": true});
        memory.retained_by = vec![serde_json::from_value(retainer).unwrap()];
        memory
    }

    #[test]
    fn the_severity_follows_from_the_requests() {
        for (until, severity) in [
            (3_000, Severity::Critical),
            (47_000, Severity::High),
            (2_000_000, Severity::Medium),
            (900_000_000, Severity::Low),
        ] {
            assert_eq!(of(&leaking(until))[0].severity, severity, "{until}");
        }
    }

    #[test]
    fn a_leak_says_its_rate_its_holder_and_its_line() {
        let mut memory = held_by(&["shop.cache.RECENT", "dict", "list", "bytes"]);
        let line = json!({"file": "shop/cache.py", "line": 42, "function": "remember", "own": true, "bytes_per_request": 9_250.0,
            "share": interval(0.94, 0.96, 0.98)});
        memory.allocated_at = vec![serde_json::from_value(line).unwrap()];
        let finding = &of(&memory)[0];
        assert_eq!(
            finding.message,
            "Each request leaves 9.41 KiB of live bytes behind (95 % interval 9.37 KiB to 9.44 KiB); 512 MiB are reached after 47,000 requests. \
             Held by `shop.cache.RECENT → dict → list → bytes`, 1.00 entries more with each request. 96 % of it is allocated at `shop/cache.py:42` in `remember`."
        );
        assert_eq!(finding.source.as_ref().map(|source| source.line), Some(42));
        assert_eq!(
            (finding.weakness, finding.vantage, finding.confidence),
            (Weakness::UnboundedCache, Vantage::Memory, Confidence::Proven)
        );
    }

    #[test]
    fn what_is_held_names_the_weakness() {
        for (path, weakness) in [
            (&["shop.RECENT", "dict", "bytes"] as &[&str], Weakness::UnboundedCache),
            (&["shop.request_cache", "dict"], Weakness::UnboundedCache),
            (&["shop.SEEN", "list", "django.core.handlers.wsgi.WSGIRequest"], Weakness::RetainedRequest),
            (&["shop.ERRORS", "list", "ValueError", "traceback"], Weakness::RetainedException),
            (&["shop.OPEN", "list", "generator"], Weakness::RetainedIterator),
            (&["shop.TASKS", "set", "_asyncio.Task"], Weakness::RetainedTask),
            (&["shop.POOLS", "list", "ThreadPoolExecutor"], Weakness::RetainedClient),
            (&["shop.JOBS", "asyncio.queues.Queue", "deque"], Weakness::UnboundedQueue),
        ] {
            assert_eq!(super::weakness(&held_by(path)), weakness, "{path:?}");
        }
    }

    #[test]
    fn what_is_open_or_harmless_is_no_finding() {
        for verdict in [Verdict::None, Verdict::Plateau, Verdict::Inconclusive] {
            let memory = OperationMemory { verdict, ..leaking(47_000) };
            assert!(of(&memory).is_empty(), "{verdict}");
        }
    }

    #[test]
    fn what_every_request_leaves_is_said_once() {
        let everywhere = |path: &str| OperationMemory {
            operation: plimsoll_model::OperationKey::new(plimsoll_model::Method::Get, path),
            everywhere: true,
            ..held_by(&["shop.Log.SEEN", "list", "Request"])
        };
        let found = of_all(&[everywhere("/a"), everywhere("/b"), leaking(47_000)]);
        assert_eq!(found.len(), 2);
        assert_eq!(found[1].operations().count(), 2);
        assert!(found[1].message.starts_with("Every request does"), "{}", found[1].message);
    }

    #[test]
    fn handles_are_findings_of_their_own() {
        let mut memory = measured("/files", Verdict::None);
        let growth = |handle, low: f64| HandleGrowth {
            handle,
            verdict: Verdict::Leak,
            per_request: interval(low, low + 0.01, low + 0.02),
            last: 900,
        };
        memory.handles = vec![growth(Handle::Files, 0.98), growth(Handle::CloseWait, 0.01)];
        let found: Vec<_> = of(&memory).into_iter().map(|finding| (finding.weakness, finding.severity)).collect();
        assert_eq!(found, [(Weakness::UnclosedResource, Severity::High), (Weakness::UnclosedClient, Severity::Medium)]);
    }
}
