//! Named locks: hooks and runs that must not overlap, across plans.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::OwnedMutexGuard;

/// All locks, by name. Copies share them.
#[derive(Clone, Debug, Default)]
pub struct Locks(Arc<Mutex<HashMap<String, Lock>>>);

#[derive(Clone, Debug, Default)]
struct Lock {
    turn: Arc<tokio::sync::Mutex<()>>,
    holder: Arc<Mutex<String>>,
}

/// A lock that is held until this is dropped.
#[derive(Debug)]
pub struct Held {
    _turn: OwnedMutexGuard<()>,
}

impl Locks {
    /// Takes a lock if it is free; `holder` is what others who want it are told.
    ///
    /// # Errors
    /// Who holds it.
    pub fn try_take(&self, name: &str, holder: &str) -> Result<Held, String> {
        let lock = self.lock(name);
        match Arc::clone(&lock.turn).try_lock_owned() {
            Ok(turn) => Ok(lock.held(turn, holder)),
            Err(_) => Err(lock
                .holder
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .clone()),
        }
    }

    /// Waits for a lock; those who wait get it in the order in which they came.
    pub async fn take(&self, name: &str, holder: &str) -> Held {
        let lock = self.lock(name);
        let turn = Arc::clone(&lock.turn).lock_owned().await;
        lock.held(turn, holder)
    }

    fn lock(&self, name: &str) -> Lock {
        let mut locks = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        locks.entry(name.to_owned()).or_default().clone()
    }
}

impl Lock {
    fn held(&self, turn: OwnedMutexGuard<()>, holder: &str) -> Held {
        holder.clone_into(&mut self.holder.lock().unwrap_or_else(PoisonError::into_inner));
        Held { _turn: turn }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_lock_has_one_holder_whom_others_are_told() {
        let locks = Locks::default();
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
