//! Where one agent goes through one scenario: folders, a daemon, the agent as a process.

use std::env;
use std::fs::{self, File};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail, ensure};
use rustix::process::{Pid, Signal, kill_process_group};
use serde_json::Value;
use tempfile::TempDir;

use super::agents::Agent;
use super::transport::Transport;
use crate::daemon::Daemon;
use crate::repo;

/// How long anything that is waited for may take.
const PATIENCE: Duration = Duration::from_secs(60);

/// What the agent backs up: names and contents.
const SOURCE: [(&str, &str); 3] = [
    ("a.txt", "first\n"),
    ("folder/b.txt", "second\n"),
    ("folder/deep/empty", ""),
];

/// One run of one scenario.
pub(super) struct Stage<'a> {
    agent: &'a Agent,
    transport: Transport,
    folder: TempDir,
}

impl<'a> Stage<'a> {
    /// With something to back up, and somewhere to put it.
    pub(super) fn new(agent: &'a Agent, transport: Transport) -> Result<Self> {
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
            folder,
        })
    }

    /// A path in the stage's folder.
    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// A daemon with the config of that name, in which `STAGE` stands for the folder.
    pub(super) fn daemon(&self, config: &str) -> Result<Daemon> {
        self.daemon_that("{}", config)
    }

    /// Like [`Stage::daemon`], with this as `server` in the config.
    pub(super) fn daemon_that(&self, server: &str, config: &str) -> Result<Daemon> {
        let file = repo::root().join(format!("conformance/scenarios/{config}.yaml"));
        let text = fs::read_to_string(&file).with_context(|| format!("no {}", file.display()))?;
        let text = text.replace("STAGE", &self.folder.path().to_string_lossy());
        let text = format!("server: {server}\n{text}");
        let flags = self.transport.flags(&self.path("hookd.sock"));
        let flags: Vec<_> = flags.iter().map(String::as_str).collect();
        let program = repo::binaries()?.join("hookd");
        Daemon::start_with(&program, self.folder.path(), &text, &flags)
    }

    /// Has the agent back up the source, and hands back what it said in the end.
    pub(super) fn run(&self, address: &str, flags: &[&str]) -> Result<Said> {
        self.start(address, flags)?.end()
    }

    /// Starts the agent.
    pub(super) fn start(&self, address: &str, flags: &[&str]) -> Result<Running> {
        let (out, err) = (self.path("agent.out"), self.path("agent.err"));
        let mut command = self.agent.start()?;
        let ours = env::vars_os().map(|(name, _)| name);
        for name in ours.filter(|name| name.to_string_lossy().starts_with("HOOKD_")) {
            command.env_remove(name);
        }
        // The agent that is made of hookctl finds the one of this build.
        let mut path = repo::binaries()?.into_os_string();
        path.push(":");
        path.push(env::var_os("PATH").unwrap_or_default());
        command
            .env("PATH", path)
            .args(["--addr", &Transport::reached(address), "--plan", "home"])
            .arg("--source")
            .arg(self.path("source"))
            .arg("--target")
            .arg(self.path("target"))
            .args(flags)
            .stdin(Stdio::null())
            .stdout(File::create(&out)?)
            .stderr(File::create(&err)?)
            // As at a terminal, where Ctrl-C reaches all of a group.
            .process_group(0);
        let child = command.spawn().context("the agent cannot be started")?;
        Ok(Running { child, out, err })
    }

    /// The lines that hooks wrote down.
    pub(super) fn log(&self) -> Vec<String> {
        let text = fs::read_to_string(self.path("log")).unwrap_or_default();
        text.lines().map(str::to_owned).collect()
    }

    /// Lets hooks go on that wait for it.
    pub(super) fn go(&self) -> Result<()> {
        fs::write(self.path("go"), "").context("cannot let hooks go on")
    }

    /// What the agent has copied: files below the target, less the snapshot's folder.
    pub(super) fn copied(&self) -> Result<Vec<(String, String)>> {
        let mut files = Vec::new();
        for snapshot in fs::read_dir(self.path("target"))? {
            let snapshot = snapshot?.path();
            collect(&snapshot, &snapshot, &mut files)?;
        }
        files.sort();
        Ok(files)
    }

    /// Fails unless all of the source is in the target.
    pub(super) fn is_copied(&self) -> Result<()> {
        let expected = SOURCE.map(|(name, text)| (name.to_owned(), text.to_owned()));
        same("what is copied", &self.copied()?, &expected.to_vec())
    }

    /// Fails if anything is in the target.
    pub(super) fn is_untouched(&self) -> Result<()> {
        same("what is copied", &self.copied()?, &Vec::new())
    }
}

fn collect(root: &Path, folder: &Path, files: &mut Vec<(String, String)>) -> Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            collect(root, &path, files)?;
        } else {
            let name = path.strip_prefix(root)?.to_string_lossy().into_owned();
            files.push((name, fs::read_to_string(&path)?));
        }
    }
    Ok(())
}

/// Waits until something holds.
pub(super) fn until(what: &str, holds: impl Fn() -> bool) -> Result<()> {
    let start = Instant::now();
    while !holds() {
        ensure!(start.elapsed() < PATIENCE, "waited in vain for {what}");
        thread::sleep(Duration::from_millis(10));
    }
    Ok(())
}

/// Fails unless two things are the same.
pub(super) fn same<T: PartialEq + std::fmt::Debug>(what: &str, is: &T, should: &T) -> Result<()> {
    ensure!(is == should, "{what}: {is:?}, and should be {should:?}");
    Ok(())
}

/// An agent that runs; ended when dropped.
pub(super) struct Running {
    child: Child,
    out: PathBuf,
    err: PathBuf,
}

impl Running {
    /// What it has written to standard error so far.
    pub(super) fn errors(&self) -> String {
        let bytes = fs::read(&self.err).unwrap_or_default();
        String::from_utf8_lossy(&bytes).into_owned()
    }

    /// Waits until it has shown this line of a hook.
    pub(super) fn has_shown(&self, line: &str) -> Result<()> {
        until(&format!("the line `{line}`"), || {
            times(&self.errors(), line) > 0
        })
    }

    /// Ctrl-C.
    pub(super) fn interrupt(&self) -> Result<()> {
        kill_process_group(Pid::from_child(&self.child), Signal::INT).context("it is gone")
    }

    /// Waits for its end.
    pub(super) fn end(mut self) -> Result<Said> {
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
        let report = out.lines().last().unwrap_or_default();
        let report = serde_json::from_str(report).with_context(|| {
            let err = String::from_utf8_lossy(&err).into_owned();
            format!("its last line, `{report}`, is no JSON; it wrote:\n{err}")
        })?;
        Ok(Said {
            code: status.code(),
            report,
            err,
        })
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if matches!(self.child.try_wait(), Ok(None)) {
            let _ = kill_process_group(Pid::from_child(&self.child), Signal::KILL);
            let _ = self.child.wait();
        }
    }
}

/// How often a line is in a text, be it with a hook's name before it.
fn times(text: &str, line: &str) -> usize {
    let is = |shown: &&str| {
        let before = shown.strip_suffix(line);
        before.is_some_and(|before| before.is_empty() || before.ends_with(' '))
    };
    text.lines().filter(is).count()
}

/// What an agent said.
pub(super) struct Said {
    code: Option<i32>,
    /// Its last line.
    pub(super) report: Value,
    /// All that it wrote to standard error.
    pub(super) err: Vec<u8>,
}

impl Said {
    /// Fails unless it ended with this code, and has these values in its last line.
    pub(super) fn is(&self, code: i32, values: &[(&str, Value)]) -> Result<()> {
        let told = || format!("\n{}\n{}", self.report, String::from_utf8_lossy(&self.err));
        same("the exit code", &self.code, &Some(code)).with_context(told)?;
        same("`exit`", &self.report["exit"], &code.into()).with_context(told)?;
        for (key, value) in values {
            same(&format!("`{key}`"), &self.report[*key], value).with_context(told)?;
        }
        Ok(())
    }

    /// How often it showed this line of a hook.
    pub(super) fn shown(&self, line: &str) -> usize {
        times(&String::from_utf8_lossy(&self.err), line)
    }

    /// The id of the operation.
    pub(super) fn operation(&self) -> &str {
        self.report["operation_id"].as_str().unwrap_or_default()
    }
}
