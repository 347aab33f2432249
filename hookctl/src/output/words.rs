//! How the contract's values are said to people.

use std::time::Duration;

use hookd_proto::v1::{
    self, CancelCause, Condition, DecisionKind, Effect, Ending, RunState, RunWaiting, SkipReason,
    TimeLimit, WaitReason, outcome,
};

use super::Tone;
use crate::times;

/// A condition by its short name, such as `SNAPSHOT_START`.
#[must_use]
pub(crate) fn condition(number: i32) -> String {
    match Condition::try_from(number) {
        Ok(condition) => short(condition.as_str_name(), "CONDITION_").to_owned(),
        Err(_) => format!("condition {number}"),
    }
}

/// Several conditions, in their order.
#[must_use]
pub(crate) fn conditions(numbers: &[i32]) -> String {
    let names: Vec<String> = numbers.iter().copied().map(condition).collect();
    names.join(", ")
}

/// A decision as a word, with its colour.
#[must_use]
pub(crate) fn decision(kind: DecisionKind) -> (Tone, &'static str) {
    match kind {
        DecisionKind::Proceed => (Tone::Good, "PROCEED"),
        DecisionKind::Cancel => (Tone::Warn, "CANCEL"),
        DecisionKind::Fail => (Tone::Bad, "FAIL"),
        DecisionKind::Retry => (Tone::Warn, "RETRY"),
        DecisionKind::Unspecified => (Tone::Bad, "UNKNOWN DECISION"),
    }
}

/// A run's state as a word, with its colour.
#[must_use]
pub(crate) fn state(state: RunState) -> (Tone, &'static str) {
    match state {
        RunState::Queued => (Tone::Dim, "queued"),
        RunState::Running => (Tone::Hint, "running"),
        RunState::Finished => (Tone::Plain, "finished"),
        RunState::Interrupted => (Tone::Bad, "interrupted"),
        RunState::Unspecified => (Tone::Dim, "unknown"),
    }
}

/// What a run or a hook waits for.
#[must_use]
pub(crate) fn waiting(waiting: &RunWaiting) -> String {
    match (waiting.reason(), &*waiting.held_by) {
        (WaitReason::Lock, "") => format!("waits for lock {}", waiting.lock),
        (WaitReason::Lock, holder) => {
            format!("waits for lock {}, which {holder} holds", waiting.lock)
        }
        (WaitReason::Turn | WaitReason::Unspecified, _) => "waits for its turn".to_owned(),
    }
}

/// How a hook ended.
#[must_use]
pub(crate) fn outcome(outcome: Option<&v1::Outcome>) -> String {
    use outcome::Outcome as O;
    match outcome.and_then(|outcome| outcome.outcome.as_ref()) {
        None => "ended".to_owned(),
        Some(O::ExitCode(code)) => format!("exit {code}"),
        Some(O::Signal(signal)) => format!("killed by {signal}"),
        Some(O::TimedOut(by)) => match by.limit() {
            TimeLimit::Run => "timed out: the run's time was up".to_owned(),
            TimeLimit::Hook | TimeLimit::Unspecified => "timed out".to_owned(),
        },
        Some(O::Cancelled(by)) => match by.cause() {
            CancelCause::Requested => "cancelled".to_owned(),
            CancelCause::Disconnected => "cancelled: the agent went away".to_owned(),
            CancelCause::Shutdown => "cancelled: hookd is shutting down".to_owned(),
            CancelCause::Unspecified => "cancelled".to_owned(),
        },
        Some(O::FailedToStart(fault)) => format!("could not start: {}", fault.message),
        Some(O::FailedToRender(fault)) => format!(
            "faulty template, line {}, column {}: {}",
            fault.line, fault.column, fault.message
        ),
    }
}

/// Whether a hook ended as it should.
#[must_use]
pub(crate) fn is_success(outcome: Option<&v1::Outcome>) -> bool {
    matches!(
        outcome.and_then(|outcome| outcome.outcome.as_ref()),
        Some(outcome::Outcome::ExitCode(0))
    )
}

/// What a hook run means for the operation, if that needs a word.
#[must_use]
pub(crate) fn effect(effect: Effect, retried_after: Option<Duration>) -> Option<String> {
    let said = match effect {
        Effect::Unspecified | Effect::None => return None,
        Effect::Warning => "a warning",
        Effect::Ignored => "ignored",
        Effect::Retried => match retried_after {
            Some(delay) => return Some(format!("runs again in {}", times::human(delay))),
            None => "runs again",
        },
        Effect::Cancels => "cancels the operation",
        Effect::Fails => "fails the operation",
        Effect::Postpones => "postpones the operation",
    };
    Some(said.to_owned())
}

/// The colour of a hook run that ended.
#[must_use]
pub(crate) fn effect_tone(effect: Effect, success: bool) -> Tone {
    match effect {
        Effect::Warning | Effect::Ignored | Effect::Retried => Tone::Warn,
        Effect::Cancels | Effect::Fails | Effect::Postpones => Tone::Bad,
        Effect::None => Tone::Good,
        Effect::Unspecified if success => Tone::Good,
        Effect::Unspecified => Tone::Bad,
    }
}

/// Why a hook did not run.
#[must_use]
pub(crate) fn skip(reason: SkipReason) -> &'static str {
    match reason {
        SkipReason::Disabled => "skipped: it is disabled",
        SkipReason::Stopped => "skipped: a hook before it stopped the operation",
        SkipReason::RunEnded => "skipped: the run had ended",
        SkipReason::Unspecified => "skipped",
    }
}

/// What is remarkable about a hook's output, each with its own clause.
#[must_use]
pub(crate) fn oddities(dropped_bytes: u64, leaked: bool) -> String {
    let mut said = String::new();
    if dropped_bytes > 0 {
        said.push_str(&format!(", {} of output dropped", bytes(dropped_bytes)));
    }
    if leaked {
        said.push_str(", left a process behind that holds its output open");
    }
    said
}

/// A number of bytes.
#[must_use]
pub(crate) fn bytes(count: u64) -> String {
    const UNITS: [&str; 4] = ["KiB", "MiB", "GiB", "TiB"];
    let mut unit = "B";
    let mut rest = count;
    let mut tenths = 0;
    for next in UNITS {
        if rest < 1024 {
            break;
        }
        tenths = rest % 1024 * 10 / 1024;
        rest /= 1024;
        unit = next;
    }
    if tenths == 0 {
        format!("{rest} {unit}")
    } else {
        format!("{rest}.{tenths} {unit}")
    }
}

/// A count of things: `1 hook`, `2 hooks`.
#[must_use]
pub(crate) fn count(count: usize, thing: &str) -> String {
    match count {
        0 => format!("no {thing}s"),
        1 => format!("1 {thing}"),
        _ => format!("{count} {thing}s"),
    }
}

/// An enum value's name without its prefix.
#[must_use]
pub(crate) fn short<'name>(name: &'name str, prefix: &str) -> &'name str {
    name.strip_prefix(prefix).unwrap_or(name)
}

/// What it took to end a hook's processes, where that is worth a word.
#[must_use]
pub(crate) fn ending(ending: Ending) -> &'static str {
    match ending {
        Ending::Unspecified | Ending::Term => "",
        Ending::Kill => ", had to be killed",
        Ending::Survived => ", some of its processes could not be killed",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_said() {
        let table = [
            (0, "0 B"),
            (1023, "1023 B"),
            (1024, "1 KiB"),
            (1536, "1.5 KiB"),
            (16 << 20, "16 MiB"),
            (u64::MAX, "16777215.9 TiB"),
        ];
        for (count, said) in table {
            assert_eq!(bytes(count), said);
        }
    }

    #[test]
    fn values_of_the_future_are_bearable() {
        assert_eq!(condition(2), "SNAPSHOT_START");
        assert_eq!(condition(999), "condition 999");
        assert_eq!(outcome(None), "ended");
        assert_eq!(conditions(&[6, 3]), "SNAPSHOT_SUCCESS, SNAPSHOT_END");
        assert_eq!(count(1, "hook"), "1 hook");
    }
}
