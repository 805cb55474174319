//! The names of ECS and its load balancers. ARNs are kept as they come; where only a name is needed, it is taken from them.

use super::error::IdError;
use super::text::{free, limited, text_id};

text_id! {
    /// The name of a cluster: 1 to 255 of `A-Z a-z 0-9 - _`. A full ARN is read too, and only its name is kept.
    ClusterName = |text| limited(last(text, ":cluster/"), "a cluster", 255, "-_").map_err(|error| error.about(text))
}

text_id! {
    /// The name of a service: 1 to 255 of `A-Z a-z 0-9 - _`. A full ARN is read too, and only its name is kept.
    ServiceName = |text| {
        let name = match text.split_once(":service/") {
            Some((_, path)) => path.rsplit('/').next().unwrap_or(path),
            None => text,
        };
        limited(name, "a service", 255, "-_").map_err(|error| error.about(text))
    }
}

impl ServiceName {
    /// Reads the name of a service of `cluster`; an ARN that names another cluster is refused.
    pub fn parse_in(text: &str, cluster: &ClusterName) -> Result<Self, IdError> {
        let named = text.split_once(":service/").and_then(|(_, path)| path.split_once('/'));
        if let Some((other, name)) = named.filter(|(other, _)| *other != cluster.as_str()) {
            let instead =
                format!("it is one of the cluster {other}, not of {cluster}; write {name} for the one of {cluster}");
            return Err(IdError::new(text, "a service of the cluster", instead));
        }
        Self::parse(text)
    }
}

text_id! {
    /// A task definition with its revision: `family:revision`, or the ARN that ends so.
    TaskDefinition = |text| {
        const WHAT: &str = "a task definition with its revision";
        let name = last(text, ":task-definition/");
        let instead = "write family:revision, such as web:7, or the ARN that ends so";
        if let Some((family, revision)) = name.rsplit_once(':')
            && revision.starts_with('0')
            && let Ok(number) = revision.parse::<u32>()
            && number > 0
        {
            return Err(IdError::new(text, WHAT, format!("a revision does not begin with 0; write {family}:{number}")));
        }
        match name.rsplit_once(':') {
            Some((family, revision))
                if !revision.is_empty()
                    && !revision.starts_with('0')
                    && revision.bytes().all(|byte| byte.is_ascii_digit())
                    && limited(family, WHAT, 255, "-_").is_ok() =>
            {
                Ok(text.to_owned())
            }
            _ => Err(IdError::new(text, WHAT, instead)),
        }
    }
}

impl TaskDefinition {
    /// `family:revision`.
    pub fn short(&self) -> &str {
        last(self.as_str(), ":task-definition/")
    }
}

text_id! {
    /// The name of a container in a task definition: 1 to 255 of `A-Z a-z 0-9 - _`.
    ContainerName = |text| limited(text, "a container", 255, "-_")
}

text_id! {
    /// The id of a task set, such as `ecs-svc/1234567890`; the ARN that ends so is read too.
    TaskSetId = |text| {
        let id = match text.rsplit_once("ecs-svc/") {
            Some((_, number)) => format!("ecs-svc/{number}"),
            None => text.to_owned(),
        };
        limited(&id, "a task set", 255, "-_/").map_err(|error| error.about(text))
    }
}

text_id! {
    /// The name of a target group, or its ARN.
    TargetGroupName = |text| {
        limited(name_of_group(text), "a target group", 32, "-").map_err(|error| error.about(text))?;
        Ok(text.to_owned())
    }
}

text_id! {
    /// The ARN of a target group.
    TargetGroupArn = |text| arn(text, "the ARN of a target group", ":targetgroup/")
}

impl TargetGroupArn {
    /// The group's name.
    pub fn name(&self) -> &str {
        name_of_group(self.as_str())
    }
}

text_id! {
    /// The ARN of a listener.
    ListenerArn = |text| arn(text, "the ARN of a listener", ":listener/")
}

impl ListenerArn {
    /// Whether it belongs to a Network Load Balancer, which knows connections and no clients.
    pub fn is_network(&self) -> bool {
        self.as_str().contains(":listener/net/")
    }

    /// The ARN of its load balancer, which has the same path without the last part.
    pub fn load_balancer(&self) -> String {
        let of_balancer = self.as_str().replacen(":listener/", ":loadbalancer/", 1);
        of_balancer.rsplit_once('/').map_or(of_balancer.clone(), |(balancer, _)| balancer.to_owned())
    }
}

text_id! {
    /// Where a listener decides: a rule by its ARN, or the listener itself, whose default action it is.
    RouteId = |text| free(text, "a listener or one of its rules", 1_024)
}

fn name_of_group(text: &str) -> &str {
    match text.split_once(":targetgroup/") {
        Some((_, rest)) => rest.split('/').next().unwrap_or(rest),
        None => text,
    }
}

fn arn(text: &str, what: &'static str, kind: &str) -> Result<String, IdError> {
    if text.starts_with("arn:") && text.contains(":elasticloadbalancing:") && text.contains(kind) && text.len() <= 1_024
    {
        return Ok(text.to_owned());
    }
    let instead = format!("write it whole: arn:aws:elasticloadbalancing:region:account{kind}…");
    Err(IdError::new(text, what, instead))
}

fn last<'a>(text: &'a str, kind: &str) -> &'a str {
    text.split_once(kind).map_or(text, |(_, name)| name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arns_are_read_down_to_the_name_where_only_the_name_is_needed() {
        let cluster = ClusterName::parse("arn:aws:ecs:eu-west-1:111122223333:cluster/shop").unwrap();
        assert_eq!(cluster.as_str(), "shop");
        let service = ServiceName::parse("arn:aws:ecs:eu-west-1:111122223333:service/shop/web").unwrap();
        assert_eq!(service.as_str(), "web");
        let same = ServiceName::parse_in("arn:aws:ecs:eu-west-1:111122223333:service/shop/web", &cluster);
        assert_eq!(same.as_ref(), Ok(&service));
        // The form of before 2018 names no cluster.
        assert_eq!(ServiceName::parse_in("arn:aws:ecs:eu-west-1:111122223333:service/web", &cluster), Ok(service));
        let other = ServiceName::parse_in("arn:aws:ecs:eu-west-1:111122223333:service/other/web", &cluster);
        let error = other.unwrap_err().to_string();
        assert!(
            error.contains("it is one of the cluster other, not of shop; write web for the one of shop"),
            "{error}"
        );
        let set = TaskSetId::parse("arn:aws:ecs:eu-west-1:1:task-set/shop/web/ecs-svc/123").unwrap();
        assert_eq!(set.as_str(), "ecs-svc/123");
    }

    #[test]
    fn a_task_definition_without_a_revision_is_refused_with_what_to_write() {
        let arn = "arn:aws:ecs:eu-west-1:111122223333:task-definition/web:7";
        assert_eq!(TaskDefinition::parse(arn).unwrap().short(), "web:7");
        assert_eq!(TaskDefinition::parse("web:7").unwrap().short(), "web:7");
        let error = TaskDefinition::parse("web").unwrap_err().to_string();
        assert!(error.ends_with("write family:revision, such as web:7, or the ARN that ends so"), "{error}");
        for padded in ["web:02", "arn:aws:ecs:eu-west-1:111122223333:task-definition/web:02"] {
            let error = TaskDefinition::parse(padded).unwrap_err().to_string();
            assert!(error.ends_with("a revision does not begin with 0; write web:2"), "{error}");
        }
        assert!(TaskDefinition::parse("web:0").is_err());
    }

    #[test]
    fn a_target_group_is_named_by_its_name_or_its_arn() {
        let arn = "arn:aws:elasticloadbalancing:eu-west-1:111122223333:targetgroup/web-blue/0123456789abcdef";
        assert_eq!(TargetGroupArn::parse(arn).unwrap().name(), "web-blue");
        assert!(TargetGroupName::parse("web-blue").is_ok() && TargetGroupName::parse(arn).is_ok());
        assert!(TargetGroupArn::parse("web-blue").is_err());
        assert!(ListenerArn::parse(arn).is_err());
    }
}
