//! A crowd: many hooks that run at once, and how much of the daemon's memory each takes.

use std::fs;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use hookd_proto::v1::hook_service_client::HookServiceClient;
use hookd_proto::v1::journal_entry::Entry;
use hookd_proto::v1::{Condition, Event, RunHooksRequest, RunHooksResponse};
use tonic::Streaming;
use tonic::transport::{Channel, Endpoint};

use crate::daemon::{Daemon, PLAN};

/// How many hooks run at once.
const HOOKS: u32 = 1000;
/// How many of them share a connection.
const SHARED: u32 = 100;
/// How long all may take to start.
const PATIENCE: Duration = Duration::from_secs(120);

/// Starts a daemon and the crowd in it, each hook watched by its caller; says what a hook
/// takes.
pub(super) fn measure(program: &Path) -> Result<String> {
    let folder = tempfile::tempdir().context("cannot make a temporary folder")?;
    let daemon = Daemon::start(program, folder.path(), &config())?;
    let runtime = tokio::runtime::Runtime::new().context("cannot start tokio")?;
    let (alone, crowded) = runtime.block_on(async {
        let endpoint = Endpoint::from_shared(daemon.address().to_owned())?;
        let mut clients = Vec::new();
        for _ in 0..HOOKS.div_ceil(SHARED) {
            let channel = endpoint.connect().await.context("cannot connect")?;
            clients.push(HookServiceClient::new(channel));
        }
        // Whatever is made once and kept is there before anything is measured.
        let (_, first) = start(&mut clients[0]).await?;
        let alone = resident(daemon.pid())?;
        let all = async {
            let mut crowd = Vec::new();
            for number in 0..HOOKS {
                let client = &mut clients[(number / SHARED) as usize];
                crowd.push(start(client).await?.1);
            }
            anyhow::Ok(crowd)
        };
        let crowd = tokio::time::timeout(PATIENCE, all)
            .await
            .context("the hooks do not start")??;
        let crowded = resident(daemon.pid())?;
        drop((first, crowd));
        anyhow::Ok((alone, crowded))
    })?;
    daemon.stop()?;
    let each = f64::from(crowded.saturating_sub(alone)) / f64::from(HOOKS);
    Ok(format!(
        "RSS of hookd {alone} KiB with 1 hook, {crowded} KiB with {} at once: {each:.1} KiB each",
        HOOKS + 1
    ))
}

/// Starts a hook; gives the id of its run, and the stream in which it goes on.
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

/// How much memory a process has, in KiB.
fn resident(pid: u32) -> Result<u32> {
    let status = fs::read_to_string(format!("/proc/{pid}/status"))?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let number = line.and_then(|line| line.split_whitespace().next());
    Ok(number.context("no VmRSS")?.parse()?)
}

/// A config of one hook that runs until it is ended. JSON, which is YAML.
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
