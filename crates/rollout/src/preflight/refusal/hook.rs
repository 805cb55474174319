//! What is wrong with a hook or the parameters it is to be handed.

use std::fmt;

use crate::event::LifecycleEvent;
use crate::grants::{self, Readable};
use crate::ids::{HookFunction, ParameterName};

/// One reason why a hook cannot be called as it is to be.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "each variant's Display is its documentation")]
pub enum HookRefusal {
    HookMissing {
        event: LifecycleEvent,
        function: HookFunction,
    },
    HookOutsidePattern {
        event: LifecycleEvent,
        function: HookFunction,
        pattern: String,
    },
    ParametersDenied {
        event: LifecycleEvent,
        function: HookFunction,
        denied: Vec<ParameterName>,
    },
    ParametersMissing {
        event: LifecycleEvent,
        function: HookFunction,
        missing: Vec<ParameterName>,
    },
    ParametersUnreadable {
        event: LifecycleEvent,
        function: HookFunction,
        outside: Vec<ParameterName>,
        readable: Readable,
    },
}

impl HookRefusal {
    /// The stable name of the reason, for programs.
    pub fn name(&self) -> &'static str {
        match self {
            Self::HookMissing { .. } => "HookMissing",
            Self::HookOutsidePattern { .. } => "HookNotAllowed",
            Self::ParametersDenied { .. } => "ParametersNotAllowed",
            Self::ParametersMissing { .. } => "ParametersMissing",
            Self::ParametersUnreadable { .. } => "ParametersNotReadable",
        }
    }
}

impl fmt::Display for HookRefusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::HookMissing { event, function } => {
                write!(f, "the {event} hook {function} does not exist in this account and region")
            }
            Self::HookOutsidePattern { event, function, pattern } => write!(
                f,
                "the {event} hook {function} may not be called by this stack, which is limited to {pattern}; rename the \
                 function or change the stack's parameter HookFunctionNamePattern"
            ),
            Self::ParametersDenied { event, function, denied } => {
                write!(f, "the {event} hook {}", grants::refusal(function, denied))
            }
            Self::ParametersMissing { event, function, missing } => {
                write!(f, "the {event} hook {} {}", function.name(), grants::missing(missing))
            }
            Self::ParametersUnreadable { event, function, outside, readable } => {
                write!(f, "the {event} hook {} {}", function.name(), readable.refusal(outside))
            }
        }
    }
}
