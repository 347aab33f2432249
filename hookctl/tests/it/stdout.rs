//! Standard output that is full or closed: it never changes what happens, nor hides it.

use std::fs::{self, File};
use std::process::{Command, Stdio};

use hookd_test_support::{Setup, TestDaemon, config, hook, wait};
use rustix::process::{Pid, Signal, kill_process};

use crate::hookctl::{Answer, hookctl};
use crate::hookd::Ask as _;

const FULL: &str =
    "error: cannot write to standard output: No space left on device (os error 28)\n";

fn full(mut command: Command) -> Answer {
    let full = File::options().write(true).open("/dev/full").unwrap();
    Answer::from(
        command
            .stdout(full)
            .stderr(Stdio::piped())
            .output()
            .unwrap(),
    )
}

fn closed(mut command: Command) -> Answer {
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    Answer::from(
        command
            .stdout(writer)
            .stderr(Stdio::piped())
            .output()
            .unwrap(),
    )
}

#[test]
fn hooks_go_on_and_the_decision_is_the_exit_code() {
    let folder = tempfile::tempdir().unwrap();
    let done = folder.path().join("done");
    let fails = format!(
        "echo before; sleep 0.1; echo after; touch {}; exit 3",
        done.display()
    );
    let hooks = hook("first", "SNAPSHOT_START", "", "echo first")
        + &hook("fails", "SNAPSHOT_START", "onError: ON_ERROR_FATAL", &fails);
    let daemon = TestDaemon::with(&config(&hooks));
    let file = daemon.config.display().to_string();
    let embedded = || {
        hookctl([
            "--embedded",
            "--config",
            &file,
            "run",
            "snapshot-start",
            "--plan=home",
        ])
    };
    let asked = || daemon.hookctl(&["run", "snapshot-start", "--plan", "home"]);
    let json = || daemon.hookctl(&["run", "snapshot-start", "--plan", "home", "-o", "json"]);
    for run in [&embedded as &dyn Fn() -> Command, &asked, &json] {
        for (call, said) in [(full as fn(Command) -> Answer, FULL), (closed, "")] {
            let answer = call(run());
            assert_eq!((answer.code, &*answer.err), (Some(21), said));
            assert!(done.exists(), "the hook was cut off");
            fs::remove_file(&done).unwrap();
        }
    }
    assert_eq!(
        daemon
            .json(&["runs", "--decision", "fail"])
            .as_array()
            .unwrap()
            .len(),
        4
    );
}

#[test]
fn a_list_that_is_lost_is_an_error_and_one_that_was_read_enough_of_is_none() {
    let daemon = TestDaemon::with(&config(&hook("a", "SNAPSHOT_START", "", "echo a")));
    daemon.fire(&["snapshot-start", "--plan", "home"]);
    for line in [
        "runs",
        "runs -o json",
        "runs export",
        "runs prune --dry-run",
        "show last",
        "logs last",
        "logs -f last --raw",
        "hooks",
        "stats",
        "info",
        "render a",
        "render --all-branches",
        "completions bash",
        "man run",
    ] {
        let command = || daemon.hookctl(&line.split(' ').collect::<Vec<_>>());
        let lost = full(command());
        assert_eq!((lost.code, &*lost.err), (Some(1), FULL), "{line}");
        let left = closed(command());
        assert_eq!((left.code, &*left.err), (Some(0), ""), "{line}");
    }
    for line in ["--help", "--version", "run --help"] {
        let command = || hookctl(line.split(' '));
        for answer in [full(command()), closed(command())] {
            assert!(!answer.err.contains("panic"), "{line}: {answer:?}");
        }
    }
}

#[test]
fn deeds_and_verdicts_keep_their_exit_codes() {
    let faulty = "{{ if .Error }}{{ .Snapshotid }}{{ end }}";
    let renders = "echo {{ slice .SnapshotId 0 8 }}";
    let daemon = TestDaemon::with(&config(&hook("a", "SNAPSHOT_START", "", renders)));
    let config = daemon.config.display().to_string();
    let bad = daemon.dir.path().join("bad.yaml");
    fs::write(&bad, config.replace(renders, faulty)).unwrap();
    let bad = bad.display().to_string();
    daemon.fire(&["snapshot-start", "--plan", "home"]);
    let copy = daemon.dir.path().join("copy.db").display().to_string();
    for (args, code) in [
        (&["check", &*bad][..], 78),
        (&["check", "--no-history", &*config], 0),
        (&["render", "a"], 65),
        (&["render", "a", "--all-branches"], 65),
        (&["reload"], 0),
        (&["cancel", "last"], 0),
        (&["runs", "prune", "--max-runs", "1"], 0),
        (&["store", "backup", "--force", &*copy], 0),
    ] {
        let told = full(daemon.hookctl(args));
        assert_eq!((told.code, &*told.err), (Some(code), FULL), "{args:?}");
        let told = closed(daemon.hookctl(args));
        assert_eq!((told.code, &*told.err), (Some(code), ""), "{args:?}");
    }
    fs::write(&daemon.config, "hooks: [").unwrap();
    for answer in [
        full(daemon.hookctl(&["reload"])),
        closed(daemon.hookctl(&["reload"])),
    ] {
        assert_eq!(answer.code, Some(78), "{answer:?}");
    }
}

/// A disk that is full of logs ends no run.
#[test]
fn a_log_that_is_full_or_closed_changes_no_run() {
    let fails = hook(
        "fails",
        "SNAPSHOT_START",
        "onError: ON_ERROR_CANCEL",
        "echo no; exit 3",
    );
    let (reader, closed) = std::io::pipe().unwrap();
    drop(reader);
    let full = File::options().write(true).open("/dev/full").unwrap();
    for log in [Stdio::from(full), Stdio::from(closed)] {
        let setup = Setup::new(&config(&fails));
        let address = format!("unix://{}", setup.socket().display());
        let mut serve = setup.command();
        let mut hookd = serve.stdout(Stdio::null()).stderr(log).spawn().unwrap();
        let run = ["run", "snapshot-start", "--plan", "home", "--wait", "20s"];
        let mut run = hookctl(
            run.into_iter()
                .chain(["--timeout", "20s", "--retry-for", "0s"]),
        );
        let mut run = run
            .env("HOOKD_ADDR", &address)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        assert_eq!(wait(&mut run).code(), Some(20));
        kill_process(Pid::from_child(&hookd), Signal::TERM).unwrap();
        assert_eq!(wait(&mut hookd).code(), Some(0));
    }
}
