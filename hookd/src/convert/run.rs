//! Runs at a glance on the wire: what their journals add up to.

use std::collections::BTreeMap;
use std::time::Duration;

use hook_core::event::Event;
use hookd_proto::v1;
use hookd_proto::v1::journal_entry::Entry;
use jiff::Timestamp;
use prost::Message as _;
use uuid::Uuid;

use super::{conditions, duration_from_wire, event_to_wire, time_from_wire, timestamp};
use crate::store::{EndedBy, HookEnd, HookResult, RunEnd, StoredRun};

/// A run at a glance, which grows with its journal.
#[derive(Clone, Debug, Default)]
pub struct Glance {
    run: v1::Run,
    /// When each hook run was first heard of, by its index.
    heard: BTreeMap<u32, Timestamp>,
}

impl Glance {
    /// Of a run that begins.
    #[must_use]
    pub fn begun(id: Uuid, event: &Event, started_at: Timestamp) -> Glance {
        let run = v1::Run {
            run_id: id.to_string(),
            state: v1::RunState::Queued.into(),
            event: Some(event_to_wire(event)),
            conditions: conditions(event.condition.fires()),
            started_at: Some(timestamp(started_at)),
            ..v1::Run::default()
        };
        Glance {
            run,
            heard: BTreeMap::new(),
        }
    }

    /// Of a run as a store has it: of one without an end, as it began.
    #[must_use]
    pub fn kept(kept: &StoredRun) -> Glance {
        let mut run = v1::Run::decode(kept.summary.clone()).unwrap_or_default();
        // What cannot be read is still the run of that id.
        run.run_id = kept.id.to_string();
        run.last_sequence = kept.last_sequence;
        Glance {
            run,
            heard: BTreeMap::new(),
        }
    }

    /// The run on the wire.
    #[must_use]
    pub fn run(&self) -> &v1::Run {
        &self.run
    }

    /// The run on the wire, encoded.
    #[must_use]
    pub fn encoded(&self) -> bytes::Bytes {
        self.run.encode_to_vec().into()
    }

    /// Output adds nothing but its sequence number.
    pub fn pass(&mut self, sequence: u64) {
        self.run.last_sequence = sequence;
    }

    /// Adds an entry of the journal, the next.
    pub fn add(&mut self, entry: &v1::JournalEntry) {
        self.pass(entry.sequence);
        match &entry.entry {
            None | Some(Entry::RunStarted(_) | Entry::RunWaiting(_) | Entry::HookOutput(_)) => {}
            Some(Entry::HookStarted(started)) => {
                let run = self.hook(started.index, &started.hook, entry);
                run.condition = started.condition;
                run.started_at = run.started_at.or(entry.time);
                run.attempts = started.attempt;
                run.notes.clone_from(&started.notes);
                run.outcome = None;
            }
            Some(Entry::HookFinished(finished)) => {
                let run = self.hook(finished.index, &finished.hook, entry);
                run.condition = finished.condition;
                run.outcome.clone_from(&finished.outcome);
                run.effect = finished.effect;
                run.elapsed.clone_from(&finished.elapsed);
                run.output_bytes += finished.output_bytes;
                run.dropped_bytes += finished.dropped_bytes;
                run.leaked |= finished.leaked;
                run.notes.extend_from_slice(&finished.notes);
                run.attempts = finished.attempt;
            }
            Some(Entry::HookSkipped(skipped)) => {
                self.hook(skipped.index, &skipped.hook, entry).skipped = skipped.reason;
            }
            Some(Entry::RunFinished(finished)) => {
                self.run.state = v1::RunState::Finished.into();
                self.run.decision.clone_from(&finished.decision);
                self.run.finished_at.clone_from(&entry.time);
            }
            Some(Entry::RunInterrupted(_)) => {
                self.run.state = v1::RunState::Interrupted.into();
                self.run.finished_at.clone_from(&entry.time);
            }
        }
    }

    /// What the run came to, for a store, once the last entry was added.
    #[must_use]
    pub fn end(&self) -> RunEnd {
        let by = match &self.run.decision {
            Some(decision) => EndedBy::Decision(decision.kind),
            None => EndedBy::Interruption,
        };
        let at = self.run.finished_at.as_ref().and_then(time_from_wire);
        let at = at.unwrap_or_else(Timestamp::now);
        let hooks = self.run.hooks.iter().map(|hook| HookEnd {
            hook: hook.hook.clone(),
            at: self.heard.get(&hook.index).copied().unwrap_or(at),
            elapsed: elapsed(hook),
            result: result(hook),
            outcome: hook
                .outcome
                .as_ref()
                .map(|outcome| outcome.encode_to_vec().into())
                .unwrap_or_default(),
        });
        RunEnd {
            by,
            at,
            summary: self.encoded(),
            hooks: hooks.collect(),
        }
    }

    /// The hook run of that index, which is the last or the next.
    fn hook(&mut self, index: u32, hook: &str, entry: &v1::JournalEntry) -> &mut v1::HookRun {
        if let Some(time) = entry.time.as_ref().and_then(time_from_wire) {
            self.heard.entry(index).or_insert(time);
        }
        let hooks = &mut self.run.hooks;
        let at = hooks
            .iter()
            .position(|run| run.index == index)
            .unwrap_or_else(|| {
                hooks.push(v1::HookRun {
                    index,
                    hook: hook.to_owned(),
                    ..v1::HookRun::default()
                });
                hooks.len() - 1
            });
        &mut hooks[at]
    }
}

fn elapsed(hook: &v1::HookRun) -> Duration {
    let elapsed = hook.elapsed.as_ref().and_then(duration_from_wire);
    elapsed.unwrap_or_default()
}

fn result(hook: &v1::HookRun) -> HookResult {
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
