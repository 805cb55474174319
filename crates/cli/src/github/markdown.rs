//! Text that strangers wrote, in Markdown: it is shown, and makes nothing.

/// What means nothing in the middle of a line.
const PLAIN: &str = " ,.;:'()/=%+-";

/// The text on one line, for a cell of a table. What Markdown gives a meaning, or HTML, is written as a number, which has none.
pub(super) fn cell(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\n' | '\r' | '\t' => shown.push(' '),
            c if c.is_ascii_punctuation() && !PLAIN.contains(c) => shown.push_str(&format!("&#{};", u32::from(c))),
            c => shown.push(c),
        }
    }
    // What looks like an address would become a link.
    shown.replace("://", "&#58;//").replace("www.", "www&#46;")
}

/// Lines as they are, in a block of HTML that nothing in them ends.
pub(super) fn lines(text: &str) -> String {
    let escaped = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    format!("<pre>\n{}\n</pre>\n", escaped.trim_end())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_makes_no_cell_no_link_and_no_element() {
        let hostile = "a|b\n| `x` | <img src=x> [y](https://z) **bold** # @you ![z] www.z.example";
        let shown = cell(hostile);
        assert!(!shown.contains(['|', '\n', '`', '<', '[', ']', '*', '@', '!']), "{shown}");
        assert!(!shown.contains("://") && !shown.contains("www."), "{shown}");
        assert!(shown.starts_with("a&#124;b &#124; "), "{shown}");
        assert_eq!(cell("storefront:live at 12:00 +02:00, 10 %"), "storefront:live at 12:00 +02:00, 10 %");
    }

    #[test]
    fn lines_stay_in_their_block() {
        assert_eq!(lines("a\n</pre><script>&\n"), "<pre>\na\n&lt;/pre&gt;&lt;script&gt;&amp;\n</pre>\n");
    }
}
