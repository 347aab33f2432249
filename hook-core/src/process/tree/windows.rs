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

use super::{Cgroup, Method};
use crate::process::ended::Reached;
use crate::process::spec::Mark;

/// The exit code of what is ended.
const ENDED: u32 = 1;

/// A process and, where it could be put into a job, all that it starts.
#[derive(Debug)]
pub(in crate::process) struct Tree {
    leader: Option<OwnedHandle>,
    job: Option<OwnedHandle>,
    released: bool,
}

impl Tree {
    /// The tree of that process, who must not be reaped before
    /// [`release`](Self::release).
    pub(in crate::process) fn new(
        leader: u32,
        _mark: &Mark,
        _cgroup: Option<Cgroup>,
        _waits: bool,
    ) -> Tree {
        let leader = open(leader);
        let job = leader.as_ref().and_then(job_of);
        Tree {
            leader,
            job,
            released: false,
        }
    }

    /// How it is held together.
    pub(in crate::process) fn method(&self) -> Method {
        match self.job {
            Some(_) => Method::Job,
            None => Method::None,
        }
    }

    /// The limits on all of it that were reached: none can be set here.
    pub(in crate::process) fn reached(&self) -> Vec<Reached> {
        Vec::new()
    }

    /// Has all of it stand still, as far as that is done here: not at all.
    pub(in crate::process) fn hold(&mut self) -> bool {
        true
    }

    /// Ends all of it: Windows has no way to ask a process without windows.
    pub(in crate::process) fn terminate(&mut self) {
        self.kill();
    }

    /// Ends all of it.
    pub(in crate::process) fn kill(&mut self) {
        // SAFETY: the handles are open. An error says that nothing is there to be ended.
        unsafe {
            match (&self.job, &self.leader) {
                (Some(job), _) => TerminateJobObject(job.as_raw_handle(), ENDED),
                (None, Some(leader)) => TerminateProcess(leader.as_raw_handle(), ENDED),
                (None, None) => 0,
            };
        }
    }

    /// Whether any of it runs.
    pub(in crate::process) fn lives(&mut self) -> bool {
        let Some(job) = &self.job else {
            return false;
        };
        let mut counts = JOBOBJECT_BASIC_ACCOUNTING_INFORMATION::default();
        // SAFETY: the handle is open, and the buffer is what the class asks for, as long
        // as is said.
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

    /// Leaves alone what still runs.
    pub(in crate::process) fn release(&mut self) {
        self.released = true;
    }
}

impl Drop for Tree {
    fn drop(&mut self) {
        if !self.released {
            self.kill();
        }
    }
}

fn open(process: u32) -> Option<OwnedHandle> {
    // SAFETY: the call takes numbers; the handle it returns is ours unless it is null.
    unsafe {
        let handle = OpenProcess(PROCESS_SET_QUOTA | PROCESS_TERMINATE, 0, process);
        (!handle.is_null()).then(|| OwnedHandle::from_raw_handle(handle))
    }
}

/// A new job with that process in it.
fn job_of(process: &OwnedHandle) -> Option<OwnedHandle> {
    // SAFETY: null stands for no attributes and no name; the handle that is returned is
    // ours unless it is null.
    let job = unsafe {
        let handle = CreateJobObjectW(std::ptr::null(), std::ptr::null());
        (!handle.is_null()).then(|| OwnedHandle::from_raw_handle(handle))
    }?;
    // SAFETY: both handles are open.
    let put = unsafe { AssignProcessToJobObject(job.as_raw_handle(), process.as_raw_handle()) };
    (put != 0).then_some(job)
}
