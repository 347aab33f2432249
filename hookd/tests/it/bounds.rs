//! Clients that take more than they should: memory stays bounded, and other clients are
//! served. `cargo xtask attack` is the long form.
#![cfg(target_os = "linux")]

use std::fs;
use std::io::Read as _;
use std::net::TcpStream;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use hookd_proto::v1;
use hookd_proto::v1::Condition::{PruneStart, SnapshotEnd};
use hookd_proto::v1::journal_entry::Entry;
use hookd_test_support::attack::{self, behave, percentile};
use hookd_test_support::*;
use rustix::process::{Pid, Resource, Rlimit, getrlimit, prlimit};

/// The most memory that hookd may have had, in KiB.
const MOST: u64 = 256 << 10;

/// A daemon with a hook for SNAPSHOT_END, and a quick one for PRUNE_START.
fn daemon(script: &str) -> Setup {
    let hooks =
        hook("main", "SNAPSHOT_END", "", script) + &hook("quick", "PRUNE_START", "", "true");
    Setup::new(&config(&hooks))
}

/// Lets a client that behaves call while the attack goes on; it must be answered soon.
async fn beside<T>(daemon: TestDaemon, attack: impl AsyncFnOnce(Arc<TestDaemon>) -> T) -> T {
    let (daemon, done) = (Arc::new(daemon), Arc::new(AtomicBool::new(false)));
    let behaving = tokio::spawn(behave(Arc::clone(&daemon), PruneStart, Arc::clone(&done)));
    let result = attack(Arc::clone(&daemon)).await;
    done.store(true, Ordering::Relaxed);
    let mut latencies = behaving.await.expect("every call succeeds");
    for calls in [&mut latencies.calls, &mut latencies.connections] {
        // A bench has the percentile: this machine may be busy with other tests.
        let median = percentile(calls, 50);
        assert!(median < Duration::from_millis(100), "{median:?}");
    }
    let most = memory_kib(daemon.pid(), "VmHWM");
    assert!(most < MOST, "{most} KiB");
    result
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn watchers_that_never_read_cost_little() {
    let daemon = daemon("head -c 1048576 /dev/zero").start();
    let id = run_id(&run(&mut daemon.hooks().await, request(event(SnapshotEnd))).await);
    beside(daemon, async |daemon| {
        let socket = daemon.socket.clone();
        let attack = move || attack::watch_unread(&socket, &id, 40, 100);
        tokio::task::spawn_blocking(attack).await.expect("it ends")
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn calls_without_end_are_refused() {
    let daemon = daemon("true").start();
    let mut unread = beside(daemon, async |daemon| {
        let socket = daemon.socket.clone();
        let attack = move || attack::open_unfinished(&socket, 1, 40_000);
        tokio::task::spawn_blocking(attack).await.expect("it ends")
    })
    .await;
    let mut attacker = unread.pop().expect("one connection");
    let frames = std::iter::from_fn(|| attacker.read().ok());
    let refused = frames.filter(|frame| frame.kind == 3).count();
    assert!(refused > 0, "no call is reset");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn large_events_are_queued_up_to_a_number_of_bytes() {
    let daemon = daemon("exec sleep 3600").start();
    let (taken, refused) = beside(daemon, async |daemon| {
        attack::fire_large(&daemon, SnapshotEnd, 60, 1_000_000).await
    })
    .await;
    assert_eq!((taken.len(), refused), (8, 52));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn too_many_connections_close_those_that_nobody_uses() {
    let daemon = daemon("exec sleep 3600")
        .arg("--listen")
        .arg("tcp://127.0.0.1:0")
        .arg("--insecure-loopback");
    let socket = daemon.socket();
    let daemon = daemon
        .arg("--listen")
        .arg(format!("unix://{}", socket.display()));
    let daemon = daemon.start();
    let endpoint =
        tonic::transport::Endpoint::from_shared(format!("http://{}", daemon.tcp_address()));
    let channel = endpoint
        .expect("an address")
        .connect()
        .await
        .expect("it answers");
    let mut used = v1::hook_service_client::HookServiceClient::new(channel);
    let stream = used.run_hooks(request(event(SnapshotEnd))).await;
    let mut stream = stream.expect("it starts").into_inner();
    let entries = read_until(&mut stream, |entry| matches!(entry, Entry::HookStarted(_))).await;

    let connect = || TcpStream::connect(daemon.tcp_address()).expect("it listens");
    let mut unused: Vec<TcpStream> = (0..300).map(|_| connect()).collect();
    // More than TCP may have: the oldest are closed.
    // hookd's settings, and then the end, by a reset if it did not read ours.
    let _ = unused[0].read_to_end(&mut Vec::new());
    run(&mut daemon.hooks().await, request(event(PruneStart))).await;
    assert!(
        daemon.log().contains("no connection is free"),
        "{}",
        daemon.log()
    );
    // The one that waits for hookd stays.
    let run_id = run_id(&entries);
    used.cancel_run(v1::CancelRunRequest { run_id })
        .await
        .expect("it is cancelled");
    let (rest, end) = collect(stream, |r: v1::RunHooksResponse| r.entry).await;
    assert!(end.is_none(), "{end:?}");
    assert!(!rest.is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn accepting_rests_while_descriptors_run_out() {
    let daemon = daemon("true").start();
    let mut client = daemon.admin().await;
    let info = v1::GetServerInfoRequest {};
    client.get_server_info(info).await.expect("it answers");
    let pid = Pid::from_raw(i32::try_from(daemon.pid()).expect("an id"));
    let open = fs::read_dir(format!("/proc/{}/fd", daemon.pid()))
        .expect("it runs")
        .count();
    let limited = Rlimit {
        current: Some(open as u64),
        ..getrlimit(Resource::Nofile)
    };
    let before = prlimit(pid, Resource::Nofile, limited).expect("it is set");

    let (socket, waits) = (
        daemon.socket.clone(),
        std::os::unix::net::UnixStream::connect,
    );
    let mut waiting = RawClient::begin(waits(&socket).expect("it listens")).expect("it is written");
    until("hookd says so", async || {
        daemon
            .log()
            .contains("no connection can be accepted for now")
    })
    .await;
    let (begun, used) = (Instant::now(), processor_ticks(daemon.pid()));
    while begun.elapsed() < Duration::from_secs(1) {
        client.get_server_info(info).await.expect("it answers");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    let used = processor_ticks(daemon.pid()) - used;
    assert!(used < 30, "{used} ticks of 10 ms in a second");

    prlimit(pid, Resource::Nofile, before).expect("it is set");
    waiting
        .call("hookd.v1.AdminService/GetServerInfo", "localhost", &[])
        .expect("written");
    let answered = std::iter::from_fn(|| waiting.read().ok()).any(|frame| frame.kind == 1);
    assert!(answered, "the one that waited is served");
}

/// The processor time of a process, in ticks of 10 ms.
fn processor_ticks(pid: u32) -> u64 {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).expect("it runs");
    let (_, fields) = stat.rsplit_once(") ").expect("a name");
    let fields = fields.split(' ').skip(11).take(2);
    fields
        .map(|ticks| ticks.parse::<u64>().expect("a number"))
        .sum()
}
