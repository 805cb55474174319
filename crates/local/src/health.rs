//! How the stack is, as `/_tideshift/health` tells it.

use serde::{Deserialize, Serialize};

/// The answer: that there is one says that the stack is up.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Health {
    /// True.
    pub ok: bool,
    /// What the stack is called.
    pub stack: String,
    /// Where it is.
    pub endpoint: String,
    /// The executions that run now.
    pub running: Vec<String>,
}
