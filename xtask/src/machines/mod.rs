//! The state machines: each is written from a platform's file and the parts that all of them share.
//!
//! `statemachine/lambda.yaml` becomes `statemachine/lambda.asl.yaml`, and so on. What is made of it is text, line by line, so
//! that comments and the shape of the lines stay as they were written. In a platform's file and in the text of a part
//!
//! - a line `use NAME` stands for the part of this name. `use NAME:` hands it arguments, each in a deeper line of its own:
//!   `parameter: value`, where the value is the rest of the line, whatever is in it, or `parameter:` before lines that are
//!   deeper yet. Comments between arguments are for readers of the source, and are left out;
//! - `<name>` stands for the value of a parameter of the part, or for a part without parameters. Where a value has several
//!   lines, each begins where the line begins that names it.
//!
//! See [`parts`] for how a part is written.

mod fault;
mod parts;
mod source;
#[cfg(test)]
mod tests;
mod weave;

use std::fs;
use std::path::Path;

use crate::screen::Screen;
use fault::Fault;
use parts::Parts;
use source::{Source, sources};
use weave::Weaver;

/// Where everything lies, from the project's root.
const FOLDER: &str = "statemachine";
/// How the name of a definition ends.
const DEFINITION: &str = ".asl.yaml";
/// What is to be done about a definition that its parts do not make.
const REMEDY: &str = "run cargo xtask machines";

/// Options of `cargo xtask machines`.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// Write nothing; fail where a definition is not what its parts make.
    #[arg(long)]
    check: bool,
}

/// Writes the definitions, or looks whether they are as they would be written.
pub(crate) fn run(root: &Path, arguments: &Arguments, screen: &Screen) -> Result<(), String> {
    if arguments.check {
        return check(root);
    }
    for Source { path, text } in made(root)? {
        fs::write(root.join(&path), text).map_err(|error| format!("{path} cannot be written: {error}"))?;
        screen.say(&format!("{path} is written"));
    }
    Ok(())
}

/// Fails where a definition is not what its parts make.
pub(crate) fn check(root: &Path) -> Result<(), String> {
    let made = made(root)?;
    for there in sources(root, FOLDER)?.into_iter().filter(|source| source.path.ends_with(DEFINITION)) {
        if !made.iter().any(|definition| definition.path == there.path) {
            return Err(format!("{} is made of nothing: remove it", there.path));
        }
    }
    for Source { path, text } in made {
        let there = fs::read_to_string(root.join(&path)).map_err(|error| format!("{path}: {error}; {REMEDY}"))?;
        if let Some(line) = first_difference(&there, &text) {
            return Err(format!("{path}, line {line}: this is not what the parts make; {REMEDY}"));
        }
    }
    Ok(())
}

/// The first line, counted from one, in which two texts differ.
fn first_difference(one: &str, other: &str) -> Option<usize> {
    if one == other {
        return None;
    }
    let same = one.lines().zip(other.lines()).take_while(|(one, other)| one == other).count();
    Some(same + 1)
}

/// Every definition, as its parts make it.
fn made(root: &Path) -> Result<Vec<Source>, String> {
    let parts = sources(root, &format!("{FOLDER}/parts"))?;
    let mut platforms = sources(root, FOLDER)?;
    platforms.retain(|source| !source.path.ends_with(DEFINITION));
    definitions(&platforms, &parts).map_err(|fault| fault.to_string())
}

/// The definitions of some platforms, made of parts.
fn definitions(platforms: &[Source], parts: &[Source]) -> Result<Vec<Source>, Fault> {
    let parts = Parts::read(parts)?;
    let mut weaver = Weaver::new(&parts);
    let mut made = Vec::new();
    for platform in platforms {
        let name = platform.path.trim_start_matches(FOLDER).trim_start_matches('/');
        let note =
            format!("# Written by `cargo xtask machines` from {name} and parts/. Change those, and run it.\n#\n");
        let path = format!("{}{DEFINITION}", platform.path.trim_end_matches(".yaml"));
        made.push(Source { path, text: note + &weaver.weave(platform)? });
    }
    weaver.finish()?;
    Ok(made)
}
