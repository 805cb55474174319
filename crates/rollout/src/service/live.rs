//! What ECS and its load balancers say, in our words.

use jiff::Timestamp;

use crate::ids::{ListenerArn, RouteId, TargetGroupArn, TaskDefinition, TaskSetId};
use crate::routing::{Additional, Routing, Share};
use crate::seconds::Seconds;
use crate::service::{Capacity, Network, Registry};

/// A service as read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LiveService {
    /// Its deployment controller: `ECS`, `CODE_DEPLOY` or `EXTERNAL`.
    pub controller: String,
    /// Whether it is `ACTIVE`.
    pub active: bool,
    /// How many tasks it wants.
    pub desired: u32,
    /// Its task sets, those that are draining too.
    pub task_sets: Vec<TaskSet>,
    /// Its newest events.
    pub said: Vec<Said>,
}

/// What ECS says of a service, or of a task that has stopped.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Said {
    /// When.
    pub at: Timestamp,
    /// In ECS's words.
    pub message: String,
}

impl LiveService {
    /// Whether somebody outside of ECS deploys to it, by task sets; of no other service ECS tells them by themselves.
    pub fn is_external(&self) -> bool {
        self.controller == "EXTERNAL"
    }

    /// The task set that ECS calls primary.
    pub fn primary(&self) -> Option<&TaskSet> {
        self.task_sets.iter().find(|set| set.role == Role::Primary)
    }

    /// The task set that a deployment made, by the id it gave it.
    pub fn made_by(&self, deployment: &str) -> Option<&TaskSet> {
        self.task_sets.iter().find(|set| set.external_id.as_deref() == Some(deployment))
    }

    /// A task set by its id.
    pub fn get(&self, id: &TaskSetId) -> Option<&TaskSet> {
        self.task_sets.iter().find(|set| set.id == *id)
    }

    /// The task sets behind a target group that are not going away.
    pub fn behind(&self, group: &TargetGroupArn) -> impl Iterator<Item = &TaskSet> {
        self.task_sets.iter().filter(move |set| set.target_group.as_ref() == Some(group) && set.stays())
    }
}

/// What a task set is to its service.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// `PRIMARY`.
    Primary,
    /// `ACTIVE`.
    Active,
    /// `DRAINING`.
    Draining,
}

impl Role {
    /// ECS's word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Primary => "PRIMARY",
            Self::Active => "ACTIVE",
            Self::Draining => "DRAINING",
        }
    }
}

/// A task set as read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TaskSet {
    /// Its id.
    pub id: TaskSetId,
    /// The id that whoever made it gave it: for ours, the deployment's.
    pub external_id: Option<String>,
    /// What it is to the service.
    pub role: Role,
    /// What it runs.
    pub task_definition: TaskDefinition,
    /// The target group it is registered with.
    pub target_group: Option<TargetGroupArn>,
    /// Its share of the service's desired count, in percent.
    pub scale: u8,
    /// How many tasks it is to have.
    pub desired: u32,
    /// How many run.
    pub running: u32,
    /// How many are on their way.
    pub pending: u32,
    /// Whether ECS calls it `STEADY_STATE`.
    pub steady: bool,
    /// Its network.
    pub network: Option<Network>,
    /// Where it runs.
    pub capacity: Option<Capacity>,
    /// Its platform version, as ECS shows it. It means something on Fargate only.
    pub platform_version: Option<String>,
    /// Where its tasks are registered for service discovery.
    pub registries: Vec<Registry>,
}

impl TaskSet {
    /// Whether it is not going away: one that drains was deleted, and is only shown a while longer.
    pub fn stays(&self) -> bool {
        self.role != Role::Draining
    }
}

/// A target group as read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TargetGroup {
    /// Its ARN.
    pub arn: TargetGroupArn,
    /// What its targets are: `ip`, `instance`, `lambda` or `alb`.
    pub kind: String,
    /// Whether it keeps a client on one of its targets.
    pub sticky: bool,
}

/// How the targets of a target group are.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Health {
    /// How many are registered.
    pub registered: u32,
    /// How many of them are healthy.
    pub healthy: u32,
    /// How many of them no load balancer looks at, since their group has no place on any listener.
    pub unused: u32,
}

/// One place where a listener forwards: its default action, or that of a rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Route {
    /// Which one.
    pub id: RouteId,
    /// Where it forwards, with the weights as they are.
    pub forwards: Vec<(TargetGroupArn, u32)>,
    /// How long it keeps a client on one target group, whatever the weights say by then.
    pub sticky: Option<Seconds>,
}

impl Route {
    /// Whether it forwards to one of the pair, also with no weight.
    pub fn is_of(&self, pair: (&TargetGroupArn, &TargetGroupArn)) -> bool {
        self.forwards.iter().any(|(group, _)| group == pair.0 || group == pair.1)
    }

    /// Whether it sends any calls to a target group.
    pub fn sends_to(&self, wanted: &TargetGroupArn) -> bool {
        match &self.forwards[..] {
            // A single group gets everything, whatever its weight says.
            [(only, _)] => only == wanted,
            several => several.iter().any(|(group, weight)| group == wanted && *weight > 0),
        }
    }

    /// How it divides the traffic of the pair, blue first. A weight on a group outside of the pair shows as all of it: that
    /// is somebody else's doing. `None`: it forwards nowhere.
    pub fn routing(&self, (blue, green): (&TargetGroupArn, &TargetGroupArn)) -> Option<Routing> {
        // A single group gets everything, whatever its weight says.
        if let [(only, _)] = &self.forwards[..] {
            return Some(Routing::all_on(only.clone()));
        }
        if let Some((other, _)) =
            self.forwards.iter().find(|(group, weight)| *weight > 0 && group != blue && group != green)
        {
            return Some(Routing::all_on(other.clone()));
        }
        let weight =
            |wanted| self.forwards.iter().filter(|(group, _)| group == wanted).map(|(_, weight)| weight).sum::<u32>();
        let (blues, greens) = (weight(blue), weight(green));
        match (blues, greens) {
            (0, 0) => None,
            (_, 0) => Some(Routing::all_on(blue.clone())),
            (0, _) => Some(Routing::all_on(green.clone())),
            _ => {
                let share = Share::from_fraction(f64::from(greens) / f64::from(blues + greens))?;
                let additional = Some(Additional { backend: green.clone().into(), share });
                Some(Routing { primary: blue.clone().into(), additional })
            }
        }
    }
}

/// A listener as read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listener {
    /// Its ARN.
    pub arn: ListenerArn,
    /// Every place where it forwards to a target group; what else it does is not ours to know.
    pub routes: Vec<Route>,
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::*;
    use crate::testing::service::{a_route, a_task_set, blue, green, group, service_facts};

    fn routing(forwards: &[(TargetGroupArn, u32)]) -> String {
        let routing = a_route("rule", forwards).routing((&blue(), &green()));
        routing.map_or_else(|| "nowhere".to_owned(), |routing| routing.to_string())
    }

    #[test]
    fn every_form_of_forwarding_is_read_as_how_it_divides_the_pair() {
        let third = || group("other");
        let answers = [
            routing(&[(blue(), 1)]),
            routing(&[(green(), 0)]),
            routing(&[(blue(), 100), (green(), 0)]),
            routing(&[(green(), 0), (blue(), 100)]),
            routing(&[(blue(), 0), (green(), 100)]),
            routing(&[(blue(), 70), (green(), 30)]),
            routing(&[(green(), 70), (blue(), 30)]),
            routing(&[(blue(), 2), (green(), 1)]),
            routing(&[(blue(), 999), (green(), 1)]),
            routing(&[(blue(), 0), (green(), 0)]),
            routing(&[]),
            routing(&[(third(), 1)]),
            routing(&[(blue(), 100), (third(), 0)]),
            routing(&[(blue(), 100), (green(), 0), (third(), 0)]),
            routing(&[(blue(), 90), (green(), 9), (third(), 1)]),
        ];
        expect![[r#"
            target group web-1
            target group web-2
            target group web-1
            target group web-1
            target group web-2
            target group web-1 with 30 % on target group web-2
            target group web-1 with 70 % on target group web-2
            target group web-1 with 33.33 % on target group web-2
            target group web-1 with 0.10 % on target group web-2
            nowhere
            nowhere
            target group other
            target group web-1
            target group web-1
            target group other"#]]
        .assert_eq(&answers.join("\n"));
    }

    #[test]
    fn what_is_written_by_steps_reads_as_the_step() {
        for percent in 0..=100u8 {
            let weight = crate::weight::Weight::clamped(percent);
            let route = a_route("rule", &[(blue(), u32::from(100 - percent)), (green(), percent.into())]);
            let step = Routing::shifted(blue(), green(), weight);
            assert_eq!(route.routing((&blue(), &green())), Some(step), "{percent}");
        }
    }

    #[test]
    fn a_route_belongs_to_the_pair_also_with_no_weight() {
        let pair = (&blue(), &green());
        assert!(a_route("rule", &[(group("other"), 1), (green(), 0)]).is_of(pair));
        assert!(!a_route("rule", &[(group("other"), 1)]).is_of(pair));
    }

    #[test]
    fn a_task_set_that_drains_stands_in_nobodys_way() {
        let mut facts = service_facts();
        let live = crate::testing::service::live(&mut facts);
        live.task_sets.push(a_task_set(2, Role::Draining, green()));
        assert_eq!(live.behind(&green()).count(), 0);
        live.task_sets.push(a_task_set(3, Role::Active, green()));
        assert_eq!(live.behind(&green()).next().map(|set| set.id.as_str()), Some("ecs-svc/3"));
        assert_eq!(live.primary().map(|set| set.id.as_str()), Some("ecs-svc/1"));
    }
}
