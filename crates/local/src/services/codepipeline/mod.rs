//! CodePipeline, as far as deployments are started by it: pipelines with a source in S3, and invoke actions on Lambda and Step
//! Functions. moto keeps pipelines too, but runs none and has no jobs.
//!
//! A pipeline acts as a client of the stack's own endpoint, with credentials of its role: what the role does not allow is refused by
//! `iam`, as for functions. `declaration` is what a user writes, `shape` and `structure` say what is wrong with it, by `providers`. `book`
//! keeps pipelines and executions, `run` carries one out, with a file for each kind of action; `jobs` is what functions answer to.
//! Texts of refusals are AWS's where they are known (docs/codedeploy-contract.md 10.4).

mod action;
mod artifacts;
mod book;
mod declaration;
mod execution;
mod invoke;
mod jobs;
mod listing;
mod operations;
mod providers;
mod refusal;
mod results;
mod run;
mod service;
mod shape;
mod source;
mod states;
mod structure;
mod variables;

pub(crate) use self::book::Book;
pub(crate) use self::service::CodePipeline;
