//! Membership by group, descent and mark: what can be said without a cgroup.

use std::collections::HashSet;

use rustix::process::Pid;

use super::table::{self, Identity, Process};
use crate::process::spec::Mark;

/// All that a process group leader started, as far as it can be told.
///
/// A process belongs to it if it is in its group, descends from a process of it
/// that is still there or was seen before, or carries the mark.
#[derive(Debug)]
pub(super) struct Descent {
    /// `None` if it is gone already.
    leader: Option<i32>,
    /// When the leader started; older processes cannot belong to it.
    since: u64,
    variable: Vec<u8>,
    seen: HashSet<Identity>,
}

impl Descent {
    /// Of the group leader of that id, which must not be reaped while this is in use, or
    /// of one that is long gone.
    pub(super) fn new(leader: Option<Pid>, mark: &Mark) -> Descent {
        let leader = leader.map(|leader| leader.as_raw_nonzero().get());
        let process = leader.and_then(Process::read);
        Descent {
            leader,
            since: process.map_or(0, |leader| leader.id.started),
            variable: format!("{}={}", Mark::VARIABLE, mark.value()).into_bytes(),
            seen: HashSet::new(),
        }
    }

    /// All that runs of it.
    pub(super) fn members(&mut self) -> Vec<Process> {
        let leader = self.leader;
        let mut marked = HashSet::new();
        let processes = table::all(|process| {
            // Looked at now, while the list may still change: what ends after this look
            // had its children on the list.
            let young = process.id.started >= self.since;
            if young && !process.zombie && process.has_variable(&self.variable) {
                marked.insert(process.id);
            }
            process
        });
        let ours = table::ancestors(&processes);
        let mut inside: HashSet<i32> = leader.into_iter().collect();
        let mut rest: Vec<&Process> = Vec::new();
        for process in &processes {
            if process.id.started < self.since || ours.contains(&process.id.pid) {
                continue;
            }
            if Some(process.group) == leader
                || self.seen.contains(&process.id)
                || marked.contains(&process.id)
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
