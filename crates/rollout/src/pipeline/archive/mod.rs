//! The zip of an artifact, of which only what is needed is fetched: an artifact may have gigabytes.
//!
//! An [`Archive`] says which bytes it has to see next; whoever reads it fetches them and asks again. Only files that are asked for are
//! unpacked, and nothing is believed of what a directory says of them: whatever is declared, no more than [`MAX_BYTES`] is read.

mod directory;
mod kind;

use std::collections::BTreeMap;

use super::fault::{FailureType, Fault};
use crate::text::quoted;
use directory::{End, Entry};

/// The most bytes that the files of one job have together, as CodePipeline's own action has it (docs/codedeploy-contract.md 10.3).
pub const MAX_BYTES: usize = 3 * 1024 * 1024;

/// The most entries of an artifact.
pub const MAX_ENTRIES: u64 = 200_000;

/// The longest directory of an artifact, in bytes.
pub const MAX_DIRECTORY: u64 = 16 * 1024 * 1024;

/// How much of the end of an object is looked at first: the longest comment of a zip, and the records that end it.
pub const TAIL: u64 = 66 * 1024;

/// Bytes that are wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    /// The first one.
    pub from: u64,
    /// How many.
    pub length: u64,
}

/// What came of looking for a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Sought {
    /// These bytes are needed first.
    Need(Span),
    /// Its bytes.
    Found(Vec<u8>),
    /// There is no such file. The names of those that it may have been.
    Absent(Vec<String>),
}

/// Why a look goes no further.
enum Halt {
    Need(Span),
    /// What is wrong with the archive, behind its name.
    Wrong(String),
}

/// An artifact, as far as it was fetched.
#[derive(Debug)]
pub struct Archive {
    /// What it is called: its name, and where it is.
    name: String,
    total: u64,
    parts: BTreeMap<u64, Vec<u8>>,
}

impl Archive {
    /// An object of so many bytes, of which none is known.
    pub fn new(name: impl Into<String>, total: u64) -> Self {
        Self { name: name.into(), total, parts: BTreeMap::new() }
    }

    /// These bytes of it, from there on.
    pub fn add(&mut self, from: u64, bytes: Vec<u8>) {
        self.parts.insert(from, bytes);
    }

    /// Whether it holds what an earlier need asked for: then nothing would come of asking again.
    pub fn has(&self, span: Span) -> bool {
        self.held(span).is_some()
    }

    /// Looks for a file by its path, which [`path`] has checked; it may have so many bytes.
    pub fn file(&self, path: &str, most: usize) -> Result<Sought, Fault> {
        let wrong = |why: String| Fault::written(format!("the artifact {} {why}", self.name));
        match self.look(path, most) {
            Ok(found) => Ok(found),
            Err(Halt::Need(span)) if span.from.saturating_add(span.length) > self.total || span.length == 0 => {
                Err(wrong("is cut off, or no zip: its directory names bytes that it does not have".to_owned()))
            }
            Err(Halt::Need(span)) => Ok(Sought::Need(span)),
            Err(Halt::Wrong(why)) => Err(wrong(why)),
        }
    }

    fn look(&self, path: &str, most: usize) -> Result<Sought, Halt> {
        let end = self.end()?;
        if end.entries > MAX_ENTRIES || end.length > MAX_DIRECTORY {
            return Err(Halt::Wrong(format!(
                "has {} files in a directory of {} bytes: at most {MAX_ENTRIES} files and {MAX_DIRECTORY} bytes are read, so have \
                 the build put what is deployed into an artifact of its own",
                end.entries, end.length
            )));
        }
        let listed = if end.length == 0 { &[][..] } else { self.bytes(end.from, end.length)? };
        let mut found = None;
        let mut near = Vec::new();
        let base = path.rsplit('/').next().unwrap_or(path);
        for entry in directory::entries(listed, end.entries) {
            let entry = entry.map_err(Halt::Wrong)?;
            if entry.name == path {
                if found.is_some() {
                    return Err(Halt::Wrong(format!("has {} twice: which one is meant cannot be told", quoted(path))));
                }
                found = Some(entry);
            } else if near.len() < NEAR && is_near(&entry.name, base) {
                near.push(entry.name);
            }
        }
        match found {
            Some(entry) => self.unpack(&entry, most).map(Sought::Found),
            None => Ok(Sought::Absent(near)),
        }
    }

    /// The record that ends a zip.
    fn end(&self) -> Result<End, Halt> {
        let length = TAIL.min(self.total);
        if length == 0 {
            return Err(Halt::Wrong("is empty, and no zip".to_owned()));
        }
        let from = self.total - length;
        let tail = self.bytes(from, length)?;
        match directory::end(tail, from).map_err(Halt::Wrong)? {
            directory::Ended::At(end) => Ok(end),
            directory::Ended::In64(at) => directory::end64(self.bytes(at, directory::END_64)?).map_err(Halt::Wrong),
            directory::Ended::Nowhere => {
                let first = self.bytes(0, kind::FIRST.min(self.total))?;
                Err(Halt::Wrong(kind::of(first)))
            }
        }
    }

    fn unpack(&self, entry: &Entry, most: usize) -> Result<Vec<u8>, Halt> {
        let name = quoted(&entry.name);
        if entry.encrypted {
            return Err(Halt::Wrong(format!("has {name}, which is encrypted: pack it without a password")));
        }
        let (most, packed) = (most as u64, entry.packed);
        // What is packed has a few bytes more than what it holds, at the worst.
        if entry.size > most || packed > most + 1024 {
            return Err(Halt::Wrong(format!(
                "has {name} with {} bytes, and no more than {MAX_BYTES} bytes are read of all files of a job together",
                entry.size.max(packed)
            )));
        }
        let around = directory::LOCAL + entry.around + 256;
        let wanted = (around + packed).min(self.total.saturating_sub(entry.offset));
        let local = self.bytes(entry.offset, wanted.max(directory::LOCAL))?;
        let behind = directory::behind_local(local).map_err(Halt::Wrong)?;
        let data = if packed == 0 { &[][..] } else { self.bytes(entry.offset + behind, packed)? };
        let bytes = directory::unpacked(entry, data).map_err(|why| Halt::Wrong(format!("has {name}, {why}")))?;
        if bytes.len() as u64 != entry.size || directory::crc(&bytes) != entry.crc {
            return Err(Halt::Wrong(format!("has {name}, which is not what its directory says: pack it again")));
        }
        Ok(bytes)
    }

    fn bytes(&self, from: u64, length: u64) -> Result<&[u8], Halt> {
        let span = Span { from, length };
        self.held(span).ok_or(Halt::Need(span))
    }

    fn held(&self, span: Span) -> Option<&[u8]> {
        self.parts.range(..=span.from).rev().find_map(|(from, bytes)| {
            let start = usize::try_from(span.from - from).ok()?;
            let end = start.checked_add(usize::try_from(span.length).ok()?)?;
            bytes.get(start..end)
        })
    }
}

/// How many names are told of files that one may have been.
const NEAR: usize = 5;

/// Whether a file is the one that is meant in another folder or with another ending, or may be.
fn is_near(name: &str, base: &str) -> bool {
    let stem = |name: &str| name.rsplit('/').next().unwrap_or(name).split('.').next().unwrap_or(name).to_lowercase();
    !name.ends_with('/') && stem(name) == stem(base)
}

/// A path within an artifact, as it is looked for; or what to write instead. Nothing outside of an artifact has a path.
pub fn path(written: &str, member: &str) -> Result<String, Fault> {
    let refused = |why: &str| Err(Fault::written(format!("{member} is {}: {why}", quoted(written))));
    let path = written.strip_prefix("./").unwrap_or(written);
    if path.is_empty() || path.ends_with('/') {
        return refused("write the path of a file in the artifact, such as deploy/appspec.yaml");
    }
    if path.contains('\\') {
        return refused("write / between folders, and not \\");
    }
    if path.starts_with('/') || path.contains("://") || path.get(1..3) == Some(":/") {
        return refused("write the path from the top of the artifact, without a / before it");
    }
    if path.split('/').any(|part| part == "..") {
        return refused("a path does not lead out of the artifact: leave .. out");
    }
    if path.chars().any(char::is_control) {
        return refused("it has a character that cannot be seen: leave it out");
    }
    Ok(path.to_owned())
}

impl Fault {
    /// The artifact is not what it was when its directory was read.
    pub fn changed(artifact: &str) -> Self {
        let message = format!(
            "the artifact {artifact} was replaced while it was read: run the stage again with the artifact that is there now"
        );
        Self::new(FailureType::RevisionOutOfSync, message)
    }
}

#[cfg(test)]
mod tests;
