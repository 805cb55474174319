//! How and why a deployment ends other than well.

use serde::{Deserialize, Serialize};

use crate::code::ErrorCode;
use crate::request::RollbackRules;
use crate::routing::{Backend, Routing};

/// What to do with traffic that has already moved.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Rollback {
    /// Put it back.
    Restore,
    /// Leave it: the user switched rollback off.
    Leave,
}

impl RollbackRules {
    /// Whether traffic is put back after an ending with `code`.
    pub fn after(&self, code: ErrorCode) -> Rollback {
        if self.covers(code.rollback_event()) { Rollback::Restore } else { Rollback::Leave }
    }
}

/// Why a deployment ends, in a code for programs and a sentence for people. Never holds a secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Ending {
    /// What ended it.
    pub code: ErrorCode,
    /// The sentence.
    pub message: String,
}

impl Ending {
    /// The longest message a record keeps, in bytes. The whole text is in the log.
    pub const MAX_MESSAGE: usize = 1_000;

    /// An ending; a longer message is cut.
    pub fn new(code: ErrorCode, message: impl Into<String>) -> Self {
        let mut message = message.into();
        if message.len() > Self::MAX_MESSAGE {
            let cut = (0..=Self::MAX_MESSAGE).rev().find(|at| message.is_char_boundary(*at)).unwrap_or(0);
            message.truncate(cut);
            message.push('…');
        }
        Self { code, message }
    }
}

/// What became of the traffic when a deployment ended other than well.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Traffic {
    /// No call ever went to the new version.
    Untouched,
    /// It was put back: every call goes there.
    Restored(Backend),
    /// The user switched rollback off: the target was left so.
    Left(Routing),
    /// Somebody else sends calls there, at one of the target's places at least, and that was left alone; `None` where the
    /// target no longer exists. What was still ours beside it was put back, unless rollback was switched off.
    Foreign(Option<Routing>),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_message_is_cut_at_a_whole_character() {
        let ending = Ending::new(ErrorCode::InternalError, "é".repeat(2_000));
        assert!(ending.message.len() <= Ending::MAX_MESSAGE + '…'.len_utf8());
        assert!(ending.message.ends_with('…'));
    }
}
