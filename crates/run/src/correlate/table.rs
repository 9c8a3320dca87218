//! Which weaknesses can be one and the same mistake, seen from different vantages. Texts are never compared.
//!
//! A pair stands here only if mending the one line settles both names. Names that merely occur together (a crash and the debug page that shows it) do
//! not belong here. Where compatible weaknesses become one issue, it has the name that is nearest to the cause: that of the code, then that of memory,
//! then that of the wire, then that of the contract.

use plimsoll_model::{Vantage, Weakness};

use Weakness::{
    BrokenPagination, CallerChosenAddress, ClientPerRequest, DanglingTask, DeprecatedOperation, FreeFormQuery,
    GrowingAnswer, HandlerPerRequest, InputDrivenCost, InternalDetailExposed, InvalidValueAccepted, LatencyDrift,
    MethodAuthGap, MissingAuthentication, OlderVersionAnswers, OpenOperation, ParallelVersions, QueryLogGrowth,
    RequestInBackground, ResponseSizeOutlier, RetainedClient, RetainedException, RetainedIterator, RetainedRequest,
    RetainedTask, SdkMisuse, ServerSideRequestForgery, SessionGrowth, SilentTruncation, SqlInjection,
    StoreErrorExposed, StoreQueryInjection, SynchronousExport, UnboundedBatch, UnboundedCache, UnboundedPageSize,
    UnboundedQueue, UnboundedRead, UnboundedSearch, UnclosedClient, UnclosedResource, UnhandledInput, WholeTableRead,
};

/// What a pair needs besides an operation in common.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Need {
    /// Nothing.
    Nothing,
    /// Both speak of the same parameter.
    SameInput,
}

/// Two weaknesses that can be one.
#[derive(Clone, Copy, Debug)]
pub struct Pair {
    /// The one.
    pub one: Weakness,
    /// The other.
    pub other: Weakness,
    /// What they need in common.
    pub need: Need,
    /// Why one change settles both.
    pub why: &'static str,
}

const fn pair(one: Weakness, other: Weakness, why: &'static str) -> Pair {
    Pair { one, other, need: Need::Nothing, why }
}

const fn of_one_input(one: Weakness, other: Weakness, why: &'static str) -> Pair {
    Pair { one, other, need: Need::SameInput, why }
}

/// Every pair, once. Every weakness is compatible with itself.
pub const PAIRS: &[Pair] = &[
    // Reads without a bound.
    pair(UnboundedRead, WholeTableRead, "what is answered whole was read whole"),
    pair(UnboundedRead, UnboundedSearch, "a search for nothing is a read of everything"),
    pair(UnboundedRead, SynchronousExport, "an export in one answer is a read of everything"),
    pair(UnboundedRead, ResponseSizeOutlier, "an answer is far larger than others because nothing bounds it"),
    pair(WholeTableRead, UnboundedSearch, "a search that matches everything collects everything"),
    pair(WholeTableRead, SynchronousExport, "an export collects what it reads"),
    pair(WholeTableRead, UnboundedBatch, "the range that a caller chooses is read whole"),
    // What a caller makes large.
    of_one_input(UnboundedRead, UnboundedPageSize, "a page size that is not looked at bounds nothing"),
    of_one_input(UnboundedBatch, InputDrivenCost, "the number that has no bound is the one that costs"),
    of_one_input(UnboundedBatch, UnboundedPageSize, "a number of things to read without a bound"),
    of_one_input(UnboundedPageSize, InputDrivenCost, "the page size that has no bound is the one that costs"),
    of_one_input(InvalidValueAccepted, UnboundedPageSize, "the same missing check of one parameter"),
    // What is missing from an answer.
    pair(SilentTruncation, BrokenPagination, "a cursor that is dropped ends the pages early"),
    // Errors.
    pair(UnhandledInput, StoreErrorExposed, "what the store refuses is answered as an error of the server"),
    pair(UnhandledInput, SdkMisuse, "a call that cannot work fails for every caller"),
    pair(StoreErrorExposed, InternalDetailExposed, "the store's error names what is inside"),
    // What grows.
    pair(GrowingAnswer, UnboundedCache, "what is kept is what is answered"),
    pair(GrowingAnswer, SessionGrowth, "what is kept is what is answered"),
    pair(LatencyDrift, UnboundedCache, "what is kept is gone through for every request"),
    pair(LatencyDrift, HandlerPerRequest, "every handler that was registered runs"),
    // What holds memory: a measurement names the container, code names the mistake.
    pair(UnboundedCache, RetainedRequest, "a container holds requests"),
    pair(UnboundedCache, RetainedException, "a container holds exceptions"),
    pair(UnboundedCache, RetainedIterator, "a container holds iterators"),
    pair(UnboundedCache, RetainedTask, "a container holds tasks"),
    pair(UnboundedCache, RetainedClient, "a container holds clients"),
    pair(UnboundedCache, HandlerPerRequest, "a list of handlers holds what they close over"),
    pair(UnboundedCache, UnboundedQueue, "a queue is a container"),
    pair(UnboundedCache, SessionGrowth, "a session store is a container"),
    pair(UnboundedCache, QueryLogGrowth, "a query log is a container"),
    pair(RetainedRequest, HandlerPerRequest, "a handler closes over its request"),
    pair(RetainedRequest, RetainedException, "a traceback holds the frames of its request"),
    pair(RetainedRequest, UnboundedQueue, "a queue holds requests"),
    pair(RetainedRequest, RequestInBackground, "work in the background holds its request"),
    pair(RetainedClient, ClientPerRequest, "clients that are built for requests are kept"),
    pair(RetainedClient, HandlerPerRequest, "handlers of events hold the clients that they are registered with"),
    pair(RetainedTask, DanglingTask, "tasks that nobody awaits stay"),
    pair(UnclosedResource, UnclosedClient, "an open client is an open descriptor"),
    pair(UnclosedResource, ClientPerRequest, "each client opens its own connections"),
    pair(UnclosedClient, ClientPerRequest, "clients are built and not closed"),
    // Design and behaviour.
    pair(OpenOperation, MissingAuthentication, "the design asks for no credentials, and so does the service"),
    pair(OpenOperation, MethodAuthGap, "the method that asks for no credentials is designed so"),
    pair(ParallelVersions, OlderVersionAnswers, "the older version is in the contract, and answers"),
    pair(DeprecatedOperation, OlderVersionAnswers, "what is deprecated is the older version"),
    pair(CallerChosenAddress, ServerSideRequestForgery, "the address that callers choose is asked"),
    pair(FreeFormQuery, SqlInjection, "the query that callers write is run"),
    pair(FreeFormQuery, StoreQueryInjection, "the query that callers write is run"),
];

/// Whether two weaknesses can be one and the same mistake, and with what in common.
pub fn compatible(a: Weakness, b: Weakness) -> Option<Need> {
    if a == b {
        return Some(Need::Nothing);
    }
    let fits = |pair: &&Pair| (pair.one, pair.other) == (a, b) || (pair.one, pair.other) == (b, a);
    PAIRS.iter().find(fits).map(|pair| pair.need)
}

/// Why two different weaknesses can be one.
pub fn why(a: Weakness, b: Weakness) -> Option<&'static str> {
    let fits = |pair: &&Pair| (pair.one, pair.other) == (a, b) || (pair.one, pair.other) == (b, a);
    PAIRS.iter().find(fits).map(|pair| pair.why)
}

/// How near a vantage is to the cause: the name that it gives goes before the names of those that are further away.
pub const fn nearness(vantage: Vantage) -> u8 {
    match vantage {
        Vantage::Code => 3,
        Vantage::Memory => 2,
        Vantage::Wire => 1,
        Vantage::Contract => 0,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn is_symmetric_and_every_weakness_goes_with_itself() {
        for &a in Weakness::ALL {
            assert_eq!(compatible(a, a), Some(Need::Nothing));
            for &b in Weakness::ALL {
                assert_eq!(compatible(a, b), compatible(b, a), "{a} {b}");
            }
        }
    }

    #[test]
    fn is_small_and_says_everything_once() {
        let mut seen = HashSet::new();
        for pair in PAIRS {
            assert_ne!(pair.one, pair.other);
            let mut names = [pair.one.id(), pair.other.id()];
            names.sort_unstable();
            assert!(seen.insert(names), "{names:?} twice");
            assert!(pair.why.len() > 15, "{names:?}");
        }
        // Of a hundred and more weaknesses, a few per thousand of all pairs.
        let all = Weakness::ALL.len() * (Weakness::ALL.len() - 1) / 2;
        assert!(PAIRS.len() * 100 < all, "{} of {all}", PAIRS.len());
    }

    #[test]
    fn what_only_occurs_together_is_not_one_mistake() {
        for (a, b) in [
            (UnhandledInput, Weakness::DebugMode),
            (UnhandledInput, Weakness::StackTraceExposed),
            (Weakness::SecretExposed, Weakness::HardCodedCredentials),
            (Weakness::PiiExposed, Weakness::SecretExposed),
            (UnboundedRead, SilentTruncation),
            (Weakness::GuessableObjectIds, Weakness::BrokenObjectAuthorization),
            (UnboundedCache, UnboundedRead),
        ] {
            assert_eq!(compatible(a, b), None, "{a} {b}");
        }
    }
}
