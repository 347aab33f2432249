//! Clients that take more than they should, and one beside them that behaves.

use std::os::unix::net::UnixStream;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use hookd_proto::v1;
use hookd_proto::v1::admin_service_client::AdminServiceClient;
use hookd_proto::v1::hook_service_client::HookServiceClient;

use crate::{RawClient, TestDaemon, event, request, run};

/// The time after which an attacker gives up a connection that takes nothing from it.
const WRITE_TIMEOUT: Duration = Duration::from_millis(500);
/// The longest time for which the client that behaves waits for a new connection.
const CONNECT_PATIENCE: Duration = Duration::from_secs(1);
/// The interval at which the client that behaves calls.
const PAUSE: Duration = Duration::from_millis(5);

/// Connections that nobody reads.
pub type Unread = Vec<RawClient<UnixStream>>;

/// Opens connections, and in each of them watchers of a run, and reads nothing. An attacker
/// comes back when it is shut out, up to this number of connections.
pub fn watch_unread(socket: &Path, run_id: &str, connections: usize, each: usize) -> Unread {
    // The message of the request: its first field is the run's id.
    let mut message = vec![0x0a, u8::try_from(run_id.len()).expect("a short id")];
    message.extend(run_id.as_bytes());
    open(socket, connections, |client| {
        for _ in 0..each {
            client.call("hookd.v1.HookService/WatchRun", "localhost", &message)?;
        }
        Ok(())
    })
}

/// Opens connections, and in each of them calls whose requests never come.
pub fn open_unfinished(socket: &Path, connections: usize, each: usize) -> Unread {
    open(socket, connections, |client| {
        for _ in 0..each {
            client.open("hookd.v1.HookService/GetRun", "localhost")?;
        }
        Ok(())
    })
}

fn open(
    socket: &Path,
    connections: usize,
    attack: impl Fn(&mut RawClient<UnixStream>) -> std::io::Result<()>,
) -> Unread {
    let mut unread = Vec::new();
    for _ in 0..connections {
        let Ok(stream) = UnixStream::connect(socket) else {
            continue;
        };
        stream.set_write_timeout(Some(WRITE_TIMEOUT)).expect("set");
        if let Ok(mut client) = RawClient::begin(stream) {
            // The server may close the connection or stop reading: that is its defence.
            let _ = attack(&mut client);
            unread.push(client);
        }
    }
    unread
}

/// Fires events of this size at once, over connections of 99 calls, and reads no stream.
/// Returns the streams of those that hookd took, and the number that it refused.
pub async fn fire_large(
    daemon: &TestDaemon,
    condition: v1::Condition,
    events: usize,
    bytes: usize,
) -> (Vec<tonic::Streaming<v1::RunHooksResponse>>, usize) {
    let mut calls = tokio::task::JoinSet::new();
    let mut channel = daemon.channel().await;
    for number in 0..events {
        if number % 99 == 0 {
            channel = daemon.channel().await;
        }
        let channel = channel.clone();
        calls.spawn(async move {
            let mut event = event(condition);
            event.error = "e".repeat(bytes);
            let mut client = HookServiceClient::new(channel);
            client.run_hooks(request(event)).await
        });
    }
    let answers = calls.join_all().await;
    let refused = answers.iter().filter(|answer| answer.is_err()).count();
    let taken = answers.into_iter().flatten();
    (taken.map(tonic::Response::into_inner).collect(), refused)
}

/// The latencies of a client that behaves.
#[derive(Debug, Default)]
pub struct Latencies {
    /// Of calls on an open connection.
    pub calls: Vec<Duration>,
    /// Of a new connection.
    pub connections: Vec<Duration>,
    /// Of runs of the hooks of an event.
    pub runs: Vec<Duration>,
}

/// Calls again and again, at least thirty times and until `done`; each call must succeed.
pub async fn behave(
    daemon: Arc<TestDaemon>,
    condition: v1::Condition,
    done: Arc<AtomicBool>,
) -> Latencies {
    // On a task of its own: the open connections do not rest while a new one waits in line.
    let connecting = tokio::spawn(connect(Arc::clone(&daemon), Arc::clone(&done)));
    let mut latencies = Latencies::default();
    let (mut hooks, mut admin) = (daemon.hooks().await, daemon.admin().await);
    let info = v1::GetServerInfoRequest {};
    while latencies.calls.len() < 30 || !done.load(Ordering::Relaxed) {
        let begun = Instant::now();
        admin.get_server_info(info).await.expect("it answers");
        latencies.calls.push(begun.elapsed());
        let begun = Instant::now();
        run(&mut hooks, request(event(condition))).await;
        latencies.runs.push(begun.elapsed());
        tokio::time::sleep(PAUSE).await;
    }
    done.store(true, Ordering::Relaxed);
    latencies.connections = connecting.await.expect("no panic");
    latencies
}

/// Opens one connection after the other, until it is done; returns their latencies.
async fn connect(daemon: Arc<TestDaemon>, done: Arc<AtomicBool>) -> Vec<Duration> {
    let mut latencies = Vec::new();
    while latencies.is_empty() || !done.load(Ordering::Relaxed) {
        let begun = Instant::now();
        let connected = tokio::time::timeout(CONNECT_PATIENCE, async {
            // A socket whose queue is full refuses at once: the client comes back.
            let socket = format!("unix://{}", daemon.socket.display());
            while AdminServiceClient::connect(socket.clone()).await.is_err() {
                tokio::time::sleep(PAUSE).await;
            }
        });
        // Beyond that time it counts as this time.
        let _ = connected.await;
        latencies.push(begun.elapsed());
        tokio::time::sleep(PAUSE).await;
    }
    latencies
}

/// Returns a percentile by nearest rank.
pub fn percentile(latencies: &mut [Duration], percent: usize) -> Duration {
    latencies.sort_unstable();
    let rank = (latencies.len() * percent).div_ceil(100);
    latencies
        .get(rank.saturating_sub(1))
        .copied()
        .unwrap_or_default()
}
