//! How long the state machines let a deployment run, in seconds.
//!
//! The stack does not tell, and this program knows nothing of it but its API: so they are repeated here, and `tests/contracts`
//! reads this file and holds it against them.

/// Of an alias.
pub(crate) const ALIAS: u64 = 864_000;
/// Of a service.
pub(crate) const SERVICE: u64 = 1_728_000;
/// How long a new task set has to become steady.
pub(crate) const INSTALL: u64 = 3_600;
