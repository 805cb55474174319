//! Lambda: moto keeps functions and versions, here they run. What a name means is looked up, a process for it found or started, and
//! handed the event. Aliases have revisions and weights, versions states, and provisioned concurrency is made.

mod alias;
mod code;
mod dead_letters;
mod deliver;
mod extensions_api;
mod failure;
mod functions;
mod host;
mod invocation;
mod invoke;
mod layers;
mod log;
mod provisioned;
mod route;
mod runtime_api;
mod service;
mod slots;
mod states;
mod tags;
mod worker;

pub(crate) use deliver::deliver;
pub(crate) use functions::Functions;
pub(crate) use host::{Host, Settings, retire};
pub(crate) use service::Lambda;
pub(crate) use states::Order;
pub(crate) use tags::FunctionTags;
