//! The structures. Casing is the model's, its traps included: `Key` and `Value` of tags, `ResourceArn`, `Pending`, `identifer`
//! (docs/codedeploy-contract.md 1.6).
//!
//! Every member is optional, because which of them must be there is a rule with an error of its own. A member that is null is
//! not there. A member that CodeDeploy does not have is ignored, as AWS does it: a client may be newer than this. Which ones those
//! are is known to [`unknown`](crate::unknown), so that a misspelt alarm configuration is not ignored silently.

macro_rules! shapes {
    ($($(#[$meta:meta])* $name:ident { $($(#[$field_meta:meta])* $field:ident: $type:ty,)* })*) => {$(
        #[derive(Debug, Clone, Default, PartialEq, serde::Serialize, serde::Deserialize)]
        $(#[$meta])*
        #[serde(default, rename_all = "camelCase")]
        #[expect(missing_docs, reason = "the members are the API's")]
        pub struct $name {
            $($(#[$field_meta])* #[serde(skip_serializing_if = "Option::is_none")] pub $field: Option<$type>,)*
        }
    )*};
}

mod application;
mod config;
mod deployment;
mod group;
mod instance;
mod lists;
mod revision;
mod tag;
mod target;

pub use application::*;
pub use config::*;
pub use deployment::*;
pub use group::*;
pub use instance::*;
pub use revision::*;
pub use tag::*;
pub use target::*;

#[cfg(test)]
mod tests;
