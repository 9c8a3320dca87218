//! Credentials from the command line and the configuration: `Authorization: Bearer $TOKEN`.
//!
//! Variables are filled in from an environment that the caller passes, and only for sending. Everything that is recorded or shown has `$TOKEN` again.
//! A credential that is written out gets a name of its own, so that it is not shown either.

use plimsoll_http::Secrets;
use plimsoll_http::settings::Credential;

/// Why a header cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HeaderError {
    /// There is no colon.
    #[error("header {0:?} is not of the form 'Name: value'")]
    Form(String),
    /// The name is no field name (RFC 9110 §5.1).
    #[error("{0:?} is no header name")]
    Name(String),
    /// A variable is not set.
    #[error("header {header}: the environment has no variable {variable}; set it, or write the value")]
    Unset {
        /// The header.
        header: String,
        /// The variable.
        variable: String,
    },
    /// A variable beyond headers is not set.
    #[error("{place}: the environment has no variable {variable}; set it, or write the value")]
    Variable {
        /// Where it stands.
        place: String,
        /// The variable.
        variable: String,
    },
    /// The value, filled in, holds a line break or another control character (RFC 9110 §5.5).
    #[error("header {0}: the value holds a control character, such as a line break at the end of a token file")]
    Control(String),
}

/// The credentials of a run.
#[derive(Clone, Default)]
pub struct Credentials {
    /// What is sent.
    pub headers: Vec<Credential>,
    /// What is hidden.
    pub secrets: Secrets,
    /// How the headers are shown: with `$NAME` for each value.
    pub shown: Vec<(String, String)>,
    /// The values by name, for reading tokens once at the start; never recorded.
    pub values: Vec<(String, String)>,
}

impl std::fmt::Debug for Credentials {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(&self.shown).finish()
    }
}

impl Credentials {
    /// Reads headers of the form `Name: value`, with `$NAME` or `${NAME}` for variables.
    ///
    /// # Errors
    /// [`HeaderError`] for the first header that cannot be used.
    pub fn read(headers: &[String], environment: &dyn Fn(&str) -> Option<String>) -> Result<Self, HeaderError> {
        let mut out = Self::default();
        for header in headers {
            out.add_header(header, "", environment)?;
        }
        Ok(out)
    }

    /// Reads one more header. What is written out gets a name that begins with `prefix`.
    pub(crate) fn add_header(
        &mut self,
        header: &str,
        prefix: &str,
        environment: &dyn Fn(&str) -> Option<String>,
    ) -> Result<(), HeaderError> {
        let (name, template) = header.split_once(':').ok_or_else(|| HeaderError::Form(one_word(header)))?;
        let (name, template) = (name.trim().to_ascii_lowercase(), template.trim());
        if name.is_empty() || !name.bytes().all(|b| b.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&b)) {
            return Err(HeaderError::Name(one_word(&name)));
        }
        let (value, shown) =
            self.fill(&format!("{prefix}{name}"), template, environment).map_err(|error| match error {
                HeaderError::Variable { variable, .. } => HeaderError::Unset { header: name.clone(), variable },
                error => error,
            })?;
        if value.chars().any(|c| c.is_control() && c != '\t') {
            return Err(HeaderError::Control(name));
        }
        self.shown.push((name.clone(), shown));
        self.headers.push(Credential::new(name, value));
        Ok(())
    }

    /// A text with its variables filled in, and the same as it is shown. All of it is secret: what is written out is called after its place.
    pub(crate) fn fill(
        &mut self,
        place: &str,
        template: &str,
        environment: &dyn Fn(&str) -> Option<String>,
    ) -> Result<(String, String), HeaderError> {
        let variables = variables(template);
        if variables.is_empty() {
            let (scheme, secret) = scheme_and_secret(template);
            let name = variable_name(&format!("plimsoll_{place}"));
            self.secrets.add(&name, secret);
            self.values.push((name.clone(), secret.to_owned()));
            return Ok((template.to_owned(), format!("{scheme}${name}")));
        }
        let (value, shown, filled) = filled(place, template, environment)?;
        for (variable, filled) in filled {
            self.secrets.add(&variable, &filled);
            self.values.push((variable, filled));
        }
        Ok((value, shown))
    }
}

/// The value, how it is shown, and the variables with their values.
type Filled = (String, String, Vec<(String, String)>);

/// A text with its variables filled in, the same as it is shown, and the variables with their values.
pub(crate) fn filled(
    place: &str,
    template: &str,
    environment: &dyn Fn(&str) -> Option<String>,
) -> Result<Filled, HeaderError> {
    let (mut value, mut shown, mut last, mut all) = (String::new(), String::new(), 0, Vec::new());
    for (start, end, variable) in variables(template) {
        let filled = environment(&variable)
            .ok_or_else(|| HeaderError::Variable { place: place.to_owned(), variable: variable.clone() })?;
        // Braces where the text that follows would be taken for part of the name.
        let joined = template[end..].starts_with(|c: char| c.is_ascii_alphanumeric() || c == '_');
        let named = if joined { format!("${{{variable}}}") } else { format!("${variable}") };
        for (out, middle) in [(&mut value, filled.as_str()), (&mut shown, named.as_str())] {
            out.push_str(&template[last..start]);
            out.push_str(middle);
        }
        all.push((variable, filled));
        last = end;
    }
    value.push_str(&template[last..]);
    shown.push_str(&template[last..]);
    Ok((value, shown, all))
}

/// A text as the name of a variable: `PLIMSOLL_X_API_KEY` for `plimsoll_x-api-key`.
pub(crate) fn variable_name(text: &str) -> String {
    text.chars().map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_uppercase() } else { '_' }).collect()
}

/// The variables in a text: start, end, name.
fn variables(text: &str) -> Vec<(usize, usize, String)> {
    let mut out = Vec::new();
    let mut at = 0;
    while let Some(dollar) = text[at..].find('$').map(|found| at + found) {
        let rest = &text[dollar + 1..];
        let (open, body) = rest.strip_prefix('{').map_or((0, rest), |body| (1, body));
        let name: String = body.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_').collect();
        let closed = open == 0 || body[name.len()..].starts_with('}');
        at = dollar + 1;
        if !name.is_empty() && !name.starts_with(|c: char| c.is_ascii_digit()) && closed {
            at = dollar + 1 + name.len() + 2 * open;
            out.push((dollar, at, name));
        }
    }
    out
}

/// `Bearer abc` is the scheme `Bearer ` and the secret `abc`; a value without a scheme is all secret.
fn scheme_and_secret(value: &str) -> (&str, &str) {
    match value.split_once(' ') {
        Some((scheme, secret)) if scheme.bytes().all(|b| b.is_ascii_alphabetic()) => {
            (&value[..=scheme.len()], secret.trim())
        }
        _ => ("", value),
    }
}

/// What can be said of a header without showing a secret: its first word, cut.
pub(crate) fn one_word(text: &str) -> String {
    let word: String = text.split_whitespace().next().unwrap_or("").chars().take(12).collect();
    format!("{word}…")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn environment(name: &str) -> Option<String> {
        match name {
            "TOKEN" => Some("s3cr3t-value".to_owned()),
            "BROKEN" => Some("a\r\nX-Evil: 1".to_owned()),
            _ => None,
        }
    }

    fn read(header: &str) -> Result<Credentials, HeaderError> {
        Credentials::read(&[header.to_owned()], &environment)
    }

    #[test]
    fn variables_are_filled_for_sending_and_named_for_showing() {
        for header in ["Authorization: Bearer $TOKEN", "authorization:Bearer ${TOKEN}"] {
            let credentials = read(header).unwrap();
            assert_eq!(credentials.headers[0].value, "Bearer s3cr3t-value");
            assert_eq!(credentials.shown, [("authorization".to_owned(), "Bearer $TOKEN".to_owned())]);
            assert_eq!(credentials.secrets.redact("x s3cr3t-value y"), "x $TOKEN y");
        }
    }

    #[test]
    fn a_variable_within_a_word_keeps_its_braces() {
        let credentials = read("X: ${TOKEN}s").unwrap();
        assert_eq!(credentials.headers[0].value, "s3cr3t-values");
        assert_eq!(credentials.shown[0].1, "${TOKEN}s");
        assert_eq!(read(&format!("X: {}", credentials.shown[0].1)).unwrap(), credentials);
    }

    #[test]
    fn a_value_that_is_written_out_is_hidden_too() {
        let credentials = read("Authorization: Bearer abcdef123").unwrap();
        assert_eq!(credentials.shown[0].1, "Bearer $PLIMSOLL_AUTHORIZATION");
        assert_eq!(credentials.secrets.redact("abcdef123"), "$PLIMSOLL_AUTHORIZATION");
    }

    #[test]
    fn what_cannot_be_a_header_is_refused_without_showing_it() {
        assert_eq!(
            read("Authorization: Bearer $NONE"),
            Err(HeaderError::Unset { header: "authorization".into(), variable: "NONE".into() })
        );
        assert_eq!(read("X: $BROKEN"), Err(HeaderError::Control("x".into())));
        assert!(matches!(read("Bearer-abcdef-without-a-name"), Err(HeaderError::Form(_))));
        assert!(!read("Bearer-abcdef-without-a-name").unwrap_err().to_string().contains("without"));
        assert!(matches!(read("a b: c"), Err(HeaderError::Name(_))));
    }

    impl PartialEq for Credentials {
        fn eq(&self, other: &Self) -> bool {
            self.shown == other.shown
        }
    }
}
