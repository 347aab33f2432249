//! Ending processes, as each operating system has it.

use std::io;
use std::process::{Child, Command};

/// Has a command run in a process group of its own, where there are such.
pub(crate) fn apart(command: &mut Command) {
    #[cfg(unix)]
    std::os::unix::process::CommandExt::process_group(command, 0);
    #[cfg(not(unix))]
    let _ = command;
}

/// A process that can be killed while another thread waits for it.
#[derive(Clone, Copy)]
pub(crate) struct Victim {
    #[cfg(unix)]
    pid: rustix::process::Pid,
    #[cfg(not(unix))]
    pid: u32,
}

#[cfg(unix)]
impl Victim {
    pub(crate) fn of(child: &Child) -> Self {
        Self {
            pid: rustix::process::Pid::from_child(child),
        }
    }

    /// Kills it, or all of its group. That it has ended is as good.
    pub(crate) fn kill(self, group: bool) {
        use rustix::process::{Signal, kill_process, kill_process_group};
        let _ = match group {
            true => kill_process_group(self.pid, Signal::KILL),
            false => kill_process(self.pid, Signal::KILL),
        };
    }
}

#[cfg(not(unix))]
impl Victim {
    pub(crate) fn of(child: &Child) -> Self {
        Self { pid: child.id() }
    }

    /// Kills it and all that it started. That it has ended is as good.
    pub(crate) fn kill(self, _group: bool) {
        let pid = self.pid.to_string();
        let _ = Command::new("taskkill")
            .args(["/F", "/T", "/PID", &pid])
            .status();
    }
}

/// Asks a process to end.
#[cfg(unix)]
pub(crate) fn ask(child: &mut Child) -> io::Result<()> {
    use rustix::process::{Pid, Signal, kill_process};
    Ok(kill_process(Pid::from_child(child), Signal::TERM)?)
}

/// Ends a process: it cannot be asked.
#[cfg(not(unix))]
pub(crate) fn ask(child: &mut Child) -> io::Result<()> {
    child.kill()
}
