//! Names that are checked text: how they are declared, checked and shown.

use super::error::IdError;
use crate::text::odd_letter;

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
