//! Target health: what the tasks behind a target group are found to be.

use serde_json::{Value, json};

use super::book::Group;
use crate::call::Call;
use crate::clock;
use crate::http::Answer;
use crate::wire::{escaped, xml};

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

/// Who knows the tasks behind target groups.
pub(crate) trait Targets: Send + Sync {
    /// Those behind one, by its ARN.
    fn behind(&self, group: &str) -> Vec<Target>;
}

/// A target as it is described: address, port, state, reason and description.
struct Described {
    ip: String,
    port: String,
    state: &'static str,
    why: Option<(&'static str, &'static str)>,
}

/// `DescribeTargetHealth` of a group whose targets are tasks of ours.
pub(super) fn describe(call: &Call, group: &Group, targets: &[Target]) -> Answer {
    let asked = (1..).map_while(|at| {
        let member = |name: &str| call.text(&format!("Targets.member.{at}.{name}"));
        Some((member("Id")?, member("Port").unwrap_or_default()))
    });
    let asked = asked.collect::<Vec<_>>();
    let mut all = targets
        .iter()
        .filter(|target| asked.is_empty() || asked.iter().any(|(ip, _)| target.ip == *ip))
        .map(|target| {
            let (state, why) = target.state(group.in_use);
            Described { ip: target.ip.clone(), port: target.port.to_string(), state, why }
        })
        .collect::<Vec<_>>();
    for (ip, port) in asked.iter().filter(|(ip, _)| !targets.iter().any(|target| target.ip == *ip)) {
        let why = Some(("Target.NotRegistered", "Target is not registered to the target group"));
        all.push(Described { ip: (*ip).to_owned(), port: (*port).to_owned(), state: "unused", why });
    }
    let in_json = call.text("ContentType") == Some("JSON");
    if in_json { Answer::json(200, &as_json(&all)) } else { xml(200, as_xml(&all)) }
}

fn as_json(all: &[Described]) -> Value {
    let one = |target: &Described| {
        let mut health = json!({ "State": target.state });
        if let Some((reason, description)) = target.why {
            health["Reason"] = reason.into();
            health["Description"] = description.into();
        }
        json!({
            "Target": { "Id": target.ip, "Port": target.port.parse::<u16>().ok() },
            "HealthCheckPort": target.port,
            "TargetHealth": health,
        })
    };
    let descriptions = all.iter().map(one).collect::<Vec<_>>();
    let result = json!({ "TargetHealthDescriptions": descriptions });
    json!({ "DescribeTargetHealthResponse": { "DescribeTargetHealthResult": result } })
}

fn as_xml(all: &[Described]) -> String {
    let one = |target: &Described| {
        let (ip, port) = (escaped(&target.ip), escaped(&target.port));
        let port_member = if port.is_empty() { String::new() } else { format!("<Port>{port}</Port>") };
        let why = target.why.map_or_else(String::new, |(reason, description)| {
            format!("<Reason>{reason}</Reason><Description>{description}</Description>")
        });
        let health = format!("<TargetHealth><State>{}</State>{why}</TargetHealth>", target.state);
        let check = format!("<HealthCheckPort>{port}</HealthCheckPort>");
        format!("<member><Target><Id>{ip}</Id>{port_member}</Target>{check}{health}</member>")
    };
    let members = all.iter().map(one).collect::<String>();
    let descriptions = format!("<TargetHealthDescriptions>{members}</TargetHealthDescriptions>");
    let result = format!("<DescribeTargetHealthResult>{descriptions}</DescribeTargetHealthResult>");
    let id = format!("<ResponseMetadata><RequestId>{}</RequestId></ResponseMetadata>", clock::uuid());
    let namespace = "http://elasticloadbalancing.amazonaws.com/doc/2015-12-01/";
    format!("<DescribeTargetHealthResponse xmlns=\"{namespace}\">{result}{id}</DescribeTargetHealthResponse>")
}

#[cfg(test)]
mod tests {
    use super::{Described, Health, Target, as_json, as_xml};

    #[test]
    fn a_target_is_unused_while_no_listener_has_a_place_for_its_group() {
        let target = |health: Health| Target { ip: "10.0.0.1".to_owned(), port: 80, local_port: Some(1), health };
        assert_eq!(target(Health::Healthy).state(true), ("healthy", None));
        assert_eq!(target(Health::Healthy).state(false).1.map(|(reason, _)| reason), Some("Target.NotInUse"));
        assert_eq!(target(Health::Draining).state(false).0, "draining");
        assert_eq!(target(Health::Unhealthy).state(true).0, "unhealthy");
    }

    #[test]
    fn target_health_is_described_alike_in_both_protocols() {
        let why = Some(("Target.FailedHealthChecks", "Health checks failed"));
        let all = [Described { ip: "10.0.0.5".to_owned(), port: "8080".to_owned(), state: "unhealthy", why }];
        let said = as_xml(&all);
        assert!(said.contains("<Id>10.0.0.5</Id><Port>8080</Port>"), "{said}");
        assert!(said.contains("<State>unhealthy</State><Reason>Target.FailedHealthChecks</Reason>"), "{said}");
        let result = &as_json(&all)["DescribeTargetHealthResponse"]["DescribeTargetHealthResult"];
        let one = &result["TargetHealthDescriptions"][0];
        assert_eq!((&one["Target"]["Port"], &one["TargetHealth"]["State"]), (&8080.into(), &"unhealthy".into()));
    }
}
