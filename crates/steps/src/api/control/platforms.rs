//! What a deployment group of each platform must have, must not have, and has by default (docs/codedeploy-contract.md 1.8, 5.7).

use codedeploy::error::{ApiError, Code};
use codedeploy::shapes::{
    BlueGreenDeploymentConfiguration, BlueInstanceTerminationOption, DeploymentGroupInfo, DeploymentReadyOption,
    DeploymentStyle, LoadBalancerInfo,
};
use rollout::platform::{Extra, Platform};

/// Whether the settings of a group fit the platform of its application.
pub(super) fn fit(group: &DeploymentGroupInfo) -> Result<(), ApiError> {
    match group.compute_platform.as_deref() {
        Some("Lambda") => lambda(group),
        Some("ECS") => ecs(group),
        _ => server(group),
    }
}

fn filled<T>(list: &Option<Vec<T>>) -> bool {
    list.as_ref().is_some_and(|list| !list.is_empty())
}

fn refused<T>(code: Code, why: &str) -> Result<T, ApiError> {
    Err(ApiError::new(code, why))
}

fn shifts_traffic(group: &DeploymentGroupInfo, platform: &str) -> Result<(), ApiError> {
    let expected = (Some("BLUE_GREEN"), Some("WITH_TRAFFIC_CONTROL"));
    match &group.deployment_style {
        Some(style) if (style.deployment_type.as_deref(), style.deployment_option.as_deref()) != expected => {
            let message =
                format!("the deployment style of a group for {platform} is BLUE_GREEN with WITH_TRAFFIC_CONTROL");
            Err(ApiError::new(Code::InvalidDeploymentStyleException, message))
        }
        _ => Ok(()),
    }
}

/// Neither Lambda nor ECS has hosts.
fn no_hosts(group: &DeploymentGroupInfo, platform: &str) -> Result<(), ApiError> {
    let ec2 = group.ec2_tag_set.as_ref().is_some_and(|set| filled(&set.ec2_tag_set_list));
    if filled(&group.ec2_tag_filters) || ec2 {
        return refused(
            Code::InvalidEC2TagException,
            &format!("For {platform} deployment group, EC2 tags can not be specified"),
        );
    }
    let on_premises = group.on_premises_tag_set.as_ref().is_some_and(|set| filled(&set.on_premises_tag_set_list));
    if filled(&group.on_premises_instance_tag_filters) || on_premises {
        let message = format!("For {platform} deployment group, on-premises tags can not be specified");
        return refused(Code::InvalidTagException, &message);
    }
    if filled(&group.auto_scaling_groups) {
        let message = format!("For {platform} deployment group, autoScalingGroups can not be specified");
        return refused(Code::InvalidAutoScalingGroupException, &message);
    }
    Ok(())
}

/// What a group of another platform says when it is given what only ECS has.
const NO_BALANCER: &str = "ELB information has to contain at least 1 ELB.";

fn lambda(group: &DeploymentGroupInfo) -> Result<(), ApiError> {
    if group.load_balancer_info.as_ref().is_some_and(|info| filled(&info.target_group_pair_info_list)) {
        return refused(Code::InvalidLoadBalancerInfoException, NO_BALANCER);
    }
    shifts_traffic(group, "Lambda")?;
    no_hosts(group, "Lambda")?;
    if group.load_balancer_info.as_ref().is_some_and(|info| *info != LoadBalancerInfo::default() && balanced(info)) {
        let message = "For Lambda deployment group, load balancers can not be specified";
        return refused(Code::InvalidLoadBalancerInfoException, message);
    }
    if filled(&group.ecs_services) {
        return refused(
            Code::InvalidECSServiceException,
            "For Lambda deployment group, ecsServices can not be specified",
        );
    }
    Ok(())
}

fn ecs(group: &DeploymentGroupInfo) -> Result<(), ApiError> {
    no_hosts(group, "ECS")?;
    if group.deployment_style.is_none() {
        // The hosted service takes an absent style for that of hosts in place, which it refuses.
        let message =
            "For ECS deployment group, deploymentStyle must be specified: BLUE_GREEN with WITH_TRAFFIC_CONTROL";
        return refused(Code::InvalidDeploymentStyleException, message);
    }
    shifts_traffic(group, "ECS")?;
    if !filled(&group.ecs_services) {
        return refused(
            Code::InvalidECSServiceException,
            "For ECS deployment group, ecsServices must name one service",
        );
    }
    let info = group.load_balancer_info.as_ref();
    if !info.is_some_and(|info| filled(&info.target_group_pair_info_list)) {
        let message = "For ECS deployment group, loadBalancerInfo must specify a valid pair of target groups that identify \
                       a load balancer";
        return refused(Code::InvalidLoadBalancerInfoException, message);
    }
    if info.is_some_and(balanced) {
        let message = "For ECS deployment group, loadBalancerInfo has a targetGroupPairInfoList and nothing else";
        return refused(Code::InvalidLoadBalancerInfoException, message);
    }
    group.blue_green_deployment_configuration.as_ref().map_or(Ok(()), task_sets)
}

/// What the waits of hosts can say and those of task sets cannot.
fn task_sets(given: &BlueGreenDeploymentConfiguration) -> Result<(), ApiError> {
    let code = Code::InvalidBlueGreenDeploymentConfigurationException;
    if given.green_fleet_provisioning_option.as_ref().is_some_and(|option| option.action.is_some()) {
        let message = "For ECS deployment group, greenFleetProvisioningOption can not be specified";
        return refused(code, message);
    }
    let end = given.terminate_blue_instances_on_deployment_success.as_ref();
    if end.is_some_and(|end| end.action.as_deref() == Some("KEEP_ALIVE")) {
        let message = "For ECS deployment group, KEEP_ALIVE can not be specified: write TERMINATE, with a \
                       terminationWaitTimeInMinutes of up to two days";
        return refused(code, message);
    }
    let ready = given.deployment_ready_option.clone().unwrap_or_default();
    let waits = ready.wait_time_in_minutes.is_some_and(|minutes| minutes > 0);
    if ready.action_on_timeout.as_deref() == Some("STOP_DEPLOYMENT") && !waits {
        let message = "STOP_DEPLOYMENT without a wait would stop every deployment: write how long it waits to be continued \
                       as waitTimeInMinutes, or CONTINUE_DEPLOYMENT";
        return refused(code, message);
    }
    Ok(())
}

fn server(group: &DeploymentGroupInfo) -> Result<(), ApiError> {
    let style = group.deployment_style.clone().unwrap_or_default();
    let controlled = style.deployment_option.as_deref() == Some("WITH_TRAFFIC_CONTROL");
    let paired = group.load_balancer_info.as_ref().is_some_and(|info| filled(&info.target_group_pair_info_list));
    if (controlled && !group.load_balancer_info.as_ref().is_some_and(balanced)) || paired {
        return refused(Code::InvalidLoadBalancerInfoException, NO_BALANCER);
    }
    if filled(&group.ecs_services) {
        let message = "For EC2/on-premises deployment group, ecsServices can not be specified";
        return refused(Code::InvalidECSServiceException, message);
    }
    let code = Code::InvalidBlueGreenDeploymentConfigurationException;
    let blue_green = style.deployment_type.as_deref() == Some("BLUE_GREEN");
    let given = group.blue_green_deployment_configuration.as_ref();
    if blue_green && given.is_none() {
        return refused(code, "a BLUE_GREEN group for hosts has a blueGreenDeploymentConfiguration");
    }
    let provisioning = given.and_then(|given| given.green_fleet_provisioning_option.as_ref()?.action.as_deref());
    if provisioning == Some("COPY_AUTO_SCALING_GROUP") && group.auto_scaling_groups.as_ref().map_or(0, Vec::len) != 1 {
        let message = "Exactly one AutoScaling group must be specified when selecting the COPY_AUTO_SCALING_GROUP green \
                       fleet provisioning option.";
        return refused(code, message);
    }
    let on_premises = filled(&group.on_premises_instance_tag_filters)
        || group.on_premises_tag_set.as_ref().is_some_and(|set| filled(&set.on_premises_tag_set_list));
    if blue_green && on_premises {
        return refused(Code::InvalidDeploymentStyleException, "on-premises instances take no BLUE_GREEN deployments");
    }
    Ok(())
}

fn balanced(info: &LoadBalancerInfo) -> bool {
    filled(&info.elb_info_list) || filled(&info.target_group_info_list)
}

/// A group as it is returned: with what it has by default.
pub(super) fn shown(mut group: DeploymentGroupInfo) -> DeploymentGroupInfo {
    let platform = group.compute_platform.get_or_insert_with(|| "Server".to_owned());
    let platform = Platform::parse(platform).unwrap_or(Platform::Server);
    group.deployment_config_name.get_or_insert_with(|| platform.default_config().to_owned());
    group.ec2_tag_filters.get_or_insert_default();
    group.on_premises_instance_tag_filters.get_or_insert_default();
    group.auto_scaling_groups.get_or_insert_default();
    group.trigger_configurations.get_or_insert_default();
    group.outdated_instances_strategy.get_or_insert_with(|| "UPDATE".to_owned());
    group.termination_hook_enabled.get_or_insert(false);
    group.deployment_style.get_or_insert_with(|| {
        let (kind, option) = platform.row().style;
        DeploymentStyle { deployment_type: Some(kind.to_owned()), deployment_option: Some(option.to_owned()) }
    });
    if platform.has(Extra::Waits) {
        both_waits(group.blue_green_deployment_configuration.get_or_insert_default());
    }
    group
}

/// `aws ecs deploy` reads both waits without looking whether they are there (docs/codedeploy-contract.md 1.9).
fn both_waits(blue_green: &mut BlueGreenDeploymentConfiguration) {
    let ready: &mut DeploymentReadyOption = blue_green.deployment_ready_option.get_or_insert_default();
    ready.action_on_timeout.get_or_insert_with(|| "CONTINUE_DEPLOYMENT".to_owned());
    ready.wait_time_in_minutes.get_or_insert(0);
    let end: &mut BlueInstanceTerminationOption =
        blue_green.terminate_blue_instances_on_deployment_success.get_or_insert_default();
    end.action.get_or_insert_with(|| "TERMINATE".to_owned());
    end.termination_wait_time_in_minutes.get_or_insert(0);
}
