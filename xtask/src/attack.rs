//! `cargo xtask attack`: the memory of a release daemon under clients that take more than
//! they should, and the latency of one beside them that behaves.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use conformance::repo;
use hookd_proto::v1::Condition::{PruneStart, SnapshotEnd};
use hookd_test_support::attack::{
    Latencies, behave, fire_large, open_unfinished, percentile, watch_unread,
};
use hookd_test_support::{TestDaemon, config, event, hook, memory_kib, request, run_id};
use xshell::cmd;

/// The most memory that the daemon may have had, in MiB.
const MOST_MEMORY: u64 = 256;
/// The 99th percentile of calls on an open connection that a client that behaves may see.
const MOST_LATENCY: Duration = Duration::from_millis(100);
/// The time between two attacks.
const PAUSE: Duration = Duration::from_secs(2);
/// The time for which an attack goes on.
const TIME: Duration = Duration::from_secs(10);

/// Carries out the verb, in a release build.
pub(crate) fn run() -> Result<()> {
    if cfg!(debug_assertions) {
        let sh = repo::shell()?;
        let programs = ["--bin", "hookd", "--bin", "xtask"];
        cmd!(sh, "cargo build --release --workspace {programs...}").run()?;
        let attack = repo::target()?.join("release/xtask");
        cmd!(sh, "{attack} attack").run()?;
        return Ok(());
    }
    let mut runtime = tokio::runtime::Builder::new_multi_thread();
    let runtime = runtime.worker_threads(2).enable_all().build()?;
    println!(
        "{:<44} {:>8} {:>9} {:>9} {:>9}",
        "attack", "MiB", "call ms", "new ms", "run ms"
    );
    let missed = runtime.block_on(attack())?;
    ensure!(
        missed.is_empty(),
        "beyond the bounds: {}",
        missed.join(", ")
    );
    Ok(())
}

/// Attacks one daemon after the other; returns the names of attacks that hurt.
async fn attack() -> Result<Vec<&'static str>> {
    let mut missed = Vec::new();
    let watchers = |connections, each| {
        async move |daemon: Arc<TestDaemon>, until: Duration| {
            let entries =
                hookd_test_support::run(&mut daemon.hooks().await, request(event(SnapshotEnd)))
                    .await;
            let (socket, id) = (daemon.socket.clone(), run_id(&entries));
            again(until, move || watch_unread(&socket, &id, connections, each)).await
        }
    };
    let flood = "head -c 1048576 /dev/zero";
    for (name, connections, each) in [
        ("10,000 watchers that never read, on 100", 100, 100),
        ("10,000 watchers that never read, on 10,000", 10_000, 1),
    ] {
        if !measure(name, flood, watchers(connections, each)).await? {
            missed.push(name);
        }
    }
    let name = "40,000 open calls on a connection";
    let open = async |daemon: Arc<TestDaemon>, until| {
        let socket = daemon.socket.clone();
        again(until, move || open_unfinished(&socket, 1, 40_000)).await
    };
    if !measure(name, "true", open).await? {
        missed.push(name);
    }
    let name = "1,088 events of 1 MB";
    let fire = async |daemon: Arc<TestDaemon>, _| {
        let (taken, refused) = fire_large(&daemon, SnapshotEnd, 1088, 1_000_000).await;
        println!("  {} events taken, {refused} refused", taken.len());
        tokio::time::sleep(Duration::from_secs(2)).await;
        drop(taken);
        Ok(())
    };
    if !measure(name, "exec sleep 3600", fire).await? {
        missed.push(name);
    }
    Ok(missed)
}

/// Attacks again and again, holding what the last attack opened.
async fn again<T: Send + 'static>(
    time: Duration,
    attack: impl Fn() -> T + Send + 'static,
) -> Result<()> {
    let attacks = tokio::task::spawn_blocking(move || {
        let begun = std::time::Instant::now();
        let mut open = attack();
        while begun.elapsed() < time {
            std::thread::sleep(PAUSE);
            open = attack();
        }
        open
    });
    let open = attacks.await.context("the attack panicked")?;
    tokio::time::sleep(Duration::from_secs(2)).await;
    drop(open);
    Ok(())
}

/// Attacks a daemon and prints what that did to it; returns whether it kept its bounds.
async fn measure(
    name: &str,
    script: &str,
    attack: impl AsyncFnOnce(Arc<TestDaemon>, Duration) -> Result<()>,
) -> Result<bool> {
    let hooks = hook("main", "SNAPSHOT_END", "grace: 0s", script);
    let hooks = hooks + &hook("quick", "PRUNE_START", "", "true");
    let daemon = TestDaemon::with(&format!(
        "server: {{ drainTimeout: 0s }}\n{}",
        config(&hooks)
    ));
    let (daemon, done) = (Arc::new(daemon), Arc::new(AtomicBool::new(false)));
    let behaving = tokio::spawn(behave(Arc::clone(&daemon), PruneStart, Arc::clone(&done)));
    attack(Arc::clone(&daemon), TIME).await?;
    done.store(true, Ordering::Relaxed);
    let Latencies {
        mut calls,
        mut connections,
        mut runs,
    } = behaving
        .await
        .context("a call of the client that behaves failed")?;
    let memory = memory_kib(daemon.pid(), "VmHWM") / 1024;
    let all = [&mut calls, &mut connections, &mut runs];
    let [call, new, run] = all.map(|latencies| percentile(latencies, 99));
    let ms = |latency: Duration| latency.as_secs_f64() * 1000.0;
    println!(
        "{name:<44} {memory:>8} {:>9.1} {:>9.1} {:>9.1}",
        ms(call),
        ms(new),
        ms(run)
    );
    // New connections wait in one line with those of the attacker.
    Ok(memory < MOST_MEMORY && call < MOST_LATENCY)
}
