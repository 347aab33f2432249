//! `cargo xtask crash`: hookd killed at random moments, under load; what it told stays true.
//!
//! It drives hookd as the test of the same name does, which is its short form.

#[path = "../../hookd/tests/support/crash.rs"]
mod driver;

use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context as _, Result};

use crate::daemon::Daemon;
use crate::{command, repo};
use driver::{Size, Target, Victim};

const BUILD_LIMIT: Duration = Duration::from_secs(30 * 60);

/// The flags of the verb.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// How often hookd is killed
    #[arg(long, value_name = "N", default_value_t = 200,
        value_parser = clap::value_parser!(u32).range(1..=100_000))]
    kills: u32,
    /// Clients that ask at the same time
    #[arg(long, value_name = "C", default_value_t = 8,
        value_parser = clap::value_parser!(u64).range(1..=64))]
    clients: u64,
    /// What hookd's store is to survive
    #[arg(long, default_value = "power", value_parser = ["power", "process"])]
    durability: String,
}

/// A daemon, and what the next one is started with.
struct Killed {
    daemon: Daemon,
    program: PathBuf,
    folder: PathBuf,
    config: String,
}

impl Victim for Killed {
    type Dead = (PathBuf, PathBuf, String);

    fn kill(self) -> Result<Self::Dead> {
        // A daemon that is dropped is killed.
        drop(self.daemon);
        Ok((self.program, self.folder, self.config))
    }

    fn start((program, folder, config): Self::Dead) -> Result<Self> {
        Ok(Killed {
            daemon: Daemon::start(&program, &folder, &config)?,
            program,
            folder,
            config,
        })
    }
}

/// Carries out the verb, in the profile that this program was built in.
pub(crate) fn run(args: &Args) -> Result<()> {
    let mut build = repo::cargo(["build", "--quiet"]);
    build.args(["--package=hookd", "--bin=hookd"]);
    if cfg!(not(debug_assertions)) {
        build.arg("--release");
    }
    command::run(&mut build, BUILD_LIMIT)?;
    let folder = tempfile::tempdir().context("cannot make a temporary folder")?;
    let effects = folder.path().join("effects");
    let victim = Killed::start((
        repo::binaries()?.join("hookd"),
        folder.path().to_owned(),
        driver::config(&effects, &args.durability),
    ))?;
    println!("{}", victim.daemon.greeting());
    let target = Target {
        address: victim.daemon.address().to_owned(),
        state: folder.path().join("state"),
        effects,
    };
    let size = Size {
        kills: args.kills,
        clients: args.clients,
    };
    let runtime = tokio::runtime::Runtime::new().context("cannot start tokio")?;
    let (victim, report) = runtime.block_on(driver::run(victim, &target, size))?;
    for line in report {
        println!("{line}");
    }
    victim.daemon.stop()
}
