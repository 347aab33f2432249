//! The stored form of a journal entry, which is its form on the wire: an encoded
//! `JournalEntry`.
//!
//! Clients see stored entries as they are, and the rules that keep the API compatible also
//! keep old stores readable. Apart from the [summary](super::summary), nothing else in `runs`
//! uses wire types.

mod event;

use std::time::Duration;

use hook_core::condition::Condition;
use hook_core::run::decision::{Decision, DecisionKind, Effect};
use hook_core::run::journal::{Fact, JournalEntry, SkipReason, WaitReason};
use hook_core::run::outcome::{Outcome, TimeLimit};
use hook_core::run::stop::CancelCause;
use hookd_proto::v1;
use hookd_proto::v1::journal_entry::Entry as WireFact;
use jiff::Timestamp;
use process_supervisor::{Containment, LimitHit, Stream, Termination};
use prost::Message as _;

pub(crate) use self::event::{event, json, snapshot_stats};
use crate::limits::RETRY_DELAY;
use crate::settings::OnInterrupted;
use crate::store::Record;

pub(crate) fn encode(entry: JournalEntry) -> Record {
    encode_wire(&v1::JournalEntry {
        sequence: entry.sequence,
        time: Some(entry.time.into()),
        entry: Some(fact(entry.fact)),
    })
}

fn encode_wire(entry: &v1::JournalEntry) -> Record {
    Record {
        sequence: entry.sequence,
        bytes: entry.encode_to_vec().into(),
    }
}

/// Decodes a record. An entry that cannot be read has no content but its sequence number.
pub(crate) fn decode(record: &Record) -> v1::JournalEntry {
    v1::JournalEntry::decode(record.bytes.clone()).unwrap_or_else(|_| v1::JournalEntry {
        sequence: record.sequence,
        ..v1::JournalEntry::default()
    })
}

/// The last record of a run that the death of the daemon cut off.
pub(super) fn interruption(sequence: u64, advice: OnInterrupted) -> Record {
    let (advice, retry_after, then) = match advice {
        OnInterrupted::Fail => {
            let then = "count the operation as failed";
            (v1::DecisionKind::Fail, None, then)
        }
        OnInterrupted::Retry => {
            let then = "try the operation again, as a new request";
            (v1::DecisionKind::Retry, Some(RETRY_DELAY.into()), then)
        }
    };
    let reason = format!("hookd died before the run ended, and has ended what it left: {then}");
    encode_wire(&v1::JournalEntry {
        sequence,
        time: Some(Timestamp::now().into()),
        entry: Some(WireFact::RunInterrupted(v1::RunInterrupted {
            advice: advice.into(),
            reason,
            retry_after,
        })),
    })
}

/// Reads the last record of a run that was cut off. Without such a record, the run could not be
/// closed, because the store failed.
pub(super) fn interrupted(last: Option<&Record>) -> v1::RunInterrupted {
    match last.and_then(|record| decode(record).entry) {
        Some(WireFact::RunInterrupted(interrupted)) => interrupted,
        _ => v1::RunInterrupted {
            advice: v1::DecisionKind::Fail.into(),
            reason: "hookd died before the run ended".to_owned(),
            retry_after: None,
        },
    }
}

/// Numbers of conditions on the wire, which are those of the domain.
pub(crate) fn conditions(conditions: &[Condition]) -> Vec<i32> {
    conditions.iter().map(|c| c.number()).collect()
}

fn fact(fact: Fact) -> WireFact {
    match fact {
        Fact::RunStarted {
            run_id,
            event: reported,
            conditions: fired,
            hooks,
        } => WireFact::RunStarted(v1::RunStarted {
            run_id,
            event: Some(event(*reported)),
            conditions: conditions(&fired),
            hooks,
        }),
        Fact::Waiting { hook, reason } => {
            let (reason, lock, held_by) = match reason {
                WaitReason::Turn => (v1::WaitReason::Turn, String::new(), String::new()),
                WaitReason::Lock { name, holder } => (v1::WaitReason::Lock, name, holder),
            };
            WireFact::RunWaiting(v1::RunWaiting {
                reason: reason.into(),
                hook,
                lock,
                held_by,
            })
        }
        Fact::HookStarted {
            hook,
            index,
            condition,
            script,
            interpreter,
            pid,
            attempt,
            notes,
        } => WireFact::HookStarted(v1::HookStarted {
            hook,
            index,
            condition: condition.number(),
            script,
            interpreter,
            pid,
            attempt,
            notes,
        }),
        Fact::HookOutput { index, chunk } => WireFact::HookOutput(v1::HookOutput {
            index,
            stream: output_stream(chunk.stream).into(),
            offset: chunk.offset,
            data: chunk.data,
        }),
        Fact::HookFinished {
            hook,
            index,
            condition,
            outcome: ended,
            effect: means,
            attempt,
            report,
        } => {
            let mut finished = v1::HookFinished {
                hook,
                index,
                condition: condition.number(),
                outcome: Some(outcome(&ended)),
                effect: effect(&means).into(),
                retried_after: match means {
                    Effect::RetriedAfter(delay) => Some(delay.into()),
                    _ => None,
                },
                attempt,
                elapsed: Some(Duration::ZERO.into()),
                ..v1::HookFinished::default()
            };
            if let Some(report) = report {
                let notes = report.limit_hits.iter().map(LimitHit::to_string);
                finished.notes = notes.collect();
                finished.elapsed = Some(report.elapsed.into());
                finished.output_bytes = report.output_bytes;
                finished.dropped_bytes = report.dropped_bytes;
                finished.leaked = report.leaked;
                finished.ending = report
                    .termination
                    .map_or(v1::Ending::Unspecified, ending)
                    .into();
                finished.containment = containment(report.containment).into();
            }
            WireFact::HookFinished(finished)
        }
        Fact::HookSkipped {
            hook,
            index,
            reason,
        } => WireFact::HookSkipped(v1::HookSkipped {
            hook,
            index,
            reason: skip_reason(reason).into(),
        }),
        Fact::RunFinished { decision: told } => WireFact::RunFinished(v1::RunFinished {
            decision: Some(decision(told)),
        }),
    }
}

/// Outcome of a hook on the wire.
pub(crate) fn outcome(outcome: &Outcome) -> v1::Outcome {
    use v1::outcome::{Cancelled, FailedToRender, FailedToStart, Outcome as Wire, TimedOut};
    let outcome = match outcome {
        Outcome::Exited { code } => Wire::ExitCode(*code),
        Outcome::Signaled { signal } => Wire::Signal(signal.clone()),
        Outcome::TimedOut { limit } => Wire::TimedOut(TimedOut {
            limit: time_limit(*limit).into(),
        }),
        // The entry before it names the lock and its holder.
        Outcome::LockNotFree { .. } => Wire::TimedOut(TimedOut {
            limit: v1::TimeLimit::Hook.into(),
        }),
        Outcome::Cancelled { cause } => Wire::Cancelled(Cancelled {
            cause: cancel_cause(*cause).into(),
        }),
        Outcome::FailedToStart { message } => Wire::FailedToStart(FailedToStart {
            message: message.clone(),
        }),
        Outcome::FailedToRender {
            message,
            line,
            column,
        } => Wire::FailedToRender(FailedToRender {
            message: message.clone(),
            line: *line,
            column: *column,
        }),
    };
    v1::Outcome {
        outcome: Some(outcome),
    }
}

fn effect(effect: &Effect) -> v1::Effect {
    match effect {
        Effect::None | Effect::Decides(DecisionKind::Proceed) => v1::Effect::None,
        Effect::Warning => v1::Effect::Warning,
        Effect::Ignored => v1::Effect::Ignored,
        Effect::RetriedAfter(_) => v1::Effect::Retried,
        Effect::Decides(DecisionKind::Cancel) => v1::Effect::Cancels,
        Effect::Decides(DecisionKind::Fail) => v1::Effect::Fails,
        Effect::Decides(DecisionKind::Retry) => v1::Effect::Postpones,
    }
}

/// Defines the conversion of an enum into the one on the wire with the same variants.
macro_rules! same_variants {
    ($vis:vis fn $name:ident($from:ident) -> $to:ident { $($variant:ident)* }) => {
        $vis fn $name(value: $from) -> v1::$to {
            match value {
                $($from::$variant => v1::$to::$variant,)*
            }
        }
    };
}
pub(crate) use same_variants;

same_variants!(fn cancel_cause(CancelCause) -> CancelCause { Requested Disconnected Shutdown });
same_variants!(fn containment(Containment) -> Containment { Cgroup Descent Job Group None NotKnown });
same_variants!(fn decision_kind(DecisionKind) -> DecisionKind { Proceed Cancel Fail Retry });
same_variants!(fn ending(Termination) -> Ending { Term Kill Survived });
same_variants!(fn output_stream(Stream) -> OutputStream { Stdout Stderr });
same_variants!(fn skip_reason(SkipReason) -> SkipReason { Disabled Stopped RunEnded });
same_variants!(fn time_limit(TimeLimit) -> TimeLimit { Hook Run });

fn decision(decision: Decision) -> v1::Decision {
    v1::Decision {
        kind: decision_kind(decision.kind).into(),
        hook: decision.hook,
        reason: decision.reason,
        retry_after: decision.retry_after.map(Into::into),
        attempt: decision.attempt,
        warnings: decision.warnings,
    }
}
