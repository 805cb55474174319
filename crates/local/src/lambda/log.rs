//! What functions print: a file per function, and the tail of the running call.

use std::fs::{File, OpenOptions};
use std::io::Write as _;
use std::path::Path;

use crate::guarded::Guarded;

/// AWS returns the last 4 KB.
const TAIL: usize = 4096;

/// The log of one process.
#[derive(Debug)]
pub(crate) struct Log(Guarded<(Option<File>, Vec<u8>)>);

impl Log {
    /// Appends to `<folder>/<function>.log`. A log that cannot be opened costs the file, not the call.
    pub(crate) fn open(folder: &Path, function: &str) -> Self {
        let file = OpenOptions::new().create(true).append(true).open(folder.join(format!("{function}.log"))).ok();
        Self(Guarded::new((file, Vec::new())))
    }

    /// Adds what was printed.
    pub(crate) fn write(&self, bytes: &[u8]) {
        let (file, tail) = &mut *self.0.lock();
        if let Some(file) = file {
            // A full disk costs log lines.
            let _ = file.write_all(bytes);
        }
        tail.extend_from_slice(bytes);
        if tail.len() > 4 * TAIL {
            tail.drain(..tail.len() - TAIL);
        }
    }

    /// Begins a call's tail.
    pub(crate) fn begin(&self, line: &str) {
        self.0.lock().1.clear();
        self.write(line.as_bytes());
    }

    /// The call's tail.
    pub(crate) fn tail(&self) -> Vec<u8> {
        let tail = &self.0.lock().1;
        tail[tail.len().saturating_sub(TAIL)..].to_vec()
    }
}
