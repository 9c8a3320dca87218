//! `[memory]`: how the application is started and driven when its memory is measured.

use std::collections::BTreeMap;

use serde::Deserialize;

/// How memory is measured.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Memory {
    /// The command that starts the application, its words one by one.
    pub command: Vec<String>,
    /// Where it starts, relative to the configuration file.
    pub cwd: Option<String>,
    /// Variables of its environment, `$NAME` for one of our own.
    pub env: BTreeMap<String, String>,
    /// The port that it serves, where it listens on several.
    pub port: Option<u16>,
    /// Memory that the service will have, as in `512MiB`: extrapolations go there.
    pub limit: Option<String>,
    /// Memory that the application may use while it is measured.
    pub memory_limit: Option<String>,
    /// Requests in flight, one measurement for each.
    pub concurrency: Vec<u32>,
    /// Time for everything, as in `5m`.
    pub time: Option<String>,
    /// Requests for everything.
    pub max_requests: Option<u64>,
    /// The operations to measure, as in `GET /orders`; all where none is named.
    pub operations: Vec<String>,
    /// Recorded traffic, relative to the configuration file.
    pub har: Option<String>,
    /// How long the application may take to answer, as in `60s`.
    pub ready_within: Option<String>,
    /// Requests of operations, by operation, where made-up ones would not do.
    pub requests: BTreeMap<String, Written>,
}

/// A request as a project writes it down, for an operation whose own would not do.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(untagged)]
pub enum Written {
    /// A path with a query, as in `/search?q=term-{n}`.
    Target(String),
    /// A target with a body.
    Whole(WithBody),
}

/// A target with a body.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WithBody {
    /// A path with a query.
    pub target: String,
    /// The body.
    #[serde(default)]
    pub body: Option<String>,
    /// The media type of the body.
    #[serde(default = "json")]
    pub media_type: String,
}

fn json() -> String {
    "application/json".to_owned()
}

impl Written {
    /// The target, and the body with its media type.
    pub fn parts(&self) -> (&str, Option<(&str, &str)>) {
        match self {
            Self::Target(target) => (target, None),
            Self::Whole(whole) => (&whole.target, whole.body.as_deref().map(|body| (whole.media_type.as_str(), body))),
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::config::Config;

    #[test]
    fn a_project_says_how_it_is_started_and_asked() {
        let text = "[memory]\ncommand = [\"uvicorn\", \"shop:app\"]\nconcurrency = [1, 16]\nlimit = \"512MiB\"\nenv = { TABLE = \"orders\" }\n\
                    [memory.requests]\n\"GET /search\" = \"/search?q=term-{n}\"\n\
                    \"POST /views/{id}\" = { target = \"/views/{n%50}\", body = '{\"n\": {n}}' }\n";
        let config = Config::parse(text, "plimsoll.toml").unwrap();
        assert_eq!(config.memory.command, ["uvicorn", "shop:app"]);
        let requests = &config.memory.requests;
        assert_eq!(requests["GET /search"].parts(), ("/search?q=term-{n}", None));
        let body = Some(("application/json", "{\"n\": {n}}"));
        assert_eq!(requests["POST /views/{id}"].parts(), ("/views/{n%50}", body));
        let error = Config::parse("[memory]\nconcurency = [1]\n", "plimsoll.toml").unwrap_err().to_string();
        assert!(error.starts_with("plimsoll.toml:2:1: ") && error.ends_with("did you mean `concurrency`?"), "{error}");
    }
}
