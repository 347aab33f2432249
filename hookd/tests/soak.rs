//! Many hooks that do everything wrong, through the real daemon: nothing may be left.
//!
//! `cargo xtask soak` is the long form.
#![cfg(target_os = "linux")]

#[path = "support/behaviour.rs"]
mod behaviour;
#[path = "support/soak.rs"]
mod driver;
#[path = "support/misbehave.rs"]
mod misbehave;
#[path = "support/mod.rs"]
mod support;
#[path = "support/traces.rs"]
mod traces;

use std::fs;

use driver::{Size, Target};
use support::Setup;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_left_of_many_hooks() {
    let setup = Setup::new("");
    let mess = driver::mess(setup.dir.path());
    let config = driver::config(misbehave::program(), &mess);
    fs::write(setup.dir.path().join("hookd.yaml"), config).expect("written");
    let daemon = setup.start();
    let target = Target {
        pid: daemon.pid(),
        address: daemon.address(),
        state: daemon.dir.path().join("state"),
        mess,
    };
    let size = Size {
        hooks: 500,
        concurrency: 64,
        memory: false,
    };
    let report = driver::run(&target, size).await.expect("nothing is left");
    for line in report {
        println!("{line}");
    }
}
