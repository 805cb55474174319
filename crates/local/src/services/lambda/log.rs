//! What functions print: a file per function, the tail of the running call, and the lines for CloudWatch Logs.

use std::fs::{File, OpenOptions};
use std::io::Write as _;
use std::path::Path;
use std::sync::Arc;

use crate::guarded::Guarded;
use crate::services::logs::Printed;

/// AWS returns the last 4 KB.
const TAIL: usize = 4096;

/// The log of one process.
#[derive(Debug)]
pub(crate) struct Log {
    function: String,
    /// One a process, as on AWS.
    stream: String,
    printed: Arc<Printed>,
    written: Guarded<Written>,
}

#[derive(Debug)]
struct Written {
    file: Option<File>,
    tail: Vec<u8>,
    /// What was printed of a line that has no end yet.
    begun: Vec<u8>,
}

impl Log {
    /// Appends to `<folder>/<function>.log`. A log that cannot be opened costs the file, not the call.
    pub(crate) fn open(folder: &Path, function: &str, stream: &str, printed: &Arc<Printed>) -> Self {
        let file = OpenOptions::new().create(true).append(true).open(folder.join(format!("{function}.log"))).ok();
        Self {
            function: function.to_owned(),
            stream: stream.to_owned(),
            printed: Arc::clone(printed),
            written: Guarded::new(Written { file, tail: Vec::new(), begun: Vec::new() }),
        }
    }

    /// Adds what was printed.
    pub(crate) fn write(&self, bytes: &[u8]) {
        let Written { file, tail, begun } = &mut *self.written.lock();
        if let Some(file) = file {
            // A full disk costs log lines.
            let _ = file.write_all(bytes);
        }
        tail.extend_from_slice(bytes);
        if tail.len() > 4 * TAIL {
            tail.drain(..tail.len() - TAIL);
        }
        begun.extend_from_slice(bytes);
        while let Some(end) = begun.iter().position(|byte| *byte == b'\n') {
            let line: Vec<u8> = begun.drain(..=end).collect();
            self.printed.add(&self.function, &self.stream, &String::from_utf8_lossy(&line));
        }
    }

    /// Begins a call's tail.
    pub(crate) fn begin(&self, line: &str) {
        self.written.lock().tail.clear();
        self.write(line.as_bytes());
    }

    /// The call's tail.
    pub(crate) fn tail(&self) -> Vec<u8> {
        let tail = &self.written.lock().tail;
        tail[tail.len().saturating_sub(TAIL)..].to_vec()
    }
}
