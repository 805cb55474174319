//! The actions that are played here (docs/codedeploy-contract.md 10.1, 10.2, 10.4).

use std::ops::RangeInclusive;

use super::declaration::{Action, ActionType};

/// What carries an action out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Provider {
    /// Source/S3.
    S3,
    /// Invoke/Lambda.
    Lambda,
    /// Invoke/StepFunctions.
    StepFunctions,
}

/// What one takes.
pub(super) struct Row {
    pub(super) provider: Provider,
    pub(super) category: &'static str,
    pub(super) name: &'static str,
    pub(super) required: &'static [&'static str],
    pub(super) optional: &'static [&'static str],
    pub(super) inputs: RangeInclusive<usize>,
    pub(super) outputs: RangeInclusive<usize>,
}

const ROWS: [Row; 3] = [
    Row {
        provider: Provider::S3,
        category: "Source",
        name: "S3",
        required: &["S3Bucket", "S3ObjectKey"],
        optional: &["PollForSourceChanges", "AllowOverrideForS3ObjectKey"],
        inputs: 0..=0,
        outputs: 1..=1,
    },
    Row {
        provider: Provider::Lambda,
        category: "Invoke",
        name: "Lambda",
        required: &["FunctionName"],
        optional: &["UserParameters"],
        inputs: 0..=5,
        outputs: 0..=5,
    },
    Row {
        provider: Provider::StepFunctions,
        category: "Invoke",
        name: "StepFunctions",
        required: &["StateMachineArn"],
        optional: &["ExecutionNamePrefix", "InputType", "Input"],
        inputs: 0..=1,
        outputs: 0..=1,
    },
];

/// What the local stack plays, for whoever asked for something else.
pub(super) const PLAYED: &str =
    "the local stack plays the actions Source/S3, Invoke/Lambda and Invoke/StepFunctions of AWS, version 1";

impl Row {
    /// That of a kind of action, where it is played.
    pub(super) fn of(kind: &ActionType) -> Option<&'static Self> {
        let is = |row: &&Row| row.category == kind.category && row.name == kind.provider;
        ROWS.iter().find(is).filter(|_| kind.owner == "AWS" && kind.version == "1")
    }
}

impl Action {
    /// What carries it out.
    pub(super) fn provider(&self) -> Option<Provider> {
        Row::of(&self.action_type_id).map(|row| row.provider)
    }

    /// A value of its configuration.
    pub(super) fn setting(&self, key: &str) -> Option<&str> {
        self.configuration.get(key).map(String::as_str)
    }
}
