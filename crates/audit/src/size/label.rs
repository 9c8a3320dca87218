//! A name for a part of a contract, from its pointer: `Order.lines[].note` reads better than where it stands.

/// What a pointer points to, as a reader would name it.
pub fn label(pointer: &str) -> String {
    let mut out = String::new();
    let mut segments = pointer.split('/').map(|segment| segment.replace("~1", "/").replace("~0", "~")).peekable();
    // A file of its own comes before the number sign.
    while let Some(segment) = segments.next() {
        match segment.as_str() {
            "schemas" | "definitions" | "$defs" | "parameters" | "requestBodies" if out.is_empty() => {
                if let Some(name) = segments.next() {
                    out = name.parse::<u32>().map_or(name, |_| "parameter".to_owned());
                }
            }
            "properties" | "patternProperties" => {
                if let Some(name) = segments.next() {
                    out.push_str(if out.is_empty() { "" } else { "." });
                    out.push_str(&name);
                }
            }
            "items" | "prefixItems" if !out.is_empty() => out.push_str("[]"),
            "additionalProperties" if !out.is_empty() => out.push_str(".*"),
            "requestBody" => "body".clone_into(&mut out),
            "responses" => {
                if let Some(name) = segments.next() {
                    out = if name.starts_with(|c: char| c.is_ascii_digit()) || name == "default" {
                        format!("answer {name}")
                    } else {
                        name
                    };
                }
            }
            _ => {}
        }
    }
    if out.is_empty() { pointer.rsplit('/').next().unwrap_or(pointer).to_owned() } else { out }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pointers_become_names() {
        for (pointer, name) in [
            ("/components/schemas/Order/properties/lines/items/properties/note", "Order.lines[].note"),
            ("/definitions/Order/properties/extra/additionalProperties", "Order.extra.*"),
            ("/paths/~1orders/post/requestBody/content/application~1json/schema/properties/tags", "body.tags"),
            ("/paths/~1orders/get/responses/200/content/application~1json/schema", "answer 200"),
            ("/paths/~1orders/get/parameters/0/schema", "parameter"),
            ("/components/parameters/Limit/schema", "Limit"),
            ("", ""),
        ] {
            assert_eq!(label(pointer), name, "{pointer}");
        }
    }
}
