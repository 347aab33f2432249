//! Returns free memory to the system while no runs are under way, so that the memory of a peak
//! is not held for the rest of the day.
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

/// Makes all threads share one heap. By default each thread for blocking calls has a heap of
/// its own, which stays as large as its largest call.
///
/// Must be called before other threads start.
pub fn share() {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    // SAFETY: the call takes integers, and protects the allocator's parameters by a lock. If
    // it fails, more memory is used.
    unsafe {
        libc::mallopt(libc::M_ARENA_MAX, 1);
    }
}

/// Returns free memory to the system each time that no run was under way for [`REST`].
pub(crate) async fn give_back(daemon: Arc<Daemon>) {
    let (mut seen, mut given) = (0, 0);
    while !ended_within(&daemon.closing, REST).await {
        let counts = daemon.runner.registry.counts();
        let rests = counts.running + counts.queued == 0 && counts.total == seen;
        if rests && counts.total != given {
            given = counts.total;
            // The call walks the whole free list, and other allocations wait for it.
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
