//! Trees: a process and all processes that it started, directly or indirectly.

#[cfg(target_os = "linux")]
mod cgroup;
#[cfg(target_os = "linux")]
mod descent;
#[cfg(target_os = "linux")]
mod linux;
#[cfg(target_os = "linux")]
mod proc_table;
#[cfg(target_os = "linux")]
mod scan;
#[cfg(target_os = "linux")]
pub(crate) use {
    cgroup::{Cgroup, unavailable_limits},
    linux::{Tree, left_over},
};

#[cfg(all(unix, not(target_os = "linux")))]
mod group;
#[cfg(all(unix, not(target_os = "linux")))]
pub(crate) use group::Tree;

#[cfg(windows)]
mod windows;
#[cfg(windows)]
pub(crate) use windows::Tree;

#[cfg(not(target_os = "linux"))]
mod without_cgroups;
#[cfg(not(target_os = "linux"))]
pub(crate) use without_cgroups::{Cgroup, left_over};

/// Containment of a tree of processes, which determines the processes that can escape its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Containment {
    /// A cgroup of its own, which was empty, while no process with the mark was left. Processes
    /// cannot leave it by forking; one that moves to another cgroup is found by its mark, and the
    /// tree counts as contained by [`Descent`](Self::Descent) then.
    Cgroup,
    /// The process group, the descent from the interpreter, which adopts orphans, and the mark in
    /// the environment. A process without parent, group and mark escapes once the interpreter has
    /// exited: for example one that a script leaves behind when it exits by itself, or one started
    /// in this way by a process that ignores TERM.
    Descent,
    /// A job object. A process escapes if it is started before the interpreter is in the job.
    Job,
    /// The process group. Processes that leave it escape.
    Group,
    /// None: only the interpreter itself is ended.
    None,
    /// Not known: a process was still there after KILL.
    NotKnown,
}

/// Sends a signal to a process group, if there is one.
#[cfg(unix)]
fn signal_group(leader: Option<rustix::process::Pid>, signal: rustix::process::Signal) {
    if let Some(leader) = leader {
        // An error means that no process of the group exists.
        let _ = rustix::process::kill_process_group(leader, signal);
    }
}
