//! Membership of a tree by group, descent and mark, for systems without cgroups.
//!
//! While the leader is there, orphans become its children; once it has gone, they have no
//! parent of the tree any more. So no process may be orphaned in between: before the tree
//! gets TERM, all of it is stopped until a scan finds no new process, and before the leader
//! is killed, all others are.

use std::collections::HashSet;

use rustix::process::{Pid, Signal, kill_process};

use super::proc_table::{self, Process, ProcessId};
use super::signal_group;
use crate::Mark;

/// Most scans until one finds no new process to kill.
const KILL_SCANS: usize = 16;

/// All processes that a process group leader started, as far as can be told.
///
/// A process belongs to it if it is in its group, descends from a process of it that is
/// still there or was seen before, or carries the mark.
#[derive(Debug)]
pub(super) struct Descent {
    /// `None` if it is gone already.
    leader: Option<Pid>,
    /// The start of the leader; older processes cannot belong to it.
    since: u64,
    variable: Vec<u8>,
    seen: HashSet<ProcessId>,
}

impl Descent {
    /// Returns the tree of a group leader, which must not be reaped while this is in use;
    /// `None` stands for a leader that is gone.
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

    /// Returns whether the last scan found that process.
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

    /// Kills all processes, each as soon as it is found: a process that starts its successor
    /// and exits could not be caught otherwise.
    pub(super) fn kill(&mut self) {
        let leader = self.leader.map(number);
        if let Some(leader) = self.leader {
            // Stopped, it starts no process, and adopts orphans nevertheless. An error says
            // that it is gone.
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

    /// Finds all processes that run, and calls `on_member` for each, as soon as it is known
    /// to belong to the tree.
    fn scan(&mut self, mut on_member: impl FnMut(&Process)) -> Vec<Process> {
        let leader = self.leader.map(number);
        let ancestors = proc_table::ancestors();
        let mut inside: HashSet<i32> = leader.into_iter().collect();
        let mut members = Vec::new();
        let mut rest = Vec::new();
        // Each is read while the list may still grow: the children of a process that ends
        // later are on the list.
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
        // Processes that were read before their parents.
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
