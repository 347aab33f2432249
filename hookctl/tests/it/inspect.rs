//! The verbs that show runs and hooks, and those that need no daemon.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::process::Stdio;

use crate::fake::journal::{
    hook_finished, hook_output, hook_started, journal, run_finished, run_started,
};
use crate::fake::{Daemon, Play};
use crate::hookctl::{Answer, hookctl};
use hookd_proto::v1::journal_entry::Entry;
use hookd_proto::v1::{
    ConfiguredHook, DecisionKind, Hook, HookRun, HookStats, Outcome, OutputStream, Run,
    RunInterrupted, RunState, outcome,
};

fn run(id: &str) -> Run {
    Run {
        run_id: id.to_owned(),
        state: RunState::Finished.into(),
        hooks: ["a", "bb"]
            .map(|hook| HookRun {
                hook: hook.to_owned(),
                ..HookRun::default()
            })
            .to_vec(),
        last_sequence: 9,
        ..Run::default()
    }
}

fn two_hooks() -> Daemon {
    use OutputStream::{Stderr, Stdout};
    Daemon::start(Play {
        journal: journal([
            run_started(&["a", "bb"]),
            hook_started(0, "a"),
            hook_output(0, Stdout, b"one\ntwo\n"),
            hook_output(0, Stderr, b"\x1b[31mred\xff\n"),
            hook_finished(0, "a"),
            hook_started(1, "bb"),
            hook_output(1, Stdout, b"three"),
            hook_finished(1, "bb"),
            run_finished(DecisionKind::Proceed),
        ]),
        runs: ["0001-e", "0001-d", "0002-c", "0002-b", "0003-a"]
            .map(run)
            .to_vec(),
        ..Play::default()
    })
}

#[test]
fn logs_are_filtered_and_safe() {
    let daemon = two_hooks();
    let all = "a  | one\na  | two\na  ! \\x1b[31mred\\xff\nbb | three (no line break)\n";
    for (line, expected) in [
        ("logs last", all),
        ("logs -f last", all),
        ("logs 0003", all),
        ("logs last --stream stderr", "a  ! \\x1b[31mred\\xff\n"),
        ("logs last --hook bb", "bb | three (no line break)\n"),
        (
            "logs last --tail 2",
            "a  ! \\x1b[31mred\\xff\nbb | three (no line break)\n",
        ),
        (
            "logs last --tail 1 -f --stream stdout --hook a",
            "a | two\n",
        ),
        ("logs last --tail 0", ""),
        ("logs last --raw --stream stdout", "one\ntwo\nthree"),
    ] {
        let answer = daemon.ask(line);
        assert_eq!((answer.code, &*answer.err), (Some(0), ""), "{line}");
        assert_eq!(answer.out, expected, "{line}");
    }
    for line in ["logs last --hook none", "logs -f last --hook none --tail 1"] {
        let answer = daemon.ask(line);
        assert_eq!((answer.code, &*answer.out), (Some(65), ""), "{line}");
        assert!(
            answer.err.contains("the run has no hook `none`"),
            "{line}: {answer:?}"
        );
    }
    let raw = daemon.hookctl("logs last --raw").output().unwrap().stdout;
    assert_eq!(raw, b"one\ntwo\n\x1b[31mred\xff\nthree");
}

#[test]
fn names_of_runs_must_be_clear() {
    let daemon = two_hooks();
    let answer = daemon.ask("show 0001");
    assert_eq!((answer.code, &*answer.out), (Some(65), ""));
    assert!(answer.err.contains("ambiguous"), "{answer:?}");
    assert!(answer.err.contains("0001-e") && answer.err.contains("0001-d"));
    let answer = daemon.ask("show nope");
    assert_eq!(answer.code, Some(65));
    assert!(answer.err.contains("help: `hookctl runs`"), "{answer:?}");
    let answer = daemon.ask("cancel 0003-a");
    assert_eq!(answer.code, Some(0));
    assert!(answer.out.contains("0003-a is being ended"), "{answer:?}");
}

#[test]
fn pages_are_walked_up_to_the_limit() {
    let daemon = two_hooks();
    for (line, count, pages) in [
        ("runs -n 3", 3, 2),
        ("runs --all", 5, 3),
        ("runs --all --grep x", 5, 4),
        ("runs -n 1 --grep x", 1, 2),
        ("runs -n 1", 1, 1),
    ] {
        daemon.play().listed.clear();
        let answer = daemon.ask(&format!("{line} -o json"));
        let runs: Vec<serde_json::Value> = serde_json::from_str(&answer.out).unwrap();
        assert_eq!(runs.len(), count, "{line}");
        assert_eq!(daemon.play().listed.len(), pages, "{line}");
    }
    let answer = daemon.ask("runs");
    assert_eq!(answer.out.lines().count(), 6);
    assert!(!answer.out.contains('\x1b'));
    let answer = daemon.ask("runs --color always");
    assert!(answer.out.contains('\x1b'));
}

#[test]
fn empty_lists_are_empty() {
    let daemon = Daemon::start(Play::default());
    for verb in ["runs", "hooks"] {
        assert_eq!(daemon.ask(verb).out, "");
        assert_eq!(daemon.ask(&format!("{verb} -o json")).out, "[]\n");
    }
    assert_eq!(daemon.ask("logs last").code, Some(65));
}

#[test]
fn a_reader_who_has_seen_enough_is_no_failure() {
    let daemon = two_hooks();
    let journal = journal((0..20_000).map(|_| hook_output(0, OutputStream::Stdout, b"y\n")));
    daemon.play().journal = journal;
    let mut child = daemon
        .hookctl("logs -f last")
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut first = String::new();
    let mut out = BufReader::new(child.stdout.take().unwrap());
    out.read_line(&mut first).unwrap();
    drop(out);
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
}

#[test]
fn what_needs_no_daemon_needs_none() {
    for (line, code) in [
        ("completions fish", 0),
        ("man logs", 0),
        ("man nope", 2),
        ("man runs export", 0),
        ("man runs nope", 2),
        ("runs prune --help", 0),
        ("store", 2),
        ("runs prune --max-bytes much", 2),
        ("--help", 0),
        ("run --help", 0),
        ("run", 2),
        ("run snapshot-start --stats - --error-file -", 2),
        ("render --template /nonexistent", 65),
        ("render --template - --vars -", 2),
        ("check /nonexistent", 78),
        ("info --addr unix:///nonexistent/hookd.sock", 69),
    ] {
        let output = hookctl(line.split(' ')).output().unwrap();
        assert_eq!(output.status.code(), Some(code), "{line}: {output:?}");
        assert_eq!(output.stdout.is_empty(), code != 0, "{line}: {output:?}");
    }
}

#[test]
fn check_and_info_name_hooks_that_have_been_failing() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("hookd.yaml");
    let hook = "  - name: healthcheck\n    conditions: [CONDITION_SNAPSHOT_END]\n    \
                actionCommand: { command: 'true' }\n";
    fs::write(&file, format!("hooks:\n{hook}")).unwrap();
    let failing = |hook: &str| HookStats {
        hook: hook.to_owned(),
        runs: 30,
        failures: 23,
        ignored_failures: 23,
        failures_in_a_row: 23,
        failing_since: Some(hookd_proto::well_known::Timestamp {
            seconds: 1_762_167_600,
            nanos: 0,
        }),
        last_failure_outcome: Some(Outcome {
            outcome: Some(outcome::Outcome::ExitCode(6)),
        }),
        ..HookStats::default()
    };
    let daemon = Daemon::start(Play {
        stats: vec![failing("healthcheck"), failing("of-another-config")],
        hooks: vec![ConfiguredHook {
            hook: Some(Hook {
                name: "healthcheck".to_owned(),
                ..Hook::default()
            }),
            ..ConfiguredHook::default()
        }],
        ..Play::default()
    });
    let said = "hook \"healthcheck\" has failed 23 times in a row since 2025-11-03 (exit 6), \
                and its failures are ignored";
    let line = format!("check --strict {}", file.display());
    let answer = daemon.ask(&line);
    assert_eq!(answer.code, Some(0), "the past makes no config faulty");
    assert!(
        answer.out.contains(&format!("warning[failing]: {said}\n")),
        "{answer:?}"
    );
    assert!(answer.out.contains("hookd.yaml:2\n"), "{answer:?}");
    assert!(!answer.out.contains("of-another-config"), "{answer:?}");
    assert!(
        !daemon
            .ask(&format!("{line} --no-history"))
            .out
            .contains("failing")
    );
    let json = daemon.ask(&format!("{line} -o json")).json();
    assert_eq!(json["diagnostics"][0]["code"], "failing");

    // `check` does not wait long for a daemon that does not answer.
    let silent = folder.path().join("silent.sock");
    let _silent = std::os::unix::net::UnixListener::bind(&silent).unwrap();
    let mut check = daemon.hookctl(&line);
    check.env("HOOKD_ADDR", format!("unix://{}", silent.display()));
    let answer = Answer::from(check.output().unwrap());
    assert_eq!((answer.code, &*answer.err), (Some(0), ""));
    assert!(!answer.out.contains("failing"), "{answer:?}");

    let answer = daemon.ask("info");
    assert_eq!(answer.code, Some(0), "{answer:?}");
    assert!(
        answer.out.contains(&format!("warning: {said}\n")),
        "{answer:?}"
    );
    assert!(!answer.out.contains("of-another-config"), "{answer:?}");
    assert_eq!(daemon.ask("info --check").code, Some(1));
    daemon.play().hooks.clear();
    assert_eq!(daemon.ask("info --check").code, Some(0));
}

#[test]
fn a_run_that_was_interrupted_is_shown_for_what_it_is() {
    let journal = journal([
        run_started(&["a"]),
        hook_started(0, "a"),
        hook_output(0, OutputStream::Stdout, b"last words"),
        Entry::RunInterrupted(RunInterrupted {
            advice: DecisionKind::Retry.into(),
            reason: "hookd was killed".to_owned(),
            retry_after: None,
        }),
    ]);
    let run = Run {
        run_id: "1".to_owned(),
        state: RunState::Interrupted.into(),
        last_sequence: 4,
        ..Run::default()
    };
    let daemon = Daemon::start(Play {
        journal,
        runs: vec![run],
        ..Play::default()
    });
    let shown = daemon.ask("show last");
    assert_eq!(shown.code, Some(0));
    assert!(shown.out.contains("state    interrupted\n"), "{shown:?}");
    assert!(shown.out.contains("cut off: hookd died\n"), "{shown:?}");
    let said = "INTERRUPTED: hookd was killed; the agent is told RETRY\n";
    assert!(shown.out.contains(said), "{shown:?}");
    for line in ["logs last", "logs -f last", "logs -f --tail 1 last"] {
        let logs = daemon.ask(line);
        assert_eq!(logs.code, Some(0), "{line}: {logs:?}");
        assert_eq!(logs.out, "a | last words (no line break)\n", "{line}");
        assert_eq!(logs.err, "the run was interrupted: hookd was killed\n");
    }
    assert!(daemon.ask("runs").out.contains("interrupted"));
}
