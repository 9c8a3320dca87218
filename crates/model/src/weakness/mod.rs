//! The closed list of weaknesses, each with its meaning and its remedies.
//!
//! A weakness is what is wrong, independent of who saw it: several checks, from several vantages, may report the same one. The texts are
//! in one file per family; adding a weakness is one constant there and one line here.

mod access;
mod authentication;
mod authorization;
mod bounds;
mod conformance;
mod consumption;
mod contract;
mod dynamodb;
mod encryption;
mod exposure;
mod forgery;
mod input;
mod inventory;
mod lifecycle;
mod protocol;
mod resource;
mod retention;

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::level::{UnknownWord, scale};
use crate::{Kind, Severity};

scale! {
    /// The twelve categories of the score, after the OWASP API Security Top 10 (2023).
    Category {
        /// Who is calling (API2).
        Authentication => "authentication",
        /// Whose object it is (API1).
        Bola => "bola",
        /// Who may use the function (API5).
        Bfla => "bfla",
        /// Who may read or write the property (API3).
        PropertyAuthorization => "property-authorization",
        /// What is taken as input (API8).
        InputValidation => "input-validation",
        /// What a caller can make the service spend (API4).
        ResourceConsumption => "resource-consumption",
        /// What answers reveal (API3, API8).
        DataExposure => "data-exposure",
        /// Transport protection (API8).
        Encryption => "encryption",
        /// Requests that the service can be made to send (API7).
        Ssrf => "ssrf",
        /// What is deployed and known (API9).
        Inventory => "inventory",
        /// How other services are trusted (API10).
        UnsafeConsumption => "unsafe-consumption",
        /// Language models behind the API (OWASP LLM Top 10).
        Llm => "llm",
    }
}

/// What is known of a weakness in general.
#[derive(Clone, Copy, Debug)]
pub struct Facts {
    /// Its name, in kebab-case.
    pub id: &'static str,
    /// One phrase.
    pub title: &'static str,
    /// Where it counts in the score.
    pub category: Category,
    /// What it does to the user.
    pub kind: Kind,
    /// The severity without further evidence.
    pub severity: Severity,
    /// Its number in the Common Weakness Enumeration.
    pub cwe: u16,
    /// Its id in the OWASP API Security Top 10 (2023).
    pub owasp: &'static str,
    /// Why it matters, a short paragraph in Markdown.
    pub why: &'static str,
    /// How to fix it in FastAPI, Markdown with code.
    pub fastapi: &'static str,
    /// How to fix it in Django and Django REST framework, Markdown with code.
    pub django: &'static str,
}

macro_rules! weaknesses {
    ($($(#[$doc:meta])* $variant:ident => $facts:path,)+) => {
        /// What is wrong, one of a closed list.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Weakness { $($(#[$doc])* $variant,)+ }

        impl Weakness {
            /// Every weakness, in the order of the handbook.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// What is known of it.
            pub const fn facts(self) -> &'static Facts {
                match self { $(Self::$variant => &$facts,)+ }
            }
        }
    };
}

weaknesses! {
    /// A read whose size the data decides.
    UnboundedRead => resource::UNBOUNDED_READ,
    /// A page size without a maximum.
    UnboundedPageSize => resource::UNBOUNDED_PAGE_SIZE,
    /// A list is cut off without saying so.
    SilentTruncation => resource::SILENT_TRUNCATION,
    /// Following the pages loses, repeats or never ends.
    BrokenPagination => resource::BROKEN_PAGINATION,
    /// An answer far larger than its siblings.
    ResponseSizeOutlier => resource::RESPONSE_SIZE_OUTLIER,
    /// The same request answers with more each time.
    GrowingAnswer => resource::GROWING_ANSWER,
    /// The cost of a request grows with an input.
    InputDrivenCost => resource::INPUT_DRIVEN_COST,
    /// A search for nothing returns everything.
    UnboundedSearch => resource::UNBOUNDED_SEARCH,
    /// A batch, range or expansion without a bound.
    UnboundedBatch => resource::UNBOUNDED_BATCH,
    /// The same cheap request becomes slower.
    LatencyDrift => resource::LATENCY_DRIFT,
    /// An export does the whole job inside one request.
    SynchronousExport => resource::SYNCHRONOUS_EXPORT,
    /// Callers are not limited.
    NoRateLimit => resource::NO_RATE_LIMIT,
    /// A rate limit is declared and not kept.
    IneffectiveRateLimit => resource::INEFFECTIVE_RATE_LIMIT,
    /// A large answer is neither compressed nor revalidated.
    UncompressedAnswer => resource::UNCOMPRESSED_ANSWER,
    /// Very long requests are accepted.
    OversizedRequestAccepted => resource::OVERSIZED_REQUEST_ACCEPTED,
    /// Input without a bound in size.
    UnboundedInput => bounds::UNBOUNDED_INPUT,
    /// A file of any size is accepted.
    UnboundedUpload => bounds::UNBOUNDED_UPLOAD,
    /// Input that the contract does not narrow.
    UnconstrainedInput => bounds::UNCONSTRAINED_INPUT,
    /// Callers write part of the query.
    FreeFormQuery => bounds::FREE_FORM_QUERY,
    /// A pattern that keeps a backtracking engine busy.
    CatastrophicPattern => bounds::CATASTROPHIC_PATTERN,
    /// A payment or order cannot be repeated safely.
    UnrepeatableWrite => bounds::UNREPEATABLE_WRITE,
    /// A caller decides how much a language model reads and writes.
    UnboundedGeneration => bounds::UNBOUNDED_GENERATION,
    /// Callers choose the model or its instructions.
    SteerableModel => bounds::STEERABLE_MODEL,
    /// The store's wire format reaches the client.
    RawAttributeValues => exposure::RAW_ATTRIBUTE_VALUES,
    /// The store's own cursor is handed to the client.
    RawStoreCursor => exposure::RAW_STORE_CURSOR,
    /// The store's error reaches the client.
    StoreErrorExposed => exposure::STORE_ERROR_EXPOSED,
    /// Personal data in an answer.
    PiiExposed => exposure::PII_EXPOSED,
    /// A secret in an answer.
    SecretExposed => exposure::SECRET_EXPOSED,
    /// A stack trace in an answer.
    StackTraceExposed => exposure::STACK_TRACE_EXPOSED,
    /// Internal hosts or paths in an answer.
    InternalDetailExposed => exposure::INTERNAL_DETAIL_EXPOSED,
    /// Fields that the contract does not declare.
    UndocumentedFields => exposure::UNDOCUMENTED_FIELDS,
    /// A caller can replace an internal dependency.
    InjectableDependency => input::INJECTABLE_DEPENDENCY,
    /// Bad input ends in a server error.
    UnhandledInput => input::UNHANDLED_INPUT,
    /// A value outside the contract is accepted.
    InvalidValueAccepted => input::INVALID_VALUE_ACCEPTED,
    /// Any web page may call the API.
    PermissiveCors => input::PERMISSIVE_CORS,
    /// A method that should be refused is answered.
    UnexpectedMethod => input::UNEXPECTED_METHOD,
    /// The application runs in debug mode.
    DebugMode => input::DEBUG_MODE,
    /// A caller decides where a redirect leads.
    OpenRedirect => input::OPEN_REDIRECT,
    /// Declared authentication is not enforced.
    AuthNotEnforced => authentication::AUTH_NOT_ENFORCED,
    /// Data without credentials where its siblings ask for them.
    MissingAuthentication => authentication::MISSING_AUTHENTICATION,
    /// Another method opens a door that one method closes.
    MethodAuthGap => authentication::METHOD_AUTH_GAP,
    /// A token without a signature is used.
    UnsignedJwt => authentication::UNSIGNED_JWT,
    /// A token is signed with a secret from a word list.
    WeakJwtSecret => authentication::WEAK_JWT_SECRET,
    /// A token without an end or an audience.
    UnboundedJwt => authentication::UNBOUNDED_JWT,
    /// A token carries sensitive data that anybody can read.
    SensitiveJwtClaims => authentication::SENSITIVE_JWT_CLAIMS,
    /// 401 without a WWW-Authenticate header.
    MissingChallenge => authentication::MISSING_CHALLENGE,
    /// Protective response headers are missing.
    MissingSecurityHeaders => authentication::MISSING_SECURITY_HEADERS,
    /// Objects are handed out to callers whom they do not belong to.
    BrokenObjectAuthorization => authorization::BROKEN_OBJECT_AUTHORIZATION,
    /// Counting through ids gives the objects of others.
    GuessableObjectIds => authorization::GUESSABLE_OBJECT_IDS,
    /// Properties that callers should not see are in the answer.
    InternalPropertyExposed => authorization::INTERNAL_PROPERTY_EXPOSED,
    /// Callers set properties that only the service should set.
    MassAssignment => authorization::MASS_ASSIGNMENT,
    /// Functions for some roles are open to others.
    BrokenFunctionAuthorization => access::BROKEN_FUNCTION_AUTHORIZATION,
    /// A rule that closes an operation can be walked around.
    AccessRuleBypass => access::ACCESS_RULE_BYPASS,
    /// Tokens are accepted without a valid signature.
    UnverifiedToken => access::UNVERIFIED_TOKEN,
    /// Tokens are accepted after they have ended.
    ExpiredToken => access::EXPIRED_TOKEN,
    /// Answers send clients to http:// addresses.
    InsecureThirdPartyUrl => inventory::INSECURE_THIRD_PARTY_URL,
    /// The contract declares callbacks or webhooks.
    CallbackSurface => inventory::CALLBACK_SURFACE,
    /// A deprecated operation still answers.
    DeprecatedOperation => inventory::DEPRECATED_OPERATION,
    /// An operation that the contract does not list.
    UndocumentedOperation => inventory::UNDOCUMENTED_OPERATION,
    /// Product and version in a header.
    VersionBanner => inventory::VERSION_BANNER,
    /// Interactive documentation without credentials.
    DocumentationExposed => inventory::DOCUMENTATION_EXPOSED,
    /// Metrics without credentials.
    MetricsExposed => inventory::METRICS_EXPOSED,
    /// The contract asks for no credentials.
    OpenOperation => contract::OPEN_OPERATION,
    /// The contract's security cannot be applied as it is written.
    UnusableSecurity => contract::UNUSABLE_SECURITY,
    /// A way to sign in that is no longer considered safe.
    WeakScheme => contract::WEAK_SCHEME,
    /// Credentials travel in the address.
    CredentialsInUrl => contract::CREDENTIALS_IN_URL,
    /// Nothing is said of how tokens end and what they are good for.
    LongLivedTokens => contract::LONG_LIVED_TOKENS,
    /// The contract leads clients to an address without TLS.
    CleartextTransport => contract::CLEARTEXT_TRANSPORT,
    /// Browsers send the credentials by themselves.
    AmbientCredentials => contract::AMBIENT_CREDENTIALS,
    /// Functions of different weight ask for the same rights.
    UniformRights => contract::UNIFORM_RIGHTS,
    /// The contract names hosts that its readers should not use.
    UnmanagedHost => contract::UNMANAGED_HOST,
    /// Several versions of the same function side by side.
    ParallelVersions => contract::PARALLEL_VERSIONS,
    /// The contract lists operations that are not for its readers.
    InternalOperationListed => contract::INTERNAL_OPERATION_LISTED,
    /// Who receives a callback cannot tell who sent it.
    UnsignedCallback => contract::UNSIGNED_CALLBACK,
    /// A caller gives the service an address to go to.
    CallerChosenAddress => contract::CALLER_CHOSEN_ADDRESS,
    /// The contract can be read in two ways.
    AmbiguousContract => contract::AMBIGUOUS_CONTRACT,
    /// Answers that will come are not declared.
    UndocumentedAnswer => contract::UNDOCUMENTED_ANSWER,
    /// Answers are not what the contract promises.
    ContractViolation => conformance::CONTRACT_VIOLATION,
    /// A caller decides where the service sends requests.
    ServerSideRequestForgery => forgery::SERVER_SIDE_REQUEST_FORGERY,
    /// A value becomes part of an SQL statement.
    SqlInjection => forgery::SQL_INJECTION,
    /// A value becomes part of a store's query.
    StoreQueryInjection => forgery::STORE_QUERY_INJECTION,
    /// A value is run as a template.
    TemplateInjection => forgery::TEMPLATE_INJECTION,
    /// A value is run by a shell.
    CommandInjection => forgery::COMMAND_INJECTION,
    /// A value is written into a page as it is.
    ReflectedInput => forgery::REFLECTED_INPUT,
    /// A value ends a header and begins another.
    HeaderInjection => forgery::HEADER_INJECTION,
    /// A value leads out of the folder that it names a file in.
    PathTraversal => forgery::PATH_TRAVERSAL,
    /// A GraphQL endpoint tells its whole schema.
    GraphqlIntrospection => protocol::GRAPHQL_INTROSPECTION,
    /// Errors of a GraphQL endpoint tell the names that it knows.
    GraphqlSuggestions => protocol::GRAPHQL_SUGGESTIONS,
    /// A GraphQL query may be as large as its caller likes.
    GraphqlUnbounded => protocol::GRAPHQL_UNBOUNDED,
    /// A JSON-RPC endpoint tells its methods.
    RpcMethodsListed => protocol::RPC_METHODS_LISTED,
    /// A JSON-RPC request may carry any number of calls.
    RpcUnboundedBatch => protocol::RPC_UNBOUNDED_BATCH,
    /// What another service said is passed on.
    UpstreamErrorExposed => consumption::UPSTREAM_ERROR_EXPOSED,
    /// Redirects of other services are followed blindly.
    RedirectFollowed => consumption::REDIRECT_FOLLOWED,
    /// Clients are sent to another party.
    ThirdPartyRedirect => consumption::THIRD_PARTY_REDIRECT,
    /// A page runs code of another party.
    ThirdPartyScript => consumption::THIRD_PARTY_SCRIPT,
    /// A sensitive flow can be automated.
    UnprotectedFlow => consumption::UNPROTECTED_FLOW,
    /// Outdated versions of TLS are accepted.
    OutdatedTls => encryption::OUTDATED_TLS,
    /// Weak cipher suites are accepted.
    WeakCipherSuite => encryption::WEAK_CIPHER_SUITE,
    /// Clients cannot verify the certificate.
    UnverifiableCertificate => encryption::UNVERIFIABLE_CERTIFICATE,
    /// The certificate is weak.
    WeakCertificate => encryption::WEAK_CERTIFICATE,
    /// The API is served without encryption.
    PlaintextTransport => encryption::PLAINTEXT_TRANSPORT,
    /// A cookie lacks its protection.
    InsecureCookie => encryption::INSECURE_COOKIE,
    /// Answers over https lead back to http.
    MixedContent => encryption::MIXED_CONTENT,
    /// Files that are for nobody are served.
    ExposedFile => inventory::EXPOSED_FILE,
    /// An administration panel is served to anybody.
    ExposedAdminPanel => inventory::EXPOSED_ADMIN_PANEL,
    /// What developers look inside with is served to anybody.
    ExposedDebugEndpoint => inventory::EXPOSED_DEBUG_ENDPOINT,
    /// An older version answers beside the current one.
    OlderVersionAnswers => inventory::OLDER_VERSION_ANSWERS,
    /// Answers name hosts that are not for production.
    StagingHostExposed => inventory::STAGING_HOST_EXPOSED,
    /// Memory that grows with the requests and is never given back.
    UnboundedCache => retention::UNBOUNDED_CACHE,
    /// Request or response objects are kept.
    RetainedRequest => retention::RETAINED_REQUEST,
    /// Exceptions are kept with their tracebacks.
    RetainedException => retention::RETAINED_EXCEPTION,
    /// Half-read generators are kept between requests.
    RetainedIterator => retention::RETAINED_ITERATOR,
    /// Finished tasks are kept.
    RetainedTask => retention::RETAINED_TASK,
    /// Clients, sessions or thread pools built per request are kept.
    RetainedClient => retention::RETAINED_CLIENT,
    /// A handler is registered for every request.
    HandlerPerRequest => retention::HANDLER_PER_REQUEST,
    /// A queue in memory without a bound.
    UnboundedQueue => retention::UNBOUNDED_QUEUE,
    /// A session's content grows with every request.
    SessionGrowth => retention::SESSION_GROWTH,
    /// Every SQL statement of a long-running process is kept.
    QueryLogGrowth => retention::QUERY_LOG_GROWTH,
    /// A client or thread pool is built for every request.
    ClientPerRequest => lifecycle::CLIENT_PER_REQUEST,
    /// A client is opened and not closed on every path.
    UnclosedClient => lifecycle::UNCLOSED_CLIENT,
    /// A boto3 resource or session is shared between threads.
    SharedResourceThreads => lifecycle::SHARED_RESOURCE_THREADS,
    /// A `del` that frees nothing.
    UselessDel => lifecycle::USELESS_DEL,
    /// Credentials in the source.
    HardCodedCredentials => lifecycle::HARD_CODED_CREDENTIALS,
    /// Something that needs closing is left open.
    UnclosedResource => lifecycle::UNCLOSED_RESOURCE,
    /// Calls of the store have no timeouts of their own.
    MissingTimeouts => lifecycle::MISSING_TIMEOUTS,
    /// A blocking call stops the event loop.
    BlockingCall => lifecycle::BLOCKING_CALL,
    /// A task that nobody holds.
    DanglingTask => lifecycle::DANGLING_TASK,
    /// Work after the answer holds the request.
    RequestInBackground => lifecycle::REQUEST_IN_BACKGROUND,
    /// All pages of a read are collected in memory.
    WholeTableRead => dynamodb::WHOLE_TABLE_READ,
    /// A scan where a key condition fits.
    ScanInsteadOfQuery => dynamodb::SCAN_INSTEAD_OF_QUERY,
    /// A stream is read without keeping the position.
    MissingCheckpoint => dynamodb::MISSING_CHECKPOINT,
    /// A call of a library that cannot work.
    SdkMisuse => dynamodb::SDK_MISUSE,
    /// A full buffer drops records silently.
    DroppedRecords => dynamodb::DROPPED_RECORDS,
    /// What a batch left undone is ignored.
    UnprocessedItems => dynamodb::UNPROCESSED_ITEMS,
    /// A loop polls without a pause.
    HotPollLoop => dynamodb::HOT_POLL_LOOP,
}

impl Weakness {
    /// Its name, in kebab-case.
    pub const fn id(self) -> &'static str {
        self.facts().id
    }
}

impl fmt::Display for Weakness {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.id())
    }
}

impl FromStr for Weakness {
    type Err = UnknownWord;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL.iter().copied().find(|weakness| weakness.id() == text).ok_or_else(|| UnknownWord {
            word: text.to_owned(),
            known: Self::ALL.iter().map(|weakness| weakness.id()).collect::<Vec<_>>().join(", "),
        })
    }
}

impl Serialize for Weakness {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.id())
    }
}

impl<'de> Deserialize<'de> for Weakness {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Cow::<'de, str>::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

impl JsonSchema for Weakness {
    fn schema_name() -> Cow<'static, str> {
        "Weakness".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        schemars::json_schema!({
            "type": "string",
            "enum": Self::ALL.iter().map(|weakness| weakness.id()).collect::<Vec<_>>(),
        })
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn every_weakness_is_explained_once() {
        let mut ids = HashSet::new();
        for weakness in Weakness::ALL {
            let facts = weakness.facts();
            assert!(ids.insert(facts.id), "{} twice", facts.id);
            for (what, text) in [("why", facts.why), ("fastapi", facts.fastapi), ("django", facts.django)] {
                assert!(text.len() > 40, "{}: {what} is missing", facts.id);
            }
            assert_eq!(facts.id.parse::<Weakness>().unwrap(), *weakness);
        }
    }
}
