//! What was seen of a stack and of its account. Nothing here is judged yet.

use std::collections::BTreeMap;

use crate::view::{LeftWarm, Outcome, Pair, Target};

/// What came of one look.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Look<T> {
    /// This was there.
    Seen(T),
    /// The caller may not make this call: its name as IAM has it.
    Forbidden(&'static str),
    /// The call went wrong: in AWS's words.
    Failed(String),
}

/// Everything that was seen.
#[derive(Debug, Clone)]
pub(crate) struct Facts {
    /// The version of this command.
    pub(crate) command: String,
    /// The stack.
    pub(crate) stack: Look<Stack>,
    /// Whether the stack's API answers the caller.
    pub(crate) api: Look<()>,
    /// What the parameters name one by one, and whether it is there.
    pub(crate) named: Vec<Named>,
    /// How many functions may be called as hooks.
    pub(crate) hooks: Look<usize>,
    /// Whether there is any SSM parameter that hooks may be handed. `None`: the stack hands none.
    pub(crate) readable: Option<Look<bool>>,
    /// The account's concurrent executions.
    pub(crate) concurrency: Look<Concurrency>,
    /// The stack's own alarms by what their names end in, with the state of each; `None` for one that is not there.
    pub(crate) alarms: Look<BTreeMap<&'static str, Option<String>>>,
    /// How many events lie in the queue of those that nobody could work on.
    pub(crate) lost_events: Look<u64>,
    /// The deployments that are not over.
    pub(crate) open: Vec<Open>,
    /// How many deployments that was.
    pub(crate) deployments: Listed,
    /// Their targets, each once.
    pub(crate) targets: Vec<TargetSeen>,
    /// The versions that deployments gave provisioned concurrency and may not have taken it back from, each once.
    pub(crate) warmed: Vec<Warmed>,
}

/// The newest deployments, as far as they were listed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Listed {
    /// How many.
    pub(crate) count: usize,
    /// Whether there are older ones that nobody looked at.
    pub(crate) older: bool,
}

/// A stack.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Stack {
    /// CloudFormation's word.
    pub(crate) status: String,
    /// The version it was deployed from; stacks of before 0.2 do not say.
    pub(crate) version: Option<String>,
    /// Its parameters.
    pub(crate) parameters: BTreeMap<String, String>,
}

impl Stack {
    /// A parameter; empty where the stack has none of that name.
    pub(crate) fn parameter(&self, name: &str) -> &str {
        self.parameters.get(name).map_or("", String::as_str)
    }

    /// The items of a parameter that is a list.
    pub(crate) fn list(&self, name: &str) -> impl Iterator<Item = &str> {
        self.parameter(name).split(',').map(str::trim).filter(|item| !item.is_empty())
    }
}

/// Something that a parameter names by its ARN.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Named {
    /// The parameter.
    pub(crate) parameter: &'static str,
    /// The ARN, without wildcards.
    pub(crate) arn: String,
    /// Whether it is there.
    pub(crate) exists: Look<bool>,
}

/// The account's concurrent executions.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Concurrency {
    /// As many functions may run at once.
    pub(crate) limit: i32,
    /// As many of them are reserved by no function.
    pub(crate) unreserved: i32,
    /// The most that ran at once within the last day, if anything ran.
    pub(crate) used: Option<f64>,
}

impl Eq for Concurrency {}

/// A deployment that is not over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Open {
    /// Its id.
    pub(crate) id: String,
    /// The state of the execution that carries it out; `None` where the record does not name one.
    pub(crate) execution: Option<Look<String>>,
    /// What was found of its target, where somebody else has changed that.
    pub(crate) changed: Option<String>,
}

/// A target, and its newest deployment.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct TargetSeen {
    /// The alias or the service.
    pub(crate) target: Target,
    /// Of a service, the task sets of that deployment, if it had a plan.
    pub(crate) pair: Option<Pair>,
    /// Its newest deployment.
    pub(crate) newest: String,
    /// How that ended; `None`: it is not over.
    pub(crate) outcome: Option<Outcome>,
    /// What the newest deployment brought that succeeded, as `status` of the target tells it too.
    pub(crate) good: Option<Good>,
    /// What is there now; `None`: it was deleted.
    pub(crate) live: Look<Option<Live>>,
}

/// What a deployment brought that succeeded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Good {
    /// The version, or the task definition.
    pub(crate) revision: String,
    /// The deployment.
    pub(crate) deployment: String,
}

/// A version that a deployment gave provisioned concurrency.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Warmed {
    /// The deployment.
    pub(crate) deployment: String,
    /// What it gave, and to which version.
    pub(crate) given: LeftWarm,
    /// How many provisioned concurrent executions it has now; `None`: it has none.
    pub(crate) found: Look<Option<u32>>,
}

/// What is live at a target.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Live {
    /// Whether it has the tag that lets a stack touch it; `None` where that is not known.
    pub(crate) tagged: Option<bool>,
    /// Its ARN.
    pub(crate) arn: String,
    /// How its traffic lies.
    pub(crate) traffic: Traffic,
}

/// How traffic lies.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Traffic {
    /// On one version.
    Whole(String),
    /// Between two: the version of the alias, the other one, and the percentage of that.
    Split(String, String, f64),
    /// A service's task sets, so many; where there are several, nobody could say which of them have calls.
    TaskSets(usize),
    /// On one of several task sets of a service, if on any.
    Beside(Beside),
    /// Between task sets of a service: what each runs, and its percentage.
    Divided(Vec<(String, u8)>, Next),
}

/// Several task sets of a service, of which one has the production traffic at most.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Beside {
    /// All of them that stay.
    pub(crate) sets: Vec<SetSeen>,
    /// The listener of test traffic.
    pub(crate) test_listener: Option<String>,
    /// What becomes of those that are not needed.
    pub(crate) next: Next,
}

/// A task set of a service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SetSeen {
    /// Its id.
    pub(crate) id: String,
    /// What it runs.
    pub(crate) runs: String,
    /// The name of its target group.
    pub(crate) group: String,
    /// Whether ECS calls it the primary one.
    pub(crate) is_primary: bool,
    /// Its percentage of the production traffic.
    pub(crate) production: u8,
    /// Its percentage of the test traffic.
    pub(crate) test: u8,
}

/// What the next deployment does with what the ones before left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Next {
    /// It starts from it: all calls go to one task set, and the other is removed.
    TakesOver,
    /// It is refused: nobody of this stack left it so.
    IsRefused,
}
