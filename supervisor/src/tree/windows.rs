//! Trees on Windows: job objects.
#![expect(
    unsafe_code,
    reason = "the system's calls take pointers and handles that the compiler cannot check"
)]

use std::os::windows::io::{AsRawHandle, FromRawHandle, OwnedHandle};

use windows_sys::Win32::System::JobObjects::{
    AssignProcessToJobObject, CreateJobObjectW, JOBOBJECT_BASIC_ACCOUNTING_INFORMATION,
    JobObjectBasicAccountingInformation, QueryInformationJobObject, TerminateJobObject,
};
use windows_sys::Win32::System::Threading::{
    OpenProcess, PROCESS_SET_QUOTA, PROCESS_TERMINATE, TerminateProcess,
};

use super::{Cgroup, Containment};
use crate::{LimitHit, Mark};

/// Exit code of processes that the supervisor ends.
const ENDED: u32 = 1;

/// Process and, if it is in a job, all processes that it starts.
#[derive(Debug)]
pub(crate) struct Tree {
    leader: Option<OwnedHandle>,
    job: Option<OwnedHandle>,
    released: bool,
}

impl Tree {
    pub(crate) fn new(leader: u32, _mark: Mark, _cgroup: Option<Cgroup>, _waits: bool) -> Tree {
        let leader = open(leader);
        let job = leader.as_ref().and_then(job_of);
        Tree {
            leader,
            job,
            released: false,
        }
    }

    pub(crate) fn containment(&self) -> Containment {
        match self.job {
            Some(_) => Containment::Job,
            None => Containment::None,
        }
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
        // A process without windows cannot be asked to end, so it is killed.
        self.kill_now();
    }

    fn kill_now(&self) {
        // SAFETY: the handles are open. An error means that the process has ended.
        unsafe {
            match (&self.job, &self.leader) {
                (Some(job), _) => TerminateJobObject(job.as_raw_handle(), ENDED),
                (None, Some(leader)) => TerminateProcess(leader.as_raw_handle(), ENDED),
                (None, None) => 0,
            };
        }
    }

    #[expect(clippy::unused_async, reason = "as on Linux, which scans on a thread")]
    pub(crate) async fn kill(&mut self) {
        self.kill_now();
    }

    #[expect(clippy::unused_async, reason = "as on Linux, which scans on a thread")]
    pub(crate) async fn lives(&mut self) -> bool {
        let Some(job) = &self.job else {
            return false;
        };
        let mut counts = JOBOBJECT_BASIC_ACCOUNTING_INFORMATION::default();
        // SAFETY: the handle is open, and the buffer has the type and length that the
        // class asks for.
        let known = unsafe {
            QueryInformationJobObject(
                job.as_raw_handle(),
                JobObjectBasicAccountingInformation,
                (&raw mut counts).cast(),
                size_of_val(&counts) as u32,
                std::ptr::null_mut(),
            )
        };
        known != 0 && counts.ActiveProcesses > 0
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

fn open(process: u32) -> Option<OwnedHandle> {
    // SAFETY: the call takes integers; the returned handle is owned by the caller unless it is
    // null.
    unsafe {
        let handle = OpenProcess(PROCESS_SET_QUOTA | PROCESS_TERMINATE, 0, process);
        (!handle.is_null()).then(|| OwnedHandle::from_raw_handle(handle))
    }
}

/// Returns a new job with that process in it.
fn job_of(process: &OwnedHandle) -> Option<OwnedHandle> {
    // SAFETY: null stands for no attributes and no name; the returned handle is owned by the caller
    // unless it is null.
    let job = unsafe {
        let handle = CreateJobObjectW(std::ptr::null(), std::ptr::null());
        (!handle.is_null()).then(|| OwnedHandle::from_raw_handle(handle))
    }?;
    // SAFETY: both handles are open.
    let put = unsafe { AssignProcessToJobObject(job.as_raw_handle(), process.as_raw_handle()) };
    (put != 0).then_some(job)
}
