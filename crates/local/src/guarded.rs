//! A mutex that outlives a panic of one of its holders: the stack's books are plain values, and a test that failed
//! half-way must not take the next one's answers with it.

use std::sync::{Mutex, MutexGuard, PoisonError};

/// A value behind a lock.
#[derive(Debug, Default)]
pub(crate) struct Guarded<T>(Mutex<T>);

impl<T> Guarded<T> {
    /// Puts `value` behind a lock.
    pub(crate) const fn new(value: T) -> Self {
        Self(Mutex::new(value))
    }

    /// Takes the lock. Never held across an await.
    pub(crate) fn lock(&self) -> MutexGuard<'_, T> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
