//! `doctor`: checks a stack in its account, and says what to do.

use serde_json::json;

use crate::api::{Api, ApiError, Operation};
use crate::console::Console;
use crate::doctor::account::Account;
use crate::doctor::facts::{Beside, Facts, Good, Listed, Live, Look, Next, Open, SetSeen, TargetSeen, Traffic, Warmed};
use crate::doctor::{judge, text};
use crate::exit::Ending;
use crate::failure::Failure;
use crate::view::{
    self, DeploymentList, DeploymentView, DescribeDeploymentInput, DescribeTargetInput, LeftWarm, ListDeploymentsInput,
    ListedDeployment, LiveTaskSet, Outcome, ShownTarget, Target, TargetView,
};

/// How many deployments are looked at, the newest first. What was forgotten is seldom the newest, and one busy target must not
/// hide it.
const NEWEST: usize = 1_000;

/// Runs it.
pub(crate) async fn run(api: &impl Api, account: &Account, console: &mut Console<'_>) -> Result<Ending, Failure> {
    let stack = console.stack.clone();
    console.look("the stack and its parameters")?;
    let seen = match account.stack(&stack).await {
        Look::Seen(Some(there)) => Look::Seen(there),
        Look::Seen(None) => return answer(console, &judge::no_stack(&stack), &stack),
        Look::Forbidden(call) => Look::Forbidden(call),
        Look::Failed(said) => Look::Failed(said),
    };
    let there = match &seen {
        Look::Seen(there) => Some(there.clone()),
        Look::Forbidden(_) | Look::Failed(_) => None,
    };
    let named = match &there {
        Some(there) => account.named(there).await,
        None => Vec::new(),
    };
    let pattern = there.as_ref().map_or("*", |there| there.parameter("HookFunctionNamePattern"));
    let hooks = account.functions_like(pattern).await;
    let path = there.as_ref().map_or("", |there| there.parameter("ParameterPath"));
    let readable = if path.is_empty() { None } else { Some(account.has_parameter(path).await) };
    console.look("quotas, alarms and lost events")?;
    let concurrency = account.concurrency((console.now)().as_second()).await;
    let alarms = account.alarms(&stack).await;
    let lost_events = account.lost_events(&stack).await;
    console.look("deployments and their targets")?;
    let (answers, (listed, older)) = answers(api, console).await?;
    let mut open = Vec::new();
    for deployment in listed.iter().filter(|deployment| deployment.outcome.is_none()) {
        open.push(opened(api, account, &deployment.deployment_id).await?);
    }
    let deployments = Listed { count: listed.len(), older };
    let warmed = warmed(account, &listed).await;
    let targets = targets(api, account, listed).await;
    let facts = Facts {
        command: env!("CARGO_PKG_VERSION").to_owned(),
        stack: seen,
        api: answers,
        named,
        hooks,
        readable,
        concurrency,
        alarms,
        lost_events,
        open,
        deployments,
        targets,
        warmed,
    };
    answer(console, &judge::judge(&facts, &stack), &stack)
}

/// What is live of each target of the deployments, the newest of which comes first.
async fn targets(api: &impl Api, account: &Account, listed: Vec<ListedDeployment>) -> Vec<TargetSeen> {
    let mut targets: Vec<TargetSeen> = Vec::new();
    for deployment in listed {
        let Some(target) = deployment.target.map(|target| target.parts) else { continue };
        let good = deployment.to.filter(|_| deployment.outcome == Some(Outcome::Succeeded));
        let good = good.map(|revision| Good { revision, deployment: deployment.deployment_id.clone() });
        match targets.iter_mut().find(|seen| seen.target.to_string() == target.to_string()) {
            Some(seen) => seen.good = seen.good.take().or(good),
            None => {
                let mut live = account.live(&target).await;
                weigh(api, &target, &mut live).await;
                let (newest, outcome) = (deployment.deployment_id, deployment.outcome);
                targets.push(TargetSeen { target, pair: deployment.pair, newest, outcome, good, live });
            }
        }
    }
    targets
}

/// Whether the API answers, and what it lists.
async fn answers(
    api: &impl Api,
    console: &mut Console<'_>,
) -> Result<(Look<()>, (Vec<ListedDeployment>, bool)), Failure> {
    Ok(match newest(api, console).await? {
        Ok(listed) => (Look::Seen(()), listed),
        Err(
            ApiError::NoAccess(said)
            | ApiError::Throttled(said)
            | ApiError::NoAnswer(said)
            | ApiError::Unreadable(said),
        ) => (Look::Failed(said), (Vec::new(), false)),
        Err(refused @ ApiError::Refused { .. }) => (Look::Failed(refused.to_string()), (Vec::new(), false)),
    })
}

fn answer(console: &mut Console<'_>, findings: &[judge::Finding], stack: &str) -> Result<Ending, Failure> {
    console.answer(&text::document(findings, stack), &text::render(findings, stack))?;
    Ok(Ending::Checked(judge::worst(findings)))
}

/// The newest deployments, and whether there are older ones.
async fn newest(
    api: &impl Api,
    console: &mut Console<'_>,
) -> Result<Result<(Vec<ListedDeployment>, bool), ApiError>, Failure> {
    let mut listed = Vec::new();
    let mut question = ListDeploymentsInput::default();
    while listed.len() < NEWEST {
        let answer = api.call(Operation::DescribeDeployments, &json!(question)).await;
        let page: DeploymentList = match answer.and_then(|page| view::read(&page)) {
            Ok(page) => page,
            Err(error) => return Ok(Err(error)),
        };
        listed.extend(page.deployments);
        if page.next_token.is_none() {
            return Ok(Ok((listed, false)));
        }
        question.next_token = page.next_token;
        console.look(&format!("deployments and their targets: {} deployments so far", listed.len()))?;
    }
    Ok(Ok((listed, true)))
}

/// The versions that may still have what a deployment gave them: of each version what the newest such deployment says, unless one
/// that is not over has it now.
async fn warmed(account: &Account, listed: &[ListedDeployment]) -> Vec<Warmed> {
    let is_at_work = |left: &LeftWarm| {
        let same = |target: &ShownTarget| matches!(&target.parts, Target::Alias { function, .. } if *function == left.function);
        let mut open = listed.iter().filter(|other| other.outcome.is_none());
        open.any(|other| other.target.as_ref().is_some_and(same) && other.to.as_ref() == Some(&left.version))
    };
    let mut warmed: Vec<Warmed> = Vec::new();
    for deployment in listed {
        let Some(given) = deployment.left_warm.clone().filter(|left| !is_at_work(left)) else { continue };
        let is_same = |seen: &Warmed| {
            (&seen.given.function, &seen.given.version, seen.given.concurrency)
                == (&given.function, &given.version, given.concurrency)
        };
        if !warmed.iter().any(is_same) {
            let found = account.provisioned(&given.function, &given.version).await;
            warmed.push(Warmed { deployment: deployment.deployment_id.clone(), given, found });
        }
    }
    warmed
}

/// Where a service has several task sets, the stack says which of them have calls, and what the next deployment does with them. Where
/// it cannot, their number is all that is known.
async fn weigh(api: &impl Api, target: &Target, live: &mut Look<Option<Live>>) {
    let Look::Seen(Some(Live { traffic: traffic @ Traffic::TaskSets(2..), .. })) = live else { return };
    let question = DescribeTargetInput { target: Some(target.to_string()) };
    let asked = api.call(Operation::DescribeTarget, &json!(question)).await;
    if let Some(told) = asked.ok().and_then(|described| view::read::<TargetView>(&described).ok()) {
        *traffic = weighed(told);
    }
}

/// How the traffic of a service lies between its task sets.
fn weighed(view: TargetView) -> Traffic {
    // One that drains was deleted, and is only shown a while longer.
    let sets: Vec<LiveTaskSet> = view.task_sets.into_iter().filter(|set| set.status != "DRAINING").collect();
    if sets.len() < 2 || sets.iter().any(|set| set.weight.is_none()) {
        return Traffic::TaskSets(sets.len());
    }
    let next = if view.left_behind { Next::TakesOver } else { Next::IsRefused };
    let share = |set: &LiveTaskSet| Some((set.task_definition.clone(), set.weight.filter(|weight| *weight > 0)?));
    let shares: Vec<(String, u8)> = sets.iter().filter_map(share).collect();
    if shares.len() > 1 {
        return Traffic::Divided(shares, next);
    }
    let seen = |set: LiveTaskSet| SetSeen {
        id: set.task_set,
        runs: set.task_definition,
        group: set.target_group.unwrap_or_default(),
        is_primary: set.status == "PRIMARY",
        production: set.weight.unwrap_or_default(),
        test: set.test_weight.unwrap_or_default(),
    };
    Traffic::Beside(Beside { sets: sets.into_iter().map(seen).collect(), test_listener: view.test_listener, next })
}

async fn opened(api: &impl Api, account: &Account, id: &str) -> Result<Open, Failure> {
    let question = DescribeDeploymentInput { deployment_id: Some(id.to_owned()), look: Some(true) };
    let described = api.call(Operation::DescribeDeployment, &json!(question)).await?;
    let view: DeploymentView = view::read(&described)?;
    let execution = match &view.execution {
        Some(execution) if view.outcome.is_none() => Some(account.execution(execution).await),
        Some(_) | None => None,
    };
    Ok(Open { id: id.to_owned(), execution, changed: view.changed })
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;
    use crate::testing::service;

    fn lies(sets: &[(&str, Value, Value)], left_behind: bool) -> Traffic {
        let set = |(number, (status, weight, test)): (usize, &(&str, Value, Value))| {
            json!({"taskSet": format!("ecs-svc/{number}"), "taskDefinition": "web:1", "status": status, "targetGroup": "web-blue",
                   "weight": weight, "testWeight": test})
        };
        let sets: Vec<Value> = sets.iter().enumerate().map(set).collect();
        let told = json!({"target": service(), "taskSets": sets, "testListener": "arn", "leftBehind": left_behind});
        weighed(view::read(&told).expect("a target"))
    }

    #[test]
    fn task_sets_are_weighed_by_what_the_stack_says_of_them() {
        let (all, none, unknown) = (json!(100), json!(0), Value::Null);
        let old = ("ACTIVE", none.clone(), all.clone());
        let new = ("PRIMARY", all.clone(), none.clone());
        let Traffic::Beside(Beside { sets, test_listener, next }) = lies(&[old.clone(), new.clone()], true) else {
            panic!("two task sets")
        };
        let seen: Vec<_> = sets.iter().map(|set| (set.is_primary, set.production, set.test)).collect();
        assert_eq!(seen, [(false, 0, 100), (true, 100, 0)]);
        assert_eq!((test_listener.as_deref(), next), (Some("arn"), Next::TakesOver));
        let half = ("ACTIVE", json!(50), none.clone());
        let shares = || vec![("web:1".to_owned(), 50); 2];
        assert_eq!(lies(&[half.clone(), half], false), Traffic::Divided(shares(), Next::IsRefused));
        let draining = ("DRAINING", unknown.clone(), unknown.clone());
        assert_eq!(lies(&[draining, new.clone()], false), Traffic::TaskSets(1), "it was deleted");
        let elsewhere = ("ACTIVE", unknown.clone(), unknown);
        assert_eq!(lies(&[elsewhere, new], false), Traffic::TaskSets(2), "nobody knows");
    }
}
