//! The steps over the fakes: whole deployments, told as stories, and the promises of the design held against every fault.

// The largest input of the API is one JSON literal.
#![recursion_limit = "512"]

mod client;
mod promises;
mod story;

mod breakage;
mod rollouts;

mod api_applications;
mod api_configs;
mod api_effective;
mod api_groups;
mod api_instances;
mod api_malformed;
mod api_revisions;
mod api_tags;
