//! The token by which CodePipeline asks again: which deployment is meant. Later calls may be jobs of other ids, so the token alone says it
//! (docs/codedeploy-contract.md 10.1).

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::ids::DeploymentId;

/// How long a deployment that could not be started yet is tried for.
pub const PATIENCE: SignedDuration = SignedDuration::from_mins(15);

/// The number of the form that this code writes.
const FORM: u32 = 1;

/// A token.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Token {
    v: u32,
    /// The deployment.
    pub deployment: DeploymentId,
    /// How often this token's pipeline was answered before.
    pub nth: u32,
    /// Since when the deployment could not be started, where it was not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub waits_since: Option<Timestamp>,
}

/// Why a text is no token of this code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unread {
    /// Newer code has written it.
    Newer,
    /// It is none.
    Foreign,
}

impl Token {
    /// The token of the first answer about a deployment.
    pub fn first(deployment: DeploymentId) -> Self {
        Self { v: FORM, deployment, nth: 0, waits_since: None }
    }

    /// The token of the answer after this one, about a deployment that was started.
    pub fn next(&self) -> Self {
        Self { nth: self.nth + 1, waits_since: None, ..self.clone() }
    }

    /// The same about one that could not be started yet; `None` once that has lasted too long.
    pub fn waiting(&self, now: Timestamp) -> Option<Self> {
        let since = self.waits_since.unwrap_or(now);
        (now.duration_since(since) < PATIENCE).then(|| Self { waits_since: Some(since), ..self.next() })
    }

    /// Reads one.
    pub fn read(text: &str) -> Result<Self, Unread> {
        #[derive(Deserialize)]
        struct Form {
            v: u32,
        }
        match serde_json::from_str(text) {
            Ok(Form { v: FORM }) => serde_json::from_str(text).map_err(|_| Unread::Foreign),
            Ok(Form { v }) if v > FORM => Err(Unread::Newer),
            _ => Err(Unread::Foreign),
        }
    }

    /// As CodePipeline keeps it.
    pub fn to_text(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_comes_back_as_it_was_given_and_others_are_told_apart() {
        let token = Token::first(DeploymentId::parse("d-1").unwrap()).next();
        assert_eq!(token.to_text(), r#"{"v":1,"deployment":"d-1","nth":1}"#);
        assert_eq!(Token::read(&token.to_text()), Ok(token));
        assert_eq!(Token::read(r#"{"v":2,"deployment":"d-1"}"#), Err(Unread::Newer));
        for other in ["", "d-1", "{}", r#"{"v":1}"#] {
            assert_eq!(Token::read(other), Err(Unread::Foreign), "{other}");
        }
    }

    #[test]
    fn a_start_that_cannot_be_made_is_waited_for_for_a_while_and_not_for_ever() {
        let now = Timestamp::UNIX_EPOCH;
        let token = Token::first(DeploymentId::parse("d-1").unwrap()).waiting(now).unwrap();
        let later = token.waiting(now + SignedDuration::from_mins(14)).unwrap();
        assert_eq!((later.waits_since, later.nth), (Some(now), 2));
        assert_eq!(later.waiting(now + PATIENCE), None);
    }
}
