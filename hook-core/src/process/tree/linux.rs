//! Trees on Linux.

use std::collections::HashSet;

use rustix::process::{Pid, Signal, kill_process_group};

use super::Method;
use super::table::{self, Identity, Process};
use crate::process::spec::Mark;

/// A process group leader and all that it started.
///
/// A process belongs to the tree if it is in its group, descends from a process of the
/// tree that is still there or was seen before, or carries the mark.
#[derive(Debug)]
pub(in crate::process) struct Tree {
    leader: Option<Pid>,
    /// When the leader started; older processes cannot belong to it.
    since: u64,
    variable: Vec<u8>,
    seen: HashSet<Identity>,
    released: bool,
}

impl Tree {
    /// The tree of that group leader, who must not be reaped before [`release`](Self::release).
    pub(in crate::process) fn new(leader: u32, mark: &Mark) -> Tree {
        let pid = i32::try_from(leader).unwrap_or_default();
        Tree {
            leader: Pid::from_raw(pid),
            since: Process::read(pid).map_or(0, |leader| leader.id.started),
            variable: format!("{}={}", Mark::VARIABLE, mark.value()).into_bytes(),
            seen: HashSet::new(),
            released: false,
        }
    }

    /// How it is held together.
    pub(in crate::process) fn method(&self) -> Method {
        Method::Descent
    }

    /// Asks all of it to end. What was stopped is continued, else it could not.
    pub(in crate::process) fn terminate(&mut self) {
        let members = self.members();
        for signal in [Signal::TERM, Signal::CONT] {
            self.signal_group(signal);
            self.signal_others(&members, signal);
        }
    }

    /// Kills all of it that is there now.
    pub(in crate::process) fn kill(&mut self) {
        self.signal_group(Signal::KILL);
        let members = self.members();
        self.signal_others(&members, Signal::KILL);
    }

    /// Whether any of it runs.
    pub(in crate::process) fn lives(&mut self) -> bool {
        !self.members().is_empty()
    }

    /// Leaves alone what still runs. The leader may be reaped from now on.
    pub(in crate::process) fn release(&mut self) {
        self.released = true;
    }

    fn signal_group(&self, signal: Signal) {
        if let Some(leader) = self.leader {
            // An error says that nothing of the group is there.
            let _ = kill_process_group(leader, signal);
        }
    }

    fn signal_others(&self, members: &[Process], signal: Signal) {
        let group = self.leader.map(|pid| pid.as_raw_nonzero().get());
        for process in members {
            if Some(process.group) != group {
                process.signal(signal);
            }
        }
    }

    /// All that runs of it.
    fn members(&mut self) -> Vec<Process> {
        let Some(leader) = self.leader.map(|pid| pid.as_raw_nonzero().get()) else {
            return Vec::new();
        };
        let processes = table::all();
        let ours = table::ancestors(&processes);
        let mut inside = HashSet::from([leader]);
        let mut rest: Vec<&Process> = Vec::new();
        for process in &processes {
            if process.id.started < self.since || ours.contains(&process.id.pid) {
                continue;
            }
            if process.group == leader
                || self.seen.contains(&process.id)
                || (!process.zombie && process.has_variable(&self.variable))
            {
                inside.insert(process.id.pid);
            } else {
                rest.push(process);
            }
        }
        loop {
            let before = rest.len();
            rest.retain(|process| {
                let child = inside.contains(&process.parent);
                if child {
                    inside.insert(process.id.pid);
                }
                !child
            });
            if rest.len() == before {
                break;
            }
        }
        let members: Vec<Process> = processes
            .iter()
            .filter(|process| inside.contains(&process.id.pid))
            .copied()
            .collect();
        self.seen = members.iter().map(|process| process.id).collect();
        members
            .into_iter()
            .filter(|process| !process.zombie)
            .collect()
    }
}

impl Drop for Tree {
    fn drop(&mut self) {
        if !self.released {
            self.kill();
        }
    }
}
