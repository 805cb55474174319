//! What the stack says of an AppSpec that the flags made, said of the flags: nobody has seen that text.

use crate::api::ApiError;
use crate::args::What;

/// The error, with flags in place of lines and members of an AppSpec that no file says.
pub(crate) fn reworded(what: &What, error: ApiError) -> ApiError {
    match what.appspec {
        Some(_) => error,
        None => of_flags(error),
    }
}

fn of_flags(error: ApiError) -> ApiError {
    match error {
        ApiError::Refused { code, message } => {
            let lines: Vec<String> = message.lines().map(line).collect();
            ApiError::Refused { code, message: lines.join("\n") }
        }
        error @ (ApiError::Throttled(_) | ApiError::NoAnswer(_) | ApiError::NoAccess(_) | ApiError::Unreadable(_)) => {
            error
        }
    }
}

/// A problem as the stack writes it: `line 1, Resources[0].Target.Properties.Alias: what is wrong`.
fn line(text: &str) -> String {
    let told = text.strip_prefix("line 1, ").and_then(|rest| rest.split_once(": "));
    match told.and_then(|(field, what)| Some((flag(field)?, what))) {
        Some((flag, what)) => format!("{flag}: {what}"),
        None => text.to_owned(),
    }
}

/// The flag that a member of the AppSpec comes from.
fn flag(field: &str) -> Option<String> {
    let members: Vec<&str> = field.split('.').collect();
    let names: Vec<&str> = members.iter().map(|member| member.split('[').next().unwrap_or_default()).collect();
    let flag = match names[..] {
        ["Resources", _, "Properties", ref property @ ..] => match property {
            ["Name"] => "--function",
            ["Alias"] => "--alias",
            ["TargetVersion"] => "--to-version",
            ["CurrentVersion"] => "--from-version",
            ["TaskDefinition"] => "--task-definition",
            ["LoadBalancerInfo", "ContainerName"] => "--container",
            ["LoadBalancerInfo", "ContainerPort"] => "--port",
            _ => return None,
        },
        ["Service", "Cluster" | "Name", ..] => "--service",
        ["Service", "TargetGroups", ..] => "--target-groups",
        ["Service", "ProdListener", ..] => "--listener",
        ["Service", "TestListener", ..] => "--test-listener",
        ["Hooks", _, "Timeout", ..] => "--hook-timeout",
        ["Hooks", _, "Parameters", ..] => "--hook-parameter",
        ["Hooks", "BeforeInstall", ..] => "--before-install-hook",
        ["Hooks", "AfterInstall", ..] => "--after-install-hook",
        ["Hooks", "AfterAllowTestTraffic", ..] => "--test-hook",
        ["Hooks", "BeforeAllowTraffic", ..] => "--before-hook",
        ["Hooks", "AfterAllowTraffic", ..] => "--after-hook",
        ["Warm", ..] => "--warm",
        ["Strategy", ..] => {
            let index = members[0].strip_prefix("Strategy[").and_then(|rest| rest.strip_suffix(']'));
            let step = index.and_then(|index| index.parse::<usize>().ok()).map(|index| format!(", step {}", index + 1));
            return Some(format!("--steps{}", step.unwrap_or_default()));
        }
        _ => return None,
    };
    Some(flag.to_owned())
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::*;

    #[test]
    fn a_refusal_names_the_flag_and_not_a_line_that_nobody_wrote() {
        let message = [
            "line 1, Resources[0].Target.Properties.TargetVersion: `$LATEST` is not a version",
            "line 1, Resources[0].Target.Properties.Alias: missing",
            "line 1, Hooks[0].BeforeAllowTraffic.Parameters[0]: `shop/db` is not an SSM parameter name",
            "line 1, Hooks[1].AfterAllowTraffic: `a b` is not a function",
            "line 1, Strategy[1].Weight: 10 is not more than 20",
            "line 1, Strategy: no steps",
            "line 1, Service.TargetGroups[1]: the same as the first",
            "line 1, Something.Else: as it is",
            "and 2 more",
        ];
        let error = ApiError::Refused { code: "InvalidRevisionException".to_owned(), message: message.join("\n") };
        let ApiError::Refused { message, .. } = of_flags(error) else { panic!("it is a refusal") };
        expect![[r#"
            --to-version: `$LATEST` is not a version
            --alias: missing
            --hook-parameter: `shop/db` is not an SSM parameter name
            --after-hook: `a b` is not a function
            --steps, step 2: 10 is not more than 20
            --steps: no steps
            --target-groups: the same as the first
            line 1, Something.Else: as it is
            and 2 more"#]]
        .assert_eq(&message);
    }
}
