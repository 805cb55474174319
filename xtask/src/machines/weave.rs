//! Puts the parts where they are used.

use std::collections::{BTreeMap, BTreeSet};

use super::fault::{Fault, Line, Place, is_name, without_blank_ends};
use super::parts::{Part, Parts};
use super::source::Source;

/// What a part is handed: the lines of each parameter's value.
type Scope<'a> = BTreeMap<&'a str, Vec<String>>;

/// Makes machines of parts, and knows which parts they used.
pub(super) struct Weaver<'p, 'a> {
    parts: &'p Parts<'a>,
    used: BTreeSet<&'a str>,
    /// The parts that the line at hand is in, from the outermost.
    inside: Vec<String>,
}

impl<'p, 'a> Weaver<'p, 'a> {
    pub(super) fn new(parts: &'p Parts<'a>) -> Self {
        Self { parts, used: BTreeSet::new(), inside: Vec::new() }
    }

    /// What a platform's file becomes.
    ///
    /// # Errors
    ///
    /// What it, or a part, uses and is not there; what is handed and not wanted, or wanted and not handed.
    pub(super) fn weave(&mut self, platform: &Source) -> Result<String, Fault> {
        let lines: Vec<_> = Line::all(platform).collect();
        let woven = self.lines(without_blank_ends(&lines), &Scope::new())?;
        Ok(woven.iter().flat_map(|line| [line.as_str(), "\n"]).collect())
    }

    /// That no part lies about unused.
    pub(super) fn finish(self) -> Result<(), Fault> {
        match self.parts.all().find(|(name, _)| !self.used.contains(name)) {
            Some((name, part)) => Err(part.place.fault(format!("nothing uses the part {name}"))),
            None => Ok(()),
        }
    }

    fn lines(&mut self, lines: &[Line<'_>], scope: &Scope<'_>) -> Result<Vec<String>, Fault> {
        let mut woven = Vec::new();
        let mut rest = lines;
        while let Some((line, below)) = rest.split_first() {
            rest = below;
            match used(*line)? {
                None => woven.extend(self.filled(*line, scope)?),
                Some(Use { name, is_handed_something }) => {
                    let deeper = if is_handed_something { deeper(below, line.indent()) } else { 0 };
                    let (handed, below) = below.split_at(deeper);
                    rest = below;
                    let arguments = self.arguments(handed, scope)?;
                    let text = self.part(name, &arguments, line.place)?;
                    woven.extend(text.iter().map(|text| moved_right(text, line.indent())));
                }
            }
        }
        Ok(woven)
    }

    /// The text of a part that is handed some arguments.
    fn part(&mut self, name: &str, arguments: &[Argument<'_>], place: Place<'_>) -> Result<Vec<String>, Fault> {
        let parts = self.parts;
        let Some((name, part)) = parts.all().find(|(known, _)| *known == name) else {
            return Err(place.fault(format!("there is no part {name}")));
        };
        let mut scope = Scope::new();
        for argument in arguments {
            if !part.parameters().any(|parameter| parameter == argument.name) {
                return Err(argument.place.fault(format!("the part {name} has no parameter {}", argument.name)));
            }
            if scope.insert(argument.name, argument.value.clone()).is_some() {
                return Err(argument.place.fault(format!("{} is said twice", argument.name)));
            }
        }
        if let Some(missing) = part.parameters().find(|parameter| !scope.contains_key(parameter)) {
            return Err(place.fault(format!("the part {name} wants to know its {missing}")));
        }
        self.entered(name, part, &scope, place)
    }

    fn entered(
        &mut self,
        name: &'a str,
        part: &Part<'a>,
        scope: &Scope<'_>,
        place: Place<'_>,
    ) -> Result<Vec<String>, Fault> {
        if self.inside.iter().any(|outer| outer == name) {
            return Err(place.fault(format!("the part {name} is used inside of itself")));
        }
        self.used.insert(name);
        self.inside.push(name.to_owned());
        let text = self.lines(part.text(), scope);
        self.inside.pop();
        text
    }

    /// The arguments in the lines below a use.
    fn arguments<'l>(&mut self, lines: &[Line<'l>], scope: &Scope<'_>) -> Result<Vec<Argument<'l>>, Fault> {
        let mut arguments = Vec::new();
        let mut rest = lines;
        while let Some((line, below)) = rest.split_first() {
            rest = below;
            if line.is_blank() || line.is_comment() {
                continue;
            }
            let (name, value) =
                line.named().ok_or_else(|| line.place.fault("an argument is `parameter: value`, or lines below it"))?;
            let (block, below) = below.split_at(deeper(below, line.indent()));
            rest = below;
            let value = match (value, without_blank_ends(block)) {
                ("", []) => return Err(line.place.fault(format!("{name} has no value"))),
                ("", block) => {
                    let left = block.iter().filter(|line| !line.is_blank()).map(|line| line.indent()).min();
                    let block: Vec<_> = block.iter().map(|line| line.moved_left(left.unwrap_or(0))).collect();
                    self.lines(&block, scope)?
                }
                (value, []) => self.filled(Line { text: value, ..*line }, scope)?,
                (_, [more, ..]) => {
                    return Err(more.place.fault(format!("{name} has its value in its own line already")));
                }
            };
            arguments.push(Argument { name, value, place: line.place });
        }
        Ok(arguments)
    }

    /// A line with its holes filled. A value of several lines makes it as many.
    fn filled(&mut self, line: Line<'_>, scope: &Scope<'_>) -> Result<Vec<String>, Fault> {
        let (mut done, mut last, mut rest) = (Vec::new(), String::new(), line.text);
        while let Some((before, name, after)) = hole(rest) {
            last += before;
            let value = match scope.get(name) {
                Some(value) => value.clone(),
                None if self.parts.get(name).is_some() => self.part(name, &[], line.place)?,
                None => return Err(line.place.fault(format!("<{name}> is no parameter here, and no part"))),
            };
            for (index, value) in value.into_iter().enumerate() {
                if index > 0 {
                    done.push(std::mem::take(&mut last));
                    last = moved_right(&value, line.indent());
                } else {
                    last += &value;
                }
            }
            rest = after;
        }
        done.push(last + rest);
        Ok(done)
    }
}

struct Argument<'l> {
    name: &'l str,
    value: Vec<String>,
    place: Place<'l>,
}

struct Use<'l> {
    name: &'l str,
    is_handed_something: bool,
}

/// The part that a line uses, if that is what it does.
fn used(line: Line<'_>) -> Result<Option<Use<'_>>, Fault> {
    let Some(said) = line.content().strip_prefix("use ") else {
        return Ok(None);
    };
    let (name, is_handed_something) = match said.strip_suffix(':') {
        Some(name) => (name, true),
        None => (said, false),
    };
    if !is_name(name) {
        return Err(line.place.fault("a part is used as `use name`, or `use name:` with its arguments below"));
    }
    Ok(Some(Use { name, is_handed_something }))
}

/// How many of the first lines are deeper than a line above them. Blank ones at the end belong to what follows.
fn deeper(lines: &[Line<'_>], indent: usize) -> usize {
    let end = lines.iter().position(|line| !line.is_blank() && line.indent() <= indent).unwrap_or(lines.len());
    lines[..end].iter().rposition(|line| !line.is_blank()).map_or(0, |last| last + 1)
}

/// The first hole in a text: what is before it, its name, and what is after it.
fn hole(text: &str) -> Option<(&str, &str, &str)> {
    text.match_indices('<').find_map(|(at, _)| {
        let (name, after) = text[at + 1..].split_once('>')?;
        is_name(name).then_some((&text[..at], name, after))
    })
}

/// A line with spaces before it; none where nothing would follow them.
fn moved_right(text: &str, columns: usize) -> String {
    if text.is_empty() { String::new() } else { format!("{:columns$}{text}", "") }
}
