//! `cargo xtask load`: what running a script through hookd costs beside just running it.
//!
//! A release daemon on a private socket is sent runs through the generated client, and a
//! bare loop spawns the same script with the same concurrency. The two take turns in
//! rounds, so that whatever else the machine does hits both. Runs and latencies of all
//! rounds are added up; the ratio of the two sides is what compares between machines.
//! Then it is measured what it costs to keep runs, and how soon one that is watched shows
//! something; and a thousand hooks run at once, and the daemon's memory is looked at.

mod agents;
mod bare;
mod crowd;
mod durable;
mod measure;
mod watch;

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use anyhow::{Context as _, Result};

use crate::daemon::{self, Daemon};
use crate::{command, repo};
use agents::Agents;
use measure::Side;

/// How often the two sides take turns.
const ROUNDS: u32 = 5;
/// Runs of each side that are not counted: both begin with what they load lazily done.
const WARM_UP: u32 = 20;
const LIMIT: Duration = Duration::from_secs(60 * 60);

/// What both sides run: it writes one line, as most hooks do.
const SCRIPT: &str = "#!/bin/sh\necho done\n";

/// The flags of the verb.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// A tenth of the runs
    #[arg(long)]
    pub(crate) quick: bool,
    #[command(flatten)]
    pub(crate) size: Size,
}

/// How much is measured.
#[derive(Clone, clap::Args)]
pub(crate) struct Size {
    /// Runs of each side
    #[arg(long, value_name = "N", default_value_t = 5000,
        value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    runs: u32,
    /// Runs at the same time; hookd's own limit is 64
    #[arg(long, value_name = "C", default_value_t = 8,
        value_parser = clap::value_parser!(u32).range(1..=1000))]
    concurrency: u32,
}

/// Carries out the verb.
pub(crate) fn run(args: &Args) -> Result<()> {
    if cfg!(debug_assertions) {
        return run_optimized(args);
    }
    let size = if args.quick {
        let runs = args.size.runs.div_ceil(10);
        Size {
            runs,
            ..args.size.clone()
        }
    } else {
        args.size.clone()
    };
    let folder = tempfile::tempdir().context("cannot make a temporary folder")?;
    compare(&size, folder.path())
}

/// Does the same in a release build: in a debug build the client would be measured.
fn run_optimized(args: &Args) -> Result<()> {
    let mut build = repo::cargo(["build", "--release", "--workspace"]);
    build.args(["--bin", "hookd", "--bin", "xtask"]);
    command::run(&mut build, LIMIT)?;
    let mut load = Command::new(repo::target()?.join("release/xtask"));
    load.arg("load")
        .arg(format!("--runs={}", args.size.runs))
        .arg(format!("--concurrency={}", args.size.concurrency));
    if args.quick {
        load.arg("--quick");
    }
    command::run(&mut load, LIMIT)
}

/// Measures both sides in turns, and shows them side by side.
fn compare(size: &Size, folder: &Path) -> Result<()> {
    let program = repo::binaries()?.join("hookd");
    let daemon = Daemon::start(&program, folder, &daemon::config(SCRIPT))?;
    let script = bare::write(folder, SCRIPT)?;
    let agents = Agents::connect(daemon.address(), size.concurrency)?;
    println!("{}", daemon.greeting());
    println!(
        "{} runs of each side, {} at a time, in {ROUNDS} turns",
        size.runs, size.concurrency
    );
    agents.fire(WARM_UP)?;
    bare::spawn(&script, WARM_UP, size.concurrency)?;

    let (mut hookd, mut bare) = (Side::default(), Side::default());
    for round in 0..ROUNDS {
        let runs = share(size.runs, ROUNDS, round);
        bare.add(bare::spawn(&script, runs, size.concurrency)?);
        hookd.add(agents.fire(runs)?);
    }
    daemon.stop()?;
    println!("\n{}", measure::table(&hookd, &bare));
    println!("\n{}", durable::measure(&program, size.runs)?);
    println!("\n{}", watch::measure(&program)?);
    println!("\n{}", crowd::measure(&program)?);
    Ok(())
}

/// How many of so many things the part with this number gets, when all parts differ by
/// one at most.
fn share(all: u32, parts: u32, part: u32) -> u32 {
    all / parts + u32::from(part < all % parts)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_add_up_and_differ_by_one() {
        let shares: Vec<_> = (0..4).map(|part| share(10, 4, part)).collect();
        assert_eq!(shares, [3, 3, 2, 2]);
    }
}
