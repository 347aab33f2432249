//! Membership of a tree by group, descent and mark: without a cgroup, and for processes that have
//! left theirs.
//!
//! While the leader exists, orphans become its children; after its end, orphans have no parent in
//! the tree. So no process may be orphaned in between: before the tree gets TERM, all of it is
//! stopped until a scan finds no new process, and the leader is killed after all others.

use std::collections::HashSet;

use rustix::process::{Pid, Signal, kill_process};

use super::proc_table::{Process, ProcessId};
use super::signal_group;
use crate::Mark;

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
    scan: MemberScan,
}

/// Action of a scan on each member, as soon as it is known to belong to the tree.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum ScanAction {
    /// None.
    #[default]
    Look,
    /// Stop it.
    Stop,
    /// Kill it: a process that starts its successor and exits could not be caught later.
    Kill,
}

/// Result of a scan.
#[derive(Clone, Debug, Default)]
pub(super) struct FoundMembers {
    /// The members that run.
    pub(super) running: Vec<Process>,
    /// True unless a member had to be stopped that may still start others.
    pub(super) all_stopped: bool,
    /// True if a process was killed that no scan has killed before.
    pub(super) killed_more: bool,
}

/// State of a scan.
#[derive(Debug, Default)]
struct MemberScan {
    action: ScanAction,
    inside: HashSet<i32>,
    members: Vec<Process>,
    found: FoundMembers,
    killed: HashSet<ProcessId>,
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
            scan: MemberScan::default(),
        }
    }

    /// Begins a scan of the process table. [`examine`](Self::examine) has to be called for each
    /// process then, and [`finish`](Self::finish) at the end.
    pub(super) fn begin(&mut self, action: ScanAction) {
        match (action, self.leader) {
            (ScanAction::Stop, leader) => signal_group(leader, Signal::STOP),
            // A stopped leader starts no process, but still adopts orphans. An error means that it
            // has exited.
            (ScanAction::Kill, Some(leader)) => drop(kill_process(leader, Signal::STOP)),
            _ => {}
        }
        self.scan.action = action;
        self.scan.inside = self.leader.map(number).into_iter().collect();
        self.scan.members.clear();
        self.scan.found = FoundMembers {
            all_stopped: true,
            ..FoundMembers::default()
        };
    }

    /// Takes a process in if it belongs to the tree. `has_variable` tells whether its environment
    /// contains this `NAME=value`.
    pub(super) fn examine(&mut self, process: &Process, has_variable: impl FnOnce(&[u8]) -> bool) {
        if process.id.started < self.since {
            return;
        }
        if Some(process.group) == self.leader.map(number)
            || self.scan.inside.contains(&process.id.pid)
            || self.scan.inside.contains(&process.parent)
            || self.seen.contains(&process.id)
            || (!process.zombie && has_variable(&self.variable))
        {
            self.take_in(process);
        }
    }

    /// Takes in processes that were examined before their parents, and returns the result.
    pub(super) fn finish(&mut self, all: &[Process]) -> FoundMembers {
        loop {
            let before = self.scan.members.len();
            for process in all {
                if process.id.started >= self.since
                    && self.scan.inside.contains(&process.parent)
                    && !self.scan.inside.contains(&process.id.pid)
                {
                    self.take_in(process);
                }
            }
            if self.scan.members.len() == before {
                break;
            }
        }
        self.seen = self.scan.members.iter().map(|process| process.id).collect();
        let mut found = std::mem::take(&mut self.scan.found);
        found.running = std::mem::take(&mut self.scan.members);
        found.running.retain(|process| !process.zombie);
        found
    }

    /// Kills the leader and its group, after all others.
    pub(super) fn kill_group(&mut self) {
        signal_group(self.leader, Signal::KILL);
        self.scan.killed.clear();
    }

    fn take_in(&mut self, process: &Process) {
        let scan = &mut self.scan;
        match scan.action {
            ScanAction::Stop if !process.stopped => {
                process.signal(Signal::STOP);
                // A process in an uninterruptible wait stops before it starts another.
                scan.found.all_stopped &=
                    process.uninterruptible && self.seen.contains(&process.id);
            }
            ScanAction::Kill
                if Some(process.id.pid) != self.leader.map(number)
                    && scan.killed.insert(process.id) =>
            {
                process.signal(Signal::KILL);
                scan.found.killed_more = true;
            }
            _ => {}
        }
        scan.inside.insert(process.id.pid);
        scan.members.push(*process);
    }
}

fn number(pid: Pid) -> i32 {
    pid.as_raw_nonzero().get()
}
