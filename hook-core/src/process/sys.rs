//! The calls that need `unsafe`, each with the reason for its soundness.
#![expect(
    unsafe_code,
    reason = "the system and tokio ask for promises that the compiler cannot check"
)]

use rustix::fd::OwnedFd;
use tokio::io::Interest;
use tokio::io::unix::AsyncFd;

/// Waits for a descriptor to become readable.
///
/// # Errors
/// If the runtime cannot watch it.
pub(super) fn watch_readable(descriptor: OwnedFd) -> std::io::Result<AsyncFd<OwnedFd>> {
    // SAFETY: the `AsyncFd` owns the descriptor and never lends it mutably, so it is open
    // and the same file for as long as the registration lives.
    unsafe { AsyncFd::register_with_interest(descriptor, Interest::READABLE) }
        .map_err(|error| error.into_parts().1)
}
