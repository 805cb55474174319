//! Functions of other regions and accounts: they are not those of this place that have the same name.

use crate::arn::{ACCOUNT, REGION};
use crate::http::Answer;

/// A place that is not this one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Elsewhere {
    Region(String),
    /// An ARN that is none of a function.
    Nowhere(String),
    /// The account, and the ARN that names it.
    Account(String, String),
}

impl Elsewhere {
    /// Where a function is, by its ARN or partial ARN; `None` for one of here, and for a plain name.
    pub(crate) fn read(function: &str) -> Option<Self> {
        let parts: Vec<&str> = function.split(':').collect();
        let account = match parts[..] {
            ["arn", "aws", "lambda", region, account, "function", ..] if region == REGION => account,
            ["arn", _, "lambda", region, _, "function", ..] => return Some(Self::Region(region.to_owned())),
            ["arn", ..] => return Some(Self::Nowhere(function.to_owned())),
            [account, "function", ..] => account,
            _ => return None,
        };
        (account != ACCOUNT).then(|| Self::Account(account.to_owned(), function.to_owned()))
    }

    /// How Lambda refuses it: no request leaves its region, and no function of another account lets this one in.
    pub(crate) fn refusal(&self) -> Answer {
        match self {
            Self::Region(region) => {
                let message = format!("Functions from '{region}' are not reachable in this region ('{REGION}')");
                Answer::error(404, "ResourceNotFoundException", &message)
            }
            Self::Nowhere(arn) => {
                let message = format!(
                    "1 validation error detected: Value '{arn}' at 'functionName' failed to satisfy constraint"
                );
                Answer::error(400, "ValidationException", &message)
            }
            Self::Account(account, arn) => {
                let message = format!(
                    "User: arn:aws:iam::{ACCOUNT}:root is not authorized to perform this on resource: {arn} because no \
                     resource-based policy of account {account} allows it"
                );
                Answer::error(403, "AccessDeniedException", &message)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Elsewhere;

    #[test]
    fn a_function_is_here_unless_its_arn_names_another_region_or_account() {
        for here in
            ["shop", "shop:live", "123456789012:function:shop", "arn:aws:lambda:us-east-1:123456789012:function:shop:3"]
        {
            assert_eq!(Elsewhere::read(here), None, "{here}");
        }
        for (region, arn) in [
            ("eu-west-1", "arn:aws:lambda:eu-west-1:123456789012:function:shop"),
            ("cn-north-1", "arn:aws-cn:lambda:cn-north-1:123456789012:function:shop"),
        ] {
            assert_eq!(Elsewhere::read(arn), Some(Elsewhere::Region(region.to_owned())));
        }
        let short = "arn:aws:lambda:us-east-1:function:shop";
        assert_eq!(Elsewhere::read(short), Some(Elsewhere::Nowhere(short.to_owned())));
        for other in ["111122223333:function:shop:live", "arn:aws:lambda:us-east-1:111122223333:function:shop"] {
            assert!(matches!(Elsewhere::read(other), Some(Elsewhere::Account(..))), "{other}");
        }
    }
}
