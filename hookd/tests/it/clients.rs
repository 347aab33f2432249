//! Clients as they are: the authority of gRPC libraries on a Unix socket, compression, and
//! the latency of TCP.

use std::os::unix::net::UnixStream;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use hookd_proto::v1;
use hookd_proto::v1::Condition::SnapshotStart;
use hookd_proto::v1::admin_service_client::AdminServiceClient;
use hookd_proto::v1::hook_service_client::HookServiceClient;
use hookd_test_support::attack::percentile;
use hookd_test_support::*;
use prost::Message as _;
use tonic::Code;
use tonic::codec::CompressionEncoding::Gzip;

fn daemon() -> Setup {
    Setup::new(&config(&hook("h", "SNAPSHOT_START", "", "true")))
}

#[test]
fn any_authority_is_taken_on_a_unix_socket() {
    let daemon = daemon().start();
    for authority in [
        "localhost",
        "tmp%2Frun%2Fs.sock",
        "/tmp/run/s.sock",
        "a b:c@d",
        "hookd.sock:",
    ] {
        let stream = UnixStream::connect(&daemon.socket).expect("it listens");
        stream.set_read_timeout(Some(PATIENCE)).expect("set");
        let mut client = RawClient::begin(stream).expect("written");
        // Twice, because what one call says of another is compressed.
        for _ in 0..2 {
            let called = client.call("hookd.v1.AdminService/GetServerInfo", authority, &[]);
            let called = called.expect("written");
            let mut frames = std::iter::from_fn(|| client.read().ok());
            let answer = frames.find(|frame| frame.stream == called);
            assert_eq!(answer.expect("an answer").kind, 1, "{authority}");
        }
    }
}

/// Python's gRPC library with no option set: a call, a compressed one, and a stream.
const GRPCIO: &str = r#"
import sys
import grpc

for compression in [grpc.Compression.NoCompression, grpc.Compression.Gzip]:
    with grpc.insecure_channel(sys.argv[1], compression=compression) as channel:
        info = channel.unary_unary("/hookd.v1.AdminService/GetServerInfo")(b"", timeout=30)
        assert b"hookd.yaml" in info, info
        request = sys.argv[2].encode()
        entries = list(channel.unary_stream("/hookd.v1.HookService/RunHooks")(request, timeout=30))
        assert len(entries) > 3, entries
print("done")
"#;

#[test]
fn the_grpc_library_of_python_needs_no_option() {
    let Some(python) = std::env::var_os("HOOKD_PYTHON") else {
        skip("grpcio: HOOKD_PYTHON names no Python with grpcio");
        return;
    };
    let daemon = daemon().start();
    let request = request(event(SnapshotStart)).encode_to_vec();
    let output = Command::new(python)
        .args(["-c", GRPCIO])
        .arg(format!("unix:{}", daemon.socket.display()))
        .arg(String::from_utf8(request).expect("a request of ASCII"))
        .stdin(Stdio::null())
        .output()
        .expect("it runs");
    let err = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{err}");
}

#[tokio::test]
async fn gzip_is_spoken_both_ways_and_unpacks_no_more_than_a_request_may_be() {
    let daemon = daemon().start();
    let mut admin = AdminServiceClient::new(daemon.channel().await)
        .send_compressed(Gzip)
        .accept_compressed(Gzip);
    let answer = admin
        .get_server_info(v1::GetServerInfoRequest {})
        .await
        .expect("it answers");
    let encoding = answer
        .metadata()
        .get("grpc-encoding")
        .map(|value| value.as_bytes());
    assert_eq!(encoding, Some(&b"gzip"[..]));
    assert_eq!(answer.into_inner().version, env!("CARGO_PKG_VERSION"));

    let mut hooks = HookServiceClient::new(daemon.channel().await).send_compressed(Gzip);
    let before = memory_kib(daemon.pid(), "VmHWM");
    let mut bomb = event(SnapshotStart);
    bomb.error = "e".repeat(256 << 20);
    let status = hooks
        .run_hooks(request(bomb))
        .await
        .expect_err("it is too large");
    assert_eq!(status.code(), Code::ResourceExhausted, "{status}");
    let grown = memory_kib(daemon.pid(), "VmHWM") - before;
    assert!(grown < 48 << 10, "{grown} KiB more");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_run_by_tcp_takes_as_long_as_one_by_the_socket() {
    let setup = daemon()
        .arg("--listen")
        .arg("tcp://127.0.0.1:0")
        .arg("--insecure-loopback");
    let socket = format!("unix://{}", setup.socket().display());
    let daemon = setup.arg("--listen").arg(socket).start();
    let tcp = format!("http://{}", daemon.tcp_address());
    let mut clients = [
        daemon.hooks().await,
        HookServiceClient::connect(tcp).await.expect("it answers"),
    ];
    let mut latencies = [Vec::new(), Vec::new()];
    for _ in 0..15 {
        for (client, latencies) in clients.iter_mut().zip(&mut latencies) {
            let begun = Instant::now();
            run(client, request(event(SnapshotStart))).await;
            latencies.push(begun.elapsed());
        }
    }
    let [unix, tcp] = latencies
        .each_mut()
        .map(|latencies| percentile(latencies, 50));
    assert!(
        tcp < unix + Duration::from_millis(25),
        "{tcp:?} by TCP, {unix:?} by the socket"
    );
}
