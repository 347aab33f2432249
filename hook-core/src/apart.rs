//! Threads for work that may never end, such as an endless template, or reading a file on a
//! mount that does not answer.
//!
//! Such work runs neither on the threads of the async runtime, which serve everybody, nor on
//! its blocking pool, which the store shares. After its time limit the caller goes on, and the
//! thread is abandoned until its work ends.

use std::io;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use tokio::sync::oneshot;
use tokio::time::timeout;

/// Most threads at the same time, including those that were abandoned.
pub const MAX_THREADS: usize = 512;

/// Stack of a thread, in bytes, where the work does not ask for another.
const STACK: usize = 2 << 20;

/// Number of threads that have not ended.
static BUSY: AtomicUsize = AtomicUsize::new(0);

/// Error of work without a result.
#[derive(Debug, thiserror::Error)]
pub enum ApartError {
    /// The work takes longer than its time limit.
    #[error("no answer within {0:?}")]
    TooSlow(Duration),
    /// The work panicked.
    #[error("a fault in hookd: its log has the panic")]
    Panicked,
    /// No thread can be started.
    #[error("no thread can be started: {0}")]
    NoThread(#[source] io::Error),
}

impl From<ApartError> for io::Error {
    fn from(error: ApartError) -> io::Error {
        let kind = match &error {
            ApartError::TooSlow(_) => io::ErrorKind::TimedOut,
            ApartError::Panicked => io::ErrorKind::Other,
            ApartError::NoThread(cause) => cause.kind(),
        };
        io::Error::new(kind, error)
    }
}

/// Returns the result of `work`, which has a thread of its own.
/// Fails if it takes longer than `limit`, or panics, or if no thread can be started.
pub async fn run<T: Send + 'static>(
    limit: Duration,
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, ApartError> {
    let (done, result) = oneshot::channel();
    start(STACK, move || drop(done.send(work())))?;
    let result = timeout(limit, result).await;
    let result = result.map_err(|_| ApartError::TooSlow(limit))?;
    result.map_err(|_| ApartError::Panicked)
}

/// Like [`run`], but blocks, with a stack of this many bytes.
pub(crate) fn run_blocking<T: Send + 'static>(
    stack: usize,
    limit: Duration,
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, ApartError> {
    let (done, result) = mpsc::sync_channel(1);
    start(stack, move || drop(done.send(work())))?;
    result.recv_timeout(limit).map_err(|error| match error {
        mpsc::RecvTimeoutError::Timeout => ApartError::TooSlow(limit),
        mpsc::RecvTimeoutError::Disconnected => ApartError::Panicked,
    })
}

fn start(stack: usize, work: impl FnOnce() + Send + 'static) -> Result<(), ApartError> {
    let busy = Busy::begin().map_err(ApartError::NoThread)?;
    let thread = thread::Builder::new().name("apart".to_owned());
    let spawned = thread.stack_size(stack).spawn(move || {
        let _busy = busy;
        work();
    });
    spawned.map(drop).map_err(ApartError::NoThread)
}

/// Counts a thread until it is dropped.
struct Busy;

impl Busy {
    fn begin() -> io::Result<Busy> {
        let before = BUSY.fetch_add(1, Ordering::Relaxed);
        // Counted already, and uncounted if it is dropped here.
        let busy = Busy;
        match before < MAX_THREADS {
            true => Ok(busy),
            false => Err(io::Error::new(
                io::ErrorKind::ResourceBusy,
                format!("{MAX_THREADS} wait for files or templates already"),
            )),
        }
    }
}

impl Drop for Busy {
    fn drop(&mut self) {
        BUSY.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn work_has_a_result_or_a_reason() {
        let soon = Duration::from_secs(30);
        assert_eq!(run(soon, || 7).await.expect("a result"), 7);
        let panicked = run(soon, || panic!("on purpose")).await;
        assert!(matches!(panicked, Err::<(), _>(ApartError::Panicked)));
        let (end, wait) = mpsc::channel::<()>();
        let limit = Duration::from_millis(1);
        let late = run(limit, move || wait.recv()).await;
        assert!(matches!(late, Err(ApartError::TooSlow(of)) if of == limit));
        drop(end);
    }

    #[test]
    fn work_that_does_not_end_takes_no_blocking_thread() {
        let mut runtime = tokio::runtime::Builder::new_current_thread();
        let runtime = runtime.enable_time().max_blocking_threads(1).build();
        runtime.expect("built").block_on(async {
            let (end, wait) = mpsc::channel::<()>();
            let late = run(Duration::from_millis(1), move || wait.recv()).await;
            assert!(late.is_err());
            let other = tokio::task::spawn_blocking(|| 7);
            assert_eq!(other.await.expect("it runs"), 7);
            drop(end);
        });
    }
}
