//! The files of artifacts as texts, in whatever Unicode they were written.

use super::fault::Fault;

/// A text of an artifact.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct File {
    /// Its path, and the artifact where there are several.
    pub name: String,
    /// What it says, without a mark of its encoding.
    pub text: String,
}

impl File {
    /// Reads one. Editors of Windows write UTF-16, and marks of UTF-8: both are read.
    pub fn read(name: impl Into<String>, bytes: &[u8]) -> Result<Self, Fault> {
        let name = name.into();
        let text = match bytes {
            [0xff, 0xfe, rest @ ..] => utf16(rest, u16::from_le_bytes),
            [0xfe, 0xff, rest @ ..] => utf16(rest, u16::from_be_bytes),
            // Without a mark: what these files begin with is a sign of ASCII.
            [first, 0, ..] if first.is_ascii() => utf16(bytes, u16::from_le_bytes),
            [0, second, ..] if second.is_ascii() => utf16(bytes, u16::from_be_bytes),
            _ => String::from_utf8(bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes).to_vec()).ok(),
        };
        match text {
            Some(text) => Ok(Self { name, text }),
            None => Err(Fault::written(format!("{name} is no text in UTF-8 or UTF-16: save it as UTF-8"))),
        }
    }

    /// What is wrong with it, on a line.
    pub fn wrong(&self, line: Option<usize>, what: impl std::fmt::Display) -> Fault {
        match line {
            Some(line) => Fault::written(format!("{}:{line}: {what}", self.name)),
            None => Fault::written(format!("{}: {what}", self.name)),
        }
    }

    /// The line that a text stands on first, from 1.
    pub(super) fn line_of(&self, wanted: &str) -> Option<usize> {
        self.text.lines().position(|line| line.contains(wanted)).map(|index| index + 1)
    }
}

fn utf16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> Option<String> {
    let (units, rest) = bytes.as_chunks::<2>();
    let units: Vec<u16> = units.iter().map(|pair| unit(*pair)).collect();
    String::from_utf16(&units).ok().filter(|_| rest.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_read_in_utf_8_and_utf_16_with_and_without_a_mark() {
        let text = "{\"name\": \"Größe\"}";
        let little: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let big: Vec<u8> = text.encode_utf16().flat_map(u16::to_be_bytes).collect();
        let marked = |mark: &[u8], bytes: &[u8]| [mark, bytes].concat();
        for bytes in [
            text.as_bytes().to_vec(),
            marked(b"\xef\xbb\xbf", text.as_bytes()),
            marked(b"\xff\xfe", &little),
            marked(b"\xfe\xff", &big),
            little,
            big,
        ] {
            assert_eq!(File::read("taskdef.json", &bytes).unwrap().text, text);
        }
    }

    #[test]
    fn what_is_no_text_is_refused_in_one_sentence() {
        for bytes in [&b"\xff\xfe\x00"[..], b"\xff\xfe\x00\xd8", b"{\"a\": \"\xe4\"}", b"\x80"] {
            let told = File::read("taskdef.json", bytes).unwrap_err().message;
            assert_eq!(told, "taskdef.json is no text in UTF-8 or UTF-16: save it as UTF-8");
        }
    }
}
