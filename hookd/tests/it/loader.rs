//! `examples/agents/typescript/loader.mjs`: runs are listed and watched by a program
//! without generated code, which reads the contract when it starts.

use std::path::Path;
use std::process::{Command, Output};

use hookd_proto::v1::Condition::SnapshotStart;
use hookd_test_support::*;
use serde_json::{Value, json};

use crate::node;

#[tokio::test]
async fn runs_are_listed_and_watched_without_generated_code() {
    let folder = match node::example("agents/typescript") {
        Ok(folder) => folder,
        Err(missing) => return skip(&format!("proto-loader: {missing}")),
    };
    let hook = hook(
        "odd",
        "SNAPSHOT_START",
        "onError: ON_ERROR_CANCEL",
        r"printf '\033[31mhi\n'; exit 1",
    );
    let daemon = Setup::new(&config(&hook))
        .arg("--listen=tcp://127.0.0.1:0")
        .arg("--insecure-loopback")
        .start();
    let entries = run(&mut daemon.hooks().await, request(event(SnapshotStart))).await;
    let run = run_id(&entries);

    let listed = lines(&loader(&folder, &daemon.address(), &[]));
    let line = json!({
        "run": run,
        "state": "RUN_STATE_FINISHED",
        "event": "CONDITION_SNAPSHOT_START",
        "plan": "home",
        "decision": "DECISION_KIND_CANCEL",
    });
    assert_eq!(listed, [line]);

    let tcp = format!("http://{}", daemon.tcp_address());
    let journal = lines(&loader(&folder, &tcp, &[&run]));
    assert_eq!(journal.len(), entries.len());
    assert_eq!(journal[0]["runStarted"]["runId"], json!(run));
    assert!(journal.contains(&json!({ "hookOutput": "\u{1b}[31mhi\n" })));
    let end = &journal[journal.len() - 1]["runFinished"]["decision"];
    assert_eq!(end["hook"], "odd");

    let unknown = loader(&folder, &daemon.address(), &["nope"]);
    assert_eq!(unknown.status.code(), Some(1));
    let said: Value = serde_json::from_slice(&unknown.stderr).expect("JSON");
    assert_eq!(said["code"], 5);
}

fn loader(folder: &Path, address: &str, args: &[&str]) -> Output {
    let mut node = Command::new("node");
    node.arg("loader.mjs")
        .args(args)
        .current_dir(folder)
        .env("HOOKD_ADDR", address);
    node.output().expect("node runs")
}

/// Returns the printed lines, each JSON without a control character.
fn lines(output: &Output) -> Vec<Value> {
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    assert!(!output.stdout.contains(&0x1b));
    let text = std::str::from_utf8(&output.stdout).expect("text");
    let lines = text.lines();
    lines
        .map(|line| serde_json::from_str(line).expect("JSON"))
        .collect()
}
