//! What AWS and DynamoDB say when something fails, and what of it betrays the store.

use std::sync::LazyLock;

use regex::Regex;

/// What an error body betrays.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Betrayal {
    /// What it is, in words that go on after "the answer shows".
    pub what: &'static str,
    /// The text, masked.
    pub shown: String,
}

struct Pattern {
    what: &'static str,
    regex: Regex,
}

/// The patterns in the order of how much they tell. Names that other stacks use too (`ValidationException`, `AccessDeniedException`) count only
/// with more of AWS around them.
static PATTERNS: LazyLock<Vec<Pattern>> = LazyLock::new(|| {
    let sources = [
        (
            "the SDK's own message with the name of the operation",
            r"An error occurred \(\w+\)(?: \([^)]{1,60}\))? when calling the \w+ operation[^\x22\n]{0,200}",
        ),
        (
            "a resource name of the cloud account",
            r"arn:aws[a-z-]*:[a-z0-9-]+:[a-z0-9-]*:[0-9]{0,12}:[A-Za-z0-9_:/.*-]{1,200}",
        ),
        ("the service's error type", r"com\.amazon(?:aws)?\.[a-z.]*[a-zA-Z0-9.]*(?:v20120810)?#\w+"),
        (
            "the name of a DynamoDB error",
            r"\b(?:ResourceNotFoundException|ConditionalCheckFailedException|ProvisionedThroughputExceededException|TransactionCanceledException|TransactionConflictException|ItemCollectionSizeLimitExceededException|RequestLimitExceeded|UnrecognizedClientException|ExpiredTokenException|ExpiredIteratorException|TrimmedDataAccessException|IncompleteSignatureException|MissingAuthenticationTokenException|InvalidSignatureException|DynamoDbException|AmazonDynamoDBException)\b",
        ),
        (
            "DynamoDB's own message",
            r"(?:One or more parameter values (?:were|are not) (?:in)?valid|The provided key element does not match the schema|Requested resource not found|Invalid (?:KeyCondition|Filter|Projection|Update|Condition)Expression|Query condition missed key schema element|Query key condition not supported|The provided starting key|Exclusive Start Key must have|The BETWEEN operator requires upper bound|Size of (?:hash|range)key has exceeded|ExpressionAttribute(?:Names|Values)\b|Member must have (?:value|length)|AttributeValue may not contain|Item size has exceeded the maximum allowed size|Attribute name is a reserved keyword)[^\x22\n]{0,160}",
        ),
        ("the SDK's message about its parameters", r"Parameter validation failed:[^\x22]{0,160}"),
        (
            "the SDK's message about its endpoint or credentials",
            r"(?:Could not connect to the endpoint URL|Unable to locate credentials|Connect timeout on endpoint URL|botocore\.exceptions\.\w+|botocore\.errorfactory\.\w+)[^\n\x22]{0,120}",
        ),
    ];
    // A pattern that does not compile would be missing; the test below counts them.
    sources.into_iter().filter_map(|(what, source)| Some(Pattern { what, regex: Regex::new(source).ok()? })).collect()
});

static ACCOUNT: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"\b[0-9]{12}\b").ok());
static REQUEST_ID: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"\b(?:[A-Z0-9]{52}|[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})\b").ok()
});

/// What an error body betrays of the store, the most telling first; at most one of each kind.
pub fn betrayals(text: &str) -> Vec<Betrayal> {
    PATTERNS
        .iter()
        .filter_map(|pattern| {
            pattern.regex.find(text).map(|found| Betrayal { what: pattern.what, shown: masked(found.as_str()) })
        })
        .collect()
}

/// The text without account numbers and request ids.
pub fn masked(text: &str) -> String {
    let replace = |regex: &Option<Regex>, text: &str, with: &str| {
        regex.as_ref().map_or_else(|| text.to_owned(), |regex| regex.replace_all(text, with).into_owned())
    };
    let text = replace(&ACCOUNT, text, "…account…");
    plimsoll_model::redact::one_line(&replace(&REQUEST_ID, &text, "…request id…"), 240)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kinds(text: &str) -> Vec<&'static str> {
        betrayals(text).into_iter().map(|betrayal| betrayal.what).collect()
    }

    #[test]
    fn every_pattern_compiles() {
        assert_eq!(PATTERNS.len(), 7);
        assert!(ACCOUNT.is_some() && REQUEST_ID.is_some());
    }

    #[test]
    fn messages_of_the_sdk_and_of_the_store() {
        let found = betrayals(
            "An error occurred (ResourceNotFoundException) when calling the GetItem operation: Requested resource not found: Table: orders not found",
        );
        assert_eq!(found[0].what, "the SDK's own message with the name of the operation");
        assert_eq!(found.len(), 3);
        let arn = betrayals(
            "no identity-based policy allows dynamodb:Scan on arn:aws:dynamodb:eu-west-1:123456789012:table/orders",
        );
        assert_eq!(arn[0].shown, "arn:aws:dynamodb:eu-west-1:…account…:table/orders");
        assert_eq!(
            kinds(r#"{"__type":"com.amazonaws.dynamodb.v20120810#ValidationException"}"#),
            ["the service's error type"]
        );
        assert_eq!(kinds("Parameter validation failed:\nInvalid type for parameter Limit").len(), 1);
        assert_eq!(
            kinds("One or more parameter values were invalid: Size of hashkey has exceeded the maximum size limit")
                .len(),
            1
        );
    }

    #[test]
    fn errors_of_other_stacks() {
        for text in [
            "javax.validation.ValidationException: limit must be positive",
            "AccessDeniedException: Access is denied",
            r#"{"code": "ValidationException", "message": "name is required"}"#,
            "Resource not found",
            "Request id 3f2504e0-4f89-11d3-9a0c-0305e82c3301",
            "order 123456789012 does not exist",
        ] {
            assert_eq!(kinds(text), Vec::<&str>::new(), "{text}");
        }
    }
}
