//! Load: calls of a function or requests to a load balancer at a rate, and the share of each version that answered.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use serde::Serialize;
use serde_json::json;
use tokio::sync::Semaphore;

use crate::client::Client;
use crate::clock;
use crate::guarded::Guarded;

/// More calls at once would only measure this machine.
const AT_ONCE: usize = 16;

/// What is called.
#[derive(Debug, Clone)]
pub enum Source {
    /// A function, by its alias or version.
    Function {
        /// Its name.
        name: String,
        /// The alias or version.
        qualifier: String,
    },
    /// A listener of a load balancer.
    Listener {
        /// The load balancer's name.
        load_balancer: String,
        /// The listener's port.
        port: u16,
        /// What is asked for: `/`, `/api/carts`.
        path: String,
    },
}

impl Source {
    /// One call: the version that answered, and whether without an error.
    async fn call(&self, client: &Client) -> (Option<String>, bool) {
        match self {
            Self::Function { name, qualifier } => {
                match client.invoke(name, Some(qualifier), &json!({ "path": "/" })).await {
                    Ok(answer) => (answer.executed_version, answer.function_error.is_none()),
                    Err(_) => (None, false),
                }
            }
            Self::Listener { load_balancer, port, path } => match client.visit(load_balancer, *port, path, &[]).await {
                Ok(page) => (page.task_definition, page.status < 400),
                Err(_) => (None, false),
            },
        }
    }
}

/// One call that was made.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Hit {
    /// When it was sent, in seconds since 1970.
    pub at: f64,
    /// The version that ran, or the task definition as `family:revision`; `None` where none did.
    pub version: Option<String>,
    /// Whether it answered without an error.
    pub ok: bool,
}

/// The share of a version in a stretch of time.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Share {
    /// The middle of the stretch, in seconds since 1970.
    pub at: f64,
    /// 0 to 1.
    pub share: f64,
    /// Out of so many calls.
    pub calls: usize,
}

/// A load that runs until it is stopped or dropped.
pub struct Traffic {
    hits: Arc<Guarded<Vec<Hit>>>,
    stop: Arc<AtomicBool>,
    task: Option<tokio::task::JoinHandle<()>>,
}

impl Traffic {
    /// Calls `function:qualifier` so many times a second.
    pub fn start(client: Client, function: &str, qualifier: &str, per_second: f64) -> Self {
        let (name, qualifier) = (function.to_owned(), qualifier.to_owned());
        Self::on(client, Source::Function { name, qualifier }, per_second)
    }

    /// Calls `source` so many times a second.
    pub fn on(client: Client, source: Source, per_second: f64) -> Self {
        let (hits, stop) = (Arc::new(Guarded::new(Vec::new())), Arc::new(AtomicBool::new(false)));
        let task = tokio::spawn(run(client, source, per_second, Arc::clone(&hits), Arc::clone(&stop)));
        Self { hits, stop, task: Some(task) }
    }

    /// The calls answered so far.
    pub fn hits(&self) -> Vec<Hit> {
        self.hits.lock().clone()
    }

    /// Stops; gives all calls, in the order of their sending.
    pub async fn stop(mut self) -> Vec<Hit> {
        self.stop.store(true, Ordering::Relaxed);
        if let Some(task) = self.task.take() {
            // A load that panicked has stopped.
            let _ = task.await;
        }
        let mut hits = self.hits();
        hits.sort_by(|one, other| one.at.total_cmp(&other.at));
        hits
    }
}

impl Drop for Traffic {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
    }
}

async fn run(client: Client, source: Source, per_second: f64, hits: Arc<Guarded<Vec<Hit>>>, stop: Arc<AtomicBool>) {
    let (slots, source) = (Arc::new(Semaphore::new(AT_ONCE)), Arc::new(source));
    let between = Duration::from_secs_f64(1.0 / per_second.max(0.01));
    let mut next = Instant::now();
    while !stop.load(Ordering::Relaxed) {
        tokio::time::sleep_until(next.into()).await;
        next += between;
        let Ok(slot) = Arc::clone(&slots).acquire_owned().await else { break };
        let (client, hits, source) = (client.clone(), Arc::clone(&hits), Arc::clone(&source));
        tokio::spawn(async move {
            let at = clock::now_seconds();
            let (version, ok) = source.call(&client).await;
            hits.lock().push(Hit { at, version, ok });
            drop(slot);
        });
    }
    // Calls under way are still counted.
    let all = u32::try_from(AT_ONCE).unwrap_or(1);
    let _ = tokio::time::timeout(Duration::from_secs(10), slots.acquire_many(all)).await;
}

/// The share of a version among `hits`, by stretches of so many seconds.
pub fn shares(hits: &[Hit], version: &str, seconds: f64) -> Vec<Share> {
    let Some(first) = hits.iter().map(|hit| hit.at).min_by(f64::total_cmp) else { return Vec::new() };
    let mut buckets = std::collections::BTreeMap::<u64, (usize, usize)>::new();
    for hit in hits.iter().filter(|hit| hit.version.is_some()) {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "not before the first")]
        let bucket = buckets.entry(((hit.at - first) / seconds) as u64).or_default();
        bucket.0 += usize::from(hit.version.as_deref() == Some(version));
        bucket.1 += 1;
    }
    #[expect(clippy::cast_precision_loss, reason = "counts of calls are small")]
    let share = |(index, (of_it, calls)): (u64, (usize, usize))| Share {
        at: first + (index as f64 + 0.5) * seconds,
        share: of_it as f64 / calls as f64,
        calls,
    };
    buckets.into_iter().map(share).collect()
}

#[cfg(test)]
mod tests {
    use super::{Hit, shares};

    #[test]
    fn the_share_of_a_version_is_counted_by_stretch() {
        let hit = |at: f64, version: Option<&str>| Hit { at, version: version.map(ToOwned::to_owned), ok: true };
        let hits = [hit(10.0, Some("1")), hit(10.5, Some("2")), hit(11.0, Some("2")), hit(11.9, None)];
        let found = shares(&hits, "2", 1.0).into_iter().map(|share| (share.at, share.share, share.calls));
        assert_eq!(found.collect::<Vec<_>>(), [(10.5, 0.5, 2), (11.5, 1.0, 1)]);
        assert!(shares(&[], "2", 1.0).is_empty());
    }
}
