//! Process table, read from `/proc`.

use std::collections::HashSet;
use std::fs;
use std::time::Duration;

use rustix::process::{Pid, PidfdFlags, Signal, pidfd_open, pidfd_send_signal};

/// Process, as it was when its entry was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Process {
    pub(super) id: ProcessId,
    pub(super) parent: i32,
    pub(super) group: i32,
    /// True if it is dead and waits to be reaped.
    pub(super) zombie: bool,
    /// True if it is stopped, or dead.
    pub(super) stopped: bool,
    /// True if it is in an uninterruptible wait, for a disk or for the `exec` of its child,
    /// so that a signal to stop has to wait.
    pub(super) uninterruptible: bool,
}

/// Identity of a process. Ids are reused, but not within a clock tick.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct ProcessId {
    pub(super) pid: i32,
    /// The time of its start, in clock ticks since boot.
    pub(super) started: u64,
}

impl Process {
    /// Reads the process with this id; `None` if it does not exist.
    pub(super) fn read(pid: i32) -> Option<Process> {
        parse(pid, &fs::read_to_string(format!("/proc/{pid}/stat")).ok()?)
    }

    /// Returns the rest of a variable in its environment that begins with `prefix`.
    pub(super) fn value_of(&self, prefix: &[u8]) -> Option<String> {
        let environment = self.environment();
        let mut variables = environment.split(|b| *b == 0);
        let value = variables.find_map(|variable| variable.strip_prefix(prefix))?;
        Some(String::from_utf8_lossy(value).into_owned())
    }

    /// Returns its environment, as `NAME=value`, each with a NUL after it; empty if it may not be
    /// read.
    pub(super) fn environment(&self) -> Vec<u8> {
        let path = format!("/proc/{}/environ", self.id.pid);
        for _ in 0..EXEC_READS {
            match fs::read(&path) {
                // During its `exec` a process has no environment for a moment.
                Ok(environment) if environment.is_empty() && self.is_young() => {
                    std::thread::sleep(EXEC_PAUSE);
                }
                Ok(environment) => return environment,
                Err(_) => break,
            }
        }
        Vec::new()
    }

    /// Returns whether it may have started within the last second.
    fn is_young(&self) -> bool {
        // Seconds since boot; ticks are hundredths on every common machine.
        let uptime = fs::read_to_string("/proc/uptime").ok();
        let uptime = uptime.and_then(|uptime| uptime.split('.').next()?.parse::<u64>().ok());
        uptime.is_none_or(|uptime| self.id.started + 100 >= uptime * 100)
    }

    /// Returns whether it still runs.
    pub(super) fn runs(&self) -> bool {
        Process::read(self.id.pid).is_some_and(|now| now.id == self.id && !now.zombie)
    }

    /// Sends a signal to it, if it is still the same process.
    pub(super) fn signal(&self, signal: Signal) {
        let Some(pid) = Pid::from_raw(self.id.pid) else {
            return;
        };
        // The pidfd refers to the process that has the id now, whose identity is compared after
        // that. An error means that it has ended, or may not be signalled, which the next scan
        // finds.
        if let Ok(pidfd) = pidfd_open(pid, PidfdFlags::empty())
            && Process::read(self.id.pid).is_some_and(|now| now.id == self.id)
        {
            let _ = pidfd_send_signal(pidfd, signal);
        }
    }
}

/// Maximum reads of an environment that is empty for a moment, and the pause between them.
const EXEC_READS: usize = 10;
const EXEC_PAUSE: Duration = Duration::from_micros(100);

/// Maximum number of times that the list is read again because it had new processes.
const LISTINGS: usize = 64;

/// Calls `read` for every process, including zombies; returns the results.
///
/// The list is read until it has no new process. So a process is found even if its parent was on
/// the list and ended before it was read.
pub(super) fn all<T>(mut read: impl FnMut(Process) -> T) -> Vec<T> {
    let mut known = HashSet::new();
    let mut processes = Vec::new();
    for _ in 0..LISTINGS {
        let before = known.len();
        for pid in list() {
            if known.insert(pid) {
                processes.extend(Process::read(pid).map(&mut read));
            }
        }
        if known.len() == before {
            break;
        }
    }
    processes
}

fn list() -> impl Iterator<Item = i32> {
    fs::read_dir("/proc")
        .into_iter()
        .flatten()
        .filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok())
}

/// Returns the ids of this process and of all its ancestors.
pub(super) fn ancestors() -> HashSet<i32> {
    let mut ancestors = HashSet::new();
    let mut pid = i32::try_from(std::process::id()).unwrap_or_default();
    while pid != 0 && ancestors.insert(pid) {
        pid = Process::read(pid).map_or(0, |process| process.parent);
    }
    ancestors
}

fn parse(pid: i32, stat: &str) -> Option<Process> {
    // The name is in parentheses and may contain any character, including parentheses.
    let (_, fields) = stat.rsplit_once(')')?;
    let mut fields = fields.split_ascii_whitespace();
    let state = fields.next()?;
    let mut number = || fields.next()?.parse().ok();
    let (parent, group) = (number()?, number()?);
    let started = fields.nth(16)?.parse().ok()?;
    Some(Process {
        id: ProcessId { pid, started },
        parent,
        group,
        zombie: matches!(state, "Z" | "X" | "x"),
        stopped: matches!(state, "T" | "Z" | "X" | "x"),
        uninterruptible: state == "D",
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_may_hold_anything() {
        let stat = "42 (a) R 1 (b c)) S 7 8 9 0 -1 4194560 1 2 3 4 5 6 7 8 20 0 1 0 12345 1 2";
        let process = parse(42, stat).unwrap();
        assert_eq!((process.parent, process.group), (7, 8));
        assert_eq!(process.id.started, 12345);
        assert!(!process.zombie && !process.stopped && !process.uninterruptible);
        assert!(parse(42, "42 (a) Z 7").is_none());
        assert!(parse(42, "").is_none());
    }

    #[test]
    fn we_are_there() {
        let pid = i32::try_from(std::process::id()).unwrap();
        let me = Process::read(pid).unwrap();
        assert!(all(|process| process).contains(&me));
        let path = std::env::var("PATH").unwrap();
        assert_eq!(me.value_of(b"PATH="), Some(path));
        assert!(ancestors().is_superset(&HashSet::from([pid, me.parent])));
    }
}
