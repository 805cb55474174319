//! The promises, one story a test, over the local stack with the real binaries, state machine and template.

mod alarms;
mod bad_input;
mod burst;
mod clients;
mod clients_boto3;
mod clients_ecs;
mod clients_services;
mod command_line;
mod documents;
mod faults;
mod hooks;
mod local_stack;
mod local_strictness;
mod orphans;
mod rollouts;
mod secrets;
mod service_bad_input;
mod service_drift;
mod service_failures;
mod service_install;
mod service_late;
mod service_outages;
mod service_test_listener;
mod service_waits;
mod services;
mod stops;
