//! Leader of a script's process group: detecting its exit without reaping it.

use std::process::ExitStatus;

use tokio::process::Child;

/// Interpreter of a script, which leads the process group.
///
/// Once it is reaped, the kernel may reuse its id. So on Linux its exit is detected by a pidfd, and
/// reaping is a separate step that comes last.
#[derive(Debug)]
pub(crate) struct Leader {
    child: Child,
    id: u32,
    status: Option<ExitStatus>,
    #[cfg(target_os = "linux")]
    pidfd: Option<tokio::io::unix::AsyncFd<rustix::fd::OwnedFd>>,
}

impl Leader {
    /// Wraps a child that was just spawned.
    pub(crate) fn new(child: Child, id: u32) -> Leader {
        Leader {
            #[cfg(target_os = "linux")]
            pidfd: pidfd(id),
            child,
            id,
            status: None,
        }
    }

    pub(crate) fn id(&self) -> u32 {
        self.id
    }

    /// Waits until it has exited. Cancel safe.
    pub(crate) async fn exited(&mut self) {
        if self.status.is_some() {
            return;
        }
        #[cfg(target_os = "linux")]
        if let Some(pidfd) = &self.pidfd
            && let Ok(mut ready) = pidfd.readable().await
        {
            ready.retain_ready();
            return;
        }
        self.reap().await;
    }

    /// Returns whether it has exited, even if [`exited`](Self::exited) has not detected it yet.
    #[cfg(unix)]
    pub(crate) fn has_exited(&self) -> bool {
        use rustix::process::{Pid, WaitId, WaitIdOptions, waitid};
        let pid = i32::try_from(self.id).ok().and_then(Pid::from_raw);
        let options = WaitIdOptions::EXITED | WaitIdOptions::NOHANG | WaitIdOptions::NOWAIT;
        self.status.is_some()
            || pid.is_some_and(|pid| matches!(waitid(WaitId::Pid(pid), options), Ok(Some(_))))
    }

    /// Returns whether it is known to have exited.
    #[cfg(not(unix))]
    pub(crate) fn has_exited(&self) -> bool {
        self.status.is_some()
    }

    /// Waits for its exit, frees its id and returns its status. Cancel safe.
    pub(crate) async fn reap(&mut self) -> Option<ExitStatus> {
        if self.status.is_none() {
            self.status = self.child.wait().await.ok();
        }
        self.status
    }
}

/// Opens a pidfd; `None` on kernels before 5.3, where the exit is detected by reaping.
#[cfg(target_os = "linux")]
fn pidfd(id: u32) -> Option<tokio::io::unix::AsyncFd<rustix::fd::OwnedFd>> {
    use rustix::process::{Pid, PidfdFlags, pidfd_open};
    let pid = Pid::from_raw(i32::try_from(id).ok()?)?;
    let pidfd = pidfd_open(pid, PidfdFlags::NONBLOCK).ok()?;
    crate::sys::watch_readable(pidfd).ok()
}
