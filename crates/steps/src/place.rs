//! Where a deployment group's service is, and the waits it wants around the traffic (docs/codedeploy-contract.md 5.7).

use codedeploy::error::{ApiError, Code};
use codedeploy::shapes::{BlueGreenDeploymentConfiguration, DeploymentGroupInfo, TrafficRoute};
use rollout::hold::{OnTimeout, Wait};
use rollout::ids::{ClusterName, IdError, ListenerArn, ServiceName, Site, TargetGroupName};
use rollout::seconds::Seconds;
use rollout::service::{ServiceAddress, Waits};

/// The service, target groups and listeners of a group.
pub fn of(group: &DeploymentGroupInfo, site: &Site) -> Result<ServiceAddress, ApiError> {
    let name = group.deployment_group_name.as_deref().unwrap_or_default();
    let services = group.ecs_services.as_deref().unwrap_or_default();
    let no_service =
        |what: &str| ApiError::new(Code::InvalidECSServiceException, format!("the deployment group {name} {what}"));
    let [service] = services else {
        return Err(no_service(if services.is_empty() {
            "names no ECS service: write ecsServices with one clusterName and serviceName"
        } else {
            "names several ECS services: one deployment group deploys to one"
        }));
    };
    let (Some(cluster), Some(service)) = (&service.cluster_name, &service.service_name) else {
        return Err(no_service("names half an ECS service: write clusterName and serviceName"));
    };
    let no_pair = |what: &str| {
        ApiError::new(Code::InvalidTargetGroupPairException, format!("the deployment group {name} {what}"))
    };
    let pairs = group.load_balancer_info.as_ref().and_then(|info| info.target_group_pair_info_list.as_deref());
    let [pair] = pairs.unwrap_or_default() else {
        return Err(no_pair("needs one target group pair: write loadBalancerInfo.targetGroupPairInfoList"));
    };
    let groups: Vec<&str> =
        pair.target_groups.iter().flatten().filter_map(|target_group| target_group.name.as_deref()).collect();
    let [one, other] = groups[..] else {
        return Err(no_pair("needs two target groups in its pair: one for each task set"));
    };
    let production = listener(pair.prod_traffic_route.as_ref())
        .ok_or_else(|| no_pair("needs one listener in its prodTrafficRoute"))?;
    let test = listener(pair.test_traffic_route.as_ref());
    // A group that was written by older code may name what is elsewhere.
    for named in [cluster, service] {
        site.holds(named).map_err(|error| no_service(&format!("names what is elsewhere: {error}")))?;
    }
    for named in [one, other, production].into_iter().chain(test) {
        site.holds(named).map_err(|error| no_pair(&format!("names what is elsewhere: {error}")))?;
    }
    let odd = |error: IdError| no_pair(&format!("has an odd name: {error}"));
    let cluster = ClusterName::parse(cluster).map_err(odd)?;
    let service = ServiceName::parse_in(service, &cluster);
    Ok(ServiceAddress {
        service: service.map_err(|error| no_service(&format!("has an odd name: {error}")))?,
        cluster,
        target_groups: [TargetGroupName::parse(one).map_err(odd)?, TargetGroupName::parse(other).map_err(odd)?],
        production: ListenerArn::parse(production).map_err(odd)?,
        test: test.map(ListenerArn::parse).transpose().map_err(odd)?,
    })
}

fn listener(route: Option<&TrafficRoute>) -> Option<&str> {
    route?.listener_arns.as_deref()?.first().map(String::as_str)
}

/// The waits a group wants.
pub fn waits(group: &DeploymentGroupInfo) -> Waits {
    let Some(BlueGreenDeploymentConfiguration {
        terminate_blue_instances_on_deployment_success: terminate,
        deployment_ready_option: ready,
        ..
    }) = &group.blue_green_deployment_configuration
    else {
        return Waits::default();
    };
    let minutes =
        |minutes: Option<i64>| Seconds::minutes(u64::try_from(minutes.unwrap_or_default()).unwrap_or_default());
    let ready = ready.as_ref().filter(|ready| ready.action_on_timeout.as_deref() == Some("STOP_DEPLOYMENT"));
    Waits {
        ready: ready.map(|ready| Wait { timeout: minutes(ready.wait_time_in_minutes), on_timeout: OnTimeout::Stop }),
        termination: minutes(terminate.as_ref().and_then(|terminate| terminate.termination_wait_time_in_minutes)),
    }
}
