//! Why a deployment cannot begin, in one ending.

use codedeploy::error::{ApiError, Code};
use rollout::code::ErrorCode;
use rollout::ending::Ending;
use rollout::platform::Platform;
use rollout::preflight::Refusal;

/// The ending of a deployment whose request cannot be read.
pub(super) fn invalid(error: &ApiError, platform: Platform) -> Ending {
    // Each problem of an AppSpec has a line, and what a record says has one.
    let told = error.message.lines().collect::<Vec<_>>().join("; ");
    match error.code {
        Code::InvalidRevisionException => Ending::new(
            platform.row().codes.misfit,
            format!(
                "The deployment failed because the AppSpec file that specifies the {} deployment configuration is missing or has an \
                 invalid configuration. {told}",
                platform.row().service
            ),
        ),
        Code::RevisionDoesNotExistException => Ending::new(ErrorCode::RevisionMissing, told),
        _ => Ending::new(
            ErrorCode::InvalidRevision,
            format!("the execution's input is CreateDeployment's: {}: {told}", error.code),
        ),
    }
}

/// One ending for several refusals: the first one's code, all their sentences.
pub(super) fn together(refusals: &[Refusal], platform: Platform) -> Ending {
    let sentences: Vec<String> = refusals.iter().map(ToString::to_string).collect();
    let code = refusals.first().map_or(ErrorCode::InternalError, |refusal| refusal.ending(platform).code);
    Ending::new(code, sentences.join("; "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_problem_of_an_appspec_is_told_on_the_one_line_that_a_record_has() {
        let codes =
            [Code::InvalidRevisionException, Code::RevisionDoesNotExistException, Code::DescriptionTooLongException];
        for code in codes {
            for platform in Platform::ALL {
                let ending = invalid(&ApiError::new(code, "line 1: no Name\nline 2: no Alias"), platform);
                assert!(ending.message.ends_with("line 1: no Name; line 2: no Alias"), "{}", ending.message);
            }
        }
    }
}
