//! The bare side: threads that spawn the script and wait for its end.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use conformance::side_by_side;

use super::measure::Side;
use super::share;

/// Runs the script `runs` times, `concurrency` at a time.
pub(crate) fn spawn(script: &Path, runs: u32, concurrency: u32) -> Result<Side> {
    let start = Instant::now();
    let parts: Vec<_> = (0..concurrency).collect();
    let latencies = side_by_side(&parts, |part| {
        let runs = 0..share(runs, concurrency, *part);
        runs.map(|_| spawn_one(script)).collect::<Result<Vec<_>>>()
    })?;
    let latencies = latencies.concat();
    let took = start.elapsed();
    Ok(Side { took, latencies })
}

/// Runs the script once. Without a `pre_exec` the standard library starts processes by
/// `posix_spawn`, the cheapest way there is.
fn spawn_one(script: &Path) -> Result<Duration> {
    let start = Instant::now();
    let output = Command::new("/bin/sh")
        .arg(script)
        .stdin(Stdio::null())
        .output()
        .context("cannot start the script")?;
    let latency = start.elapsed();
    ensure!(output.status.success(), "the script failed");
    ensure!(output.stdout == b"done\n", "the script wrote nothing");
    Ok(latency)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_run_is_measured() {
        let folder = tempfile::tempdir().unwrap();
        let script = folder.path().join("bare.sh");
        std::fs::write(&script, "echo done\n").unwrap();
        let turn = spawn(&script, 5, 2).unwrap();
        assert_eq!(turn.latencies.len(), 5);
    }
}
