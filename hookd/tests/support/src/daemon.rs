//! The daemon under test, and its setup.

use std::env;
use std::ffi::OsString;
use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use hookd_proto::v1::admin_service_client::AdminServiceClient;
use hookd_proto::v1::hook_service_client::HookServiceClient;
use tempfile::TempDir;
use tonic::transport::{Channel, Endpoint};

use crate::{PATIENCE, wait};

/// Returns the path of the hookd binary that was built with this test.
///
/// # Panics
/// Panics if it was not built.
pub fn hookd_binary() -> PathBuf {
    let this = env::current_exe().expect("the test has a path");
    let folder = this
        .parent()
        .expect("target/profile or target/profile/deps");
    let folder = match folder.ends_with("deps") {
        true => folder.parent().expect("target/profile"),
        false => folder,
    };
    let binary = folder.join("hookd");
    assert!(
        binary.exists(),
        "{} is missing: run `cargo build -p hookd`",
        binary.display()
    );
    binary
}

/// A running daemon; dropping it ends the daemon and its hooks.
pub struct TestDaemon {
    /// The folder of its config, log, state and socket.
    pub dir: Arc<TempDir>,
    /// The path of its socket.
    pub socket: PathBuf,
    /// The path of its config.
    pub config: PathBuf,
    /// The line that it printed when it was ready.
    pub ready: String,
    child: Child,
}

/// The config, flags and environment to start a daemon with.
pub struct Setup {
    /// The folder of the daemon's config, log, state and socket.
    pub dir: Arc<TempDir>,
    /// Flags of `hookd serve`.
    pub args: Vec<OsString>,
    /// Environment variables in addition to those of the test.
    pub env: Vec<(OsString, OsString)>,
    /// The command that executes the daemon, as `env` does; empty if none does.
    pub wrapper: Vec<OsString>,
}

impl Setup {
    /// Writes the config into a new folder.
    pub fn new(config: &str) -> Setup {
        let dir = tempfile::Builder::new().prefix("hookd-test-").tempdir();
        Setup::within(Arc::new(dir.expect("a folder")), config)
    }

    /// Writes the config into a folder, in which a daemon may have run before.
    pub fn within(dir: Arc<TempDir>, config: &str) -> Setup {
        let file = dir.path().join("hookd.yaml");
        fs::write(&file, config).expect("the config is written");
        // It holds a secret.
        #[cfg(unix)]
        fs::set_permissions(file, std::os::unix::fs::PermissionsExt::from_mode(0o600))
            .expect("the config is private");
        Setup {
            dir,
            args: Vec::new(),
            env: Vec::new(),
            wrapper: Vec::new(),
        }
    }

    /// Adds a flag of `hookd serve`.
    #[must_use]
    pub fn arg(mut self, arg: impl Into<OsString>) -> Setup {
        self.args.push(arg.into());
        self
    }

    /// Adds an environment variable.
    #[must_use]
    pub fn env(mut self, name: &str, value: impl Into<OsString>) -> Setup {
        self.env.push((name.into(), value.into()));
        self
    }

    /// Has a shell execute the daemon, after this command.
    #[must_use]
    pub fn after(mut self, command: &str) -> Setup {
        let script = format!("{command}; exec \"$@\"");
        self.wrapper = ["sh", "-c", &script, "sh"].map(OsString::from).into();
        self
    }

    /// Returns the path of the socket, unless `--listen` names another.
    pub fn socket(&self) -> PathBuf {
        self.dir.path().join("run/hookd.sock")
    }

    /// Returns the command that runs the daemon, its output piped and its log in `log`.
    pub fn command(&self) -> Command {
        let mut words = self.wrapper.clone();
        words.push(hookd_binary().into());
        let mut command = Command::new(&words[0]);
        command.args(&words[1..]);
        let names = env::vars_os().map(|(name, _)| name);
        for name in names.filter(|name| name.to_string_lossy().starts_with("HOOKD_")) {
            command.env_remove(name);
        }
        command
            .arg("serve")
            .arg("--config")
            .arg(self.dir.path().join("hookd.yaml"))
            .args(&self.args)
            .envs(self.env.iter().map(|(k, v)| (k, v)))
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(fs::File::create(self.dir.path().join("hookd.log")).expect("a log file"));
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

    /// Starts the daemon and waits until it is ready.
    ///
    /// # Panics
    /// Panics if it ends instead.
    pub fn start(self) -> TestDaemon {
        self.try_start().unwrap_or_else(|log| panic!("{log}"))
    }

    /// Starts the daemon and waits until it is ready.
    ///
    /// # Errors
    /// Fails with the daemon's log, if it ends instead.
    pub fn try_start(self) -> Result<TestDaemon, String> {
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
        match daemon.ready.contains("is ready") {
            true => Ok(daemon),
            false => Err(format!("hookd did not start: {}", daemon.log())),
        }
    }

    /// Runs a daemon that ends by itself; returns its exit code and standard error.
    pub fn fails(self) -> (i32, String) {
        let mut child = self.command().spawn().expect("hookd starts");
        let status = wait(&mut child);
        let log = fs::read_to_string(self.dir.path().join("hookd.log")).unwrap_or_default();
        (status.code().unwrap_or(-1), log)
    }
}

impl TestDaemon {
    /// Starts a daemon with this config and no further flags.
    pub fn with(config: &str) -> TestDaemon {
        Setup::new(config).start()
    }

    /// Returns the URL of its socket.
    pub fn address(&self) -> String {
        format!("unix://{}", self.socket.display())
    }

    /// Returns the host and port on which it serves TCP.
    ///
    /// # Panics
    /// Panics if it serves none.
    pub fn tcp_address(&self) -> &str {
        let mut words = self.ready.split([' ', ',']);
        let address = words.find_map(|word| word.strip_prefix("tcp://"));
        address.expect("it serves TCP")
    }

    /// Returns its log so far.
    pub fn log(&self) -> String {
        fs::read_to_string(self.dir.path().join("hookd.log")).unwrap_or_default()
    }

    /// Returns its process id.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Opens a connection.
    pub async fn channel(&self) -> Channel {
        Endpoint::from_shared(self.address())
            .expect("an address")
            .connect()
            .await
            .expect("it answers")
    }

    /// Opens a connection for calls of `HookService`.
    pub async fn hooks(&self) -> HookServiceClient<Channel> {
        HookServiceClient::new(self.channel().await)
    }

    /// Opens a connection for calls of `AdminService`.
    pub async fn admin(&self) -> AdminServiceClient<Channel> {
        AdminServiceClient::new(self.channel().await)
    }

    /// Sends it the signal of this name, such as `TERM`.
    pub fn signal(&self, signal: &str) {
        let status = Command::new("kill")
            .args([format!("-{signal}"), self.pid().to_string()])
            .status()
            .expect("kill runs");
        assert!(status.success());
    }

    /// Waits for its end; returns its exit code, or -1 after a signal.
    pub fn ended(&mut self) -> i32 {
        wait(&mut self.child).code().unwrap_or(-1)
    }

    /// Kills it with SIGKILL; returns the setup of the next one on the same state.
    pub fn killed(self) -> Setup {
        self.signal("KILL");
        self.into_setup()
    }

    /// Ends it with SIGTERM; returns the setup of the next one on the same state.
    pub fn stopped(self) -> Setup {
        self.signal("TERM");
        self.into_setup()
    }

    fn into_setup(mut self) -> Setup {
        self.ended();
        Setup {
            dir: Arc::clone(&self.dir),
            args: Vec::new(),
            env: Vec::new(),
            wrapper: Vec::new(),
        }
    }

    /// Ends it with SIGTERM; returns its exit code.
    pub fn terminate(mut self) -> i32 {
        self.signal("TERM");
        self.ended()
    }
}

impl Drop for TestDaemon {
    /// Ends the daemon and thereby all processes of its hooks.
    fn drop(&mut self) {
        let begun = Instant::now();
        while matches!(self.child.try_wait(), Ok(None)) {
            if begun.elapsed() > PATIENCE {
                let _ = self.child.kill();
            }
            // The first signal makes it drain, the second makes it end its runs at once.
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
