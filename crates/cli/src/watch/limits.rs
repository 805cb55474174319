//! How long a deployment is watched. What the stack lets it take, the stack tells ([`DeploymentView::limits`]).

use std::time::Duration;

use crate::view::{DeploymentView, LimitsView};

/// What a deployment may take beyond its plan: a rollback tries for half an hour at least.
const SLACK: Duration = Duration::from_secs(3_600);

/// Those of the stacks that did not tell any.
const OLDER: LimitsView = LimitsView { deployment_seconds: 1_728_000, install_seconds: Some(3_600) };

/// When it should be over whatever happens: the plan, its hooks to the last second, and some slack. Where nobody knows how
/// long a person takes, or what it is about, the stack's own limit counts.
pub(super) fn longest(deployment: &DeploymentView) -> Duration {
    let limits = deployment.limits.unwrap_or(OLDER);
    let planned = deployment.plan.as_ref().filter(|plan| !plan.may_pause()).map(|plan| {
        let steps: u64 = plan.steps.iter().filter_map(|step| step.hold_seconds).sum();
        let hooks: u64 = plan.hooks.iter().map(|hook| hook.timeout_seconds).sum();
        let task_sets = match plan.target().is_service() {
            true => plan.kept_seconds().saturating_add(limits.install_seconds.unwrap_or_default()),
            false => 0,
        };
        steps.saturating_add(hooks).saturating_add(task_sets)
    });
    let limit = limits.deployment_seconds;
    Duration::from_secs(planned.unwrap_or(limit).min(limit)) + SLACK
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::testing::{alias, service_plan};

    const DAY: u64 = 86_400;

    fn longest(plan: Value, limits: Value) -> Duration {
        let told = json!({"deploymentId": "d-1", "status": "InProgress", "plan": plan, "limits": limits});
        super::longest(&crate::view::read(&told).expect("a deployment")) - SLACK
    }

    #[test]
    fn a_deployment_is_watched_for_what_its_plan_takes_and_no_longer_than_the_stack_lets_it_run() {
        let limits = json!({"deploymentSeconds": 10 * DAY});
        let plan = |steps: Value| json!({"target": alias("f"), "from": "1", "to": "2", "steps": steps});
        let alias = |steps: Value| longest(plan(steps), limits.clone());
        let days = |days: u64| Duration::from_secs(days * DAY);
        assert_eq!(alias(json!([{"weight": 100, "holdSeconds": 60}])), Duration::from_secs(60));
        assert_eq!(alias(json!([{"weight": 10, "awaitContinue": true}, {"weight": 100}])), days(10));
        assert_eq!(alias(json!([{"weight": 100, "holdSeconds": 864_001}])), days(10));
        assert_eq!(longest(Value::Null, limits), days(10), "nobody knows what it is about");
    }

    #[test]
    fn a_service_has_the_time_in_which_its_task_set_must_be_there_besides() {
        let limits = json!({"deploymentSeconds": 20 * DAY, "installSeconds": 600});
        let service = |more: Value| longest(service_plan(more), limits.clone()).as_secs();
        assert_eq!(service(json!({})), 300 + 1_800 + 600);
        assert_eq!(service(json!({"readySeconds": 60})), 20 * DAY);
        assert_eq!(service(json!({"terminationSeconds": 11 * DAY})), 11 * DAY + 300 + 600);
    }

    #[test]
    fn a_stack_that_tells_no_limits_is_older_and_had_these() {
        assert_eq!(longest(Value::Null, Value::Null).as_secs(), 20 * DAY);
        assert_eq!(longest(service_plan(json!({})), Value::Null).as_secs(), 300 + 1_800 + 3_600);
    }
}
