//! Workflow commands: lines of the log that the runner obeys. And how to write lines that it does not obey.
//!
//! The runner takes a line for a command where it begins with `::`, blanks aside, or has `##[` anywhere (`ActionCommand.cs` of
//! actions/runner). It unescapes `%25`, `%0D` and `%0A`, and in properties `%3A` and `%2C`.

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Level {
    /// Red.
    Error,
    /// Yellow.
    Warning,
    /// Blue.
    Notice,
}

/// Where it is wrong: a file of the checkout, and a line counted from 1.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Place {
    /// The path from the root of the checkout.
    pub(crate) file: String,
    /// The line.
    pub(crate) line: usize,
}

/// What stands beside the job and, with a place, beside that line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Annotation {
    /// How bad it is.
    pub(crate) level: Level,
    /// A few words.
    pub(crate) title: String,
    /// The sentence.
    pub(crate) message: String,
    /// Where, if that is known.
    pub(crate) place: Option<Place>,
}

/// A line that the runner obeys. It is made here only, so that nothing else is ever written as it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Instruction(String);

impl Instruction {
    /// An annotation.
    pub(crate) fn annotate(annotation: &Annotation) -> Self {
        let Annotation { level, title, message, place } = annotation;
        let level = match level {
            Level::Error => "error",
            Level::Warning => "warning",
            Level::Notice => "notice",
        };
        let place = place.as_ref().map(|Place { file, line }| format!("file={},line={line},", property(file)));
        Self(format!("::{level} {}title={}::{}", place.unwrap_or_default(), property(title), data(message)))
    }

    /// What follows is folded under this title.
    pub(crate) fn group(title: &str) -> Self {
        Self(format!("::group::{}", data(title)))
    }

    /// The end of what is folded.
    pub(crate) fn end_of_group() -> Self {
        Self("::endgroup::".to_owned())
    }

    /// The line.
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

fn data(text: &str) -> String {
    // The older kind of command is found anywhere in a line. The runner does not look for it in a line of the newer kind; others may.
    text.replace("##[", "## [").replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

/// The text with no line that the runner would obey: much of it was written elsewhere.
pub(crate) fn harmless(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    // A carriage return ends a line for the runner, too.
    for line in text.split_inclusive(['\n', '\r']) {
        let words = line.trim_start();
        let (blanks, _) = line.split_at(line.len() - words.len());
        shown.push_str(blanks);
        match words.strip_prefix("::") {
            Some(rest) => shown.push_str(&format!(": :{}", rest.replace("##[", "## ["))),
            None => shown.push_str(&words.replace("##[", "## [")),
        }
    }
    shown
}

/// The same of a JSON document, which stays the same document: no line of one begins with `::`, and a bracket behind `##` stands in
/// a text.
pub(crate) fn harmless_json(json: &str) -> String {
    json.replace("##[", "##\\u005b")
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    /// What the runner does with a line: whether it obeys it.
    fn obeyed(line: &str) -> bool {
        line.trim_start().starts_with("::") || line.contains("##[")
    }

    #[test]
    fn an_annotation_keeps_every_character_that_would_end_it_early() {
        let annotation = Annotation {
            level: Level::Error,
            title: "d-1: RolledBack, 100 %".to_owned(),
            message: "a: b, 50 %\r\n::add-mask::x".to_owned(),
            place: Some(Place { file: "a,b:c.yaml".to_owned(), line: 3 }),
        };
        assert_eq!(
            Instruction::annotate(&annotation).as_str(),
            "::error file=a%2Cb%3Ac.yaml,line=3,title=d-1%3A RolledBack%2C 100 %25::a: b, 50 %25%0D%0A::add-mask::x"
        );
        let notice = Annotation { level: Level::Notice, place: None, ..annotation.clone() };
        assert!(Instruction::annotate(&notice).as_str().starts_with("::notice title="));
        let warning = Annotation { level: Level::Warning, place: None, ..annotation };
        assert!(Instruction::annotate(&warning).as_str().starts_with("::warning title="));
        assert_eq!(Instruction::group("a\nb").as_str(), "::group::a%0Ab");
    }

    #[test]
    fn no_line_of_a_text_is_obeyed_whatever_strangers_wrote() {
        let hostile = [
            "::error::forged",
            "  ::set-env name=PATH::x",
            "\u{3000}::stop-commands::x",
            "fine\n\t::add-mask::a\nfine",
            "fine\r::add-mask::a",
            "      | ##[add-mask]a",
            "##[##[error]]",
            "::##[error]x",
        ];
        for text in hostile {
            assert!(text.split(['\n', '\r']).any(obeyed), "{text:?} is hostile");
            let shown = harmless(text);
            assert!(!shown.split(['\n', '\r']).any(obeyed), "{text:?} became {shown:?}");
        }
        let plain = "a::b arn:aws:lambda:::c\n  # [x]\n\n";
        assert_eq!(harmless(plain), plain);
    }

    #[test]
    fn a_document_stays_the_same_document() {
        let document = json!({"description": "##[add-mask]a ::error::b", "lines": ["::error::c"]});
        let shown = harmless_json(&format!("{document:#}"));
        assert!(!shown.lines().any(obeyed), "{shown}");
        assert_eq!(serde_json::from_str::<Value>(&shown).expect("JSON"), document);
    }
}
