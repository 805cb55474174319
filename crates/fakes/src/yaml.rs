//! YAML as JSON, for the definitions that are simulated and for tests of what is deployed; CloudFormation's short tags included:
//! `!Sub x` reads as `{"Sub": x}`.

use saphyr_parser::{Event, Parser, ScalarStyle, StrInput, Tag};
use serde_json::{Map, Value, json};

/// Reads a document. One that is no YAML, or says a key twice, ends the test.
pub fn read(text: &str) -> Value {
    let mut events = Events(Parser::new_from_str(text));
    loop {
        match events.next() {
            Event::StreamStart | Event::DocumentStart(_) => {}
            event => return events.node(event),
        }
    }
}

struct Events<'a>(Parser<'a, StrInput<'a>>);

impl<'a> Events<'a> {
    fn next(&mut self) -> Event<'a> {
        self.0.next_event().expect("the document is complete").expect("the document is well-formed YAML").0
    }

    fn node(&mut self, event: Event<'a>) -> Value {
        match event {
            Event::Scalar(text, style, _, tag) => tagged(tag.as_deref(), scalar(&text, style)),
            Event::SequenceStart(_, tag) => {
                let mut items = Vec::new();
                loop {
                    match self.next() {
                        Event::SequenceEnd => return tagged(tag.as_deref(), Value::Array(items)),
                        event => items.push(self.node(event)),
                    }
                }
            }
            Event::MappingStart(_, tag) => {
                let mut members = Map::new();
                loop {
                    match self.next() {
                        Event::MappingEnd => return tagged(tag.as_deref(), Value::Object(members)),
                        Event::Scalar(key, ..) => {
                            let event = self.next();
                            let value = self.node(event);
                            let twice = members.insert(key.to_string(), value);
                            assert!(twice.is_none(), "{key} is written twice");
                        }
                        other => unreachable!("{other:?} is no key"),
                    }
                }
            }
            other => unreachable!("{other:?} is no value"),
        }
    }
}

fn tagged(tag: Option<&Tag>, value: Value) -> Value {
    match tag {
        Some(tag) => json!({ tag.suffix.as_str(): value }),
        None => value,
    }
}

fn scalar(text: &str, style: ScalarStyle) -> Value {
    match text {
        _ if style != ScalarStyle::Plain => text.into(),
        "null" | "~" | "" => Value::Null,
        "true" => true.into(),
        "false" => false.into(),
        _ => text.parse::<i64>().map_or_else(|_| text.into(), Value::from),
    }
}
