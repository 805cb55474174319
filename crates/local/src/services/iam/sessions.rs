//! Temporary credentials of roles that services of AWS work under, and hand on: CodePipeline's, so far. Those of functions are
//! known by their processes.

use std::collections::HashMap;

use crate::clock;
use crate::guarded::Guarded;

/// All that were given out, by their access keys.
#[derive(Debug, Default)]
pub(crate) struct Sessions(Guarded<HashMap<String, Session>>);

/// Whose credentials they are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Session {
    /// The role's ARN.
    pub(super) role: String,
    /// What the session is called.
    pub(super) name: String,
    pub(super) reach: Reach,
}

/// What credentials are for, at most.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Reach {
    /// Whatever their role may do.
    Role,
    /// The objects of a bucket.
    Bucket(String),
}

impl Sessions {
    /// New credentials of a role; gives the access key.
    pub(crate) fn issue(&self, role: &str, reach: Reach) -> String {
        let tail = std::iter::repeat_with(|| fastrand::alphanumeric().to_ascii_uppercase()).take(16);
        let key = format!("ASIA{}", tail.collect::<String>());
        let name = clock::now().as_millisecond().to_string();
        self.0.lock().insert(key.clone(), Session { role: role.to_owned(), name, reach });
        key
    }

    pub(super) fn of(&self, access_key: &str) -> Option<Session> {
        self.0.lock().get(access_key).cloned()
    }
}
