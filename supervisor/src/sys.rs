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

/// Keeps scripts from inheriting descriptors that this process inherited.
///
/// To be called first in `main`. Descriptors that a service manager or a shell left open, such as
/// listening sockets, would otherwise be open in every script.
///
/// # Errors
/// Fails if the open descriptors cannot be listed or changed.
pub fn seal_descriptors() -> io::Result<()> {
    let listed: Vec<RawFd> = std::fs::read_dir("/dev/fd")?
        .filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok())
        .filter(|fd| *fd > 2)
        .collect();
    for fd in listed {
        // SAFETY: only flags of the descriptor are changed. A descriptor that was closed meanwhile,
        // such as the listing's own, gives an error, which is ignored; one that was opened
        // meanwhile should not be inherited either.
        let fd = unsafe { BorrowedFd::borrow_raw(fd) };
        match fcntl_getfd(fd).and_then(|flags| fcntl_setfd(fd, flags | FdFlags::CLOEXEC)) {
            Ok(()) | Err(Errno::BADF) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(())
}

/// Number of the last signal.
const LAST_SIGNAL: i32 = if cfg!(target_os = "linux") { 64 } else { 31 };

/// Gives all signals that this process inherited as ignored their default effects, and unblocks
/// all. Returns whether SIGHUP was ignored, as `nohup` has it.
///
/// To be called first in `main`, while there is only one thread. Scripts begin with the same
/// effects and without blocked signals, as long as this process blocks none and ignores none but
/// SIGPIPE, which `std` restores in each child.
pub fn reset_signals() -> bool {
    let mut is_hangup_ignored = false;
    for signal in (1..=LAST_SIGNAL).filter(|signal| *signal != libc::SIGPIPE) {
        // SAFETY: the structure consists of numbers and a set of bits, for which zeroes are valid.
        // The calls read and write it and nothing else; for signals that a process cannot change
        // they fail.
        unsafe {
            let mut action: libc::sigaction = std::mem::zeroed();
            let known = libc::sigaction(signal, std::ptr::null(), &mut action) == 0;
            if known && action.sa_sigaction == libc::SIG_IGN {
                is_hangup_ignored |= signal == libc::SIGHUP;
                action.sa_sigaction = libc::SIG_DFL;
                libc::sigaction(signal, &action, std::ptr::null_mut());
            }
        }
    }
    // SAFETY: the set is initialised before it is read.
    unsafe {
        let mut none: libc::sigset_t = std::mem::zeroed();
        libc::sigemptyset(&mut none);
        libc::pthread_sigmask(libc::SIG_SETMASK, &none, std::ptr::null_mut());
    }
    is_hangup_ignored
}

/// Registers a descriptor with the runtime, to wait until it is readable.
///
/// # Errors
/// Fails if the runtime cannot watch it.
#[cfg(target_os = "linux")]
pub(crate) fn watch_readable(descriptor: OwnedFd) -> io::Result<AsyncFd<OwnedFd>> {
    // SAFETY: the `AsyncFd` owns the descriptor and never lends it mutably, so it stays open and
    // refers to the same file as long as the registration lives.
    unsafe { AsyncFd::register_with_interest(descriptor, Interest::READABLE) }
        .map_err(|error| error.into_parts().1)
}

/// Takes a lease on a file: other processes that open it wait until [`unlease`] is called or the
/// file is dropped.
///
/// # Errors
/// Fails if the file system has no leases, or the file is open elsewhere.
#[cfg(target_os = "linux")]
pub(crate) fn lease(file: &std::fs::File) -> io::Result<()> {
    // The kernel signals the holder of a lease when another process opens the file. The default
    // SIGIO would end this process; SIGURG is ignored by default. `libc` does not define the
    // command.
    const F_SETSIG: i32 = 10;
    fcntl(file, F_SETSIG, libc::SIGURG)?;
    fcntl(file, libc::F_SETLEASE, libc::F_WRLCK)
}

/// Gives up a lease, so that waiting processes can open the file.
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

/// Makes a child perform a setup between fork and exec.
pub(crate) fn set_up(command: &mut tokio::process::Command, setup: ChildSetup) {
    // SAFETY: the closure runs in the forked child of a multi-threaded process, where only
    // async-signal-safe functions may be called. `ChildSetup::apply` makes system calls on data
    // that was prepared before, and neither allocates nor locks.
    unsafe {
        command.pre_exec(move || setup.apply());
    }
}

/// Changes the user and groups of this process irrevocably.
///
/// # Errors
/// Fails if this process is not allowed to.
pub(crate) fn become_user(uid: u32, gid: u32, groups: &[u32]) -> rustix::io::Result<()> {
    // SAFETY: the list has the given length, and the other calls take integers. They are the C
    // library's functions, which change only this thread if it is the only one, as in a forked
    // child.
    unsafe {
        check(libc::setgroups(groups.len() as _, groups.as_ptr()))?;
        check(libc::setgid(gid))?;
        check(libc::setuid(uid))
    }
}

/// Sets the I/O priority of this thread and of everything that it starts.
///
/// # Errors
/// Fails if it is out of range, or not allowed.
#[cfg(target_os = "linux")]
pub(crate) fn set_io_priority(priority: i32) -> rustix::io::Result<()> {
    const THIS_THREAD: (i32, i32) = (1, 0);
    let (which, who) = THIS_THREAD;
    // SAFETY: the call takes integers.
    check(unsafe { libc::syscall(libc::SYS_ioprio_set, which, who, priority) } as i32)
}

/// Turns the result of a C function into that of a system call, without allocating.
fn check(result: i32) -> rustix::io::Result<()> {
    match result {
        0 => Ok(()),
        _ => Err(Errno::from_io_error(&io::Error::last_os_error()).unwrap_or(Errno::PERM)),
    }
}
