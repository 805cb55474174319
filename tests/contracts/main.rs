//! What must agree: manifests with the rules of the house, the state machine with the code, the template with both.

#![expect(clippy::panic, clippy::unwrap_used, reason = "a test that cannot read what it compares fails")]

mod botocore;
mod budget;
mod citations;
mod documents;
mod files;
mod golden;
mod house;
mod imports;
// The command line links nothing of the stack, and nothing can link a program: so its numbers are read where they stand.
#[path = "../../crates/cli/src/watch/limits.rs"]
mod limits;
mod machine;
mod platforms;
mod template;
mod tokens;
