//! Deployment groups.

use crate::time::Time;

use super::lists::nulls;
use super::{RevisionLocation, Tag, TagFilter};

shapes! {
    /// DeploymentGroupInfo.
    DeploymentGroupInfo {
        application_name: String,
        deployment_group_id: String,
        deployment_group_name: String,
        deployment_config_name: String,
        ec2_tag_filters: Vec<TagFilter>,
        on_premises_instance_tag_filters: Vec<TagFilter>,
        auto_scaling_groups: Vec<AutoScalingGroup>,
        service_role_arn: String,
        target_revision: RevisionLocation,
        trigger_configurations: Vec<TriggerConfig>,
        alarm_configuration: AlarmConfiguration,
        auto_rollback_configuration: AutoRollbackConfiguration,
        deployment_style: DeploymentStyle,
        outdated_instances_strategy: String,
        blue_green_deployment_configuration: BlueGreenDeploymentConfiguration,
        load_balancer_info: LoadBalancerInfo,
        last_successful_deployment: LastDeploymentInfo,
        last_attempted_deployment: LastDeploymentInfo,
        ec2_tag_set: Ec2TagSet,
        on_premises_tag_set: OnPremisesTagSet,
        compute_platform: String,
        ecs_services: Vec<EcsService>,
        ec2_deployment_options: Ec2DeploymentOptions,
        termination_hook_enabled: bool,
    }

    /// What CreateDeploymentGroup and UpdateDeploymentGroup can both set.
    GroupSettings {
        deployment_config_name: String,
        #[serde(deserialize_with = "nulls")]
        ec2_tag_filters: Vec<TagFilter>,
        #[serde(deserialize_with = "nulls")]
        on_premises_instance_tag_filters: Vec<TagFilter>,
        auto_scaling_groups: Vec<String>,
        service_role_arn: String,
        #[serde(deserialize_with = "nulls")]
        trigger_configurations: Vec<TriggerConfig>,
        alarm_configuration: AlarmConfiguration,
        auto_rollback_configuration: AutoRollbackConfiguration,
        outdated_instances_strategy: String,
        deployment_style: DeploymentStyle,
        blue_green_deployment_configuration: BlueGreenDeploymentConfiguration,
        load_balancer_info: LoadBalancerInfo,
        ec2_tag_set: Ec2TagSet,
        #[serde(deserialize_with = "nulls")]
        ecs_services: Vec<EcsService>,
        on_premises_tag_set: OnPremisesTagSet,
        ec2_deployment_options: Ec2DeploymentOptions,
        termination_hook_enabled: bool,
    }

    /// CreateDeploymentGroup, beside [`GroupSettings`].
    CreateDeploymentGroupInput {
        application_name: String,
        deployment_group_name: String,
        #[serde(deserialize_with = "nulls")]
        tags: Vec<Tag>,
    }

    /// UpdateDeploymentGroup, beside [`GroupSettings`].
    UpdateDeploymentGroupInput {
        application_name: String,
        current_deployment_group_name: String,
        new_deployment_group_name: String,
    }

    /// GetDeploymentGroup and DeleteDeploymentGroup.
    DeploymentGroupNameInput {
        application_name: String,
        deployment_group_name: String,
    }

    /// BatchGetDeploymentGroups.
    BatchGetDeploymentGroupsInput {
        application_name: String,
        deployment_group_names: Vec<String>,
    }

    /// ListDeploymentGroups.
    ListDeploymentGroupsInput {
        application_name: String,
        next_token: String,
    }

    /// TriggerConfig.
    TriggerConfig {
        trigger_name: String,
        trigger_target_arn: String,
        trigger_events: Vec<String>,
    }

    /// AlarmConfiguration.
    AlarmConfiguration {
        enabled: bool,
        ignore_poll_alarm_failure: bool,
        #[serde(deserialize_with = "nulls")]
        alarms: Vec<Alarm>,
    }

    /// Alarm.
    Alarm {
        name: String,
    }

    /// AutoRollbackConfiguration.
    AutoRollbackConfiguration {
        enabled: bool,
        events: Vec<String>,
    }

    /// DeploymentStyle.
    DeploymentStyle {
        deployment_type: String,
        deployment_option: String,
    }

    /// BlueGreenDeploymentConfiguration (docs/codedeploy-contract.md 5.7).
    BlueGreenDeploymentConfiguration {
        terminate_blue_instances_on_deployment_success: BlueInstanceTerminationOption,
        deployment_ready_option: DeploymentReadyOption,
        green_fleet_provisioning_option: GreenFleetProvisioningOption,
    }

    /// BlueInstanceTerminationOption.
    BlueInstanceTerminationOption {
        action: String,
        termination_wait_time_in_minutes: i64,
    }

    /// DeploymentReadyOption.
    DeploymentReadyOption {
        action_on_timeout: String,
        wait_time_in_minutes: i64,
    }

    /// GreenFleetProvisioningOption.
    GreenFleetProvisioningOption {
        action: String,
    }

    /// LoadBalancerInfo.
    LoadBalancerInfo {
        #[serde(deserialize_with = "nulls")]
        elb_info_list: Vec<TargetGroupInfo>,
        #[serde(deserialize_with = "nulls")]
        target_group_info_list: Vec<TargetGroupInfo>,
        #[serde(deserialize_with = "nulls")]
        target_group_pair_info_list: Vec<TargetGroupPairInfo>,
    }

    /// TargetGroupInfo, and ELBInfo, which has the same member.
    TargetGroupInfo {
        name: String,
    }

    /// TargetGroupPairInfo.
    TargetGroupPairInfo {
        #[serde(deserialize_with = "nulls")]
        target_groups: Vec<TargetGroupInfo>,
        prod_traffic_route: TrafficRoute,
        test_traffic_route: TrafficRoute,
    }

    /// TrafficRoute.
    TrafficRoute {
        listener_arns: Vec<String>,
    }

    /// LastDeploymentInfo.
    LastDeploymentInfo {
        deployment_id: String,
        status: String,
        end_time: Time,
        create_time: Time,
    }

    /// EC2TagSet.
    Ec2TagSet {
        ec2_tag_set_list: Vec<Vec<TagFilter>>,
    }

    /// OnPremisesTagSet.
    OnPremisesTagSet {
        on_premises_tag_set_list: Vec<Vec<TagFilter>>,
    }

    /// ECSService.
    EcsService {
        service_name: String,
        cluster_name: String,
    }

    /// DescribeServiceGroups, which is ours.
    DescribeServiceGroupsInput {
        #[serde(deserialize_with = "nulls")]
        ecs_services: Vec<EcsService>,
    }

    /// EC2DeploymentOptions.
    Ec2DeploymentOptions {
        auto_scaling_group_processes_to_suspend: Vec<String>,
    }

    /// AutoScalingGroup.
    AutoScalingGroup {
        name: String,
        hook: String,
        termination_hook: String,
    }
}
