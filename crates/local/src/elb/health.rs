//! Target health: what the tasks behind a target group are found to be.

use crate::call::Call;
use crate::clock;
use crate::ecs::Ecs;
use crate::elb::Group;
use crate::http::Answer;
use crate::wire::{escaped, xml};

/// How targets are checked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Probe {
    pub(crate) path: String,
    /// The answers that are healthy: `200`, `200-299`, `200,302`.
    pub(crate) codes: String,
}

impl Probe {
    /// Whether an answer with this status is healthy.
    pub(crate) fn accepts(&self, status: u16) -> bool {
        self.codes.split(',').any(|range| {
            let (first, last) = range.split_once('-').unwrap_or((range, range));
            let (first, last) = (first.trim().parse::<u16>(), last.trim().parse::<u16>());
            first.is_ok_and(|first| last.is_ok_and(|last| (first..=last).contains(&status)))
        })
    }
}

/// What a target is found to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Health {
    /// Not yet checked with success.
    Initial,
    /// It answers as it should.
    Healthy,
    /// It did, and does no longer; or it is gone.
    Unhealthy,
    /// It is being taken out; requests under way may end.
    Draining,
}

/// A task behind a target group.
#[derive(Debug, Clone)]
pub(crate) struct Target {
    /// Its address in the network there would be.
    pub(crate) ip: String,
    /// The container's port.
    pub(crate) port: u16,
    /// Where it listens on this machine, once it does.
    pub(crate) local_port: Option<u16>,
    pub(crate) health: Health,
}

impl Target {
    /// State, reason and description, as they are described.
    fn state(&self, in_use: bool) -> (&'static str, Option<(&'static str, &'static str)>) {
        if !in_use && self.health != Health::Draining {
            let why = "Target group is not configured to receive traffic from the load balancer";
            return ("unused", Some(("Target.NotInUse", why)));
        }
        match self.health {
            Health::Healthy => ("healthy", None),
            Health::Initial if self.local_port.is_none() => {
                ("initial", Some(("Elb.RegistrationInProgress", "Target registration is in progress")))
            }
            Health::Initial => ("initial", Some(("Elb.InitialHealthChecking", "Initial health checks in progress"))),
            Health::Unhealthy => ("unhealthy", Some(("Target.FailedHealthChecks", "Health checks failed"))),
            Health::Draining => {
                ("draining", Some(("Target.DeregistrationInProgress", "Target deregistration is in progress")))
            }
        }
    }
}

/// `DescribeTargetHealth` of a group whose targets are tasks of ours.
pub(crate) fn describe(call: &Call, group: &Group, ecs: &Ecs) -> Answer {
    let targets = ecs.targets(call.text("TargetGroupArn").unwrap_or_default());
    let asked = (1..).map_while(|at| call.text(&format!("Targets.member.{at}.Id"))).collect::<Vec<_>>();
    let described = targets
        .iter()
        .filter(|target| asked.is_empty() || asked.contains(&target.ip.as_str()))
        .map(|target| one(&target.ip, &target.port.to_string(), target.state(group.in_use)))
        .chain(asked.iter().filter(|ip| !targets.iter().any(|target| target.ip == **ip)).map(|ip| {
            let port = (1..).find_map(|at| {
                let same = call.text(&format!("Targets.member.{at}.Id"))? == *ip;
                same.then(|| call.text(&format!("Targets.member.{at}.Port")).unwrap_or_default())
            });
            let why = "Target is not registered to the target group";
            one(ip, port.unwrap_or_default(), ("unused", Some(("Target.NotRegistered", why))))
        }))
        .collect::<String>();
    let namespace = "http://elasticloadbalancing.amazonaws.com/doc/2015-12-01/";
    let result = format!("<TargetHealthDescriptions>{described}</TargetHealthDescriptions>");
    let result = format!("<DescribeTargetHealthResult>{result}</DescribeTargetHealthResult>");
    let id = format!("<ResponseMetadata><RequestId>{}</RequestId></ResponseMetadata>", clock::uuid());
    xml(200, format!("<DescribeTargetHealthResponse xmlns=\"{namespace}\">{result}{id}</DescribeTargetHealthResponse>"))
}

fn one(ip: &str, port: &str, (state, why): (&str, Option<(&str, &str)>)) -> String {
    let port_member = if port.is_empty() { String::new() } else { format!("<Port>{}</Port>", escaped(port)) };
    let why = why.map_or_else(String::new, |(reason, description)| {
        format!("<Reason>{reason}</Reason><Description>{description}</Description>")
    });
    format!(
        "<member><Target><Id>{}</Id>{port_member}</Target><HealthCheckPort>{}</HealthCheckPort>\
         <TargetHealth><State>{state}</State>{why}</TargetHealth></member>",
        escaped(ip),
        escaped(port)
    )
}

#[cfg(test)]
mod tests {
    use super::{Health, Probe, Target};

    #[test]
    fn a_matcher_accepts_codes_and_ranges() {
        let accepts =
            |codes: &str, status: u16| Probe { path: "/".to_owned(), codes: codes.to_owned() }.accepts(status);
        assert!(accepts("200", 200));
        assert!(accepts("200-299,302", 204) && accepts("200-299,302", 302));
        assert!(!accepts("200-299,302", 301) && !accepts("", 200));
    }

    #[test]
    fn a_target_is_unused_while_no_listener_has_a_place_for_its_group() {
        let target = |health: Health| Target { ip: "10.0.0.1".to_owned(), port: 80, local_port: Some(1), health };
        assert_eq!(target(Health::Healthy).state(true), ("healthy", None));
        assert_eq!(target(Health::Healthy).state(false).1.map(|(reason, _)| reason), Some("Target.NotInUse"));
        assert_eq!(target(Health::Draining).state(false).0, "draining");
        assert_eq!(target(Health::Unhealthy).state(true).0, "unhealthy");
    }
}
