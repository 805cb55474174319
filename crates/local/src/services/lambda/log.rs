//! What functions print: a file per function, the tail of the running call, and the lines for CloudWatch Logs.

use std::fs::{File, OpenOptions};
use std::io::Write as _;
use std::path::Path;
use std::sync::Arc;

use serde_json::Value;

use crate::clock;
use crate::guarded::Guarded;
use crate::services::logs::Printed;

/// AWS returns the last 4 KB.
const TAIL: usize = 4096;

/// Where the lines of one process go in CloudWatch Logs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Stream {
    pub(crate) group: String,
    /// One a process, as on AWS. In a group that a function was told to log to, it says whose it is.
    pub(crate) name: String,
}

impl Stream {
    /// That of a process which begins now.
    pub(crate) fn of(function: &str, version: &str, config: &Value, process: &str) -> Self {
        let own = format!("/aws/lambda/{function}");
        let group = config["LoggingConfig"]["LogGroup"].as_str().unwrap_or(&own).to_owned();
        let whose = if group == own { "" } else { function };
        let name = format!("{}/{whose}[{version}]{process}", clock::now().strftime("%Y/%m/%d"));
        Self { group, name }
    }
}

/// The log of one process.
#[derive(Debug)]
pub(crate) struct Log {
    stream: Stream,
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
    pub(crate) fn open(folder: &Path, function: &str, stream: Stream, printed: &Arc<Printed>) -> Self {
        let file = OpenOptions::new().create(true).append(true).open(folder.join(format!("{function}.log"))).ok();
        Self {
            stream,
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
            self.printed.add(&self.stream.group, &self.stream.name, &String::from_utf8_lossy(&line));
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

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::Stream;

    #[test]
    fn a_stream_in_a_group_that_functions_share_says_whose_it_is() {
        let named = |config| {
            let Stream { group, name } = Stream::of("shop", "7", &config, "1a2b");
            let (_, end) = name.rsplit_once('/').expect("a date before it");
            format!("{group} {end}")
        };
        assert_eq!(named(json!({"LoggingConfig": {"LogGroup": "one-for-all"}})), "one-for-all shop[7]1a2b");
        assert_eq!(named(json!({"LoggingConfig": {"LogGroup": "/aws/lambda/shop"}})), "/aws/lambda/shop [7]1a2b");
        assert_eq!(named(json!({})), "/aws/lambda/shop [7]1a2b");
    }
}
