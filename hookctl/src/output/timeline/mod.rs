//! The course of a run as a table: what happened when, for how long, and what came of it.

#[cfg(test)]
mod tests;

use std::time::Duration;

use hookd_proto::v1::journal_entry::Entry;
use hookd_proto::v1::{
    HookFinished, HookRun, JournalEntry, Run, RunInterrupted, RunState, SkipReason,
};
use hookd_proto::well_known::Timestamp;

use super::table::{Cell, Table};
use super::{Paint, Tone, live, safe, words};
use crate::times;

/// How many characters stand for the whole run.
const WIDTH: usize = 16;
/// A hook that runs.
const RUNS: char = '=';
/// Something that waits.
const WAITS: char = '.';

/// What is known of a run's course so far.
#[derive(Debug)]
pub(crate) struct Timeline {
    started_at: Option<Timestamp>,
    /// What has not ended goes on until then.
    until: Option<Duration>,
    /// Whether its hooks match different conditions, so that each has to be named.
    conditions: bool,
    stretches: Vec<Stretch>,
    notes: Vec<String>,
    interrupted: Option<RunInterrupted>,
    is_live: bool,
}

/// A stretch of a run's time.
#[derive(Debug)]
struct Stretch {
    index: Option<u32>,
    hook: String,
    condition: i32,
    from: Option<Duration>,
    took: Option<Duration>,
    mark: char,
    output_bytes: u64,
    outcome: Option<(Tone, String)>,
}

impl Timeline {
    /// Nothing of a run but when it began.
    #[must_use]
    pub(crate) fn new(run: &Run) -> Timeline {
        let is_live = matches!(run.state(), RunState::Queued | RunState::Running);
        let started = run.started_at.as_ref();
        Timeline {
            started_at: run.started_at,
            until: match run.state() {
                // When it was found out says nothing of the run.
                RunState::Interrupted => None,
                _ if is_live => times::since(started),
                _ => times::between(started, run.finished_at.as_ref()),
            },
            conditions: run.conditions.len() > 1,
            stretches: Vec::new(),
            notes: run.notes.clone(),
            interrupted: None,
            is_live,
        }
    }

    /// The course of a run as far as it can be seen at a glance.
    #[must_use]
    pub(crate) fn of_run(run: &Run) -> Timeline {
        let mut timeline = Timeline::new(run);
        for hook in &run.hooks {
            timeline.hook_run(hook);
        }
        timeline
    }

    /// What an entry of the journal adds: with all of them, waits and every try of a hook
    /// have their place.
    pub(crate) fn entry(&mut self, entry: &JournalEntry) {
        let at = self.after(entry.time.as_ref());
        if let Some(Entry::HookOutput(output)) = &entry.entry {
            if let Some(stretch) = self.under_way(output.index) {
                stretch.output_bytes += output.data.len() as u64;
            }
            if !self.is_live {
                self.until = self.until.max(at);
            }
            return;
        }
        self.end_wait(at);
        match &entry.entry {
            Some(Entry::RunWaiting(waiting)) => self.stretches.push(Stretch {
                mark: WAITS,
                outcome: Some((Tone::Dim, words::waiting(waiting))),
                ..Stretch::new(None, &waiting.hook, at)
            }),
            Some(Entry::HookStarted(started)) => {
                self.note(&started.hook, &started.notes);
                self.stretches.push(Stretch {
                    condition: started.condition,
                    ..Stretch::new(Some(started.index), &started.hook, at)
                });
            }
            Some(Entry::HookFinished(finished)) => self.hook_finished(finished, at),
            Some(Entry::HookSkipped(skipped)) => self.stretches.push(Stretch {
                outcome: Some((Tone::Dim, words::skip(skipped.reason()).to_owned())),
                ..Stretch::new(None, &skipped.hook, None)
            }),
            Some(Entry::RunInterrupted(interrupted)) => {
                self.interrupted = Some(interrupted.clone());
                return;
            }
            Some(Entry::RunStarted(_) | Entry::RunFinished(_) | Entry::HookOutput(_)) | None => {}
        }
        // What the daemon wrote down last is the last that is known of an interrupted run.
        if !self.is_live {
            self.until = self.until.max(at);
        }
    }

    /// What a hook's start or end had to remark. Every try may say the same again.
    fn note(&mut self, hook: &str, notes: &[String]) {
        for note in notes {
            let note = format!("{hook}: {note}");
            if !self.notes.contains(&note) {
                self.notes.push(note);
            }
        }
    }

    fn hook_finished(&mut self, finished: &HookFinished, at: Option<Duration>) {
        self.note(&finished.hook, &finished.notes);
        let again = finished.retried_after.as_ref();
        let again = again.and_then(times::from_wire_duration);
        let success = words::is_success(finished.outcome.as_ref());
        let tone = words::effect_tone(finished.effect(), success);
        let mut said = words::outcome(finished.outcome.as_ref());
        if finished.attempt > 1 {
            said.push_str(&format!(" at try {}", finished.attempt));
        }
        if let Some(effect) = words::effect(finished.effect(), again) {
            said.push_str(&format!(", {effect}"));
        }
        said.push_str(&words::oddities(finished.dropped_bytes, finished.leaked));
        said.push_str(words::ending(finished.ending()));
        let took = finished
            .elapsed
            .as_ref()
            .and_then(times::from_wire_duration);
        if self.under_way(finished.index).is_none() {
            // It could not even start.
            let from = at.map(|at| at.saturating_sub(took.unwrap_or_default()));
            self.stretches
                .push(Stretch::new(Some(finished.index), &finished.hook, from));
        }
        if let Some(stretch) = self.under_way(finished.index) {
            stretch.condition = finished.condition;
            stretch.took = took;
            stretch.output_bytes = finished.output_bytes;
            stretch.outcome = Some((tone, said));
        }
    }

    fn hook_run(&mut self, hook: &HookRun) {
        self.note(&hook.hook, &hook.notes);
        let outcome = hook.outcome.as_ref();
        let said = if hook.skipped() != SkipReason::Unspecified {
            Some((Tone::Dim, words::skip(hook.skipped()).to_owned()))
        } else if outcome.is_none() && hook.started_at.is_none() {
            Some((Tone::Dim, "not started".to_owned()))
        } else if outcome.is_some() {
            let mut said = words::outcome(outcome);
            if hook.attempts > 1 {
                said.push_str(&format!(" at try {}", hook.attempts));
            }
            if let Some(effect) = words::effect(hook.effect(), None) {
                said.push_str(&format!(", {effect}"));
            }
            said.push_str(&words::oddities(hook.dropped_bytes, hook.leaked));
            let success = words::is_success(outcome);
            Some((words::effect_tone(hook.effect(), success), said))
        } else {
            None
        };
        let from = self.after(hook.started_at.as_ref());
        let took = hook.elapsed.as_ref().and_then(times::from_wire_duration);
        self.stretches.push(Stretch {
            condition: hook.condition,
            took: took.filter(|_| outcome.is_some()),
            output_bytes: hook.output_bytes,
            outcome: said,
            ..Stretch::new(Some(hook.index), &hook.hook, from)
        });
    }

    /// The stretch of a hook run that has not ended.
    fn under_way(&mut self, index: u32) -> Option<&mut Stretch> {
        let this =
            |stretch: &&mut Stretch| stretch.index == Some(index) && stretch.outcome.is_none();
        self.stretches.iter_mut().rev().find(this)
    }

    fn end_wait(&mut self, at: Option<Duration>) {
        let waits = |stretch: &&mut Stretch| stretch.mark == WAITS && stretch.took.is_none();
        if let Some(wait) = self.stretches.last_mut().filter(waits)
            && let (Some(from), Some(at)) = (wait.from, at)
        {
            wait.took = Some(at.saturating_sub(from));
        }
    }

    fn after(&self, at: Option<&Timestamp>) -> Option<Duration> {
        times::between(self.started_at.as_ref(), at)
    }

    /// The table, with what else there is to say below it.
    #[must_use]
    pub(crate) fn show(&self, paint: Paint) -> String {
        let mut shown = if self.stretches.is_empty() {
            "no hooks\n".to_owned()
        } else {
            self.table().show(paint)
        };
        for note in &self.notes {
            let label = paint.text(Tone::Warn, "note");
            shown.push_str(&format!("{label}: {}\n", safe::text(note)));
        }
        if let Some(interrupted) = &self.interrupted {
            shown.push('\n');
            shown.push_str(&live::interruption_line(interrupted, paint));
        }
        shown
    }

    fn table(&self) -> Table {
        let mut columns = vec!["AFTER", "TOOK", "TIMELINE", "HOOK"];
        if self.conditions {
            columns.push("CONDITION");
        }
        columns.extend(["OUTPUT", "OUTCOME"]);
        let mut table = Table::new(&columns);
        let ends = self.stretches.iter().map(|stretch| self.end(stretch));
        let total = ends.fold(self.until, Option::max);
        for stretch in &self.stretches {
            table.row(self.row(stretch, total.unwrap_or_default()));
        }
        table
    }

    fn row(&self, stretch: &Stretch, total: Duration) -> Vec<Cell> {
        let span = |span: Option<Duration>| span.map_or_else(|| "-".to_owned(), times::human);
        let (tone, outcome) = match &stretch.outcome {
            Some((tone, outcome)) => (*tone, outcome.clone()),
            None if self.is_live => (Tone::Hint, "running".to_owned()),
            None => (Tone::Bad, "cut off: hookd died".to_owned()),
        };
        let end = self.end(stretch);
        let took = match (stretch.took, stretch.from, end) {
            // How long what was cut off took nobody knows.
            (None, Some(from), Some(end)) if self.is_live => Some(end.saturating_sub(from)),
            (took, _, _) => took,
        };
        let bar = match (stretch.from, end) {
            (Some(from), Some(end)) => bar(from, end, total, stretch.mark),
            _ => String::new(),
        };
        let hook = match &*stretch.hook {
            "" => Cell::toned(Tone::Dim, "-"),
            hook => Cell::toned(Tone::Strong, hook),
        };
        let mut cells = vec![
            Cell::new(span(stretch.from)),
            Cell::new(span(took)),
            Cell::toned(tone, bar),
            hook,
        ];
        if self.conditions {
            cells.push(match stretch.condition {
                0 => Cell::new("-"),
                number => Cell::new(words::condition(number)),
            });
        }
        cells.push(match (stretch.index, stretch.from) {
            (Some(_), Some(_)) => Cell::new(words::bytes(stretch.output_bytes)),
            _ => Cell::new("-"),
        });
        cells.push(Cell::toned(tone, outcome));
        cells
    }

    /// When a stretch ended, or how far it has come.
    fn end(&self, stretch: &Stretch) -> Option<Duration> {
        match stretch.took {
            Some(took) => stretch.from.map(|from| from.saturating_add(took)),
            None => stretch.from.and(self.until.max(stretch.from)),
        }
    }
}

impl Stretch {
    fn new(index: Option<u32>, hook: &str, from: Option<Duration>) -> Stretch {
        Stretch {
            index,
            hook: hook.to_owned(),
            condition: 0,
            from,
            took: None,
            mark: RUNS,
            output_bytes: 0,
            outcome: None,
        }
    }
}

/// A part of the whole as marks at their place; always at least one.
fn bar(from: Duration, to: Duration, total: Duration, mark: char) -> String {
    let place = |at: Duration, round_up: bool| -> usize {
        let (at, total) = (
            at.as_nanos().saturating_mul(WIDTH as u128),
            total.as_nanos().max(1),
        );
        let place = if round_up {
            at.div_ceil(total)
        } else {
            at / total
        };
        usize::try_from(place).unwrap_or(WIDTH).min(WIDTH)
    };
    let first = place(from, false).min(WIDTH - 1);
    let last = place(to, true).max(first + 1);
    let mut bar = " ".repeat(first);
    bar.extend(std::iter::repeat_n(mark, last - first));
    bar
}
