//! Many misbehaving hooks, in runs that are cancelled, timed out or abandoned by their clients.
//! Afterwards no trace of them may be left.
//!
//! The daemon runs with the config of [`config`].

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, anyhow, bail, ensure};
use hookd_proto::v1;
use hookd_proto::v1::admin_service_client::AdminServiceClient;
use hookd_proto::v1::hook_service_client::HookServiceClient;
use hookd_proto::v1::journal_entry::Entry;
use hookd_test_support::memory_kib;
use tokio::task::JoinSet;
use tonic::Streaming;
use tonic::transport::{Channel, Endpoint};

use super::traces::Traces;

pub(crate) use super::behaviour::config;
use super::behaviour::{EarlyStop, MISBEHAVIOURS, judge};

/// The time after which a wait fails.
const PATIENCE: Duration = Duration::from_secs(60);
/// The maximum number of hooks that run before memory is measured.
const WARM_UP: u32 = 10_000;
/// The time until a daemon is at rest: it frees memory after 5 to 10 seconds without runs.
const REST: Duration = Duration::from_secs(12);
/// The longest time before a client interferes with a run.
const MOMENT_MS: u64 = 300;

/// The extent of the test.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SoakSize {
    /// Runs, each with one hook.
    pub(crate) hooks: u32,
    /// The number of concurrent runs.
    pub(crate) concurrency: u32,
    /// True to measure memory. Stored runs take memory too, so the daemon first runs hooks until it
    /// keeps its maximum number of runs.
    pub(crate) memory: bool,
}

/// The daemon under test.
#[derive(Clone, Debug)]
pub(crate) struct SoakTarget {
    /// Its process id.
    pub(crate) pid: u32,
    /// The URL of its socket.
    pub(crate) address: String,
    /// Its state folder.
    pub(crate) state: PathBuf,
    /// The folder in which hooks leave files.
    pub(crate) mess: PathBuf,
}

/// The behaviour of a client towards its run.
#[derive(Clone, Copy, Debug)]
enum ClientBehaviour {
    Follow,
    Cancel,
    TimeLimit,
    Leave { cancels: bool },
}

/// Runs all hooks; returns the measurements, one per line.
///
/// # Errors
/// Fails if a run has another end than expected, or a trace is left.
pub(crate) async fn run(target: &SoakTarget, size: SoakSize) -> Result<Vec<String>> {
    let mut admin = AdminServiceClient::new(connect(target).await?);
    let mut client = HookServiceClient::new(connect(target).await?);
    std::fs::create_dir_all(&target.mess)?;
    let mut traces = Traces::new(target)?;
    // The first run opens descriptors that stay open.
    quiet(&mut client, 0).await?;
    let idle = traces.descriptors()?;

    let mut report = Vec::new();
    let mut manners = [0; 5];
    let mut took = Duration::ZERO;
    let before = match size.memory {
        true => kept(&mut admin).await?.min(WARM_UP),
        false => 0,
    };
    let early = before + size.hooks.div_ceil(10);
    let all = before + size.hooks;
    let mut resident = Vec::new();
    for part in [0..before, before..early, early..all] {
        let begun = Instant::now();
        for (sum, count) in manners.iter_mut().zip(fire(target, part, size).await?) {
            *sum += count;
        }
        took += begun.elapsed();
        settle(&mut admin, &mut client, &mut traces, idle).await?;
        if size.memory {
            resident.push(at_rest(target.pid).await);
        }
    }
    let [follow, cancel, limit, stay, end] = manners;
    report.push(format!(
        "{all} hooks of {} kinds, {} at a time, in {:.1} s: {follow} followed to their end, \
         {cancel} cancelled, {limit} timed out, {stay} left alone, {end} left and so ended",
        MISBEHAVIOURS.len(),
        size.concurrency,
        took.as_secs_f64()
    ));
    report.push(format!(
        "left: 0 processes, 0 script files, 0 cgroups, 0 runs; {idle} descriptors before, {} after",
        traces.descriptors()?
    ));
    if let [_, early_kib, late_kib] = &resident[..] {
        let growth = 100.0 * (*late_kib as f64 / *early_kib as f64 - 1.0);
        report.push(format!(
            "RSS {early_kib} KiB after {} hooks, {late_kib} KiB after {}: {growth:+.1} % \
             (at rest, and both times as many runs are kept as may be, after {before} hooks more)",
            early - before,
            size.hooks,
        ));
        ensure!(growth <= 10.0, "memory grows: {}", report.join("\n"));
    }
    Ok(report)
}

/// Returns the maximum number of runs that the daemon keeps.
async fn kept(admin: &mut AdminServiceClient<Channel>) -> Result<u32> {
    let info = admin.get_server_info(v1::GetServerInfoRequest {}).await?;
    let limits = info.into_inner().limits.context("no limits")?;
    Ok(limits.max_kept_runs)
}

/// Fires these runs; returns the number of runs for each behaviour.
async fn fire(
    target: &SoakTarget,
    numbers: std::ops::Range<u32>,
    size: SoakSize,
) -> Result<[u32; 5]> {
    let next = Arc::new(AtomicU32::new(numbers.start));
    let mut workers = JoinSet::new();
    for _ in 0..size.concurrency.min(numbers.end - numbers.start) {
        let (target, next) = (target.clone(), Arc::clone(&next));
        workers.spawn(async move {
            let mut client = HookServiceClient::new(connect(&target).await?);
            let mut manners = [0; 5];
            loop {
                let number = next.fetch_add(1, Ordering::Relaxed);
                if number >= numbers.end {
                    return Ok::<_, anyhow::Error>(manners);
                }
                let one = tokio::time::timeout(PATIENCE, one(&target, &mut client, number));
                let manner = one
                    .await
                    .map_err(|_| anyhow!("it does not end"))
                    .flatten()
                    .with_context(|| format!("hook {number}"))?;
                manners[manner] += 1;
            }
        });
    }
    let mut manners = [0; 5];
    while let Some(worker) = workers.join_next().await {
        for (sum, count) in manners.iter_mut().zip(worker??) {
            *sum += count;
        }
    }
    Ok(manners)
}

/// Runs one hook; returns the index of its client's behaviour.
async fn one(
    target: &SoakTarget,
    client: &mut HookServiceClient<Channel>,
    number: u32,
) -> Result<usize> {
    let kind = &MISBEHAVIOURS[number as usize % MISBEHAVIOURS.len()];
    // Pseudorandom numbers, so that a failure can be repeated.
    let random = u64::from(number)
        .wrapping_add(1)
        .wrapping_mul(0x9e37_79b9_7f4a_7c15)
        >> 20;
    let moment = Duration::from_millis(1 + random % MOMENT_MS);
    let (index, manner) = match random / MOMENT_MS % 20 {
        0..=9 => (0, ClientBehaviour::Follow),
        10..=12 => (1, ClientBehaviour::Cancel),
        13..=15 => (2, ClientBehaviour::TimeLimit),
        16..=17 => (3, ClientBehaviour::Leave { cancels: false }),
        _ => (4, ClientBehaviour::Leave { cancels: true }),
    };
    let mut request = v1::RunHooksRequest {
        event: Some(v1::Event {
            condition: v1::Condition::SnapshotEnd.into(),
            plan_id: kind.name.to_owned(),
            ..v1::Event::default()
        }),
        ..v1::RunHooksRequest::default()
    };
    let mut entries = Vec::new();
    let of = |response: v1::RunHooksResponse| response.entry;
    match manner {
        ClientBehaviour::Follow => {
            let mut stream = client.run_hooks(request).await?.into_inner();
            read(&mut stream, of, &mut entries).await?;
        }
        ClientBehaviour::TimeLimit => {
            request.timeout = Some(hookd_proto::well_known::Duration::from(moment));
            let mut stream = client.run_hooks(request).await?.into_inner();
            read(&mut stream, of, &mut entries).await?;
        }
        ClientBehaviour::Cancel => {
            let mut stream = client.run_hooks(request).await?.into_inner();
            let reading = read(&mut stream, of, &mut entries);
            let over = tokio::time::timeout(moment, reading).await;
            if over.is_err() {
                let run_id = begun(&mut stream, &mut entries).await?;
                client.cancel_run(v1::CancelRunRequest { run_id }).await?;
                read(&mut stream, of, &mut entries).await?;
            }
        }
        ClientBehaviour::Leave { cancels } => {
            request.cancel_on_disconnect = cancels;
            let mut leaving = HookServiceClient::new(connect(target).await?);
            let mut stream = leaving.run_hooks(request).await?.into_inner();
            let reading = read(&mut stream, of, &mut entries);
            // A run that ends before that moment is fine, too.
            let _ = tokio::time::timeout(moment, reading).await;
            let run_id = begun(&mut stream, &mut entries).await?;
            drop((stream, leaving));
            entries.clear();
            let request = v1::WatchRunRequest {
                run_id,
                after_sequence: 0,
            };
            let mut stream = client.watch_run(request).await?.into_inner();
            let of = |response: v1::WatchRunResponse| response.entry;
            read(&mut stream, of, &mut entries).await?;
        }
    }
    let stop = match manner {
        ClientBehaviour::Follow | ClientBehaviour::Leave { cancels: false } => EarlyStop::Never,
        ClientBehaviour::TimeLimit => EarlyStop::TimeLimit,
        ClientBehaviour::Cancel => EarlyStop::Cancel(v1::CancelCause::Requested),
        ClientBehaviour::Leave { cancels: true } => {
            EarlyStop::Cancel(v1::CancelCause::Disconnected)
        }
    };
    judge(&entries, kind, stop)
        .with_context(|| format!("{} ({manner:?}): {entries:?}", kind.name))?;
    Ok(index)
}

/// Reads a journal to its end.
async fn read<T>(
    stream: &mut Streaming<T>,
    entry: impl Fn(T) -> Option<v1::JournalEntry>,
    entries: &mut Vec<v1::JournalEntry>,
) -> Result<()> {
    while let Some(message) = stream.message().await? {
        entries.extend(entry(message));
    }
    Ok(())
}

/// Returns the id of the run, whose stream may not have been read yet.
async fn begun(
    stream: &mut Streaming<v1::RunHooksResponse>,
    entries: &mut Vec<v1::JournalEntry>,
) -> Result<String> {
    if entries.is_empty() {
        let first = stream.message().await?.context("the stream is empty")?;
        entries.extend(first.entry);
    }
    match entries.first().and_then(|entry| entry.entry.as_ref()) {
        Some(Entry::RunStarted(started)) => Ok(started.run_id.clone()),
        other => bail!("the first entry is {other:?}"),
    }
}

async fn connect(target: &SoakTarget) -> Result<Channel> {
    let endpoint = Endpoint::from_shared(target.address.clone())?;
    endpoint.connect().await.context("hookd does not answer")
}

/// Waits until no trace of earlier runs is left.
async fn settle(
    admin: &mut AdminServiceClient<Channel>,
    client: &mut HookServiceClient<Channel>,
    traces: &mut Traces,
    idle: usize,
) -> Result<()> {
    let begun = Instant::now();
    let mut round = 0;
    loop {
        let info = admin.get_server_info(v1::GetServerInfoRequest {}).await?;
        let counts = info.into_inner().counts.context("no counts")?;
        let mut left = traces.left(idle)?;
        if counts.running + counts.queued > 0 {
            left.push(format!("{counts:?}"));
        }
        if left.is_empty() {
            return Ok(());
        }
        ensure!(begun.elapsed() < PATIENCE, "left: {}", left.join("\n"));
        // A new hook also removes cgroups that could not be removed earlier.
        quiet(client, round % 2).await?;
        round += 1;
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// Returns the memory of the daemon at rest, in KiB: it frees memory some time after the
/// last run.
async fn at_rest(pid: u32) -> u64 {
    let begun = Instant::now();
    let mut least = u64::MAX;
    while begun.elapsed() < REST {
        least = least.min(memory_kib(pid, "VmRSS"));
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    least
}

/// Runs a well-behaved hook, or no hook at all.
async fn quiet(client: &mut HookServiceClient<Channel>, kind: u32) -> Result<()> {
    let condition = match kind {
        0 => v1::Condition::SnapshotEnd,
        _ => v1::Condition::PruneSuccess,
    };
    let event = v1::Event {
        condition: condition.into(),
        plan_id: MISBEHAVIOURS[0].name.to_owned(),
        ..v1::Event::default()
    };
    let request = v1::RunHooksRequest {
        event: Some(event),
        ..v1::RunHooksRequest::default()
    };
    let mut stream = client.run_hooks(request).await?.into_inner();
    let mut entries = Vec::new();
    let of = |response: v1::RunHooksResponse| response.entry;
    read(&mut stream, of, &mut entries).await
}

/// Returns the folder for files of hooks, which appears in no command line of the daemon.
pub(crate) fn mess(folder: &Path) -> PathBuf {
    folder.join("mess")
}
