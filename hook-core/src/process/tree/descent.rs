//! Membership by group, descent and mark: what can be said without a cgroup.
//!
//! Orphans become children of the leader for as long as it is there, and nobody's we know
//! of when it has gone. So none may be in the making then: before anything is asked to end,
//! all of it is held still until no look finds anybody new; before the leader is killed,
//! all others are.

use std::collections::HashSet;

use rustix::process::{Pid, Signal, kill_process, kill_process_group};

use super::table::{self, Identity, Process};
use crate::process::spec::Mark;

/// How many looks are taken at most until one finds nobody new to kill.
const LOOKS: usize = 16;

/// All that a process group leader started, as far as it can be told.
///
/// A process belongs to it if it is in its group, descends from a process of it
/// that is still there or was seen before, or carries the mark.
#[derive(Debug)]
pub(super) struct Descent {
    /// `None` if it is gone already.
    leader: Option<Pid>,
    /// When the leader started; older processes cannot belong to it.
    since: u64,
    variable: Vec<u8>,
    seen: HashSet<Identity>,
}

impl Descent {
    /// Of the group leader of that id, which must not be reaped while this is in use, or
    /// of one that is long gone.
    pub(super) fn new(leader: Option<Pid>, mark: &Mark) -> Descent {
        let process = leader.and_then(|leader| Process::read(number(leader)));
        Descent {
            leader,
            since: process.map_or(0, |leader| leader.id.started),
            variable: format!("{}={}", Mark::VARIABLE, mark.value()).into_bytes(),
            seen: HashSet::new(),
        }
    }

    /// All that runs of it.
    pub(super) fn members(&mut self) -> Vec<Process> {
        self.look(|_| {})
    }

    /// Whether the last look found that process.
    pub(super) fn knows(&self, process: &Process) -> bool {
        self.seen.contains(&process.id)
    }

    /// Stops all that runs of it; returns whether all of it stands still.
    pub(super) fn hold(&mut self) -> bool {
        self.signal_group(Signal::STOP);
        let mut still = true;
        let before = self.seen.clone();
        self.look(|process| {
            if !process.still {
                process.signal(Signal::STOP);
                // One that waits and was told to stop starts nothing before it does.
                still &= process.waits && before.contains(&process.id);
            }
        });
        still
    }

    /// Asks all of it to end. What was stopped is continued.
    pub(super) fn terminate(&mut self) {
        let mut others = self.members();
        others.retain(|process| Some(process.group) != self.leader.map(number));
        self.signal_group(Signal::TERM);
        for process in &others {
            process.signal(Signal::TERM);
        }
        // Children first: what is stopped when its parent goes may be sent a HUP.
        for process in others.iter().rev() {
            process.signal(Signal::CONT);
        }
        self.signal_group(Signal::CONT);
    }

    /// Kills all that runs of it, each as soon as it is known: one that starts its successor
    /// and goes could not be caught otherwise.
    pub(super) fn kill(&mut self) {
        let leader = self.leader.map(number);
        if let Some(leader) = self.leader {
            // It starts nothing more, and adopts orphans nevertheless. An error says that it
            // is gone.
            let _ = kill_process(leader, Signal::STOP);
        }
        let mut killed = HashSet::new();
        for _ in 0..LOOKS {
            let before = killed.len();
            self.look(|process| {
                if Some(process.id.pid) != leader && killed.insert(process.id) {
                    process.signal(Signal::KILL);
                }
            });
            if killed.len() == before {
                break;
            }
        }
        self.signal_group(Signal::KILL);
    }

    /// Finds all that runs of it; `on_member` is told of each, at once where it can be.
    fn look(&mut self, mut on_member: impl FnMut(&Process)) -> Vec<Process> {
        let leader = self.leader.map(number);
        let ours = table::ancestors();
        let mut inside: HashSet<i32> = leader.into_iter().collect();
        let mut members = Vec::new();
        let mut rest = Vec::new();
        // Looked at now, while the list may still change: what ends after this look had its
        // children on the list.
        table::all(|process| {
            if process.id.started < self.since || ours.contains(&process.id.pid) {
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
        // Those who were looked at before their parents were.
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

    fn signal_group(&self, signal: Signal) {
        if let Some(leader) = self.leader {
            // An error says that nothing of the group is there.
            let _ = kill_process_group(leader, signal);
        }
    }
}

fn number(pid: Pid) -> i32 {
    pid.as_raw_nonzero().get()
}
