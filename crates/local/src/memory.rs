//! What was read of moto and is kept: whoever may have changed it has all of it forgotten.

use std::sync::{Arc, Weak};

use crate::guarded::Guarded;

/// Something that keeps what it has read.
pub(crate) trait Forgets: Send + Sync {
    /// Forgets it: something may have changed it.
    fn forget(&self);
}

/// Everyone who keeps something.
#[derive(Default)]
pub(crate) struct Memory(Guarded<Vec<Weak<dyn Forgets>>>);

impl Memory {
    /// One more that forgets when all do.
    pub(crate) fn register<T: Forgets + 'static>(&self, one: &Arc<T>) {
        let weak: Weak<T> = Arc::downgrade(one);
        self.0.lock().push(weak);
    }

    /// Everything is forgotten: a stack may have been created.
    pub(crate) fn forget(&self) {
        let all: Vec<_> = self.0.lock().iter().filter_map(Weak::upgrade).collect();
        all.iter().for_each(|one| one.forget());
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicU32, Ordering};

    use super::{Forgets, Memory};

    #[derive(Default)]
    struct Book(AtomicU32);

    impl Forgets for Book {
        fn forget(&self) {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
    }

    #[test]
    fn everyone_who_is_still_there_forgets() {
        let (memory, one, other) = (Memory::default(), Arc::<Book>::default(), Arc::<Book>::default());
        memory.register(&one);
        memory.register(&other);
        drop(other);
        memory.forget();
        assert_eq!(one.0.load(Ordering::Relaxed), 1);
    }
}
