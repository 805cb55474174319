//! The operations, in one place.

use std::fmt;

/// The prefix of `X-Amz-Target` that CodeDeploy's clients send.
pub const CODEDEPLOY_PREFIX: &str = "CodeDeploy_20141006";

/// The prefix for what CodeDeploy has no operation for.
pub const OWN_PREFIX: &str = "Tideshift";

/// What a caller asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names are the API's")]
pub enum Operation {
    CreateDeployment,
    GetDeployment,
    ListDeployments,
    StopDeployment,
    ContinueDeployment,
    PutLifecycleEventHookExecutionStatus,
    /// Ours: what CreateDeployment would do, and what speaks against it.
    PlanDeployment,
    /// Ours: everything known about one deployment.
    DescribeDeployment,
    /// Ours: deployments with their targets and outcomes, newest first.
    DescribeDeployments,
    /// Ours: finish the job of a deployment that could not put the traffic back.
    RepairDeployment,
}

impl Operation {
    /// Every operation with the prefix and name it is called by.
    pub const TABLE: [(&'static str, &'static str, Self); 10] = [
        (CODEDEPLOY_PREFIX, "CreateDeployment", Self::CreateDeployment),
        (CODEDEPLOY_PREFIX, "GetDeployment", Self::GetDeployment),
        (CODEDEPLOY_PREFIX, "ListDeployments", Self::ListDeployments),
        (CODEDEPLOY_PREFIX, "StopDeployment", Self::StopDeployment),
        (CODEDEPLOY_PREFIX, "ContinueDeployment", Self::ContinueDeployment),
        (CODEDEPLOY_PREFIX, "PutLifecycleEventHookExecutionStatus", Self::PutLifecycleEventHookExecutionStatus),
        (OWN_PREFIX, "PlanDeployment", Self::PlanDeployment),
        (OWN_PREFIX, "DescribeDeployment", Self::DescribeDeployment),
        (OWN_PREFIX, "ListDeployments", Self::DescribeDeployments),
        (OWN_PREFIX, "RepairDeployment", Self::RepairDeployment),
    ];

    /// Reads `X-Amz-Target`.
    pub fn from_target(target: &str) -> Option<Self> {
        let (prefix, name) = target.split_once('.')?;
        Self::TABLE.iter().find(|row| row.0 == prefix && row.1 == name).map(|row| row.2)
    }
}

impl fmt::Display for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = Self::TABLE.iter().find(|row| row.2 == *self).map_or("", |row| row.1);
        f.write_str(name)
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
}
