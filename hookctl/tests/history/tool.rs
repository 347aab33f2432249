//! A daemon with a store, and hookctl that asks it.

use std::process::{Command, Output, Stdio};

use serde_json::Value;

use hookd_test_support::{Setup, TestDaemon};

/// Every store that hookd has.
pub(crate) const STORES: [&str; 2] = ["memory", "sqlite"];

/// What hookctl said and how it ended.
#[derive(Debug)]
pub(crate) struct Told {
    pub(crate) code: Option<i32>,
    pub(crate) out: String,
    pub(crate) err: String,
}

/// A daemon with this config and this store.
pub(crate) fn daemon(config: &str, store: &str) -> TestDaemon {
    Setup::new(config).arg("--store").arg(store).start()
}

/// hookctl, about to talk to this daemon.
pub(crate) fn hookctl(daemon: &TestDaemon, args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_hookctl"));
    command.args(args).stdin(Stdio::null());
    for name in ["HOOKD_CONFIG", "NO_COLOR", "CLICOLOR_FORCE"] {
        command.env_remove(name);
    }
    command.env("HOOKD_ADDR", daemon.address()).env("TZ", "UTC");
    command
}

/// What hookctl says.
pub(crate) fn ask(daemon: &TestDaemon, args: &[&str]) -> Told {
    told(hookctl(daemon, args).output().expect("hookctl runs"))
}

pub(crate) fn told(output: Output) -> Told {
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("hookctl says text");
    Told {
        code: output.status.code(),
        out: text(output.stdout),
        err: text(output.stderr),
    }
}

/// What hookctl says in JSON, with nothing else.
pub(crate) fn json(daemon: &TestDaemon, args: &[&str]) -> Value {
    let args = [args, &["-o", "json"]].concat();
    let told = ask(daemon, &args);
    assert_eq!((told.code, &*told.err), (Some(0), ""), "{args:?}: {told:?}");
    serde_json::from_str(&told.out).expect("JSON")
}

/// Fires an event; gives the id of its run.
pub(crate) fn fire(daemon: &TestDaemon, args: &[&str]) -> String {
    let args = [&["run"], args, &["-o", "json"]].concat();
    let told = ask(daemon, &args);
    let first = told.out.lines().next().expect("the run began");
    let first: Value = serde_json::from_str(first).expect("JSON");
    let id = first["runStarted"]["runId"].as_str();
    id.expect("a run has an id").to_owned()
}

/// The ids of the runs that a list brings, newest first.
pub(crate) fn listed(daemon: &TestDaemon, args: &[&str]) -> Vec<String> {
    let runs = json(daemon, &[&["runs", "--all"], args].concat());
    let runs = runs.as_array().expect("a list is an array");
    let id = |run: &Value| run["runId"].as_str().expect("a run has an id").to_owned();
    runs.iter().map(id).collect()
}
