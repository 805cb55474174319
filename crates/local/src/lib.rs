//! The local stack: one endpoint that plays AWS on this machine, without an account and without containers.
//!
//! [`Stack::start`] sets up a Python environment, starts [moto](https://docs.getmoto.org) as the AWS behind everything,
//! creates the very `template.yaml` that is deployed, and answers on one port. What moto has, moto answers; what AWS
//! has and moto lacks is added here, one file each: functions that run (`lambda`), alias revisions and weights
//! (`alias`), provisioned concurrency (`provisioned`), metrics and alarms (`metrics`, `alarms`, `log_alarms`), delivery of events
//! (`events`), status events of executions (`executions`), role policies that are enforced (`iam`), CloudWatch's CBOR
//! protocol (`cbor`), and the logs of what functions print (`printed`). ECS services with task sets
//! whose tasks are processes (`ecs`), load balancers that forward to them (`elb`). CodeDeploy is the stack's own `api`
//! function (`door`). Faults can be ordered ([`faults`]), and what happened is on record ([`observed`]).

mod alarms;
mod alias;
mod arn;
mod call;
mod cbor;
mod children;
pub mod client;
mod clock;
mod dead_letters;
mod door;
mod ecs;
mod elb;
mod elsewhere;
pub mod error;
mod events;
mod executions;
pub mod faults;
mod gateway;
mod guarded;
mod http;
mod iam;
mod lambda;
mod log_alarms;
pub mod meter;
mod metrics;
mod moto;
pub mod observed;
mod pattern;
mod printed;
pub mod provision;
mod provisioned;
mod proxy;
pub mod python;
pub mod sample;
mod schedules;
mod stack;
pub mod traffic;
mod wildcard;
mod wire;

pub use client::{Client, InvokeResult, Page};
pub use error::LocalError;
pub use stack::{CONCURRENCY, Options, Stack};
