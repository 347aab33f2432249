//! A real daemon in a temporary folder, for tests that talk to it from outside.
#![allow(
    dead_code,
    unreachable_pub,
    unused_imports,
    reason = "each test uses a part"
)]
#![allow(
    clippy::expect_used,
    clippy::print_stderr,
    reason = "a test fails by panicking"
)]

mod calls;
mod debian;
mod skip;

use std::ffi::OsString;
use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use hookd_proto::v1;
use hookd_proto::v1::admin_service_client::AdminServiceClient;
use hookd_proto::v1::hook_service_client::HookServiceClient;
use hookd_proto::v1::journal_entry::Entry;
use tempfile::TempDir;
use tonic::transport::{Channel, Endpoint};

pub use calls::*;
pub(crate) use debian::install;
pub(crate) use skip::skip;

/// How long a test waits for anything before it fails.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// A config without surprises: one repository, one plan, and the hooks of a test.
pub fn config(plan_hooks: &str) -> String {
    let hooks = plan_hooks.replace('\n', "\n      ");
    format!(
        "repos:\n  - id: nas\n    uri: sftp:nas:/backup\n    password: correct-horse\nplans:\n  - id: home\n    repo: nas\n    paths: [/home]\n    hooks:\n      {hooks}\n"
    )
}

/// A hook of a plan, as YAML; `more` are further keys, each on a line.
pub fn hook(name: &str, condition: &str, more: &str, script: &str) -> String {
    let more: String = more.lines().map(|line| format!("  {line}\n")).collect();
    let script = script.replace('\n', "\n      ");
    format!(
        "- name: {name}\n  conditions: [CONDITION_{condition}]\n{more}  actionCommand:\n    command: |\n      {script}\n"
    )
}

/// The hookd binary that belongs to this test.
pub fn hookd_binary() -> PathBuf {
    let beside = std::env::current_exe().expect("the test has a path");
    let target = beside
        .parent()
        .and_then(Path::parent)
        .expect("target/profile/deps");
    let binary = target.join("hookd");
    assert!(
        binary.exists(),
        "{} is missing: run `cargo build -p hookd`",
        binary.display()
    );
    binary
}

/// A daemon that runs.
pub struct TestDaemon {
    pub dir: TempDir,
    pub socket: PathBuf,
    pub config: PathBuf,
    /// The line that it printed when it was ready.
    pub ready: String,
    child: Child,
}

/// How a daemon is to be started.
pub struct Setup {
    pub dir: TempDir,
    pub args: Vec<OsString>,
    pub env: Vec<(OsString, OsString)>,
}

impl Setup {
    /// In a new folder, with this config.
    pub fn new(config: &str) -> Setup {
        let dir = tempfile::Builder::new()
            .prefix("hookd-test-")
            .tempdir()
            .expect("a folder");
        fs::write(dir.path().join("hookd.yaml"), config).expect("the config is written");
        Setup {
            dir,
            args: Vec::new(),
            env: Vec::new(),
        }
    }

    pub fn arg(mut self, arg: impl Into<OsString>) -> Setup {
        self.args.push(arg.into());
        self
    }

    pub fn env(mut self, name: &str, value: impl Into<OsString>) -> Setup {
        self.env.push((name.into(), value.into()));
        self
    }

    pub fn socket(&self) -> PathBuf {
        self.dir.path().join("run/hookd.sock")
    }

    pub fn command(&self) -> Command {
        let mut command = Command::new(hookd_binary());
        command
            .arg("serve")
            .arg("--config")
            .arg(self.dir.path().join("hookd.yaml"))
            .args(&self.args)
            .envs(self.env.iter().map(|(k, v)| (k, v)))
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(fs::File::create(self.dir.path().join("log")).expect("a log file"));
        if !self.args.iter().any(|a| a == "--state") {
            command.arg("--state").arg(self.dir.path().join("state"));
        }
        if !self.args.iter().any(|a| a == "--listen") {
            command
                .arg("--listen")
                .arg(format!("unix://{}", self.socket().display()));
        }
        command
    }

    /// Starts it and waits until it is ready.
    pub fn start(self) -> TestDaemon {
        let mut child = self.command().spawn().expect("hookd starts");
        let mut ready = String::new();
        let stdout = child.stdout.take().expect("its stdout is piped");
        BufReader::new(stdout)
            .read_line(&mut ready)
            .expect("its stdout is text");
        let daemon = TestDaemon {
            socket: self.socket(),
            config: self.dir.path().join("hookd.yaml"),
            dir: self.dir,
            ready,
            child,
        };
        assert!(
            daemon.ready.contains("is ready"),
            "hookd did not start: {}",
            daemon.log()
        );
        daemon
    }

    /// Runs it to its end, which must come by itself; gives its exit code and stderr.
    pub fn fails(self) -> (i32, String) {
        let mut child = self.command().spawn().expect("hookd starts");
        let status = wait(&mut child);
        let log = fs::read_to_string(self.dir.path().join("log")).unwrap_or_default();
        (status.code().unwrap_or(-1), log)
    }
}

/// Waits for a child within the test's patience.
pub fn wait(child: &mut Child) -> ExitStatus {
    let begun = Instant::now();
    loop {
        if let Some(status) = child.try_wait().expect("the child can be waited for") {
            return status;
        }
        if begun.elapsed() > PATIENCE {
            child.kill().expect("it can be killed");
            panic!("the child did not end");
        }
        std::thread::yield_now();
        std::thread::park_timeout(Duration::from_millis(5));
    }
}

/// Waits until something holds, within the test's patience.
pub async fn until<F: Future<Output = bool>>(what: &str, mut holds: impl FnMut() -> F) {
    let begun = Instant::now();
    while !holds().await {
        assert!(
            begun.elapsed() < PATIENCE,
            "it did not come about that {what}"
        );
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

impl TestDaemon {
    /// With this config and nothing special.
    pub fn with(config: &str) -> TestDaemon {
        Setup::new(config).start()
    }

    pub fn address(&self) -> String {
        format!("unix://{}", self.socket.display())
    }

    pub fn log(&self) -> String {
        fs::read_to_string(self.dir.path().join("log")).unwrap_or_default()
    }

    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    pub async fn channel(&self) -> Channel {
        Endpoint::from_shared(self.address())
            .expect("an address")
            .connect()
            .await
            .expect("it answers")
    }

    pub async fn hooks(&self) -> HookServiceClient<Channel> {
        HookServiceClient::new(self.channel().await)
    }

    pub async fn admin(&self) -> AdminServiceClient<Channel> {
        AdminServiceClient::new(self.channel().await)
    }

    pub fn signal(&self, signal: &str) {
        let status = Command::new("kill")
            .args([format!("-{signal}"), self.pid().to_string()])
            .status()
            .expect("kill runs");
        assert!(status.success());
    }

    /// Waits for its end; gives its exit code.
    pub fn ended(&mut self) -> i32 {
        wait(&mut self.child).code().unwrap_or(-1)
    }

    /// Kills it, so that it can end nothing, and gives what to start the next one with.
    pub fn killed(self) -> Setup {
        self.signal("KILL");
        self.into_setup()
    }

    /// Ends it as it should be ended, and gives what to start the next one with.
    pub fn stopped(self) -> Setup {
        self.signal("TERM");
        self.into_setup()
    }

    fn into_setup(mut self) -> Setup {
        self.ended();
        let other = tempfile::tempdir().expect("a folder");
        Setup {
            dir: std::mem::replace(&mut self.dir, other),
            args: Vec::new(),
            env: Vec::new(),
        }
    }

    pub fn terminate(mut self) -> i32 {
        self.signal("TERM");
        self.ended()
    }
}

impl Drop for TestDaemon {
    /// Ends the daemon and, through it, whatever its hooks left running.
    fn drop(&mut self) {
        let begun = Instant::now();
        while matches!(self.child.try_wait(), Ok(None)) {
            if begun.elapsed() > PATIENCE {
                let _ = self.child.kill();
            }
            // The first has it drain, the next end its runs at once.
            let _ = Command::new("kill")
                .arg(self.pid().to_string())
                .stderr(Stdio::null())
                .status();
            std::thread::park_timeout(Duration::from_millis(20));
        }
        if std::thread::panicking() {
            eprintln!("--- hookd's log ---\n{}", self.log());
        }
    }
}

/// Whether a process is there and no zombie, which only its parent can remove.
pub fn lives(pid: &str) -> bool {
    let stat = fs::read_to_string(Path::new("/proc").join(pid).join("stat"));
    stat.is_ok_and(|stat| !stat.contains(") Z "))
}
