//! A daemon under load that is killed at random moments. After each restart, its answers are
//! compared with the answers to clients before.
//!
//! The daemon runs with the config of [`config`].

mod known;
mod processes;

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, anyhow, bail, ensure};
use hookd_proto::v1;
use hookd_proto::v1::hook_service_client::HookServiceClient;
use hookd_proto::v1::journal_entry::Entry;
use hookd_test_support::TestDaemon;
use tokio::task::JoinSet;
use tonic::Code;
use tonic::transport::{Channel, Endpoint};
use tonic_types::StatusExt as _;
use uuid::Uuid;

use known::{again, check};
use processes::{began_at, processes};

/// The time after which a wait fails.
const PATIENCE: Duration = Duration::from_secs(60);
/// The longest life of a daemon before it is killed.
const LIFE_MS: u64 = 250;

/// The number of the latest journals that are read again after each kill. At the end all are read.
const JOURNALS: usize = 25;

/// The extent of the test.
#[derive(Clone, Copy, Debug)]
pub(crate) struct CrashSize {
    /// The number of kills.
    pub(crate) kills: u32,
    /// The number of clients.
    pub(crate) clients: u32,
}

/// The location of the daemon.
#[derive(Clone, Debug)]
pub(crate) struct CrashTarget {
    /// The URL of its socket.
    pub(crate) address: String,
    /// Its state folder.
    pub(crate) state: PathBuf,
    /// The file into which hooks write.
    pub(crate) effects: PathBuf,
}

/// The end of a run, as a client received it.
#[derive(Clone, Debug, PartialEq)]
enum ToldEnd {
    Decision(v1::Decision),
    Interrupted,
}

/// A request, and the answer that its client received.
#[derive(Clone, Debug)]
struct SeenRun {
    request: Uuid,
    event: v1::Event,
    run_id: String,
    entries: Vec<v1::JournalEntry>,
    told: ToldEnd,
    /// The number of calls that the request took.
    asked: u32,
}

/// The answers to all clients.
#[derive(Clone, Default)]
struct SeenRuns(Arc<Mutex<Vec<Arc<SeenRun>>>>);

impl SeenRuns {
    fn add(&self, seen: SeenRun) {
        let mut book = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        book.push(Arc::new(seen));
    }

    fn all(&self) -> Vec<Arc<SeenRun>> {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
}

/// Returns the config of a daemon that will be killed, in JSON: a hook with a countable side
/// effect, a slow hook that may cancel, and one after it; with this durability.
pub(crate) fn config(effects: &Path, durability: &str) -> String {
    let hook = |name: &str, on_error: &str, script: &str| {
        serde_json::json!({
            "name": name,
            "conditions": ["CONDITION_SNAPSHOT_START"],
            "onError": on_error,
            "timeout": "50s",
            "actionCommand": { "command": script },
        })
    };
    let effect = format!("echo \"$HOOK_LABEL_REQUEST\" >> {}", effects.display());
    let slow = "echo begun; sleep \"0.0$HOOK_LABEL_MOMENT\"; echo over; exit \"$HOOK_LABEL_CODE\"";
    serde_json::json!({
        "server": { "durability": durability },
        "repos": [{ "id": "crash", "uri": "/nowhere" }],
        "plans": [{
            "id": "crash",
            "repo": "crash",
            "hooks": [
                hook("effect", "ON_ERROR_FATAL", &effect),
                hook("slow", "ON_ERROR_CANCEL", slow),
                hook("last", "ON_ERROR_IGNORE", "echo last"),
            ],
        }],
    })
    .to_string()
}

/// Kills the daemon repeatedly; returns the measurements, one per line.
///
/// # Errors
/// Fails if an answer has changed, or a hook ran twice.
pub(crate) async fn run(
    mut daemon: TestDaemon,
    target: &CrashTarget,
    size: CrashSize,
) -> Result<Vec<String>> {
    let book = SeenRuns::default();
    let over = Arc::new(AtomicBool::new(false));
    let mut clients = JoinSet::new();
    for client in 0..u64::from(size.clients) {
        let (target, book, over) = (target.clone(), book.clone(), Arc::clone(&over));
        clients.spawn(async move { ask_on(&target, client, &book, &over).await });
    }
    let begun = Instant::now();
    let mut starts = Vec::new();
    for kill in 0..size.kills {
        let life = random(u64::from(kill)) % LIFE_MS;
        tokio::time::sleep(Duration::from_millis(life)).await;
        let mut left = 0;
        let mut started = Instant::now();
        daemon = tokio::task::block_in_place(|| {
            let dead = daemon.killed();
            let processes = processes(&target.state)?;
            started = Instant::now();
            let next = dead.start();
            starts.push(started.elapsed());
            left = processes
                .iter()
                .filter(|(pid, began)| began_at(pid).as_ref() == Some(began))
                .count();
            Ok::<_, anyhow::Error>(next)
        })
        .with_context(|| format!("kill {kill}"))?;
        ensure!(left == 0, "kill {kill}: {left} processes are left");
        if let Some(client) = clients.try_join_next() {
            client??;
            bail!("a client ended before it was told to");
        }
        let all = book.all();
        let latest = all.len().saturating_sub(JOURNALS);
        check(target, &all, &all[latest..])
            .await
            .with_context(|| format!("after kill {kill}"))?;
    }
    over.store(true, Ordering::Relaxed);
    while let Some(client) = clients.join_next().await {
        client??;
    }
    let all = book.all();
    check(target, &all, &all).await.context("at the end")?;
    again(target, &all).await.context("asked once more")?;
    starts.sort_unstable();
    let count = |what: fn(&SeenRun) -> bool| all.iter().filter(|seen| what(seen)).count();
    let report = vec![
        format!(
            "{} kills in {:.1} s, {} clients, {} runs: {} decided, {} interrupted; {} had to \
             ask again, {} of those were told the decision",
            size.kills,
            begun.elapsed().as_secs_f64(),
            size.clients,
            all.len(),
            count(|seen| seen.told != ToldEnd::Interrupted),
            count(|seen| seen.told == ToldEnd::Interrupted),
            count(|seen| seen.asked > 1),
            count(|seen| seen.asked > 1 && seen.told != ToldEnd::Interrupted),
        ),
        "every decision that was told is in the store and the same; no hook ran twice for a \
         request; no holes; no processes left"
            .to_owned(),
        format!(
            "a new start took {} ms in the middle, {} ms at most",
            starts.get(starts.len() / 2).map_or(0, Duration::as_millis),
            starts.last().map_or(0, Duration::as_millis),
        ),
    ];
    Ok(report)
}

/// Runs one client: it repeats each request until it receives the end of the run.
async fn ask_on(
    target: &CrashTarget,
    client: u64,
    book: &SeenRuns,
    over: &AtomicBool,
) -> Result<()> {
    for number in 0.. {
        if over.load(Ordering::Relaxed) {
            break;
        }
        let seen = tokio::time::timeout(PATIENCE, ask(target, client << 32 | number)).await;
        let seen = seen
            .map_err(|_| anyhow!("nobody is told how it ended"))
            .flatten()
            .with_context(|| format!("client {client}, request {number}"))?;
        book.add(seen);
    }
    Ok(())
}

/// Repeats a request with the same id until there is an answer.
async fn ask(target: &CrashTarget, number: u64) -> Result<SeenRun> {
    let request = Uuid::new_v4();
    let random = random(number);
    let labels = [
        ("request", request.to_string()),
        ("moment", (random % 9).to_string()),
        ("code", (random / 9 % 2).to_string()),
    ];
    let event = v1::Event {
        condition: v1::Condition::SnapshotStart.into(),
        plan_id: "crash".to_owned(),
        labels: labels.map(|(name, value)| (name.to_owned(), value)).into(),
        ..v1::Event::default()
    };
    let mut entries: Vec<v1::JournalEntry> = Vec::new();
    for asked in 1.. {
        let told = once(target, request, &event, &mut entries).await?;
        if let Some(told) = told {
            let run_id = run_id(&entries)?;
            return Ok(SeenRun {
                request,
                event,
                run_id,
                entries,
                told,
                asked,
            });
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    bail!("asked too often")
}

/// Sends a request once; `None` if the daemon was killed meanwhile. Entries that were seen before
/// must be the same.
async fn once(
    target: &CrashTarget,
    request: Uuid,
    event: &v1::Event,
    entries: &mut Vec<v1::JournalEntry>,
) -> Result<Option<ToldEnd>> {
    let Ok(channel) = connect(target).await else {
        return Ok(None);
    };
    let mut client = HookServiceClient::new(channel);
    let request = v1::RunHooksRequest {
        request_id: request.to_string(),
        event: Some(event.clone()),
        ..v1::RunHooksRequest::default()
    };
    let mut stream = match client.run_hooks(request).await {
        Ok(response) => response.into_inner(),
        Err(status) => return end(&status, entries),
    };
    let mut position = 0;
    loop {
        let entry = match stream.message().await {
            Ok(Some(message)) => message.entry.context("an empty message")?,
            Ok(None) => break,
            Err(status) => return end(&status, entries),
        };
        ensure!(entry.sequence == position + 1, "a hole before {entry:?}");
        match entries.get(usize::try_from(position)?) {
            Some(seen) => ensure!(*seen == entry, "seen before: {seen:?}, now: {entry:?}"),
            None => entries.push(entry),
        }
        position += 1;
    }
    match entries.last().and_then(|entry| entry.entry.as_ref()) {
        Some(Entry::RunFinished(finished)) => {
            let decision = finished.decision.clone().context("no decision")?;
            Ok(Some(ToldEnd::Decision(decision)))
        }
        other => bail!("it ended with {other:?}"),
    }
}

/// Returns the meaning of the error with which a call ended; `None` if the daemon was killed.
fn end(status: &tonic::Status, entries: &[v1::JournalEntry]) -> Result<Option<ToldEnd>> {
    let reason = status.get_details_error_info().map(|info| info.reason);
    match (status.code(), reason.as_deref()) {
        // The connection was lost, which has several error codes.
        (Code::Unavailable | Code::Unknown | Code::Internal | Code::Cancelled, None) => Ok(None),
        (Code::Aborted, Some("RUN_INTERRUPTED")) => {
            let last = entries.last().and_then(|entry| entry.entry.as_ref());
            ensure!(
                matches!(last, Some(Entry::RunInterrupted(_))),
                "interrupted after {last:?}"
            );
            Ok(Some(ToldEnd::Interrupted))
        }
        _ => bail!("{status:?}"),
    }
}

async fn connect(target: &CrashTarget) -> Result<Channel> {
    let endpoint = Endpoint::from_shared(target.address.clone())?;
    endpoint.connect().await.context("hookd does not answer")
}

fn run_id(entries: &[v1::JournalEntry]) -> Result<String> {
    match entries.first().and_then(|entry| entry.entry.as_ref()) {
        Some(Entry::RunStarted(started)) => Ok(started.run_id.clone()),
        other => bail!("the first entry is {other:?}"),
    }
}

/// Returns a pseudorandom number, so that failures can be reproduced.
fn random(number: u64) -> u64 {
    number.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 20
}
