//! `curl` as a client, by the Connect protocol.

use std::io;
use std::process::{Command, Stdio};

use hookd_proto::v1::Condition::SnapshotStart;
use hookd_test_support::*;
use serde_json::{Value, json};

/// Returns the HTTP status and the JSON with which a method answers.
fn curl(daemon: &TestDaemon, method: &str, request: &str) -> (u16, Value) {
    let output = Command::new("curl")
        .args(["--silent", "--show-error", "--http2-prior-knowledge"])
        .args(["--write-out", "\n%{http_code}", "--unix-socket"])
        .arg(&daemon.socket)
        .args(["--header", "content-type: application/json"])
        .args(["--data", request])
        .arg(format!("http://localhost/hookd.v1.{method}"))
        .stdin(Stdio::null())
        .output()
        .expect("curl runs");
    let err = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{err}");
    let said = String::from_utf8(output.stdout).expect("text");
    let (answer, status) = said.rsplit_once('\n').expect("a status");
    let answer = serde_json::from_str(answer).unwrap_or(Value::Null);
    (status.parse().expect("a number"), answer)
}

/// Returns true if a curl that speaks HTTP/2 is installed.
fn has_curl() -> bool {
    let version = match Command::new("curl").arg("--version").output() {
        Ok(output) => String::from_utf8_lossy(&output.stdout).into_owned(),
        Err(error) if error.kind() == io::ErrorKind::NotFound => String::new(),
        Err(error) => panic!("curl does not run: {error}"),
    };
    let usable = version.contains("HTTP2");
    if !usable {
        skip("curl: a curl that speaks HTTP/2 is not installed");
    }
    usable
}

#[tokio::test]
async fn curl_asks_in_json() {
    if !has_curl() {
        return;
    }
    let daemon = TestDaemon::with(&config(&hook("h", "SNAPSHOT_START", "", "true")));
    let entries = run(&mut daemon.hooks().await, request(event(SnapshotStart))).await;
    let id = run_id(&entries);

    let (status, info) = curl(&daemon, "AdminService/GetServerInfo", "{}");
    assert_eq!(status, 200, "{info}");
    assert_eq!(info["version"], env!("CARGO_PKG_VERSION"));
    assert_eq!(info["config"]["hooks"], 1);

    let wanted = r#"{"planId": "home", "conditions": ["CONDITION_SNAPSHOT_START"]}"#;
    let (status, runs) = curl(&daemon, "HookService/ListRuns", wanted);
    assert_eq!(status, 200, "{runs}");
    assert_eq!(runs["runs"][0]["runId"], id);
    assert_eq!(runs["runs"][0]["decision"]["kind"], "DECISION_KIND_PROCEED");
    let asked = json!({"run_id": id}).to_string();
    let (status, run) = curl(&daemon, "HookService/GetRun", &asked);
    assert_eq!((status, &run["run"]["runId"]), (200, &json!(id)));
}

#[test]
fn curl_reads_why_it_is_refused() {
    if !has_curl() {
        return;
    }
    let daemon = TestDaemon::with(&config(&hook("h", "SNAPSHOT_START", "", "true")));
    let (status, error) = curl(&daemon, "HookService/GetRun", r#"{"runId": "x"}"#);
    assert_eq!(
        (status, &error["code"]),
        (404, &json!("not_found")),
        "{error}"
    );
    let detail = &error["details"][0];
    assert_eq!(detail["type"], "google.rpc.ErrorInfo");
    assert_eq!(detail["debug"]["reason"], "RUN_NOT_FOUND");
    assert_eq!(detail["debug"]["metadata"]["run_id"], "x");

    for malformed in ["", "[", r#"{"runIdd": "x"}"#, r#"{"runId": 7}"#] {
        let (status, error) = curl(&daemon, "HookService/GetRun", malformed);
        assert_eq!((status, &error["code"]), (400, &json!("invalid_argument")));
    }
    // A streaming method is refused, and runs nothing.
    for method in [
        "HookService/RunHooks",
        "HookService/Nothing",
        "Other/GetRun",
    ] {
        let event = r#"{"event": {"condition": "CONDITION_SNAPSHOT_START", "planId": "home"}}"#;
        let (status, _) = curl(&daemon, method, event);
        assert_eq!(status, 404, "{method}");
    }
    let (_, runs) = curl(&daemon, "HookService/ListRuns", "{}");
    assert_eq!(runs, json!({}));
}
