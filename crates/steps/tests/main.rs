//! The steps over the fakes: whole deployments, told as stories, and the promises of the design held against every fault.

// The largest input of the API is one JSON literal.
#![recursion_limit = "512"]
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on has failed")]

mod client;
mod encodings;
mod promises;
mod stories;
mod story;

mod appspecs_in_s3;
mod groups;
mod orphans;
mod outputs;
mod queues;
mod rollouts;
mod starts;
mod undo;

mod alarms;
mod callable;
mod hooks;
mod journal;
mod pauses;
mod secrets;
mod stops;
mod warm;

mod api;
mod api_applications;
mod api_configs;
mod api_effective;
mod api_groups;
mod api_groups_ecs;
mod api_instances;
mod api_malformed;
mod api_revisions;
mod api_tags;

mod ecs;

mod barred;
mod pipeline;

mod breakage;
mod late;
mod races;
