//! Reflection: generic tools list, describe and call the services without the `.proto` files.

use std::path::PathBuf;
use std::process::{Command, Stdio};

use hookd_test_support::*;
use serde_json::Value;

const EVENT: &str = r#"{"event": {"condition": "CONDITION_SNAPSHOT_START", "planId": "home"}}"#;

fn daemon() -> TestDaemon {
    TestDaemon::with(&config(&hook("h", "SNAPSHOT_START", "", "echo hello")))
}

/// A tool, by the variable in which `cargo xtask test` names it.
fn tool(variable: &str, name: &str) -> Option<PathBuf> {
    let program = std::env::var_os(variable).map(PathBuf::from);
    if program.is_none() {
        skip(&format!("reflection-by-{name}: {variable} names no {name}"));
    }
    program
}

/// Returns the output of a tool, which must succeed.
#[track_caller]
fn said(command: &mut Command) -> String {
    let output = command.stdin(Stdio::null()).output().expect("it runs");
    let err = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?}: {err}");
    String::from_utf8(output.stdout).expect("text")
}

/// JSON values, one after the other.
fn values(text: &str) -> Vec<Value> {
    let values = serde_json::Deserializer::from_str(text).into_iter();
    values.map(|value| value.expect("JSON")).collect()
}

#[track_caller]
fn assert_served(info: &str, journal: &str) {
    assert_eq!(values(info)[0]["version"], env!("CARGO_PKG_VERSION"));
    let journal = values(journal);
    assert_eq!(journal[0]["entry"]["sequence"], "1");
    let last = &journal.last().expect("an entry")["entry"];
    assert_eq!(
        last["runFinished"]["decision"]["kind"], "DECISION_KIND_PROCEED",
        "{last}"
    );
}

#[test]
fn grpcurl_lists_describes_and_calls() {
    let Some(grpcurl) = tool("HOOKD_GRPCURL", "grpcurl") else {
        return;
    };
    let daemon = daemon();
    let ask = |before: &[&str], after: &[&str]| {
        let mut command = Command::new(&grpcurl);
        command.arg("-plaintext").args(before);
        said(command.arg(daemon.address()).args(after))
    };
    let services = ask(&[], &["list"]);
    for service in [
        "grpc.health.v1.Health",
        "grpc.reflection.v1.ServerReflection",
        "hookd.v1.AdminService",
        "hookd.v1.HookService",
    ] {
        assert!(services.lines().any(|line| line == service), "{services}");
    }
    let methods = ask(&[], &["describe", "hookd.v1.HookService"]);
    assert!(methods.contains("rpc RunHooks"), "{methods}");
    let event = ask(&[], &["describe", "hookd.v1.Event"]);
    assert!(
        event.contains(".hookd.v1.Condition condition = 1;"),
        "{event}"
    );
    assert_served(
        &ask(&[], &["hookd.v1.AdminService/GetServerInfo"]),
        &ask(&["-d", EVENT], &["hookd.v1.HookService/RunHooks"]),
    );
}

#[test]
fn buf_calls_by_either_version_of_reflection() {
    let Some(buf) = tool("HOOKD_BUF", "buf") else {
        return;
    };
    let daemon = daemon();
    for version in ["grpc-v1", "grpc-v1alpha"] {
        let ask = |args: &[&str], path: &str| {
            let mut command = Command::new(&buf);
            // Away from the `.proto` files, so that the tool can learn of them only from the
            // daemon.
            command
                .current_dir(daemon.dir.path())
                .args(["curl", "--http2-prior-knowledge", "--protocol", "grpc"])
                .args(["--reflect-protocol", version, "--unix-socket"])
                .arg(&daemon.socket)
                .args(args);
            said(command.arg(format!("http://localhost{path}")))
        };
        let services = ask(&["--list-services"], "");
        assert!(services.contains("hookd.v1.HookService"), "{services}");
        let methods = ask(&["--list-methods"], "");
        assert!(
            methods.contains("hookd.v1.HookService/RunHooks"),
            "{methods}"
        );
        assert_served(
            &ask(&[], "/hookd.v1.AdminService/GetServerInfo"),
            &ask(&["-d", EVENT], "/hookd.v1.HookService/RunHooks"),
        );
    }
}
