//! Who gets to a piece of code, and what that means for how much it matters.

use plimsoll_model::Severity;

use crate::program::{FunctionId, Role, Scope};
use crate::rules::{Cx, Draft};

/// Who gets to a piece of code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reach {
    /// Tests, migrations, scripts, commands, start-up and imports: once, or by hand.
    Rare,
    /// Nothing that is known.
    Unknown,
    /// Tasks, messages of a queue, records of a stream, events of a Lambda: over and over.
    Message,
    /// Requests.
    Request,
}

impl Reach {
    /// Whether it happens over and over.
    pub fn is_hot(self) -> bool {
        self >= Self::Message
    }

    /// Adds to a draft what this means: nothing where it is hot, a low suspicion where nobody is known to get there.
    pub fn weigh(self, draft: Draft) -> Option<Draft> {
        match self {
            Self::Request | Self::Message => Some(draft),
            Self::Unknown => Some(draft.at_most(Severity::Low).suspected()),
            Self::Rare => None,
        }
    }
}

/// Who gets to a scope.
pub fn reach(cx: &Cx<'_>, scope: Scope) -> Reach {
    let role = cx.program.module(scope.module()).role;
    if is_aside(role) {
        return Reach::Rare;
    }
    match scope {
        Scope::Function(function) => of_function(cx, function),
        Scope::Module(_) | Scope::Class(_) => Reach::Rare,
    }
}

/// Whether a file is beside the application.
pub fn is_aside(role: Role) -> bool {
    matches!(role, Role::Test | Role::Migration | Role::Stub | Role::Generated | Role::Notebook | Role::Script)
}

fn of_function(cx: &Cx<'_>, function: FunctionId) -> Reach {
    let heat = cx.entries.heat(function);
    if heat.contains(crate::entries::Heat::REQUEST) {
        Reach::Request
    } else if heat.contains(crate::entries::Heat::MESSAGE) {
        Reach::Message
    } else if heat.is_empty() {
        Reach::Unknown
    } else {
        Reach::Rare
    }
}
