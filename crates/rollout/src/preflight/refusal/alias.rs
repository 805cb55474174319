//! What is wrong with a function, its alias or where that points.

use std::fmt;

use crate::code::ErrorCode;
use crate::ids::{AliasName, FunctionName, Version};
use crate::routing::{Backend, Routing};

/// One reason why an alias cannot move.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "each variant's Display is its documentation")]
pub enum AliasRefusal {
    NoFunction { function: FunctionName },
    FunctionNotAllowed { function: FunctionName, said: String },
    NoAlias { function: FunctionName, alias: AliasName },
    AliasOnLatest { function: FunctionName, alias: AliasName },
    CurrentVersionDiffers { named: Version, live: Routing },
    SplitBySomebodyElse { function: FunctionName, alias: AliasName, routing: Routing },
}

impl AliasRefusal {
    /// The stable name of the reason, for programs.
    pub fn name(&self) -> &'static str {
        match self {
            Self::NoFunction { .. } => "FunctionMissing",
            Self::FunctionNotAllowed { .. } => "FunctionNotAllowed",
            Self::NoAlias { .. } => "AliasMissing",
            Self::AliasOnLatest { .. } => "AliasOnLatest",
            Self::CurrentVersionDiffers { .. } => "CurrentVersionDiffers",
            Self::SplitBySomebodyElse { .. } => "AliasAlreadySplit",
        }
    }

    /// The error code of a deployment that was created all the same.
    pub(super) fn code(&self) -> ErrorCode {
        match self {
            Self::NoFunction { .. } | Self::FunctionNotAllowed { .. } | Self::NoAlias { .. } => {
                ErrorCode::InvalidLambdaFunction
            }
            Self::AliasOnLatest { .. } | Self::CurrentVersionDiffers { .. } | Self::SplitBySomebodyElse { .. } => {
                ErrorCode::InvalidLambdaConfiguration
            }
        }
    }
}

impl fmt::Display for AliasRefusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoFunction { function } => {
                write!(f, "the function {function} does not exist in this account and region")
            }
            Self::FunctionNotAllowed { function, said } => write!(
                f,
                "this stack may not touch the function {function}, or there is none of that name: check the name, then tag it \
                 (aws lambda tag-resource --resource <its ARN> --tags tideshift=enabled), or name it in the stack's parameter \
                 ShiftableFunctions; AWS says: {said}"
            ),
            Self::NoAlias { function, alias } => write!(
                f,
                "the function {function} has no alias {alias}; create it first: aws lambda create-alias --function-name \
                 {function} --name {alias} --function-version <version>"
            ),
            Self::AliasOnLatest { function, alias } => write!(
                f,
                "the alias {alias} of {function} points at $LATEST, which cannot share traffic; point it at a published \
                 version first: aws lambda update-alias --function-name {function} --name {alias} --function-version <version>"
            ),
            Self::CurrentVersionDiffers { named, live } => write!(
                f,
                "The Lambda function alias version does not match the current version in AppSpec file: the AppSpec says \
                 {named}, the alias is on {live}; write CurrentVersion: {now} (--from-version {now} on the command line), or leave it \
                 out",
                now = live.primary.id()
            ),
            Self::SplitBySomebodyElse { function, alias, routing } => write!(
                f,
                "the alias is split already, and not by a deployment of this stack ({routing}): send all of its calls to one of \
                 the two first, the one its users are to stay on: aws lambda update-alias --function-name {function} --name \
                 {alias} --routing-config AdditionalVersionWeights={{}} --function-version <{}>",
                routing.backends().map(Backend::id).collect::<Vec<_>>().join(" or ")
            ),
        }
    }
}
