//! The README and what is in `docs`: fenced blocks, the words that stand between backticks, tables, links and sections.

use std::fs;
use std::path::{Path, PathBuf};

use crate::OrStop;
use crate::stack::root;

/// A document.
#[derive(Debug)]
pub struct Document {
    /// Its path from the project's root.
    pub name: String,
    /// Its fenced blocks, in order.
    pub blocks: Vec<Block>,
    /// All other lines.
    prose: Vec<Line>,
}

/// A fenced block.
#[derive(Debug, Clone)]
pub struct Block {
    /// The document's path.
    pub document: String,
    /// The heading it stands under; empty before the first of the second level.
    pub chapter: String,
    /// The line of its fence.
    pub line: usize,
    /// What stands behind the fence.
    pub language: String,
    /// What stands in it; each line ends with a newline.
    pub text: String,
}

#[derive(Debug)]
struct Line {
    number: usize,
    chapter: String,
    text: String,
}

/// Words between backticks in the prose.
#[derive(Debug, Clone)]
pub struct Span {
    /// The document's path, and the line.
    pub place: String,
    /// The words.
    pub text: String,
}

/// Those of `docs` that are looked up and not followed: facts about AWS, each in a section with a number, under names that are AWS's.
const REFERENCES: [&str; 3] = ["docs/aws-realities.md", "docs/codedeploy-contract.md", "docs/host-agent-contract.md"];

/// The README first, then the chapters by name.
pub fn documents() -> Vec<Document> {
    let chapters = in_docs().into_iter().filter(|document| !REFERENCES.contains(&document.name.as_str()));
    [read(&root().join("README.md"))].into_iter().chain(chapters).collect()
}

/// The facts about AWS that code relies on.
pub fn references() -> Vec<Document> {
    in_docs().into_iter().filter(|document| REFERENCES.contains(&document.name.as_str())).collect()
}

/// All of `docs`, by name.
fn in_docs() -> Vec<Document> {
    let mut paths: Vec<PathBuf> = fs::read_dir(root().join("docs"))
        .or_stop("docs")
        .map(|entry| entry.or_stop("an entry of docs").path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "md"))
        .collect();
    paths.sort();
    paths.iter().map(|path| read(path)).collect()
}

fn read(path: &Path) -> Document {
    let name = path.strip_prefix(root()).unwrap_or(path).display().to_string();
    Document::read(&name, &fs::read_to_string(path).or_stop(&name))
}

/// The blocks of all documents, in order.
pub fn blocks() -> Vec<Block> {
    documents().into_iter().flat_map(|document| document.blocks).collect()
}

impl Block {
    /// Where it is, for whoever has to mend it.
    pub fn place(&self) -> String {
        format!("{}, line {}", self.document, self.line)
    }

    /// Of one for a shell, the commands: each a line, with those that continue it, a text in quotes, or a document in it.
    pub fn commands(&self) -> Vec<String> {
        let mut commands: Vec<String> = Vec::new();
        let mut goes_on = false;
        for line in self.text.lines().filter(|line| !line.is_empty()) {
            match commands.last_mut() {
                Some(begun) if goes_on => begun.push_str(&format!("\n{line}")),
                _ => commands.push(line.to_owned()),
            }
            goes_on = commands.last().is_some_and(|command| !is_whole(command));
        }
        commands
    }
}

/// What ends a document in a command.
const END: &str = "END";

fn is_whole(command: &str) -> bool {
    if command.contains(&format!("<<'{END}'")) {
        return command.ends_with(&format!("\n{END}"));
    }
    !command.ends_with('\\') && command.matches('\'').count().is_multiple_of(2)
}

impl Document {
    fn read(name: &str, text: &str) -> Self {
        let (mut blocks, mut prose, mut chapter) = (Vec::new(), Vec::new(), String::new());
        let (mut open, mut indent): (Option<Block>, _) = (None, String::new());
        for (number, line) in (1..).zip(text.lines()) {
            match (line.trim_start().strip_prefix("```"), open.take()) {
                (Some(language), None) => {
                    // A block in a list stands as far to the right as its fence.
                    indent = line.split('`').next().unwrap_or_default().to_owned();
                    let (document, chapter, language) = (name.to_owned(), chapter.clone(), language.to_owned());
                    open = Some(Block { document, chapter, line: number, language, text: String::new() });
                }
                (Some(_), Some(whole)) => blocks.push(whole),
                (None, Some(mut block)) => {
                    block.text.push_str(line.strip_prefix(indent.as_str()).unwrap_or(line));
                    block.text.push('\n');
                    open = Some(block);
                }
                (None, None) => {
                    if let Some(heading) = line.strip_prefix("## ") {
                        chapter = heading.to_owned();
                    }
                    prose.push(Line { number, chapter: chapter.clone(), text: line.to_owned() });
                }
            }
        }
        assert!(open.is_none(), "{name}: a block is never closed");
        Self { name: name.to_owned(), blocks, prose }
    }

    /// The words between backticks in its prose. A pair may stand on two lines.
    pub fn spans(&self) -> Vec<Span> {
        let (mut spans, mut open): (_, Option<Span>) = (Vec::new(), None);
        for line in &self.prose {
            for (index, piece) in line.text.split('`').enumerate() {
                open = match (index, open.take()) {
                    (0, None) => None,
                    (0, Some(begun)) => Some(Span { text: format!("{} {piece}", begun.text), ..begun }),
                    (_, None) => Some(Span { place: self.at(line.number), text: piece.to_owned() }),
                    (_, Some(whole)) => {
                        spans.push(whole);
                        None
                    }
                };
            }
        }
        assert!(open.is_none(), "{:?} opens and is never closed", open.map(|span| span.place));
        spans
    }

    /// The rows of the tables under a heading, without their heads: the cells as they are written.
    pub fn rows(&self, chapter: &str) -> Vec<Vec<String>> {
        let lines = self.prose.iter().filter(|line| line.chapter == chapter && line.text.starts_with('|'));
        let rows: Vec<&str> = lines.map(|line| line.text.trim_matches('|')).collect();
        let is_rule = |row: &&str| row.chars().all(|c| "-| :".contains(c));
        let body = rows.into_iter().skip_while(|row| !is_rule(row)).filter(|row| !is_rule(row));
        body.map(|row| row.split('|').map(|cell| cell.trim().to_owned()).collect()).collect()
    }

    /// Its headings of the second level, in order.
    pub fn chapters(&self) -> Vec<&str> {
        self.prose.iter().filter_map(|line| line.text.strip_prefix("## ")).collect()
    }

    /// Where its links lead, each with its own place.
    pub fn links(&self) -> Vec<(String, String)> {
        let on_line = |line: &Line| {
            let targets = line.text.split("](").skip(1).filter_map(|rest| rest.split(')').next());
            targets.map(|target| (self.at(line.number), target.to_owned())).collect::<Vec<_>>()
        };
        self.prose.iter().flat_map(on_line).collect()
    }

    /// The names by which links lead to its headings.
    pub fn anchors(&self) -> Vec<String> {
        let headings = self.prose.iter().filter(|line| line.text.starts_with('#'));
        let anchor = |line: &Line| {
            let words = line.text.trim_start_matches(['#', ' ']).to_lowercase().replace(' ', "-");
            words.chars().filter(|c| c.is_alphanumeric() || "-_".contains(*c)).collect()
        };
        headings.map(anchor).collect()
    }

    /// The numbers its headings begin with: `8`, `8.2`.
    pub fn sections(&self) -> Vec<String> {
        let headings = self.prose.iter().filter(|line| line.text.starts_with('#'));
        let numbers = headings.filter_map(|line| line.text.trim_start_matches('#').split_whitespace().next());
        let plain = numbers.map(|number| number.trim_end_matches('.'));
        plain.filter(|number| number.starts_with(|c: char| c.is_ascii_digit())).map(str::to_owned).collect()
    }

    fn at(&self, line: usize) -> String {
        format!("{}, line {line}", self.name)
    }
}
