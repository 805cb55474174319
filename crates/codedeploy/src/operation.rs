//! The operations, in one place.

use std::fmt;

/// The prefix of `X-Amz-Target` that CodeDeploy's clients send.
pub const CODEDEPLOY_PREFIX: &str = "CodeDeploy_20141006";

/// The prefix for what CodeDeploy has no operation for.
pub const OWN_PREFIX: &str = "Tideshift";

macro_rules! operations {
    ($($(#[$doc:meta])* $name:ident = $prefix:ident $text:literal,)*) => {
        /// What a caller asks for.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        #[expect(missing_docs, reason = "the names are the API's")]
        pub enum Operation { $($(#[$doc])* $name,)* }

        impl Operation {
            /// Every operation with the prefix and name it is called by.
            pub const TABLE: &'static [(&'static str, &'static str, Self)] = &[$(($prefix, $text, Self::$name),)*];

            /// The name, without its prefix.
            pub fn name(self) -> &'static str {
                match self { $(Self::$name => $text,)* }
            }

            fn prefix(self) -> &'static str {
                match self { $(Self::$name => $prefix,)* }
            }
        }
    };
}

operations! {
    CreateApplication = CODEDEPLOY_PREFIX "CreateApplication",
    GetApplication = CODEDEPLOY_PREFIX "GetApplication",
    BatchGetApplications = CODEDEPLOY_PREFIX "BatchGetApplications",
    ListApplications = CODEDEPLOY_PREFIX "ListApplications",
    UpdateApplication = CODEDEPLOY_PREFIX "UpdateApplication",
    DeleteApplication = CODEDEPLOY_PREFIX "DeleteApplication",

    CreateDeploymentConfig = CODEDEPLOY_PREFIX "CreateDeploymentConfig",
    GetDeploymentConfig = CODEDEPLOY_PREFIX "GetDeploymentConfig",
    ListDeploymentConfigs = CODEDEPLOY_PREFIX "ListDeploymentConfigs",
    DeleteDeploymentConfig = CODEDEPLOY_PREFIX "DeleteDeploymentConfig",

    CreateDeploymentGroup = CODEDEPLOY_PREFIX "CreateDeploymentGroup",
    GetDeploymentGroup = CODEDEPLOY_PREFIX "GetDeploymentGroup",
    BatchGetDeploymentGroups = CODEDEPLOY_PREFIX "BatchGetDeploymentGroups",
    ListDeploymentGroups = CODEDEPLOY_PREFIX "ListDeploymentGroups",
    UpdateDeploymentGroup = CODEDEPLOY_PREFIX "UpdateDeploymentGroup",
    DeleteDeploymentGroup = CODEDEPLOY_PREFIX "DeleteDeploymentGroup",

    RegisterApplicationRevision = CODEDEPLOY_PREFIX "RegisterApplicationRevision",
    GetApplicationRevision = CODEDEPLOY_PREFIX "GetApplicationRevision",
    BatchGetApplicationRevisions = CODEDEPLOY_PREFIX "BatchGetApplicationRevisions",
    ListApplicationRevisions = CODEDEPLOY_PREFIX "ListApplicationRevisions",

    CreateDeployment = CODEDEPLOY_PREFIX "CreateDeployment",
    GetDeployment = CODEDEPLOY_PREFIX "GetDeployment",
    BatchGetDeployments = CODEDEPLOY_PREFIX "BatchGetDeployments",
    ListDeployments = CODEDEPLOY_PREFIX "ListDeployments",
    StopDeployment = CODEDEPLOY_PREFIX "StopDeployment",
    ContinueDeployment = CODEDEPLOY_PREFIX "ContinueDeployment",
    SkipWaitTimeForInstanceTermination = CODEDEPLOY_PREFIX "SkipWaitTimeForInstanceTermination",
    DeleteResourcesByExternalId = CODEDEPLOY_PREFIX "DeleteResourcesByExternalId",

    ListDeploymentTargets = CODEDEPLOY_PREFIX "ListDeploymentTargets",
    GetDeploymentTarget = CODEDEPLOY_PREFIX "GetDeploymentTarget",
    BatchGetDeploymentTargets = CODEDEPLOY_PREFIX "BatchGetDeploymentTargets",
    ListDeploymentInstances = CODEDEPLOY_PREFIX "ListDeploymentInstances",
    GetDeploymentInstance = CODEDEPLOY_PREFIX "GetDeploymentInstance",
    BatchGetDeploymentInstances = CODEDEPLOY_PREFIX "BatchGetDeploymentInstances",
    PutLifecycleEventHookExecutionStatus = CODEDEPLOY_PREFIX "PutLifecycleEventHookExecutionStatus",

    RegisterOnPremisesInstance = CODEDEPLOY_PREFIX "RegisterOnPremisesInstance",
    DeregisterOnPremisesInstance = CODEDEPLOY_PREFIX "DeregisterOnPremisesInstance",
    GetOnPremisesInstance = CODEDEPLOY_PREFIX "GetOnPremisesInstance",
    BatchGetOnPremisesInstances = CODEDEPLOY_PREFIX "BatchGetOnPremisesInstances",
    ListOnPremisesInstances = CODEDEPLOY_PREFIX "ListOnPremisesInstances",
    AddTagsToOnPremisesInstances = CODEDEPLOY_PREFIX "AddTagsToOnPremisesInstances",
    RemoveTagsFromOnPremisesInstances = CODEDEPLOY_PREFIX "RemoveTagsFromOnPremisesInstances",

    ListGitHubAccountTokenNames = CODEDEPLOY_PREFIX "ListGitHubAccountTokenNames",
    DeleteGitHubAccountToken = CODEDEPLOY_PREFIX "DeleteGitHubAccountToken",

    TagResource = CODEDEPLOY_PREFIX "TagResource",
    UntagResource = CODEDEPLOY_PREFIX "UntagResource",
    ListTagsForResource = CODEDEPLOY_PREFIX "ListTagsForResource",

    /// Ours: what CreateDeployment would do, and what speaks against it.
    PlanDeployment = OWN_PREFIX "PlanDeployment",
    /// Ours: everything known about one deployment.
    DescribeDeployment = OWN_PREFIX "DescribeDeployment",
    /// Ours: deployments with their targets and outcomes, newest first.
    DescribeDeployments = OWN_PREFIX "ListDeployments",
    /// Ours: what is live on a target, and what was deployed there.
    DescribeTarget = OWN_PREFIX "DescribeTarget",
    /// Ours: the deployment groups that services of ECS belong to.
    DescribeServiceGroups = OWN_PREFIX "DescribeServiceGroups",
    /// Ours: what a deployment group says about the order of its deployments.
    GetGroupPolicy = OWN_PREFIX "GetGroupPolicy",
    /// Ours: change that.
    PutGroupPolicy = OWN_PREFIX "PutGroupPolicy",
    /// Ours: the deployment that brings a target back to what it had before.
    PlanUndo = OWN_PREFIX "PlanUndo",
    /// Ours: finish the job of a deployment that could not put the traffic back.
    RepairDeployment = OWN_PREFIX "RepairDeployment",
}

impl Operation {
    /// Reads `X-Amz-Target`.
    pub fn from_target(target: &str) -> Option<Self> {
        let (prefix, name) = target.split_once('.')?;
        Self::TABLE.iter().find(|row| row.0 == prefix && row.1 == name).map(|row| row.2)
    }

    /// As `X-Amz-Target` has it: prefix, point, name.
    pub fn target(self) -> String {
        format!("{}.{}", self.prefix(), self.name())
    }

    /// Whether the model has an answer for it. Where it has none, an answer in CBOR has no body.
    pub fn has_output(self) -> bool {
        !matches!(
            self,
            Self::AddTagsToOnPremisesInstances
                | Self::ContinueDeployment
                | Self::DeleteApplication
                | Self::DeleteDeploymentConfig
                | Self::DeregisterOnPremisesInstance
                | Self::RegisterApplicationRevision
                | Self::RegisterOnPremisesInstance
                | Self::RemoveTagsFromOnPremisesInstances
                | Self::SkipWaitTimeForInstanceTermination
                | Self::UpdateApplication
        )
    }
}

impl fmt::Display for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_operation_is_known_by_its_prefix_and_name_only() {
        assert_eq!(Operation::from_target("CodeDeploy_20141006.GetDeployment"), Some(Operation::GetDeployment));
        assert_eq!(Operation::from_target("Tideshift.ListDeployments"), Some(Operation::DescribeDeployments));
        for unknown in ["GetDeployment", "Tideshift.GetDeployment", "CodeDeploy_20141006.", "", "a.b.c"] {
            assert_eq!(Operation::from_target(unknown), None, "{unknown}");
        }
    }

    #[test]
    fn an_operation_is_found_by_what_it_is_called_by() {
        for (_, _, operation) in Operation::TABLE {
            assert_eq!(Operation::from_target(&operation.target()), Some(*operation));
        }
    }

    #[test]
    fn all_47_operations_of_the_model_are_known_and_nine_of_ours() {
        let count = |prefix| Operation::TABLE.iter().filter(|row| row.0 == prefix).count();
        assert_eq!((count(CODEDEPLOY_PREFIX), count(OWN_PREFIX)), (47, 9));
    }
}
