//! Page tokens: where a listing goes on, in a form that nobody has to understand (docs/codedeploy-contract.md 1.1, 1.3).
//!
//! A token is base64 of JSON with a version and the listing it belongs to, so that one of another listing, or of a form that
//! is no longer known, is refused and not misread.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};

use crate::error::{ApiError, Code};

const VERSION: u32 = 1;

/// Longer than any token handed out.
const LONGEST: usize = 4_096;

#[derive(Serialize, Deserialize)]
struct Token<T> {
    v: u32,
    of: String,
    at: T,
}

/// The token of a place in a listing. `of` is the operation's name, and whatever else the place is meaningless without.
pub fn encode<T: Serialize>(of: &str, at: &T) -> String {
    let token = Token { v: VERSION, of: of.to_owned(), at };
    URL_SAFE_NO_PAD.encode(serde_json::to_vec(&token).unwrap_or_default())
}

/// The place a token stands for. No token and an empty one are the beginning.
pub fn decode<T: for<'de> Deserialize<'de>>(of: &str, token: Option<&str>) -> Result<Option<T>, ApiError> {
    let Some(token) = token.filter(|token| !token.is_empty()) else { return Ok(None) };
    let unknown = || {
        let message = "the nextToken is not one that this listing handed out: send the last answer's, or none";
        ApiError::new(Code::InvalidNextTokenException, message)
    };
    if token.len() > LONGEST {
        return Err(unknown());
    }
    let bytes = URL_SAFE_NO_PAD.decode(token).map_err(|_| unknown())?;
    let read: Token<T> = serde_json::from_slice(&bytes).map_err(|_| unknown())?;
    if (read.v, read.of.as_str()) == (VERSION, of) { Ok(Some(read.at)) } else { Err(unknown()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_read_by_the_listing_that_made_it_and_by_no_other() {
        let token = encode("ListApplications", &"shop");
        assert_eq!(decode("ListApplications", Some(&token)).unwrap(), Some("shop".to_owned()));
        assert!(decode::<String>("ListDeploymentConfigs", Some(&token)).is_err());
        assert!(decode::<u32>("ListApplications", Some(&token)).is_err());
        assert_eq!(decode::<String>("ListApplications", None).unwrap(), None);
    }

    #[test]
    fn what_is_no_token_is_refused() {
        let deep = URL_SAFE_NO_PAD.encode("[".repeat(2_000));
        let newer = URL_SAFE_NO_PAD.encode(r#"{"v":2,"of":"ListApplications","at":"shop"}"#);
        for odd in ["x", "=", "e30", "\u{0}", "ünïcode", &"A".repeat(100_000), &deep, &newer] {
            let error = decode::<String>("ListApplications", Some(odd)).unwrap_err();
            assert_eq!(error.code, Code::InvalidNextTokenException);
        }
    }
}
