//! What a stack may change of a service and its listeners.
//!
//! IAM holds it, by what the stack's parameters say. It is looked at before anything is made, too: IAM refuses when half of a
//! deployment is done, and not with the words of who would know what to do.

use std::collections::{BTreeMap, BTreeSet};
use std::convert::Infallible;
use std::str::FromStr;

use crate::ids::{RouteId, TaskSetId};
use crate::pattern;

/// What a parameter of the stack says: `EcsClusters`, or `EcsListeners`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Scope {
    /// `tagged`: what has the tag `tideshift` with the value `enabled`.
    Tagged,
    /// What has one of these ARNs, which may have wildcards.
    Named(Vec<String>),
}

impl FromStr for Scope {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(match text {
            "tagged" => Self::Tagged,
            arns => Self::Named(arns.split(',').map(|arn| arn.trim().to_owned()).collect()),
        })
    }
}

/// What one deployment finds of that.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reach {
    /// The tags of the service and its task sets. `None` where the stack names clusters: those were asked before anything was read.
    pub service: Option<ServiceTags>,
    /// Of listeners and rules: those that may be changed.
    pub listeners: Within,
}

/// How it is known whether a listener or a rule may be changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Within {
    /// By the tag: those that have it.
    Tags(BTreeSet<RouteId>),
    /// By the ARNs that the stack names.
    Names(Vec<String>),
}

/// The tags of a service and its task sets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServiceTags {
    /// The service.
    pub service: Tagged,
    /// Its task sets.
    pub task_sets: BTreeMap<TaskSetId, Tagged>,
}

/// Something that should have the tag.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tagged {
    /// Its ARN.
    pub arn: String,
    /// Whether it has the tag.
    pub is_enabled: bool,
}

/// Whether one of the ARNs covers this one.
pub fn names(arns: &[String], arn: &str) -> bool {
    arns.iter().any(|named| pattern::matches(named, arn))
}
