//! Web pages as clients: gRPC-Web over plain HTTP/1.1, as a browser speaks it.

mod site;

use std::os::unix::net::UnixStream;

use hookd_proto::v1;
use hookd_proto::v1::hook_service_client::HookServiceClient;
use hookd_test_support::*;
use site::{Ask, PAGE, Site, framed};

use v1::Condition::SnapshotStart;

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
    // Requests that a page may send without a preflight: they arrive, although the page cannot read
    // the answer.
    for content in ["text/plain", "application/x-www-form-urlencoded"] {
        for (origin, status) in [(Some("https://evil.example"), 403), (None, 400)] {
            let mut ask = Ask::run(origin);
            ask.headers[0].1 = content;
            site.ask(&ask).expect("an answer").assert_refused(status);
        }
    }
    // DNS rebinding: the page's own name resolves to this machine, so that the request is of the
    // same origin.
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

    // The same rules apply on a Unix socket, which may be behind a proxy.
    let stream = UnixStream::connect(&site.daemon.socket).expect("it listens");
    let mut ask = Ask::run(Some(PAGE));
    ask.host = "backup.example.org";
    ask.send(stream).expect("an answer").assert_ran();
    assert_eq!(site.runs(), 2);

    // HTTP/1.1 is accepted for gRPC-Web only.
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
    // A content type that a page may send without a preflight is not accepted as JSON.
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

    // A proxy may forward a page's request over HTTP/2.
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
