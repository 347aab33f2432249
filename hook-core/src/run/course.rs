//! Course of a run: the next step at any time, and the decision at the end.
//!
//! A state machine without processes or clocks. Its driver asks for the next
//! [`CourseStep`], takes it, tells its outcome, and asks again until
//! [`CourseStep::Finish`].

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use crate::condition::Condition;
use crate::event::Event;
use crate::hook::{Hook, Verdict};
use crate::on_error::OnError;
use crate::run::decision::{Decision, DecisionKind, Effect, decision_of, verdict};
use crate::run::journal::SkipReason;
use crate::run::matching::{Match, matching};
use crate::run::outcome::Outcome;
use crate::run::retry::{hook_delay, operation_delay};
use crate::run::stop::StopReason;

/// The longest warning of a decision, in bytes.
const MAX_WARNING: usize = 1024;

/// Course of a run.
#[derive(Debug)]
pub struct Course {
    hooks: Vec<Arc<Hook>>,
    condition: Condition,
    attempt: u32,
    phase: CoursePhase,
    queue: VecDeque<Match>,
    current: Option<HookRun>,
    next_index: u32,
    /// Set when no further hook may start: the reason that skipped hooks show.
    closed: Option<SkipReason>,
    decision: Decision,
    event_error: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum CoursePhase {
    /// The hooks of the event itself.
    Event,
    /// The hooks for the failure that a hook caused.
    Error,
}

/// Step of a course.
#[derive(Clone, Debug)]
pub enum CourseStep {
    /// Run this hook, then report its outcome with [`hook_ended`](Course::hook_ended).
    Run(HookRun),
    /// Record that this hook does not run.
    Skip {
        /// The hook.
        hook: Arc<Hook>,
        /// Its index in the run, from 0.
        index: u32,
        /// The reason.
        reason: SkipReason,
    },
    /// The run is over.
    Finish(Decision),
}

/// Execution of a hook within a run.
#[derive(Clone, Debug)]
pub struct HookRun {
    /// The hook.
    pub hook: Arc<Hook>,
    /// Its index in the run, from 0.
    pub index: u32,
    /// The condition that the hook's template sees.
    pub condition: Condition,
    /// The error that the hook's template sees.
    pub error: String,
    /// The try of this hook within the run, from 1.
    pub attempt: u32,
    /// The delay before this try.
    pub delay: Duration,
}

impl Course {
    /// Returns the course of an event through these hooks, which are in the order global,
    /// repository, plan.
    #[must_use]
    pub fn new(hooks: Vec<Arc<Hook>>, event: &Event) -> Course {
        let queue = matching(&hooks, event.condition.fires()).into();
        let attempt = event.attempt.max(1);
        Course {
            hooks,
            condition: event.condition,
            attempt,
            phase: CoursePhase::Event,
            queue,
            current: None,
            next_index: 0,
            closed: None,
            decision: Decision {
                kind: DecisionKind::Proceed,
                hook: String::new(),
                reason: String::new(),
                retry_after: None,
                attempt,
                warnings: event.warnings.clone(),
            },
            event_error: event.error.clone(),
        }
    }

    /// Returns the names of the hooks that the event itself triggers, in order.
    #[must_use]
    pub fn hook_names(&self) -> Vec<String> {
        self.queue.iter().map(|m| m.hook.name.clone()).collect()
    }

    /// Returns whether a hook that the event itself triggers may wait for a lock.
    #[must_use]
    pub fn has_locks(&self) -> bool {
        self.queue.iter().any(|m| m.hook.lock.is_some())
    }

    /// Returns whether the failure of a hook that the event itself triggers can lead to
    /// another decision than to proceed.
    #[must_use]
    pub fn can_decide(&self) -> bool {
        let is_start = self.condition.is_start();
        let decides = |hook: &Hook, policy| {
            hook.enabled && decision_of(hook, policy, is_start, self.attempt).is_some()
        };
        self.queue
            .iter()
            .any(|m| m.hook.policies().any(|policy| decides(&m.hook, policy)))
    }

    /// Stops the course: no further hook may start.
    ///
    /// After a cancellation, an operation that has not begun is cancelled at least, because
    /// not all checks ran to their end. After the run's timeout, the policies of its hooks
    /// alone make the decision.
    pub fn stop(&mut self, reason: StopReason) {
        self.closed = Some(SkipReason::RunEnded);
        let StopReason::Cancelled(cause) = reason else {
            return;
        };
        if self.condition.is_start() && self.decision.kind < DecisionKind::Cancel {
            self.decision.kind = DecisionKind::Cancel;
            self.decision.hook.clear();
            self.decision.reason = format!("the run was {}", Outcome::Cancelled { cause });
            self.decision.retry_after = None;
        }
    }

    /// Adds a warning to the decision, unless it has the same one. A long one is cut: all of
    /// them are one entry of the journal, which has the whole text elsewhere.
    pub fn warn(&mut self, mut warning: String) {
        if warning.len() > MAX_WARNING {
            warning.truncate(warning.floor_char_boundary(MAX_WARNING));
            warning.push('…');
        }
        if !self.decision.warnings.contains(&warning) {
            self.decision.warnings.push(warning);
        }
    }

    /// Returns the next step. After [`CourseStep::Run`], [`hook_ended`](Course::hook_ended)
    /// must be called before this is called again.
    pub fn next_step(&mut self) -> CourseStep {
        if let Some(again) = self.current.take() {
            if self.closed.is_none() {
                self.current = Some(again.clone());
                return CourseStep::Run(again);
            }
            // The delay before the retry was cut short, so the failure counts.
            self.fail(
                &again.hook,
                again.hook.on_error,
                "failed, and the run ended before its next try",
            );
        }
        if self.queue.is_empty() {
            self.enter_error_phase();
        }
        let Some(Match { hook, condition }) = self.queue.pop_front() else {
            return CourseStep::Finish(self.decision.clone());
        };
        let index = self.next_index;
        self.next_index += 1;
        let skipped = match self.closed {
            _ if !hook.enabled => Some(SkipReason::Disabled),
            closed => closed,
        };
        if let Some(reason) = skipped {
            if reason == SkipReason::RunEnded {
                let why = "did not run because the run had ended";
                let warning = format!("hook \"{}\" {why}", hook.name);
                self.warn(warning);
                self.fail(&hook, hook.on_error, why);
            }
            return CourseStep::Skip {
                hook,
                index,
                reason,
            };
        }
        let run = HookRun {
            hook,
            index,
            condition,
            error: self.error(),
            attempt: 1,
            delay: Duration::ZERO,
        };
        self.current = Some(run.clone());
        CourseStep::Run(run)
    }

    /// Takes the outcome of the hook of the last [`CourseStep::Run`]; returns its effect.
    pub fn hook_ended(&mut self, outcome: &Outcome) -> Effect {
        let Some(run) = self.current.take() else {
            return Effect::None;
        };
        match verdict(&run.hook, outcome, self.condition.is_start()) {
            Verdict::Ok => Effect::None,
            Verdict::Warn => {
                let warning = format!("hook \"{}\": {outcome}", run.hook.name);
                self.warn(warning);
                Effect::Warning
            }
            Verdict::Failed(policy) => {
                let delay = hook_delay(&run.hook, outcome, run.attempt);
                if let Some(delay) = delay.filter(|_| self.closed != Some(SkipReason::RunEnded)) {
                    self.current = Some(HookRun {
                        attempt: run.attempt + 1,
                        delay,
                        ..run
                    });
                    return Effect::RetriedAfter(delay);
                }
                if let Some(meaning) = outcome.unrun_command() {
                    let warning = format!("hook \"{}\": {outcome}: {meaning}", run.hook.name);
                    self.warn(warning);
                }
                match self.fail(&run.hook, policy, &outcome.to_string()) {
                    Some(kind) => Effect::Decides(kind),
                    None => {
                        if outcome.is_broken_setup() {
                            self.warn(format!("hook \"{}\" {outcome}", run.hook.name));
                        }
                        Effect::Ignored
                    }
                }
            }
        }
    }

    /// Counts a failure, which may change the decision and keep later hooks from running.
    /// Returns its decision.
    fn fail(&mut self, hook: &Hook, policy: OnError, reason: &str) -> Option<DecisionKind> {
        if self.phase == CoursePhase::Error {
            return None;
        }
        let is_start = self.condition.is_start();
        let kind = decision_of(hook, policy, is_start, self.attempt)?;
        if kind > self.decision.kind {
            self.decision.kind = kind;
            self.decision.hook.clone_from(&hook.name);
            reason.clone_into(&mut self.decision.reason);
            self.decision.retry_after =
                operation_delay(policy, self.attempt).filter(|_| kind == DecisionKind::Retry);
        }
        if is_start && self.closed.is_none() {
            self.closed = Some(SkipReason::Stopped);
        }
        Some(kind)
    }

    /// Begins the error phase if the event's own hooks made the operation fail.
    fn enter_error_phase(&mut self) {
        if self.phase == CoursePhase::Event && self.decision.kind == DecisionKind::Fail {
            self.phase = CoursePhase::Error;
            self.queue = matching(&self.hooks, self.condition.operation().failure()).into();
            self.closed = self.closed.filter(|reason| *reason == SkipReason::RunEnded);
        }
    }

    /// Returns the text of `.Error`: the event's error, and in the error phase the hook that
    /// failed.
    fn error(&self) -> String {
        if self.phase == CoursePhase::Event {
            return self.event_error.clone();
        }
        let failure = format!(
            "hook \"{}\" failed: {}",
            self.decision.hook, self.decision.reason
        );
        if self.event_error.is_empty() {
            failure
        } else {
            format!("{failure}; before that: {}", self.event_error)
        }
    }
}
