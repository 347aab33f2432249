//! hookd killed at any moment, under load: what it told is true for ever after.
//!
//! `cargo xtask crash` is the long form.
#![cfg(target_os = "linux")]
#![expect(clippy::expect_used, reason = "a test fails by panicking")]

#[path = "support/crash.rs"]
mod driver;
#[path = "support/mod.rs"]
mod support;

use std::fs;

use anyhow::Result;
use driver::{Size, Target, Victim};
use support::{Setup, TestDaemon};

impl Victim for TestDaemon {
    type Dead = Setup;

    fn kill(self) -> Result<Setup> {
        Ok(self.killed())
    }

    fn start(dead: Setup) -> Result<Self> {
        Ok(dead.start())
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_told_is_true_after_any_crash() {
    println!("{}", kill_again_and_again("power").await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn it_is_true_after_a_crash_where_nothing_waits_for_the_disk() {
    println!("{}", kill_again_and_again("process").await);
}

/// Does so with hookd; gives what was measured.
async fn kill_again_and_again(durability: &str) -> String {
    let setup = Setup::new("");
    let effects = setup.dir.path().join("effects");
    let config = driver::config(&effects, durability);
    fs::write(setup.dir.path().join("hookd.yaml"), config).expect("written");
    let daemon = setup.start();
    let target = Target {
        address: daemon.address(),
        state: daemon.dir.path().join("state"),
        effects,
    };
    let size = Size {
        kills: 10,
        clients: 6,
    };
    let (_daemon, report) = driver::run(daemon, &target, size)
        .await
        .expect("all of it is true");
    report.join("\n")
}
