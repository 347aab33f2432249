//! Display texts for values of the API.

use hookd_proto::v1::{
    self, CancelCause, Condition, DecisionKind, Effect, Ending, HookFinished, HookRun, Run,
    RunState, RunWaiting, SkipReason, TimeLimit, WaitReason, outcome,
};

use super::Tone;
use crate::times;

/// Returns a condition's short name, such as `SNAPSHOT_START`.
pub(crate) fn condition(number: i32) -> String {
    match Condition::try_from(number) {
        Ok(known) => known.as_str_name().replace("CONDITION_", ""),
        Err(_) => format!("condition {number}"),
    }
}

/// Returns the short names of conditions, in their order.
pub(crate) fn conditions(numbers: &[i32]) -> String {
    let names: Vec<String> = numbers.iter().copied().map(condition).collect();
    names.join(", ")
}

/// Returns the word for a decision, and its colour.
pub(crate) fn decision(kind: DecisionKind) -> (Tone, &'static str) {
    match kind {
        DecisionKind::Proceed => (Tone::Good, "PROCEED"),
        DecisionKind::Cancel => (Tone::Warn, "CANCEL"),
        DecisionKind::Fail => (Tone::Bad, "FAIL"),
        DecisionKind::Retry => (Tone::Warn, "RETRY"),
        DecisionKind::Unspecified => (Tone::Bad, "UNKNOWN DECISION"),
    }
}

/// Returns the word for a run's state, and its colour.
pub(crate) fn state(state: RunState) -> (Tone, &'static str) {
    match state {
        RunState::Queued => (Tone::Dim, "queued"),
        RunState::Running => (Tone::Hint, "running"),
        RunState::Finished => (Tone::Plain, "finished"),
        RunState::Interrupted => (Tone::Bad, "interrupted"),
        RunState::Unspecified => (Tone::Dim, "unknown"),
    }
}

/// Returns the reason for which a run or a hook waits.
pub(crate) fn waiting(waiting: &RunWaiting) -> String {
    match (waiting.reason(), &*waiting.held_by) {
        (WaitReason::Lock, "") => format!("waits for lock {}", waiting.lock),
        (WaitReason::Lock, holder) => {
            format!("waits for lock {}, which {holder} holds", waiting.lock)
        }
        (WaitReason::Turn | WaitReason::Unspecified, _) => "waits for its turn".to_owned(),
    }
}

/// Returns a text for the outcome of a hook.
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

/// Returns a text for the outcome of a hook and its effect; `detail` follows the outcome.
pub(crate) fn finished(hook: &HookFinished, detail: &str) -> String {
    let mut said = outcome(hook.outcome.as_ref()) + detail;
    match hook.effect() {
        Effect::Unspecified | Effect::None => {}
        Effect::Warning => said.push_str(", a warning"),
        Effect::Ignored => said.push_str(", ignored"),
        Effect::Retried => match times::span(hook.retried_after.as_ref()) {
            Some(delay) => said.push_str(&format!(", runs again in {}", times::human(delay))),
            None => said.push_str(", runs again"),
        },
        Effect::Cancels => said.push_str(", cancels the operation"),
        Effect::Fails => said.push_str(", fails the operation"),
        Effect::Postpones => said.push_str(", postpones the operation"),
    }
    if hook.dropped_bytes > 0 {
        said.push_str(&format!(
            ", {} of output dropped",
            bytes(hook.dropped_bytes)
        ));
    }
    if hook.leaked {
        said.push_str(", left a process behind that holds its output open");
    }
    said.push_str(match hook.ending() {
        Ending::Unspecified | Ending::Term => "",
        Ending::Kill => ", had to be killed",
        Ending::Survived => ", some of its processes could not be killed",
    });
    said
}

/// Returns the number of hooks in a run and of those that failed, and its colour.
pub(crate) fn hooks(run: &Run) -> (Tone, String) {
    let failed = run.hooks.iter().filter(|hook| has_failed(hook)).count();
    let hooks = count(run.hooks.len(), "hook");
    match failed {
        0 => (Tone::Plain, hooks),
        _ => (Tone::Bad, format!("{hooks}, {failed} failed")),
    }
}

fn has_failed(hook: &HookRun) -> bool {
    let outcome = hook
        .outcome
        .as_ref()
        .and_then(|outcome| outcome.outcome.as_ref());
    match (hook.effect(), outcome) {
        (_, None) | (Effect::None | Effect::Warning, _) => false,
        (Effect::Unspecified, Some(outcome)) => *outcome != outcome::Outcome::ExitCode(0),
        _ => true,
    }
}

/// Returns the colour of a hook run that ended.
pub(crate) fn finished_tone(hook: &HookFinished) -> Tone {
    match hook.effect() {
        Effect::Warning | Effect::Ignored | Effect::Retried => Tone::Warn,
        Effect::Cancels | Effect::Fails | Effect::Postpones => Tone::Bad,
        Effect::None => Tone::Good,
        Effect::Unspecified => {
            let outcome = hook.outcome.as_ref().and_then(|o| o.outcome.as_ref());
            match outcome {
                Some(outcome::Outcome::ExitCode(0)) => Tone::Good,
                _ => Tone::Bad,
            }
        }
    }
}

/// Returns the reason why a hook did not run.
pub(crate) fn skip(reason: SkipReason) -> &'static str {
    match reason {
        SkipReason::Disabled => "skipped: it is disabled",
        SkipReason::Stopped => "skipped: a hook before it stopped the operation",
        SkipReason::RunEnded => "skipped: the run had ended",
        SkipReason::Unspecified => "skipped",
    }
}

/// Returns a number of bytes in the largest fitting unit, such as `1.5 KiB`.
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

/// Returns the plan, else the repository, of a run; `none` if it has neither.
pub(crate) fn subject(plan_id: &str, repo_id: &str, none: &str) -> String {
    match (plan_id, repo_id) {
        ("", "") => none.to_owned(),
        ("", repo) => format!("repo {repo}"),
        (plan, _) => format!("plan {plan}"),
    }
}

/// Returns a count of things: `no hooks`, `1 hook`, `2 hooks`.
pub(crate) fn count(count: impl TryInto<u64>, thing: &str) -> String {
    let count = count.try_into().unwrap_or(u64::MAX);
    match count {
        0 => format!("no {thing}s"),
        1 => format!("1 {thing}"),
        _ => format!("{count} {thing}s"),
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
