//! The local stack: one endpoint that plays AWS on this machine, without an account and without containers.
//!
//! [`Stack::start`] sets up a Python environment, starts [moto](https://docs.getmoto.org) as the AWS behind everything,
//! creates the very `template.yaml` that is deployed, and answers on one port. What moto has, moto answers; what AWS
//! has and moto lacks is added in `services`, by service. The `router` asks IAM and the [`faults`], and then has the service
//! answer that claims a request; what none claims is moto's. `wiring` says who gets what: a service has the handles it
//! needs and no others. What happened is on record ([`observed`]).

mod arn;
mod call;
mod cbor;
mod children;
pub mod client;
mod clock;
pub mod error;
pub mod faults;
mod guarded;
pub mod health;
mod http;
mod job_times;
mod memory;
pub mod meter;
mod metrics;
mod moto;
mod objects;
pub mod observed;
pub mod provision;
pub mod python;
mod router;
pub mod sample;
mod service;
mod services;
mod stack;
pub mod traffic;
mod wildcard;
mod wire;
mod wiring;

pub use client::{Client, InvokeResult, Page};
pub use error::LocalError;
pub use job_times::JobTimes;
pub use objects::Object;
pub use stack::{CONCURRENCY, Options, Stack};
