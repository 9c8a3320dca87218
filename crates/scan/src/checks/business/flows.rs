//! Which flow an operation is a step of, and what protects it, as contract and answers tell.

use std::collections::BTreeSet;

use plimsoll_http::Exchange;
use plimsoll_model::Method;
use plimsoll_spec::roles::{normal, words};
use plimsoll_spec::{Origin, Schema};

use crate::checks::resource::quota;
use crate::view::Op;

/// A flow that does harm when a machine repeats it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Flow {
    /// An account is made.
    SignUp,
    /// Credentials are tried.
    SignIn,
    /// A way around the password.
    Recovery,
    /// A one-time code is tried or sent.
    Code,
    /// Money moves.
    Purchase,
    /// Something scarce is taken.
    Booking,
    /// A code is worth money.
    Coupon,
    /// An opinion counts.
    Vote,
    /// Somebody is invited, and perhaps rewarded.
    Invitation,
    /// Somebody gets a message.
    Message,
}

impl Flow {
    /// What it is, and what its repetition does.
    pub const fn as_str(self) -> (&'static str, &'static str) {
        match self {
            Self::SignUp => ("signing up", "accounts can be made by the thousand"),
            Self::SignIn => ("signing in", "passwords can be tried one after the other"),
            Self::Recovery => ("recovering an account", "accounts can be probed and people flooded with mail"),
            Self::Code => ("one-time codes", "a code of six digits is found by trying"),
            Self::Purchase => ("buying", "what is scarce can be bought up, and stolen cards be tried"),
            Self::Booking => ("booking", "what is scarce can be held without being paid for"),
            Self::Coupon => ("redeeming codes", "codes that are worth money can be guessed"),
            Self::Vote => ("voting and rating", "opinions can be made up by the thousand"),
            Self::Invitation => ("inviting", "rewards can be collected with made-up people"),
            Self::Message => ("sending messages", "strangers can be flooded in the service's name"),
        }
    }

    /// Whether trying often is an attack by itself.
    pub const fn is_guessing(self) -> bool {
        matches!(self, Self::SignIn | Self::Recovery | Self::Code | Self::Coupon)
    }
}

/// Words of the last segments of a path, or of the operation's id.
const WORDS: &[(Flow, &[&str])] = &[
    (Flow::Recovery, &["forgot", "recover", "recovery"]),
    (Flow::Code, &["otp", "totp", "2fa", "mfa", "onetimecode", "verificationcode", "resendcode", "sendcode"]),
    (Flow::SignUp, &["signup", "register", "registration", "createaccount"]),
    (Flow::SignIn, &["login", "signin", "authenticate"]),
    (Flow::Purchase, &["checkout", "purchase", "purchases", "buy", "payment", "payments", "pay"]),
    (Flow::Coupon, &["coupon", "coupons", "voucher", "vouchers", "giftcard", "giftcards", "redeem", "promocode"]),
    (Flow::Booking, &["booking", "bookings", "reservation", "reservations", "reserve"]),
    (
        Flow::Vote,
        &["vote", "votes", "upvote", "downvote", "like", "likes", "rating", "ratings", "review", "reviews", "poll"],
    ),
    (Flow::Invitation, &["invite", "invites", "invitation", "invitations", "referral", "referrals"]),
    (Flow::Message, &["contact", "sendmessage", "sendemail", "sendsms", "feedback", "sharebyemail"]),
];

/// The flow that an operation is a step of; none for what reads, and for what only an operator calls.
pub fn flow(op: &Op<'_>) -> Option<Flow> {
    if !matches!(op.key().method, Method::Post | Method::Put | Method::Patch)
        || op.spec.origin != Origin::Contract
        || op.spec.internal == Some(true)
    {
        return None;
    }
    let segments: Vec<&str> = op.key().path.split('/').filter(|segment| !segment.is_empty()).collect();
    let is_operators = segments.iter().any(|segment| {
        matches!(
            *segment,
            "admin" | "internal" | "hook" | "hooks" | "webhook" | "webhooks" | "callback" | "callbacks" | "ipn"
        )
    });
    if is_operators {
        return None;
    }
    let fixed: Vec<&str> = segments.iter().rev().filter(|segment| !segment.starts_with('{')).take(2).copied().collect();
    let last = *fixed.first()?;
    // What is changed about one thing (`PUT /reviews/{id}`) is no repetition.
    let is_one_thing =
        segments.last().is_some_and(|segment| segment.starts_with('{')) && op.key().method != Method::Post;
    let fields = fields(op);
    let has = |names: &[&str]| names.iter().any(|name| fields.contains(*name));
    let secret = has(&["password", "passwd", "pwd", "pin"]);
    let text = format!("{} {}", last, op.spec.id.as_deref().unwrap_or(""));
    let resets = words(&text).iter().any(|word| matches!(word.as_str(), "reset" | "forgot" | "forgotten" | "recover"));
    if resets
        && (words(&op.key().path)
            .iter()
            .chain(&words(&text))
            .any(|word| matches!(word.as_str(), "password" | "account" | "pin" | "auth"))
            || secret
            || has(&["email", "username", "login"]))
    {
        return Some(Flow::Recovery);
    }
    if is_one_thing {
        return None;
    }
    let named = |text: &str| {
        let (whole, parts) = (normal(text), words(text));
        let mut pairs = parts.windows(2).map(<[String]>::concat).collect::<Vec<_>>();
        pairs.extend(parts);
        WORDS
            .iter()
            .find(|(_, list)| list.contains(&whole.as_str()) || pairs.iter().any(|word| list.contains(&word.as_str())))
            .map(|(flow, _)| *flow)
    };
    let by_path = fixed.iter().find_map(|segment| named(segment));
    let by_id = || op.spec.id.as_deref().and_then(first_words).and_then(|id| named(&id));
    let by_fields = || match last.to_ascii_lowercase().as_str() {
        "token" | "tokens" | "session" | "sessions" | "auth" if secret || has(&["username", "email"]) => {
            Some(Flow::SignIn)
        }
        "users" | "user" | "accounts" | "members" | "customers" if secret => Some(Flow::SignUp),
        "verify" | "verification" | "confirm" if has(&["code", "otp", "pin"]) => Some(Flow::Code),
        "orders" | "tickets" if has(&["cardnumber", "paymentmethod", "cardtoken", "payment"]) => Some(Flow::Purchase),
        "messages" | "emails" | "sms" if has(&["to", "recipient", "email", "phone"]) => Some(Flow::Message),
        _ => None,
    };
    by_path.or_else(by_fields).or_else(by_id)
}

/// The first two words of an operation's id, without what frameworks put behind them.
fn first_words(id: &str) -> Option<String> {
    let words = words(id);
    (!words.is_empty()).then(|| words.into_iter().take(2).collect::<Vec<_>>().join("_"))
}

/// Names of the fields of the body, in lower case without separators.
fn fields(op: &Op<'_>) -> BTreeSet<String> {
    fn collect(schema: &Schema, depth: u32, out: &mut BTreeSet<String>) {
        for schema in schema.variants() {
            for (name, inner) in &schema.properties {
                out.insert(normal(name));
                if depth > 0 {
                    collect(inner, depth - 1, out);
                }
            }
        }
    }
    let mut out = BTreeSet::new();
    let schemas = op.spec.body.iter().flat_map(|body| body.content.values());
    schemas.for_each(|(schema, _)| collect(schema, 1, &mut out));
    out
}

/// What stands in the way of a machine, as the contract tells; none where nothing is told.
pub fn declared_protection(op: &Op<'_>) -> Option<&'static str> {
    let responses = &op.spec.responses;
    if responses.contains_key("429") || responses.contains_key("4XX") {
        return Some("a 429 is declared");
    }
    let limits = |name: &String| name.contains("ratelimit") || name.contains("rate-limit") || name == "retry-after";
    if responses.values().any(|response| response.headers.iter().any(limits)) {
        return Some("headers of a limit are declared");
    }
    let inputs: Vec<String> =
        fields(op).into_iter().chain(op.spec.parameters.iter().map(|parameter| normal(&parameter.name))).collect();
    const CHALLENGES: &[&str] =
        &["captcha", "recaptcha", "turnstile", "challenge", "proofofwork", "attestation", "devicecheck"];
    if inputs.iter().any(|name| CHALLENGES.iter().any(|word| name.contains(word)) || name == "pow") {
        return Some("a challenge is declared");
    }
    let second =
        inputs.iter().any(|name| matches!(name.as_str(), "otp" | "totp" | "mfacode" | "otpcode" | "secondfactor"));
    if second && flow(op) != Some(Flow::Code) {
        return Some("a second factor is declared");
    }
    let said = format!("{} {}", op.spec.summary, op.spec.description).to_ascii_lowercase();
    const SAID: &[&str] = &[
        "rate limit",
        "rate-limit",
        "ratelimit",
        "throttl",
        "captcha",
        "lockout",
        "locked after",
        "too many",
        "attempts",
        "per minute",
        "per hour",
        "per day",
    ];
    if SAID.iter().any(|word| said.contains(word)) {
        return Some("its description speaks of a limit");
    }
    // Once per account and thing: the second request changes nothing.
    let is_idempotent = inputs.iter().any(|name| name == "idempotencykey" || name == "xidempotencykey");
    (is_idempotent && !flow(op).is_some_and(Flow::is_guessing)).then_some("repetitions are recognised")
}

/// Whether an answer shows that callers are counted.
pub fn is_counted(exchange: &Exchange) -> bool {
    quota::is_refusal(exchange) || exchange.response().is_some_and(|response| quota::announced(response).is_some())
}
