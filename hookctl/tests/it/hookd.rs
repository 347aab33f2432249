//! The real hookd, in a folder of its own.

use std::ffi::OsString;
use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use hookd_client::{Address, Client};
use serde_json::Value;
use tempfile::TempDir;

use crate::hookctl::{self, Answer};

/// Longest wait for anything.
pub(crate) const LIMIT: Duration = Duration::from_secs(60);

/// A config with one repository, one plan and the given hooks.
pub(crate) fn config(plan_hooks: &str) -> String {
    let hooks = plan_hooks.replace('\n', "\n      ");
    format!(
        "repos:\n  - id: nas\n    uri: sftp:nas:/backup\n    password: correct-horse\nplans:\n  - id: home\n    repo: nas\n    paths: [/home]\n    hooks:\n      {hooks}\n"
    )
}

/// A hook of a plan as YAML; `more` holds further keys, one a line.
pub(crate) fn hook(name: &str, condition: &str, more: &str, script: &str) -> String {
    let more: String = more.lines().map(|line| format!("  {line}\n")).collect();
    let script = script.replace('\n', "\n      ");
    format!(
        "- name: {name}\n  conditions: [CONDITION_{condition}]\n{more}  actionCommand:\n    command: |\n      {script}\n"
    )
}

/// A daemon to be started.
pub(crate) struct Setup {
    pub(crate) folder: TempDir,
    args: Vec<String>,
    path: Option<OsString>,
}

impl Setup {
    /// A new folder with this config.
    pub(crate) fn new(config: &str) -> Setup {
        let setup = Setup::in_folder(tempfile::tempdir().unwrap());
        fs::write(setup.folder.path().join("hookd.yaml"), config).unwrap();
        setup
    }

    fn in_folder(folder: TempDir) -> Setup {
        Setup {
            folder,
            args: Vec::new(),
            path: None,
        }
    }

    /// Keeps runs in a store of this kind.
    pub(crate) fn store(mut self, kind: &str) -> Setup {
        self.args.push(format!("--store={kind}"));
        self
    }

    /// Gives hooks this `PATH`.
    pub(crate) fn path(mut self, path: impl Into<OsString>) -> Setup {
        self.path = Some(path.into());
        self
    }

    /// Starts hookd and waits until it is ready.
    pub(crate) fn start(self) -> Hookd {
        let Setup { folder, args, path } = self;
        let mut command = Command::new(program());
        // Named as from its own folder.
        command.args(["serve", "--config=hookd.yaml", "--drain-timeout=0s"]);
        command.current_dir(&folder).args(args);
        command.arg("--state").arg(folder.path().join("state"));
        command.args(["--listen", &address(folder.path())]);
        command.envs(path.map(|path| ("PATH", path)));
        command.stdin(Stdio::null()).stdout(Stdio::piped());
        command.stderr(fs::File::create(folder.path().join("log")).unwrap());
        let mut child = command.spawn().unwrap();
        let mut ready = String::new();
        let mut stdout = BufReader::new(child.stdout.take().unwrap());
        stdout.read_line(&mut ready).unwrap();
        let hookd = Hookd {
            child,
            folder: Some(folder),
        };
        assert!(ready.contains("is ready"), "{ready}{}", hookd.log());
        hookd
    }
}

/// A running hookd, ended when dropped.
pub(crate) struct Hookd {
    child: Child,
    folder: Option<TempDir>,
}

impl Hookd {
    /// Starts hookd with this config.
    pub(crate) fn with(config: &str) -> Hookd {
        Setup::new(config).start()
    }

    pub(crate) fn folder(&self) -> &Path {
        self.folder.as_ref().unwrap().path()
    }

    pub(crate) fn config(&self) -> PathBuf {
        self.folder().join("hookd.yaml")
    }

    pub(crate) fn address(&self) -> String {
        address(self.folder())
    }

    fn log(&self) -> String {
        fs::read_to_string(self.folder().join("log")).unwrap_or_default()
    }

    pub(crate) async fn client(&self) -> Client {
        let address: Address = self.address().parse().unwrap();
        Client::connect(&address).await.unwrap()
    }

    /// hookctl, about to talk to this daemon.
    pub(crate) fn hookctl(&self, args: &[&str]) -> Command {
        let mut command = hookctl::hookctl(args);
        command.env("HOOKD_ADDR", self.address());
        command
    }

    pub(crate) fn ask(&self, args: &[&str]) -> Answer {
        Answer::from(self.hookctl(args).output().unwrap())
    }

    /// The answer in JSON, which must be all that hookctl prints.
    pub(crate) fn json(&self, args: &[&str]) -> Value {
        let answer = self.ask(&[args, &["-o", "json"]].concat());
        assert_eq!((answer.code, &*answer.err), (Some(0), ""), "{answer:?}");
        answer.json()
    }

    /// Fires an event and returns the id of its run.
    pub(crate) fn fire(&self, args: &[&str]) -> String {
        let answer = self.ask(&[&["run"], args, &["-o", "json"]].concat());
        let id = answer.objects()[0]["runStarted"]["runId"].clone();
        id.as_str().unwrap().to_owned()
    }

    /// The ids of the runs that a list holds, newest first.
    pub(crate) fn listed(&self, args: &[&str]) -> Vec<String> {
        let runs = self.json(&[&["runs", "--all"], args].concat());
        let id = |run: &Value| run["runId"].as_str().unwrap().to_owned();
        runs.as_array().unwrap().iter().map(id).collect()
    }

    /// Kills hookd and returns its folder for the next one.
    pub(crate) fn killed(self) -> Setup {
        self.ended("KILL")
    }

    /// Ends hookd in order and returns its folder for the next one.
    pub(crate) fn stopped(self) -> Setup {
        self.ended("TERM")
    }

    fn ended(mut self, signal: &str) -> Setup {
        self.signal(signal);
        self.child.wait().unwrap();
        Setup::in_folder(self.folder.take().unwrap())
    }

    fn signal(&self, signal: &str) {
        let mut kill = Command::new("kill");
        kill.args([format!("-{signal}"), self.child.id().to_string()]);
        let _ = kill.stderr(Stdio::null()).status();
    }
}

impl Drop for Hookd {
    /// Ends the daemon and all that its hooks left running.
    fn drop(&mut self) {
        let begun = Instant::now();
        while matches!(self.child.try_wait(), Ok(None)) {
            if begun.elapsed() > LIMIT {
                let _ = self.child.kill();
            }
            // The first has it drain, the next ends its runs at once.
            self.signal("TERM");
            std::thread::park_timeout(Duration::from_millis(20));
        }
        if std::thread::panicking() && self.folder.is_some() {
            eprintln!("--- hookd's log ---\n{}", self.log());
        }
    }
}

fn address(folder: &Path) -> String {
    format!("unix://{}/run/hookd.sock", folder.display())
}

/// The hookd that belongs to this test. Testing the workspace builds it; when this package
/// is tested alone, it is built here.
fn program() -> PathBuf {
    let program = Path::new(env!("CARGO_BIN_EXE_hookctl")).with_file_name("hookd");
    if !program.exists() {
        let mut cargo = Command::new(env!("CARGO"));
        cargo.args(["build", "--quiet", "--package=hookd", "--manifest-path"]);
        cargo.arg(concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml"));
        if cfg!(not(debug_assertions)) {
            cargo.arg("--release");
        }
        assert!(cargo.status().unwrap().success());
    }
    program
}
