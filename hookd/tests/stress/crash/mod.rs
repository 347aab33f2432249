//! hookd killed at random moments, under load: every answer to a client stays valid.
//!
//! `cargo xtask crash` is the long form.

mod driver;

use std::fs;

use driver::{CrashSize, CrashTarget};
use hookd_test_support::Setup;

use crate::size;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_told_is_true_after_any_crash() {
    println!("{}", kill_again_and_again("power").await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn it_is_true_after_a_crash_where_nothing_waits_for_the_disk() {
    println!("{}", kill_again_and_again("process").await);
}

/// Kills a daemon with this durability repeatedly; returns the measurements.
async fn kill_again_and_again(durability: &str) -> String {
    let _alone = crate::ALONE.lock().await;
    let setup = Setup::new("");
    let effects = setup.dir.path().join("effects");
    let config = driver::config(&effects, durability);
    fs::write(setup.dir.path().join("hookd.yaml"), config).expect("written");
    let daemon = setup.start();
    let target = CrashTarget {
        address: daemon.address(),
        state: daemon.dir.path().join("state"),
        effects,
    };
    let size = CrashSize {
        kills: size("HOOKD_TEST_KILLS", 10),
        clients: size("HOOKD_TEST_CLIENTS", 6),
    };
    let report = driver::run(daemon, &target, size).await;
    report.expect("all of it is true").join("\n")
}
