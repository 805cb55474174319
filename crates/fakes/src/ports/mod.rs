//! How the world answers the ports of the steps, each as the service behind it does.

pub(crate) mod alarms;
mod catalogue;
mod executions;
mod functions;
mod listeners;
mod objects;
mod parameters;
mod pipelines;
mod services;
mod table;
mod time;
