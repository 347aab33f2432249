//! `hookctl run` as a process, against a daemon that misbehaves on demand.

use std::collections::HashMap;
use std::io::{BufRead as _, BufReader, Read as _};
use std::process::{Child, Stdio};
use std::time::Duration;

use crate::fake::journal::{
    hook_finished, hook_output, hook_started, journal, run_finished, run_started,
};
use crate::fake::{Daemon, Play};
use crate::hookctl::Answer;
use hookd_proto::v1::{DecisionKind, OutputStream};
use rustix::process::{Pid, Signal, kill_process};
use tonic::{Code, Status};
use tonic_types::{ErrorDetails, StatusExt as _};

pub(crate) fn one_hook(kind: DecisionKind) -> Play {
    Play {
        journal: journal([
            run_started(&["battery"]),
            hook_started(0, "battery"),
            hook_output(0, OutputStream::Stdout, b"fine \xe2\x82"),
            hook_output(0, OutputStream::Stderr, b"\x1b]0;owned\x07\n"),
            hook_output(0, OutputStream::Stdout, b"\xac\nrest"),
            hook_finished(0, "battery"),
            run_finished(kind),
        ]),
        ..Play::default()
    }
}

fn signal(child: &Child, signal: Signal) {
    kill_process(Pid::from_child(child), signal).unwrap();
}

/// hookctl in the background.
pub(crate) struct Background {
    child: Child,
    out: BufReader<std::process::ChildStdout>,
    seen: String,
}

impl Background {
    pub(crate) fn start(daemon: &Daemon, line: &str, lines: usize) -> Background {
        let mut command = daemon.hookctl(line);
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let out = BufReader::new(child.stdout.take().unwrap());
        let seen = String::new();
        let mut background = Background { child, out, seen };
        background.read(lines);
        background
    }

    /// Waits for this many more lines.
    pub(crate) fn read(&mut self, lines: usize) {
        for _ in 0..lines {
            let read = self.out.read_line(&mut self.seen).unwrap();
            assert_ne!(read, 0, "ended after {}", self.seen);
        }
    }

    pub(crate) fn end(mut self) -> Answer {
        self.out.read_to_string(&mut self.seen).unwrap();
        let mut answer = Answer::from(self.child.wait_with_output().unwrap());
        answer.out = self.seen;
        answer
    }
}

#[test]
fn the_decision_is_the_exit_code() {
    for (kind, code, word) in [
        (DecisionKind::Proceed, 0, "PROCEED"),
        (DecisionKind::Cancel, 20, "CANCEL"),
        (DecisionKind::Fail, 21, "FAIL"),
        (DecisionKind::Retry, 22, "RETRY (attempt 0 failed)"),
    ] {
        let answer = Daemon::start(one_hook(kind)).ask("run snapshot-start --plan home");
        assert_eq!(answer.code, Some(code), "{answer:?}");
        assert_eq!(answer.err, "");
        let word = word.split(' ').next().unwrap();
        assert_eq!(
            answer.out,
            format!(
                "run run-1: SNAPSHOT_START: 1 hook\n\
                 battery > sh (SNAPSHOT_START)\n\
                 battery ! \\x1b]0;owned\\x07\n\
                 battery | fine €\n\
                 battery | rest (no line break)\n\
                 battery < exit 0\n\
                 {word}\n"
            )
        );
    }
}

#[test]
fn json_is_an_object_a_line_and_nothing_else() {
    let daemon = Daemon::start(one_hook(DecisionKind::Proceed));
    let answer = daemon.ask("run CONDITION_SNAPSHOT_START -o json");
    assert_eq!((answer.code, &*answer.err), (Some(0), ""));
    let entries = answer.objects();
    assert_eq!(entries.len(), 7);
    assert_eq!(entries[3]["sequence"], "4");
    assert_eq!(
        entries[6]["runFinished"]["decision"]["kind"],
        "DECISION_KIND_PROCEED"
    );
}

#[test]
fn a_lost_connection_is_taken_up_where_it_broke() {
    let mut play = one_hook(DecisionKind::Proceed);
    play.stall_after = Some(3);
    let mut daemon = Daemon::start(play);
    let running = Background::start(&daemon, "run snapshot-start", 2);
    daemon.die();
    daemon.play().stall_after = None;
    daemon.revive();
    let answer = running.end();
    assert_eq!(answer.code, Some(0), "{answer:?}");
    assert!(answer.err.starts_with("no connection: "), "{answer:?}");
    assert!(
        answer.err.ends_with("\nhookd is there again\n"),
        "{answer:?}"
    );
    assert_eq!(
        answer.out.matches("battery | fine €\n").count(),
        1,
        "{answer:?}"
    );
    let play = daemon.play();
    assert_eq!(play.requested.len(), 1);
    assert!(play.watched.iter().all(|watch| watch.run_id == "run-1"));
    assert_eq!(play.watched.last().unwrap().after_sequence, 3);
}

#[test]
fn a_refusal_that_may_pass_is_tried_again_with_the_same_request() {
    let busy = Status::with_error_details(
        Code::ResourceExhausted,
        "the queue is full",
        ErrorDetails::with_retry_info(Some(Duration::from_millis(50))),
    );
    let play = Play {
        refusals: vec![busy.clone(), busy.clone()],
        ..one_hook(DecisionKind::Proceed)
    };
    let daemon = Daemon::start(play);
    assert_eq!(daemon.ask("run snapshot-start").code, Some(0));
    {
        let play = daemon.play();
        assert_eq!(play.requested.len(), 3);
        assert!(
            play.requested
                .iter()
                .all(|request| *request == play.requested[0])
        );
        assert!(!play.requested[0].request_id.is_empty());
    }

    daemon.play().refusals = vec![busy];
    let answer = daemon.ask("run snapshot-start --retry-for 0s");
    assert_eq!(answer.code, Some(69), "{answer:?}");
    assert!(answer.err.contains("the queue is full"), "{answer:?}");
    assert!(answer.err.contains("--request-id"), "{answer:?}");
}

#[test]
fn a_daemon_that_does_not_come_back_is_given_up() {
    let mut play = one_hook(DecisionKind::Proceed);
    play.stall_after = Some(2);
    let mut daemon = Daemon::start(play);
    let running = Background::start(&daemon, "run snapshot-start --retry-for 500ms", 2);
    daemon.die();
    let answer = running.end();
    assert_eq!(answer.code, Some(69), "{answer:?}");
    assert!(answer.err.contains("hookctl logs -f run-1"), "{answer:?}");
}

#[test]
fn refusals_are_explained() {
    let details = ErrorDetails::with_error_info("PLAN_NOT_FOUND", "hookd", HashMap::new());
    for (status, code, said) in [
        (
            Status::with_error_details(Code::NotFound, "unknown plan `x`", details),
            65,
            "error: unknown plan `x`\nhelp: `hookctl hooks`",
        ),
        (
            Status::permission_denied("not you"),
            77,
            "error: not you\nhelp: ",
        ),
        (Status::internal("odd \x1b[2J"), 1, "error: odd \\x1b[2J\n"),
    ] {
        let play = Play {
            refusals: vec![status],
            ..Play::default()
        };
        let answer = Daemon::start(play).ask("run snapshot-start --plan x");
        assert_eq!(answer.code, Some(code), "{answer:?}");
        assert!(answer.err.starts_with(said), "{answer:?}");
        assert_eq!(answer.out, "");
    }
}

#[test]
fn the_first_interrupt_ends_the_run_and_its_decision_is_awaited() {
    let mut play = one_hook(DecisionKind::Cancel);
    play.stall_after = Some(2);
    let daemon = Daemon::start(play);
    let running = Background::start(&daemon, "run snapshot-start", 2);
    signal(&running.child, Signal::INT);
    daemon.wait_for("the cancellation", |play| play.cancelled == ["run-1"]);
    let last = daemon.play().journal.last().cloned().unwrap();
    daemon.finish_stalled(&last);
    let answer = running.end();
    assert_eq!(answer.code, Some(130), "{answer:?}");
    assert!(answer.out.ends_with("CANCEL\n"), "{answer:?}");
    assert!(
        answer.err.starts_with("interrupted: asking hookd"),
        "{answer:?}"
    );
}

#[test]
fn the_second_interrupt_leaves() {
    let mut play = one_hook(DecisionKind::Proceed);
    play.stall_after = Some(2);
    let daemon = Daemon::start(play);
    let running = Background::start(&daemon, "run snapshot-start", 2);
    signal(&running.child, Signal::INT);
    daemon.wait_for("the cancellation", |play| !play.cancelled.is_empty());
    signal(&running.child, Signal::INT);
    assert_eq!(running.end().code, Some(130));
}

#[test]
fn a_reader_who_leaves_does_not_end_the_run() {
    let mut play = one_hook(DecisionKind::Fail);
    play.stall_after = Some(2);
    let daemon = Daemon::start(play);
    let Background { child, out, .. } = Background::start(&daemon, "run snapshot-start", 2);
    drop(out);
    let journal = daemon.play().journal.clone();
    daemon.finish_stalled(&journal[6]);
    let answer = Answer::from(child.wait_with_output().unwrap());
    assert_eq!((answer.code, &*answer.err), (Some(21), ""));
}
