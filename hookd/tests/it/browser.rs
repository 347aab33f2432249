//! The page in `examples/web`, in a real Chromium: the generated TypeScript stub lists and
//! watches runs over gRPC-Web, and pages of other origins can do nothing.
//!
//! The expectations of the page are in `examples/web/test/browser.mjs`. This file sets up
//! their prerequisites: Node.js, the page built by its own commands, Chromium (which root has
//! installed where it is missing), and a daemon.

use std::fs;
use std::io::{BufRead as _, BufReader, Lines, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use hookd_proto::v1;
use hookd_proto::v1::hook_service_client::HookServiceClient;
use hookd_test_support::*;
use prost::Message as _;
use serde_json::{Value, json};

use crate::node;
use tonic::transport::Channel;

use v1::Condition::{CheckStart, PruneStart, SnapshotStart};

/// The names of Chromium in Debian and elsewhere.
const BROWSERS: [&str; 4] = [
    "chromium",
    "chromium-browser",
    "google-chrome-stable",
    "google-chrome",
];

/// Output that would do harm in a page, or on a terminal.
const HOSTILE: &str = r#"printf '%s\n' "<img src=x onerror=\"alert('output')\">" >&2
printf '\033[31mred\033[0m\nnot \377 UTF-8\n'
exit 1"#;

#[tokio::test]
async fn a_page_lists_and_watches_runs() {
    let tools = match tools() {
        Ok(tools) => tools,
        Err(missing) => return skip(&format!("browser: {missing}")),
    };
    let mut script = Script::start(&tools.web);
    let origin = script.hears("origin");
    let origin = origin.as_str().expect("an origin");

    let setup = Setup::new("");
    let gate = setup.dir.path().join("gate");
    let trace = setup.dir.path().join("trace");
    fs::write(
        setup.dir.path().join("hookd.yaml"),
        config(&hooks(&gate, &trace)),
    )
    .expect("written");
    let profile = setup.dir.path().join("profile");
    let daemon = setup
        .arg("--listen=tcp://127.0.0.1:0")
        .arg("--insecure-loopback")
        .arg(format!("--web-origin={origin}"))
        .start();
    let address = daemon.tcp_address();

    let mut client = daemon.hooks().await;
    let hostile = v1::Event {
        task: "<script>alert('task')</script>".to_owned(),
        ..event(SnapshotStart)
    };
    run(&mut client, request(hostile)).await;

    script.tell(&json!({
        "hookd": format!("http://{address}"),
        "browser": tools.browser,
        "profile": profile,
        "gate": gate,
        "shots": tools.shots,
        "request": framed(&request(event(CheckStart))),
    }));
    script.hears("fire");
    let live = client.run_hooks(request(event(PruneStart))).await;
    let live = live.expect("it is taken");

    let foreign = script.hears("foreign");
    let checks = || fs::read_to_string(&trace).map_or(0, |trace| trace.lines().count());
    assert_eq!(checks(), 0, "a foreign page fired hooks: {foreign}");
    assert_eq!(runs(&mut client).await, 2, "a foreign page began a run");
    script.tell(&json!({}));
    script.hears("done");
    script.ends();
    drop(live);
    // Forms and beacons of the site's own origin run no hooks: they are not calls of a stub.
    assert_eq!(checks(), 1);
    assert_eq!(runs(&mut client).await, 3);
}

/// Returns a hook with hostile output, a hook that waits, and a hook with a side effect.
fn hooks(gate: &Path, trace: &Path) -> String {
    let wait = format!(
        "echo first line\nuntil [ -e {} ]; do sleep 0.05; done\necho last line",
        gate.display()
    );
    let check = format!("echo ran >> {}", trace.display());
    [
        hook(
            "hostile",
            "SNAPSHOT_START",
            "onError: ON_ERROR_CANCEL",
            HOSTILE,
        ),
        hook("slow", "PRUNE_START", "", &wait),
        hook("check", "CHECK_START", "", &check),
    ]
    .concat()
}

async fn runs(client: &mut HookServiceClient<Channel>) -> usize {
    let all = client.list_runs(v1::ListRunsRequest::default()).await;
    all.expect("a page").into_inner().runs.len()
}

/// A message as gRPC-Web frames it.
fn framed(message: &v1::RunHooksRequest) -> Vec<u8> {
    let message = message.encode_to_vec();
    let length = u32::try_from(message.len()).expect("short").to_be_bytes();
    [&[0], &length[..], &message].concat()
}

/// The script that controls the browser. It exchanges lines of JSON with the test.
struct Script {
    child: Child,
    input: ChildStdin,
    output: Lines<BufReader<ChildStdout>>,
}

impl Script {
    fn start(web: &Path) -> Script {
        let mut child = Command::new("node")
            .arg("test/browser.mjs")
            .current_dir(web)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("node starts");
        let input = child.stdin.take().expect("piped");
        let output = BufReader::new(child.stdout.take().expect("piped")).lines();
        Script {
            child,
            input,
            output,
        }
    }

    /// Returns the value of the next line, which must have this name.
    fn hears(&mut self, what: &str) -> Value {
        let line = self.output.next().map(|line| line.expect("text"));
        let line = line.unwrap_or_else(|| panic!("the script ended before it said `{what}`"));
        let said: Value = serde_json::from_str(&line).expect("JSON");
        said.get(what)
            .unwrap_or_else(|| panic!("no `{what}` in {said}"))
            .clone()
    }

    fn tell(&mut self, message: &Value) {
        writeln!(self.input, "{message}").expect("it listens");
    }

    fn ends(&mut self) {
        assert!(wait(&mut self.child).success());
    }
}

impl Drop for Script {
    fn drop(&mut self) {
        // Killing it would leave the browser running.
        if let Ok(None) = self.child.try_wait() {
            let pid = rustix::process::Pid::from_child(&self.child);
            let _ = rustix::process::kill_process(pid, rustix::process::Signal::TERM);
            let _ = self.child.wait();
        }
    }
}

/// The programs that the test needs beside cargo.
struct Tools {
    /// The folder of the page, which is built.
    web: PathBuf,
    browser: PathBuf,
    /// The folder for screenshots, to be looked at by people.
    shots: PathBuf,
}

/// Prepares the tools; fails with the name of the missing tool.
fn tools() -> Result<Tools, String> {
    let web = node::example("web")?;
    let browser = match BROWSERS.iter().find_map(|name| node::found(name)) {
        Some(browser) => browser,
        None => installed()?,
    };
    // Failures from here on are failures of the page.
    let mut build = Command::new("npm");
    build.args(["run", "--silent", "build"]).current_dir(&web);
    node::done(&mut build).expect("the page builds");
    let shots = hookd_binary().with_file_name("browser");
    fs::create_dir_all(&shots).expect("a folder for pictures");
    Ok(Tools {
        web,
        browser,
        shots,
    })
}

/// Returns Chromium, after installing Debian's package where the user may do that.
fn installed() -> Result<PathBuf, String> {
    install("chromium")?;
    node::found("chromium").ok_or_else(|| "chromium was installed and is not there".to_owned())
}
