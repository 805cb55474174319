//! The properties of a service, in an AppSpec for ECS (contract 2.3), and our addition `Service`.

use super::error::Problems;
use super::reader::Place;
use crate::ids::{ContainerName, TaskDefinition};
use crate::service::{self, TargetService};

pub(super) fn read(problems: &mut Problems, place: &Place<'_>) -> Option<TargetService> {
    let expected = "a map with TaskDefinition and LoadBalancerInfo";
    let known =
        &["TaskDefinition", "LoadBalancerInfo", "PlatformVersion", "NetworkConfiguration", "CapacityProviderStrategy"];
    let fields = place.fields(problems, expected, known)?;
    let task_definition = fields
        .required(problems, "TaskDefinition", "the ARN of a task definition with its revision")
        .and_then(|place| {
            let text = place.text(problems, "the ARN of a task definition with its revision")?;
            place.checked(problems, TaskDefinition::parse(text))
        })?;
    let balancer = fields.required(problems, "LoadBalancerInfo", "a map with ContainerName and ContainerPort")?;
    let balancer =
        balancer.fields(problems, "a map with ContainerName and ContainerPort", &["ContainerName", "ContainerPort"])?;
    let container =
        balancer.required(problems, "ContainerName", "the container that takes traffic").and_then(|place| {
            let text = place.text(problems, "the container that takes traffic")?;
            place.checked(problems, ContainerName::parse(text))
        })?;
    let _ = container;
    let _ = task_definition;
    None
}

pub(super) fn place(_problems: &mut Problems, _place: &Place<'_>) -> Option<service::Place> {
    None
}
