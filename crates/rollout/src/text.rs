//! What is said of a text that somebody wrote.

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

/// What a build was to put something in place of: `<NAME>`, `${NAME}`, `{{ name }}`, `%NAME%`, `@NAME@`.
pub(crate) fn placeholder(text: &str) -> Option<&str> {
    [("${", "}"), ("{{", "}}"), ("<", ">"), ("%", "%"), ("@", "@")].into_iter().find_map(|(open, close)| {
        let start = text.find(open)?;
        let inside = &text[start + open.len()..];
        let length = inside.find(close)?;
        let name = inside[..length].trim();
        let is_name = !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || "_-. ".contains(c));
        is_name.then(|| &text[start..start + open.len() + length + close.len()])
    })
}

/// What is said of a placeholder.
pub(crate) fn unfilled(placeholder: &str) -> String {
    format!(
        "nobody has put a value in place of {}: see to it that the build does, or write the value",
        quoted(placeholder)
    )
}
