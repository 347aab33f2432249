//! Hooks that run until they are ended: the memory of a daemon with a crowd of them, and the
//! latency of watching one.

use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use hookd_proto::v1::hook_service_client::HookServiceClient;
use hookd_proto::v1::journal_entry::Entry;
use hookd_proto::v1::{Condition, RunHooksResponse, WatchRunRequest};
use hookd_test_support::{
    TestDaemon, config, event, hook, memory_kib, read_until, request, run_id,
};
use tonic::Streaming;
use tonic::transport::Channel;

use super::measure::Side;
use super::stop;

/// The number of hooks that run at once.
const HOOKS: u32 = 1000;
/// The number of hooks that share a connection.
const SHARED: u32 = 100;
/// The number of times that one is watched.
const WATCHES: u32 = 200;
/// The time limit of all starts, and of all watches.
const PATIENCE: Duration = Duration::from_secs(120);

/// Starts a daemon and the crowd in it, each hook watched by its caller; returns the memory
/// of a hook, in words.
pub(super) async fn measure_memory() -> Result<String> {
    let daemon = daemon();
    let mut clients = Vec::new();
    for _ in 0..HOOKS.div_ceil(SHARED) {
        clients.push(daemon.hooks().await);
    }
    // The first hook makes all that is made once and kept.
    let (_, first) = start(&mut clients[0]).await?;
    let alone = memory_kib(daemon.pid(), "VmRSS");
    let all = async {
        let mut crowd = Vec::new();
        for number in 0..HOOKS {
            let client = &mut clients[(number / SHARED) as usize];
            crowd.push(start(client).await?.1);
        }
        anyhow::Ok(crowd)
    };
    let crowd = tokio::time::timeout(PATIENCE, all).await;
    let crowd = crowd.context("the hooks do not start")??;
    let crowded = memory_kib(daemon.pid(), "VmRSS");
    drop((first, crowd));
    stop(daemon)?;
    let each = crowded.saturating_sub(alone) as f64 / f64::from(HOOKS);
    Ok(format!(
        "RSS of hookd {alone} KiB with 1 hook, {crowded} KiB with {} at once: {each:.1} KiB each",
        HOOKS + 1
    ))
}

/// Watches a run that is under way again and again, from its beginning to the first entry;
/// returns the latency, in words.
pub(super) async fn measure_watching() -> Result<String> {
    let daemon = daemon();
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

async fn watch(daemon: &TestDaemon) -> Result<Side> {
    let mut client = daemon.hooks().await;
    let (run_id, _journal) = start(&mut client).await?;
    let begun = Instant::now();
    let mut latencies = Vec::new();
    for _ in 0..WATCHES {
        let request = WatchRunRequest {
            run_id: run_id.clone(),
            ..WatchRunRequest::default()
        };
        let start = Instant::now();
        let mut entries = client.watch_run(request).await?.into_inner();
        let first = entries.message().await?.and_then(|response| response.entry);
        latencies.push(start.elapsed());
        let begins = first.is_some_and(|first| matches!(first.entry, Some(Entry::RunStarted(_))));
        ensure!(begins, "a run does not begin with its start");
    }
    let took = begun.elapsed();
    Ok(Side { took, latencies })
}

/// Starts a hook; returns the id of its run, and the rest of its stream.
async fn start(
    client: &mut HookServiceClient<Channel>,
) -> Result<(String, Streaming<RunHooksResponse>)> {
    let request = request(event(Condition::SnapshotEnd));
    let mut journal = client.run_hooks(request).await?.into_inner();
    let is_started = |entry: &Entry| matches!(entry, Entry::HookStarted(_));
    let entries = read_until(&mut journal, is_started).await;
    Ok((run_id(&entries), journal))
}

/// Starts a daemon whose hook runs until it is ended.
fn daemon() -> TestDaemon {
    let hooks = config(&hook(
        "stays",
        "SNAPSHOT_END",
        "grace: 0s",
        "exec sleep 3600",
    ));
    // A plan has half of all slots at most.
    let slots = 2 * (HOOKS + 1);
    let server = format!("server: {{ maxConcurrentRuns: {slots}, drainTimeout: 0s }}");
    TestDaemon::with(&format!("{server}\n{hooks}"))
}
