//! Text that strangers wrote, shown so that it cannot pass for ours.
//!
//! A description, a hook's message or the name of an alarm may hold line breaks, marks that turn the direction of writing, or
//! what steers a terminal. Printed as they are, they could forge a line of a status or of a log.

/// What stands in the place of a character that is not shown.
const HIDDEN: char = '\u{fffd}';

/// At most `most` characters of a text, for messages.
pub fn clipped(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

/// The text on one line: line breaks and tabs as `\\n`, `\\r` and `\\t`, what else could forge as `\u{fffd}`.
pub fn one_line(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\n' => shown.push_str("\\n"),
            '\r' => shown.push_str("\\r"),
            '\t' => shown.push_str("\\t"),
            c if forges(c) => shown.push(HIDDEN),
            c => shown.push(c),
        }
    }
    shown
}

/// The text with its lines and tabs, and without anything else that could forge: for what is indented line by line.
pub fn in_lines(text: &str) -> String {
    text.chars().map(|c| if forges(c) && c != '\n' && c != '\t' { HIDDEN } else { c }).collect()
}

/// JSON text that means the same, with what could forge written as `\\u202e`.
pub fn in_json(json: &str) -> String {
    let mut shown = String::with_capacity(json.len());
    for c in json.chars() {
        // Control characters are escaped in JSON already; the line breaks here are its own.
        if forges(c) && !c.is_ascii_control() {
            shown.push_str(&format!("\\u{:04x}", u32::from(c)));
        } else {
            shown.push(c);
        }
    }
    shown
}

/// Whether a character can break a line, turn the direction of writing, or steer a terminal.
fn forges(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{2028}' | '\u{2029}' // the separators of lines and paragraphs
            | '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' // directions
            | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Everything that begins a line somewhere, or turns one.
    const FORGED: &str =
        "a\nb\rc\td\u{b}e\u{c}f\u{85}g\u{2028}h\u{2029}i\u{202e}j\u{2066}k\u{61c}l\u{1b}[2Km\u{9b}n\u{feff}o";

    #[test]
    fn on_one_line_nothing_breaks_or_turns_it() {
        let shown = one_line(FORGED);
        assert!(!shown.chars().any(forges), "{shown:?}");
        assert!(shown.starts_with("a\\nb\\rc\\td\u{fffd}e"), "{shown}");
    }

    #[test]
    fn in_lines_only_line_breaks_and_tabs_are_left() {
        let shown = in_lines(FORGED);
        assert!(shown.chars().filter(|c| forges(*c)).all(|c| c == '\n' || c == '\t'), "{shown:?}");
    }

    #[test]
    fn json_says_the_same_and_turns_nothing() {
        let document = serde_json::json!({"text": FORGED});
        let shown = in_json(&format!("{document:#}"));
        assert_eq!(serde_json::from_str::<serde_json::Value>(&shown).expect("JSON"), document);
        assert!(shown.chars().filter(|c| forges(*c)).all(|c| c == '\n'), "{shown:?}");
    }

    #[test]
    fn what_people_write_is_left_alone() {
        for text in ["Grüße, 東京, עברית, سلام", "a—b … 100 %", "👩\u{200d}🚀", ""] {
            assert_eq!((one_line(text).as_str(), in_lines(text).as_str(), in_json(text).as_str()), (text, text, text));
        }
    }
}
