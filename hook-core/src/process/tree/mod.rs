//! Trees: a process and all that it started, wherever that went.

#[cfg(target_os = "linux")]
mod cgroup;
#[cfg(target_os = "linux")]
mod descent;
#[cfg(target_os = "linux")]
mod linux;
#[cfg(target_os = "linux")]
mod table;
#[cfg(target_os = "linux")]
pub(super) use {
    cgroup::{Cgroup, impossible_limits, without_cgroup},
    linux::{Tree, left_over},
};

#[cfg(all(unix, not(target_os = "linux")))]
mod group;
#[cfg(all(unix, not(target_os = "linux")))]
pub(super) use group::Tree;

#[cfg(windows)]
mod windows;
#[cfg(windows)]
pub(super) use windows::Tree;

/// Where nothing can be found by its mark.
#[cfg(not(target_os = "linux"))]
pub(super) fn left_over(_instance: &str) -> std::collections::BTreeMap<String, Tree> {
    std::collections::BTreeMap::new()
}

/// What there is none of here.
#[cfg(not(target_os = "linux"))]
#[derive(Debug)]
pub(super) enum Cgroup {}

#[cfg(unix)]
mod signal;
#[cfg(unix)]
pub(super) use signal::signal_name;

/// How a tree of processes is held together, so that none of it escapes its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Method {
    /// By a cgroup of its own, which nothing leaves by forking.
    Cgroup,
    /// By the process group, by descent from the interpreter, which adopts orphans, and by
    /// the mark in the environment. What has no parent, group or mark of its any more when
    /// the interpreter has gone escapes: what a script that ends by itself leaves behind, or
    /// what is started so by a process that goes on when it is asked to end.
    Descent,
    /// By a job object: what is started before the interpreter is in it escapes.
    Job,
    /// By the process group alone: what leaves it escapes.
    Group,
    /// Not at all: only the interpreter itself is ended.
    None,
}
