//! `hookctl runs export` and `hookctl store backup`, against a daemon that loses the connection.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::fake::journal::{
    hook_finished, hook_output, hook_started, journal, run_finished, run_started,
};
use crate::fake::{Daemon, Play};
use crate::hookctl::Answer;
use hookd_proto::v1::{DecisionKind, OutputStream, Run, RunState};
use tonic::Status;

fn finished() -> Play {
    let journal = journal([
        run_started(&["a"]),
        hook_started(0, "a"),
        hook_output(0, OutputStream::Stdout, b"one\ntwo\n"),
        hook_finished(0, "a"),
        run_finished(DecisionKind::Proceed),
    ]);
    let run = |id: &str| Run {
        run_id: id.to_owned(),
        state: RunState::Finished.into(),
        last_sequence: journal.len() as u64,
        ..Run::default()
    };
    Play {
        runs: ["3", "2", "1"].map(run).to_vec(),
        journal,
        ..Play::default()
    }
}

fn export(daemon: &Daemon, file: &Path) -> Answer {
    daemon.ask(&format!("runs export --output-file {}", file.display()))
}

#[test]
fn an_export_is_a_line_a_run_with_its_journal() {
    let daemon = Daemon::start(finished());
    let answer = daemon.ask("runs export");
    assert_eq!((answer.code, &*answer.err), (Some(0), ""));
    let lines = answer.objects();
    let ids: Vec<&str> = lines
        .iter()
        .map(|line| line["run"]["runId"].as_str().unwrap())
        .collect();
    assert_eq!(ids, ["3", "2", "1"]);
    for line in &lines {
        let journal = line["journal"].as_array().unwrap();
        assert_eq!(journal.len(), 5);
        assert_eq!(journal[2]["hookOutput"]["data"], "b25lCnR3bwo=");
        assert_eq!(line.as_object().unwrap().len(), 2);
    }

    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("runs.jsonl");
    let to_file = export(&daemon, &file);
    assert_eq!((to_file.code, &*to_file.out), (Some(0), ""));
    assert!(
        to_file.err.starts_with("3 runs exported to "),
        "{to_file:?}"
    );
    assert_eq!(fs::read_to_string(&file).unwrap(), answer.out);
}

#[test]
fn what_an_export_misses_is_said_and_no_line_is_torn() {
    let mut play = finished();
    // The journal ends before the last entry of the summary.
    play.runs[1].last_sequence += 1;
    let daemon = Daemon::start(play);
    let answer = daemon.ask("runs export");
    assert_eq!(answer.code, Some(1));
    assert!(answer.err.contains("run 2 was removed"), "{answer:?}");
    assert!(answer.err.contains("1 of 3 runs"), "{answer:?}");
    let lines = answer.objects();
    assert_eq!(lines.len(), 2);
}

#[test]
fn a_copy_that_breaks_off_leaves_no_file() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("copy.db");
    let whole = || {
        let mut whole = vec![0; 8192];
        whole[..16].copy_from_slice(b"SQLite format 3\0");
        whole[16..18].copy_from_slice(&[0x10, 0]);
        whole[28..32].copy_from_slice(&[0, 0, 0, 2]);
        whole
    };
    let daemon = Daemon::start(Play::default());
    let line = format!("store backup {}", file.display());
    for (pieces, code) in [
        (vec![Ok(whole()), Err(Status::internal("gone"))], 1),
        (vec![Ok(whole()[..4096].to_vec())], 1),
        (vec![Ok(vec![0; 8192])], 1),
        (vec![], 1),
    ] {
        daemon.play().backup = pieces;
        let answer = daemon.ask(&line);
        assert_eq!(answer.code, Some(code), "{answer:?}");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
    }
    let (first, second) = (whole()[..5000].to_vec(), whole()[5000..].to_vec());
    daemon.play().backup = vec![Ok(first), Ok(second)];
    let answer = daemon.ask(&line);
    assert_eq!(answer.code, Some(0), "{answer:?}");
    assert!(answer.out.contains("to restore"), "{answer:?}");
    assert_eq!(fs::read(&file).unwrap(), whole());
}

#[test]
fn a_file_that_cannot_be_written_is_called_as_the_user_calls_it() {
    let folder = tempfile::tempdir().unwrap();
    let daemon = Daemon::start(finished());
    let file = folder.path().join("none/runs.jsonl");
    let answer = export(&daemon, &file);
    let said = format!(
        "error: cannot write {}: there is no such folder\n",
        file.display()
    );
    assert_eq!((answer.code, &*answer.err), (Some(1), &*said));

    // A limit on the size of files stands for a full disk.
    let file = folder.path().join("runs.jsonl");
    let line = format!("runs export --output-file {}", file.display());
    let mut command = Command::new("sh");
    command.args(["-c", "trap '' XFSZ; ulimit -f 0; exec \"$@\"", "sh"]);
    let hookctl = daemon.hookctl(&line);
    command.arg(hookctl.get_program()).args(hookctl.get_args());
    for (name, value) in hookctl.get_envs() {
        match value {
            Some(value) => command.env(name, value),
            None => command.env_remove(name),
        };
    }
    let answer = Answer::from(command.output().unwrap());
    let said = format!("error: cannot write {}: ", file.display());
    assert!(answer.err.starts_with(&said), "{answer:?}");
    assert!(!answer.err.contains(".runs.jsonl"), "{answer:?}");
    assert_eq!(answer.code, Some(1));
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
}
