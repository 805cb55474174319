//! The use cases: one module a function, and the ports they ask for.
//!
//! A step reads what it needs through ports, asks the core ([`rollout`]) what that means, and does it. It holds no rule of
//! its own and knows no AWS type.
//!
//! Reading order: what steps ask for ([`ports`], [`powers`], [`error`]), what they share ([`change`], [`interrupt`], [`opening`], [`drift`],
//! [`replacement`], [`targets`], [`request`], [`facts`]), how open deployments are found out about and ended ([`owner`], [`recovery`],
//! [`orphan`], [`target_lock`]), what the names in a request mean ([`configs`], [`revisions`], [`source`], [`lookup`],
//! [`effective`], [`group`]), and the functions of the state machines.

pub mod error;
pub mod ports;
pub mod powers;

pub mod change;
pub mod drift;
pub mod facts;
pub mod interrupt;
mod journal;
pub mod opening;
pub mod orphan;
pub mod owner;
pub mod recovery;
mod replacement;
pub mod request;
pub mod target_lock;
pub mod targets;
mod telling;
mod warm;

mod answering;
pub mod configs;
pub mod effective;
pub mod queue;

pub mod group;
pub mod lookup;
pub mod place;
mod platforms;
mod turn;

pub mod revisions;
pub mod source;

pub mod commit;
pub mod finish;
pub mod guard;
pub mod hook;
pub mod prepare;
pub mod rollback;
pub mod service;
pub mod shift;

pub mod api;
pub mod hook_status;
pub mod on_alarm;
pub mod on_execution;
pub mod on_pipeline_job;
pub mod sweep;
pub mod use_cases;
