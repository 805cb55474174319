//! What must agree: manifests with the rules of the house, the state machine with the code, the template with both.

#![expect(clippy::panic, clippy::unwrap_used, reason = "a test that cannot read what it compares fails")]

mod action;
mod botocore;
mod budget;
mod citations;
mod documents;
mod files;
mod golden;
mod house;
mod imports;
mod machine;
mod platforms;
mod sizes;
mod template;
mod tokens;
