//! A real daemon in a temporary folder and the requests to it, for tests from outside.
#![expect(
    clippy::expect_used,
    clippy::print_stderr,
    reason = "a test fails by panicking, and says what it skips"
)]

#[cfg(unix)]
pub mod attack;
mod calls;
mod daemon;
mod debian;
pub mod misbehave;
mod raw;
mod skip;

use std::fs;
use std::path::Path;
use std::process::{Child, ExitStatus};
use std::time::{Duration, Instant};

pub use calls::*;
pub use daemon::{Setup, TestDaemon, hookd_binary};
pub use debian::install;
pub use raw::{RawClient, RawFrame};
pub use skip::skip;

/// The time after which a test that waits fails.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// Returns a config of the repository `nas` and the plan `home` with these hooks.
pub fn config(plan_hooks: &str) -> String {
    let hooks = plan_hooks.replace('\n', "\n      ");
    format!(
        "repos:\n  - id: nas\n    uri: sftp:nas:/backup\n    password: correct-horse\nplans:\n  - id: home\n    repo: nas\n    paths: [/home]\n    hooks:\n      {hooks}\n"
    )
}

/// Returns a hook of a plan as YAML; `more` are further keys, each on a line.
pub fn hook(name: &str, condition: &str, more: &str, script: &str) -> String {
    let more: String = more.lines().map(|line| format!("  {line}\n")).collect();
    let script = script.replace('\n', "\n      ");
    format!(
        "- name: {name}\n  conditions: [CONDITION_{condition}]\n{more}  actionCommand:\n    command: |\n      {script}\n"
    )
}

/// Waits at most [`PATIENCE`] for the end of a child.
pub fn wait(child: &mut Child) -> ExitStatus {
    let begun = Instant::now();
    loop {
        if let Some(status) = child.try_wait().expect("the child can be waited for") {
            return status;
        }
        if begun.elapsed() > PATIENCE {
            child.kill().expect("it can be killed");
            panic!("the child did not end");
        }
        std::thread::yield_now();
        std::thread::park_timeout(Duration::from_millis(5));
    }
}

/// Waits at most [`PATIENCE`] until something holds.
pub async fn until<F: Future<Output = bool>>(what: &str, mut holds: impl FnMut() -> F) {
    let begun = Instant::now();
    while !holds().await {
        assert!(
            begun.elapsed() < PATIENCE,
            "it did not come about that {what}"
        );
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

/// Returns whether a process exists and is no zombie.
pub fn lives(pid: &str) -> bool {
    let stat = fs::read_to_string(Path::new("/proc").join(pid.trim()).join("stat"));
    stat.is_ok_and(|stat| !stat.contains(") Z "))
}

/// Returns a number of KiB in `/proc/PID/status`, such as `VmRSS`.
pub fn memory_kib(pid: u32, name: &str) -> u64 {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).expect("it runs");
    let line = status.lines().find_map(|line| line.strip_prefix(name));
    let number = line.and_then(|line| line.split_whitespace().nth(1));
    number.expect("a size").parse().expect("a number")
}
