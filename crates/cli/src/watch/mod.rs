//! Watching a deployment: what changed between two looks, how it is drawn, and the loop that looks.

pub(crate) mod bar;
pub(crate) mod changes;
mod ending;
pub(crate) mod follow;
mod limits;
mod screen;
