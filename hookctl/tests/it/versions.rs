//! hookctl with a daemon of another version: unknown values are shown, and none of them means
//! "proceed".

use crate::fake::journal::{
    hook_finished, hook_output, hook_started, journal, run_finished, run_started,
};
use crate::fake::{Daemon, Play};
use hookd_proto::v1::journal_entry::Entry;
use hookd_proto::v1::*;
use prost::Message as _;

/// A number that no enum of this version has.
const LATER: i32 = 99;

fn finished(kind: i32) -> Entry {
    Entry::RunFinished(RunFinished {
        decision: Some(Decision {
            kind,
            ..Decision::default()
        }),
    })
}

#[test]
fn a_decision_of_a_later_version_is_not_leave_to_proceed() {
    for kind in [LATER, 0, -1] {
        let daemon = Daemon::start(Play {
            journal: journal([run_started(&[]), finished(kind)]),
            ..Play::default()
        });
        for line in ["run snapshot-start", "run snapshot-start -o json"] {
            let answer = daemon.ask(line);
            assert_eq!(answer.code, Some(1), "{answer:?}");
            let said = format!("this version does not know ({kind})");
            assert!(answer.err.contains(&said), "{answer:?}");
            assert!(answer.err.contains("help: update hookctl"), "{answer:?}");
        }
    }
    // An end without a decision does not mean "proceed".
    let end = Entry::RunFinished(RunFinished { decision: None });
    let daemon = Daemon::start(Play {
        journal: journal([run_started(&[]), end]),
        ..Play::default()
    });
    assert_eq!(daemon.ask("run snapshot-start").code, Some(1));
}

#[test]
fn entries_of_a_later_version_are_passed_over() {
    let mut play = Play {
        journal: journal([
            run_started(&["battery"]),
            hook_started(0, "battery"),
            hook_output(0, OutputStream::Stdout, b"fine\n"),
            hook_finished(0, "battery"),
            run_finished(DecisionKind::Cancel),
        ]),
        ..Play::default()
    };
    // The bytes contain field 900, which is unknown to this version.
    let unknown = JournalEntry::decode(&b"\x08\x06\xa2\x38\x02hi"[..]).unwrap();
    assert_eq!(unknown.entry, None);
    play.journal.insert(2, unknown);
    for (sequence, entry) in (1..).zip(&mut play.journal) {
        entry.sequence = sequence;
    }
    let daemon = Daemon::start(play);
    let answer = daemon.ask("run snapshot-start");
    assert_eq!((answer.code, &*answer.err), (Some(20), ""), "{answer:?}");
    assert_eq!(answer.out.lines().count(), 5, "{answer:?}");
    let answer = daemon.ask("run snapshot-start -o json");
    assert_eq!((answer.code, &*answer.err), (Some(20), ""), "{answer:?}");
    assert_eq!(answer.out.lines().count(), 6, "{answer:?}");
}

/// A journal and a run in which every enum has a value of a later version.
fn later() -> Play {
    let started = Entry::HookStarted(HookStarted {
        hook: "battery".to_owned(),
        condition: LATER,
        ..HookStarted::default()
    });
    let output = Entry::HookOutput(HookOutput {
        stream: LATER,
        data: b"fine\n".to_vec().into(),
        ..HookOutput::default()
    });
    let outcome = Some(Outcome { outcome: None });
    let ended = Entry::HookFinished(HookFinished {
        hook: "battery".to_owned(),
        outcome: outcome.clone(),
        condition: LATER,
        effect: LATER,
        ending: LATER,
        containment: LATER,
        ..HookFinished::default()
    });
    let skipped = Entry::HookSkipped(HookSkipped {
        index: 1,
        reason: LATER,
        hook: "other".to_owned(),
    });
    let waiting = Entry::RunWaiting(RunWaiting {
        reason: LATER,
        ..RunWaiting::default()
    });
    let event = Event {
        condition: LATER,
        trigger: LATER,
        ..Event::default()
    };
    let begun = Entry::RunStarted(RunStarted {
        run_id: "run-1".to_owned(),
        event: Some(event.clone()),
        conditions: vec![LATER],
        hooks: vec!["battery".to_owned()],
    });
    let journal = journal([begun, waiting, started, output, ended, skipped]);
    let end = journal_end(&journal);
    Play {
        journal: journal.into_iter().chain([end]).collect(),
        runs: vec![Run {
            run_id: "run-1".to_owned(),
            state: LATER,
            event: Some(event),
            conditions: vec![LATER],
            hooks: vec![HookRun {
                hook: "battery".to_owned(),
                condition: LATER,
                outcome,
                effect: LATER,
                skipped: LATER,
                ..HookRun::default()
            }],
            decision: Some(Decision {
                kind: LATER,
                ..Decision::default()
            }),
            last_sequence: 7,
            ..Run::default()
        }],
        ..Play::default()
    }
}

fn journal_end(journal: &[JournalEntry]) -> JournalEntry {
    JournalEntry {
        sequence: journal.len() as u64 + 1,
        time: None,
        entry: Some(run_finished(DecisionKind::Proceed)),
    }
}

#[test]
fn values_of_a_later_version_are_shown_and_break_nothing() {
    let daemon = Daemon::start(later());
    for verb in ["run snapshot-start", "runs", "show run-1", "logs run-1"] {
        for format in ["", " -o json"] {
            let answer = daemon.ask(&format!("{verb}{format}"));
            assert_eq!(
                (answer.code, &*answer.err),
                (Some(0), ""),
                "{verb}{format}: {answer:?}"
            );
            assert_ne!(answer.out, "", "{verb}{format}");
        }
    }
}

#[test]
fn an_older_daemon_says_less_and_breaks_nothing() {
    // Fields that an older API lacks have their default.
    let play = Play {
        journal: journal([
            Entry::RunStarted(RunStarted {
                run_id: "run-1".to_owned(),
                ..RunStarted::default()
            }),
            Entry::HookStarted(HookStarted::default()),
            Entry::HookFinished(HookFinished::default()),
            run_finished(DecisionKind::Fail),
        ]),
        ..Play::default()
    };
    let daemon = Daemon::start(play);
    for format in ["", " -o json"] {
        let answer = daemon.ask(&format!("run snapshot-start{format}"));
        assert_eq!((answer.code, &*answer.err), (Some(21), ""), "{answer:?}");
    }
    daemon.play().refusals = vec![tonic::Status::unimplemented("no such method")];
    let answer = daemon.ask("run snapshot-start");
    assert_eq!(answer.code, Some(1), "{answer:?}");
    assert!(answer.err.contains("hookd may be older"), "{answer:?}");
}
