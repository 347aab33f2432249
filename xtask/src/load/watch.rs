//! The latency of the first entry for a watcher of a run that is under way.

use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use hookd_proto::v1::WatchRunRequest;
use hookd_proto::v1::journal_entry::Entry;
use hookd_test_support::TestDaemon;

use super::measure::{Side, Turn};
use super::{crowd, stop};

/// The number of times that the run is watched.
const TIMES: u32 = 200;
/// The time limit of all of them.
const PATIENCE: Duration = Duration::from_secs(60);

/// Watches a run that goes on, again and again, from its beginning to the first entry.
pub(super) async fn measure() -> Result<String> {
    let daemon = TestDaemon::with(&crowd::config());
    let watched = tokio::time::timeout(PATIENCE, watch(&daemon)).await;
    let mut side = Side::default();
    side.add(watched.context("a watch shows nothing")??);
    stop(daemon)?;
    Ok(format!(
        "first entry of a watched run that is under way: p50 {:.2} ms, p99 {:.2} ms",
        side.percentile(50),
        side.percentile(99)
    ))
}

async fn watch(daemon: &TestDaemon) -> Result<Turn> {
    let mut client = daemon.hooks().await;
    let (run_id, _journal) = crowd::start(&mut client).await?;
    let begun = Instant::now();
    let mut latencies = Vec::new();
    for _ in 0..TIMES {
        let request = WatchRunRequest {
            run_id: run_id.clone(),
            ..WatchRunRequest::default()
        };
        let start = Instant::now();
        let mut entries = client.watch_run(request).await?.into_inner();
        let first = entries.message().await?.and_then(|response| response.entry);
        latencies.push(start.elapsed());
        let first = first.and_then(|entry| entry.entry);
        anyhow::ensure!(
            matches!(first, Some(Entry::RunStarted(_))),
            "a run does not begin with its start"
        );
    }
    let took = begun.elapsed();
    Ok(Turn { took, latencies })
}
