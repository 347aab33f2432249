//! Many misbehaving hooks, through the real daemon: no trace of them may be left.
//!
//! `cargo xtask soak` is the long form, which also measures memory.

mod behaviour;
mod driver;
mod traces;

use std::fs;

use driver::{SoakSize, SoakTarget};
use hookd_test_support::{Setup, misbehave};

use crate::size;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_left_of_many_hooks() {
    let _alone = crate::ALONE.lock().await;
    let setup = Setup::new("");
    let mess = driver::mess(setup.dir.path());
    let config = driver::config(misbehave::program(), &mess);
    fs::write(setup.dir.path().join("hookd.yaml"), config).expect("written");
    let daemon = setup.start();
    let target = SoakTarget {
        pid: daemon.pid(),
        address: daemon.address(),
        state: daemon.dir.path().join("state"),
        mess,
    };
    let size = SoakSize {
        hooks: size("HOOKD_TEST_HOOKS", 500),
        concurrency: size("HOOKD_TEST_CONCURRENCY", 64),
        memory: std::env::var_os("HOOKD_TEST_MEMORY").is_some(),
    };
    let report = driver::run(&target, size).await.expect("nothing is left");
    for line in report {
        println!("{line}");
    }
}
