//! The bare side: threads that spawn the script and wait for its end.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;
use std::time::Instant;

use anyhow::{Context as _, Result, anyhow, ensure};

use super::measure::Turn;
use super::share;

/// Writes the script once; hookd writes it for every run, which is part of its cost.
pub(crate) fn write(folder: &Path, script: &str) -> Result<PathBuf> {
    let file = folder.join("bare.sh");
    fs::write(&file, script).context("cannot write the script")?;
    Ok(file)
}

/// Runs the script so often, so many at a time.
pub(crate) fn spawn(script: &Path, runs: u32, concurrency: u32) -> Result<Turn> {
    let start = Instant::now();
    let latencies = thread::scope(|scope| {
        let threads: Vec<_> = (0..concurrency)
            .map(|part| share(runs, concurrency, part))
            .map(|runs| {
                scope.spawn(move || {
                    let latencies = (0..runs).map(|_| spawn_one(script));
                    latencies.collect::<Result<Vec<_>>>()
                })
            })
            .collect();
        let mut latencies = Vec::new();
        for thread in threads {
            let ended = thread.join().map_err(|_| anyhow!("a thread panicked"))?;
            latencies.extend(ended?);
        }
        anyhow::Ok(latencies)
    })?;
    let took = start.elapsed();
    Ok(Turn { took, latencies })
}

/// Without a `pre_exec` the standard library starts processes by `posix_spawn`: there is
/// nothing cheaper to compare with.
fn spawn_one(script: &Path) -> Result<std::time::Duration> {
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
        let script = write(folder.path(), "echo done\n").unwrap();
        let turn = spawn(&script, 5, 2).unwrap();
        assert_eq!(turn.latencies.len(), 5);
    }
}
