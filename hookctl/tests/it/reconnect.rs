//! `hookctl run` while the daemon or the network is interrupted.

use std::collections::HashMap;
use std::io::{BufRead as _, BufReader};
use std::process::Stdio;
use std::time::{Duration, Instant};

use crate::fake::journal::{
    hook_finished, hook_started, journal, run_finished, run_interrupted, run_started,
};
use crate::fake::{Daemon, Play};
use crate::hookctl::{Answer, hookctl};
use crate::run::{Background, one_hook};
use hookd_proto::v1::{DecisionKind, Run, RunState};
use rustix::process::{Pid, Signal, kill_process};
use tonic::{Code, Status};
use tonic_types::{ErrorDetails, StatusExt as _};

fn reason(code: Code, reason: &str, message: &str) -> Status {
    let details = ErrorDetails::with_error_info(reason, "hookd", HashMap::new());
    Status::with_error_details(code, message, details)
}

/// Returns the play of a run during which the daemon dies after the first hook began.
fn interrupted(advice: DecisionKind, retry_after: i64) -> Play {
    Play {
        journal: journal([
            run_started(&["battery"]),
            hook_started(0, "battery"),
            run_interrupted(advice, retry_after),
        ]),
        ends_with: Some(reason(
            Code::Aborted,
            "RUN_INTERRUPTED",
            "the run was interrupted",
        )),
        ..Play::default()
    }
}

#[test]
fn a_daemon_that_is_down_for_a_while_is_waited_for() {
    let mut daemon = Daemon::absent(one_hook(DecisionKind::Proceed));
    let mut command = daemon.hookctl("run snapshot-success --plan home");
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let mut err = BufReader::new(child.stderr.take().unwrap());
    let mut first = String::new();
    err.read_line(&mut first).unwrap();
    assert_eq!(
        first,
        "no connection: there is no such socket; trying again in 200 ms\n"
    );
    daemon.revive();
    let mut second = String::new();
    err.read_line(&mut second).unwrap();
    assert_eq!(second, "hookd is there again\n");
    let answer = Answer::from(child.wait_with_output().unwrap());
    assert_eq!(answer.code, Some(0), "{answer:?}");
    assert!(answer.out.ends_with("PROCEED\n"), "{answer:?}");
    assert_eq!(daemon.play().requested.len(), 1);
}

#[test]
fn a_daemon_that_stays_away_is_given_up() {
    let daemon = Daemon::absent(Play::default());
    for (line, least, most) in [("--wait 300ms", 0, 2), ("", 3, 5), ("--wait 0s", 0, 1)] {
        let begun = Instant::now();
        let answer = daemon.ask(&format!("run snapshot-start {line}"));
        assert!((least..most).contains(&begun.elapsed().as_secs()), "{line}");
        assert_eq!(answer.code, Some(69), "{answer:?}");
        let said = "hookd.sock: there is no such socket\nhelp: start it with `hookd serve`";
        assert!(answer.err.contains(said), "{answer:?}");
    }
    // Calls that only read do not retry.
    let answer = daemon.ask("runs");
    assert_eq!(answer.code, Some(69), "{answer:?}");
    let said = "error: cannot reach hookd at unix:///";
    assert!(answer.err.starts_with(said), "{answer:?}");
    assert_eq!(
        hookctl(["run", "snapshot-start", "--addr", "x"])
            .output()
            .unwrap()
            .status
            .code(),
        Some(2)
    );
}

#[test]
fn a_signal_ends_the_wait_for_a_daemon_at_once() {
    // The connections of the second are never answered.
    let absent = Daemon::absent(Play::default());
    let silent = Daemon::absent(Play::default());
    let _silent = std::os::unix::net::UnixListener::bind(silent.socket()).unwrap();
    for (daemon, sent, seconds) in [
        (&absent, Signal::TERM, 1),
        (&absent, Signal::INT, 1),
        (&silent, Signal::TERM, 4),
    ] {
        let mut command = daemon.hookctl("run snapshot-start --wait 1h --color never");
        let mut child = command.stderr(Stdio::piped()).spawn().unwrap();
        let stderr = child.stderr.take().unwrap();
        if daemon.socket().exists() {
            let catches = || {
                let status = std::fs::read_to_string(format!("/proc/{}/status", child.id()));
                let status = status.unwrap();
                let caught = status.lines().find_map(|line| line.strip_prefix("SigCgt:"));
                u64::from_str_radix(caught.unwrap().trim(), 16).unwrap() & (1 << 14) != 0
            };
            while !catches() {
                std::thread::yield_now();
            }
        } else {
            let mut first = String::new();
            BufReader::new(stderr).read_line(&mut first).unwrap();
            assert!(first.starts_with("no connection: there is no such socket"));
        }
        let begun = Instant::now();
        kill_process(Pid::from_child(&child), sent).unwrap();
        assert_eq!(child.wait().unwrap().code(), Some(130));
        let took = begun.elapsed().as_secs();
        assert!(took < seconds, "{took} s");
    }
}

#[test]
fn before_the_run_is_known_the_same_request_is_made_again() {
    let mut play = one_hook(DecisionKind::Proceed);
    play.stall_after = Some(0);
    let mut daemon = Daemon::start(play);
    let running = Background::start(&daemon, "run snapshot-start", 0);
    daemon.wait_for("the request", |play| play.requested.len() == 1);
    daemon.die();
    daemon.play().stall_after = None;
    daemon.revive();
    let answer = running.end();
    assert_eq!(answer.code, Some(0), "{answer:?}");
    let play = daemon.play();
    assert_eq!(play.requested.len(), 2);
    assert_eq!(play.requested[0], play.requested[1]);
    assert!(!play.requested[0].request_id.is_empty());
    assert!(play.watched.is_empty());
}

#[test]
fn a_shutdown_under_way_is_waited_out() {
    let draining = Status::with_error_details(Code::Unavailable, "hookd is shutting down", {
        let mut details = ErrorDetails::with_error_info("DRAINING", "hookd", HashMap::new());
        details.set_retry_info(Some(Duration::from_millis(20)));
        details
    });
    let play = Play {
        refusals: vec![draining.clone(), draining],
        ..one_hook(DecisionKind::Cancel)
    };
    let daemon = Daemon::start(play);
    let answer = daemon.ask("run snapshot-start");
    assert_eq!(answer.code, Some(20), "{answer:?}");
    assert_eq!(daemon.play().requested.len(), 3);
}

#[test]
fn an_outage_is_told_once_and_its_end_once() {
    let draining = reason(Code::Unavailable, "DRAINING", "hookd is shutting down");
    for verb in ["logs -f last", "run snapshot-start"] {
        let mut play = one_hook(DecisionKind::Proceed);
        play.runs = vec![Run {
            run_id: "run-1".to_owned(),
            ..Run::default()
        }];
        play.stall_after = Some(1);
        let mut daemon = Daemon::start(play);
        let running = Background::start(&daemon, verb, 0);
        daemon.wait_for("the stream", |play| play.stalled.len() == 1);
        daemon.die();
        daemon.play().stall_after = None;
        daemon.play().unwatched = vec![draining.clone(); 2];
        daemon.play().refusals = vec![draining.clone(); 2];
        daemon.revive();
        let answer = running.end();
        assert_eq!(answer.code, Some(0), "{answer:?}");
        let said: Vec<&str> = answer.err.lines().collect();
        assert!(said[0].starts_with("no connection: "), "{answer:?}");
        assert_eq!(said[1..], ["hookd is there again"], "{answer:?}");
        assert!(answer.out.contains("battery | fine €\n"), "{answer:?}");
    }
}

#[test]
fn a_run_that_the_daemon_forgot_is_not_fired_again() {
    let mut play = one_hook(DecisionKind::Proceed);
    play.stall_after = Some(2);
    let mut daemon = Daemon::start(play);
    let running = Background::start(&daemon, "run snapshot-start", 2);
    daemon.die();
    daemon.play().unwatched = vec![reason(Code::NotFound, "RUN_NOT_FOUND", "no run `run-1`")];
    daemon.revive();
    let answer = running.end();
    assert_eq!(answer.code, Some(69), "{answer:?}");
    let said = "error: hookd was restarted and has forgotten the run\nhelp: a store on disk";
    assert!(answer.err.contains(said), "{answer:?}");
    assert_eq!(daemon.play().requested.len(), 1);
}

#[test]
fn an_interrupted_run_ends_as_it_advises() {
    for (advice, code, told, help) in [
        (
            DecisionKind::Fail,
            21,
            "; the agent is told FAIL",
            "the operation counts as failed",
        ),
        (
            DecisionKind::Retry,
            22,
            "; the agent is told RETRY in 1 m",
            "try the operation again in 1 m, with a new request id",
        ),
        // Advice of a later version.
        (DecisionKind::Unspecified, 21, "", "counts as failed"),
    ] {
        let mut play = interrupted(advice, 60);
        play.stall_after = Some(2);
        let mut daemon = Daemon::start(play);
        let running = Background::start(&daemon, "run snapshot-start", 2);
        daemon.die();
        daemon.play().stall_after = None;
        daemon.revive();
        let answer = running.end();
        assert_eq!(answer.code, Some(code), "{answer:?}");
        assert!(
            answer
                .out
                .ends_with(&format!("INTERRUPTED: hookd died{told}\n")),
            "{answer:?}"
        );
        // Standard error does not repeat the reason and the advice.
        let said = "error: the run was interrupted\nhelp: `hookctl show` says how far it came\n";
        assert!(answer.err.ends_with(said), "{answer:?}");
        assert!(!answer.err.contains("hookd died"), "{answer:?}");
        assert_eq!(daemon.play().requested.len(), 1);

        // A repeated request gets the same answer, also in JSON.
        let answer = daemon.ask("run snapshot-start -o json");
        assert_eq!(answer.code, Some(code), "{answer:?}");
        let last = answer.out.lines().last().unwrap();
        let last: serde_json::Value = serde_json::from_str(last).unwrap();
        assert_eq!(last["runInterrupted"]["reason"], "hookd died");
        assert!(
            answer.err.contains("interrupted: hookd died\n"),
            "{answer:?}"
        );
        assert!(answer.err.contains(help), "{answer:?}");
    }
}

#[test]
fn an_interruption_without_its_entry_fails_or_is_retried() {
    let bare = reason(Code::Aborted, "RUN_INTERRUPTED", "hookd died");
    let retried = {
        let mut details = ErrorDetails::with_error_info("RUN_INTERRUPTED", "hookd", HashMap::new());
        details.set_retry_info(Some(Duration::from_secs(60)));
        Status::with_error_details(Code::Aborted, "hookd died", details)
    };
    for (status, code) in [(bare, 21), (retried, 22)] {
        let play = Play {
            refusals: vec![status],
            ..Play::default()
        };
        let answer = Daemon::start(play).ask("run snapshot-start");
        assert_eq!(answer.code, Some(code), "{answer:?}");
        let said = "error: the run was interrupted: hookd died\nhelp: ";
        assert!(answer.err.starts_with(said), "{answer:?}");
    }
    // A stream that ends without a decision does not mean "proceed".
    let mut play = interrupted(DecisionKind::Fail, 0);
    play.journal.pop();
    play.ends_with = None;
    play.runs = vec![Run {
        run_id: "run-1".to_owned(),
        state: RunState::Interrupted.into(),
        ..Run::default()
    }];
    let answer = Daemon::start(play).ask("run snapshot-start");
    assert_eq!(answer.code, Some(21), "{answer:?}");
}

#[test]
fn a_failed_store_is_told_at_once() {
    let play = Play {
        refusals: vec![reason(
            Code::Unavailable,
            "STORE_FAILED",
            "no space left on the device",
        )],
        ..one_hook(DecisionKind::Proceed)
    };
    let daemon = Daemon::start(play);
    let answer = daemon.ask("run snapshot-start");
    assert_eq!(answer.code, Some(69), "{answer:?}");
    let said =
        "error: hookd's store does not work: no space left on the device\nhelp: `hookctl info`";
    assert!(answer.err.starts_with(said), "{answer:?}");
    assert_eq!(daemon.play().requested.len(), 1);
}

#[test]
fn a_network_that_breaks_again_and_again_loses_nothing() {
    let mut play = Play {
        journal: journal([
            run_started(&["battery"]),
            hook_started(0, "battery"),
            hook_finished(0, "battery"),
            run_finished(DecisionKind::Fail),
        ]),
        ..Play::default()
    };
    play.stall_after = Some(1);
    let mut daemon = Daemon::start(play);
    let mut running = Background::start(&daemon, "run snapshot-start", 1);
    for seen in 2..=4 {
        daemon.die();
        daemon.play().stall_after = Some(seen);
        daemon.revive();
        running.read(1);
    }
    let answer = running.end();
    assert_eq!(answer.code, Some(21), "{answer:?}");
    assert_eq!(answer.out.lines().count(), 4, "{answer:?}");
    assert_eq!(
        answer.err.matches("hookd is there again").count(),
        3,
        "{answer:?}"
    );
    assert_eq!(daemon.play().requested.len(), 1);
}
