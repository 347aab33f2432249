//! Trees on Unix systems without `/proc`: the process group.

use rustix::process::{Pid, Signal, kill_process_group};

use super::{Cgroup, Method};
use crate::process::ended::Reached;
use crate::process::spec::Mark;

/// A process group.
#[derive(Debug)]
pub(in crate::process) struct Tree {
    leader: Option<Pid>,
    released: bool,
}

impl Tree {
    /// The group of that leader.
    pub(in crate::process) fn new(
        leader: u32,
        _mark: &Mark,
        _cgroup: Option<Cgroup>,
        _waits: bool,
    ) -> Tree {
        Tree {
            leader: i32::try_from(leader).ok().and_then(Pid::from_raw),
            released: false,
        }
    }

    /// How it is held together.
    pub(in crate::process) fn method(&self) -> Method {
        Method::Group
    }

    /// The limits on all of it that were reached: none can be set here.
    pub(in crate::process) fn reached(&self) -> Vec<Reached> {
        Vec::new()
    }

    /// Has all of it stand still, as far as that is done here: not at all.
    pub(in crate::process) fn hold(&mut self) -> bool {
        true
    }

    /// Asks all of it to end. What was stopped is continued, else it could not.
    pub(in crate::process) fn terminate(&mut self) {
        self.signal(Signal::TERM);
        self.signal(Signal::CONT);
    }

    /// Kills all of it.
    pub(in crate::process) fn kill(&mut self) {
        self.signal(Signal::KILL);
    }

    /// Whether any of it runs.
    pub(in crate::process) fn lives(&mut self) -> bool {
        self.leader
            .is_some_and(|leader| rustix::process::test_kill_process_group(leader).is_ok())
    }

    /// Leaves alone what still runs.
    pub(in crate::process) fn release(&mut self) {
        self.released = true;
    }

    fn signal(&self, signal: Signal) {
        if let Some(leader) = self.leader {
            // An error says that nothing of the group is there.
            let _ = kill_process_group(leader, signal);
        }
    }
}

impl Drop for Tree {
    fn drop(&mut self) {
        if !self.released {
            self.kill();
        }
    }
}
