//! Membership of a tree by group, descent and mark, for systems without cgroups.
//!
//! While the leader exists, orphans become its children; after its end, orphans have no parent in
//! the tree. So no process may be orphaned in between: before the tree gets TERM, all of it is
//! stopped until a scan finds no new process, and the leader is killed after all others.

use std::collections::HashSet;

use rustix::process::{Pid, Signal, kill_process};

use super::proc_table::{self, Process, ProcessId};
use super::signal_group;
use crate::Mark;

/// Maximum number of scans until one finds no new process to kill.
const KILL_SCANS: usize = 16;

/// All processes that a process group leader started, as far as they can be found.
///
/// A process belongs to the tree if it is in its group, descends from a present or former member,
/// or carries the mark.
#[derive(Debug)]
pub(super) struct Descent {
    /// `None` if it has exited already.
    leader: Option<Pid>,
    /// The start of the leader; older processes cannot belong to it.
    since: u64,
    variable: Vec<u8>,
    seen: HashSet<ProcessId>,
}

impl Descent {
    /// Returns the tree of a group leader, which must not be reaped while this is in use; `None`
    /// stands for a leader that has exited.
    pub(super) fn new(leader: Option<Pid>, mark: &Mark) -> Descent {
        let process = leader.and_then(|leader| Process::read(number(leader)));
        Descent {
            leader,
            since: process.map_or(0, |leader| leader.id.started),
            variable: format!("{}={}", mark.owner.variable, mark.value()).into_bytes(),
            seen: HashSet::new(),
        }
    }

    /// Returns all processes that run.
    pub(super) fn members(&mut self) -> Vec<Process> {
        self.scan(|_| {})
    }

    /// Returns whether the last scan found this process.
    pub(super) fn knows(&self, process: &Process) -> bool {
        self.seen.contains(&process.id)
    }

    /// Stops all processes; returns whether all have stopped.
    pub(super) fn hold(&mut self) -> bool {
        signal_group(self.leader, Signal::STOP);
        let mut stopped = true;
        let before = self.seen.clone();
        self.scan(|process| {
            if !process.stopped {
                process.signal(Signal::STOP);
                // A process in an uninterruptible wait stops before it starts another.
                stopped &= process.uninterruptible && before.contains(&process.id);
            }
        });
        stopped
    }

    /// Kills all processes, each as soon as it is found: a process that starts its successor and
    /// exits could not be caught otherwise.
    pub(super) fn kill(&mut self) {
        let leader = self.leader.map(number);
        if let Some(leader) = self.leader {
            // A stopped leader starts no process, but still adopts orphans. An error means that it
            // has exited.
            let _ = kill_process(leader, Signal::STOP);
        }
        let mut killed = HashSet::new();
        for _ in 0..KILL_SCANS {
            let before = killed.len();
            self.scan(|process| {
                if Some(process.id.pid) != leader && killed.insert(process.id) {
                    process.signal(Signal::KILL);
                }
            });
            if killed.len() == before {
                break;
            }
        }
        signal_group(self.leader, Signal::KILL);
    }

    /// Finds all processes of the tree that run, and calls `on_member` for each, as soon as it is
    /// known to belong to the tree.
    fn scan(&mut self, mut on_member: impl FnMut(&Process)) -> Vec<Process> {
        let leader = self.leader.map(number);
        let ancestors = proc_table::ancestors();
        let mut inside: HashSet<i32> = leader.into_iter().collect();
        let mut members = Vec::new();
        let mut rest = Vec::new();
        // Each process is read while the list may still grow: if it ends later, its children are on
        // the list.
        proc_table::all(|process| {
            if process.id.started < self.since || ancestors.contains(&process.id.pid) {
                return;
            }
            if Some(process.group) == leader
                || inside.contains(&process.id.pid)
                || inside.contains(&process.parent)
                || self.seen.contains(&process.id)
                || (!process.zombie && process.has_variable(&self.variable))
            {
                on_member(&process);
                inside.insert(process.id.pid);
                members.push(process);
            } else {
                rest.push(process);
            }
        });
        // Adds processes that were read before their parents.
        loop {
            let before = rest.len();
            rest.retain(|process| {
                let child = inside.contains(&process.parent);
                if child {
                    on_member(process);
                    inside.insert(process.id.pid);
                    members.push(*process);
                }
                !child
            });
            if rest.len() == before {
                break;
            }
        }
        self.seen = members.iter().map(|process| process.id).collect();
        members.retain(|process| !process.zombie);
        members
    }
}

fn number(pid: Pid) -> i32 {
    pid.as_raw_nonzero().get()
}
