//! A daemon that web pages may call, and a gRPC-Web client like a browser's.

use std::fs;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::PathBuf;

use hookd_proto::v1;
use hookd_proto::v1::journal_entry::Entry;
use prost::Message as _;

use hookd_test_support::*;

use v1::Condition::SnapshotStart;

pub(crate) const PAGE: &str = "https://backup.example.org";
const RUN_HOOKS: &str = "/hookd.v1.HookService/RunHooks";

/// A daemon on TCP whose one hook leaves a trace when it runs.
pub(crate) struct Site {
    pub(crate) daemon: TestDaemon,
    pub(crate) port: u16,
    trace: PathBuf,
}

impl Site {
    pub(crate) fn new(args: &[&str], more: &str) -> Site {
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
        let address = daemon.tcp_address().strip_prefix("127.0.0.1:");
        let port = address.and_then(|port| port.parse().ok());
        let port = port.expect("its port");
        Site {
            daemon,
            port,
            trace,
        }
    }

    pub(crate) fn open() -> Site {
        Site::new(&["--web-origin", PAGE], "")
    }

    /// Returns the number of runs of the hook.
    pub(crate) fn runs(&self) -> usize {
        fs::read_to_string(&self.trace).map_or(0, |trace| trace.lines().count())
    }

    /// Returns the answer to a request; `None` if the connection is closed instead.
    pub(crate) fn ask(&self, request: &Ask<'_>) -> Option<Answer> {
        let stream = TcpStream::connect(("127.0.0.1", self.port)).expect("it listens");
        stream.set_read_timeout(Some(PATIENCE)).expect("set");
        request.send(stream)
    }
}

/// A request as it goes over the wire.
pub(crate) struct Ask<'a> {
    pub(crate) method: &'a str,
    pub(crate) path: &'a str,
    pub(crate) host: &'a str,
    pub(crate) headers: Vec<(&'a str, &'a str)>,
    pub(crate) body: Vec<u8>,
}

impl<'a> Ask<'a> {
    /// Returns a request to run hooks, as a stub in a page of this origin sends it.
    pub(crate) fn run(origin: Option<&'a str>) -> Ask<'a> {
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

    /// Returns the preflight of a browser for a page of this origin.
    pub(crate) fn preflight(origin: &'a str) -> Ask<'a> {
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

    pub(crate) fn send(&self, mut stream: impl Read + Write) -> Option<Answer> {
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
        // A server without HTTP/1.1 answers in HTTP/2 frames, or closes the connection.
        if sent.is_err() || read.is_err() || !answer.starts_with(b"HTTP/1.1 ") {
            return None;
        }
        Some(Answer::parse(&answer))
    }
}

/// An HTTP answer.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    head: String,
    pub(crate) body: Vec<u8>,
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

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
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

    /// Asserts that the answer is a complete run, from its start to its decision.
    #[track_caller]
    pub(crate) fn assert_ran(&self) {
        assert_eq!(self.status, 200, "{self:?}");
        let (messages, trailers) = self.frames();
        let entries: Vec<_> = messages.into_iter().filter_map(|m| m.entry).collect();
        assert!(matches!(entries[0].entry, Some(Entry::RunStarted(_))));
        assert_eq!(decision(&entries).kind(), v1::DecisionKind::Proceed);
        assert!(trailers.contains("grpc-status:0"), "{trailers}");
    }

    /// Asserts that the request is refused, and that the answer reveals nothing to a page.
    #[track_caller]
    pub(crate) fn assert_refused(&self, status: u16) {
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

pub(crate) fn framed(message: &impl prost::Message) -> Vec<u8> {
    let message = message.encode_to_vec();
    let length = u32::try_from(message.len()).expect("short").to_be_bytes();
    [&[0][..], &length, &message].concat()
}
