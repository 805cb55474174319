//! What is wrong with a source, and where.

use std::fmt::{self, Display, Formatter};

use super::source::Source;

/// A line of a file, counted from one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Place<'a> {
    pub(super) path: &'a str,
    pub(super) line: usize,
}

impl Place<'_> {
    /// A fault in this line.
    pub(super) fn fault(self, what: impl Into<String>) -> Fault {
        Fault { path: self.path.to_owned(), line: self.line, what: what.into() }
    }
}

/// A line with its place.
#[derive(Debug, Clone, Copy)]
pub(super) struct Line<'a> {
    pub(super) place: Place<'a>,
    pub(super) text: &'a str,
}

impl<'a> Line<'a> {
    /// The lines of a file.
    pub(super) fn all(source: &'a Source) -> impl Iterator<Item = Self> {
        let place = |index| Place { path: &source.path, line: index + 1 };
        source.text.lines().enumerate().map(move |(index, text)| Self { place: place(index), text: text.trim_end() })
    }

    /// How many spaces it begins with.
    pub(super) fn indent(self) -> usize {
        self.text.len() - self.content().len()
    }

    /// What follows those spaces.
    pub(super) fn content(self) -> &'a str {
        self.text.trim_start_matches(' ')
    }

    pub(super) fn is_blank(self) -> bool {
        self.text.is_empty()
    }

    pub(super) fn is_comment(self) -> bool {
        self.content().starts_with('#')
    }

    /// The line without its first `columns` spaces.
    pub(super) fn moved_left(self, columns: usize) -> Self {
        Self { text: &self.text[columns.min(self.indent())..], ..self }
    }

    /// Its name and the value behind it, where it is `name: value` or `name:`.
    pub(super) fn named(self) -> Option<(&'a str, &'a str)> {
        let (name, value) = self.content().split_once(':')?;
        let parted = value.is_empty() || value.starts_with(' ');
        (is_name(name) && parted).then_some((name, value.trim_start()))
    }
}

/// Whether this may name a part or a parameter: lower-case words with dashes.
pub(super) fn is_name(text: &str) -> bool {
    text.starts_with(|first: char| first.is_ascii_lowercase())
        && text.chars().all(|letter| letter.is_ascii_lowercase() || letter == '-')
}

/// Lines without the blank ones at their beginning and end.
pub(super) fn without_blank_ends<'a, 'b>(lines: &'b [Line<'a>]) -> &'b [Line<'a>] {
    let first = lines.iter().position(|line| !line.is_blank()).unwrap_or(lines.len());
    let end = lines.iter().rposition(|line| !line.is_blank()).map_or(first, |last| last + 1);
    &lines[first..end]
}

/// What keeps a machine from being made.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Fault {
    path: String,
    line: usize,
    what: String,
}

impl Display for Fault {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "{}, line {}: {}", self.path, self.line, self.what)
    }
}
