//! `cargo xtask soak`: thousands of hooks that do everything wrong, through a real daemon.
//!
//! It drives hookd as the test of the same name does, which is its short form, and
//! measures memory besides.

#[path = "../../hookd/tests/support/behaviour.rs"]
mod behaviour;
#[path = "../../hookd/tests/support/soak.rs"]
mod driver;
#[path = "../../hookd/tests/support/traces.rs"]
mod traces;

use std::time::Duration;

use anyhow::{Context as _, Result};

use crate::daemon::Daemon;
use crate::{command, repo};
use driver::{Size, Target};

const BUILD_LIMIT: Duration = Duration::from_secs(30 * 60);

/// The flags of the verb.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// Runs, each with one hook
    #[arg(long, value_name = "N", default_value_t = 10_000,
        value_parser = clap::value_parser!(u32).range(20..=1_000_000))]
    hooks: u32,
    /// Runs at the same time; hookd's own limit is 64
    #[arg(long, value_name = "C", default_value_t = 64,
        value_parser = clap::value_parser!(u32).range(1..=1000))]
    concurrency: u32,
}

/// Carries out the verb, in the profile that this program was built in.
pub(crate) fn run(args: &Args) -> Result<()> {
    for target in [
        ["--package=hookd", "--bin=hookd"],
        ["--package=process-supervisor", "--example=misbehave"],
    ] {
        let mut build = repo::cargo(["build", "--quiet"]);
        build.args(target);
        if cfg!(not(debug_assertions)) {
            build.arg("--release");
        }
        command::run(&mut build, BUILD_LIMIT)?;
    }
    let binaries = repo::binaries()?;
    let folder = tempfile::tempdir().context("cannot make a temporary folder")?;
    let mess = driver::mess(folder.path());
    let config = driver::config(&binaries.join("examples/misbehave"), &mess);
    let daemon = Daemon::start(&binaries.join("hookd"), folder.path(), &config)?;
    println!("{}", daemon.greeting());
    let target = Target {
        pid: daemon.pid(),
        address: daemon.address().to_owned(),
        state: folder.path().join("state"),
        mess,
    };
    let size = Size {
        hooks: args.hooks,
        concurrency: args.concurrency,
        memory: true,
    };
    let runtime = tokio::runtime::Runtime::new().context("cannot start tokio")?;
    for line in runtime.block_on(driver::run(&target, size))? {
        println!("{line}");
    }
    daemon.stop()
}
