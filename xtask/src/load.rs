//! `cargo xtask load`: the cost of a script run by hookd, compared with the script alone.
//!
//! A release daemon on a private socket is sent runs through the generated client, and a
//! bare loop spawns the same script with the same concurrency. The two take turns in
//! rounds, so that other load of the machine hits both. Runs and latencies of all rounds are
//! added up; the ratio of the two sides is comparable between machines. Further measurements
//! are the cost of storing runs, the latency of watching, and the memory of a thousand hooks.

mod agents;
mod bare;
mod crowd;
mod durable;
mod measure;

use std::fs;

use anyhow::{Context as _, Result, ensure};
use conformance::repo;
use hookd_test_support::{TestDaemon, hook};
use xshell::cmd;

use agents::Agents;
use measure::Side;

/// The number of turns that the two sides take.
const ROUNDS: u32 = 5;
/// The runs of each side before the measured ones, which load what is loaded lazily.
const WARM_UP: u32 = 20;

/// The script of both sides: it writes one line, as most hooks do.
const SCRIPT: &str = "#!/bin/sh\necho done\n";

#[derive(clap::Args)]
pub(crate) struct Args {
    /// A tenth of the runs
    #[arg(long)]
    pub(crate) quick: bool,
    #[command(flatten)]
    pub(crate) size: Size,
}

/// The amount of measured runs.
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

/// Carries out the verb, in a release build, because a debug build would measure the client.
pub(crate) fn run(args: &Args) -> Result<()> {
    let Size { runs, concurrency } = args.size;
    let runs = if args.quick { runs.div_ceil(10) } else { runs };
    if cfg!(debug_assertions) {
        let sh = repo::shell()?;
        let programs = ["--bin", "hookd", "--bin", "xtask"];
        cmd!(sh, "cargo build --release --workspace {programs...}").run()?;
        let load = repo::target()?.join("release/xtask");
        let size = [
            format!("--runs={runs}"),
            format!("--concurrency={concurrency}"),
        ];
        cmd!(sh, "{load} load {size...}").run()?;
        return Ok(());
    }
    let mut runtime = tokio::runtime::Builder::new_multi_thread();
    let runtime = runtime.worker_threads(2).enable_all().build()?;
    runtime.block_on(compare(runs, concurrency))
}

/// Measures both sides in turns, and prints them side by side.
async fn compare(runs: u32, concurrency: u32) -> Result<()> {
    let daemon = TestDaemon::with(&config());
    // Written once; hookd writes it for every run, which is part of its cost.
    let script = daemon.dir.path().join("bare.sh");
    fs::write(&script, SCRIPT).context("cannot write the script")?;
    let agents = Agents::connect(&daemon, concurrency).await;
    print!("{}", daemon.ready);
    println!("{runs} runs of each side, {concurrency} at a time, in {ROUNDS} turns");
    agents.fire(WARM_UP).await?;
    bare::spawn(&script, WARM_UP, concurrency)?;

    let (mut hookd, mut bare) = (Side::default(), Side::default());
    for round in 0..ROUNDS {
        let runs = share(runs, ROUNDS, round);
        bare.add(bare::spawn(&script, runs, concurrency)?);
        hookd.add(agents.fire(runs).await?);
    }
    stop(daemon)?;
    println!("\n{}", measure::table(&hookd, &bare));
    println!("\n{}", durable::measure(runs).await?);
    println!("\n{}", crowd::measure_watching().await?);
    println!("\n{}", crowd::measure_memory().await?);
    Ok(())
}

/// Ends a daemon; fails unless it exits with 0.
fn stop(daemon: TestDaemon) -> Result<()> {
    let code = daemon.terminate();
    ensure!(code == 0, "hookd exited with {code}");
    Ok(())
}

/// Returns the config whose one hook is the script.
fn config() -> String {
    let more = "onError: ON_ERROR_FATAL";
    hookd_test_support::config(&hook("script", "SNAPSHOT_START", more, SCRIPT))
}

/// Returns the share of one of `parts` equal parts; shares differ by one at most.
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
