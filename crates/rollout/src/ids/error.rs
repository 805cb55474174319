//! Why a text is not the name that it should be.

use crate::text;

/// Why a text is not the name it should be, and what to write instead.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{found} is not {what}: {instead}")]
pub struct IdError {
    found: String,
    what: &'static str,
    instead: String,
}

impl IdError {
    pub(crate) fn new(found: &str, what: &'static str, instead: impl Into<String>) -> Self {
        let instead = match text::placeholder(found) {
            Some(placeholder) => text::unfilled(placeholder),
            None => instead.into(),
        };
        Self { found: text::quoted(found), what, instead }
    }

    /// The same about the whole text, where only a part of it was looked at.
    pub(super) fn about(self, text: &str) -> Self {
        Self { found: text::quoted(text), ..self }
    }
}
