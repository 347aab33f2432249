//! Trees on Linux: a cgroup where there is one, else descent.

use std::collections::BTreeMap;
use std::time::Instant;

use rustix::process::{Pid, Signal};

use super::cgroup::Cgroup;
use super::descent::Descent;
use super::{Containment, proc_table, signal_group};
use crate::bounds::{DROP_WAIT, SCAN_PAUSE};
use crate::{LimitHit, Mark, Owner};

/// Process group leader and all processes that it started.
///
/// Descent is used only without a cgroup, or if a process may have been started before the leader
/// was moved into the cgroup, because it scans every process of the machine.
#[derive(Debug)]
pub(crate) struct Tree {
    leader: Option<Pid>,
    cgroup: Option<Cgroup>,
    descent: Option<Descent>,
    released: bool,
}

impl Tree {
    /// Returns the tree of a group leader, which must not be reaped before
    /// [`release`](Self::release). `waits` tells that it has started no process yet.
    pub(crate) fn new(leader: u32, mark: &Mark, cgroup: Option<Cgroup>, waits: bool) -> Tree {
        let cgroup = cgroup.filter(|cgroup| cgroup.take_in(leader).is_ok());
        let leader = i32::try_from(leader).ok().and_then(Pid::from_raw);
        let sealed = cgroup.is_some() && waits;
        Tree {
            leader,
            cgroup,
            descent: (!sealed).then(|| Descent::new(leader, mark)),
            released: false,
        }
    }

    pub(crate) fn containment(&self) -> Containment {
        match self.cgroup {
            Some(_) => Containment::Cgroup,
            None => Containment::Descent,
        }
    }

    /// Returns the limits that the tree reached.
    pub(crate) fn limit_hits(&self) -> Vec<LimitHit> {
        self.cgroup
            .as_ref()
            .map_or_else(Vec::new, Cgroup::limit_hits)
    }

    /// Stops all processes, so that none is being started when the tree gets TERM; returns whether
    /// all have stopped by now. Does nothing for a cgroup.
    pub(crate) fn hold(&mut self) -> bool {
        self.descent.as_mut().is_none_or(Descent::hold)
    }

    /// Sends TERM to all processes, and continues stopped ones, which could not end otherwise.
    pub(crate) fn terminate(&mut self) {
        let mut members = self
            .descent
            .as_mut()
            .map_or_else(Vec::new, Descent::members);
        if let Some(cgroup) = &self.cgroup {
            let known = |process: &_| self.descent.as_ref().is_some_and(|d| d.knows(process));
            members.extend(
                cgroup
                    .members()
                    .into_iter()
                    .filter(|process| !known(process)),
            );
        }
        // The group is signalled at once, including processes that are being forked in it.
        let group = self.leader.map(|pid| pid.as_raw_nonzero().get());
        members.retain(|process| Some(process.group) != group);
        signal_group(self.leader, Signal::TERM);
        for process in &members {
            process.signal(Signal::TERM);
        }
        // Children first: a stopped process may get a HUP when its parent ends.
        for process in members.iter().rev() {
            process.signal(Signal::CONT);
        }
        signal_group(self.leader, Signal::CONT);
    }

    /// Kills all present processes.
    pub(crate) fn kill(&mut self) {
        // First, because orphans are found only while the leader exists.
        if let Some(descent) = &mut self.descent {
            descent.kill();
        }
        if let Some(cgroup) = &self.cgroup
            && cgroup.kill().is_err()
        {
            // Kernels before 5.14 cannot kill a cgroup.
            for process in cgroup.members() {
                process.signal(Signal::KILL);
            }
        }
        signal_group(self.leader, Signal::KILL);
    }

    /// Returns whether any process runs.
    pub(crate) fn lives(&mut self) -> bool {
        self.cgroup.as_ref().is_some_and(Cgroup::lives)
            || self
                .descent
                .as_mut()
                .is_some_and(|descent| !descent.members().is_empty())
    }

    /// Leaves remaining processes alone. The leader may be reaped from now on.
    pub(crate) fn release(&mut self) {
        self.released = true;
    }
}

/// Returns the trees that earlier processes of the owner have left running, by execution.
pub(crate) fn left_over(owner: &Owner) -> BTreeMap<String, Tree> {
    let mut cgroups: BTreeMap<String, Option<Cgroup>> = Cgroup::left_over(owner)
        .into_iter()
        .filter(|(_, cgroup)| cgroup.lives())
        .map(|(execution, cgroup)| (execution, Some(cgroup)))
        .collect();
    let prefix = format!("{}={}:", owner.variable, owner.instance);
    let marked = |process: proc_table::Process| (process, process.value_of(prefix.as_bytes()));
    // This process may itself run in a script of the owner, and must not end its own ancestors.
    let ancestors = proc_table::ancestors();
    for (process, execution) in proc_table::all(marked) {
        if let Some(execution) = execution.filter(|_| !ancestors.contains(&process.id.pid)) {
            cgroups.entry(execution).or_default();
        }
    }
    let tree = |(execution, cgroup): (String, Option<Cgroup>)| {
        let mark = Mark {
            owner: owner.clone(),
            execution,
        };
        let tree = Tree {
            leader: None,
            cgroup,
            descent: Some(Descent::new(None, &mark)),
            released: true,
        };
        (mark.execution, tree)
    };
    cgroups.into_iter().map(tree).collect()
}

impl Drop for Tree {
    fn drop(&mut self) {
        if self.released {
            return;
        }
        // Killed processes disappear in a moment. Only then their cgroup can be removed, and only a
        // scan that finds none proves that none was started meanwhile.
        let since = Instant::now();
        loop {
            self.kill();
            if !self.lives() || since.elapsed() > DROP_WAIT {
                return;
            }
            std::thread::sleep(SCAN_PAUSE.0 / 10);
        }
    }
}
