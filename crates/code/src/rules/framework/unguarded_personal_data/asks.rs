//! Words that speak of who somebody is. They only say that somebody may be asked, not that the question is a good one.

/// Words, in names and texts, of what asks who somebody is.
const ASKS: &[&str] = &[
    "auth",
    "authn",
    "authz",
    "authenticate",
    "authenticated",
    "authentication",
    "authenticator",
    "authorization",
    "authorize",
    "authorized",
    "authorizer",
    "login",
    "logged",
    "signin",
    "signed",
    "sign",
    "signature",
    "signing",
    "token",
    "tokens",
    "jwt",
    "oauth",
    "oauth2",
    "oidc",
    "openid",
    "saml",
    "sso",
    "session",
    "sessions",
    "cookie",
    "cookies",
    "credential",
    "credentials",
    "permission",
    "permissions",
    "principal",
    "identity",
    "apikey",
    "secret",
    "bearer",
    "hmac",
    "verify",
    "verified",
    "caller",
    "owner",
    "current",
    "claims",
    "scopes",
    "security",
    "guard",
    "guarded",
    "protect",
    "protected",
    "private",
    "internal",
    "admin",
    "staff",
    "superuser",
    "role",
    "roles",
    "acl",
    "allowed",
    "allow",
    "forbidden",
    "unauthorized",
    "password",
    "firewall",
    "headers",
    "header",
    "meta",
    "gateway",
    "iam",
    "keycloak",
    "cognito",
    "auth0",
    "okta",
    "firebase",
];

/// The words of a name or text, in lower case: `getCurrentUser`, `current_user` and `Current-User` have the same.
pub(super) fn words(text: &str) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    let mut word = String::new();
    let mut lower = false;
    for letter in text.chars() {
        if !letter.is_alphanumeric() || (letter.is_uppercase() && lower) {
            found.extend((!word.is_empty()).then(|| std::mem::take(&mut word)));
        }
        if letter.is_alphanumeric() {
            word.extend(letter.to_lowercase());
        }
        lower = letter.is_lowercase() || letter.is_ascii_digit();
    }
    found.extend((!word.is_empty()).then_some(word));
    found
}

/// Whether a name or text speaks of who somebody is. The tokens of pages do not.
pub(super) fn asks(text: &str) -> bool {
    let words = words(text);
    let has = |word: &str| words.iter().any(|found| found == word);
    let pages = ["next", "page", "continuation", "starting", "request"].into_iter().any(has);
    let key = has("key") && (has("api") || has("access"));
    key || words.iter().any(|word| ASKS.contains(&word.as_str()) && !(pages && word == "token"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_told_apart_however_they_are_written() {
        assert_eq!(words("getCurrentUser"), ["get", "current", "user"]);
        assert_eq!(words("/users/{user_id}"), ["users", "user", "id"]);
        assert_eq!(words("X-API-Key"), ["x", "api", "key"]);
        assert_eq!(words("OAuth2PasswordBearer"), ["oauth2", "password", "bearer"]);
    }

    #[test]
    fn tokens_of_pages_are_no_credentials() {
        for text in ["NextToken", "next_token", "ContinuationToken", "item"] {
            assert!(!asks(text), "{text}");
        }
        for text in ["token", "Authorization", "require_login", "X-API-Key", "current_user", "accessToken"] {
            assert!(asks(text), "{text}");
        }
    }
}
