//! The harness of the end-to-end tests: one local stack for all, a function or a service of its own for each.

pub mod app;
pub mod by_hand;
pub mod calls;
pub mod deploy;
pub mod deployment;
pub mod documents;
pub mod group;
pub mod ours;
pub mod pipeline;
pub mod shop;
pub mod stack;

use std::sync::OnceLock;
use std::time::Duration;

use tokio::runtime::Runtime;

/// Runs one story on the runtime that the local stack lives on.
pub fn story<T>(story: impl Future<Output = T>) -> T {
    static RUNTIME: OnceLock<Runtime> = OnceLock::new();
    RUNTIME
        .get_or_init(|| match tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build() {
            Ok(runtime) => runtime,
            Err(error) => stop(&format!("no runtime: {error}")),
        })
        .block_on(story)
}

/// How often a story looks before it gives up, and how long it waits in between: five minutes and more. Bounds a story on a machine
/// that does much else; asserts nothing.
const LOOKS: u32 = 6_000;
const BETWEEN: Duration = Duration::from_millis(50);

/// Looks again and again until there is something to see; `None` where it never came.
pub async fn eventually<T>(mut look: impl AsyncFnMut() -> Option<T>) -> Option<T> {
    for _ in 0..LOOKS {
        if let Some(seen) = look().await {
            return Some(seen);
        }
        tokio::time::sleep(BETWEEN).await;
    }
    None
}

/// Ends a test that cannot go on.
#[expect(clippy::panic, reason = "the harness of tests: a story that cannot go on fails")]
#[track_caller]
pub fn stop(why: &str) -> ! {
    panic!("{why}")
}

/// What a test cannot do without.
pub trait OrStop<T> {
    /// The value, or the end of the test with what was wanted and why it is not there.
    #[track_caller]
    fn or_stop(self, wanted: &str) -> T;
}

impl<T, E: std::fmt::Display> OrStop<T> for Result<T, E> {
    fn or_stop(self, wanted: &str) -> T {
        match self {
            Ok(value) => value,
            Err(error) => stop(&format!("{wanted}: {error}")),
        }
    }
}

impl<T> OrStop<T> for Option<T> {
    fn or_stop(self, wanted: &str) -> T {
        match self {
            Some(value) => value,
            None => stop(wanted),
        }
    }
}
