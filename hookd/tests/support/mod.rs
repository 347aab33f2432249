//! A real daemon in a temporary folder, for tests that talk to it from outside.
#![allow(dead_code, unreachable_pub, reason = "each test uses a part")]
#![allow(
    clippy::expect_used,
    clippy::print_stderr,
    reason = "a test fails by panicking"
)]

use std::ffi::OsString;
use std::fs;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use hookd_proto::v1;
use hookd_proto::v1::admin_service_client::AdminServiceClient;
use hookd_proto::v1::hook_service_client::HookServiceClient;
use hookd_proto::v1::journal_entry::Entry;
use tempfile::TempDir;
use tonic::transport::{Channel, Endpoint};

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

/// An event of the plan `home`.
pub fn event(condition: v1::Condition) -> v1::Event {
    v1::Event {
        condition: condition.into(),
        plan_id: "home".to_owned(),
        task: "nightly".to_owned(),
        ..v1::Event::default()
    }
}

/// A request to run the hooks of an event.
pub fn request(event: v1::Event) -> v1::RunHooksRequest {
    v1::RunHooksRequest {
        event: Some(event),
        ..v1::RunHooksRequest::default()
    }
}

/// All entries of a run's stream, and how the stream ended.
pub async fn collect<T>(
    mut stream: tonic::Streaming<T>,
    entry: impl Fn(T) -> Option<v1::JournalEntry>,
) -> (Vec<v1::JournalEntry>, Option<tonic::Status>) {
    let mut entries = Vec::new();
    let all = async {
        loop {
            match stream.message().await {
                Ok(Some(message)) => entries.extend(entry(message)),
                Ok(None) => return None,
                Err(status) => return Some(status),
            }
        }
    };
    let end = tokio::time::timeout(PATIENCE, all)
        .await
        .expect("the stream ends");
    (entries, end)
}

/// Runs an event to its end; checks what must hold for every journal.
pub async fn run(
    client: &mut HookServiceClient<Channel>,
    request: v1::RunHooksRequest,
) -> Vec<v1::JournalEntry> {
    let stream = client
        .run_hooks(request)
        .await
        .expect("the run starts")
        .into_inner();
    let (entries, end) = collect(stream, |r: v1::RunHooksResponse| r.entry).await;
    assert!(end.is_none(), "the stream ended with {end:?}");
    let sequences: Vec<u64> = entries.iter().map(|e| e.sequence).collect();
    assert_eq!(
        sequences,
        (1..=entries.len() as u64).collect::<Vec<_>>(),
        "no holes"
    );
    assert!(matches!(
        entries.first().and_then(|e| e.entry.as_ref()),
        Some(Entry::RunStarted(_))
    ));
    assert!(matches!(
        entries.last().and_then(|e| e.entry.as_ref()),
        Some(Entry::RunFinished(_))
    ));
    entries
}

/// The decision with which a journal ends.
pub fn decision(entries: &[v1::JournalEntry]) -> v1::Decision {
    match entries.last().and_then(|e| e.entry.clone()) {
        Some(Entry::RunFinished(finished)) => finished.decision.expect("it has a decision"),
        other => panic!("the last entry is {other:?}"),
    }
}

/// The id of the run whose journal this is.
pub fn run_id(entries: &[v1::JournalEntry]) -> String {
    match entries.first().and_then(|e| e.entry.clone()) {
        Some(Entry::RunStarted(started)) => started.run_id,
        other => panic!("the first entry is {other:?}"),
    }
}

/// What a hook run wrote to a stream; offsets must add up.
pub fn output(entries: &[v1::JournalEntry], index: u32, stream: v1::OutputStream) -> Vec<u8> {
    let mut all = Vec::new();
    for entry in entries {
        if let Some(Entry::HookOutput(output)) = &entry.entry
            && output.index == index
            && output.stream() == stream
        {
            assert_eq!(
                output.offset,
                all.len() as u64,
                "no byte is missing in between"
            );
            assert!(!output.data.is_empty() && output.data.len() <= 32 << 10);
            all.extend_from_slice(&output.data);
        }
    }
    all
}

/// How each hook run ended: name and outcome.
pub fn outcomes(entries: &[v1::JournalEntry]) -> Vec<(String, v1::outcome::Outcome)> {
    let ends = entries.iter().filter_map(|entry| match &entry.entry {
        Some(Entry::HookFinished(finished)) => {
            let outcome = finished.outcome.clone()?.outcome?;
            Some((finished.hook.clone(), outcome))
        }
        _ => None,
    });
    ends.collect()
}

/// The whole journal of a run from a position on, and how the stream ended.
pub async fn watch(
    client: &mut HookServiceClient<Channel>,
    run_id: &str,
    after_sequence: u64,
) -> (Vec<v1::JournalEntry>, Option<tonic::Status>) {
    let request = v1::WatchRunRequest {
        run_id: run_id.to_owned(),
        after_sequence,
    };
    let stream = client.watch_run(request).await.expect("it is known");
    collect(stream.into_inner(), |r: v1::WatchRunResponse| r.entry).await
}

/// One run at a glance.
pub async fn glance(client: &mut HookServiceClient<Channel>, run_id: &str) -> v1::Run {
    let request = v1::GetRunRequest {
        run_id: run_id.to_owned(),
    };
    let answer = client.get_run(request).await.expect("it is known");
    answer.into_inner().run.expect("a run")
}

/// What keeps the runs.
pub async fn store_info(daemon: &TestDaemon) -> v1::StoreInfo {
    let request = v1::GetServerInfoRequest {};
    let answer = daemon.admin().await.get_server_info(request).await;
    answer
        .expect("it answers")
        .into_inner()
        .store_info
        .expect("a store")
}

/// Reads a run's stream until an entry that is looked for.
pub async fn read_until(
    stream: &mut tonic::Streaming<v1::RunHooksResponse>,
    wanted: impl Fn(&Entry) -> bool,
) -> Vec<v1::JournalEntry> {
    let mut entries = Vec::new();
    loop {
        let message = tokio::time::timeout(PATIENCE, stream.message()).await;
        let message = message.expect("in time").expect("no error");
        let entry = message.expect("not over").entry.expect("an entry");
        let found = entry.entry.as_ref().is_some_and(&wanted);
        entries.push(entry);
        if found {
            return entries;
        }
    }
}

/// Whether a process is there and no zombie, which only its parent can remove.
pub fn lives(pid: &str) -> bool {
    let stat = fs::read_to_string(Path::new("/proc").join(pid).join("stat"));
    stat.is_ok_and(|stat| !stat.contains(") Z "))
}

/// Writes down what was not tested, so that it shows.
pub fn skip(what: &str) {
    use std::io::Write as _;
    match std::env::var_os("HOOKD_TEST_SKIPS") {
        Some(file) => {
            let file = fs::OpenOptions::new().append(true).open(file);
            let mut file = file.expect("the list of skips");
            file.write_all(format!("{what}\n").as_bytes())
                .expect("written");
        }
        None => eprintln!("SKIPPED: {what}"),
    }
}

/// The reason that a status carries for programs.
pub fn reason(status: &tonic::Status) -> String {
    use tonic_types::StatusExt as _;
    let info = status
        .get_details_error_info()
        .expect("every status carries an ErrorInfo");
    assert_eq!(info.domain, "hookd");
    info.reason
}

/// Writes down what was not tested, so that it shows.
pub fn skip(what: &str) {
    match std::env::var_os("HOOKD_TEST_SKIPS") {
        Some(file) => {
            let file = fs::OpenOptions::new().append(true).open(file);
            let mut file = file.expect("the list of skips");
            file.write_all(format!("{what}\n").as_bytes())
                .expect("written");
        }
        None => eprintln!("SKIPPED: {what}"),
    }
}
