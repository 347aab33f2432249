//! The summary of a run: its journal without the output, in one message.
//!
//! It is stored like a [record](super::record), in its form on the wire: a `v1::Run`.

use std::collections::BTreeMap;
use std::time::Duration;

use hookd_proto::v1;
use hookd_proto::v1::journal_entry::Entry;
use jiff::Timestamp;
use prost::Message as _;

use super::record;
use crate::store::{EndedBy, HookEnd, HookResult, Record, RunEnd, StoredRun};

/// Summary of a run, which grows with its journal.
#[derive(Clone, Debug, Default)]
pub struct RunSummary {
    run: v1::Run,
    /// The time of each hook run's first entry, by its index.
    first_seen: BTreeMap<u32, Timestamp>,
}

impl RunSummary {
    /// Returns the summary of a stored run. For a run without an end it is the summary at its
    /// beginning.
    #[must_use]
    pub fn stored(stored: &StoredRun) -> RunSummary {
        let mut summary = RunSummary::default();
        let bytes = stored.summary.clone();
        match stored.ended {
            Some(_) => summary.run = v1::Run::decode(bytes).unwrap_or_default(),
            None => summary.add(&Record { sequence: 1, bytes }),
        }
        // If the summary cannot be decoded, it has the run's id alone.
        summary.run.run_id = stored.id.to_string();
        summary.run.last_sequence = stored.last_sequence;
        summary
    }

    /// The form for clients.
    #[must_use]
    pub fn into_wire(self) -> v1::Run {
        self.run
    }

    /// The sequence number of the last record that was added.
    pub(super) fn last_sequence(&self) -> u64 {
        self.run.last_sequence
    }

    /// Marks a queued run as running, which no record does.
    pub(super) fn mark_running(&mut self) {
        if self.run.state() == v1::RunState::Queued {
            self.run.state = v1::RunState::Running.into();
        }
    }

    /// Marks a run as interrupted that could not be closed.
    pub(super) fn mark_interrupted(&mut self) {
        self.run.state = v1::RunState::Interrupted.into();
    }

    /// Adds the next record of the journal.
    pub(super) fn add(&mut self, record: &Record) {
        let v1::JournalEntry { time, entry, .. } = record::decode(record);
        self.run.last_sequence = record.sequence;
        match entry {
            None | Some(Entry::RunWaiting(_) | Entry::HookOutput(_)) => {}
            Some(Entry::RunStarted(started)) => {
                self.run.state = v1::RunState::Queued.into();
                self.run.run_id = started.run_id;
                self.run.event = started.event;
                self.run.conditions = started.conditions;
                self.run.started_at = time;
            }
            Some(Entry::HookStarted(started)) => {
                let run = self.hook(started.index, started.hook, time);
                run.condition = started.condition;
                run.started_at = run.started_at.or(time);
                run.attempts = started.attempt;
                run.notes = started.notes;
                run.outcome = None;
            }
            Some(Entry::HookFinished(finished)) => {
                let run = self.hook(finished.index, finished.hook, time);
                run.condition = finished.condition;
                run.outcome = finished.outcome;
                run.effect = finished.effect;
                run.elapsed = finished.elapsed;
                run.output_bytes += finished.output_bytes;
                run.dropped_bytes += finished.dropped_bytes;
                run.leaked |= finished.leaked;
                run.notes.extend(finished.notes);
                run.attempts = finished.attempt;
            }
            Some(Entry::HookSkipped(skipped)) => {
                self.hook(skipped.index, skipped.hook, time).skipped = skipped.reason;
            }
            Some(Entry::RunFinished(finished)) => {
                self.run.state = v1::RunState::Finished.into();
                self.run.decision = finished.decision;
                self.run.finished_at = time;
            }
            Some(Entry::RunInterrupted(_)) => {
                self.run.state = v1::RunState::Interrupted.into();
                self.run.finished_at = time;
            }
        }
    }

    /// The end of the run for the store, once the last record was added.
    pub(super) fn end(&self) -> RunEnd {
        let by = match &self.run.decision {
            Some(decision) => EndedBy::Decision(decision.kind),
            None => EndedBy::Interruption,
        };
        let at = self.run.finished_at.and_then(|at| at.try_into().ok());
        let at = at.unwrap_or_else(Timestamp::now);
        let hooks = self.run.hooks.iter().map(|hook| {
            let elapsed = hook.elapsed.map(Duration::try_from);
            let outcome = hook.outcome.as_ref().map(v1::Outcome::encode_to_vec);
            HookEnd {
                hook: hook.hook.clone(),
                at: self.first_seen.get(&hook.index).copied().unwrap_or(at),
                elapsed: elapsed.and_then(Result::ok).unwrap_or_default(),
                result: hook_result(hook),
                outcome: outcome.unwrap_or_default().into(),
            }
        });
        RunEnd {
            by,
            at,
            summary: self.run.encode_to_vec().into(),
            hooks: hooks.collect(),
        }
    }

    /// The hook run of that index, which is the last or the next.
    fn hook(
        &mut self,
        index: u32,
        hook: String,
        time: Option<hookd_proto::well_known::Timestamp>,
    ) -> &mut v1::HookRun {
        if let Some(time) = time.and_then(|time| time.try_into().ok()) {
            self.first_seen.entry(index).or_insert(time);
        }
        let hooks = &mut self.run.hooks;
        let known = hooks.iter().position(|run| run.index == index);
        let at = known.unwrap_or_else(|| {
            hooks.push(v1::HookRun {
                index,
                hook,
                ..v1::HookRun::default()
            });
            hooks.len() - 1
        });
        &mut hooks[at]
    }
}

/// Returns the result of a hook run so far.
pub(crate) fn hook_result(hook: &v1::HookRun) -> HookResult {
    if hook.outcome.is_none() {
        return HookResult::Skipped;
    }
    match hook.effect() {
        v1::Effect::Unspecified | v1::Effect::None => HookResult::Succeeded,
        v1::Effect::Warning => HookResult::Warned,
        v1::Effect::Ignored => HookResult::Ignored,
        v1::Effect::Retried | v1::Effect::Cancels | v1::Effect::Fails | v1::Effect::Postpones => {
            HookResult::Failed
        }
    }
}
