//! What runs on its own, and where the answer of a function is left.

use std::cell::RefCell;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Poll, Wake, Waker};

use serde_json::Value;

use crate::machine::Failure;

/// Something that runs on its own: an execution, a function, an event.
pub(crate) struct Task {
    /// Not here while it is being polled.
    pub(crate) future: Option<Pin<Box<dyn Future<Output = ()>>>>,
    pub(crate) ready: Arc<Ready>,
}

pub(crate) struct Ready(AtomicBool);

impl Task {
    pub(crate) fn new(future: impl Future<Output = ()> + 'static) -> Self {
        Self { future: Some(Box::pin(future)), ready: Arc::new(Ready(AtomicBool::new(true))) }
    }

    /// Whether it wants to go on.
    pub(crate) fn is_ready(&self) -> bool {
        self.ready.0.load(Ordering::Relaxed) && self.future.is_some()
    }
}

impl Ready {
    /// It goes on now, and has to ask again.
    pub(crate) fn reset(&self) {
        self.0.store(false, Ordering::Relaxed);
    }
}

impl Wake for Ready {
    fn wake(self: Arc<Self>) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// Where the answer of a function is left.
#[derive(Default)]
pub(crate) struct Slot {
    answer: RefCell<Option<Result<Value, Failure>>>,
    waker: RefCell<Option<Waker>>,
}

impl Slot {
    /// The first answer counts.
    pub(crate) fn put(&self, answer: Result<Value, Failure>) {
        self.answer.borrow_mut().get_or_insert(answer);
        if let Some(waker) = self.waker.borrow_mut().take() {
            waker.wake();
        }
    }

    pub(crate) async fn take(&self) -> Result<Value, Failure> {
        std::future::poll_fn(|context| match &*self.answer.borrow() {
            Some(answer) => Poll::Ready(answer.clone()),
            None => {
                *self.waker.borrow_mut() = Some(context.waker().clone());
                Poll::Pending
            }
        })
        .await
    }
}
