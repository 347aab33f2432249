//! All connections, the memory that each of them holds, and the choice of the one that has to
//! go when there is not enough for all.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::{OwnedSemaphorePermit, Semaphore, SemaphorePermit};
use tokio_util::sync::CancellationToken;
use tracing::warn;

use super::{ClientTimes, Warning};
use crate::limits::{
    MAX_CALLS, MAX_HELD_BYTES, MAX_PAGES_AT_ONCE, OWN_CALLS, STALLED_AFTER, UNUSED_AFTER,
};

/// All connections of a daemon.
#[derive(Debug)]
pub(crate) struct Connections {
    open: Mutex<HashMap<u64, Arc<Connection>>>,
    next: AtomicU64,
    memory: Arc<Memory>,
    /// Permits for calls beyond those that each connection may have.
    calls: Arc<Semaphore>,
    /// Turns of readers to read from the store.
    pages: Semaphore,
    warning: Mutex<Warning>,
}

/// Memory of requests that are being received and answers that are not taken yet.
#[derive(Debug)]
struct Memory {
    begun: Instant,
    held: AtomicUsize,
}

/// One connection. Its times are in milliseconds since the first connection could come.
#[derive(Debug)]
pub(super) struct Connection {
    number: u64,
    listener: usize,
    memory: Arc<Memory>,
    held: AtomicUsize,
    /// Calls that do not wait for the client: a handler works, or the next entry of a journal
    /// is not there yet.
    busy: AtomicUsize,
    /// The last time at which the client took an answer, or a call began or went on.
    moved: AtomicU64,
    begun: u64,
    /// True once the client has said by which protocol it speaks.
    pub(super) spoke: AtomicBool,
    own_calls: Arc<Semaphore>,
    /// Cancelled when the connection has to be closed at once.
    pub(super) close: CancellationToken,
}

/// A connection, with all others.
#[derive(Clone, Debug)]
pub(crate) struct Client {
    all: Arc<Connections>,
    pub(super) connection: Arc<Connection>,
}

/// Bytes of a client's requests or answers that are in memory; given back when dropped.
#[derive(Debug)]
pub(crate) struct Held {
    connection: Arc<Connection>,
    bytes: usize,
}

impl Connections {
    pub(crate) fn new() -> Arc<Connections> {
        Arc::new(Connections {
            open: Mutex::default(),
            next: AtomicU64::new(0),
            memory: Arc::new(Memory {
                begun: Instant::now(),
                held: AtomicUsize::new(0),
            }),
            calls: Arc::new(Semaphore::new(MAX_CALLS)),
            pages: Semaphore::new(MAX_PAGES_AT_ONCE),
            warning: Mutex::default(),
        })
    }

    /// Adds a connection of a listener.
    pub(crate) fn add(self: &Arc<Self>, listener: usize) -> Client {
        let now = self.memory.now();
        let connection = Arc::new(Connection {
            listener,
            memory: Arc::clone(&self.memory),
            held: AtomicUsize::new(0),
            busy: AtomicUsize::new(0),
            moved: AtomicU64::new(now),
            begun: now,
            number: self.next.fetch_add(1, Ordering::Relaxed),
            spoke: AtomicBool::new(false),
            own_calls: Arc::new(Semaphore::new(OWN_CALLS)),
            close: CancellationToken::new(),
        });
        let all = Arc::clone(self);
        self.lock()
            .insert(connection.number, Arc::clone(&connection));
        Client { all, connection }
    }

    /// Counts the connections of a listener that are not about to be closed.
    pub(super) fn count(&self, listener: usize) -> usize {
        let open = self.lock();
        let here = open.values().filter(|one| one.listener == listener);
        here.filter(|one| !one.is_closing()).count()
    }

    /// Closes connections until those that stay hold no more than they may.
    fn free(&self) {
        let open = self.lock();
        let mut staying: Vec<_> = open.values().filter(|one| !one.is_closing()).collect();
        let held = |one: &Connection| one.held.load(Ordering::Relaxed);
        let mut all: usize = staying.iter().map(|one| held(one)).sum();
        if all <= MAX_HELD_BYTES {
            return;
        }
        staying.sort_by_cached_key(|one| (one.rest() >= STALLED_AFTER, held(one)));
        while all > MAX_HELD_BYTES
            && let Some(worst) = staying.pop()
        {
            all -= held(worst);
            worst.close.cancel();
        }
        drop(open);
        let mut warning = self.warning.lock().unwrap_or_else(PoisonError::into_inner);
        if warning.is_due() {
            warn!(
                "clients that do not take their answers are disconnected: no more than {MAX_HELD_BYTES} bytes are kept for all of them"
            );
        }
    }

    /// Closes the connection of a listener that nobody has used for the longest time, first
    /// among those whose clients do not take their answers. Returns false if all are in use.
    pub(super) fn make_room(&self, listener: usize) -> bool {
        let open = self.lock();
        let here = open.values().filter(|one| one.listener == listener);
        let unused = here.filter(|one| one.busy.load(Ordering::Relaxed) == 0 && !one.is_closing());
        let unread = |one: &Connection| one.held.load(Ordering::Relaxed) > 0;
        // A client that reads has time for its next call.
        let may_go = unused.filter(|one| match unread(one) {
            true => one.rest() >= STALLED_AFTER,
            false => one.rest() >= UNUSED_AFTER,
        });
        let longest = may_go.max_by_key(|one| (unread(one), one.rest()));
        if let Some(longest) = longest {
            longest.close.cancel();
        }
        longest.is_some()
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<u64, Arc<Connection>>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Client {
    /// Removes the connection, which is closed.
    pub(super) fn remove(&self) {
        self.all.lock().remove(&self.connection.number);
    }

    /// Takes a permit for a call; `None` if there are too many.
    pub(super) fn permit(&self) -> Option<OwnedSemaphorePermit> {
        let own = Arc::clone(&self.connection.own_calls).try_acquire_owned();
        own.or_else(|_| Arc::clone(&self.all.calls).try_acquire_owned())
            .ok()
    }

    /// Waits for a turn to read a page of a journal from the store, so that many readers leave
    /// it free for other calls. Never returns `None`.
    pub(crate) async fn page_turn(&self) -> Option<SemaphorePermit<'_>> {
        self.all.pages.acquire().await.ok()
    }

    /// Holds bytes for the client. If all clients hold too much now, the connections of those
    /// are closed that hold most of it: first among those that take nothing.
    pub(crate) fn hold(&self, bytes: usize) -> Held {
        self.connection.held.fetch_add(bytes, Ordering::Relaxed);
        let all = self.all.memory.held.fetch_add(bytes, Ordering::Relaxed) + bytes;
        if all > MAX_HELD_BYTES {
            self.all.free();
        }
        Held {
            connection: Arc::clone(&self.connection),
            bytes,
        }
    }
}

impl Connection {
    /// Says that a call begins or goes on without the client, or that it now waits for it.
    pub(super) fn set_busy(&self, busy: bool) {
        match busy {
            true => self.busy.fetch_add(1, Ordering::Relaxed),
            false => self.busy.fetch_sub(1, Ordering::Relaxed),
        };
        self.moved();
    }

    /// Returns whether the client has not been heard for too long.
    pub(super) fn is_overdue(&self, times: &ClientTimes) -> bool {
        let age = Duration::from_millis(self.memory.now().saturating_sub(self.begun));
        let silent = !self.spoke.load(Ordering::Relaxed) && age >= times.handshake;
        silent || self.busy.load(Ordering::Relaxed) == 0 && self.rest() >= times.idle
    }

    fn moved(&self) {
        self.moved.store(self.memory.now(), Ordering::Relaxed);
    }

    /// The time since the client last took something.
    fn rest(&self) -> Duration {
        let moved = self.moved.load(Ordering::Relaxed);
        Duration::from_millis(self.memory.now().saturating_sub(moved))
    }

    fn is_closing(&self) -> bool {
        self.close.is_cancelled()
    }
}

impl Memory {
    fn now(&self) -> u64 {
        u64::try_from(self.begun.elapsed().as_millis()).unwrap_or(u64::MAX)
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        self.connection
            .held
            .fetch_sub(self.bytes, Ordering::Relaxed);
        let memory = &self.connection.memory;
        memory.held.fetch_sub(self.bytes, Ordering::Relaxed);
        self.connection.moved();
    }
}
