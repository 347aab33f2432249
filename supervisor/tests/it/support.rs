//! Running scripts in tests.

use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;
use std::time::{Duration, Instant, SystemTime};

use process_supervisor::Script;
use process_supervisor::Stream;
use process_supervisor::bounds::{CHUNK_QUEUE, MAX_CHUNK};
use process_supervisor::{
    Chunk, EndReport, Mark, Owner, RunningScript, ScriptSpec, SpawnError, start,
};
use process_supervisor::{HandOver, ScriptLimits};
use tempfile::TempDir;
use tokio::sync::{mpsc, watch};

/// Time limit of every wait in a test.
pub(crate) const PATIENCE: Duration = Duration::from_secs(15);

/// Returns the path of `misbehave`. It is an example, so that `cargo test` builds
/// it and no package ships it; when a single test target is run, it is built here.
pub(crate) fn misbehave() -> &'static str {
    static PATH: OnceLock<String> = OnceLock::new();
    PATH.get_or_init(|| {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let source = root.join("examples/misbehave.rs");
        let modified = |path: &Path| path.metadata().and_then(|file| file.modified()).ok();
        // …/target/debug/deps/this-test
        let test = std::env::current_exe().unwrap();
        let profile = test.parent().unwrap().parent().unwrap();
        let program = profile.join("examples/misbehave");
        if modified(&program).unwrap_or(SystemTime::UNIX_EPOCH) < modified(&source).unwrap() {
            let mut cargo = Command::new(env!("CARGO"));
            cargo.args([
                "build",
                "--quiet",
                "--example",
                "misbehave",
                "--manifest-path",
            ]);
            cargo.arg(root.join("Cargo.toml"));
            if profile.ends_with("release") {
                cargo.arg("--release");
            }
            assert!(cargo.status().unwrap().success());
        }
        program.into_os_string().into_string().unwrap()
    })
}

/// Script to run, with its folder.
pub(crate) struct TestScript {
    pub(crate) spec: ScriptSpec,
    /// The folder of the script files and of files that the script writes.
    pub(crate) folder: TempDir,
}

/// Script that runs.
pub(crate) struct Live {
    pub(crate) pid: u32,
    pub(crate) interpreter: Vec<String>,
    pub(crate) stop: watch::Sender<Option<&'static str>>,
    pub(crate) chunks: mpsc::Receiver<Chunk>,
    pub(crate) task: tokio::task::JoinHandle<EndReport<&'static str>>,
    pub(crate) folder: TempDir,
    seen: Vec<Chunk>,
}

/// Report on a script.
#[derive(Debug)]
pub(crate) struct Report {
    pub(crate) ended: EndReport<&'static str>,
    pub(crate) chunks: Vec<Chunk>,
    pub(crate) pid: u32,
    pub(crate) interpreter: Vec<String>,
    pub(crate) folder: TempDir,
}

impl TestScript {
    pub(crate) fn new(script: &str) -> TestScript {
        TestScript::via(script, None)
    }

    pub(crate) fn via(script: &str, via: Option<HandOver>) -> TestScript {
        static COUNT: std::sync::atomic::AtomicU32 = std::sync::atomic::AtomicU32::new(0);
        let folder = tempfile::tempdir().unwrap();
        let text = script
            .replace("MISBEHAVE", misbehave())
            .replace("FOLDER", folder.path().to_str().unwrap());
        let script = Script::parse(text.as_bytes(), via).unwrap();
        let count = COUNT.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        let mark = Mark {
            owner: owner(&format!("test-{}", std::process::id())),
            execution: count.to_string(),
        };
        let scripts = folder.path().join("scripts");
        std::fs::create_dir(&scripts).unwrap();
        let mut spec = ScriptSpec::new(script, scripts, mark);
        spec.limits = ScriptLimits {
            timeout: PATIENCE,
            grace: PATIENCE,
            ..ScriptLimits::default()
        };
        TestScript { spec, folder }
    }

    pub(crate) fn limits(mut self, change: impl FnOnce(&mut ScriptLimits)) -> TestScript {
        change(&mut self.spec.limits);
        self
    }

    pub(crate) fn cgroups(mut self, cgroups: bool) -> TestScript {
        self.spec.cgroups = cgroups;
        self
    }

    pub(crate) fn env(mut self, name: &str, value: &str) -> TestScript {
        self.spec
            .environment
            .set
            .insert(name.to_owned(), value.to_owned());
        self
    }

    pub(crate) async fn start(self) -> Live {
        let (running, folder) = self.try_start().await.unwrap();
        supervise(running, folder)
    }

    pub(crate) async fn try_start(self) -> Result<(RunningScript, TempDir), SpawnError> {
        Ok((start(self.spec).await?, self.folder))
    }

    pub(crate) async fn run(self) -> Report {
        self.start().await.report().await
    }
}

/// Waits for a reason to stop.
async fn stopped(mut stops: watch::Receiver<Option<&'static str>>) -> &'static str {
    let reason = stops.wait_for(Option::is_some).await.map(|reason| *reason);
    match reason {
        Ok(Some(reason)) => reason,
        _ => std::future::pending().await,
    }
}

/// Returns the owner of the scripts of a test.
pub(crate) fn owner(instance: &str) -> Owner {
    Owner {
        application: "app",
        variable: "APP_MARK",
        instance: instance.to_owned(),
    }
}

fn supervise(running: RunningScript, folder: TempDir) -> Live {
    let (stop, stops) = watch::channel(None);
    let (sender, chunks) = mpsc::channel(CHUNK_QUEUE);
    Live {
        pid: running.pid(),
        interpreter: running.interpreter().to_vec(),
        stop,
        chunks,
        task: tokio::spawn(running.supervise(stopped(stops), sender)),
        folder,
        seen: Vec::new(),
    }
}

impl Live {
    /// Waits until the script has written that text to stdout; returns its stdout so far.
    pub(crate) async fn until(&mut self, text: &str) -> String {
        loop {
            let out = String::from_utf8_lossy(&joined(&self.seen, Stream::Stdout)).into_owned();
            if out.contains(text) {
                return out;
            }
            let chunk = patiently(self.chunks.recv()).await;
            self.seen.push(chunk.expect("the script ended first"));
        }
    }

    /// Waits for its end.
    pub(crate) async fn report(mut self) -> Report {
        let mut chunks = self.seen;
        while let Some(chunk) = patiently(self.chunks.recv()).await {
            chunks.push(chunk);
        }
        let report = Report {
            ended: patiently(self.task).await.unwrap(),
            chunks,
            pid: self.pid,
            interpreter: self.interpreter,
            folder: self.folder,
        };
        report.check();
        report
    }
}

impl Report {
    pub(crate) fn stdout(&self) -> String {
        String::from_utf8(joined(&self.chunks, Stream::Stdout)).unwrap()
    }

    pub(crate) fn stderr(&self) -> String {
        String::from_utf8(joined(&self.chunks, Stream::Stderr)).unwrap()
    }

    /// Checks the invariants of every report.
    fn check(&self) {
        let mut next = [0, 0];
        let mut kept = 0;
        for chunk in &self.chunks {
            assert!(!chunk.data.is_empty() && chunk.data.len() <= MAX_CHUNK);
            let next = &mut next[usize::from(chunk.stream == Stream::Stderr)];
            assert!(chunk.offset >= *next, "{chunk:?} overlaps or comes late");
            *next = chunk.offset + chunk.data.len() as u64;
            kept += chunk.data.len() as u64;
        }
        assert_eq!(kept + self.ended.dropped_bytes, self.ended.output_bytes);
        let left: Vec<_> = std::fs::read_dir(self.folder.path().join("scripts"))
            .unwrap()
            .collect();
        assert!(left.is_empty(), "script files left behind: {left:?}");
    }
}

/// Pipe that all processes of a script hold, even if they close all others.
pub(crate) struct Held(std::fs::File);

impl Held {
    /// Returns a script that opens the pipe at `HOLD`.
    pub(crate) fn by(script: &str) -> (TestScript, Held) {
        let test = TestScript::new(&script.replace("HOLD", "exec 3>FOLDER/held"));
        let path = test.folder.path().join("held");
        let (fifo, mode) = (rustix::fs::FileType::Fifo, rustix::fs::Mode::RWXU);
        rustix::fs::mknodat(rustix::fs::CWD, &path, fifo, mode, 0).unwrap();
        let mut open = std::fs::OpenOptions::new();
        let nonblocking = rustix::fs::OFlags::NONBLOCK.bits().cast_signed();
        let open = std::os::unix::fs::OpenOptionsExt::custom_flags(&mut open, nonblocking);
        (test, Held(open.read(true).open(path).unwrap()))
    }

    /// Waits until no process holds it.
    pub(crate) async fn released(mut self) {
        eventually("the end of all processes", || {
            (self.0.read(&mut [0]).ok()? == 0).then_some(())
        })
        .await;
    }
}

/// Returns the kept bytes of one stream.
pub(crate) fn joined(chunks: &[Chunk], stream: Stream) -> Vec<u8> {
    let of_stream = chunks.iter().filter(|chunk| chunk.stream == stream);
    of_stream.flat_map(|chunk| chunk.data.to_vec()).collect()
}

/// Returns the output of `misbehave drip` on stdout and on stderr.
pub(crate) fn dripped(seed: u64, pieces: u64) -> [Vec<u8>; 2] {
    let mut written = [Vec::new(), Vec::new()];
    let mut state = seed;
    for _ in 0..pieces {
        state = state
            .wrapping_mul(6364136223846793005)
            .wrapping_add(1442695040888963407);
        let length = 1 + (state >> 33) as usize % if state >> 62 == 0 { 100_000 } else { 500 };
        let data = (0..length).map(|i| (state >> 40) as u8 ^ i as u8);
        written[(state >> 63) as usize].extend(data);
    }
    written
}

pub(crate) async fn patiently<T>(future: impl Future<Output = T>) -> T {
    tokio::time::timeout(PATIENCE, future)
        .await
        .expect("in time")
}

/// Polls until `look` returns a value; panics after [`PATIENCE`].
pub(crate) async fn eventually<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let since = Instant::now();
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(since.elapsed() < PATIENCE, "not in time: {what}");
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
}

/// Polls until `look` returns an empty list; panics with the list if that takes too long.
pub(crate) async fn eventually_none<T: std::fmt::Display>(
    what: &str,
    mut look: impl FnMut() -> Vec<T>,
) {
    let since = Instant::now();
    loop {
        let left = look();
        if left.is_empty() {
            return;
        }
        if since.elapsed() > PATIENCE {
            let left: Vec<String> = left.iter().map(T::to_string).collect();
            panic!("{what} still there:\n{}", left.join("\n"));
        }
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
}

/// Waits for the process id that a script writes to that file.
pub(crate) async fn pid_in(file: PathBuf) -> u32 {
    eventually("a process id in a file", || {
        std::fs::read_to_string(&file).ok()?.trim().parse().ok()
    })
    .await
}

/// Returns whether a process runs and is no zombie.
pub(crate) fn lives(pid: u32) -> bool {
    std::fs::read_to_string(format!("/proc/{pid}/stat"))
        .is_ok_and(|stat| !stat.rsplit_once(')').unwrap().1.starts_with(" Z"))
}

/// Waits for the end of a process that is no longer supervised.
pub(crate) async fn gone(pid: u32) {
    eventually("the end of a process", || (!lives(pid)).then_some(())).await;
}

/// Ends a process that the script left running on purpose.
pub(crate) fn put_away(pid: u32) {
    let pid = rustix::process::Pid::from_raw(pid.cast_signed()).unwrap();
    rustix::process::kill_process(pid, rustix::process::Signal::KILL).unwrap();
}
