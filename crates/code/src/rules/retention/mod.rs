//! Retention: what a request leaves behind in something that outlives it.
//!
//! Most of these rules look at the same list, [`crate::lifetimes::Growth`], and each speaks of one kind of thing that is kept; `Class` says which, so that
//! a place is reported once.

mod app_state_accumulation;
mod atexit_per_request;
mod botocore_session_rewrapped;
mod callback_per_request;
mod clients_kept;
mod contextvar_accumulation;
mod debug_query_log;
mod event_handler_per_request;
mod exceptions_kept;
mod generators_kept;
mod growing_container;
mod logging_handler_per_request;
mod lru;
mod lru_cache_on_method;
mod mutable_default_argument;
mod registered;
mod request_kept;
mod session_growth;
mod signal_connected_per_request;
mod stream_records_accumulate;
mod tasks_never_discarded;
mod thread_local_accumulation;
mod unbounded_dict_cache;
mod unbounded_lru_cache;
mod unbounded_queue;

use plimsoll_model::Severity;

use super::{Cx, Draft, Drafts, Meta, Rule, Spot};
use crate::lifetimes::{Growth, HeldBy, Life, Spread, Stored};
use crate::program::Scope;
use crate::values::{Container, Kind};

/// The family's rules.
pub const RULES: &[&dyn Rule] = &[
    &growing_container::GrowingContainer,
    &unbounded_dict_cache::UnboundedDictCache,
    &unbounded_lru_cache::UnboundedLruCache,
    &lru_cache_on_method::LruCacheOnMethod,
    &mutable_default_argument::MutableDefaultArgument,
    &app_state_accumulation::AppStateAccumulation,
    &request_kept::RequestKept,
    &thread_local_accumulation::ThreadLocalAccumulation,
    &contextvar_accumulation::ContextvarAccumulation,
    &signal_connected_per_request::SignalConnectedPerRequest,
    &event_handler_per_request::EventHandlerPerRequest,
    &logging_handler_per_request::LoggingHandlerPerRequest,
    &atexit_per_request::AtexitPerRequest,
    &callback_per_request::CallbackPerRequest,
    &tasks_never_discarded::TasksNeverDiscarded,
    &exceptions_kept::ExceptionsKept,
    &generators_kept::GeneratorsKept,
    &unbounded_queue::UnboundedQueue,
    &stream_records_accumulate::StreamRecordsAccumulate,
    &botocore_session_rewrapped::BotocoreSessionRewrapped,
    &clients_kept::ClientsKept,
    &debug_query_log::DebugQueryLog,
    &session_growth::SessionGrowth,
];

/// Which rule speaks of a growth.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Class {
    Queue,
    Exceptions,
    Requests,
    Clients,
    Tasks,
    Iterators,
    Callbacks,
    Records,
    Default,
    ThreadLocal,
    ContextVar,
    App,
    Keyed,
    Container,
}

impl Class {
    fn of(growth: &Growth) -> Self {
        if growth.is_queue() {
            return Self::Queue;
        }
        match growth.stored {
            Stored::Exception => return Self::Exceptions,
            Stored::Request => return Self::Requests,
            Stored::Client => return Self::Clients,
            Stored::Task => return Self::Tasks,
            Stored::Iterator => return Self::Iterators,
            Stored::Callback => return Self::Callbacks,
            Stored::Records => return Self::Records,
            Stored::Data => {}
        }
        match growth.holder.lifetime.held_by {
            Some(HeldBy::Default) => Self::Default,
            Some(HeldBy::ThreadLocal) => Self::ThreadLocal,
            Some(HeldBy::ContextVar) => Self::ContextVar,
            Some(HeldBy::App) => Self::App,
            _ if growth.is_keyed()
                || matches!(growth.holder.kind, Kind::Container { kind: Container::Counter, .. }) =>
            {
                Self::Keyed
            }
            _ => Self::Container,
        }
    }
}

/// Says something of every growth of a class.
fn speak(cx: &Cx<'_>, out: &mut Drafts, meta: &'static Meta, class: Class, message: impl Fn(&Growth) -> String) {
    for growth in cx.growth().iter().filter(|growth| Class::of(growth) == class) {
        out.push(draft(cx, meta, growth, message(growth)));
    }
}

/// The chain from where the holder is made to what was looked at.
fn draft(cx: &Cx<'_>, meta: &'static Meta, growth: &Growth, message: String) -> Draft {
    let spot = Spot::expr(cx.program, growth.add.at);
    let holder = &growth.holder;
    let mut draft = Draft::new(meta, spot, growth.add.scope, message)
        .cause(format!("{} {:?}", holder.name, growth.stored))
        .step(holder.born, format!("`{}` is made here, without a bound", holder.name));
    if holder.born != spot {
        draft = draft.steps(holder.lifetime.why.iter().filter(|step| step.spot != holder.born).cloned());
    }
    draft = draft.step(spot, "added here, again and again");
    draft = if growth.looked_at.is_empty() {
        draft.note(format!("Nothing was seen that takes something out of `{}`.", holder.name))
    } else {
        draft.steps(growth.looked_at.iter().cloned())
    };
    if growth.managed {
        draft = draft
            .at_most(Severity::Low)
            .suspected()
            .note("Another operation takes entries out again; whether callers use it is not known.");
    }
    if is_everywhere(cx, growth.add.scope) {
        draft = draft
            .at_most(Severity::Low)
            .suspected()
            .note("So many operations seem to get here, through shared code, that how often it runs is not known.");
    }
    match growth.spread {
        Spread::Calendar => draft.at_most(Severity::Medium).suspected(),
        _ => draft,
    }
}

/// How long the holder lives, in words.
fn lives(growth: &Growth) -> &'static str {
    match growth.holder.lifetime.life {
        Life::Thread => "lives as long as its thread, which serves request after request",
        Life::Loop => "lives as long as a loop that does not end",
        _ => "lives as long as the process",
    }
}

/// How often something is added, in words.
fn each(cx: &Cx<'_>, growth: &Growth) -> &'static str {
    let heat = growth.add.scope.function().map(|function| cx.entries.heat(function)).unwrap_or_default();
    if heat.is_request() { "request" } else { "message" }
}

/// Whether more operations than are told apart get to a function that none of them calls itself: what is so general runs once as often as always.
fn is_everywhere(cx: &Cx<'_>, scope: Scope) -> bool {
    let function = scope.function().filter(|function| !cx.entries.is_entry(*function));
    function.is_some_and(|_| cx.operations(scope).len() >= 50)
}
