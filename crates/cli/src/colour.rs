//! Colour, where a terminal has it: the words that say how something is.

/// The words that are coloured, whatever they stand in, and the colour of each by its ANSI number.
const WORDS: [(&str, u8); 10] = [
    ("Succeeded", 32),
    ("OK", 32),
    ("Failed", 31),
    ("Unresolved", 31),
    ("ALARM", 31),
    ("RolledBack", 33),
    ("Stopped", 33),
    ("INSUFFICIENT_DATA", 33),
    ("InProgress", 36),
    ("Ready", 36),
];

/// Whether to colour what is written there: to a terminal that can, unless somebody asked for none (no-color.org).
pub(crate) fn wanted(is_terminal: bool, variable: impl Fn(&str) -> Option<String>) -> bool {
    let none = variable("NO_COLOR").is_some_and(|value| !value.is_empty());
    is_terminal && !none && variable("TERM").is_none_or(|term| term != "dumb")
}

/// The text with its words of state coloured. Nothing else is changed, so that columns stay where they are.
pub(crate) fn paint(text: &str) -> String {
    let mut painted = String::with_capacity(text.len());
    for word in text.split_inclusive(|c: char| !c.is_alphanumeric() && c != '_') {
        let bare = word.trim_end_matches(|c: char| !c.is_alphanumeric() && c != '_');
        match WORDS.iter().find(|(known, _)| *known == bare) {
            Some((_, colour)) => painted.push_str(&format!("\u{1b}[{colour}m{bare}\u{1b}[0m{}", &word[bare.len()..])),
            None => painted.push_str(word),
        }
    }
    painted
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn states_are_coloured_and_the_rest_is_as_it_was() {
        assert_eq!(
            paint("d-1  Failed\n  ALARM_ACTIVE: ALARM\n"),
            "d-1  \u{1b}[31mFailed\u{1b}[0m\n  ALARM_ACTIVE: \u{1b}[31mALARM\u{1b}[0m\n"
        );
        assert_eq!(paint("é OK"), "é \u{1b}[32mOK\u{1b}[0m");
        assert_eq!(paint("nothing\n"), "nothing\n");
    }

    #[test]
    fn there_is_colour_on_a_terminal_unless_somebody_asked_for_none() {
        let wants = |terminal, set: &[(&str, &str)]| {
            wanted(terminal, |name| set.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned()))
        };
        assert!(wants(true, &[]) && wants(true, &[("NO_COLOR", "")]) && wants(true, &[("TERM", "xterm")]));
        assert!(!wants(false, &[]) && !wants(true, &[("NO_COLOR", "1")]) && !wants(true, &[("TERM", "dumb")]));
    }
}
