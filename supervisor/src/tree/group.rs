//! Trees on Unix systems without `/proc`: the process group.

use rustix::process::{Pid, Signal, test_kill_process_group};

use super::{Cgroup, Containment, signal_group};
use crate::{LimitHit, Mark};

/// Process group.
#[derive(Debug)]
pub(crate) struct Tree {
    leader: Option<Pid>,
    released: bool,
}

impl Tree {
    pub(crate) fn new(leader: u32, _mark: Mark, _cgroup: Option<Cgroup>, _waits: bool) -> Tree {
        Tree {
            leader: i32::try_from(leader).ok().and_then(Pid::from_raw),
            released: false,
        }
    }

    pub(crate) fn containment(&self) -> Containment {
        Containment::Group
    }

    pub(crate) fn limit_hits(&self) -> Vec<LimitHit> {
        Vec::new()
    }

    #[expect(clippy::unused_async, reason = "as on Linux, which scans on a thread")]
    pub(crate) async fn hold(&mut self) -> bool {
        true
    }

    #[expect(clippy::unused_async, reason = "as on Linux, which scans on a thread")]
    pub(crate) async fn terminate(&mut self) {
        signal_group(self.leader, Signal::TERM);
        // A stopped process could not end.
        signal_group(self.leader, Signal::CONT);
    }

    fn kill_now(&self) {
        signal_group(self.leader, Signal::KILL);
    }

    #[expect(clippy::unused_async, reason = "as on Linux, which scans on a thread")]
    pub(crate) async fn kill(&mut self) {
        self.kill_now();
    }

    #[expect(clippy::unused_async, reason = "as on Linux, which scans on a thread")]
    pub(crate) async fn lives(&mut self) -> bool {
        self.leader
            .is_some_and(|leader| test_kill_process_group(leader).is_ok())
    }

    pub(crate) fn release(&mut self) {
        self.released = true;
    }
}

impl Drop for Tree {
    fn drop(&mut self) {
        if !self.released {
            self.kill_now();
        }
    }
}
