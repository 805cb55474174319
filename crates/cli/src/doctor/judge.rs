//! What to think of what was seen, and what to do about it.

mod finding;
mod traffic;
mod warm;

use proxy::log_group;

use super::facts::{Concurrency, Facts, Listed, Look, Stack};

pub(crate) use finding::{Check, Finding, Verdict};
use finding::{Findings, many, many_of};

/// An account that runs fewer at once cannot carry production traffic and deployments side by side.
const FEW_AT_ONCE: i32 = 100;

/// What share of the account's concurrency may be in use before it is said.
const NEAR: f64 = 0.8;

/// DescribeAlarms is allowed so often in a second in an account and Region (CloudWatch's quotas), whoever asks.
const ALARM_LOOKS: f64 = 9.0;

/// Everything found, in the order of the checks.
pub(crate) fn judge(facts: &Facts, stack: &str) -> Vec<Finding> {
    let mut found = Findings::default();
    let seen = found.look(Check::Stack, "the stack", &facts.stack);
    if let Some(seen) = seen {
        stack_itself(&mut found, facts, seen, stack);
        parameters(&mut found, facts, seen);
    }
    if let Look::Failed(said) = &facts.api {
        let advice = format!("see what {stack}-api says in the log group {}", log_group(stack));
        found.add(Check::Permissions, Verdict::Broken, format!("the API gives no answer: {said}"), Some(advice));
    }
    if let Look::Forbidden(call) = &facts.api {
        let advice = format!("let the caller do lambda:InvokeFunction on {stack}-api");
        found.add(
            Check::Permissions,
            Verdict::Broken,
            format!("the caller may not call the API ({call})"),
            Some(advice),
        );
    }
    quotas(&mut found, facts, seen);
    alarms(&mut found, facts, stack);
    lost_events(&mut found, facts, stack);
    deployments(&mut found, facts);
    let tag_needed = |parameter| seen.is_some_and(|seen| seen.parameter(parameter) == "tagged");
    for target in &facts.targets {
        traffic::judge(&mut found, target, tag_needed("ShiftableFunctions"), tag_needed("EcsClusters"));
    }
    found.good(Check::Traffic, || {
        let Listed { count, older } = facts.deployments;
        let not_all = if older { format!(", those of the newest {count} deployments") } else { String::new() };
        format!("{} looked at{not_all}: nothing left behind", many(facts.targets.len(), "target"))
    });
    warm::warmed(&mut found, &facts.warmed);
    if !found.forbidden.is_empty() {
        let calls: Vec<&str> = found.forbidden.iter().copied().collect();
        let what = format!("the caller may not look everywhere: {}", calls.join(", "));
        found.add(
            Check::Permissions,
            Verdict::Warning,
            what,
            Some("allow these to who runs doctor; nothing else needs them".to_owned()),
        );
    }
    found.good(Check::Permissions, || "the caller may call the API and look everywhere".to_owned());
    found.list.sort_by_key(|finding| finding.check);
    found.list
}

/// What is said where there is no such stack.
pub(crate) fn no_stack(stack: &str) -> Vec<Finding> {
    vec![Finding {
        check: Check::Stack,
        verdict: Verdict::Broken,
        found: format!("there is no stack {stack} in this account and Region"),
        advice: Some("name it with --stack, or deploy it with sam deploy".to_owned()),
    }]
}

/// How the command ends: with the worst of what was found.
pub(crate) fn worst(findings: &[Finding]) -> Verdict {
    findings.iter().map(|finding| finding.verdict).max().unwrap_or(Verdict::Good)
}

fn stack_itself(found: &mut Findings, facts: &Facts, seen: &Stack, stack: &str) {
    let advice = match seen.status.as_str() {
        "CREATE_COMPLETE" | "UPDATE_COMPLETE" | "IMPORT_COMPLETE" => None,
        "UPDATE_ROLLBACK_COMPLETE" => {
            Some((Verdict::Warning, "the last update failed and the one before is at work: see the stack's events"))
        }
        status if status.ends_with("_IN_PROGRESS") => {
            Some((Verdict::Warning, "wait until CloudFormation is done, and look again"))
        }
        "UPDATE_ROLLBACK_FAILED" => {
            Some((Verdict::Broken, "see the stack's events, then run aws cloudformation continue-update-rollback"))
        }
        _ => Some((Verdict::Broken, "see the stack's events, mend what they say, and deploy again")),
    };
    if let Some((verdict, advice)) = advice {
        found.add(Check::Stack, verdict, format!("CloudFormation says {}", seen.status), Some(advice.to_owned()));
    }
    match &seen.version {
        Some(version) if *version == facts.command => {}
        other => {
            let is = other.as_deref().unwrap_or("of a version that did not say it yet");
            found.add(
                Check::Stack,
                Verdict::Warning,
                format!("the stack is {is}, this command is {}", facts.command),
                Some(format!("deploy {stack} and install the command from the same version")),
            );
        }
    }
    found.good(Check::Stack, || format!("{}, version {} as this command", seen.status, facts.command));
}

fn parameters(found: &mut Findings, facts: &Facts, seen: &Stack) {
    for named in &facts.named {
        if let Some(false) = found.look(Check::Parameters, &named.arn, &named.exists) {
            let what = format!("{} names {}, which is not there", named.parameter, named.arn);
            let advice = format!("correct the parameter {} and deploy again", named.parameter);
            found.add(Check::Parameters, Verdict::Warning, what, Some(advice));
        }
    }
    let pattern = seen.parameter("HookFunctionNamePattern");
    // No hooks at all is usual while the pattern is the default.
    if let Some(0) = found.look(Check::Parameters, "the functions that may be hooks", &facts.hooks)
        && pattern != DEFAULT_PATTERN
    {
        let what = format!("HookFunctionNamePattern is {pattern}, and no function is called so");
        found.add(
            Check::Parameters,
            Verdict::Warning,
            what,
            Some("name the hooks so, or correct the parameter".to_owned()),
        );
    }
    if let Some(readable) = &facts.readable
        && let Some(false) = found.look(Check::Parameters, "the SSM parameters that hooks may be handed", readable)
    {
        let what =
            format!("ParameterPath is {}, and there is no SSM parameter below it", seen.parameter("ParameterPath"));
        found.add(Check::Parameters, Verdict::Warning, what, Some("create them, or correct the parameter".to_owned()));
    }
    let path = seen.parameter("ParameterPath");
    let handed = seen.parameter("HookParameters");
    if path.is_empty() != handed.is_empty() {
        let (set, missing) =
            if path.is_empty() { ("HookParameters", "ParameterPath") } else { ("ParameterPath", "HookParameters") };
        let what = format!("{set} is set and {missing} is not, so hooks are handed nothing");
        found.add(Check::Parameters, Verdict::Warning, what, Some(format!("set {missing} too: both are needed")));
    }
    found.good(Check::Parameters, || "what they name is there".to_owned());
}

/// The template's default of HookFunctionNamePattern.
const DEFAULT_PATTERN: &str = "CodeDeployHook_*";

fn quotas(found: &mut Findings, facts: &Facts, stack: Option<&Stack>) {
    let mut told = String::new();
    if let Some(&Concurrency { limit, unreserved, used }) =
        found.look(Check::Quotas, "Lambda's concurrency", &facts.concurrency)
    {
        if limit < FEW_AT_ONCE {
            found.add(
                Check::Quotas,
                Verdict::Warning,
                format!("this account may run {limit} functions at once, in all"),
                Some("ask for 1000 in Service Quotas (Lambda, Concurrent executions)".to_owned()),
            );
        }
        if let Some(used) = used.filter(|used| *used >= f64::from(unreserved) * NEAR) {
            let advice = "ask for more in Service Quotas (Lambda, Concurrent executions), or set ReservedConcurrency: without a free \
                          one, nothing can be put back";
            let what = format!("within a day {used:.0} functions ran at once, of {unreserved} that may");
            found.add(Check::Quotas, Verdict::Warning, what, Some(advice.to_owned()));
        }
        told = match used {
            Some(used) => format!("at most {used:.0} of {unreserved} functions at once within a day"),
            None => format!("{unreserved} functions at once, none used within a day"),
        };
    }
    let poll =
        stack.and_then(|stack| stack.parameter("AlarmPollSeconds").parse::<f64>().ok()).filter(|poll| *poll > 0.0);
    #[expect(clippy::cast_precision_loss, reason = "a count of deployments")]
    if let Some(poll) = poll
        && facts.open.len() as f64 / poll > ALARM_LOOKS / 2.0
    {
        let what = format!(
            "{} each look at alarms every {poll:.0} s: more than half of the {ALARM_LOOKS:.0} calls of DescribeAlarms a second",
            many(facts.open.len(), "deployment")
        );
        let advice = "raise AlarmPollSeconds: an alarm's own event stops a deployment at once anyway";
        found.add(Check::Quotas, Verdict::Warning, what, Some(advice.to_owned()));
    }
    found.good(Check::Quotas, || told);
}

fn alarms(found: &mut Findings, facts: &Facts, stack: &str) {
    let Some(alarms) = found.look(Check::Alarms, "the stack's alarms", &facts.alarms) else { return };
    for (name, state) in alarms {
        let advice = match *name {
            "unresolved" => "find it with tideshift list, see what stands in the way, then run tideshift repair ID",
            "dead-mans-switch" => {
                "an execution ended before its time: see who stopped it, and the log group of the state machine"
            }
            _ => "see the queue of the same name, and what on-alarm and on-execution log",
        };
        match state.as_deref() {
            None => found.add(
                Check::Alarms,
                Verdict::Warning,
                format!("the alarm {stack}-{name} is not there"),
                Some("deploy the stack again: it was deleted by somebody".to_owned()),
            ),
            Some("ALARM") => {
                found.add(
                    Check::Alarms,
                    Verdict::Broken,
                    format!("{stack}-{name} is in ALARM"),
                    Some(advice.to_owned()),
                );
            }
            Some(_) => {}
        }
    }
    found.good(Check::Alarms, || format!("none of the {} is in ALARM", alarms.len()));
}

fn lost_events(found: &mut Findings, facts: &Facts, stack: &str) {
    if let Some(&lost @ 1..) = found.look(Check::LostEvents, "the queue of lost events", &facts.lost_events) {
        found.add(
            Check::LostEvents,
            Verdict::Broken,
            format!("{} in the queue {stack}-lost-events could not be worked on", many_of(lost, "event")),
            Some("read them, see that no deployment is open that should be over, and purge the queue".to_owned()),
        );
    }
    found.good(Check::LostEvents, || "none".to_owned());
}

fn deployments(found: &mut Findings, facts: &Facts) {
    for open in &facts.open {
        if let Some(changed) = &open.changed {
            let what = format!("the target of {} was changed by somebody else: {changed}", open.id);
            let advice =
                format!("nothing: it ends with DRIFT when it looks next, as tideshift status {} says", open.id);
            found.add(Check::Deployments, Verdict::Warning, what, Some(advice));
        }
        let Some(execution) = &open.execution else { continue };
        let what = format!("the execution of {}", open.id);
        match found.look(Check::Deployments, &what, execution).map(String::as_str) {
            None | Some("RUNNING" | "PENDING_REDRIVE") => {}
            Some(state) => found.add(
                Check::Deployments,
                Verdict::Broken,
                format!("{} is open, and its execution is over ({state})", open.id),
                Some(format!(
                    "wait 15 minutes: a recovery takes it up; if none does, run tideshift repair {}",
                    open.id
                )),
            ),
        }
    }
    found.good(Check::Deployments, || match facts.open.len() {
        0 => "none is open".to_owned(),
        count => format!("{} open, each with its execution", many(count, "deployment")),
    });
}

#[cfg(test)]
mod tests;
