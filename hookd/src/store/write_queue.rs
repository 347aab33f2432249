//! The queue of changes that wait for the writer.
//!
//! The task that holds the writer commits all queued changes in one transaction before it
//! releases the writer. A task that finds the writer in use only queues its change. While
//! changes keep coming, threads take turns after a few transactions, so that no caller is
//! held up by the changes of others, and pruning gets the writer in between.

use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, TryLockError};

use tokio::runtime::{Handle, RuntimeFlavor};
use tokio::sync::{Semaphore, oneshot};
use tokio::task::{block_in_place, spawn_blocking};

use super::writer::{RunChange, Writer};
use super::{Admitted, Durability, StoreError};
use crate::limits::{MAX_WAITING_WRITES, MAX_WRITES_AT_ONCE, MAX_WRITTEN_AT_ONCE};

/// The number of transactions after which a thread hands over to another.
const TRANSACTIONS_OF_A_THREAD: usize = 4;

type QueuedChange = (RunChange, oneshot::Sender<Result<Admitted, StoreError>>);

/// The writer, and the changes that wait for it.
#[derive(Debug)]
pub(super) struct WriteQueue {
    /// Locked after the writer by code that locks both.
    waiting: Mutex<VecDeque<QueuedChange>>,
    /// `None` once the store is closed.
    writer: Mutex<Option<Writer>>,
    room: Semaphore,
    commits: Arc<AtomicU64>,
}

impl WriteQueue {
    pub(super) fn new(writer: Writer) -> WriteQueue {
        WriteQueue {
            commits: Arc::clone(&writer.commits),
            waiting: Mutex::default(),
            writer: Mutex::new(Some(writer)),
            room: Semaphore::new(MAX_WAITING_WRITES),
        }
    }

    /// Carries out a change of a run.
    pub(super) async fn change(
        self: &Arc<Self>,
        change: RunChange,
    ) -> Result<Admitted, StoreError> {
        let _room = self.room.acquire().await.map_err(|_| StoreError::Closed)?;
        let (answer, answered) = oneshot::channel();
        let is_first = {
            let mut waiting = lock(&self.waiting);
            waiting.push_back((change, answer));
            waiting.len() == 1
        };
        // The task that queued the first change sees to the others, too.
        if is_first && !self.try_write_here() {
            self.write_elsewhere();
        }
        answered.await.map_err(|_| StoreError::Closed)?
    }

    /// Uses the writer for other work, on a blocking thread.
    pub(super) async fn with_writer<T: Send + 'static>(
        self: &Arc<Self>,
        work: impl FnOnce(&mut Writer) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let queue = Arc::clone(self);
        on_blocking_thread(move || {
            let mut writer = lock(&queue.writer);
            let done = caught(|| writer.as_mut().map_or(Err(StoreError::Closed), work));
            queue.write_waiting(writer);
            done.and_then(|done| done)
        })
        .await
    }

    /// Commits the queued changes and closes the writer. Later changes fail.
    pub(super) async fn close(self: &Arc<Self>) -> Result<(), StoreError> {
        self.room.close();
        let queue = Arc::clone(self);
        on_blocking_thread(move || {
            let mut writer = lock(&queue.writer);
            // Ends, because no further change gets room.
            while queue.commit_waiting(&mut writer).is_none() {}
            let closed = caught(|| writer.take().map_or(Ok(()), Writer::close));
            queue.write_waiting(writer);
            closed.and_then(|closed| closed)
        })
        .await
    }

    /// Returns the number of committed transactions.
    pub(super) fn commits(&self) -> u64 {
        self.commits.load(Ordering::Relaxed)
    }

    /// Carries out what waits on this thread, if the writer is free and no other task has to
    /// wait for that. Returns `false` if another thread has to do it.
    fn try_write_here(self: &Arc<Self>) -> bool {
        let writer = match self.writer.try_lock() {
            Ok(writer) => writer,
            Err(TryLockError::Poisoned(poisoned)) => poisoned.into_inner(),
            Err(TryLockError::WouldBlock) => return true,
        };
        let has_threads = Handle::current().runtime_flavor() == RuntimeFlavor::MultiThread;
        match writer.as_ref().map(|writer| writer.durability) {
            None | Some(Durability::None) => self.write_waiting(writer),
            _ if !has_threads => return false,
            // Another thread starts later, and finds more changes to commit together. With a single
            // run there are none, and waking a thread would cost half the time of a write.
            _ if writer.as_ref().is_some_and(Writer::has_several_runs) => return false,
            // Without a sync, too, a write may wait for the disk.
            Some(_) => block_in_place(|| self.write_waiting(writer)),
        }
        true
    }

    /// Commits the queued changes on a blocking thread.
    fn write_elsewhere(self: &Arc<Self>) {
        let queue = Arc::clone(self);
        spawn_blocking(move || queue.write_waiting(lock(&queue.writer)));
    }

    /// Commits the queued changes, and then releases the writer. Leaves changes that keep
    /// coming to another thread.
    fn write_waiting(self: &Arc<Self>, mut writer: MutexGuard<'_, Option<Writer>>) {
        let nothing = self.commit_waiting(&mut writer);
        // In this order: changes that are queued from now on find the writer free.
        drop(writer);
        if nothing.is_none() {
            self.write_elsewhere();
        }
    }

    /// Commits the queued changes. Returns the locked queue, which is empty; `None` if changes
    /// kept coming.
    fn commit_waiting(
        &self,
        writer: &mut Option<Writer>,
    ) -> Option<MutexGuard<'_, VecDeque<QueuedChange>>> {
        for transactions in 0.. {
            let mut waiting = lock(&self.waiting);
            if waiting.is_empty() {
                return Some(waiting);
            }
            if transactions == TRANSACTIONS_OF_A_THREAD {
                break;
            }
            let mut bytes = 0;
            let batch = waiting.iter().take(MAX_WRITES_AT_ONCE);
            let batch = batch.take_while(|(change, _)| {
                let has_room = bytes < MAX_WRITTEN_AT_ONCE;
                bytes += change.bytes();
                has_room
            });
            let count = batch.count();
            let (changes, answers): (Vec<_>, Vec<_>) = waiting.drain(..count).unzip();
            drop(waiting);
            let done = caught(|| match writer {
                Some(writer) => writer.commit(&changes),
                None => changes.iter().map(|_| Err(StoreError::Closed)).collect(),
            });
            let failed = |error: StoreError| changes.iter().map(|_| Err(error.clone())).collect();
            let done: Vec<_> = done.unwrap_or_else(failed);
            for (done, answer) in done.into_iter().zip(answers) {
                // Fails if the caller's future was dropped.
                let _ = answer.send(done);
            }
        }
        None
    }
}

/// Turns a panic into an error, so that the queued changes are committed all the same.
fn caught<T>(work: impl FnOnce() -> T) -> Result<T, StoreError> {
    // If a transaction panicked, the next one rolls it back.
    catch_unwind(AssertUnwindSafe(work))
        .map_err(|_| StoreError::Failed("a fault in hookd; hookd's log says more".to_owned()))
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Runs a function on a blocking thread.
pub(super) async fn on_blocking_thread<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, StoreError> + Send + 'static,
) -> Result<T, StoreError> {
    let done = spawn_blocking(work).await;
    done.map_err(|panic| StoreError::Failed(panic.to_string()))?
}
