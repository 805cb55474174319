//! How a deployment gets from what runs to what is to run.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::routing::{Backend, Routing};
use crate::strategy::{Step, Strategy};
use crate::target::Target;
use crate::warm::Warm;
use crate::weight::Weight;

/// How a deployment gets there. One variant a way of doing it: whoever goes by a course says which.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind")]
pub enum Course {
    /// Weights move between two backends.
    Shift(Shift),
}

/// Calls are shifted, step by step, from one backend of the target to another one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Shift {
    /// What has the traffic, and gets it back.
    pub from: Backend,
    /// What is to have it.
    pub to: Backend,
    /// Where the target sent its calls when the plan was made.
    pub start: Routing,
    /// By which strategy the steps were made.
    pub strategy: Chosen,
    /// What the new version gets before its first call.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub warm: Option<Warm>,
    /// The provisioned concurrency that an older deployment left the new version with: it is taken over. How many executions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rewarms: Option<u32>,
    /// The steps left to take; the last one is at 100 %. Empty: there is nothing to do.
    pub steps: Vec<Step>,
}

impl Shift {
    /// Where calls belong when the deployment is undone: all to what had them.
    pub fn home(&self) -> Routing {
        Routing::all_on(self.from.clone())
    }

    /// Where calls go once every step is taken.
    pub fn end(&self) -> Routing {
        Routing::all_on(self.to.clone())
    }

    /// Where calls go once step `index` is taken.
    pub fn routing_at(&self, index: usize) -> Routing {
        let weight = self.steps.get(index).map_or(Weight::FULL, |step| step.weight);
        Routing::shifted(self.from.clone(), self.to.clone(), weight)
    }

    /// The way back: all at once, with nothing to warm. `default` is what a strategy is called that nobody named.
    pub fn reversed(&self, default: &str) -> Self {
        Self {
            from: self.to.clone(),
            to: self.from.clone(),
            start: self.end(),
            strategy: Chosen { name: default.to_owned(), origin: None, overruled: Vec::new() },
            warm: None,
            rewarms: None,
            steps: Strategy::AllAtOnce.steps(),
        }
    }
}

/// The strategy that a deployment goes by.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Chosen {
    /// What it is called.
    pub name: String,
    /// Who named it; plans of older code do not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub origin: Option<Origin>,
    /// Other strategies that were named for this deployment, and that it does not go by.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub overruled: Vec<Overruled>,
}

/// What a platform makes of a request: from where to where, and by which steps.
pub(crate) struct Draft {
    pub(crate) target: Target,
    pub(crate) from: Backend,
    pub(crate) to: Backend,
    pub(crate) start: Routing,
    pub(crate) steps: Vec<Step>,
}

/// Who named a strategy, the one that wins first: what is said nearer to the deployment counts more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Origin {
    /// The deployment itself, beside its AppSpec.
    Deployment,
    /// `Strategy` in the AppSpec.
    AppSpec,
    /// The deployment group.
    Group,
    /// Nobody: it is the platform's default.
    Default,
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Deployment => "the deployment",
            Self::AppSpec => "the AppSpec",
            Self::Group => "the deployment group",
            Self::Default => "nobody",
        })
    }
}

/// A strategy that was named, and that another one goes before.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Overruled {
    /// Who named it.
    pub origin: Origin,
    /// What it is called.
    pub strategy: String,
}
