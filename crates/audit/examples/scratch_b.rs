fn main() {
    for path in std::env::args().skip(1) {
        let source = plimsoll_spec::Source::File(path.clone().into());
        let Ok(description) = plimsoll_spec::Description::read(&source, &plimsoll_spec::Options::default()) else { continue };
        let Ok(api) = description.api() else { continue };
        let written = plimsoll_audit::Written::of(&description, &api);
        let document = plimsoll_audit::Document { written, ..Default::default() };
        drop(description);
        let findings = plimsoll_audit::audit(&api, &document, &plimsoll_audit::Nobody, |_| true);
        for f in findings {
            println!("{}", serde_json::json!({"file": path, "ops": api.operations.len(), "check": f.check, "severity": f.severity.to_string(), "confidence": f.confidence.to_string(), "op": f.operation.as_ref().map(ToString::to_string), "also": f.also.len(), "message": f.message, "part": f.part.map(|p| p.name), "pointer": f.spec.map(|s| s.pointer)}));
        }
    }
}
