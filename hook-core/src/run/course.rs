//! The course of a run: what runs next, and what the run comes to.
//!
//! A state machine without processes or clocks. Whoever drives it asks for the next
//! [`Step`], does it, says how it ended, and asks again until [`Step::Finish`].

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use crate::condition::Condition;
use crate::event::Event;
use crate::hook::{Hook, Retries, Verdict};
use crate::on_error::{DecisionKind, OnError};
use crate::run::journal::{Decision, Effect, Outcome, SkipReason};
use crate::run::matching::{Match, matching};
use crate::run::stop::StopReason;
use crate::run::verdict::{decides, verdict, worth_retrying};

/// A run under way.
#[derive(Debug)]
pub struct Course {
    hooks: Vec<Arc<Hook>>,
    condition: Condition,
    attempt: u32,
    phase: Phase,
    queue: VecDeque<Match>,
    current: Option<HookRun>,
    next_index: u32,
    /// Set once nothing more may start, with the reason that skipped hooks show.
    closed: Option<SkipReason>,
    run_ended: bool,
    decision: Decision,
    event_error: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    /// The hooks of the event itself.
    Event,
    /// The hooks of the failure that a hook brought about.
    Error,
}

/// What comes next.
#[derive(Clone, Debug)]
pub enum Step {
    /// Run this hook, then say how it [`ended`](Course::ended).
    Run(HookRun),
    /// Note that this hook does not run.
    Skip {
        /// The hook.
        hook: Arc<Hook>,
        /// Its place in the run, from 0.
        index: u32,
        /// Why.
        reason: SkipReason,
    },
    /// The run is over.
    Finish(Decision),
}

/// One execution of a hook.
#[derive(Clone, Debug)]
pub struct HookRun {
    /// The hook.
    pub hook: Arc<Hook>,
    /// Its place in the run, from 0.
    pub index: u32,
    /// The condition that it sees.
    pub condition: Condition,
    /// The error that it sees.
    pub error: String,
    /// Which try of this hook it is, from 1.
    pub attempt: u32,
    /// How long to wait before it.
    pub delay: Duration,
}

impl Course {
    /// The course that an event takes through these hooks, which are in the order
    /// global, repository, plan.
    #[must_use]
    pub fn new(hooks: Vec<Arc<Hook>>, event: &Event) -> Course {
        let queue = matching(&hooks, event.condition.fires()).into();
        let attempt = event.attempt.max(1);
        Course {
            hooks,
            condition: event.condition,
            attempt,
            phase: Phase::Event,
            queue,
            current: None,
            next_index: 0,
            closed: None,
            run_ended: false,
            decision: Decision {
                kind: DecisionKind::Proceed,
                hook: String::new(),
                reason: String::new(),
                retry_after: None,
                attempt,
                warnings: Vec::new(),
            },
            event_error: event.error.clone(),
        }
    }

    /// The names of the hooks that the event itself triggers, in order.
    #[must_use]
    pub fn hook_names(&self) -> Vec<String> {
        self.queue.iter().map(|m| m.hook.name.clone()).collect()
    }

    /// Whether a hook that the event itself triggers can decide anything by failing. Of one
    /// that cannot, the agent need not hear to go on.
    #[must_use]
    pub fn steers(&self) -> bool {
        let is_start = self.condition.is_start();
        let can = |hook: &Hook| {
            let by_code = hook.exit_codes.iter().filter_map(|(_, verdict)| {
                let Verdict::Failed(policy) = verdict else {
                    return None;
                };
                Some(*policy)
            });
            hook.enabled
                && std::iter::once(hook.on_error)
                    .chain(by_code)
                    .any(|policy| decides(hook, policy, is_start, self.attempt).is_some())
        };
        self.queue.iter().any(|triggered| can(&triggered.hook))
    }

    /// Nothing more may start: the run was cancelled, or its time is up.
    ///
    /// A cancelled run has checked nothing to its end, so an operation that has not begun
    /// must not go on as if it had: the decision is to cancel it, unless it fails. A run
    /// whose time is up counts by its hooks' policies alone.
    pub fn end(&mut self, stop: StopReason) {
        self.run_ended = true;
        self.closed = Some(SkipReason::RunEnded);
        let StopReason::Cancelled(cause) = stop else {
            return;
        };
        if self.condition.is_start() && self.decision.kind < DecisionKind::Cancel {
            self.decision.kind = DecisionKind::Cancel;
            self.decision.hook.clear();
            self.decision.reason = format!("the run was {}", Outcome::Cancelled { cause });
            self.decision.retry_after = None;
        }
    }

    /// What comes next. After [`Step::Run`], [`ended`](Course::ended) must be called
    /// before this is called again.
    pub fn next_step(&mut self) -> Step {
        if let Some(again) = self.current.take() {
            if self.closed.is_none() {
                self.current = Some(again.clone());
                return Step::Run(again);
            }
            // The delay before another try was cut short: the failure counts after all.
            self.fails(
                &again.hook,
                again.hook.on_error,
                "failed, and the run ended before its next try",
            );
        }
        if self.queue.is_empty() && !self.enter_error_phase() {
            return Step::Finish(self.decision.clone());
        }
        let Some(Match { hook, condition }) = self.queue.pop_front() else {
            return Step::Finish(self.decision.clone());
        };
        let index = self.next_index;
        self.next_index += 1;
        if !hook.enabled {
            return Step::Skip {
                hook,
                index,
                reason: SkipReason::Disabled,
            };
        }
        if let Some(reason) = self.closed {
            if reason == SkipReason::RunEnded {
                let why = "did not run because the run had ended";
                self.decision
                    .warnings
                    .push(format!("hook \"{}\" {why}", hook.name));
                self.fails(&hook, hook.on_error, why);
            }
            return Step::Skip {
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
        Step::Run(run)
    }

    /// The hook of the last [`Step::Run`] ended so; what that means.
    pub fn ended(&mut self, outcome: &Outcome) -> Effect {
        let Some(run) = self.current.take() else {
            return Effect::None;
        };
        match verdict(&run.hook, outcome) {
            Verdict::Ok => Effect::None,
            Verdict::Warn => {
                let warning = format!("hook \"{}\": {outcome}", run.hook.name);
                self.decision.warnings.push(warning);
                Effect::Warning
            }
            Verdict::Failed(policy) => {
                if let Some(delay) = self.retry_delay(&run, outcome) {
                    self.current = Some(HookRun {
                        attempt: run.attempt + 1,
                        delay,
                        ..run
                    });
                    return Effect::RetriedAfter(delay);
                }
                match self.fails(&run.hook, policy, &outcome.to_string()) {
                    Some(kind) => Effect::Decides(kind),
                    None => Effect::Ignored,
                }
            }
        }
    }

    /// A failure counts: it may change the decision and stop what follows.
    fn fails(&mut self, hook: &Hook, policy: OnError, reason: &str) -> Option<DecisionKind> {
        if self.phase == Phase::Error {
            return None;
        }
        let is_start = self.condition.is_start();
        let kind = decides(hook, policy, is_start, self.attempt)?;
        if kind > self.decision.kind {
            self.decision.kind = kind;
            self.decision.hook.clone_from(&hook.name);
            reason.clone_into(&mut self.decision.reason);
            self.decision.retry_after = policy
                .retry_after(self.attempt)
                .filter(|_| kind == DecisionKind::Retry);
        }
        if is_start && self.closed.is_none() {
            self.closed = Some(SkipReason::Stopped);
        }
        Some(kind)
    }

    /// The delay before the same hook runs again, if it does.
    fn retry_delay(&self, run: &HookRun, outcome: &Outcome) -> Option<Duration> {
        let retries = run.hook.retries?;
        let again = run.attempt <= retries.times && worth_retrying(&run.hook, outcome);
        (again && !self.run_ended).then(|| delay_before(&retries, run.attempt))
    }

    /// Begins the error phase if the event's own hooks made the operation fail.
    fn enter_error_phase(&mut self) -> bool {
        if self.phase == Phase::Error || self.decision.kind != DecisionKind::Fail {
            return false;
        }
        self.phase = Phase::Error;
        self.queue = matching(&self.hooks, self.condition.operation().failure()).into();
        self.closed = self.run_ended.then_some(SkipReason::RunEnded);
        !self.queue.is_empty()
    }

    /// What `.Error` says: the event's error, and in the error phase the hook that failed.
    fn error(&self) -> String {
        if self.phase == Phase::Event {
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

/// The delay before the try after the `tried`th: `delay · factor^(tried−1)`, at most
/// `max_delay`.
fn delay_before(retries: &Retries, tried: u32) -> Duration {
    let exponent = i32::try_from(tried.saturating_sub(1)).unwrap_or(i32::MAX);
    let secs = retries.delay.as_secs_f64() * retries.factor.powi(exponent);
    Duration::try_from_secs_f64(secs)
        .unwrap_or(retries.max_delay)
        .min(retries.max_delay)
}
