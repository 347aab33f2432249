//! Many misbehaving scripts at once; afterwards no trace of them may be left.

use std::path::Path;
use std::process::Command;
use std::sync::OnceLock;
use std::time::Duration;

use crate::support::{self, Report, TestScript, eventually, eventually_none};
use process_supervisor::Termination;
use tokio::task::JoinSet;

const SHORT: Duration = Duration::from_millis(100);
const SCRIPTS: usize = 120;
const AT_ONCE: usize = 32;
/// Environment variable of the process that runs this test alone.
const ALONE: &str = "SUPERVISOR_SOAK_ALONE";

/// Returns the path of a copy of `misbehave` that only this test runs.
fn misbehave() -> &'static str {
    static COPY: OnceLock<(tempfile::TempDir, String)> = OnceLock::new();
    let (_folder, path) = COPY.get_or_init(|| {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("soaked");
        std::fs::copy(Path::new(support::misbehave()), &path).unwrap();
        let path = path.into_os_string().into_string().unwrap();
        (folder, path)
    });
    path
}

fn test_script(number: usize) -> TestScript {
    let script = [
        "echo fine",
        "echo fails >&2; exit 3",
        "exec MISBEHAVE deaf",
        "exec MISBEHAVE flood 1048576",
        "MISBEHAVE daemon FOLDER/NUMBER deaf",
        "MISBEHAVE daemon FOLDER/NUMBER unmarked; sleep 60",
        "exec MISBEHAVE signal 11",
        "exec MISBEHAVE stop",
        "#!MISBEHAVE cat\nthe script\n",
        "MISBEHAVE dodge FOLDER; sleep 60",
    ][number % 10];
    // The number identifies the script in a list of processes.
    let script = script
        .replace("NUMBER", &number.to_string())
        .replace("MISBEHAVE", misbehave());
    let mut test = TestScript::new(&script).limits(|limits| {
        limits.timeout = SHORT * 3;
        limits.grace = SHORT;
        limits.max_output = 64 << 10;
        limits.kill_leaked = true;
    });
    test.spec.mark.execution = number.to_string();
    test.cgroups(!number.is_multiple_of(3))
}

async fn run(number: usize) {
    let mut live = test_script(number).start().await;
    match number % 7 {
        // The caller drops the future.
        0 => {
            drop(tokio::time::timeout(SHORT / 4, live.chunks.recv()).await);
            live.task.abort();
        }
        1 => {
            live.stop.send_replace(Some("requested"));
            check(number, live.report().await);
        }
        _ => check(number, live.report().await),
    }
}

/// Checks the invariants of every supervised script.
fn check(number: usize, report: Report) {
    let ended = report.ended;
    assert_ne!(
        ended.termination,
        Some(Termination::Survived),
        "{number}: {ended:?}"
    );
}

/// Returns the number of descriptors that this process has open.
fn descriptors() -> usize {
    std::fs::read_dir("/proc/self/fd").unwrap().count()
}

/// Process of a script, known by its mark or by its program.
struct Process {
    pid: String,
    /// The first fields of `stat`: its name, state, parent, group and session.
    stat: String,
    line: String,
    /// The number of its script; `None` if it has removed its mark.
    mark: Option<String>,
}

impl std::fmt::Display for Process {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Process { stat, line, .. } = self;
        let mark = self.mark.as_deref().unwrap_or("none");
        write!(f, "{stat} `{line}`, of test {mark}")
    }
}

fn processes() -> Vec<Process> {
    let mark = format!("APP_MARK=test-{}:", std::process::id());
    std::fs::read_dir("/proc")
        .unwrap()
        .flatten()
        .filter_map(|entry| {
            let read = |file| {
                let content = std::fs::read(entry.path().join(file)).unwrap_or_default();
                String::from_utf8_lossy(&content).into_owned()
            };
            let (environment, line) = (read("environ"), read("cmdline").replace('\0', " "));
            let mark = environment
                .split('\0')
                .find_map(|variable| variable.strip_prefix(&mark));
            let ours = mark.is_some() || line.contains(misbehave());
            ours.then(|| Process {
                pid: entry.file_name().to_string_lossy().into_owned(),
                stat: read("stat")
                    .split(' ')
                    .take(6)
                    .collect::<Vec<_>>()
                    .join(" "),
                line,
                mark: mark.map(str::to_owned),
            })
        })
        .collect()
}

#[test]
fn nothing_is_left_of_many() {
    if std::env::var_os(ALONE).is_some() {
        return;
    }
    // In a process of its own, so that descriptors of other tests do not count.
    let mut alone = Command::new(std::env::current_exe().unwrap());
    alone.args(["--exact", "soak::alone", "--nocapture"]);
    assert!(alone.env(ALONE, "1").status().unwrap().success());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn alone() {
    if std::env::var_os(ALONE).is_none() {
        return;
    }
    // Opens descriptors that stay open, such as the runtime's.
    test_script(0).run().await;
    let before = descriptors();
    // Processes of other users are not waited for.
    let others: Vec<String> = processes().into_iter().map(|other| other.pid).collect();
    let mut running = JoinSet::new();
    for number in 0..SCRIPTS {
        if running.len() >= AT_ONCE {
            running.join_next().await.unwrap().unwrap();
        }
        running.spawn(run(number));
    }
    while let Some(ended) = running.join_next().await {
        ended.unwrap();
    }
    eventually_none("processes", || {
        let mut left = processes();
        left.retain(|process| !others.contains(&process.pid));
        left
    })
    .await;
    eventually("the end of all descriptors", || {
        (descriptors() <= before).then_some(())
    })
    .await;
    let runtime = tokio::runtime::Handle::current().metrics();
    eventually("the end of all tasks", || {
        (runtime.num_alive_tasks() == 0).then_some(())
    })
    .await;
    // Cgroups that were not empty when they were dropped are removed when further scripts start.
    while cgroups() > 0 {
        TestScript::new("true").run().await;
    }
}

fn cgroups() -> usize {
    let prefix = format!("app.test-{}.", std::process::id());
    let mounts = std::fs::read_to_string("/proc/self/mountinfo").unwrap();
    let own = std::fs::read_to_string("/proc/self/cgroup").unwrap();
    let own = own.lines().find_map(|line| line.strip_prefix("0::"));
    let mount = mounts.lines().find(|line| line.contains(" - cgroup2 "));
    let (Some(own), Some(mount)) = (own, mount) else {
        return 0;
    };
    let parent = format!("{}{own}", mount.split(' ').nth(4).unwrap());
    let entries = std::fs::read_dir(parent).into_iter().flatten().flatten();
    entries
        .filter(|entry| entry.file_name().to_string_lossy().starts_with(&prefix))
        .count()
}
