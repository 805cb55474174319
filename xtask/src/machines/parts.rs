//! The parts, as they are written: several to a file, each once.
//!
//! ```yaml
//! commit:
//!   # What the part is, for whoever reads it here.
//!   parameters:
//!     next: what this parameter says
//!   text:
//!     # What goes into the definition, comments included.
//!     Commit:
//!       Type: Pass
//!       Next: <next>
//! ```
//!
//! `parameters` may be left out. Each parameter must occur in the text.

use std::collections::BTreeMap;

use super::fault::{Fault, Line, Place, without_blank_ends};
use super::source::Source;

/// How far the text of a part stands to the right.
const TEXT: usize = 4;

/// One part.
#[derive(Debug)]
pub(super) struct Part<'a> {
    pub(super) place: Place<'a>,
    parameters: Vec<(&'a str, Place<'a>)>,
    /// Moved to the left.
    text: Vec<Line<'a>>,
}

impl<'a> Part<'a> {
    pub(super) fn parameters(&self) -> impl Iterator<Item = &'a str> {
        self.parameters.iter().map(|(name, _)| *name)
    }

    pub(super) fn text(&self) -> &[Line<'a>] {
        without_blank_ends(&self.text)
    }

    /// Takes in a parameter's line.
    fn declare(&mut self, line: Line<'a>) -> Result<(), Fault> {
        match line.named() {
            Some((_, "")) => Err(line.place.fault("say what the parameter is")),
            Some((name, _)) if self.parameters().any(|declared| declared == name) => {
                Err(line.place.fault(format!("the parameter {name} is declared twice")))
            }
            Some((name, _)) => {
                self.parameters.push((name, line.place));
                Ok(())
            }
            None => Err(line.place.fault("a parameter is declared as `name: what it says`")),
        }
    }

    /// That it says something, with every parameter.
    fn check(&self, name: &str) -> Result<(), Fault> {
        if self.text().is_empty() {
            return Err(self.place.fault(format!("the part {name} has no text")));
        }
        for (parameter, place) in &self.parameters {
            let hole = format!("<{parameter}>");
            if !self.text.iter().any(|line| line.text.contains(&hole)) {
                return Err(place.fault(format!("the part {name} does not use its parameter {parameter}")));
            }
        }
        Ok(())
    }
}

/// All parts, by name.
#[derive(Debug)]
pub(super) struct Parts<'a>(BTreeMap<&'a str, Part<'a>>);

/// What the lines of a file are about.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Section {
    Head,
    Parameters,
    Text,
}

impl<'a> Parts<'a> {
    /// Reads files of parts.
    ///
    /// # Errors
    ///
    /// What is written in another way than the module says.
    pub(super) fn read(sources: &'a [Source]) -> Result<Self, Fault> {
        let mut parts = Self(BTreeMap::new());
        for source in sources {
            parts.read_file(source)?;
        }
        for (name, part) in parts.all() {
            part.check(name)?;
        }
        Ok(parts)
    }

    pub(super) fn get(&self, name: &str) -> Option<&Part<'a>> {
        self.0.get(name)
    }

    pub(super) fn all(&self) -> impl Iterator<Item = (&'a str, &Part<'a>)> {
        self.0.iter().map(|(name, part)| (*name, part))
    }

    fn read_file(&mut self, source: &'a Source) -> Result<(), Fault> {
        let mut current: Option<(&'a str, Section)> = None;
        for line in Line::all(source) {
            let section = current.map_or(Section::Head, |(_, section)| section);
            let indent = line.indent();
            match current.and_then(|(name, _)| self.0.get_mut(name)) {
                Some(part) if section == Section::Text && (line.is_blank() || indent >= TEXT) => {
                    part.text.push(line.moved_left(TEXT));
                }
                _ if line.is_blank() || line.is_comment() => {}
                Some(part) if section == Section::Parameters && indent == 4 => part.declare(line)?,
                _ => current = Some(self.headline(line, current)?),
            }
        }
        Ok(())
    }

    /// A line that begins a part, or a section of one.
    fn headline(&mut self, line: Line<'a>, current: Option<(&'a str, Section)>) -> Result<(&'a str, Section), Fault> {
        match (line.indent(), line.named(), current) {
            (0, Some((name, "")), _) => {
                let part = Part { place: line.place, parameters: Vec::new(), text: Vec::new() };
                match self.0.insert(name, part) {
                    None => Ok((name, Section::Head)),
                    Some(Part { place: Place { path, line: at }, .. }) => {
                        Err(line.place.fault(format!("the part {name} is written in {path}, line {at}, already")))
                    }
                }
            }
            (2, Some(("parameters", "")), Some((name, Section::Head))) => Ok((name, Section::Parameters)),
            (2, Some(("text", "")), Some((name, Section::Head | Section::Parameters))) => Ok((name, Section::Text)),
            _ => Err(line.place.fault("a part is `name:`, perhaps `  parameters:`, and `  text:`; this is neither")),
        }
    }
}
