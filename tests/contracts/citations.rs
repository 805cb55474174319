//! What is cited of the documents: a comment that relies on a fact names its section, and the section is there.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use harness::documents::{Document, documents, references};

/// A document that is named, with a section where one is.
#[derive(Debug, PartialEq, Eq)]
struct Citation {
    document: String,
    section: Option<String>,
}

/// The citations of a line. Several sections of one document stand behind it as `2.4, 3.1 and 8.2`.
fn citations(line: &str) -> Vec<Citation> {
    let mut found = Vec::new();
    for named in line.split("docs/").skip(1) {
        let Some((name, after)) = named.split_once(".md") else { continue };
        if !name.chars().all(|c| c.is_ascii_lowercase() || c == '-') {
            continue;
        }
        let cite = |section: Option<&str>| Citation {
            document: format!("docs/{name}.md"),
            section: section.map(str::to_owned),
        };
        let mut sections = Vec::new();
        let mut rest = after.trim_start_matches('`').strip_prefix(' ').unwrap_or_default();
        while let Some((section, behind)) = number(rest) {
            sections.push(cite(Some(section)));
            rest = behind.strip_prefix(", ").or_else(|| behind.strip_prefix(" and ")).unwrap_or_default();
        }
        match sections.is_empty() {
            true => found.push(cite(None)),
            false => found.append(&mut sections),
        }
    }
    found
}

/// The number a text begins with, `8` or `8.2`, and what stands behind it.
fn number(text: &str) -> Option<(&str, &str)> {
    let end = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    let number = text[..end].trim_matches('.');
    text.starts_with(|c: char| c.is_ascii_digit()).then(|| text.split_at(number.len()))
}

/// Where something is written that can cite: all but what git ignores.
fn files() -> Vec<PathBuf> {
    fn walk(folder: &Path, ignored: &[&str], files: &mut Vec<PathBuf>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            if ignored.contains(&name.as_str()) {
                continue;
            }
            if path.is_dir() {
                walk(&path, ignored, files);
            } else if path.extension().is_some_and(|end| ["rs", "py", "yaml", "md"].iter().any(|known| end == *known)) {
                files.push(path);
            }
        }
    }
    let ignored = crate::files::text(".gitignore");
    let ignored: Vec<&str> = ignored.lines().map(|line| line.trim_matches('/')).chain([".git"]).collect();
    let mut files = Vec::new();
    walk(&root(), &ignored, &mut files);
    files
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..").canonicalize().unwrap()
}

/// What is wrong with a citation on this line.
fn wrong(line: &str, citation: &Citation, known: &[Document], facts: &[&str]) -> Option<String> {
    let Citation { document, section } = citation;
    let Some(found) = known.iter().find(|known| known.name == *document) else {
        return Some(format!("there is no {document}"));
    };
    match section {
        Some(section) => (!found.sections().contains(section)).then(|| format!("{document} has no section {section}")),
        // A number on the next line would be held against nothing.
        None => {
            let is_comment = ["//", "#"].iter().any(|begins| line.trim_start().starts_with(begins));
            let is_fact = facts.contains(&document.as_str());
            (is_comment && is_fact).then(|| format!("{document} is cited without a section"))
        }
    }
}

#[test]
fn every_section_that_is_cited_is_there_and_each_document_of_facts_is_cited_by_code() {
    let references = references();
    let facts: Vec<String> = references.iter().map(|document| document.name.clone()).collect();
    let facts: Vec<&str> = facts.iter().map(String::as_str).collect();
    let known: Vec<Document> = documents().into_iter().chain(references).collect();
    let (mut faults, mut by_code) = (Vec::new(), BTreeSet::new());
    for file in files() {
        let text = fs::read_to_string(&file).unwrap();
        let is_code = file.extension().is_some_and(|end| end != "md");
        for (number, line) in (1..).zip(text.lines()) {
            for citation in citations(line) {
                if let Some(fault) = wrong(line, &citation, &known, &facts) {
                    faults.push(format!("{}, line {number}: {fault}", file.strip_prefix(root()).unwrap().display()));
                }
                if is_code && citation.section.is_some() {
                    by_code.insert(citation.document);
                }
            }
        }
    }
    assert!(faults.is_empty(), "{faults:#?}");
    assert_eq!(by_code.iter().map(String::as_str).collect::<Vec<_>>(), facts, "the documents that code cites");
}

/// The sections that a line cites. It is put together here, or it would be held against a document that is not there.
fn citing(behind: &str) -> Vec<Option<String>> {
    let line = format!("/// As {}/facts.md{behind}", "docs");
    citations(&line).into_iter().map(|citation| citation.section).collect()
}

#[test]
fn a_citation_is_a_document_and_its_sections() {
    let sections = |numbers: &[&str]| numbers.iter().map(|number| Some((*number).to_owned())).collect::<Vec<_>>();
    assert_eq!(citing(" 8.2"), sections(&["8.2"]));
    assert_eq!(citing(" 8."), sections(&["8"]), "a sentence may end behind it");
    assert_eq!(citing("` 12.10)"), sections(&["12.10"]));
    assert_eq!(citing(" 2.4, 3.1 and 8, 5 of them"), sections(&["2.4", "3.1", "8", "5"]));
    assert_eq!(citing(""), [None]);
    assert_eq!(citing(" and more"), [None]);
}

#[test]
fn a_section_that_is_not_there_is_a_fault() {
    let (known, document) = (references(), "docs/codedeploy-contract.md");
    let facts = [document];
    let fault = |line: &str, section: Option<&str>| {
        let citation = Citation { document: document.to_owned(), section: section.map(str::to_owned) };
        wrong(line, &citation, &known, &facts)
    };
    assert_eq!(fault("/// …", Some("8.2")), None);
    assert_eq!(fault("/// …", Some("8.99")), Some(format!("{document} has no section 8.99")));
    assert_eq!(fault("    /// …", None), Some(format!("{document} is cited without a section")));
    assert_eq!(fault("let path = …", None), None);
}
