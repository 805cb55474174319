//! What must agree: manifests with the rules of the house, the state machine with the code, the template with both.

mod budget;
mod files;
mod house;
mod machine;
mod template;
mod yaml;
