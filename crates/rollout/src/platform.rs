//! The platforms, one row each: everything that differs between them and is not work of its own stands here, so that code, contract
//! tests and the command line go through the rows instead of listing platforms. `docs/adding-a-platform.md` walks through a new one.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::code::ErrorCode;
use crate::event::LifecycleEvent;

/// What a deployment deploys to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Platform {
    /// Lambda functions.
    #[default]
    Lambda,
    /// ECS services.
    #[serde(rename = "ECS")]
    Ecs,
    /// EC2 instances and on-premises hosts.
    Server,
}

/// What is known of a platform.
#[derive(Debug)]
pub struct Row {
    /// The name in the API.
    pub name: &'static str,
    /// The name that people read.
    pub shown: &'static str,
    /// The service in full, as AWS's sentences have it.
    pub service: &'static str,
    /// What the names of its predefined configurations begin with, behind `CodeDeployDefault.`.
    pub prefix: &'static str,
    /// The configuration of a deployment that names none. CodeDeploy takes `OneAtATime` on every platform (docs/codedeploy-contract.md 1.4).
    pub default_config: &'static str,
    /// Its lifecycle events, in order. All are listed, also those without work (docs/codedeploy-contract.md 3.1 to 3.3).
    pub events: &'static [LifecycleEvent],
    /// Keys of its AppSpec that no other platform's has, beside those of the events.
    pub keys: &'static [&'static str],
    /// How a group shows the style of its deployments where it was made without: kind and option (docs/codedeploy-contract.md 2.4).
    pub style: (&'static str, &'static str),
    /// When the overview of a deployment counts its targets.
    pub counted: Counted,
    /// The codes of what is told by another one on each platform.
    pub codes: Codes,
    /// What keeps late writes away from its targets.
    pub fence: Fence,
    /// How deployments to it are made; `None` where there are none yet, and only applications, groups and configurations are kept.
    pub deploys: Option<Deploys>,
}

/// How deployments to a platform are made.
#[derive(Debug)]
pub struct Deploys {
    /// The state machine that carries them out.
    pub machine: Machine,
    /// What its AppSpec looks like.
    pub form: Form,
    /// What a deployment may have there beside weights and hooks.
    pub extras: &'static [Extra],
}

/// A state machine of the stack.
#[derive(Debug)]
pub struct Machine {
    /// What its definition is called in `statemachine/`, and what its name in a stack ends with.
    pub name: &'static str,
    /// The variable that has its ARN in the environment of the functions.
    pub variable: &'static str,
}

/// The words of an AppSpec with resources.
#[derive(Debug)]
pub struct Form {
    /// `Type`.
    pub kind: &'static str,
    /// The members that `Properties` must have.
    pub properties: &'static str,
    /// What `Resources` is.
    pub resources: &'static str,
    /// What one deployment moves.
    pub moves: &'static str,
    /// An example of an item of `Resources`.
    pub example: &'static str,
    /// The keys of the whole.
    pub known: &'static [&'static str],
}

/// When the overview of a deployment counts its targets (docs/codedeploy-contract.md 5.4).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Counted {
    /// From the beginning.
    Always,
    /// Once the deployment is over; before, there is no overview.
    OnceOver,
}

/// Codes by platform (docs/codedeploy-contract.md 5.4).
#[derive(Debug)]
pub struct Codes {
    /// The request asks for something that does not fit.
    pub misfit: ErrorCode,
    /// What `DRIFT`, which is ours, is shown as.
    pub drift: ErrorCode,
    /// AWS refused something for good.
    pub refused: ErrorCode,
}

/// What keeps a write that is late from arriving after the rollback's own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fence {
    /// A write names the revision it builds on, and is refused on any other: once the revision has moved, no older write passes,
    /// however late it comes.
    Revision,
    /// Nothing but the lease: until it is over, a write may still arrive.
    Lease,
}

/// What a deployment may have beside weights and hooks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Extra {
    /// Provisioned concurrency before the first call (`Warm`).
    Warm,
    /// Waits around the traffic: `READY_WAIT`, `TERMINATION_WAIT`.
    Waits,
}

static LAMBDA: Row = Row {
    name: "Lambda",
    shown: "Lambda",
    service: "AWS Lambda",
    prefix: "Lambda",
    default_config: "CodeDeployDefault.LambdaAllAtOnce",
    events: LifecycleEvent::LAMBDA,
    keys: &["Alias", "CurrentVersion", "TargetVersion"],
    style: ("BLUE_GREEN", "WITH_TRAFFIC_CONTROL"),
    counted: Counted::Always,
    codes: Codes {
        misfit: ErrorCode::InvalidLambdaConfiguration,
        drift: ErrorCode::InvalidLambdaConfiguration,
        refused: ErrorCode::InternalError,
    },
    fence: Fence::Revision,
    deploys: Some(Deploys {
        machine: Machine { name: "lambda", variable: "STATE_MACHINE" },
        form: Form {
            kind: "AWS::Lambda::Function",
            properties: "Name, Alias, CurrentVersion and TargetVersion",
            resources: "a list with the function to move",
            moves: "one alias",
            example: "- Storefront:",
            known: &["version", "Resources", "Hooks", "Strategy", "Warm"],
        },
        extras: &[Extra::Warm],
    }),
};

static ECS: Row = Row {
    name: "ECS",
    shown: "ECS",
    service: "Amazon ECS",
    prefix: "ECS",
    default_config: "CodeDeployDefault.ECSAllAtOnce",
    events: LifecycleEvent::ECS,
    keys: &[
        "TaskDefinition",
        "LoadBalancerInfo",
        "PlatformVersion",
        "NetworkConfiguration",
        "CapacityProviderStrategy",
        "LaunchType",
        "Service",
    ],
    style: ("BLUE_GREEN", "WITH_TRAFFIC_CONTROL"),
    counted: Counted::OnceOver,
    codes: Codes {
        misfit: ErrorCode::InvalidEcsService,
        drift: ErrorCode::EcsUpdateError,
        refused: ErrorCode::EcsUpdateError,
    },
    // Listeners have no revision.
    fence: Fence::Lease,
    deploys: Some(Deploys {
        machine: Machine { name: "ecs", variable: "ECS_STATE_MACHINE" },
        form: Form {
            kind: "AWS::ECS::Service",
            properties: "TaskDefinition and LoadBalancerInfo",
            resources: "a list with the service to deploy",
            moves: "one service",
            example: "- TargetService:",
            known: &["version", "Resources", "Hooks", "Strategy", "Service"],
        },
        extras: &[Extra::Waits],
    }),
};

static SERVER: Row = Row {
    name: "Server",
    shown: "EC2/on-premises",
    service: "EC2/on-premises",
    prefix: "",
    default_config: "CodeDeployDefault.OneAtATime",
    events: LifecycleEvent::SERVER,
    keys: &["os", "files", "permissions", "file_exists_behavior"],
    style: ("IN_PLACE", "WITHOUT_TRAFFIC_CONTROL"),
    counted: Counted::Always,
    codes: Codes {
        misfit: ErrorCode::InvalidRevision,
        drift: ErrorCode::InternalError,
        refused: ErrorCode::InternalError,
    },
    fence: Fence::Lease,
    deploys: None,
};

impl Row {
    /// Whether its AppSpec has this key, in letters of any case.
    pub fn has_key(&self, key: &str) -> bool {
        let events = self.events.iter().map(|event| event.as_str());
        self.keys.iter().copied().chain(events).any(|known| known.eq_ignore_ascii_case(key))
    }
}

impl Platform {
    /// Every platform.
    pub const ALL: [Self; 3] = [Self::Lambda, Self::Ecs, Self::Server];

    /// What is known of it.
    pub fn row(self) -> &'static Row {
        match self {
            Self::Lambda => &LAMBDA,
            Self::Ecs => &ECS,
            Self::Server => &SERVER,
        }
    }

    /// The platforms that deployments are made to, and how.
    pub fn deployed() -> impl Iterator<Item = (Self, &'static Deploys)> {
        Self::ALL.into_iter().filter_map(|platform| Some((platform, platform.deploys()?)))
    }

    /// How deployments to it are made, where there are any.
    pub fn deploys(self) -> Option<&'static Deploys> {
        self.row().deploys.as_ref()
    }

    /// Whether a deployment may have this there.
    pub fn has(self, extra: Extra) -> bool {
        self.deploys().is_some_and(|deploys| deploys.extras.contains(&extra))
    }

    /// The name in the API.
    pub fn as_str(self) -> &'static str {
        self.row().name
    }

    /// The platform that has this name in the API.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|platform| platform.as_str() == name)
    }

    /// The configuration of a deployment that names none (docs/codedeploy-contract.md 4.1).
    pub fn default_config(self) -> &'static str {
        self.row().default_config
    }
}

impl fmt::Display for Platform {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.row().shown)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::strategy::{Predefined, Rule};

    #[test]
    fn a_row_has_names_of_its_own_and_a_default_that_is_for_it() {
        let mut names = BTreeSet::new();
        for platform in Platform::ALL {
            let row = platform.row();
            assert!(names.insert(row.name) && names.insert(row.default_config), "{platform}");
            assert_eq!(Platform::parse(row.name), Some(platform));
            let default = Predefined::find(row.default_config).unwrap();
            assert_eq!(default.platform, platform);
            assert_eq!(matches!(default.rule, Rule::Traffic(_)), platform.deploys().is_some(), "{platform}");
        }
    }

    #[test]
    fn no_two_platforms_share_a_machine_or_the_type_of_a_resource() {
        let (mut machines, mut kinds) = (BTreeSet::new(), BTreeSet::new());
        for (platform, Deploys { machine, form, .. }) in Platform::deployed() {
            assert!(machines.insert(machine.name) && machines.insert(machine.variable), "{platform}");
            assert!(kinds.insert(form.kind), "{platform}");
        }
    }

    #[test]
    fn the_events_of_a_platform_are_all_known_and_each_is_there_once() {
        for platform in Platform::ALL {
            let events = platform.row().events;
            let distinct: BTreeSet<_> = events.iter().collect();
            assert_eq!(distinct.len(), events.len(), "{platform}");
            assert!(events.iter().all(|event| LifecycleEvent::parse(event.as_str()) == Some(*event)), "{platform}");
            assert!(events.iter().any(|event| event.is_hook()), "{platform}");
        }
    }
}
