//! ECS: services, their task sets and what those run.

mod changes;
mod shown;

use std::error::Error;

use aws_sdk_ecs::config::http::HttpResponse;
use aws_sdk_ecs::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_ecs::types::{DesiredStatus, NetworkMode, ServiceField, TaskDefinitionStatus, TaskSetField};
use futures_util::future::join;
use rollout::ids::{ClusterName, ServiceName, TaskDefinition, TaskSetId};
use rollout::service::live::Said;
use rollout::service::preflight::{DefinitionFacts, ServiceFound};
use rollout::service::reach::ServiceTags;
use steps::ports::{PortError, ReadServiceFacts, ReadServices, ReadStoppedTasks};

use crate::account::Account;
use crate::failure::{port_error, unreadable};
use shown::{live, ports, tagged, told, why_it_stopped};

/// So many stopped tasks are asked for: as many as ECS describes at once.
const LAST_TASKS: i32 = 100;

/// What ECS calls a limit does not go away by waiting, as it does where other services use the word (docs/aws-realities.md 6).
fn refused<E>(call: &str, error: SdkError<E, HttpResponse>) -> PortError
where
    E: Error + ProvideErrorMetadata + Send + Sync + 'static,
{
    let code = error.as_service_error().and_then(|answer| answer.code());
    let limit = code == Some("LimitExceededException");
    match port_error(call, error) {
        PortError::Passing(message) if limit => PortError::Denied(message),
        other => other,
    }
}

impl ReadServices for Account {
    async fn service(&self, cluster: &ClusterName, service: &ServiceName) -> Result<ServiceFound, PortError> {
        // Carries the task sets as DescribeTaskSets would give them, so one call is enough.
        let read = self.ecs().describe_services().cluster(cluster.as_str()).services(service.as_str()).send().await;
        let gone = |error: &SdkError<_, _>| {
            error.as_service_error().is_some_and(
                aws_sdk_ecs::operation::describe_services::DescribeServicesError::is_cluster_not_found_exception,
            )
        };
        let read = match read {
            Err(error) if gone(&error) => return Ok(ServiceFound::NoCluster),
            read => read.map_err(|error| refused("DescribeServices", error))?,
        };
        if let Some(service) = read.services().first() {
            return live(service).map(ServiceFound::Live);
        }
        let failure = read.failures().iter().find_map(|failure| failure.reason().filter(|reason| *reason != "MISSING"));
        match failure {
            Some(reason) => Err(PortError::Denied(format!("DescribeServices: {service}: {reason}"))),
            None => Ok(ServiceFound::NoService),
        }
    }
}

impl ReadStoppedTasks for Account {
    async fn stopped(
        &self,
        cluster: &ClusterName,
        service: &ServiceName,
        definition: &TaskDefinition,
    ) -> Result<Vec<Said>, PortError> {
        let stopped = self.ecs().list_tasks().cluster(cluster.as_str()).service_name(service.as_str());
        let stopped = stopped.desired_status(DesiredStatus::Stopped).max_results(LAST_TASKS).send().await;
        let stopped = stopped.map_err(|error| refused("ListTasks", error))?.task_arns.unwrap_or_default();
        if stopped.is_empty() {
            return Ok(Vec::new());
        }
        let tasks = self.ecs().describe_tasks().cluster(cluster.as_str()).set_tasks(Some(stopped)).send().await;
        let tasks = tasks.map_err(|error| refused("DescribeTasks", error))?;
        let of_it = tasks.tasks().iter().filter(|task| task.task_definition_arn() == Some(definition.as_str()));
        Ok(of_it.filter_map(|task| told(task.stopped_at(), why_it_stopped(task))).collect())
    }
}

impl ReadServiceFacts for Account {
    async fn tags(&self, cluster: &ClusterName, service: &ServiceName) -> Result<ServiceTags, PortError> {
        let services = self.ecs().describe_services().cluster(cluster.as_str()).services(service.as_str());
        let services = services.include(ServiceField::Tags).send();
        let sets = self.ecs().describe_task_sets().cluster(cluster.as_str()).service(service.as_str());
        let (services, sets) = join(services, sets.include(TaskSetField::Tags).send()).await;
        let services = services.map_err(|error| refused("DescribeServices", error))?;
        let sets = sets.map_err(|error| refused("DescribeTaskSets", error))?;
        let found = services.services().first();
        let found =
            found.ok_or_else(|| PortError::Conflict(format!("DescribeServices: {service} is not there any more")))?;
        let named = |set: &aws_sdk_ecs::types::TaskSet| {
            let id = TaskSetId::parse(set.id().unwrap_or_default())
                .map_err(|error| unreadable("DescribeTaskSets", error))?;
            Ok((id, tagged(set.task_set_arn(), set.tags())))
        };
        Ok(ServiceTags {
            service: tagged(found.service_arn(), found.tags()),
            task_sets: sets.task_sets().iter().map(named).collect::<Result<_, PortError>>()?,
        })
    }

    async fn definition(&self, definition: &TaskDefinition) -> Result<Option<DefinitionFacts>, PortError> {
        let read = self.ecs().describe_task_definition().task_definition(definition.as_str()).send().await;
        let read = match read {
            // There is no code of its own for one that does not exist.
            Err(error) if says(&error, "ClientException", "Unable to describe task definition") => return Ok(None),
            read => read.map_err(|error| refused("DescribeTaskDefinition", error))?,
        };
        let Some(found) = read.task_definition() else { return Ok(None) };
        let arn = found.task_definition_arn().unwrap_or_default();
        Ok(Some(DefinitionFacts {
            arn: TaskDefinition::parse(arn).map_err(|error| unreadable("DescribeTaskDefinition", error))?,
            active: found.status() == Some(&TaskDefinitionStatus::Active),
            awsvpc: found.network_mode() == Some(&NetworkMode::Awsvpc),
            containers: found
                .container_definitions()
                .iter()
                .map(|container| (container.name().unwrap_or_default().to_owned(), ports(container)))
                .collect(),
            fit_for: found.compatibilities().iter().map(|kind| kind.as_str().to_owned()).collect(),
        }))
    }
}

fn says<E: ProvideErrorMetadata>(error: &SdkError<E, HttpResponse>, code: &str, message: &str) -> bool {
    error.as_service_error().is_some_and(|answer| {
        answer.code() == Some(code) && answer.message().is_some_and(|said| said.starts_with(message))
    })
}
