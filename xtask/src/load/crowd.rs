//! A crowd: many hooks that run at once, and the daemon's memory for each.

use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use hookd_proto::v1::hook_service_client::HookServiceClient;
use hookd_proto::v1::journal_entry::Entry;
use hookd_proto::v1::{Condition, Event, RunHooksRequest, RunHooksResponse};
use hookd_test_support::{TestDaemon, memory_kib};
use tonic::Streaming;
use tonic::transport::Channel;

use super::{PLAN, stop};

/// The number of hooks that run at once.
const HOOKS: u32 = 1000;
/// The number of hooks that share a connection.
const SHARED: u32 = 100;
/// The time limit of their start.
const PATIENCE: Duration = Duration::from_secs(120);

/// Starts a daemon and the crowd in it, each hook watched by its caller; returns the memory
/// of a hook, in words.
pub(super) async fn measure() -> Result<String> {
    let daemon = TestDaemon::with(&config());
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

/// Starts a hook; returns the id of its run, and the rest of its stream.
pub(super) async fn start(
    client: &mut HookServiceClient<Channel>,
) -> Result<(String, Streaming<RunHooksResponse>)> {
    let event = Event {
        condition: Condition::SnapshotEnd.into(),
        plan_id: PLAN.to_owned(),
        ..Event::default()
    };
    let request = RunHooksRequest {
        event: Some(event),
        ..RunHooksRequest::default()
    };
    let mut journal = client.run_hooks(request).await?.into_inner();
    let mut run_id = String::new();
    while let Some(response) = journal.message().await? {
        match response.entry.and_then(|entry| entry.entry) {
            Some(Entry::RunStarted(started)) => run_id = started.run_id,
            Some(Entry::HookStarted(_)) => return Ok((run_id, journal)),
            Some(Entry::HookFinished(finished)) => bail!("a hook ended: {:?}", finished.outcome),
            _ => {}
        }
    }
    bail!("a run ended without a hook")
}

/// Returns a config of one hook that runs until it is ended. JSON, which is YAML.
pub(super) fn config() -> String {
    serde_json::json!({
        // A plan has half of all turns at most.
        "server": { "maxConcurrentRuns": 2 * (HOOKS + 1), "drainTimeout": "0s" },
        "repos": [{ "id": PLAN, "uri": "/nowhere" }],
        "plans": [{
            "id": PLAN,
            "repo": PLAN,
            "hooks": [{
                "name": "stays",
                "conditions": ["CONDITION_SNAPSHOT_END"],
                "grace": "0s",
                "actionCommand": { "command": "exec sleep 3600" },
            }],
        }],
    })
    .to_string()
}
