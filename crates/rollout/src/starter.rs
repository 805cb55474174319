//! Who asked for a deployment.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::ids::{IdError, JobId};

/// Who asked for a deployment, as far as the door it came through can know.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "by", rename_all_fields = "camelCase")]
pub enum Starter {
    /// A caller that IAM knows by this ARN: the API's URL had the request's signature checked. Whoever may invoke the function
    /// past its URL can write an event like the URL's, so this is as good as that permission is kept.
    Caller {
        /// The user, or the role's session.
        arn: CallerArn,
    },
    /// Somebody who may invoke the API's function: Lambda does not tell it who.
    Invocation,
    /// Somebody who may start executions of the state machine.
    Execution,
    /// An action of a pipeline of CodePipeline.
    Pipeline {
        /// The job that asked first.
        job: JobId,
    },
}

impl Starter {
    /// The caller, where IAM told one.
    pub fn caller(&self) -> Option<&CallerArn> {
        match self {
            Self::Caller { arn } => Some(arn),
            Self::Invocation | Self::Execution | Self::Pipeline { .. } => None,
        }
    }

    /// Whether a pipeline asked for it, which asks again and again until it is over.
    pub fn is_pipeline(&self) -> bool {
        matches!(self, Self::Pipeline { .. })
    }
}

impl fmt::Display for Starter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Caller { arn } => arn.fmt(f),
            Self::Invocation => f.write_str("an invocation of the API; CloudTrail knows whose"),
            Self::Execution => f.write_str("an execution that was started by itself; CloudTrail knows by whom"),
            Self::Pipeline { job } => write!(f, "the job {job} of CodePipeline"),
        }
    }
}

/// The ARN of a caller, as IAM writes it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct CallerArn(String);

impl CallerArn {
    /// The longest one that is read.
    const LONGEST: usize = 2_048;

    /// Reads one: printable ASCII that begins with `arn:`.
    pub fn parse(text: &str) -> Result<Self, IdError> {
        let printable = text.bytes().all(|byte| byte.is_ascii_graphic());
        if text.starts_with("arn:") && printable && text.len() <= Self::LONGEST {
            Ok(Self(text.to_owned()))
        } else {
            Err(IdError::new(text, "the ARN of a caller", "it is as IAM writes it"))
        }
    }
}

impl TryFrom<String> for CallerArn {
    type Error = IdError;

    fn try_from(text: String) -> Result<Self, IdError> {
        Self::parse(&text)
    }
}

impl From<CallerArn> for String {
    fn from(CallerArn(arn): CallerArn) -> Self {
        arn
    }
}

impl fmt::Display for CallerArn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pipeline_is_kept_by_its_job() {
        let job = JobId::parse("11111111-2222-3333-4444-555555555555").unwrap();
        let starter = Starter::Pipeline { job };
        let kept = serde_json::to_string(&starter).unwrap();
        assert_eq!(kept, r#"{"by":"Pipeline","job":"11111111-2222-3333-4444-555555555555"}"#);
        assert_eq!(serde_json::from_str::<Starter>(&kept).unwrap(), starter);
        assert_eq!(starter.to_string(), "the job 11111111-2222-3333-4444-555555555555 of CodePipeline");
    }

    #[test]
    fn a_caller_is_kept_by_its_arn_and_nothing_else_is_one() {
        let arn = CallerArn::parse("arn:aws:sts::123456789012:assumed-role/deployer/ci@example").unwrap();
        let kept = serde_json::to_string(&Starter::Caller { arn: arn.clone() }).unwrap();
        assert_eq!(kept, r#"{"by":"Caller","arn":"arn:aws:sts::123456789012:assumed-role/deployer/ci@example"}"#);
        assert_eq!(serde_json::from_str::<Starter>(&kept).unwrap(), Starter::Caller { arn });
        for odd in ["", "somebody", "arn:aws:iam::1:user/a\nb", "arn:aws:iam::1:user/a b", "arn:\u{202e}"] {
            assert!(CallerArn::parse(odd).is_err(), "{odd:?}");
        }
    }
}
