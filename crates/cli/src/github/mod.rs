//! GitHub Actions, where this program runs in a job of it: what it tells the runner beside the log.
//!
//! `job` says where that goes, `command` writes the lines that the runner reads, `outputs` and `summary` what is appended to its
//! files, and `report` does all of it at the right moments.

pub(crate) mod command;
pub(crate) mod job;
mod markdown;
mod outputs;
pub(crate) mod report;
mod summary;
