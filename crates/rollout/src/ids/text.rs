//! Names that are checked text: how they are declared, checked and shown.

use super::IdError;

/// Declares a name over text: a private field, one way in, and serde that goes the same way.
macro_rules! text_id {
    ($(#[$doc:meta])* $name:ident = $read:expr) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// Reads one, or says what to write instead.
            pub fn parse(text: &str) -> Result<Self, $crate::ids::IdError> {
                let read: fn(&str) -> Result<String, $crate::ids::IdError> = $read;
                read(text).map(Self)
            }

            /// As text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.pad(&self.0)
            }
        }

        impl std::str::FromStr for $name {
            type Err = $crate::ids::IdError;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Self::parse(text)
            }
        }

        impl TryFrom<String> for $name {
            type Error = $crate::ids::IdError;

            fn try_from(text: String) -> Result<Self, Self::Error> {
                Self::parse(&text)
            }
        }

        impl From<$name> for String {
            fn from(name: $name) -> Self {
                name.0
            }
        }
    };
}
pub(super) use text_id;

/// A name of 1 to `most` letters, digits and `marks`, all of ASCII.
pub(super) fn limited(text: &str, what: &'static str, most: usize, marks: &str) -> Result<String, IdError> {
    let allowed = |c: char| c.is_ascii_alphanumeric() || marks.contains(c);
    if (1..=most).contains(&text.len()) && text.chars().all(allowed) {
        return Ok(text.to_owned());
    }
    let marks = marks.chars().map(String::from).collect::<Vec<_>>().join(" ");
    let odd = odd_letter(text).map(|odd| format!("{odd}; ")).unwrap_or_default();
    Err(IdError::new(text, what, format!("{odd}write 1 to {most} of A-Z a-z 0-9 {marks}")))
}

/// A name of 1 to `most` characters of any script, but no control characters.
pub(super) fn free(text: &str, what: &'static str, most: usize) -> Result<String, IdError> {
    if (1..=most).contains(&text.chars().count()) && !text.chars().any(char::is_control) {
        return Ok(text.to_owned());
    }
    Err(IdError::new(text, what, format!("write 1 to {most} characters, none of them a control character")))
}

/// What is odd about a text that looks as if it had letters of ASCII only: one that is invisible, or only looks like one.
pub(crate) fn odd_letter(text: &str) -> Option<String> {
    let (index, odd) = text.chars().enumerate().find(|(_, c)| !c.is_ascii())?;
    let number = index + 1;
    let kind = if is_invisible(odd) { "cannot be seen" } else { "is no letter of ASCII, whatever it looks like" };
    Some(format!("its character {number} (U+{:04X}) {kind}", u32::from(odd)))
}

/// Spaces that are not the usual one, marks without a width, and those that turn the direction of a line.
fn is_invisible(c: char) -> bool {
    let marks = matches!(c, '\u{ad}' | '\u{34f}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}');
    marks || c != ' ' && c.is_whitespace()
}

/// Text of a user in a message: in backquotes, with what cannot be seen written out, and never a page of it.
pub(crate) fn quoted(text: &str) -> String {
    const SHOWN: usize = 64;
    if text.is_empty() {
        return "an empty text".into();
    }
    let mut shown = String::from("`");
    for c in text.chars().take(SHOWN) {
        if c.is_control() || is_invisible(c) { shown.extend(c.escape_default()) } else { shown.push(c) }
    }
    if text.chars().nth(SHOWN).is_some() {
        shown.push('…');
    }
    shown.push('`');
    shown
}
