//! YAML as a tree that knows its lines. JSON is read the same way, being YAML.
//!
//! Only what an AppSpec needs is read: one document of lists, maps and scalars. What YAML can do beyond that (anchors, tags,
//! several documents) is refused, so that a text means what it shows.

use std::borrow::Cow;

use saphyr_parser::{Event, Parser, ScalarStyle, ScanError, Span, StrInput};

use super::error::Problem;
use super::node::{Entry, Node, Value};
use super::slips;
use crate::text::quoted;

/// The largest AppSpec that is read, in bytes.
pub const MAX_BYTES: usize = 64 * 1024;

/// How deep lists and maps may be nested. An AppSpec needs 7.
const MAX_DEPTH: usize = 32;

/// Reads a text into a tree, or says why it is none.
pub(crate) fn load(text: &str) -> Result<Node, Problem> {
    if text.len() > MAX_BYTES {
        return Err(Problem {
            line: None,
            field: String::new(),
            message: format!(
                "the AppSpec is {} bytes long, and {MAX_BYTES} (64 KiB) are read at most; write the resource, its hooks and \
                 its strategy, nothing else",
                text.len()
            ),
        });
    }
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let json = text.trim_start().starts_with('{');
    // Tabs indent JSON but not YAML; inside of a JSON string a raw one is not allowed anyway.
    let text = if json { Cow::Owned(text.replace('\t', " ")) } else { Cow::Borrowed(text) };
    let form = if json { "JSON" } else { "YAML" };
    Loader { parser: Parser::new_from_str(&text), text: &text, lines: lines(&text), form }.document()
}

struct Loader<'a> {
    parser: Parser<'a, StrInput<'a>>,
    text: &'a str,
    lines: usize,
    form: &'static str,
}

impl<'a> Loader<'a> {
    fn document(mut self) -> Result<Node, Problem> {
        loop {
            match self.next()? {
                (Event::StreamStart | Event::DocumentStart(_), _) => {}
                (Event::StreamEnd, _) => return Err(empty()),
                (event, span) => {
                    let root = self.node(event, span, 1)?;
                    self.end()?;
                    return if matches!(root.value, Value::Null) { Err(empty()) } else { Ok(root) };
                }
            }
        }
    }

    fn end(&mut self) -> Result<(), Problem> {
        loop {
            match self.next()? {
                (Event::StreamEnd, _) => return Ok(()),
                (Event::DocumentStart(_), span) => {
                    let message = "a second document: an AppSpec is one document, so end the text before this ---";
                    return Err(problem(self.line(&span), message));
                }
                _ => {}
            }
        }
    }

    fn node(&mut self, event: Event<'a>, span: Span, depth: usize) -> Result<Node, Problem> {
        let line = self.line(&span);
        if depth > MAX_DEPTH {
            return Err(problem(
                line,
                format!("lists and maps nested more than {MAX_DEPTH} deep: an AppSpec needs 7 levels"),
            ));
        }
        let (anchor, tag) = match &event {
            Event::Scalar(_, _, anchor, tag) => (*anchor, tag),
            Event::SequenceStart(anchor, tag) | Event::MappingStart(anchor, tag) => (*anchor, tag),
            _ => (0, &None),
        };
        if anchor > 0 || matches!(event, Event::Alias(_)) {
            return Err(problem(
                line,
                "anchors and aliases (& and *) are not read: write the value out, in quotes if it is text",
            ));
        }
        if tag.is_some()
            && let Some(kind) = slips::tagged_document(self.text)
        {
            return Err(problem(
                line,
                format!("this is {kind}, and not an AppSpec: write version: 0.0, Resources and Hooks"),
            ));
        }
        if let Some(tag) = tag {
            let handle = if tag.is_yaml_core_schema() { "!!" } else { &tag.handle };
            let message = format!(
                "tags such as {} are not read (CloudFormation's functions work in templates only): write the value out",
                quoted(&format!("{handle}{}", tag.suffix))
            );
            return Err(problem(line, message));
        }
        let value = match event {
            Event::Scalar(text, ScalarStyle::Plain, ..) => Value::plain(&text),
            Event::Scalar(text, ..) => Value::Text(text.into_owned()),
            Event::SequenceStart(..) => self.list(depth)?,
            Event::MappingStart(..) => self.map(depth)?,
            _ => return Err(problem(line, format!("not well-formed {}", self.form))),
        };
        Ok(Node { line, value })
    }

    fn list(&mut self, depth: usize) -> Result<Value, Problem> {
        let mut items = Vec::new();
        loop {
            match self.next()? {
                (Event::SequenceEnd, _) => return Ok(Value::List(items)),
                (event, span) => items.push(self.node(event, span, depth + 1)?),
            }
        }
    }

    fn map(&mut self, depth: usize) -> Result<Value, Problem> {
        let mut entries = Vec::new();
        loop {
            let (event, span) = self.next()?;
            if event == Event::MappingEnd {
                return Ok(Value::Map(entries));
            }
            let line = self.line(&span);
            let key = match event {
                Event::Scalar(text, _, 0, None) if !text.is_empty() => text.into_owned(),
                Event::Scalar(_, _, 0, None) => {
                    return Err(problem(line, "a key is missing before the colon"));
                }
                Event::SequenceStart(0, None) | Event::MappingStart(0, None) => {
                    let here = self.text.lines().nth(line - 1).unwrap_or_default();
                    let message = crate::text::placeholder(here).map(crate::text::unfilled);
                    let usual = || "a key is a list or a map here: write a word before the colon".to_owned();
                    return Err(problem(line, message.unwrap_or_else(usual)));
                }
                // Anchors, aliases and tags: refused in the same words as for values.
                other => return Err(self.node(other, span, depth).err().unwrap_or_else(empty)),
            };
            let (event, span) = self.next()?;
            let mut node = self.node(event, span, depth + 1)?;
            if matches!(node.value, Value::Null) {
                // The parser puts an empty value where the next token begins, which can be lines away.
                node.line = line;
            }
            entries.push(Entry { key, line, node });
        }
    }

    fn next(&mut self) -> Result<(Event<'a>, Span), Problem> {
        match self.parser.next_event() {
            Some(Ok(event)) => Ok(event),
            Some(Err(error)) => Err(self.malformed(&error)),
            None => Ok((Event::StreamEnd, Span::empty(saphyr_parser::Marker::new(0, 1, 0)))),
        }
    }

    fn malformed(&self, error: &ScanError) -> Problem {
        let line = error.marker().line().clamp(1, self.lines);
        let slip = slips::of_form(self.text, line, self.form == "JSON");
        let (line, what) = slip.unwrap_or_else(|| (line, error.info().to_owned()));
        problem(line, format!("not well-formed {}: {what}", self.form))
    }

    /// The line a value begins on. The parser is a line further when the text ends too early.
    fn line(&self, span: &Span) -> usize {
        span.start.line().clamp(1, self.lines)
    }
}

/// How many lines a text has, counting a lone carriage return as the parser does.
fn lines(text: &str) -> usize {
    let mut ends = 0;
    let mut before = ' ';
    for c in text.trim_end_matches(['\r', '\n']).chars() {
        ends += usize::from(c == '\r' || (c == '\n' && before != '\r'));
        before = c;
    }
    ends + 1
}

fn problem(line: usize, message: impl Into<String>) -> Problem {
    Problem { line: Some(line), field: String::new(), message: message.into() }
}

fn empty() -> Problem {
    Problem {
        line: None,
        field: String::new(),
        message: "the AppSpec is empty: write version: 0.0 and Resources, and Hooks if there are any".into(),
    }
}
