//! The tables of the rules, row by row, and the order of a whole course.

use std::collections::BTreeMap;
use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use process_supervisor::{EndReason, ScriptLimits};

use crate::condition::{Condition as C, Operation};
use crate::event::Event;
use crate::hook::{Action, CommandAction, ExitCodes, Hook, HookSource};
use crate::hook::{Retries, Scope, Verdict};
use crate::on_error::OnError as P;
use crate::run::course::{Course, CourseStep};
use crate::run::decision::{Decision, DecisionKind as K, Effect};
use crate::run::journal::SkipReason;
use crate::run::matching::{matching, triggered_by};
use crate::run::outcome::{Outcome, TimeLimit};
use crate::run::stop::{CancelCause, StopReason};
use crate::template::{Engine, Template};
use crate::vars::Trigger;

mod ended;
mod fired;
mod policies;

fn hook(name: &str, conditions: &[C], on_error: P) -> Hook {
    Hook {
        name: name.to_owned(),
        scope: Scope::Global,
        enabled: true,
        conditions: conditions.to_vec(),
        on_error,
        exit_codes: ExitCodes::default(),
        retries: None,
        max_attempts: None,
        limits: ScriptLimits::default(),
        lock: None,
        action: Action::Command(Box::new(CommandAction {
            template: Template::parse(Engine::None, "true\n").expect("a plain script"),
            text_map: Default::default(),
            via: None,
            env: BTreeMap::new(),
            clean_env: false,
            privileges: Default::default(),
            working_directory: None,
        })),
        source: HookSource::default(),
    }
}

fn exit_codes(verdicts: Vec<(std::ops::RangeInclusive<u8>, Verdict)>) -> ExitCodes {
    let mut codes = ExitCodes::default();
    for (range, verdict) in verdicts {
        codes.insert(range, verdict).expect("no overlap");
    }
    codes
}

fn event(condition: C, attempt: u32) -> Event {
    Event {
        condition,
        repo_id: "nas".to_owned(),
        plan_id: "home".to_owned(),
        task: String::new(),
        snapshot_id: String::new(),
        snapshot_stats: None,
        duration: Duration::ZERO,
        error: String::new(),
        time: jiff::Timestamp::UNIX_EPOCH,
        attempt,
        trigger: Trigger::Unknown,
        operation_id: String::new(),
        labels: BTreeMap::new(),
        warnings: Vec::new(),
    }
}

fn exit(code: i32) -> Outcome {
    Outcome::Exited { code }
}

/// Drives a course whose hooks end with `outcome` by name and try. Returns one word for each
/// step, and the decision.
fn drive(
    hooks: Vec<Hook>,
    event: &Event,
    outcome: impl Fn(&str, u32) -> Outcome,
) -> (Vec<String>, Decision) {
    let hooks = hooks.into_iter().map(Arc::new).collect();
    let mut course = Course::new(hooks, event);
    let mut seen = Vec::new();
    for _ in 0..1000 {
        match course.next_step() {
            CourseStep::Run(run) => {
                let outcome = outcome(&run.hook.name, run.attempt);
                let effect = course.hook_ended(&outcome);
                let what = match effect {
                    Effect::None => "ok".to_owned(),
                    Effect::Warning => "warn".to_owned(),
                    Effect::Ignored => "ignored".to_owned(),
                    Effect::RetriedAfter(delay) => format!("again in {}s", delay.as_secs()),
                    Effect::Decides(kind) => kind.to_string(),
                };
                let short = run.condition.name().trim_start_matches("CONDITION_");
                seen.push(format!("{}@{short} {what}", run.hook.name));
            }
            CourseStep::Skip { hook, reason, .. } => seen.push(format!("{} {reason:?}", hook.name)),
            CourseStep::Finish(decision) => return (seen, decision),
        }
    }
    panic!("the course has no end: {seen:?}");
}
