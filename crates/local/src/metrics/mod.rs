//! Metrics of what runs here, with AWS's names and dimensions: `AWS/Lambda` of users' functions, call by call, and
//! `AWS/ApplicationELB` of the load balancers, request by request.
//!
//! Kept here one by one, so that alarms see them at once; once a second the sums also go to moto, where
//! `GetMetricStatistics` finds them.

mod book;
mod call;
mod dimensions;
mod request;

pub(crate) use self::book::{Metrics, Sample};
pub(crate) use self::call::Call;
pub(crate) use self::request::Request;
