//! What a job of CodePipeline asks for, and what it is answered: the rules of the Lambda invoke action (docs/codedeploy-contract.md 10.1).
//!
//! Reading order: how a job fails ([`fault`]); what a user wrote ([`parameters`]) and what the files of artifacts say ([`archive`],
//! [`file`], [`version`], [`images`], [`taskdef`], [`spec`]); what is said of a deployment ([`report`], [`access`]); and how the pipeline asks
//! again ([`token`], [`silence`]).

pub mod access;
pub mod archive;
pub mod fault;
pub mod file;
pub mod images;
mod json;
pub mod parameters;
mod placeholder;
pub mod report;
pub mod silence;
pub mod spec;
pub mod taskdef;
pub mod token;
pub mod version;

pub use fault::{FailureType, Fault};
pub use placeholder::TASK_DEFINITION;
