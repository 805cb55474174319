//! What there is nothing of here: connections to GitHub, and resources of CloudFormation.

use codedeploy::call;
use codedeploy::error::{ApiError, Code};
use codedeploy::names::{CONFIG, LONGEST};
use codedeploy::shapes::{DeleteGitHubAccountTokenInput, ExternalIdInput, ListApplicationsInput};
use codedeploy::token;
use serde_json::{Value, json};

/// No tokens, as in an account that never connected.
pub(super) fn list(body: &Value) -> Result<Value, ApiError> {
    let input: ListApplicationsInput = call::input(body)?;
    token::decode::<String>("ListGitHubAccountTokenNames", input.next_token.as_deref())?;
    Ok(json!({"tokenNameList": []}))
}

pub(super) fn delete(body: &Value) -> Result<Value, ApiError> {
    let input: DeleteGitHubAccountTokenInput = call::input(body)?;
    let Some(name) = input.token_name.filter(|name| !name.is_empty()) else {
        return Err(ApiError::new(Code::GitHubAccountTokenNameRequiredException, "tokenName is missing"));
    };
    // Token names look like all others.
    CONFIG.checked(&name).map_err(|_| {
        let message = format!("a token name has 1 to {LONGEST} of A-Z a-z 0-9 + = , . @ _ -");
        ApiError::new(Code::InvalidGitHubAccountTokenNameException, message)
    })?;
    let message = format!("there is no connection to GitHub named {name}");
    Err(ApiError::new(Code::GitHubAccountTokenDoesNotExistException, message))
}

/// Nothing here has an external id.
pub(super) fn delete_by_external_id(body: &Value) -> Result<Value, ApiError> {
    let _: ExternalIdInput = call::input(body)?;
    Ok(json!({}))
}
