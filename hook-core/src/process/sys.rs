//! The calls that need `unsafe`, each with the reason for its soundness.
#![expect(
    unsafe_code,
    reason = "the system and tokio ask for promises that the compiler cannot check"
)]

use std::io;

use rustix::fd::{BorrowedFd, OwnedFd, RawFd};
use rustix::io::{FdFlags, fcntl_getfd, fcntl_setfd};
#[cfg(target_os = "linux")]
use tokio::io::{Interest, unix::AsyncFd};

/// Keeps descriptors that this process inherited from scripts.
///
/// To be called first thing in `main`: what a service manager or a shell left open would
/// otherwise be open in every script, a listening socket among it.
///
/// # Errors
/// If the open descriptors cannot be listed or marked.
pub fn seal_descriptors() -> io::Result<()> {
    let listed: Vec<RawFd> = std::fs::read_dir("/dev/fd")?
        .filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok())
        .filter(|fd| *fd > 2)
        .collect();
    for fd in listed {
        // SAFETY: only flags of the descriptor are changed. One that was closed since, as
        // the listing's own was, is an error that is expected; one that was opened since
        // ought not to be inherited either.
        let fd = unsafe { BorrowedFd::borrow_raw(fd) };
        match fcntl_getfd(fd).and_then(|flags| fcntl_setfd(fd, flags | FdFlags::CLOEXEC)) {
            Ok(()) | Err(rustix::io::Errno::BADF) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(())
}

/// Waits for a descriptor to become readable.
///
/// # Errors
/// If the runtime cannot watch it.
#[cfg(target_os = "linux")]
pub(super) fn watch_readable(descriptor: OwnedFd) -> io::Result<AsyncFd<OwnedFd>> {
    // SAFETY: the `AsyncFd` owns the descriptor and never lends it mutably, so it is open
    // and the same file for as long as the registration lives.
    unsafe { AsyncFd::register_with_interest(descriptor, Interest::READABLE) }
        .map_err(|error| error.into_parts().1)
}
