//! The check that a daemon still gives the answers that clients received before.

use std::collections::{BTreeMap, HashMap};
use std::fs;
use std::sync::Arc;

use anyhow::{Context as _, Result, bail, ensure};
use hookd_proto::v1;
use hookd_proto::v1::hook_service_client::HookServiceClient;

use super::{CrashTarget, SeenRun, ToldEnd, connect, end, once};

/// Fails unless all answers that clients received are still the same, and these journals contain
/// the entries that clients saw.
pub(super) async fn check(
    target: &CrashTarget,
    all: &[Arc<SeenRun>],
    journals: &[Arc<SeenRun>],
) -> Result<()> {
    let mut client = HookServiceClient::new(connect(target).await?);
    let mut runs = HashMap::new();
    let mut request = v1::ListRunsRequest {
        page_size: 1000,
        ..v1::ListRunsRequest::default()
    };
    loop {
        let page = client.list_runs(request.clone()).await?.into_inner();
        runs.extend(page.runs.into_iter().map(|run| (run.run_id.clone(), run)));
        if page.next_page_token.is_empty() {
            break;
        }
        request.page_token = page.next_page_token;
    }
    for seen in all {
        let run = runs
            .get(&seen.run_id)
            .with_context(|| format!("gone: {seen:?}"))?;
        let same = match &seen.told {
            ToldEnd::Decision(decision) => run.decision.as_ref() == Some(decision),
            ToldEnd::Interrupted => run.state() == v1::RunState::Interrupted,
        };
        ensure!(same, "told: {seen:?}, now: {run:?}");
    }
    for seen in journals {
        let request = v1::WatchRunRequest {
            run_id: seen.run_id.clone(),
            after_sequence: 0,
        };
        let mut stream = client.watch_run(request).await?.into_inner();
        let mut entries = Vec::new();
        let told = loop {
            match stream.message().await {
                Ok(Some(message)) => entries.extend(message.entry),
                Ok(None) => break None,
                Err(status) => break end(&status, &entries)?,
            }
        };
        ensure!(entries == seen.entries, "told: {seen:?}, now: {entries:?}");
        ensure!((told == Some(ToldEnd::Interrupted)) == (seen.told == ToldEnd::Interrupted));
    }
    let mut effects: BTreeMap<&str, u32> = BTreeMap::new();
    let lines = fs::read_to_string(&target.effects).unwrap_or_default();
    for line in lines.lines() {
        *effects.entry(line).or_default() += 1;
    }
    if let Some((request, times)) = effects.iter().find(|(_, times)| **times > 1) {
        bail!("the hook ran {times} times for request {request}");
    }
    for seen in all {
        let ran = effects.contains_key(seen.request.to_string().as_str());
        ensure!(
            ran || seen.told == ToldEnd::Interrupted,
            "never ran: {seen:?}"
        );
    }
    Ok(())
}

/// Fails unless each request, repeated, gets the same answer.
pub(super) async fn again(target: &CrashTarget, all: &[Arc<SeenRun>]) -> Result<()> {
    for seen in all {
        let mut entries = seen.entries.clone();
        let told = once(target, seen.request, &seen.event, &mut entries).await?;
        ensure!(told.as_ref() == Some(&seen.told), "{seen:?}, then {told:?}");
        ensure!(entries == seen.entries, "{seen:?}, then {entries:?}");
    }
    Ok(())
}
