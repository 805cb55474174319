//! What is wrong with the pair of target groups, or stands behind one of them.

use std::fmt;

use crate::ids::{ClusterName, ListenerArn, ServiceName, TargetGroupArn, TargetGroupName, TaskSetId};

/// One reason why traffic cannot move between the two target groups.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "each variant's Display is its documentation")]
pub enum GroupRefusal {
    NoTargetGroup { group: TargetGroupName },
    TargetGroupKind { group: TargetGroupArn, kind: String, needed: &'static str },
    SameTargetGroups { group: TargetGroupArn },
    PrimaryElsewhere { task_set: TaskSetId, group: Option<TargetGroupArn> },
    Occupied(Box<Occupant>),
}

/// A task set that stands where the new one is to go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Occupant {
    /// The cluster.
    pub cluster: ClusterName,
    /// The service.
    pub service: ServiceName,
    /// It.
    pub task_set: TaskSetId,
    /// Its target group.
    pub group: TargetGroupArn,
    /// The test listener, where that sends it calls.
    pub test: Option<ListenerArn>,
}

impl fmt::Display for Occupant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { cluster, service, task_set, group, test } = self;
        write!(
            f,
            "the task set {task_set} is registered with {}, where the new one is to go: delete it first, with aws ecs \
             delete-task-set --cluster {cluster} --service {service} --task-set {task_set} --force",
            group.name()
        )?;
        test.iter().try_for_each(|listener| {
            write!(
                f,
                "; the test listener {listener} sends it calls: from then on nobody answers them until the deployment sends \
                 them to its new task set"
            )
        })
    }
}

impl GroupRefusal {
    /// The stable name of the reason, for programs.
    pub fn name(&self) -> &'static str {
        match self {
            Self::NoTargetGroup { .. } => "TargetGroupMissing",
            Self::TargetGroupKind { .. } => "TargetGroupOfWrongType",
            Self::SameTargetGroups { .. } => "SameTargetGroups",
            Self::PrimaryElsewhere { .. } => "PrimaryTaskSetElsewhere",
            Self::Occupied(_) => "TargetGroupOccupied",
        }
    }
}

impl fmt::Display for GroupRefusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoTargetGroup { group } => {
                write!(f, "the target group {group} does not exist: create it, or name the two that do")
            }
            Self::TargetGroupKind { group, kind, needed } => write!(
                f,
                "the target group {} is for targets of the type {kind}, and these tasks need {needed}: create one with \
                 --target-type {needed}",
                group.name()
            ),
            Self::SameTargetGroups { group } => {
                write!(f, "both target groups are {}: name two different ones", group.name())
            }
            Self::PrimaryElsewhere { task_set, group } => write!(
                f,
                "the primary task set {task_set} is registered with {}, which is none of the two target groups of this \
                 deployment: name the pair it belongs to",
                group.as_ref().map_or("no target group", |group| group.name())
            ),
            Self::Occupied(occupant) => occupant.fmt(f),
        }
    }
}
