//! What operations are by their words: exports, sets that the world decides, orders and payments.

use plimsoll_model::Method;
use plimsoll_spec::roles::words;

use crate::view::OpView;

/// Sets that the world decides, not the data of the service: they are served whole everywhere.
const REFERENCE: &[&str] = &[
    "countries",
    "country",
    "currencies",
    "languages",
    "locales",
    "timezones",
    "states",
    "provinces",
    "regions",
    "zones",
    "units",
    "icons",
    "emojis",
    "permissions",
    "scopes",
    "enums",
    "airports",
    "holidays",
    "translations",
    "genres",
    "types",
    "statuses",
    "formats",
    "versions",
    "features",
    "capabilities",
    "options",
    "levels",
    "categories",
    "plans",
    "settings",
    "config",
    "configuration",
    "health",
    "status",
    "metrics",
    "limits",
    "quotas",
    "skus",
    "operations",
    "schemas",
    "models",
    "licenses",
    "timezone",
    "language",
    "locale",
    "fields",
    "definitions",
    "sizes",
    "metadata",
];
const EXPORT: &[&str] =
    &["export", "exports", "dump", "dumps", "extract", "backup", "csv", "ndjson", "jsonl", "xlsx", "tsv"];
const MONEY: &[&str] = &[
    "payment",
    "payments",
    "order",
    "orders",
    "charge",
    "charges",
    "transfer",
    "transfers",
    "payout",
    "payouts",
    "refund",
    "refunds",
    "purchase",
    "purchases",
    "checkout",
    "checkouts",
    "booking",
    "bookings",
    "withdrawal",
    "withdrawals",
    "pay",
];

/// The last segment of the path that is no parameter, as words in lower case; actions after a colon count for themselves.
pub(super) fn last_words(op: &OpView<'_>) -> Vec<String> {
    // `tags.{format}` and `tags.json` are tags; `orders.csv` is a format of its own.
    let bare = |segment: &'_ str| segment.split(".{").next().unwrap_or(segment).trim_end_matches(".json").to_owned();
    let last = op.key().path.trim_end_matches('/').rsplit('/').find(|segment| !segment.starts_with('{')).map(bare);
    last.map(|last| words(last.rsplit(':').next().unwrap_or(&last))).unwrap_or_default()
}

/// Whether the list is a set that the world, or the service's own build, decides.
pub(super) fn is_reference(op: &OpView<'_>) -> bool {
    let words = last_words(op);
    let joined = words.concat();
    REFERENCE.contains(&joined.as_str()) || words.last().is_some_and(|last| REFERENCE.contains(&last.as_str()))
}

/// Whether the operation hands out a whole set of data, by its words.
pub(super) fn is_export(op: &OpView<'_>) -> bool {
    last_words(op).iter().any(|word| EXPORT.contains(&word.as_str()))
}

/// Whether the operation receives what somebody else did, as the receivers of webhooks do: nothing is made by it, and who sends repeats it by rules of
/// their own.
pub(super) fn is_reception(op: &OpView<'_>) -> bool {
    const RECEPTION: &[&str] = &[
        "hook",
        "hooks",
        "webhook",
        "webhooks",
        "callback",
        "callbacks",
        "ipn",
        "notify",
        "notification",
        "notifications",
    ];
    let fixed = op.key().path.split('/').filter(|segment| !segment.starts_with('{'));
    fixed.flat_map(words).any(|word| RECEPTION.contains(&word.as_str()))
}

/// Whether the operation makes a payment, an order or the like: what must not happen twice.
pub(super) fn moves_money(op: &OpView<'_>) -> bool {
    let ends_in_parameter = op.key().path.trim_end_matches('/').ends_with('}');
    let words = last_words(op);
    op.key().method == Method::Post
        && !ends_in_parameter
        && words.len() <= 2
        && words.last().is_some_and(|last| MONEY.contains(&last.as_str()))
        && !words.first().is_some_and(|first| {
            matches!(first.as_str(), "search" | "list" | "query" | "get" | "preview" | "validate" | "cancel")
        })
}
