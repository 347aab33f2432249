//! Web pages as clients: gRPC-Web over plain HTTP/1.1, as a browser speaks it.
#![expect(clippy::expect_used, reason = "a test fails by panicking")]

#[path = "support/mod.rs"]
mod support;

use std::fs;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::os::unix::net::UnixStream;
use std::path::PathBuf;

use hookd_proto::v1;
use hookd_proto::v1::hook_service_client::HookServiceClient;
use hookd_proto::v1::journal_entry::Entry;
use prost::Message as _;
use support::*;

use v1::Condition::SnapshotStart;

const PAGE: &str = "https://backup.example.org";
const RUN_HOOKS: &str = "/hookd.v1.HookService/RunHooks";

/// A daemon on TCP whose one hook leaves a trace when it runs.
struct Site {
    daemon: TestDaemon,
    port: u16,
    trace: PathBuf,
}

impl Site {
    fn new(args: &[&str], more: &str) -> Site {
        let mut setup = Setup::new("");
        let trace = setup.dir.path().join("trace");
        let script = format!("echo ran >> {}", trace.display());
        let config = config(&hook("h", "SNAPSHOT_START", "", &script)) + more;
        fs::write(setup.dir.path().join("hookd.yaml"), config).expect("written");
        setup = setup
            .arg("--listen=tcp://127.0.0.1:0")
            .arg("--insecure-loopback");
        for arg in args {
            setup = setup.arg(arg);
        }
        let daemon = setup.start();
        let words = daemon.ready.split([' ', ',']);
        let port = words
            .filter_map(|word| word.strip_prefix("tcp://127.0.0.1:"))
            .find_map(|port| port.parse().ok())
            .expect("its port");
        Site {
            daemon,
            port,
            trace,
        }
    }

    fn open() -> Site {
        Site::new(&["--web-origin", PAGE], "")
    }

    /// How often the hook ran.
    fn runs(&self) -> usize {
        fs::read_to_string(&self.trace).map_or(0, |trace| trace.lines().count())
    }

    /// What a request is answered with; nothing if the connection is closed instead.
    fn ask(&self, request: &Ask<'_>) -> Option<Answer> {
        let stream = TcpStream::connect(("127.0.0.1", self.port)).expect("it listens");
        stream.set_read_timeout(Some(PATIENCE)).expect("set");
        request.send(stream)
    }
}

/// A request as it goes over the wire.
struct Ask<'a> {
    method: &'a str,
    path: &'a str,
    host: &'a str,
    headers: Vec<(&'a str, &'a str)>,
    body: Vec<u8>,
}

impl<'a> Ask<'a> {
    /// Runs hooks as a stub in a page of this origin asks for it.
    fn run(origin: Option<&'a str>) -> Ask<'a> {
        let content = ("content-type", "application/grpc-web+proto");
        let mut headers = vec![content, ("x-grpc-web", "1")];
        headers.extend(origin.map(|origin| ("origin", origin)));
        Ask {
            method: "POST",
            path: RUN_HOOKS,
            host: "127.0.0.1:7432",
            headers,
            body: framed(&request(event(SnapshotStart))),
        }
    }

    /// What a browser asks before it lets a page of this origin do that.
    fn preflight(origin: &'a str) -> Ask<'a> {
        Ask {
            method: "OPTIONS",
            headers: vec![
                ("origin", origin),
                ("access-control-request-method", "POST"),
                (
                    "access-control-request-headers",
                    "content-type,x-grpc-web,grpc-timeout",
                ),
                ("access-control-request-private-network", "true"),
            ],
            body: Vec::new(),
            ..Ask::run(None)
        }
    }

    fn send(&self, mut stream: impl Read + Write) -> Option<Answer> {
        let mut head = format!("{} {} HTTP/1.1\r\n", self.method, self.path);
        let length = self.body.len().to_string();
        let fixed = [
            ("host", self.host),
            ("connection", "close"),
            ("content-length", &length),
        ];
        for (name, value) in fixed.iter().chain(&self.headers) {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        let sent = stream.write_all(&[head.as_bytes(), b"\r\n", &self.body].concat());
        let mut answer = Vec::new();
        let read = stream.read_to_end(&mut answer);
        // Who does not speak HTTP/1.1 says so in frames of HTTP/2, or hangs up.
        if sent.is_err() || read.is_err() || !answer.starts_with(b"HTTP/1.1 ") {
            return None;
        }
        Some(Answer::parse(&answer))
    }
}

/// What came back.
#[derive(Debug)]
struct Answer {
    status: u16,
    head: String,
    body: Vec<u8>,
}

impl Answer {
    fn parse(bytes: &[u8]) -> Answer {
        let end = bytes.windows(4).position(|four| four == b"\r\n\r\n");
        let (head, body) = bytes.split_at(end.expect("a head") + 4);
        let head = String::from_utf8(head.to_vec()).expect("text");
        let status = head[9..12].parse().expect("a status");
        let chunked = head.contains("transfer-encoding: chunked");
        let body = if chunked {
            unchunked(body)
        } else {
            body.to_vec()
        };
        Answer { status, head, body }
    }

    fn header(&self, name: &str) -> Option<&str> {
        let mut lines = self.head.lines().filter_map(|line| line.split_once(": "));
        lines.find(|(n, _)| *n == name).map(|(_, value)| value)
    }

    /// The messages, and the trailers that follow them.
    fn frames(&self) -> (Vec<v1::RunHooksResponse>, String) {
        let (mut messages, mut rest) = (Vec::new(), &self.body[..]);
        while let [flags, a, b, c, d, more @ ..] = rest {
            let length = u32::from_be_bytes([*a, *b, *c, *d]) as usize;
            let (content, after) = more.split_at(length);
            if flags & 0x80 != 0 {
                assert!(after.is_empty(), "the trailers are last");
                let trailers = String::from_utf8(content.to_vec()).expect("text");
                return (messages, trailers);
            }
            messages.push(v1::RunHooksResponse::decode(content).expect("a message"));
            rest = after;
        }
        panic!("no trailers in {self:?}");
    }

    /// It is a run from its start to its decision.
    #[track_caller]
    fn assert_ran(&self) {
        assert_eq!(self.status, 200, "{self:?}");
        let (messages, trailers) = self.frames();
        let entries: Vec<_> = messages.into_iter().filter_map(|m| m.entry).collect();
        assert!(matches!(entries[0].entry, Some(Entry::RunStarted(_))));
        assert_eq!(decision(&entries).kind(), v1::DecisionKind::Proceed);
        assert!(trailers.contains("grpc-status:0"), "{trailers}");
    }

    /// It tells a page nothing.
    #[track_caller]
    fn assert_refused(&self, status: u16) {
        assert_eq!(self.status, status, "{self:?}");
        assert!(!self.head.contains("access-control-allow"), "{self:?}");
    }
}

fn unchunked(mut rest: &[u8]) -> Vec<u8> {
    let mut all = Vec::new();
    loop {
        let end = rest.windows(2).position(|two| two == b"\r\n");
        let (size, after) = rest.split_at(end.expect("a size"));
        let size = str::from_utf8(size).expect("text");
        let size = usize::from_str_radix(size, 16).expect("a number");
        if size == 0 {
            return all;
        }
        all.extend_from_slice(&after[2..2 + size]);
        rest = &after[2 + size + 2..];
    }
}

fn framed(message: &impl prost::Message) -> Vec<u8> {
    let message = message.encode_to_vec();
    let length = u32::try_from(message.len()).expect("short").to_be_bytes();
    [&[0][..], &length, &message].concat()
}

#[test]
fn a_page_of_a_named_origin_runs_hooks() {
    let site = Site::open();
    let before = site.ask(&Ask::preflight(PAGE)).expect("an answer");
    assert_eq!(before.status, 200);
    for (name, value) in [
        ("access-control-allow-origin", PAGE),
        ("access-control-allow-methods", "POST"),
        ("access-control-allow-private-network", "true"),
    ] {
        assert_eq!(before.header(name), Some(value), "{before:?}");
    }
    let allowed = before.header("access-control-allow-headers");
    for name in ["content-type", "x-grpc-web", "grpc-timeout"] {
        assert!(allowed.is_some_and(|allowed| allowed.contains(name)));
    }
    assert_eq!(site.runs(), 0);

    let answer = site.ask(&Ask::run(Some(PAGE))).expect("an answer");
    answer.assert_ran();
    assert_eq!(answer.header("access-control-allow-origin"), Some(PAGE));
    let exposed = answer.header("access-control-expose-headers");
    assert!(exposed.is_some_and(|e| e.contains("grpc-status-details-bin")));
    assert_eq!(answer.header("access-control-allow-credentials"), None);
    assert_eq!(site.runs(), 1);
}

#[test]
fn no_other_page_reaches_a_hook() {
    let site = Site::open();
    for origin in [
        "https://evil.example",
        "http://backup.example.org",
        "https://backup.example.org.evil.example",
        "http://127.0.0.1:7432",
        "null",
    ] {
        let answer = site.ask(&Ask::run(Some(origin))).expect("an answer");
        answer.assert_refused(403);
        let answer = site.ask(&Ask::preflight(origin)).expect("an answer");
        answer.assert_refused(403);
    }
    // What a page may send without asking: it reads no answer, but its request arrives.
    for content in ["text/plain", "application/x-www-form-urlencoded"] {
        for (origin, status) in [(Some("https://evil.example"), 403), (None, 400)] {
            let mut ask = Ask::run(origin);
            ask.headers[0].1 = content;
            site.ask(&ask).expect("an answer").assert_refused(status);
        }
    }
    // A page whose own name leads to this machine: of the same origin as what it calls.
    let mut rebound = Ask::run(Some("http://evil.example:7432"));
    rebound.host = "evil.example:7432";
    site.ask(&rebound).expect("an answer").assert_refused(403);
    rebound.headers.pop();
    site.ask(&rebound).expect("an answer").assert_refused(421);
    assert_eq!(site.runs(), 0);
}

#[test]
fn programs_speak_grpc_web_without_an_origin() {
    let site = Site::open();
    site.ask(&Ask::run(None)).expect("an answer").assert_ran();
    assert_eq!(site.runs(), 1);

    // Over a Unix socket as well, for a proxy before hookd.
    let stream = UnixStream::connect(&site.daemon.socket).expect("it listens");
    let mut ask = Ask::run(Some(PAGE));
    ask.host = "backup.example.org";
    ask.send(stream).expect("an answer").assert_ran();
    assert_eq!(site.runs(), 2);

    // HTTP/1.1 is there for gRPC-Web alone.
    let mut ask = Ask::run(None);
    ask.headers[0].1 = "application/grpc";
    site.ask(&ask).expect("an answer").assert_refused(400);
    ask.method = "GET";
    site.ask(&ask).expect("an answer").assert_refused(400);
    assert_eq!(site.runs(), 2);
}

#[test]
fn a_page_reads_why_it_is_refused() {
    let site = Site::open();
    let mut ask = Ask::run(Some(PAGE));
    let mut unknown = event(SnapshotStart);
    unknown.plan_id = "hom".to_owned();
    ask.body = framed(&request(unknown));
    let answer = site.ask(&ask).expect("an answer");
    assert_eq!(answer.status, 200);
    assert_eq!(answer.header("grpc-status"), Some("5"), "{answer:?}");
    assert!(answer.header("grpc-status-details-bin").is_some());
    assert_eq!(answer.header("access-control-allow-origin"), Some(PAGE));
}

#[test]
fn json_is_guarded_as_well() {
    let site = Site::open();
    let ask = |origin: Option<&'static str>, content: &'static str| {
        let mut ask = Ask::run(origin);
        ask.path = "/hookd.v1.AdminService/GetServerInfo";
        ask.headers[0].1 = content;
        ask.body = b"{}".to_vec();
        site.ask(&ask).expect("an answer")
    };
    for origin in [Some(PAGE), None] {
        let answer = ask(origin, "application/json");
        assert_eq!(answer.status, 200, "{answer:?}");
        let info: serde_json::Value = serde_json::from_slice(&answer.body).expect("JSON");
        assert_eq!(info["version"], env!("CARGO_PKG_VERSION"));
        assert_eq!(answer.header("access-control-allow-origin"), origin);
    }
    ask(Some("https://evil.example"), "application/json").assert_refused(403);
    // Content that a page may send without asking is not taken for JSON.
    ask(None, "text/plain").assert_refused(400);
}

#[tokio::test]
async fn native_clients_are_served_beside_pages() {
    let site = Site::open();
    let address = format!("http://127.0.0.1:{}", site.port);
    let connected = HookServiceClient::connect(address).await;
    let mut client = connected.expect("it answers");
    run(&mut client, request(event(SnapshotStart))).await;
    assert_eq!(site.runs(), 1);

    // A proxy may hand on in HTTP/2 what a page sent.
    let mut handed_on = tonic::Request::new(request(event(SnapshotStart)));
    let origin = "https://evil.example".parse().expect("a header's value");
    handed_on.metadata_mut().insert("origin", origin);
    let refused = client.run_hooks(handed_on).await.expect_err("refused");
    assert_eq!(refused.code(), tonic::Code::PermissionDenied, "{refused}");
    assert!(refused.message().contains("--web-origin"), "{refused}");
    assert_eq!(site.runs(), 1);
}

#[test]
fn without_an_origin_in_the_config_browsers_get_nothing() {
    let site = Site::new(&[], "");
    for ask in [
        Ask::run(Some(PAGE)),
        Ask::run(None),
        Ask::preflight(PAGE),
        Ask::preflight("http://127.0.0.1:7432"),
    ] {
        let answer = site.ask(&ask);
        assert!(answer.is_none(), "{answer:?}");
    }
    assert_eq!(site.runs(), 0);
}

#[test]
fn origins_come_from_the_config_and_the_flag_wins() {
    let server = format!("server: {{ web: {{ origins: ['{PAGE}'] }} }}\n");
    let site = Site::new(&[], &server);
    site.ask(&Ask::run(Some(PAGE)))
        .expect("an answer")
        .assert_ran();

    let other = "http://localhost:5173";
    let site = Site::new(&["--web-origin", other], &server);
    let answer = site.ask(&Ask::run(Some(PAGE)));
    answer.expect("an answer").assert_refused(403);
    site.ask(&Ask::run(Some(other)))
        .expect("an answer")
        .assert_ran();
}

#[test]
fn origins_that_are_none_are_refused() {
    let (code, log) = Setup::new("hooks: []\n").arg("--web-origin=*").fails();
    assert_eq!(code, 2, "{log}");
    assert!(log.contains("name each origin"), "{log}");
    let faulty = "hooks: []\nserver:\n  web:\n    origins: ['https://x.org/']\n";
    let (code, log) = Setup::new(faulty).fails();
    assert_eq!(code, 78, "{log}");
    assert!(log.contains("hookd.yaml:4:15"), "{log}");
    assert!(log.contains("write `https://x.org`"), "{log}");
}
