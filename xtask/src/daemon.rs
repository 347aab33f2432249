//! The daemon that is measured or served from: a real hookd in a folder of its own.

use std::env;
use std::fs::{self, File};
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail, ensure};
use rustix::process::{Pid, Signal, kill_process};

/// The plan that the config has.
pub(crate) const PLAN: &str = "load";
/// How long the daemon may take to be ready, and to be gone.
const PATIENCE: Duration = Duration::from_secs(30);

/// A running daemon, ended when dropped.
pub(crate) struct Daemon {
    child: Child,
    address: String,
    greeting: String,
    log: PathBuf,
}

impl Daemon {
    /// Starts hookd with that config on a socket in the folder, and waits until it is ready.
    pub(crate) fn start(program: &Path, folder: &Path, text: &str) -> Result<Self> {
        let address = format!("unix://{}", folder.join("hookd.sock").display());
        Self::start_with(program, folder, text, &["--listen", &address])
    }

    /// Like [`Daemon::start`], with flags that say where it listens.
    pub(crate) fn start_with(
        program: &Path,
        folder: &Path,
        text: &str,
        flags: &[&str],
    ) -> Result<Self> {
        let config = folder.join("hookd.yaml");
        fs::write(&config, text).context("cannot write the config")?;
        let log = folder.join("hookd.log");
        let mut command = Command::new(program);
        let ours = env::vars_os().map(|(name, _)| name);
        for name in ours.filter(|name| name.to_string_lossy().starts_with("HOOKD_")) {
            command.env_remove(name);
        }
        let mut child = command
            .arg("serve")
            .args(flags)
            .arg("--config")
            .arg(&config)
            .arg("--state")
            .arg(folder.join("state"))
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(File::create(&log).context("cannot make the log")?)
            .spawn()
            .with_context(|| format!("cannot start {}", program.display()))?;
        let output = child.stdout.take();
        let mut daemon = Self {
            child,
            address: String::new(),
            greeting: String::new(),
            log,
        };
        let output = output.context("the output is not piped")?;
        let (said, greeting) = mpsc::sync_channel(1);
        thread::spawn(move || {
            let mut line = String::new();
            let _ = BufReader::new(output).read_line(&mut line);
            said.send(line)
        });
        daemon.greeting = greeting
            .recv_timeout(PATIENCE)
            .map(|line| line.trim_end().to_owned())
            .unwrap_or_default();
        if !daemon.greeting.contains("is ready on") {
            bail!("hookd is not ready; its log says:\n{}", daemon.log());
        }
        let words = daemon.greeting.split(' ');
        let address = words.skip_while(|word| *word != "on").nth(1);
        daemon.address = address.context("hookd does not say where")?.to_owned();
        Ok(daemon)
    }

    /// Where it listens.
    pub(crate) fn address(&self) -> &str {
        &self.address
    }

    /// Its process.
    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// What it said when it was ready.
    pub(crate) fn greeting(&self) -> &str {
        &self.greeting
    }

    /// Asks it to end, and fails if it does not do so well.
    pub(crate) fn stop(mut self) -> Result<()> {
        kill_process(Pid::from_child(&self.child), Signal::TERM).context("hookd is gone")?;
        let start = Instant::now();
        while start.elapsed() < PATIENCE {
            if let Some(status) = self.child.try_wait()? {
                ensure!(
                    status.success(),
                    "hookd ended with {status}:\n{}",
                    self.log()
                );
                return Ok(());
            }
            thread::sleep(Duration::from_millis(10));
        }
        bail!("hookd does not end when asked to")
    }

    /// What it logged.
    pub(crate) fn log(&self) -> String {
        fs::read_to_string(&self.log).unwrap_or_default()
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        // Both fail if it has ended, as it should have.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A config of one plan, whose one hook is the script. JSON, which is YAML: nothing in
/// the script needs care.
pub(crate) fn config(script: &str) -> String {
    serde_json::json!({
        "repos": [{ "id": PLAN, "uri": "/nowhere" }],
        "plans": [{
            "id": PLAN,
            "repo": PLAN,
            "hooks": [{
                "name": "script",
                "conditions": ["CONDITION_SNAPSHOT_START"],
                "onError": "ON_ERROR_FATAL",
                "actionCommand": { "command": script },
            }],
        }],
    })
    .to_string()
}
