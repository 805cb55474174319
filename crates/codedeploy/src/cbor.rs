//! CBOR (RFC 8949) as the protocol `smithy-rpc-v2-cbor` uses it, from and to the values that JSON has too, so that no operation
//! needs to know how it was called.
//!
//! What JSON cannot say goes by the API's model: a timestamp is a number of epoch seconds in JSON, and a number under tag 1 here.
//! Read in any position, written at the members that are timestamps ([`TIMES`]). The API has no blobs: what else CBOR could say
//! (other tags, byte strings, numbers that are none) is no value of any of its members. A member that it does not have may well
//! have one, of a client that is newer: so it is read as what is wrong with it ([`wrong_value`]), and refused where somebody takes it.

use minicbor::data::{IanaTag, Tag, Type};
use minicbor::{Decoder, Encoder, decode};
use serde_json::{Map, Number, Value};

use crate::text::clipped;

/// The members of answers that are timestamps, wherever they are.
pub const TIMES: [&str; 9] = [
    "completeTime",
    "createTime",
    "deregisterTime",
    "endTime",
    "firstUsedTime",
    "lastUpdatedAt",
    "lastUsedTime",
    "registerTime",
    "startTime",
];

/// The longest name that is repeated in a message.
const LONGEST_NAME: usize = 60;

/// What stands before the reason in place of a value that JSON cannot say. No text of anybody begins so.
const WRONG: &str = "\u{0}no value: ";

/// What is wrong with a value that was read, where it is none that a member of this API may have.
pub fn wrong_value(text: &str) -> Option<&str> {
    text.strip_prefix(WRONG)
}

/// Why bytes are no input.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Malformed {
    /// Lists and maps inside of each other, further than allowed.
    #[error("lists and maps are nested too deep")]
    TooDeep,
    /// Anything else.
    #[error("at byte {at}{}: {what}", within(.path))]
    Item {
        /// Where the value begins, counted from 0.
        at: usize,
        /// The members and items it is in, from the outside.
        path: Vec<String>,
        /// What is wrong with it.
        what: String,
    },
}

fn within(path: &[String]) -> String {
    if path.is_empty() { String::new() } else { format!(", in {}", path.join(".")) }
}

/// What a value is, for people who know no CBOR.
fn name(kind: Type) -> &'static str {
    match kind {
        Type::Bool => "true or false",
        Type::Null | Type::Undefined => "no value",
        Type::F16 | Type::F32 | Type::F64 => "a number with a fraction",
        Type::Bytes | Type::BytesIndef => "bytes",
        Type::String | Type::StringIndef => "text",
        Type::Array | Type::ArrayIndef => "a list",
        Type::Map | Type::MapIndef => "a map",
        Type::Tag => "a value with a tag",
        Type::Break => "the end of something",
        Type::Simple => "a simple value without a meaning",
        Type::Unknown(_) => "nothing that CBOR knows",
        Type::U8 | Type::U16 | Type::U32 | Type::U64 | Type::I8 | Type::I16 | Type::I32 | Type::I64 | Type::Int => {
            "a whole number"
        }
    }
}

/// Reads one value and nothing after it. `levels` is how deep lists and maps may be nested.
pub fn read(bytes: &[u8], levels: usize) -> Result<Value, Malformed> {
    let mut reader = Reader { decoder: Decoder::new(bytes), path: Vec::new() };
    let value = reader.value(levels)?;
    let end = reader.decoder.position();
    if end < bytes.len() { Err(reader.wrong(end, "the input is over here, and more follows")) } else { Ok(value) }
}

struct Reader<'b> {
    decoder: Decoder<'b>,
    /// Left as it is where something is wrong.
    path: Vec<String>,
}

impl<'b> Reader<'b> {
    fn wrong(&self, at: usize, what: impl Into<String>) -> Malformed {
        Malformed::Item { at, path: self.path.clone(), what: what.into() }
    }

    /// What the decoder says of the value that begins `at`.
    fn said(&self, at: usize, error: &decode::Error) -> Malformed {
        if error.is_end_of_input() {
            self.wrong(at, "the body ends in the middle of a value")
        } else {
            self.wrong(at, format!("this is not CBOR: {error}"))
        }
    }

    /// One piece, read by the decoder.
    fn piece<T>(&mut self, read: impl FnOnce(&mut Decoder<'b>) -> Result<T, decode::Error>) -> Result<T, Malformed> {
        let at = self.decoder.position();
        read(&mut self.decoder).map_err(|error| self.said(at, &error))
    }

    fn value(&mut self, levels: usize) -> Result<Value, Malformed> {
        let at = self.decoder.position();
        match self.piece(|decoder| decoder.datatype())? {
            Type::Bool => Ok(Value::Bool(self.piece(Decoder::bool)?)),
            Type::Null => self.piece(Decoder::null).map(|()| Value::Null),
            Type::Undefined => self.piece(Decoder::undefined).map(|()| Value::Null),
            Type::String | Type::StringIndef => Ok(Value::String(self.text()?)),
            Type::Array | Type::ArrayIndef => self.list(levels.checked_sub(1).ok_or(Malformed::TooDeep)?),
            Type::Map | Type::MapIndef => self.map(levels.checked_sub(1).ok_or(Malformed::TooDeep)?),
            Type::Tag => self.tagged(),
            Type::Bytes | Type::BytesIndef => {
                self.no_value(at, self.wrong(at, "these are bytes, and no member of this API takes bytes"))
            }
            Type::Break => Err(self.wrong(at, "something ends here that has not begun")),
            kind @ Type::Simple => self.no_value(at, self.wrong(at, format!("this is {}", name(kind)))),
            kind @ Type::Unknown(_) => Err(self.wrong(at, format!("this is {}", name(kind)))),
            _ => self.number(at),
        }
    }

    /// Goes on behind a value that begins at `from` and is none here.
    fn no_value(&mut self, from: usize, wrong: Malformed) -> Result<Value, Malformed> {
        self.decoder.set_position(from);
        match self.decoder.skip() {
            Ok(()) => Ok(Value::String(format!("{WRONG}{wrong}"))),
            Err(_) => Err(wrong),
        }
    }

    /// A number, alone or as what a tag that begins at `from` is about.
    fn number(&mut self, from: usize) -> Result<Value, Malformed> {
        let at = self.decoder.position();
        match self.piece(|decoder| decoder.datatype())? {
            Type::F16 | Type::F32 | Type::F64 => {
                let number = self.piece(Decoder::f64)?;
                match Number::from_f64(number) {
                    Some(number) => Ok(Value::Number(number)),
                    None => self.no_value(from, self.wrong(at, "this number is not finite")),
                }
            }
            Type::U8 | Type::U16 | Type::U32 | Type::U64 => self.piece(Decoder::u64).map(Value::from),
            Type::I8 | Type::I16 | Type::I32 | Type::I64 => self.piece(Decoder::i64).map(Value::from),
            Type::Int => self.no_value(from, self.wrong(at, "this number is smaller than any number of this API")),
            kind => self.no_value(from, self.wrong(at, format!("this is {}, where a number must be", name(kind)))),
        }
    }

    /// A tag says what its value means. A moment is a number, or, as some write it, text.
    fn tagged(&mut self) -> Result<Value, Malformed> {
        let from = self.decoder.position();
        let tag = self.piece(Decoder::tag)?;
        if tag == Tag::from(IanaTag::Timestamp) {
            self.number(from)
        } else if tag == Tag::from(IanaTag::DateTime) {
            let at = self.decoder.position();
            match self.piece(|decoder| decoder.datatype())? {
                Type::String | Type::StringIndef => Ok(Value::String(self.text()?)),
                kind => {
                    let wrong = format!("this is {}, where the text of a timestamp must be", name(kind));
                    self.no_value(from, self.wrong(at, wrong))
                }
            }
        } else {
            self.no_value(from, self.wrong(from, format!("no member of this API has a value of tag {}", tag.as_u64())))
        }
    }

    /// Text at once, or in pieces.
    fn text(&mut self) -> Result<String, Malformed> {
        self.piece(|decoder| decoder.str_iter()?.collect())
    }

    /// Whether a list or map goes on. `left` is how many are still to come, where that was said.
    fn goes_on(&mut self, left: &mut Option<u64>) -> Result<bool, Malformed> {
        match left {
            Some(0) => Ok(false),
            Some(count) => {
                *count -= 1;
                Ok(true)
            }
            None if self.piece(|decoder| decoder.datatype())? == Type::Break => {
                self.decoder.set_position(self.decoder.position() + 1);
                Ok(false)
            }
            None => Ok(true),
        }
    }

    fn list(&mut self, levels: usize) -> Result<Value, Malformed> {
        // The length is what somebody claims: nothing is set aside for it.
        let (mut left, mut items) = (self.piece(Decoder::array)?, Vec::new());
        while self.goes_on(&mut left)? {
            self.path.push(items.len().to_string());
            items.push(self.value(levels)?);
            self.path.pop();
        }
        Ok(Value::Array(items))
    }

    fn map(&mut self, levels: usize) -> Result<Value, Malformed> {
        let (mut left, mut members) = (self.piece(Decoder::map)?, Map::new());
        while self.goes_on(&mut left)? {
            let at = self.decoder.position();
            let name = match self.piece(|decoder| decoder.datatype())? {
                Type::String | Type::StringIndef => self.text()?,
                kind => return Err(self.wrong(at, format!("a member's name is text, and this is {}", name(kind)))),
            };
            self.path.push(clipped(&name, LONGEST_NAME).escape_debug().to_string());
            let value = self.value(levels)?;
            if members.insert(name, value).is_some() {
                return Err(self.wrong(at, "this member is there twice"));
            }
            self.path.pop();
        }
        Ok(Value::Object(members))
    }
}

/// Writes a value, with the lengths of everything ahead of it. Members without a value are left out.
pub fn write(value: &Value) -> Vec<u8> {
    let mut encoder = Encoder::new(Vec::new());
    // A vector takes whatever it is given: there is nothing that could fail.
    let _ = put(&mut encoder, value);
    encoder.into_writer()
}

type Put = Result<(), minicbor::encode::Error<std::convert::Infallible>>;

fn put(encoder: &mut Encoder<Vec<u8>>, value: &Value) -> Put {
    match value {
        Value::Null => encoder.null()?.ok(),
        Value::Bool(yes) => encoder.bool(*yes)?.ok(),
        Value::Number(number) => put_number(encoder, number),
        Value::String(text) => encoder.str(text)?.ok(),
        Value::Array(items) => {
            encoder.array(items.len() as u64)?;
            items.iter().try_for_each(|item| put(encoder, item))
        }
        Value::Object(members) => {
            let there = || members.iter().filter(|(_, value)| !value.is_null());
            encoder.map(there().count() as u64)?;
            for (name, value) in there() {
                encoder.str(name)?;
                if value.is_number() && TIMES.contains(&name.as_str()) {
                    encoder.tag(IanaTag::Timestamp)?;
                }
                put(encoder, value)?;
            }
            Ok(())
        }
    }
}

/// A number stays what it is: a strict reader of a member that is no whole number wants none.
fn put_number(encoder: &mut Encoder<Vec<u8>>, number: &Number) -> Put {
    match (number.as_u64(), number.as_i64(), number.as_f64()) {
        (Some(number), _, _) => encoder.u64(number)?.ok(),
        (None, Some(number), _) => encoder.i64(number)?.ok(),
        (None, None, Some(number)) => encoder.f64(number)?.ok(),
        (None, None, None) => encoder.null()?.ok(),
    }
}

#[cfg(test)]
mod tests;
