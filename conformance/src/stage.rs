//! The set-up for one agent in one scenario: folders, a daemon, the agent as a process.

use std::env;
use std::fs::{self, File};
use std::os::unix::process::CommandExt as _;
use std::path::PathBuf;
use std::process::{Child, Stdio};
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail, ensure};
use hookd_test_support::{PATIENCE, Setup, TestDaemon, hookd_binary};
use rustix::process::{Pid, Signal, kill_process_group};
use serde_json::Value;
use tempfile::TempDir;

use crate::agents::Agent;
use crate::repo;
use crate::transport::Transport;

/// The files that the agent backs up: names and contents.
const SOURCE: [(&str, &str); 3] = [
    ("a.txt", "first\n"),
    ("folder/b.txt", "second\n"),
    ("folder/deep/empty", ""),
];

/// One agent in one scenario.
pub(crate) struct Stage<'a> {
    agent: &'a Agent,
    transport: Transport,
    folder: Arc<TempDir>,
}

impl<'a> Stage<'a> {
    /// Makes a folder to back up, and one to copy it into.
    pub(crate) fn new(agent: &'a Agent, transport: Transport) -> Result<Self> {
        let folder = tempfile::Builder::new()
            .prefix("hookd-conformance-")
            .tempdir()
            .context("no folder")?;
        for (name, text) in SOURCE {
            let file = folder.path().join("source").join(name);
            fs::create_dir_all(file.parent().context("no parent")?)?;
            fs::write(file, text)?;
        }
        fs::create_dir(folder.path().join("target"))?;
        Ok(Self {
            agent,
            transport,
            folder: Arc::new(folder),
        })
    }

    /// Returns a path in the stage's folder.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Starts a daemon with the config of this name; `STAGE` in it is replaced by the folder.
    pub(crate) fn daemon(&self, config: &str) -> Result<Daemon> {
        self.daemon_with("{}", config)
    }

    /// Like [`Stage::daemon`], with this text as the config's `server`.
    pub(crate) fn daemon_with(&self, server: &str, config: &str) -> Result<Daemon> {
        let file = repo::root().join(format!("conformance/scenarios/{config}.yaml"));
        let text = fs::read_to_string(&file).with_context(|| format!("no {}", file.display()))?;
        let text = text.replace("STAGE", &self.folder.path().to_string_lossy());
        let text = format!("server: {server}\n{text}");
        let mut setup = Setup::within(Arc::clone(&self.folder), &text);
        for flag in self.transport.flags() {
            setup = setup.arg(*flag);
        }
        let daemon = setup.try_start().map_err(anyhow::Error::msg)?;
        let address = match self.transport {
            Transport::Unix => daemon.address(),
            Transport::Loopback => format!("http://{}", daemon.tcp_address()),
        };
        Ok(Daemon { daemon, address })
    }

    /// Runs the agent to back up the source, with hookd at this address; returns its report.
    pub(crate) fn run(&self, address: &str, flags: &[&str]) -> Result<Report> {
        self.start(address, flags)?.end()
    }

    pub(crate) fn start(&self, address: &str, flags: &[&str]) -> Result<RunningAgent> {
        let (out, err) = (self.path("agent.out"), self.path("agent.err"));
        let mut command = self.agent.command()?;
        let ours = env::vars_os().map(|(name, _)| name);
        for name in ours.filter(|name| name.to_string_lossy().starts_with("HOOKD_")) {
            command.env_remove(name);
        }
        // The agent based on hookctl uses the hookctl of this build.
        let mut path = hookd_binary().with_file_name("").into_os_string();
        path.push(":");
        path.push(env::var_os("PATH").unwrap_or_default());
        command
            .env("PATH", path)
            .args(["--addr", address, "--plan", "home"])
            .arg("--source")
            .arg(self.path("source"))
            .arg("--target")
            .arg(self.path("target"))
            .args(flags)
            .stdin(Stdio::null())
            .stdout(File::create(&out)?)
            .stderr(File::create(&err)?)
            // In a process group of its own, as at a terminal, where Ctrl-C reaches the whole
            // group.
            .process_group(0);
        let child = command.spawn().context("the agent cannot be started")?;
        Ok(RunningAgent { child, out, err })
    }

    /// Returns the lines that hooks wrote into `STAGE/log`.
    pub(crate) fn log(&self) -> Vec<String> {
        let text = fs::read_to_string(self.path("log")).unwrap_or_default();
        text.lines().map(str::to_owned).collect()
    }

    /// Releases hooks that wait for `STAGE/go`.
    pub(crate) fn go(&self) -> Result<()> {
        fs::write(self.path("go"), "").context("cannot let hooks go on")
    }

    /// Fails unless all of the source is in the target.
    pub(crate) fn is_copied(&self) -> Result<()> {
        let snapshots = self.snapshots()?;
        let [snapshot] = snapshots.as_slice() else {
            bail!("the target has {snapshots:?}");
        };
        for (name, text) in SOURCE {
            let copy = fs::read_to_string(snapshot.join(name));
            let copy = copy.with_context(|| format!("{name} is not copied"))?;
            same(name, &&*copy, &text)?;
        }
        Ok(())
    }

    /// Fails if anything is in the target.
    pub(crate) fn is_untouched(&self) -> Result<()> {
        same("the target", &self.snapshots()?, &Vec::new())
    }

    /// Returns the folders in the target that are not empty.
    fn snapshots(&self) -> Result<Vec<PathBuf>> {
        let mut snapshots = Vec::new();
        for entry in fs::read_dir(self.path("target"))? {
            let folder = entry?.path();
            if fs::read_dir(&folder)?.next().is_some() {
                snapshots.push(folder);
            }
        }
        Ok(snapshots)
    }
}

/// Waits until `holds` returns true.
pub(crate) fn until(what: &str, holds: impl Fn() -> bool) -> Result<()> {
    let start = Instant::now();
    while !holds() {
        ensure!(start.elapsed() < PATIENCE, "waited in vain for {what}");
        thread::sleep(Duration::from_millis(10));
    }
    Ok(())
}

/// Fails unless two values are equal.
pub(crate) fn same<T: PartialEq + std::fmt::Debug>(what: &str, is: &T, should: &T) -> Result<()> {
    ensure!(is == should, "{what}: {is:?}, and should be {should:?}");
    Ok(())
}

/// A running hookd; dropping it ends it.
pub(crate) struct Daemon {
    daemon: TestDaemon,
    address: String,
}

impl Daemon {
    /// Returns the address at which agents reach it.
    pub(crate) fn address(&self) -> &str {
        &self.address
    }

    /// Ends it with SIGTERM; fails unless it exits with 0.
    pub(crate) fn stop(self) -> Result<()> {
        same("the exit code of hookd", &self.daemon.terminate(), &0)
    }

    /// Ends it with SIGKILL.
    pub(crate) fn kill(self) {
        self.daemon.killed();
    }
}

/// A running agent; dropping it kills it.
pub(crate) struct RunningAgent {
    child: Child,
    out: PathBuf,
    err: PathBuf,
}

impl RunningAgent {
    /// Returns its standard error so far.
    pub(crate) fn errors(&self) -> String {
        let bytes = fs::read(&self.err).unwrap_or_default();
        String::from_utf8_lossy(&bytes).into_owned()
    }

    /// Waits until it has shown this line of a hook.
    pub(crate) fn has_shown(&self, line: &str) -> Result<()> {
        until(&format!("the line `{line}`"), || {
            times(&self.errors(), line) > 0
        })
    }

    /// Sends SIGINT, as Ctrl-C at a terminal.
    pub(crate) fn interrupt(&self) -> Result<()> {
        kill_process_group(Pid::from_child(&self.child), Signal::INT).context("it is gone")
    }

    /// Waits for its end; returns its report.
    pub(crate) fn end(mut self) -> Result<Report> {
        let start = Instant::now();
        let status = loop {
            if let Some(status) = self.child.try_wait()? {
                break status;
            }
            if start.elapsed() > PATIENCE {
                bail!("the agent does not end; it wrote:\n{}", self.errors());
            }
            thread::sleep(Duration::from_millis(10));
        };
        let out = fs::read_to_string(&self.out).context("its output is no text")?;
        let err = fs::read(&self.err)?;
        let line = out.lines().last().unwrap_or_default();
        let line = serde_json::from_str(line).with_context(|| {
            let err = String::from_utf8_lossy(&err).into_owned();
            format!("its last line, `{line}`, is no JSON; it wrote:\n{err}")
        })?;
        Ok(Report {
            code: status.code(),
            line,
            err,
        })
    }
}

impl Drop for RunningAgent {
    fn drop(&mut self) {
        if matches!(self.child.try_wait(), Ok(None)) {
            let _ = kill_process_group(Pid::from_child(&self.child), Signal::KILL);
            let _ = self.child.wait();
        }
    }
}

/// Returns the number of lines equal to this one, with or without a hook's name before it.
fn times(text: &str, line: &str) -> usize {
    let is = |shown: &&str| {
        let before = shown.strip_suffix(line);
        before.is_some_and(|before| before.is_empty() || before.ends_with(' '))
    };
    text.lines().filter(is).count()
}

/// An agent's exit code and all that it printed.
pub(crate) struct Report {
    code: Option<i32>,
    /// The last line of its standard output.
    pub(crate) line: Value,
    /// Its standard error.
    pub(crate) err: Vec<u8>,
}

impl Report {
    /// Fails unless the exit code is this one, and the last line has these values.
    pub(crate) fn is(&self, code: i32, values: Value) -> Result<()> {
        let told = || format!("\n{}\n{}", self.line, String::from_utf8_lossy(&self.err));
        same("the exit code", &self.code, &Some(code)).with_context(told)?;
        same("`exit`", &self.line["exit"], &code.into()).with_context(told)?;
        for (key, value) in values.as_object().into_iter().flatten() {
            same(&format!("`{key}`"), &self.line[key], value).with_context(told)?;
        }
        Ok(())
    }

    /// Returns the number of times that it showed this line of a hook.
    pub(crate) fn shown(&self, line: &str) -> usize {
        times(&String::from_utf8_lossy(&self.err), line)
    }

    /// Returns the operation's id.
    pub(crate) fn operation(&self) -> &str {
        self.line["operation_id"].as_str().unwrap_or_default()
    }
}
