//! Which file of a crate imports which, and which of them import each other in circles.
//!
//! Read are all paths that begin with `crate`, `super`, `self` or the name of a child module, in `use` and in between; what is for
//! tests alone is left out. A name that a file only passes on (`pub use self::rule::Rule`) is of the file it comes from.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use crate::tokens::{Token, tokens};

/// A module's place, from the crate's root.
type Module = Vec<String>;

/// What one file says.
#[derive(Debug, Default)]
struct Read {
    /// What it defines itself.
    defines: BTreeSet<String>,
    /// Every path it names, as written, and the names that a `use` gave to some of them.
    paths: Vec<Named>,
}

/// A path from the crate's root, and by which name the file has it from there on.
#[derive(Debug, Clone)]
struct Named {
    path: Module,
    name: Option<String>,
}

/// The files of a crate and whom each of them imports.
#[derive(Debug, Default)]
pub(crate) struct Imports(BTreeMap<String, BTreeSet<String>>);

impl Imports {
    /// Reads the crate whose sources are in this folder.
    pub(crate) fn of(sources: &Path) -> Self {
        let files = files(sources);
        let read: BTreeMap<Module, Read> =
            files.iter().map(|(module, path)| (module.clone(), read(module, &tokens(&text(path))))).collect();
        let name = |module: &Module| {
            let path = &files[module];
            path.strip_prefix(sources).unwrap_or(path).display().to_string()
        };
        let edges = read.iter().map(|(module, found)| {
            let imported = found.paths.iter().filter_map(|named| resolved(&read, &named.path, 0));
            (name(module), imported.filter(|other| other != module).map(|other| name(&other)).collect())
        });
        Self(edges.collect())
    }

    /// The shortest circle there is, as `a.rs → b.rs → a.rs`.
    pub(crate) fn shortest_circle(&self) -> Option<String> {
        let all = self.0.keys().filter_map(|file| self.way(file, file));
        all.min_by_key(Vec::len).map(|way| way.join(" → "))
    }

    /// The same between folders, each file being of the one that is named for it; files of none do not count.
    pub(crate) fn between(&self, folder_of: impl Fn(&str) -> Option<String>) -> Self {
        let mut folders = BTreeMap::<String, BTreeSet<String>>::new();
        for (file, imported) in &self.0 {
            let Some(folder) = folder_of(file) else { continue };
            let others = imported.iter().filter_map(|other| folder_of(other)).filter(|other| *other != folder);
            folders.entry(folder.clone()).or_default().extend(others);
        }
        Self(folders)
    }

    /// The shortest way of imports from one file to another, at least one import long.
    fn way(&self, from: &str, to: &str) -> Option<Vec<String>> {
        let mut ways = std::collections::VecDeque::from([vec![from.to_owned()]]);
        let mut seen = BTreeSet::new();
        while let Some(way) = ways.pop_front() {
            for next in way.last().and_then(|last| self.0.get(last)).into_iter().flatten() {
                let longer = [way.as_slice(), std::slice::from_ref(next)].concat();
                if next == to {
                    return Some(longer);
                }
                if seen.insert(next) {
                    ways.push_back(longer);
                }
            }
        }
        None
    }
}

fn text(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Every file below a crate's sources with the module that it is.
fn files(sources: &Path) -> BTreeMap<Module, PathBuf> {
    let (mut found, mut folders) = (BTreeMap::new(), vec![(sources.to_owned(), Module::new())]);
    // A program beside a library is a crate of its own; it only calls the library.
    let main = if sources.join("lib.rs").exists() { "lib" } else { "main" };
    while let Some((folder, module)) = folders.pop() {
        for entry in std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()) {
            let stem = entry.file_stem().unwrap().to_str().unwrap().to_owned();
            let below = |name: String| [module.as_slice(), &[name]].concat();
            match (entry.is_dir(), stem.as_str()) {
                (true, _) => folders.push((entry, below(stem))),
                (false, "mod") => drop(found.insert(module.clone(), entry)),
                (false, name) if module.is_empty() && name == main => drop(found.insert(module.clone(), entry)),
                (false, "lib" | "main") if module.is_empty() => {}
                (false, _) if entry.extension().is_some_and(|kind| kind == "rs") => {
                    drop(found.insert(below(stem), entry))
                }
                (false, _) => {}
            }
        }
    }
    found
}

/// The file that a path leads to; `None` where it leads out of the crate.
fn resolved(read: &BTreeMap<Module, Read>, path: &[String], passed: usize) -> Option<Module> {
    let depth = (0..=path.len()).rev().find(|depth| read.contains_key(&path[..*depth]))?;
    let (module, rest) = path.split_at(depth);
    let found = &read[module];
    let Some(item) = rest.first() else { return Some(module.to_vec()) };
    if passed > 10 || found.defines.contains(item) {
        return Some(module.to_vec());
    }
    let passes_on = |named: &&Named| named.name.as_ref() == Some(item) && named.path != path;
    if let Some(from) = found.paths.iter().find(passes_on) {
        return resolved(read, &[from.path.as_slice(), &rest[1..]].concat(), passed + 1);
    }
    let globs = found.paths.iter().filter(|named| named.name.as_deref() == Some("*"));
    let through = globs.map(|glob| glob.path.as_slice()).find(|glob| {
        read.get(*glob).is_some_and(|inner| {
            inner.defines.contains(item) || inner.paths.iter().any(|named| named.name.as_ref() == Some(item))
        })
    });
    match through {
        Some(glob) => resolved(read, &[glob, rest].concat(), passed + 1),
        None => Some(module.to_vec()),
    }
}

/// Reads a file.
fn read(module: &Module, tokens: &[Token]) -> Read {
    let mut found = Read::default();
    let children = declared(tokens);
    let mut reader = Reader { tokens, at: 0, place: module.clone(), children: &children };
    reader.items(&mut found);
    found
}

/// The modules a file declares as other files.
fn declared(tokens: &[Token]) -> Vec<String> {
    let three = tokens.windows(3).filter(|three| three[0].is("mod") && three[2].is(";"));
    three.filter_map(|three| three[1].word().map(str::to_owned)).collect()
}

struct Reader<'a> {
    tokens: &'a [Token],
    at: usize,
    /// The module that is being read; one that is written inside of another is below it.
    place: Module,
    children: &'a [String],
}

impl Reader<'_> {
    fn peek(&self, ahead: usize) -> Option<&Token> {
        self.tokens.get(self.at + ahead)
    }

    fn sees(&self, ahead: usize, text: &str) -> bool {
        self.peek(ahead).is_some_and(|token| token.is(text))
    }

    /// Up to the brace that closes what is being read, or the end.
    fn items(&mut self, found: &mut Read) {
        while let Some(token) = self.peek(0) {
            let before = self.at.checked_sub(1).and_then(|at| self.tokens.get(at));
            let continues = before.is_some_and(|before| before.is("::") || before.is("."));
            let word = token.word().unwrap_or_default();
            if token.is("}") {
                return;
            } else if token.is("{") {
                self.at += 1;
                self.items(found);
                self.at += 1;
            } else if self.is_for_tests() {
                self.skip_item();
            } else if word == "mod" && self.sees(2, "{") {
                self.place.push(self.peek(1).and_then(Token::word).unwrap_or_default().to_owned());
                self.at += 3;
                self.items(found);
                self.at += 1;
                self.place.pop();
            } else if word == "use" && !continues {
                self.at += 1;
                self.tree(Module::new(), true, found);
            } else if self.begins_a_path(word) && !continues && self.sees(1, "::") {
                self.tree(Module::new(), false, found);
            } else {
                if ["struct", "enum", "trait", "fn", "type", "const", "static", "union"].contains(&word)
                    && let Some(name) = self.peek(1).and_then(Token::word)
                {
                    found.defines.insert(name.to_owned());
                }
                self.at += 1;
            }
        }
    }

    fn begins_a_path(&self, word: &str) -> bool {
        ["crate", "super", "self"].contains(&word) || self.children.iter().any(|child| child == word)
    }

    /// `#[cfg(test)]`.
    fn is_for_tests(&self) -> bool {
        ["#", "[", "cfg", "(", "test", ")", "]"].iter().enumerate().all(|(ahead, text)| self.sees(ahead, text))
    }

    /// Past an item with its attributes: to the semicolon or the closing brace.
    fn skip_item(&mut self) {
        let mut depth = 0_usize;
        while let Some(token) = self.peek(0) {
            depth += usize::from(token.is("{"));
            let closes = token.is("}");
            depth -= usize::from(closes);
            let over = depth == 0 && (closes || token.is(";"));
            self.at += 1;
            if over {
                return;
            }
        }
    }

    /// A path, or the tree of paths of a `use`.
    fn tree(&mut self, mut written: Module, imports: bool, found: &mut Read) {
        loop {
            match self.peek(0) {
                Some(token) if token.is("{") && imports => {
                    self.at += 1;
                    while self.peek(0).is_some_and(|token| !token.is("}")) {
                        self.tree(written.clone(), imports, found);
                        self.at += usize::from(self.sees(0, ","));
                    }
                    self.at += 1;
                    return;
                }
                Some(token) if token.is("*") && imports => {
                    self.at += 1;
                    found.paths.extend(self.named(&written, Some("*".to_owned())));
                    return;
                }
                Some(token) => match token.word() {
                    Some("self") if !written.is_empty() => {}
                    Some(word) => written.push(word.to_owned()),
                    None => break,
                },
                None => break,
            }
            self.at += 1;
            if !self.sees(0, "::") {
                break;
            }
            self.at += 1;
        }
        let mut name = written.last().cloned();
        if self.sees(0, "as") && imports {
            name = self.peek(1).and_then(Token::word).map(str::to_owned);
            self.at += 2;
        }
        found.paths.extend(self.named(&written, name.filter(|_| imports)));
    }

    /// A path as written, from the crate's root; `None` where it begins outside.
    fn named(&self, written: &[String], name: Option<String>) -> Option<Named> {
        let (first, rest) = written.split_first()?;
        let mut path = match first.as_str() {
            "crate" => Module::new(),
            "self" | "super" => self.place.clone(),
            child if self.children.iter().any(|known| known == child) => {
                [self.place.as_slice(), &[child.to_owned()]].concat()
            }
            _ => return None,
        };
        if first == "super" {
            path.pop();
        }
        for segment in rest {
            if segment == "super" { drop(path.pop()) } else { path.push(segment.clone()) }
        }
        Some(Named { path, name })
    }
}

#[cfg(test)]
mod tests {
    use super::Imports;

    fn circle(files: &[(&str, &str)]) -> Option<String> {
        let folder = tempfile::tempdir().unwrap();
        for (path, text) in files {
            let path = folder.path().join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
        Imports::of(folder.path()).shortest_circle()
    }

    #[test]
    fn two_files_that_use_each_other_are_a_circle_however_they_say_it() {
        let a = "use super::b::{self, B}; pub struct A;";
        for b in
            ["use crate::a::A;", "use super::{a::A as Other};", "fn f() { let _ = crate::a::A; }", "use super::a::*;"]
        {
            let found = circle(&[("lib.rs", "mod a; mod b;"), ("a.rs", a), ("b.rs", b)]);
            assert_eq!(found.as_deref(), Some("a.rs → b.rs → a.rs"), "{b}");
        }
    }

    #[test]
    fn tests_comments_and_texts_import_nothing() {
        let a = "use crate::b::B;";
        for b in [
            "#[cfg(test)] mod tests { use crate::a::A; }",
            "#[cfg(test)] use crate::a::A; struct B;",
            "// use crate::a::A;\n/* crate::a::A /* twice */ */ const TEXT: &str = \"crate::a::A\"; const QUOTE: char = '\"';",
            "const RAW: &str = r#\"\"use crate::a::A;\"#; fn f<'a>(_: &'a str) {}",
        ] {
            assert_eq!(circle(&[("lib.rs", "mod a; mod b;"), ("a.rs", a), ("b.rs", b)]), None, "{b}");
        }
    }

    #[test]
    fn a_name_that_is_passed_on_is_of_the_file_it_comes_from() {
        let root = ("lib.rs", "mod a; pub use a::Rule;");
        let passing = ("a/mod.rs", "mod rule; mod list; pub(crate) use self::rule::Rule; pub(crate) use list::List;");
        let rule = ("a/rule.rs", "pub(crate) struct Rule;");
        let list = ("a/list.rs", "use super::Rule; use crate::Rule as Same; pub(crate) struct List;");
        assert_eq!(circle(&[root, passing, rule, list]), None);
        let defining = ("a/mod.rs", "mod rule; mod list; pub(crate) use list::List; pub(crate) struct Rule;");
        assert_eq!(circle(&[root, defining, rule, list]).as_deref(), Some("a/list.rs → a/mod.rs → a/list.rs"));
    }

    #[test]
    fn a_child_that_is_called_in_between_is_imported() {
        let (root, a) = (("lib.rs", "mod a;"), ("a/mod.rs", "mod b; fn f() { b::g() }"));
        let found = circle(&[root, a, ("a/b.rs", "fn g() { super::f() }")]);
        assert_eq!(found.as_deref(), Some("a/b.rs → a/mod.rs → a/b.rs"));
    }
}
