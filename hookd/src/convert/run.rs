//! Runs at a glance on the wire: what their journals add up to.

use hook_core::run::journal::{Entry, Fact};
use hookd_proto::v1;

use super::journal::{decision, effect, outcome, skipped};
use super::{condition, conditions, duration, event_to_wire, timestamp};
use crate::runs::{Run, State};

/// A run at a glance.
#[must_use]
pub fn run(run: &Run) -> v1::Run {
    let mut wire = v1::Run {
        run_id: run.id.clone(),
        state: state(run.state()).into(),
        event: Some(event_to_wire(&run.event)),
        conditions: conditions(run.event.condition.fires()),
        started_at: Some(timestamp(run.admitted_at)),
        ..v1::Run::default()
    };
    run.journal.inspect(|entries| {
        for entry in entries {
            add(&mut wire, entry);
        }
    });
    wire
}

pub(super) fn state(state: State) -> v1::RunState {
    match state {
        State::Queued => v1::RunState::Queued,
        State::Running => v1::RunState::Running,
        State::Finished => v1::RunState::Finished,
    }
}

fn add(run: &mut v1::Run, entry: &Entry) {
    run.last_sequence = entry.sequence;
    match &entry.fact {
        Fact::RunStarted { .. } | Fact::Waiting { .. } | Fact::HookOutput { .. } => {}
        Fact::HookStarted {
            hook,
            index,
            condition: matched,
            attempt,
            notes,
            ..
        } => {
            let run = hook_run(run, *index, hook);
            run.notes.clone_from(notes);
            run.condition = condition(*matched);
            run.started_at.get_or_insert_with(|| timestamp(entry.time));
            run.attempts = *attempt;
            run.outcome = None;
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
            notes,
            ..
        } => {
            let run = hook_run(run, *index, hook);
            run.notes.extend_from_slice(notes);
            run.condition = condition(*matched);
            run.outcome = Some(outcome(how));
            run.effect = effect(what).into();
            run.elapsed = Some(duration(*elapsed));
            run.output_bytes += output_bytes;
            run.dropped_bytes += dropped_bytes;
            run.leaked |= leaked;
            run.attempts = *attempt;
        }
        Fact::HookSkipped {
            hook,
            index,
            reason,
        } => {
            hook_run(run, *index, hook).skipped = skipped(*reason).into();
        }
        Fact::RunFinished { decision: what } => {
            run.decision = Some(decision(what));
            run.finished_at = Some(timestamp(entry.time));
        }
    }
}

/// The hook run of that index, which is the last or the next.
fn hook_run<'a>(run: &'a mut v1::Run, index: u32, hook: &str) -> &'a mut v1::HookRun {
    let at = run
        .hooks
        .iter()
        .position(|h| h.index == index)
        .unwrap_or_else(|| {
            run.hooks.push(v1::HookRun {
                index,
                hook: hook.to_owned(),
                ..v1::HookRun::default()
            });
            run.hooks.len() - 1
        });
    &mut run.hooks[at]
}
