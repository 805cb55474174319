//! Values that a hook was handed, searched for in what it says.

use serde_json::Value;

/// Values that must not be written down. Searching for them is the second line: see [`Words`](super::Words).
#[derive(Default)]
pub struct Secrets(Vec<String>);

impl Secrets {
    /// Values shorter than this are not searched for: they would blank out half of any text and hide nothing.
    const SHORTEST: usize = 3;

    /// Remembers values, also in the spellings they have inside JSON text.
    pub fn new<'a>(values: impl IntoIterator<Item = &'a str>) -> Self {
        let mut spellings: Vec<String> = Vec::new();
        for value in values {
            for value in std::iter::once(value).chain(value.lines()) {
                if value.len() >= Self::SHORTEST {
                    let quoted = Value::from(value).to_string();
                    spellings.push(quoted[1..quoted.len() - 1].to_owned());
                    spellings.push(value.to_owned());
                }
            }
        }
        // Longer ones first, so that a value that contains another leaves nothing behind.
        spellings.sort_by_key(|spelling| std::cmp::Reverse(spelling.len()));
        spellings.dedup();
        Self(spellings)
    }

    /// The text without them.
    pub fn redact(&self, text: &str) -> String {
        self.0.iter().fold(text.to_owned(), |text, secret| text.replace(secret.as_str(), "***"))
    }
}

impl std::fmt::Debug for Secrets {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Secrets({})", self.0.len())
    }
}
