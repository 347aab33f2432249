//! How many runs go through a store, beside the work of the run itself.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use hookd::store::{Durability, MemoryStore, Store, sqlite};
use tempfile::TempDir;

use crate::runs::make;

/// What a run does itself, on a processor.
const WORK: Duration = Duration::from_millis(1);
/// How many runs are under way at once.
const CONCURRENCY: [usize; 3] = [1, 8, 64];

/// Measures each engine for so long at each concurrency, and says how it compares.
pub(crate) async fn measure(duration: Duration) {
    for concurrency in CONCURRENCY {
        let memory = Arc::new(MemoryStore::default());
        let memory = run(memory, concurrency, duration).await;
        println!("store: {memory:7.0} runs a second in memory, {concurrency} at once");
        for durability in [Durability::Process, Durability::Power] {
            let folder = TempDir::new().unwrap();
            let file = folder.path().join("runs.sqlite3");
            let store = Arc::new(sqlite::open(&file, durability).unwrap().0);
            let rate = run(Arc::clone(&store), concurrency, duration).await;
            let runs = store.info().await.unwrap().runs;
            println!(
                "store: {rate:7.0} runs a second, {:.2} of that in memory, {:.1} transactions a \
                 run: {durability:?}, {concurrency} at once",
                rate / memory,
                store.commits() as f64 / runs as f64,
            );
            store.close().await.unwrap();
        }
    }
}

async fn run<S: Store + 'static>(store: Arc<S>, concurrency: usize, duration: Duration) -> f64 {
    let next = Arc::new(AtomicU64::new(0));
    let begun = Instant::now();
    let clients: Vec<_> = (0..concurrency)
        .map(|_| {
            let (store, next) = (Arc::clone(&store), Arc::clone(&next));
            tokio::spawn(async move {
                while begun.elapsed() < duration {
                    one(&*store, next.fetch_add(1, Ordering::Relaxed)).await;
                }
            })
        })
        .collect();
    for client in clients {
        client.await.unwrap();
    }
    next.load(Ordering::Relaxed) as f64 / begun.elapsed().as_secs_f64()
}

/// A run whose hooks write one after another, and end.
async fn one(store: &dyn Store, n: u64) {
    let made = make(n);
    let id = made.new.id;
    store.admit(made.new).await.unwrap();
    let begun = Instant::now();
    tokio::task::block_in_place(|| while begun.elapsed() < WORK {});
    store.append(id, &made.middle).await.unwrap();
    store.finish(id, &[made.last], made.end).await.unwrap();
}
