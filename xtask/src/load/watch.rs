//! How soon whoever watches a run that is under way sees something of it.

use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use hookd_proto::v1::WatchRunRequest;
use hookd_proto::v1::hook_service_client::HookServiceClient;
use hookd_proto::v1::journal_entry::Entry;
use tonic::transport::Endpoint;

use super::crowd;
use super::measure::{Side, Turn};
use crate::daemon::Daemon;

/// How often the run is watched.
const TIMES: u32 = 200;
/// How long all may take.
const PATIENCE: Duration = Duration::from_secs(60);

/// Watches a run that goes on, again and again, from its beginning to the first entry.
pub(super) fn measure(program: &Path) -> Result<String> {
    let folder = tempfile::tempdir().context("cannot make a temporary folder")?;
    let daemon = Daemon::start(program, folder.path(), &crowd::config())?;
    let runtime = tokio::runtime::Runtime::new().context("cannot start tokio")?;
    let watched = runtime.block_on(async {
        tokio::time::timeout(PATIENCE, watch(daemon.address().to_owned())).await
    });
    let mut side = Side::default();
    side.add(watched.context("a watch shows nothing")??);
    daemon.stop()?;
    Ok(format!(
        "first entry of a watched run that is under way: p50 {:.2} ms, p99 {:.2} ms",
        side.percentile(50),
        side.percentile(99)
    ))
}

async fn watch(address: String) -> Result<Turn> {
    let channel = Endpoint::from_shared(address)?.connect().await;
    let mut client = HookServiceClient::new(channel.context("cannot connect")?);
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
