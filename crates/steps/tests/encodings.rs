//! What becomes of a text in the hands of somebody who wants it written down.

use std::fmt::Write as _;

use serde_json::{Value, json};

const STANDARD: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const URL_SAFE: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

fn base64(bytes: &[u8], alphabet: &[u8; 64], padded: bool) -> String {
    let mut text = String::new();
    for chunk in bytes.chunks(3) {
        let word = chunk.iter().chain(&[0, 0]).take(3).fold(0_u32, |word, byte| word << 8 | u32::from(*byte));
        for place in 0..=chunk.len() {
            let index = (word >> (18 - 6 * place)) & 63;
            text.push(char::from(alphabet[index as usize]));
        }
        (chunk.len()..3).filter(|_| padded).for_each(|_| text.push('='));
    }
    text
}

fn bytewise(text: &str, write: impl Fn(u8) -> String) -> String {
    text.bytes().map(write).collect()
}

fn by_character(text: &str, write: impl Fn(char) -> String) -> String {
    text.chars().map(write).collect()
}

fn turned(text: &str, by: u8) -> String {
    let turn = |c: char, first: u8| char::from(first + (c as u8 - first + by) % 26);
    text.chars()
        .map(|c| match c {
            'a'..='z' => turn(c, b'a'),
            'A'..='Z' => turn(c, b'A'),
            other => other,
        })
        .collect()
}

/// A gzip file with one stored block.
fn gzip(text: &str) -> Vec<u8> {
    let length = u16::try_from(text.len()).expect("a short text");
    let mut file = vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255, 1];
    file.extend(length.to_le_bytes());
    file.extend((!length).to_le_bytes());
    file.extend(text.bytes());
    file.extend([0; 8]);
    file
}

fn quoted(text: &str) -> String {
    let quoted = Value::from(text).to_string();
    quoted[1..quoted.len() - 1].to_owned()
}

fn split_by(text: &str, length: usize, between: &str) -> String {
    let characters: Vec<char> = text.chars().collect();
    characters.chunks(length).map(|part| part.iter().collect::<String>()).collect::<Vec<_>>().join(between)
}

/// The text in every encoding a hook is likely to meet, and in some that it has to want.
pub(crate) fn encodings(text: &str) -> Vec<(&'static str, String)> {
    let half = text.len() / 2;
    let unicode = |c: char| format!("\\u{:04x}", c as u32);
    let binary = bytewise(text, |byte| format!("{byte:08b}"));
    let mut spelled = String::new();
    text.bytes().for_each(|byte| write!(spelled, "{byte},").expect("a string takes all"));
    vec![
        ("plain", text.to_owned()),
        ("JSON text", quoted(text)),
        ("JSON text of JSON text", quoted(&quoted(text))),
        ("ASCII only", by_character(text, unicode)),
        ("ASCII only, in capitals", by_character(text, |c| format!("\\u{:04X}", c as u32))),
        ("\\x", bytewise(text, |byte| format!("\\x{byte:02x}"))),
        ("octal", bytewise(text, |byte| format!("\\{byte:03o}"))),
        ("base64", base64(text.as_bytes(), STANDARD, true)),
        ("base64 after one byte", base64(format!(":{text}").as_bytes(), STANDARD, true)),
        ("base64 after two bytes", base64(format!("u:{text}").as_bytes(), STANDARD, true)),
        ("base64 as a basic credential", base64(format!("shop:{text}").as_bytes(), STANDARD, true)),
        ("base64 without padding", base64(text.as_bytes(), STANDARD, false)),
        ("base64url", base64(text.as_bytes(), URL_SAFE, true)),
        ("base64url without padding", base64(text.as_bytes(), URL_SAFE, false)),
        ("base64 of base64", base64(base64(text.as_bytes(), STANDARD, true).as_bytes(), STANDARD, true)),
        ("base64 of JSON", base64(json!({"b": text}).to_string().as_bytes(), STANDARD, true)),
        ("base64 in lines", split_by(&base64(text.as_bytes(), STANDARD, true), 16, "\n")),
        ("URL", bytewise(text, |byte| format!("%{byte:02X}"))),
        ("URL where it must", text.replace('"', "%22").replace(' ', "%20")),
        ("form", text.replace('"', "%22").replace(' ', "+")),
        ("hex", bytewise(text, |byte| format!("{byte:02x}"))),
        ("hex in capitals", bytewise(text, |byte| format!("{byte:02X}"))),
        ("hex with colons", bytewise(text, |byte| format!("{byte:02x}:"))),
        ("bytes in decimal", spelled),
        ("bits", binary),
        ("HTML", text.replace('"', "&quot;")),
        ("HTML, all of it", by_character(text, |c| format!("&#{};", c as u32))),
        ("quoted-printable", bytewise(text, |byte| format!("={byte:02X}"))),
        ("shell", format!("'{}'", text.replace('"', "'\\\"'"))),
        ("reversed", text.chars().rev().collect()),
        ("in capitals", text.to_uppercase()),
        ("rot13", turned(text, 13)),
        ("turned by one", turned(text, 1)),
        ("gzip in base64", base64(&gzip(text), STANDARD, true)),
        ("the first half", text[..half].to_owned()),
        ("the second half", text[half..].to_owned()),
        ("without its first character", text[1..].to_owned()),
        ("without its last character", text[..text.len() - 1].to_owned()),
        ("a line for each word", text.replace(' ', "\n")),
        ("a line for each character", split_by(text, 1, "\n")),
        ("with dashes", split_by(text, 4, "-")),
        ("with spaces nobody sees", split_by(text, 3, "\u{200b}")),
        ("one member of a JSON parameter", json!({"a": {"b": text}}).to_string()),
        ("an element of a list", format!("one,{text},three")),
        ("in a connection string", format!("pg://u:{text}@h")),
    ]
}
