//! Why a call failed, in the words of what it failed at.

use std::error::Error;

/// The reason at the bottom of the chain, which is the one that says something.
pub(crate) fn innermost(mut error: &(dyn Error + 'static)) -> String {
    while let Some(source) = error.source() {
        error = source;
    }
    error.to_string()
}
