//! The Lambda host: resolves a name to a version, finds or starts a process for it, and hands it the event.

mod code;
mod extensions_api;
mod host;
mod invoke;
mod layers;
mod log;
mod places;
mod route;
mod runtime_api;
mod states;
mod worker;

pub(crate) use code::CodeStore;
pub(crate) use host::{Host, Settings};
pub(crate) use invoke::Outcome;
pub(crate) use places::account_settings;
pub(crate) use route::{Target, pick};
pub(crate) use states::{Order, States};
