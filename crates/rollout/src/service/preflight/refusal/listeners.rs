//! What is wrong with a listener, or with where it sends its traffic.

use std::fmt;

use super::which::Which;
use crate::ids::{ListenerArn, TargetGroupArn};
use crate::routing::Routing;

/// One reason why a listener cannot divide the traffic.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "each variant's Display is its documentation")]
pub enum ListenerRefusal {
    NoListener { which: Which, listener: ListenerArn },
    SameListener { listener: ListenerArn },
    ListenerElsewhere { which: Which, listener: ListenerArn, group: TargetGroupArn },
    TestListenerElsewhere { listener: ListenerArn, pair: [TargetGroupArn; 2] },
    ForeignGroup { which: Which, listener: ListenerArn, group: TargetGroupArn },
    SplitBySomebodyElse { which: Which, listener: ListenerArn, routing: Routing },
    StickyTargets { which: Which, listener: ListenerArn, group: TargetGroupArn },
}

impl ListenerRefusal {
    /// The stable name of the reason, for programs.
    pub fn name(&self) -> &'static str {
        match self {
            Self::NoListener { .. } => "ListenerMissing",
            Self::SameListener { .. } => "SameListener",
            Self::ListenerElsewhere { .. } | Self::TestListenerElsewhere { .. } => "ListenerElsewhere",
            Self::ForeignGroup { .. } => "ListenerForwardsElsewhereToo",
            Self::SplitBySomebodyElse { .. } => "ListenerAlreadySplit",
            Self::StickyTargets { .. } => "TargetGroupSticky",
        }
    }
}

impl fmt::Display for ListenerRefusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoListener { which, listener } => write!(
                f,
                "the {which} listener {listener} does not exist; those of its load balancer, if that is still there: aws elbv2 \
                 describe-listeners --load-balancer-arn {}",
                listener.load_balancer()
            ),
            Self::SameListener { listener } => write!(
                f,
                "the test listener is the production listener ({listener}): name another one, or leave the test listener out"
            ),
            // The beginning is what CodeDeploy says (docs/codedeploy-contract.md 2.5).
            Self::ListenerElsewhere { which, listener, group } => write!(
                f,
                "Primary taskset target group must be behind listener {listener}: the {which} listener does not forward to \
                 {}; point its default action or a rule of it there first: {}",
                group.name(),
                Point { listener, group }
            ),
            Self::TestListenerElsewhere { listener, pair: [one, other] } => write!(
                f,
                "Primary taskset target group must be behind listener {listener}: the test listener forwards to neither {} nor {}; \
                 point its default action or a rule of it to either of them first: {}",
                one.name(),
                other.name(),
                Point { listener, group: one }
            ),
            Self::ForeignGroup { which, listener, group } => write!(
                f,
                "the {which} listener {listener} forwards to the target group {} beside those of this deployment: give it a \
                 rule of its own",
                group.name()
            ),
            Self::SplitBySomebodyElse { which, listener, routing } if routing.is_split() => write!(
                f,
                "the {which} listener {listener} is split already, and not by a deployment of this stack ({routing}); send all of \
                 its traffic to the primary task set's target group first"
            ),
            Self::SplitBySomebodyElse { which, listener, routing } => write!(
                f,
                "the {which} listener {listener} sends its traffic elsewhere than to the primary task set ({routing}), and no \
                 deployment of this stack left it so; send all of it to the primary task set's target group first, or make the \
                 task set behind it the primary: aws ecs update-service-primary-task-set"
            ),
            Self::StickyTargets { which, listener, group } => write!(
                f,
                "the target group {name} keeps clients on their targets, which a load balancer allows beside weights only where \
                 the action keeps them on their target group too, and the {which} listener {listener} does not; switch it off: \
                 aws elbv2 modify-target-group-attributes --target-group-arn {group} --attributes \
                 Key=stickiness.enabled,Value=false",
                name = group.name()
            ),
        }
    }
}

/// The command that points the default action of a listener at a target group.
struct Point<'a> {
    listener: &'a ListenerArn,
    group: &'a TargetGroupArn,
}

impl fmt::Display for Point<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { listener, group } = self;
        write!(
            f,
            "aws elbv2 modify-listener --listener-arn {listener} --default-actions Type=forward,TargetGroupArn={group}"
        )
    }
}
