//! An AppSpec as a tree that knows its lines.

use crate::text::quoted;

/// A value and the line it begins on.
#[derive(Debug)]
pub(crate) struct Node {
    pub(crate) line: usize,
    pub(crate) value: Value,
}

#[derive(Debug)]
pub(crate) enum Value {
    Null,
    Bool(String),
    /// As it was written: 0.0 and 0 are told apart by nobody but the reader of the field.
    Number(String),
    Text(String),
    List(Vec<Node>),
    Map(Vec<Entry>),
}

/// A key of a map, the line of the key, and its value.
#[derive(Debug)]
pub(crate) struct Entry {
    pub(crate) key: String,
    pub(crate) line: usize,
    pub(crate) node: Node,
}

impl Value {
    /// The same as JSON. A number that JSON has no form for is a text.
    pub(crate) fn to_json(&self) -> serde_json::Value {
        match self {
            Self::Null => serde_json::Value::Null,
            Self::Bool(text) => text.eq_ignore_ascii_case("true").into(),
            Self::Number(text) => serde_json::from_str::<serde_json::Number>(text)
                .map_or_else(|_| text.as_str().into(), serde_json::Value::Number),
            Self::Text(text) => text.as_str().into(),
            Self::List(items) => items.iter().map(|item| item.value.to_json()).collect(),
            Self::Map(entries) => entries.iter().map(|entry| (entry.key.clone(), entry.node.value.to_json())).collect(),
        }
    }

    /// What stands there, for "expected text, found a list".
    pub(crate) fn found(&self) -> String {
        match self {
            Self::Null => "nothing".into(),
            Self::Bool(text) => text.clone(),
            Self::Number(text) => format!("the number {}", quoted(text)),
            Self::Text(text) => quoted(text),
            Self::List(_) => "a list".into(),
            Self::Map(_) => "a map".into(),
        }
    }

    /// Whether nothing is written there: `null`, an empty text, list or map.
    pub(crate) fn is_empty(&self) -> bool {
        match self {
            Self::Null => true,
            Self::Bool(_) | Self::Number(_) => false,
            Self::Text(text) => text.is_empty(),
            Self::List(items) => items.is_empty(),
            Self::Map(entries) => entries.is_empty(),
        }
    }

    /// A scalar without quotes.
    pub(crate) fn plain(text: &str) -> Self {
        match text {
            "" | "~" | "null" | "Null" | "NULL" => Self::Null,
            "true" | "True" | "TRUE" | "false" | "False" | "FALSE" => Self::Bool(text.to_owned()),
            _ if is_number(text) => Self::Number(text.to_owned()),
            _ => Self::Text(text.to_owned()),
        }
    }
}

/// Whether a plain scalar is a number in YAML's core schema: integers, and decimals with or without an exponent.
fn is_number(text: &str) -> bool {
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    let written_as_number = |c: char| c.is_ascii_digit() || matches!(c, '.' | 'e' | 'E' | '+' | '-');
    unsigned.starts_with(|c: char| c.is_ascii_digit() || c == '.')
        && unsigned.contains(|c: char| c.is_ascii_digit())
        && unsigned.chars().all(written_as_number)
        && unsigned.parse::<f64>().is_ok()
}
