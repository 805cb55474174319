//! Calls to a service, one after another, for as long as a story wants to know who answers.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use local::sample::service::PRODUCTION_PORT;
use tokio::task::JoinHandle;

use crate::OrStop;
use crate::shop::Shop;
use crate::stack::client;

/// Between two calls.
const BETWEEN: Duration = Duration::from_millis(25);

/// Calls that are being made, at both places of the production listener in turn.
pub struct Calls {
    over: Arc<AtomicBool>,
    made: JoinHandle<Vec<Answer>>,
}

/// What became of a call: the revision that answered it, or what was answered instead, and when.
type Answer = (Result<String, String>, Duration);

impl Shop {
    /// Begins to call.
    pub async fn called(&self) -> Calls {
        let (client, balancer) = (client().await, self.sample.name.clone());
        let over = Arc::new(AtomicBool::new(false));
        let ends = Arc::clone(&over);
        let made = tokio::spawn(async move {
            let (mut answers, began) = (Vec::new(), Instant::now());
            for path in ["/", "/api/cart"].into_iter().cycle() {
                if ends.load(Ordering::Relaxed) {
                    break;
                }
                let page = client.visit(&balancer, PRODUCTION_PORT, path, &[]).await.or_stop("an answer");
                let revision = page.task_definition.as_deref().and_then(|name| name.rsplit(':').next());
                let answer = match (page.status, revision) {
                    (200, Some(revision)) => Ok(revision.to_owned()),
                    (status, _) => Err(format!("{path} answered {status}")),
                };
                answers.push((answer, began.elapsed()));
                tokio::time::sleep(BETWEEN).await;
            }
            answers
        });
        Calls { over, made }
    }
}

impl Calls {
    /// Makes no more calls, and says which of them went wrong, and when.
    pub async fn lost(self) -> Vec<String> {
        let answers = self.answers().await.into_iter();
        answers.filter_map(|(answer, at)| Some(format!("{} after {at:.1?}", answer.err()?))).collect()
    }

    /// Makes no more calls, and gives who answered: each revision once, in the order in which they first did. What was answered
    /// instead of a page comes in between.
    pub async fn answered_by(self) -> Vec<String> {
        let mut by = Vec::new();
        for (Ok(answer) | Err(answer), _) in self.answers().await {
            if !by.contains(&answer) {
                by.push(answer);
            }
        }
        by
    }

    async fn answers(self) -> Vec<Answer> {
        self.over.store(true, Ordering::Relaxed);
        self.made.await.or_stop("the calls")
    }
}
