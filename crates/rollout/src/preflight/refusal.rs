//! The reasons not to start, their names and their sentences.

use std::fmt;

use super::Holder;
use crate::alarms::{self, Verdict};
use crate::ending::{Ending, ErrorCode};
use crate::grants::{self, Readable};
use crate::ids::{AliasName, DeploymentId, FunctionName, GroupName, HookFunction, ParameterName, Version};
use crate::lifecycle::LifecycleEvent;
use crate::request::MAX_ALARMS;
use crate::routing::{Backend, Routing};
use crate::service::preflight::ServiceRefusal;
use crate::strategy::Platform;

/// One reason not to start.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "each variant's Display is its documentation")]
pub enum Refusal {
    NoFunction {
        function: FunctionName,
    },
    FunctionNotAllowed {
        function: FunctionName,
        said: String,
    },
    NoAlias {
        function: FunctionName,
        alias: AliasName,
    },
    AliasOnLatest {
        function: FunctionName,
        alias: AliasName,
    },
    NoVersion {
        function: FunctionName,
        version: Version,
    },
    VersionInactive {
        function: FunctionName,
        version: Version,
    },
    VersionPending {
        function: FunctionName,
        version: Version,
        why: String,
    },
    VersionNotReady {
        version: Version,
        state: String,
    },
    CurrentVersionDiffers {
        named: Version,
        live: Routing,
    },
    DifferentRoles {
        from: (Version, String),
        to: (Version, String),
    },
    DifferentDeadLetters {
        from: (Version, Option<String>),
        to: (Version, Option<String>),
    },
    SplitBySomebodyElse {
        function: FunctionName,
        alias: AliasName,
        routing: Routing,
    },
    HookMissing {
        event: LifecycleEvent,
        function: HookFunction,
    },
    HookOutsidePattern {
        event: LifecycleEvent,
        function: HookFunction,
        pattern: String,
    },
    ParametersDenied {
        event: LifecycleEvent,
        function: HookFunction,
        denied: Vec<ParameterName>,
    },
    ParametersMissing {
        event: LifecycleEvent,
        function: HookFunction,
        missing: Vec<ParameterName>,
    },
    ParametersUnreadable {
        event: LifecycleEvent,
        function: HookFunction,
        outside: Vec<ParameterName>,
        readable: Readable,
    },
    Service(ServiceRefusal),
    TooManyAlarms {
        count: usize,
    },
    Alarms(Verdict),
    Held {
        target: String,
        holder: Holder,
    },
    GroupActive {
        group: GroupName,
        deployment: DeploymentId,
    },
}

impl Refusal {
    /// The stable name of the reason, for programs.
    pub fn name(&self) -> &'static str {
        match self {
            Self::NoFunction { .. } => "FunctionMissing",
            Self::FunctionNotAllowed { .. } => "FunctionNotAllowed",
            Self::NoAlias { .. } => "AliasMissing",
            Self::AliasOnLatest { .. } => "AliasOnLatest",
            Self::NoVersion { .. } => "VersionMissing",
            Self::VersionInactive { .. } => "VersionInactive",
            Self::VersionPending { .. } => "VersionPending",
            Self::VersionNotReady { .. } => "VersionNotReady",
            Self::CurrentVersionDiffers { .. } => "CurrentVersionDiffers",
            Self::DifferentRoles { .. } => "DifferentRoles",
            Self::DifferentDeadLetters { .. } => "DifferentDeadLetters",
            Self::SplitBySomebodyElse { .. } => "AliasAlreadySplit",
            Self::HookMissing { .. } => "HookMissing",
            Self::HookOutsidePattern { .. } => "HookNotAllowed",
            Self::ParametersDenied { .. } => "ParametersNotAllowed",
            Self::ParametersMissing { .. } => "ParametersMissing",
            Self::ParametersUnreadable { .. } => "ParametersNotReadable",
            Self::Service(refusal) => refusal.name(),
            Self::TooManyAlarms { .. } => "TooManyAlarms",
            Self::Alarms(Verdict::Breached(_)) => "AlarmActive",
            Self::Alarms(Verdict::Missing(_)) => "AlarmMissing",
            Self::Alarms(_) => "AlarmsUnreadable",
            Self::Held { .. } => "TargetLocked",
            Self::GroupActive { .. } => "GroupActive",
        }
    }

    /// How a deployment to `platform` that was created all the same ends.
    pub fn ending(&self, platform: Platform) -> Ending {
        let code = match self {
            Self::NoFunction { .. }
            | Self::FunctionNotAllowed { .. }
            | Self::NoAlias { .. }
            | Self::NoVersion { .. }
            | Self::VersionInactive { .. }
            | Self::VersionPending { .. }
            | Self::VersionNotReady { .. } => ErrorCode::InvalidLambdaFunction,
            Self::AliasOnLatest { .. }
            | Self::CurrentVersionDiffers { .. }
            | Self::DifferentRoles { .. }
            | Self::DifferentDeadLetters { .. }
            | Self::SplitBySomebodyElse { .. } => ErrorCode::InvalidLambdaConfiguration,
            // CodeDeploy has no better words for any of these.
            Self::HookMissing { .. }
            | Self::HookOutsidePattern { .. }
            | Self::ParametersDenied { .. }
            | Self::ParametersMissing { .. }
            | Self::ParametersUnreadable { .. }
            | Self::TooManyAlarms { .. } => platform.row().codes.misfit,
            Self::Service(ServiceRefusal::ListenerElsewhere { .. } | ServiceRefusal::TestListenerElsewhere { .. }) => {
                ErrorCode::EcsUpdateError
            }
            Self::Service(_) => ErrorCode::InvalidEcsService,
            Self::Alarms(Verdict::Breached(_)) => ErrorCode::AlarmActive,
            Self::Alarms(_) => ErrorCode::AlarmUnreadable,
            Self::Held { .. } | Self::GroupActive { .. } => ErrorCode::TargetLocked,
        };
        Ending::new(code, self.to_string())
    }
}

impl fmt::Display for Refusal {
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
            Self::NoVersion { function, version } => write!(
                f,
                "the function {function} has no version {version}; publish it first: aws lambda publish-version \
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
            Self::CurrentVersionDiffers { named, live } => write!(
                f,
                "The Lambda function alias version does not match the current version in AppSpec file: the AppSpec says \
                 {named}, the alias is on {live}; write CurrentVersion: {now} (--from-version {now} on the command line), or leave it \
                 out",
                now = live.primary.id()
            ),
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
            Self::SplitBySomebodyElse { function, alias, routing } => write!(
                f,
                "the alias is split already, and not by a deployment of this stack ({routing}): send all of its calls to one of \
                 the two first, the one its users are to stay on: aws lambda update-alias --function-name {function} --name \
                 {alias} --routing-config AdditionalVersionWeights={{}} --function-version <{}>",
                routing.backends().map(Backend::id).collect::<Vec<_>>().join(" or ")
            ),
            Self::HookMissing { event, function } => {
                write!(f, "the {event} hook {function} does not exist in this account and region")
            }
            Self::HookOutsidePattern { event, function, pattern } => write!(
                f,
                "the {event} hook {function} may not be called by this stack, which is limited to {pattern}; rename the \
                 function or change the stack's parameter HookFunctionNamePattern"
            ),
            Self::ParametersDenied { event, function, denied } => {
                write!(f, "the {event} hook {}", grants::refusal(function, denied))
            }
            Self::ParametersMissing { event, function, missing } => {
                write!(f, "the {event} hook {} {}", function.name(), grants::missing(missing))
            }
            Self::ParametersUnreadable { event, function, outside, readable } => {
                write!(f, "the {event} hook {} {}", function.name(), readable.refusal(outside))
            }
            Self::Service(refusal) => refusal.fmt(f),
            Self::TooManyAlarms { count } => {
                write!(
                    f,
                    "{count} alarms are named; a deployment watches at most {MAX_ALARMS}: combine some into a composite alarm"
                )
            }
            Self::Alarms(Verdict::Breached(alarms)) => f.write_str(&alarms::in_the_way(alarms)),
            Self::Alarms(verdict) => match verdict.ending() {
                Some(ending) => f.write_str(&ending.message),
                None => f.write_str("the alarms are clear"),
            },
            Self::Held { target, holder: Holder::Running(owner) } => write!(
                f,
                "another deployment of {target} is running, {owner}: wait for it, or stop it with: tideshift stop {owner}"
            ),
            Self::Held { target, holder: Holder::Ending(owner) } => write!(
                f,
                "another deployment of {target}, {owner}, is ending: try again once it is over, as tideshift status {owner} --watch \
                 says"
            ),
            Self::Held { target, holder: Holder::Unresolved(owner) } => write!(
                f,
                "deployment {owner} could not put {target} back; finish its job first with: tideshift repair {owner}"
            ),
            Self::GroupActive { group, deployment } => write!(
                f,
                "the deployment group {group} has an active deployment {deployment} already; wait for it, or stop it with: \
                 tideshift stop {deployment}"
            ),
        }
    }
}
