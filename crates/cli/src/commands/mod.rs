//! The commands, one file each. A command asks the stack, answers on the console, and says how it ends.

pub(crate) mod completions;
pub(crate) mod continue_;
pub(crate) mod deploy;
pub(crate) mod doctor;
pub(crate) mod group;
pub(crate) mod list;
pub(crate) mod logs;
pub(crate) mod man;
pub(crate) mod plan;
pub(crate) mod proxy;
pub(crate) mod repair;
pub(crate) mod status;
pub(crate) mod stop;
pub(crate) mod undo;

#[cfg(test)]
mod tests;
