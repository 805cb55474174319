//! Rust's text in words and signs: as much as it takes to find paths in it.

/// A word, or a sign: `::` is one, every other character stands alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Token {
    Word(String),
    Sign(String),
}

impl Token {
    pub(crate) fn is(&self, text: &str) -> bool {
        let (Self::Word(own) | Self::Sign(own)) = self;
        own == text
    }

    pub(crate) fn word(&self) -> Option<&str> {
        match self {
            Self::Word(word) => Some(word),
            Self::Sign(_) => None,
        }
    }
}

/// All of them; comments, texts, characters and lifetimes are left out.
pub(crate) fn tokens(text: &str) -> Vec<Token> {
    by_line(text).into_iter().map(|(_, token)| token).collect()
}

/// The same with the line that each stands in, from 1.
pub(crate) fn by_line(text: &str) -> Vec<(usize, Token)> {
    let mut found = Vec::new();
    let (mut rest, mut line) = (text, 1);
    while let Some(first) = rest.chars().next() {
        let length = if let Some(length) = silent(rest) {
            length
        } else if first == '_' || first.is_alphanumeric() {
            let length = rest.find(|c: char| c != '_' && !c.is_alphanumeric()).unwrap_or(rest.len());
            found.push((line, Token::Word(rest[..length].to_owned())));
            length
        } else {
            let length = if rest.starts_with("::") { 2 } else { first.len_utf8() };
            found.push((line, Token::Sign(rest[..length].to_owned())));
            length
        };
        line += rest[..length].matches('\n').count();
        rest = &rest[length..];
    }
    found
}

/// How long that is which says nothing at the beginning of a text; `None` where there is something else.
fn silent(text: &str) -> Option<usize> {
    let first = text.chars().next()?;
    if first.is_whitespace() {
        return Some(first.len_utf8());
    }
    if text.starts_with("//") {
        return Some(text.find('\n').unwrap_or(text.len()));
    }
    if text.starts_with("/*") {
        return Some(block(text));
    }
    if first == '\'' {
        return Some(quote(text));
    }
    let marked = text.trim_start_matches(['b', 'r', 'c']);
    let mark = &text[..text.len() - marked.len()];
    if !["", "b", "c", "r", "br", "cr"].contains(&mark) {
        return None;
    }
    let inner = marked.trim_start_matches('#');
    let hashes = marked.len() - inner.len();
    if !inner.starts_with('"') || (hashes > 0 && !mark.contains('r')) {
        return None;
    }
    let begun = mark.len() + hashes + 1;
    let length = if mark.contains('r') {
        let end = format!("\"{}", "#".repeat(hashes));
        text[begun..].find(&end).map_or(text.len(), |at| begun + at + end.len())
    } else {
        begun + escaped(&text[begun..], '"')
    };
    Some(length)
}

/// A comment that may have others in it.
fn block(text: &str) -> usize {
    let (mut depth, mut at) = (0, 0);
    loop {
        let rest = &text[at..];
        let (open, close) = (rest.starts_with("/*"), rest.starts_with("*/"));
        depth = if open {
            depth + 1
        } else if close {
            depth - 1
        } else {
            depth
        };
        at += if open || close { 2 } else { rest.chars().next().map_or(1, char::len_utf8) };
        if depth == 0 || at >= text.len() {
            return at.min(text.len());
        }
    }
}

/// A character in quotes, or the quote of a lifetime with its name.
fn quote(text: &str) -> usize {
    let mut inside = text[1..].chars();
    let (first, second) = (inside.next(), inside.next());
    if first == Some('\\') || second == Some('\'') {
        return 1 + escaped(&text[1..], '\'');
    }
    1 + text[1..].find(|c: char| c != '_' && !c.is_alphanumeric()).unwrap_or(text.len() - 1)
}

/// Up to and with the sign that ends it, past those behind a backslash.
fn escaped(text: &str, end: char) -> usize {
    let mut is_escaped = false;
    for (at, c) in text.char_indices() {
        if c == end && !is_escaped {
            return at + 1;
        }
        is_escaped = c == '\\' && !is_escaped;
    }
    text.len()
}
