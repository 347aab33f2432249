//! Named locks: hooks and runs that must not overlap, across plans.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::OwnedMutexGuard;

/// All locks, by name. Clones share them.
#[derive(Clone, Debug, Default)]
pub struct NamedLocks(Arc<Mutex<HashMap<String, NamedLock>>>);

#[derive(Debug, Default)]
struct NamedLock {
    mutex: Arc<tokio::sync::Mutex<()>>,
    holder: String,
}

/// Lock that is held until this is dropped.
#[derive(Debug)]
pub struct LockGuard {
    _mutex: OwnedMutexGuard<()>,
}

impl NamedLocks {
    /// Takes a lock if it is free. `holder` describes the caller to those that wait for the
    /// lock.
    /// Returns the description of the present holder.
    pub fn try_take(&self, name: &str, holder: &str) -> Result<LockGuard, String> {
        let mut locks = self.locks();
        let lock = locks.entry(name.to_owned()).or_default();
        match Arc::clone(&lock.mutex).try_lock_owned() {
            Ok(guard) => {
                holder.clone_into(&mut lock.holder);
                Ok(LockGuard { _mutex: guard })
            }
            Err(_) => Err(lock.holder.clone()),
        }
    }

    /// Waits for a lock, in the order of arrival.
    pub async fn take(&self, name: &str, holder: &str) -> LockGuard {
        let mutex = Arc::clone(&self.locks().entry(name.to_owned()).or_default().mutex);
        let guard = mutex.lock_owned().await;
        let mut locks = self.locks();
        holder.clone_into(&mut locks.entry(name.to_owned()).or_default().holder);
        LockGuard { _mutex: guard }
    }

    fn locks(&self) -> MutexGuard<'_, HashMap<String, NamedLock>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_lock_has_one_holder_whom_others_are_told() {
        let locks = NamedLocks::default();
        let held = locks.try_take("disk", "first").expect("it is free");
        assert_eq!(
            locks.try_take("disk", "second").expect_err("it is taken"),
            "first"
        );
        assert!(locks.try_take("tape", "second").is_ok());
        drop(held);
        let _held = locks.take("disk", "second").await;
        assert_eq!(
            locks.try_take("disk", "third").expect_err("it is taken"),
            "second"
        );
    }
}
