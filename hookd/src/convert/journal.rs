//! Journal entries on the wire.

use hook_core::on_error::DecisionKind;
use hook_core::run::journal::{
    Decision, Effect, Entry, Fact, Outcome, SkipReason, TimeLimit, WaitReason,
};
use hook_core::run::stop::CancelCause;
use hookd_proto::v1;
use hookd_proto::v1::journal_entry::Entry as WireFact;
use process_supervisor::{Containment, Stream, Termination};

use super::{condition, conditions, duration, event_to_wire, timestamp};

/// An entry on the wire.
#[must_use]
pub fn entry(entry: Entry) -> v1::JournalEntry {
    v1::JournalEntry {
        sequence: entry.sequence,
        time: Some(timestamp(entry.time)),
        entry: Some(fact(entry.fact)),
    }
}

fn fact(fact: Fact) -> WireFact {
    match fact {
        Fact::RunStarted {
            run_id,
            event,
            conditions: fired,
            hooks,
        } => WireFact::RunStarted(v1::RunStarted {
            run_id,
            event: Some(event_to_wire(&event)),
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
            condition: matched,
            script,
            interpreter,
            pid,
            attempt,
            notes,
        } => WireFact::HookStarted(v1::HookStarted {
            hook,
            index,
            condition: condition(matched),
            script,
            interpreter,
            pid,
            attempt,
            notes,
        }),
        Fact::HookOutput {
            index,
            stream,
            offset,
            data,
        } => {
            let stream = match stream {
                Stream::Stdout => v1::OutputStream::Stdout,
                Stream::Stderr => v1::OutputStream::Stderr,
            };
            WireFact::HookOutput(v1::HookOutput {
                index,
                stream: stream.into(),
                offset,
                data,
            })
        }
        Fact::HookFinished {
            hook,
            index,
            condition: matched,
            outcome: how,
            effect: what,
            elapsed,
            output_bytes,
            dropped_bytes,
            leaked,
            attempt,
            termination,
            containment: contained,
            notes,
        } => WireFact::HookFinished(v1::HookFinished {
            index,
            outcome: Some(outcome(&how)),
            elapsed: Some(duration(elapsed)),
            output_bytes,
            dropped_bytes,
            leaked,
            hook,
            condition: condition(matched),
            retried_after: match &what {
                Effect::RetriedAfter(delay) => Some(duration(*delay)),
                _ => None,
            },
            effect: effect(&what).into(),
            attempt,
            ending: termination.map_or(v1::Ending::Unspecified, ending).into(),
            containment: contained
                .map_or(v1::Containment::Unspecified, containment)
                .into(),
            notes,
        }),
        Fact::HookSkipped {
            hook,
            index,
            reason,
        } => WireFact::HookSkipped(v1::HookSkipped {
            index,
            reason: skipped(reason).into(),
            hook,
        }),
        Fact::RunFinished { decision: what } => WireFact::RunFinished(v1::RunFinished {
            decision: Some(decision(&what)),
        }),
    }
}

/// How a hook ended, on the wire.
#[must_use]
pub fn outcome(outcome: &Outcome) -> v1::Outcome {
    use v1::outcome::{Cancelled, FailedToRender, FailedToStart, Outcome as Wire, TimedOut};
    let outcome = match outcome {
        Outcome::Exited { code } => Wire::ExitCode(*code),
        Outcome::Signaled { signal } => Wire::Signal(signal.clone()),
        Outcome::TimedOut { limit } => {
            let limit = match limit {
                TimeLimit::Hook => v1::TimeLimit::Hook,
                TimeLimit::Run => v1::TimeLimit::Run,
            };
            Wire::TimedOut(TimedOut {
                limit: limit.into(),
            })
        }
        Outcome::Cancelled { cause } => {
            let cause = match cause {
                CancelCause::Requested => v1::CancelCause::Requested,
                CancelCause::Disconnected => v1::CancelCause::Disconnected,
                CancelCause::Shutdown => v1::CancelCause::Shutdown,
            };
            Wire::Cancelled(Cancelled {
                cause: cause.into(),
            })
        }
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

fn ending(termination: Termination) -> v1::Ending {
    match termination {
        Termination::Term => v1::Ending::Term,
        Termination::Kill => v1::Ending::Kill,
        Termination::Survived => v1::Ending::Survived,
    }
}

fn containment(containment: Containment) -> v1::Containment {
    match containment {
        Containment::Cgroup => v1::Containment::Cgroup,
        Containment::Descent => v1::Containment::Descent,
        Containment::Job => v1::Containment::Job,
        Containment::Group => v1::Containment::Group,
        Containment::None => v1::Containment::None,
    }
}

pub(super) fn effect(effect: &Effect) -> v1::Effect {
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

pub(super) fn skipped(reason: SkipReason) -> v1::SkipReason {
    match reason {
        SkipReason::Disabled => v1::SkipReason::Disabled,
        SkipReason::Stopped => v1::SkipReason::Stopped,
        SkipReason::RunEnded => v1::SkipReason::RunEnded,
    }
}

pub(super) fn decision_kind(kind: DecisionKind) -> v1::DecisionKind {
    match kind {
        DecisionKind::Proceed => v1::DecisionKind::Proceed,
        DecisionKind::Cancel => v1::DecisionKind::Cancel,
        DecisionKind::Fail => v1::DecisionKind::Fail,
        DecisionKind::Retry => v1::DecisionKind::Retry,
    }
}

/// What the agent is told, on the wire.
#[must_use]
pub fn decision(decision: &Decision) -> v1::Decision {
    v1::Decision {
        kind: decision_kind(decision.kind).into(),
        hook: decision.hook.clone(),
        reason: decision.reason.clone(),
        retry_after: decision.retry_after.map(duration),
        attempt: decision.attempt,
        warnings: decision.warnings.clone(),
    }
}
