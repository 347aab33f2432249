//! The throughput of runs that each do a little work and are stored.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use hookd::store::{Durability, Store};
use tempfile::TempDir;

use crate::runs::make;

/// The processor time of a run.
const WORK: Duration = Duration::from_millis(1);
/// The numbers of runs under way at once.
const CONCURRENCY: [usize; 3] = [1, 8, 64];

/// The number of rounds in which the stores take turns, so that other load on the machine
/// affects all of them. The median round is reported.
const ROUNDS: u32 = 9;

/// Measures each kind of store for this long at each concurrency, and compares them.
pub(crate) async fn measure(duration: Duration) {
    for concurrency in CONCURRENCY {
        let folder = TempDir::new().unwrap();
        let sqlite = |durability: Durability| {
            let file = folder.path().join(format!("{durability:?}"));
            Arc::new(Store::open(&file, durability).unwrap().0)
        };
        let sides = [Durability::Process, Durability::Power];
        let stores = sides.map(sqlite);
        let memory = Arc::new(Store::in_memory().unwrap());
        let next = Arc::new(AtomicU64::new(0));
        let mut rates = [const { Vec::new() }; 3];
        for _ in 0..ROUNDS {
            let turn = duration / ROUNDS;
            rates[0].push(run(&memory, concurrency, turn, &next).await);
            for (rates, store) in rates[1..].iter_mut().zip(&stores) {
                rates.push(run(store, concurrency, turn, &next).await);
            }
        }
        let [memory, durable @ ..] = rates;
        let usual = median(memory.clone());
        println!("store: {usual:7.0} runs a second in memory, {concurrency} at once");
        for ((durability, store), rates) in sides.iter().zip(&stores).zip(durable) {
            let ratios = rates
                .iter()
                .zip(&memory)
                .map(|(rate, memory)| rate / memory);
            let ratio = median(ratios.collect());
            let rate = median(rates);
            let commits = store.commits() as f64 / store.info().await.unwrap().runs as f64;
            println!(
                "store: {rate:7.0} runs a second, {ratio:.2} of that in memory, {commits:.1} \
                 transactions a run: {durability:?}, {concurrency} at once",
            );
            store.close().await.unwrap();
        }
    }
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_unstable_by(f64::total_cmp);
    values[values.len() / 2]
}

/// Returns the runs per second of a store.
async fn run(
    store: &Arc<Store>,
    concurrency: usize,
    duration: Duration,
    next: &Arc<AtomicU64>,
) -> f64 {
    let first = next.load(Ordering::Relaxed);
    let begun = Instant::now();
    let clients: Vec<_> = (0..concurrency)
        .map(|_| {
            let (store, next) = (Arc::clone(store), Arc::clone(next));
            tokio::spawn(async move {
                while begun.elapsed() < duration {
                    one(&store, next.fetch_add(1, Ordering::Relaxed)).await;
                }
            })
        })
        .collect();
    for client in clients {
        client.await.unwrap();
    }
    (next.load(Ordering::Relaxed) - first) as f64 / begun.elapsed().as_secs_f64()
}

/// Carries out and stores run `n`.
async fn one(store: &Store, n: u64) {
    let made = make(n);
    let id = made.new.id;
    store.admit(made.new).await.unwrap();
    let begun = Instant::now();
    tokio::task::block_in_place(|| while begun.elapsed() < WORK {});
    store.append(id, &made.middle).await.unwrap();
    store.finish(id, &[made.last], made.end).await.unwrap();
}
