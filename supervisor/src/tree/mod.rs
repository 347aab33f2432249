//! Trees: a process and all that it started, wherever that went.

#[cfg(target_os = "linux")]
mod cgroup;
#[cfg(target_os = "linux")]
mod descent;
#[cfg(target_os = "linux")]
mod linux;
#[cfg(target_os = "linux")]
mod proc_table;
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

/// Containment of a tree of processes, so that none of it escapes its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Containment {
    /// A cgroup of its own, which no process leaves by forking.
    Cgroup,
    /// The process group, the descent from the interpreter, which adopts orphans, and the
    /// mark in the environment. A process without parent, group and mark escapes once the
    /// interpreter has gone: one that a script leaves behind when it exits by itself, or
    /// that is started so by a process that ignores TERM.
    Descent,
    /// A job object. A process that is started before the interpreter is in it escapes.
    Job,
    /// The process group. A process that leaves it escapes.
    Group,
    /// None: only the interpreter itself is ended.
    None,
}

/// Sends a signal to a process group, if there is one.
#[cfg(unix)]
fn signal_group(leader: Option<rustix::process::Pid>, signal: rustix::process::Signal) {
    if let Some(leader) = leader {
        // An error says that no process of the group is there.
        let _ = rustix::process::kill_process_group(leader, signal);
    }
}
