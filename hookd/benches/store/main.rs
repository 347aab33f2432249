//! Benchmark of the store: the throughput of runs, and queries of a million runs.
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::allow_attributes,
    reason = "a benchmark"
)]

mod runs;
mod throughput;

use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use clap::Parser;
use futures_util::stream::{self, StreamExt as _};
use hook_core::condition::Condition;
use hookd::store::{Durability, RunFilter, StatsFilter, Store, StoredState};
use rusqlite::Connection;

use runs::{began, id, make, put};

/// The number of repetitions of each query.
const TIMES: usize = 20;
/// The number of runs that are added at once.
const AT_ONCE: usize = 512;

#[derive(Parser)]
struct Args {
    /// The number of runs in the store
    #[arg(long, default_value_t = 1_000_000)]
    runs: u64,
    /// A short run, to check that the benchmark works
    #[arg(long)]
    quick: bool,
    /// The seconds for which each throughput is measured
    #[arg(long, default_value_t = 5)]
    seconds: u64,
    /// The folder of the store with many runs, which is kept
    #[arg(long)]
    keep: Option<PathBuf>,
    /// Ignored; cargo passes it to every benchmark
    #[arg(long, hide = true)]
    bench: bool,
}

fn main() {
    let mut args = Args::parse();
    if args.quick {
        (args.runs, args.seconds) = (20_000, 1);
    }
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        throughput::measure(Duration::from_secs(args.seconds)).await;
        let folder = tempfile::tempdir().unwrap();
        let state = args.keep.unwrap_or_else(|| folder.path().to_owned());
        look_back(&state, args.runs).await;
    });
}

/// Fills a store, and measures queries.
async fn look_back(state: &Path, count: u64) {
    let file = state.join("runs.sqlite3");
    let store = Arc::new(open(&file));
    let begun = Instant::now();
    let filled = stream::iter(0..count).map(|n| {
        let store = Arc::clone(&store);
        tokio::spawn(async move { put(&store, make(n)).await.unwrap() })
    });
    filled
        .buffer_unordered(AT_ONCE)
        .for_each(|done| async { done.unwrap() })
        .await;
    let took = begun.elapsed();
    println!("store: {count} runs of 3 hooks, put in within {took:.1?}");
    store.close().await.unwrap();
    let bytes = std::fs::metadata(&file).unwrap().len();
    println!(
        "store: {} bytes a run, {} MiB together",
        bytes / count,
        bytes >> 20
    );
    parts(&file, count);

    let mut opened = Vec::new();
    for _ in 0..5 {
        let begun = Instant::now();
        let store = open(&file);
        store.unfinished().await.unwrap();
        store.info().await.unwrap();
        opened.push(begun.elapsed());
        store.close().await.unwrap();
    }
    say("opening, what is unfinished, and info", opened);
    let store = open(&file);
    pages(&store, count).await;
    others(&store, count).await;
    store.close().await.unwrap();
    drop(store);
    starts(state);
}

/// Prints the bytes of each table and index, for each run.
fn parts(file: &Path, count: u64) {
    let db = Connection::open(file).unwrap();
    let sizes = "SELECT name, sum(pgsize), sum(unused) FROM dbstat GROUP BY name ORDER BY 2 DESC";
    let mut select = db.prepare(sizes).unwrap();
    let mut parts = select.query([]).unwrap();
    while let Some(part) = parts.next().unwrap() {
        let name: String = part.get(0).unwrap();
        let a_run = |column| part.get::<_, u64>(column).unwrap() / count;
        let (bytes, unused) = (a_run(1), a_run(2));
        if bytes > 0 {
            println!("store: {bytes:4} bytes a run, {unused:3} of them unused: {name}");
        }
    }
}

/// Measures the start of hookd with all of these runs, until it is ready.
fn starts(state: &Path) {
    let config = state.join("hookd.yaml");
    std::fs::write(&config, "{}").unwrap();
    let address = format!("unix://{}", state.join("hookd.sock").display());
    let mut took = Vec::new();
    for _ in 0..5 {
        let begun = Instant::now();
        let mut hookd = Command::new(env!("CARGO_BIN_EXE_hookd"))
            .args(["serve", "--listen", &address, "--state"])
            .arg(state)
            .arg("--config")
            .arg(&config)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut ready = String::new();
        let mut output = BufReader::new(hookd.stdout.take().unwrap());
        output.read_line(&mut ready).unwrap();
        took.push(begun.elapsed());
        hookd.kill().unwrap();
        hookd.wait().unwrap();
        assert!(ready.contains("is ready on"), "{ready}");
    }
    say("the start of hookd, until it is ready", took);
}

fn open(file: &Path) -> Store {
    Store::open(file, Durability::Process).unwrap().0
}

/// Measures pages of 50 runs by each filter.
async fn pages(store: &Store, count: u64) {
    let none = RunFilter::default;
    let text = |text: &str| Some(text.to_owned());
    let (middle, later) = (began(count / 2), began(count / 2 + 2000));
    let cases = [
        ("no filter", none()),
        (
            "a plan",
            RunFilter {
                plan: text("plan-3"),
                ..none()
            },
        ),
        (
            "a repository",
            RunFilter {
                repo: text("repo-3"),
                ..none()
            },
        ),
        (
            "an operation",
            RunFilter {
                operation: text(&make(count / 3).new.subject.operation),
                ..none()
            },
        ),
        (
            "a decision that is rare",
            RunFilter {
                decisions: vec![3],
                ..none()
            },
        ),
        (
            "a decision that most have",
            RunFilter {
                decisions: vec![1],
                ..none()
            },
        ),
        (
            "two decisions",
            RunFilter {
                decisions: vec![1, 3],
                ..none()
            },
        ),
        (
            "a plan and a rare decision",
            RunFilter {
                plan: text("plan-7"),
                decisions: vec![3],
                ..none()
            },
        ),
        (
            "what is under way",
            RunFilter {
                states: vec![StoredState::Unfinished],
                ..none()
            },
        ),
        (
            "a hook that all have",
            RunFilter {
                hook: text("notify-chat"),
                ..none()
            },
        ),
        (
            "a hook that is rare",
            RunFilter {
                hook: text("rarely"),
                ..none()
            },
        ),
        (
            "a window",
            RunFilter {
                since: Some(middle),
                until: Some(later),
                ..none()
            },
        ),
        (
            "a plan in a window",
            RunFilter {
                plan: text("plan-3"),
                until: Some(middle),
                ..none()
            },
        ),
        (
            "a prefix of an id",
            RunFilter {
                id_prefix: Some(id(count / 2).to_string()[..13].into()),
                ..none()
            },
        ),
        (
            "a plan without such runs",
            RunFilter {
                plan: text("plan-2"),
                decisions: vec![3],
                ..none()
            },
        ),
        (
            "a repository without such runs",
            RunFilter {
                repo: text("repo-1"),
                decisions: vec![3],
                ..none()
            },
        ),
        (
            "no operation, which all have",
            RunFilter {
                operation: text(""),
                ..none()
            },
        ),
        (
            "a plan without such a condition",
            RunFilter {
                plan: text("plan-2"),
                conditions: vec![Condition::SnapshotSuccess],
                ..none()
            },
        ),
        (
            "a plan without such a hook",
            RunFilter {
                plan: text("plan-2"),
                hook: text("rarely"),
                ..none()
            },
        ),
    ];
    for (name, filter) in cases {
        let mut took = Vec::new();
        let mut found = 0;
        let mut before = None;
        for _ in 0..TIMES {
            let begun = Instant::now();
            let page = store.list(&filter, before, 50).await.unwrap();
            took.push(begun.elapsed());
            found = found.max(page.runs.len());
            // The next page each time.
            before = page.next;
        }
        say(&format!("a page of {found} by {name}"), took);
    }
}

/// Measures the other queries.
async fn others(store: &Store, count: u64) {
    let mut shown = Vec::new();
    for n in 0..TIMES as u64 {
        let run = id(n * (count / TIMES as u64) + 1);
        let begun = Instant::now();
        let kept = store.get(run).await.unwrap().unwrap();
        let records = store.read(run, 0, 1 << 20).await.unwrap();
        shown.push(begun.elapsed());
        assert_eq!(records.len() as u64, kept.last_sequence);
    }
    say("one run with its journal", shown);
    let mut took = Vec::new();
    for _ in 0..5 {
        let begun = Instant::now();
        let stats = store.hook_stats(&StatsFilter::default()).await.unwrap();
        assert_eq!(stats.len(), 4);
        took.push(begun.elapsed());
    }
    say("statistics of all hooks", took);
}

/// Prints the median and the maximum.
fn say(what: &str, mut took: Vec<Duration>) {
    took.sort_unstable();
    let ms = |duration: Duration| duration.as_secs_f64() * 1000.0;
    let (half, worst) = (took[took.len() / 2], took[took.len() - 1]);
    println!(
        "store: {:7.2} ms, at worst {:7.2}: {what}",
        ms(half),
        ms(worst)
    );
}
