//! Journals as tests write them.

use hookd_proto::v1::journal_entry::Entry;
use hookd_proto::v1::*;

/// A journal of these facts.
pub(crate) fn journal(facts: impl IntoIterator<Item = Entry>) -> Vec<JournalEntry> {
    let entry = |(sequence, entry)| JournalEntry {
        sequence,
        time: None,
        entry: Some(entry),
    };
    (1..).zip(facts).map(entry).collect()
}

pub(crate) fn run_started(hooks: &[&str]) -> Entry {
    Entry::RunStarted(RunStarted {
        run_id: "run-1".to_owned(),
        event: None,
        conditions: vec![Condition::SnapshotStart.into()],
        hooks: hooks.iter().map(ToString::to_string).collect(),
    })
}

pub(crate) fn hook_started(index: u32, hook: &str) -> Entry {
    Entry::HookStarted(HookStarted {
        hook: hook.to_owned(),
        index,
        condition: Condition::SnapshotStart.into(),
        interpreter: vec!["sh".to_owned()],
        attempt: 1,
        ..HookStarted::default()
    })
}

pub(crate) fn hook_output(index: u32, stream: OutputStream, data: &[u8]) -> Entry {
    Entry::HookOutput(HookOutput {
        index,
        stream: stream.into(),
        offset: 0,
        data: data.to_vec().into(),
    })
}

pub(crate) fn hook_finished(index: u32, hook: &str) -> Entry {
    Entry::HookFinished(HookFinished {
        index,
        hook: hook.to_owned(),
        outcome: Some(Outcome {
            outcome: Some(outcome::Outcome::ExitCode(0)),
        }),
        effect: Effect::None.into(),
        ..HookFinished::default()
    })
}

pub(crate) fn run_finished(kind: DecisionKind) -> Entry {
    Entry::RunFinished(RunFinished {
        decision: Some(Decision {
            kind: kind.into(),
            ..Decision::default()
        }),
    })
}

pub(crate) fn run_interrupted(advice: DecisionKind, retry_after: i64) -> Entry {
    Entry::RunInterrupted(RunInterrupted {
        advice: advice.into(),
        reason: "hookd died".to_owned(),
        retry_after: Some(hookd_proto::well_known::Duration {
            seconds: retry_after,
            nanos: 0,
        }),
    })
}
