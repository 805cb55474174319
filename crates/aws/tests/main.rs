//! The adapters, down to the HTTP they speak: what is sent, and what is made of the answers.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod wire;

mod aliases;
mod failures;
mod hooks;
mod listeners;
mod listing;
mod machine;
mod objects;
mod parameters;
mod pipelines;
mod routes;
mod services;
mod table;
mod task_sets;
mod versions;
