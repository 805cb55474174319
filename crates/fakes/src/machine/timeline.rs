//! Waiting for more than one thing.

use std::future::Future;
use std::pin::{Pin, pin};
use std::task::Poll;

/// What came first.
pub(crate) enum First<A, B> {
    One(A),
    Other(B),
}

/// Waits for either; the first one wins a tie.
pub(crate) async fn first<A, B>(one: impl Future<Output = A>, other: impl Future<Output = B>) -> First<A, B> {
    let (mut one, mut other) = (pin!(one), pin!(other));
    std::future::poll_fn(move |context| {
        if let Poll::Ready(one) = one.as_mut().poll(context) {
            return Poll::Ready(First::One(one));
        }
        other.as_mut().poll(context).map(First::Other)
    })
    .await
}

/// One of several that run side by side.
pub(super) type Branch<'a, T, E> = Pin<Box<dyn Future<Output = Result<T, E>> + 'a>>;

/// Waits for all, or for the first failure, which ends the others.
pub(super) async fn all<T, E>(mut branches: Vec<Branch<'_, T, E>>) -> Result<Vec<T>, E> {
    let mut results: Vec<Option<T>> = branches.iter().map(|_| None).collect();
    std::future::poll_fn(move |context| {
        for (branch, result) in branches.iter_mut().zip(&mut results) {
            if result.is_none()
                && let Poll::Ready(ended) = branch.as_mut().poll(context)
            {
                match ended {
                    Ok(value) => *result = Some(value),
                    Err(error) => return Poll::Ready(Err(error)),
                }
            }
        }
        if results.iter().all(Option::is_some) {
            return Poll::Ready(Ok(results.iter_mut().filter_map(Option::take).collect()));
        }
        Poll::Pending
    })
    .await
}
