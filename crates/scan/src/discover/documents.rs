//! Where frameworks put their contract, and how their documentation pages say where it is.

/// Customary locations of an OpenAPI document, the most common first. Each with the framework that uses it by default.
pub const LOCATIONS: &[(&str, &str)] = &[
    ("/openapi.json", "FastAPI, Starlette, many others"),
    ("/api/schema/", "drf-spectacular"),
    ("/schema/", "drf-spectacular"),
    ("/api/openapi.json", "FastAPI behind a prefix, django-ninja"),
    ("/swagger.json", "drf-yasg, Flask-RESTX"),
    ("/swagger/?format=openapi", "drf-yasg"),
    ("/api/swagger.json", "Flask-RESTX behind a prefix"),
    ("/v3/api-docs", "Spring, springdoc"),
    ("/v2/api-docs", "Spring, Springfox"),
    ("/swagger/v1/swagger.json", "ASP.NET, Swashbuckle"),
    ("/openapi/v1.json", "ASP.NET 9"),
    ("/api-json", "NestJS"),
    ("/api/docs-json", "NestJS"),
    ("/docs-json", "NestJS"),
    ("/api-docs/v1/swagger.yaml", "Rails, rswag"),
    ("/api-docs/openapi.json", "Flask-smorest, others"),
    ("/api-spec.json", "Flask-smorest"),
    ("/apispec_1.json", "Flasgger"),
    ("/openapi.yaml", "Starlette, others"),
    ("/openapi.yml", "others"),
    ("/swagger.yaml", "others"),
    ("/schema", "Litestar, others"),
    ("/schema/openapi.json", "Litestar"),
    ("/api/v1/openapi.json", "FastAPI behind a versioned prefix"),
    ("/v1/openapi.json", "FastAPI behind a versioned prefix"),
    ("/api/schema", "drf-spectacular without a trailing slash"),
    ("/openapi", "Quarkus, others"),
    ("/q/openapi", "Quarkus"),
    ("/.well-known/openapi.json", "well-known URI"),
    ("/.well-known/api-catalog", "RFC 9727"),
];

/// Customary locations of interactive documentation, which name the document.
pub const PAGES: &[&str] = &[
    "/docs",
    "/redoc",
    "/swagger",
    "/swagger/",
    "/swagger-ui.html",
    "/swagger-ui/index.html",
    "/api/docs",
    "/api/docs/",
    "/api/swagger-ui/",
    "/api-docs",
    "/docs/",
    "/scalar",
    "/api/redoc/",
    "/",
    "/swagger-resources",
    "/swagger-ui/swagger-initializer.js",
];

/// The document locations that a documentation page names, in order: Swagger UI (`url: "…"`, `urls: [{url: …}]`), ReDoc (`spec-url="…"`),
/// Scalar (`data-url="…"`), Stoplight Elements (`apiDescriptionUrl="…"`), Springfox' resource list, and the `service-desc` links of RFC 8631.
pub fn named_in(page: &str) -> Vec<String> {
    const MARKS: &[&str] = &[
        "spec-url=",
        "data-url=",
        "apiDescriptionUrl=",
        "apidescriptionurl=",
        "configUrl:",
        "\"configUrl\":",
        "specUrl:",
        "\"specUrl\":",
        "url:",
        "\"url\":",
        "\"location\":",
        "href=",
    ];
    let mut out = Vec::new();
    for mark in MARKS {
        for (at, _) in page.match_indices(mark) {
            let rest = page[at + mark.len()..].trim_start();
            let Some(quote) = rest.chars().next().filter(|c| matches!(c, '"' | '\'' | '`')) else { continue };
            let Some((value, _)) = rest[1..].split_once(quote) else { continue };
            let value = value.replace("&amp;", "&").replace("\\/", "/").replace("\\u0026", "&");
            let looks_right = !value.is_empty() && value.len() < 500 && !value.contains(char::is_whitespace);
            // `href` is everywhere; only what looks like a document counts.
            let wanted = *mark != "href=" || is_document_like(&value);
            if looks_right && wanted && !is_asset(&value) && !out.contains(&value) {
                out.push(value);
            }
        }
    }
    out
}

fn is_document_like(value: &str) -> bool {
    let path = value.split(['?', '#']).next().unwrap_or("").to_ascii_lowercase();
    let words = ["openapi", "swagger", "api-docs", "apispec", "schema"];
    words.iter().any(|word| path.contains(word)) && !path.ends_with(".html")
}

fn is_asset(value: &str) -> bool {
    let path = value.split(['?', '#']).next().unwrap_or("").to_ascii_lowercase();
    [".css", ".png", ".ico", ".svg", ".woff2", ".map"].iter().any(|end| path.ends_with(end))
        || path.ends_with(".min.js")
        || value.starts_with("data:")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn swagger_ui_redoc_and_scalar_name_their_document() {
        assert_eq!(
            named_in("const ui = SwaggerUIBundle({ url: '/openapi.json', \"dom_id\": '#swagger-ui' })"),
            ["/openapi.json"]
        );
        assert_eq!(named_in(r#"<redoc spec-url="/api/schema/?a=1&amp;b=2"></redoc>"#), ["/api/schema/?a=1&b=2"]);
        assert_eq!(
            named_in(r#"<script id="api-reference" data-url="/v1/openapi.yaml"></script>"#),
            ["/v1/openapi.yaml"]
        );
        assert_eq!(
            named_in(r#"[{"name":"default","url":"/v2/api-docs","location":"/v2/api-docs"}]"#),
            ["/v2/api-docs"]
        );
    }

    #[test]
    fn other_links_are_no_documents() {
        assert!(named_in(r#"<a href="/about">about</a><link href="/swagger-ui.css">"#).is_empty());
    }
}
