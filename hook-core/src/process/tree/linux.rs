//! Trees on Linux.

use std::collections::BTreeMap;
use std::time::Instant;

use rustix::process::{Pid, Signal, kill_process_group};

use super::Method;
use super::cgroup::Cgroup;
use super::descent::Descent;
use super::table;
use crate::process::bounds::{DROP_WAIT, LOOK};
use crate::process::ended::Reached;
use crate::process::spec::Mark;

/// A process group leader and all that it started.
///
/// A cgroup holds it together where there is one. Descent is looked at only without one,
/// or if something may have been started before the leader was in it: it takes a look at
/// every process of the machine.
#[derive(Debug)]
pub(in crate::process) struct Tree {
    leader: Option<Pid>,
    cgroup: Option<Cgroup>,
    descent: Option<Descent>,
    released: bool,
}

impl Tree {
    /// The tree of that group leader, who must not be reaped before
    /// [`release`](Self::release); `waits` says that it has started nothing yet.
    pub(in crate::process) fn new(
        leader: u32,
        mark: &Mark,
        cgroup: Option<Cgroup>,
        waits: bool,
    ) -> Tree {
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

    /// How it is held together.
    pub(in crate::process) fn method(&self) -> Method {
        match self.cgroup {
            Some(_) => Method::Cgroup,
            None => Method::Descent,
        }
    }

    /// The limits on all of it that were reached.
    pub(in crate::process) fn reached(&self) -> Vec<Reached> {
        self.cgroup.as_ref().map_or_else(Vec::new, Cgroup::reached)
    }

    /// Has all of it stand still, so that nothing which is just being started goes unasked;
    /// returns whether it does by now. A cgroup needs no such thing.
    pub(in crate::process) fn hold(&mut self) -> bool {
        self.descent.as_mut().is_none_or(Descent::hold)
    }

    /// Asks all of it to end. What was stopped is continued, else it could not.
    pub(in crate::process) fn terminate(&mut self) {
        if let Some(descent) = &mut self.descent {
            descent.terminate();
        }
        let Some(cgroup) = &self.cgroup else {
            return;
        };
        let mut members = cgroup.members();
        match &self.descent {
            Some(descent) => members.retain(|process| !descent.knows(process)),
            None => members.retain(|process| Some(process.group) != self.group()),
        }
        for signal in [Signal::TERM, Signal::CONT] {
            if self.descent.is_none() {
                // The group is signalled at once, also what is being forked in it.
                self.signal_group(signal);
            }
            for process in &members {
                process.signal(signal);
            }
        }
    }

    /// Kills all of it that is there now.
    pub(in crate::process) fn kill(&mut self) {
        // Before the leader goes, whose orphans could not be told from others then.
        if let Some(descent) = &mut self.descent {
            descent.kill();
        }
        if let Some(cgroup) = &self.cgroup
            && cgroup.kill().is_err()
        {
            // Kernels before 5.14 cannot.
            for process in cgroup.members() {
                process.signal(Signal::KILL);
            }
        }
        self.signal_group(Signal::KILL);
    }

    /// Whether any of it runs.
    pub(in crate::process) fn lives(&mut self) -> bool {
        self.cgroup.as_ref().is_some_and(Cgroup::lives)
            || self
                .descent
                .as_mut()
                .is_some_and(|descent| !descent.members().is_empty())
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

    fn group(&self) -> Option<i32> {
        self.leader.map(|pid| pid.as_raw_nonzero().get())
    }
}

/// The trees that daemons of that instance have left, by execution.
pub(in crate::process) fn left_over(instance: &str) -> BTreeMap<String, Tree> {
    let mut cgroups: BTreeMap<String, Option<Cgroup>> = Cgroup::left_over(instance)
        .into_iter()
        .filter(|(_, cgroup)| cgroup.lives())
        .map(|(execution, cgroup)| (execution, Some(cgroup)))
        .collect();
    let prefix = format!("{}={instance}:", Mark::VARIABLE);
    let processes = table::all(|process| (process, process.value_of(prefix.as_bytes())));
    let ours = table::ancestors();
    for (process, execution) in processes {
        // A daemon that was started by a hook is no leftover of it.
        if let Some(execution) = execution.filter(|_| !ours.contains(&process.id.pid)) {
            cgroups.entry(execution).or_default();
        }
    }
    let tree = |execution: &str, cgroup| {
        let mark = Mark {
            instance: instance.to_owned(),
            execution: execution.to_owned(),
        };
        Tree {
            leader: None,
            cgroup,
            descent: Some(Descent::new(None, &mark)),
            released: true,
        }
    };
    cgroups
        .into_iter()
        .map(|(execution, cgroup)| (execution.clone(), tree(&execution, cgroup)))
        .collect()
}

impl Drop for Tree {
    fn drop(&mut self) {
        if self.released {
            return;
        }
        // Killed processes are gone in a moment. Only then their cgroup can be removed, and
        // only a look that finds nothing says that none was started meanwhile.
        let since = Instant::now();
        loop {
            self.kill();
            if !self.lives() || since.elapsed() > DROP_WAIT {
                return;
            }
            std::thread::sleep(LOOK.0 / 10);
        }
    }
}
