//! What is wrong with a version, or between the two that are to share traffic.

use std::fmt;

use crate::code::ErrorCode;
use crate::ids::{FunctionName, Version};

/// One reason why a version takes no calls, or no share of them beside the other.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "each variant's Display is its documentation")]
pub enum VersionRefusal {
    NoVersion { function: FunctionName, version: Version },
    VersionInactive { function: FunctionName, version: Version },
    VersionPending { function: FunctionName, version: Version, why: String },
    VersionNotReady { version: Version, state: String },
    DifferentRoles { from: (Version, String), to: (Version, String) },
    DifferentDeadLetters { from: (Version, Option<String>), to: (Version, Option<String>) },
}

impl VersionRefusal {
    /// The stable name of the reason, for programs.
    pub fn name(&self) -> &'static str {
        match self {
            Self::NoVersion { .. } => "VersionMissing",
            Self::VersionInactive { .. } => "VersionInactive",
            Self::VersionPending { .. } => "VersionPending",
            Self::VersionNotReady { .. } => "VersionNotReady",
            Self::DifferentRoles { .. } => "DifferentRoles",
            Self::DifferentDeadLetters { .. } => "DifferentDeadLetters",
        }
    }

    /// The error code of a deployment that was created all the same.
    pub(super) fn code(&self) -> ErrorCode {
        match self {
            Self::NoVersion { .. }
            | Self::VersionInactive { .. }
            | Self::VersionPending { .. }
            | Self::VersionNotReady { .. } => ErrorCode::InvalidLambdaFunction,
            Self::DifferentRoles { .. } | Self::DifferentDeadLetters { .. } => ErrorCode::InvalidLambdaConfiguration,
        }
    }
}

/// The words that tell a version which is not there, and nothing else.
const NO_VERSION: &str = " has no version ";

impl VersionRefusal {
    /// Whether the sentence of an ending tells of a version that is not there: a record keeps no more of a refusal than its sentence.
    pub fn tells_no_version(sentence: &str) -> bool {
        sentence.starts_with("the function ") && sentence.contains(NO_VERSION)
    }
}

impl fmt::Display for VersionRefusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoVersion { function, version } => write!(
                f,
                "the function {function}{NO_VERSION}{version}; publish it first: aws lambda publish-version \
                 --function-name {function}"
            ),
            Self::VersionInactive { function, version } => write!(
                f,
                "version {version} of {function} is Inactive: nobody called it for long, and its first calls would fail; wake it: aws \
                 lambda invoke --function-name {function} --qualifier {version} /dev/null, then aws lambda wait \
                 published-version-active --function-name {function} --qualifier {version}"
            ),
            Self::VersionPending { function, version, why } => write!(
                f,
                "version {version} of {function} is Pending ({why}), and its calls would fail; wait for it: aws lambda wait \
                 published-version-active --function-name {function} --qualifier {version}"
            ),
            Self::VersionNotReady { version, state } => {
                write!(f, "version {version} is not ready for calls: {state}")
            }
            Self::DifferentRoles { from, to } => write!(
                f,
                "versions {} and {} have different execution roles ({} and {}); Lambda cannot split traffic between them: \
                 publish a version with the same role",
                from.0, to.0, from.1, to.1
            ),
            Self::DifferentDeadLetters { from, to } => {
                let name = |target: &Option<String>| target.clone().unwrap_or_else(|| "none".to_owned());
                write!(
                    f,
                    "versions {} and {} have different dead-letter targets ({} and {}); Lambda cannot split traffic \
                     between them: publish a version with the same one",
                    from.0,
                    to.0,
                    name(&from.1),
                    name(&to.1)
                )
            }
        }
    }
}
