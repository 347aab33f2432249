//! System calls that need `unsafe`, each with the reason for its soundness.
#![expect(
    unsafe_code,
    reason = "the system and tokio ask for promises that the compiler cannot check"
)]

use std::io;

#[cfg(target_os = "linux")]
use rustix::fd::OwnedFd;
use rustix::fd::{BorrowedFd, RawFd};
use rustix::io::{Errno, FdFlags, fcntl_getfd, fcntl_setfd};
#[cfg(target_os = "linux")]
use tokio::io::{Interest, unix::AsyncFd};

use crate::child_setup::ChildSetup;

/// Closes descriptors that this process inherited to all scripts.
///
/// To be called first in `main`. Descriptors that a service manager or a shell left open
/// would otherwise be open in every script, listening sockets among them.
///
/// # Errors
/// Fails if the open descriptors cannot be listed or changed.
pub fn seal_descriptors() -> io::Result<()> {
    let listed: Vec<RawFd> = std::fs::read_dir("/dev/fd")?
        .filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok())
        .filter(|fd| *fd > 2)
        .collect();
    for fd in listed {
        // SAFETY: only flags of the descriptor are changed. A descriptor that was closed
        // since, such as the listing's own, gives an error that is expected; one that was
        // opened since should not be inherited either.
        let fd = unsafe { BorrowedFd::borrow_raw(fd) };
        match fcntl_getfd(fd).and_then(|flags| fcntl_setfd(fd, flags | FdFlags::CLOEXEC)) {
            Ok(()) | Err(Errno::BADF) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(())
}

/// Registers a descriptor with the runtime, to wait until it is readable.
///
/// # Errors
/// Fails if the runtime cannot watch it.
#[cfg(target_os = "linux")]
pub(crate) fn watch_readable(descriptor: OwnedFd) -> io::Result<AsyncFd<OwnedFd>> {
    // SAFETY: the `AsyncFd` owns the descriptor and never lends it mutably, so it is open
    // and the same file for as long as the registration lives.
    unsafe { AsyncFd::register_with_interest(descriptor, Interest::READABLE) }
        .map_err(|error| error.into_parts().1)
}

/// Takes a lease on a file: every other process that opens it waits until [`unlease`] is
/// called or the file is dropped.
///
/// # Errors
/// Fails if the file system has no leases, or the file is open elsewhere.
#[cfg(target_os = "linux")]
pub(crate) fn lease(file: &std::fs::File) -> io::Result<()> {
    // The holder of a lease is signalled when a process waits. The usual SIGIO would end
    // this process; SIGURG is ignored by default. `libc` does not name the command.
    const F_SETSIG: i32 = 10;
    fcntl(file, F_SETSIG, libc::SIGURG)?;
    fcntl(file, libc::F_SETLEASE, libc::F_WRLCK)
}

/// Gives a lease up, so that processes that wait can open the file.
///
/// # Errors
/// Fails if the file is not leased.
#[cfg(target_os = "linux")]
pub(crate) fn unlease(file: &std::fs::File) -> io::Result<()> {
    fcntl(file, libc::F_SETLEASE, libc::F_UNLCK)
}

#[cfg(target_os = "linux")]
fn fcntl(file: &std::fs::File, command: i32, argument: i32) -> io::Result<()> {
    use std::os::fd::AsRawFd;
    // SAFETY: the descriptor is open, and these commands take an integer.
    match unsafe { libc::fcntl(file.as_raw_fd(), command, argument) } {
        -1 => Err(io::Error::last_os_error()),
        _ => Ok(()),
    }
}

/// Makes a child apply a setup between fork and exec.
pub(crate) fn set_up(command: &mut tokio::process::Command, setup: ChildSetup) {
    // SAFETY: the closure runs in a forked child of a process with many threads, where
    // only functions that are safe in signal handlers may be called. `ChildSetup::apply`
    // makes system calls on what was prepared before, and does not allocate or lock.
    unsafe {
        command.pre_exec(move || setup.apply());
    }
}

/// Takes on a user and groups for good.
///
/// # Errors
/// Fails if this process is not allowed to.
pub(crate) fn become_user(uid: u32, gid: u32, groups: &[u32]) -> rustix::io::Result<()> {
    // SAFETY: the list is as long as is said, and the others take numbers. These are the
    // C library's own, which is right in a child that has one thread.
    unsafe {
        check(libc::setgroups(groups.len() as _, groups.as_ptr()))?;
        check(libc::setgid(gid))?;
        check(libc::setuid(uid))
    }
}

/// Sets the I/O priority of this thread and of all that it starts.
///
/// # Errors
/// Fails if it is out of range, or not allowed.
#[cfg(target_os = "linux")]
pub(crate) fn set_io_priority(priority: i32) -> rustix::io::Result<()> {
    const THIS_THREAD: (i32, i32) = (1, 0);
    let (which, who) = THIS_THREAD;
    // SAFETY: the call takes numbers.
    check(unsafe { libc::syscall(libc::SYS_ioprio_set, which, who, priority) } as i32)
}

/// Turns the result of a C function into that of a system call, without allocating.
fn check(result: i32) -> rustix::io::Result<()> {
    match result {
        0 => Ok(()),
        _ => Err(Errno::from_io_error(&io::Error::last_os_error()).unwrap_or(Errno::PERM)),
    }
}
