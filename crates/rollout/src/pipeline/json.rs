//! JSON files of artifacts, and where their members stand.

use serde_json::Value;
use serde_json::error::Category;

use super::fault::Fault;
use super::file::File;
use crate::text::placeholder;

/// Reads a JSON file, or says what is wrong with it: file, line and column, and what to write.
pub(super) fn read(file: &File) -> Result<Value, Fault> {
    serde_json::from_str(&file.text).map_err(|error| {
        let (line, column) = (error.line(), error.column());
        let at = format!("{}:{line}:{column}", file.name);
        Fault::written(match what(file, &error) {
            Some(what) => format!("{at}: {what}"),
            None => {
                let said = error.to_string();
                let said = said.split(" at line ").next().unwrap_or(&said).to_owned();
                format!("{at}: not well-formed JSON: {said}")
            }
        })
    })
}

/// A slip that is known by its place.
fn what(file: &File, error: &serde_json::Error) -> Option<String> {
    if file.text.trim().is_empty() {
        return Some("the file is empty".to_owned());
    }
    let here = file.text.lines().nth(error.line().checked_sub(1)?).unwrap_or_default();
    let said = error.to_string();
    if said.starts_with("trailing comma") || (said.starts_with("expected value") && ends_early(file, error)) {
        return Some("a comma stands before the bracket that closes: leave it out".to_owned());
    }
    if error.classify() == Category::Eof {
        return Some("the file ends too early: a } or ] is missing".to_owned());
    }
    if let Some(bare) = placeholder(here).filter(|bare| bare.starts_with('<') && !here.contains(&format!("\"{bare}"))) {
        return Some(format!("put {bare} in quotes"));
    }
    if here.trim_start().starts_with("//") || here.trim_start().starts_with("/*") {
        return Some("JSON has no comments: leave it out".to_owned());
    }
    None
}

/// Whether what is found where a value is expected is the end of a list.
fn ends_early(file: &File, error: &serde_json::Error) -> bool {
    let here = file.text.lines().nth(error.line() - 1).unwrap_or_default();
    here.as_bytes().get(error.column().wrapping_sub(1)) == Some(&b']')
}

/// The line on which the member at the end of a path stands, from 1: `containerDefinitions`, `0`, `image`. The text is JSON.
pub(super) fn line_of(file: &File, path: &[String]) -> Option<usize> {
    let mut seeker = Seeker { text: file.text.as_bytes(), at: 0, line: 1 };
    seeker.value(path)
}

/// Walks through a text that is JSON, and counts lines.
struct Seeker<'a> {
    text: &'a [u8],
    at: usize,
    line: usize,
}

impl Seeker<'_> {
    fn peek(&mut self) -> Option<u8> {
        while let Some(byte) = self.text.get(self.at).filter(|byte| byte.is_ascii_whitespace() || b",:".contains(byte))
        {
            self.line += usize::from(*byte == b'\n');
            self.at += 1;
        }
        self.text.get(self.at).copied()
    }

    /// The line that the path leads to from the value that comes; `None` where it leads nowhere, and then the value is behind.
    fn value(&mut self, path: &[String]) -> Option<usize> {
        match self.peek()? {
            b'{' => self.inside(b'}', path),
            b'[' => self.inside(b']', path),
            b'"' => {
                self.string();
                None
            }
            _ => {
                while self.text.get(self.at).is_some_and(|byte| !byte.is_ascii_whitespace() && !b",]}".contains(byte)) {
                    self.at += 1;
                }
                None
            }
        }
    }

    fn inside(&mut self, close: u8, path: &[String]) -> Option<usize> {
        self.at += 1;
        let mut index = 0_usize;
        while let Some(byte) = self.peek() {
            if byte == close {
                self.at += 1;
                return None;
            }
            let name = if close == b'}' { self.string() } else { index.to_string() };
            self.peek();
            let line = self.line;
            let rest = match path {
                [first, rest @ ..] if *first == name => rest,
                _ => &[],
            };
            let is_it = path.first() == Some(&name);
            if is_it && rest.is_empty() {
                return Some(line);
            }
            let found = self.value(rest);
            if is_it && found.is_some() {
                return found;
            }
            index += 1;
        }
        None
    }

    fn string(&mut self) -> String {
        let begin = self.at;
        self.at += 1;
        while let Some(byte) = self.text.get(self.at) {
            match byte {
                b'\\' => self.at += 1,
                b'"' => break,
                _ => {}
            }
            self.at += 1;
        }
        self.at = (self.at + 1).min(self.text.len());
        serde_json::from_slice(&self.text[begin..self.at]).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::*;

    fn file(text: &str) -> File {
        File { name: "taskdef.json".to_owned(), text: text.to_owned() }
    }

    #[test]
    fn what_is_no_json_is_told_by_line_and_column_with_what_to_write() {
        let told = [
            "{\n  \"family\": \"web\",\n}",
            "{\"cpus\": [1, 2,\n]}",
            "{\"family\": \"web\"",
            "",
            "{\n  \"image\": <IMAGE1_NAME>\n}",
            "{\n  // the family\n  \"family\": \"web\"}",
            "{\"a\": 1 \"b\": 2}",
            "family: web",
        ]
        .map(|text| read(&file(text)).unwrap_err().message)
        .join("\n");
        expect![[r#"
            taskdef.json:3:1: a comma stands before the bracket that closes: leave it out
            taskdef.json:2:1: a comma stands before the bracket that closes: leave it out
            taskdef.json:1:16: the file ends too early: a } or ] is missing
            taskdef.json:1:0: the file is empty
            taskdef.json:2:12: put <IMAGE1_NAME> in quotes
            taskdef.json:2:3: JSON has no comments: leave it out
            taskdef.json:1:9: not well-formed JSON: expected `,` or `}`
            taskdef.json:1:3: not well-formed JSON: expected ident"#]]
        .assert_eq(&told);
    }

    #[test]
    fn the_line_of_a_member_is_found_through_lists_and_texts_that_look_like_brackets() {
        let text = "{\n \"a\": \"} ] \\\" \",\n \"b\": [\n  {\"c\": 1},\n  {\n   \"c\": {},\n   \"d\": [true,\n    null]\n  }\n ]\n}";
        let line =
            |path: &[&str]| line_of(&file(text), &path.iter().map(|step| (*step).to_owned()).collect::<Vec<_>>());
        assert_eq!(line(&["a"]), Some(2));
        assert_eq!(line(&["b", "0", "c"]), Some(4));
        assert_eq!(line(&["b", "1", "c"]), Some(6));
        assert_eq!(line(&["b", "1", "d", "1"]), Some(8));
        assert_eq!(line(&["b", "2"]), None);
        assert_eq!(line(&["x"]), None);
    }
}
