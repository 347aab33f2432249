//! Trees on Linux: a cgroup where there is one, else descent.

use std::collections::BTreeMap;
use std::time::Instant;

use rustix::process::{Pid, Signal};

use super::cgroup::Cgroup;
use super::descent::{Descent, ScanAction};
use super::proc_table::Process;
use super::scan::SharedDescent;
use super::{Containment, proc_table, signal_group};
use crate::bounds::{DROP_WAIT, SCAN_PAUSE};
use crate::{LimitHit, Mark, Owner};

/// Process group leader and all processes that it started.
///
/// Every end looks for processes beside the cgroup, too: one that may move to another cgroup is
/// found by its mark.
#[derive(Debug)]
pub(crate) struct Tree {
    leader: Option<Pid>,
    cgroup: Option<Cgroup>,
    /// True if every process was in the cgroup when it started.
    sealed: bool,
    mark: Mark,
    /// `None` until the tree has to end: scans read every process of the machine.
    descent: Option<SharedDescent>,
    /// True if a process was found outside the cgroup.
    escaped: bool,
    released: bool,
}

impl Tree {
    /// Returns the tree of a group leader, which must not be reaped before
    /// [`release`](Self::release). `waits` tells that it has started no process yet.
    pub(crate) fn new(leader: u32, mark: Mark, cgroup: Option<Cgroup>, waits: bool) -> Tree {
        let cgroup = cgroup.filter(|cgroup| cgroup.take_in(leader).is_ok());
        Tree {
            leader: i32::try_from(leader).ok().and_then(Pid::from_raw),
            sealed: cgroup.is_some() && waits,
            cgroup,
            mark,
            descent: None,
            escaped: false,
            released: false,
        }
    }

    pub(crate) fn containment(&self) -> Containment {
        match self.cgroup {
            Some(_) if !self.escaped => Containment::Cgroup,
            _ => Containment::Descent,
        }
    }

    /// Returns the limits that the tree reached.
    pub(crate) fn limit_hits(&self) -> Vec<LimitHit> {
        self.cgroup
            .as_ref()
            .map_or_else(Vec::new, Cgroup::limit_hits)
    }

    fn descent(&mut self) -> SharedDescent {
        let (leader, mark) = (self.leader, &self.mark);
        let new = || SharedDescent::new(Descent::new(leader, mark));
        self.descent.get_or_insert_with(new).clone()
    }

    /// Returns the processes in the cgroup, and adds those of the scan to them. Notes whether
    /// there are any outside.
    fn with_cgroup(&mut self, mut found: Vec<Process>) -> Vec<Process> {
        let Some(cgroup) = &self.cgroup else {
            return found;
        };
        let inside = cgroup.members();
        let is_new = |process: &Process, list: &[Process]| list.iter().all(|p| p.id != process.id);
        // Processes in the cgroup of a child may have ended since they were found.
        let escaped = |process: &Process| is_new(process, &inside) && process.runs();
        self.escaped |= found.iter().any(escaped);
        let more: Vec<Process> = inside.into_iter().filter(|p| is_new(p, &found)).collect();
        found.extend(more);
        found
    }

    /// Stops all processes, so that none is being started when the tree gets TERM; returns whether
    /// all have stopped by now. Does nothing for a cgroup.
    pub(crate) async fn hold(&mut self) -> bool {
        self.sealed || self.descent().scan(ScanAction::Stop).await.all_stopped
    }

    /// Sends TERM to all processes, and continues stopped ones, which could not end otherwise.
    pub(crate) async fn terminate(&mut self) {
        let found = self.descent().scan(ScanAction::Look).await.running;
        let mut members = self.with_cgroup(found);
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
    pub(crate) async fn kill(&mut self) {
        // First, because orphans are found only while the leader exists.
        self.descent().kill().await;
        self.kill_cgroup();
    }

    fn kill_cgroup(&self) {
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

    fn is_populated(&self) -> bool {
        self.cgroup.as_ref().is_some_and(Cgroup::lives)
    }

    /// Returns whether any process runs.
    pub(crate) async fn lives(&mut self) -> bool {
        if self.is_populated() {
            return true;
        }
        let found = self.descent().scan(ScanAction::Look).await.running;
        !self.with_cgroup(found).is_empty()
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
        let execution = mark.execution.clone();
        let tree = Tree {
            leader: None,
            cgroup,
            sealed: false,
            mark,
            descent: None,
            escaped: false,
            released: true,
        };
        (execution, tree)
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
            let descent = (!self.sealed).then(|| self.descent());
            if let Some(descent) = &descent {
                descent.kill_now();
            }
            self.kill_cgroup();
            let lives = |tree: SharedDescent| !tree.scan_now(ScanAction::Look).running.is_empty();
            let lives = self.is_populated() || descent.is_some_and(lives);
            if !lives || since.elapsed() > DROP_WAIT {
                return;
            }
            std::thread::sleep(SCAN_PAUSE.0 / 10);
        }
    }
}
