//! Memory that hookd does not need is given back to the system: most of the day no backup
//! runs, and the busiest minute should not be what it takes all day.
#![cfg_attr(
    all(target_os = "linux", target_env = "gnu"),
    expect(
        unsafe_code,
        reason = "the C library's allocator has no other interface"
    )
)]

use std::sync::Arc;

use crate::daemon::Daemon;
use crate::limits::REST;
use crate::open_store::ended_within;

/// Has all threads share what is free. A thread of its own for each call that blocks would
/// otherwise keep a heap of its own, with room for the largest call it ever served.
///
/// To be called before there are threads.
pub fn share() {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    // SAFETY: the call takes numbers, and guards what it sets by a lock. If it is refused,
    // more memory is used.
    unsafe {
        libc::mallopt(libc::M_ARENA_MAX, 1);
    }
}

/// Gives back what is free each time that no run has been under way for a while.
pub(crate) async fn give_back(daemon: Arc<Daemon>) {
    let (mut seen, mut given) = (0, 0);
    while !ended_within(&daemon.closing, REST).await {
        let counts = daemon.runner.registry.counts();
        let rests = counts.running + counts.queued == 0 && counts.total == seen;
        if rests && counts.total != given {
            given = counts.total;
            // It looks at all that is free, which may be much, while whoever allocates waits.
            let _ = tokio::task::spawn_blocking(trim).await;
        }
        seen = counts.total;
    }
}

fn trim() {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    // SAFETY: the call takes a number, and may be made by any thread at any time.
    unsafe {
        libc::malloc_trim(0);
    }
}
