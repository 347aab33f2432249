//! The timeline of a run as a table: for each hook its times, its duration and its end.

use std::time::Duration;

use hookd_proto::v1::journal_entry::Entry;
use hookd_proto::v1::{
    HookFinished, HookRun, JournalEntry, Run, RunInterrupted, RunState, SkipReason,
};
use hookd_proto::well_known::Timestamp;

use super::table::{Cell, Fit, Table};
use super::{Tone, live, safe, words};
use crate::times;

/// Number of characters that stand for the whole run.
const WIDTH: usize = 16;
/// Width of a terminal below which half as many do.
const ROOMY: usize = 100;
/// Mark of a hook that runs.
const RUNS: char = '=';
/// Mark of a wait.
const WAITS: char = '.';

/// The timeline of a run so far.
#[derive(Debug)]
pub(crate) struct Timeline {
    started_at: Option<Timestamp>,
    /// End of stretches that have not ended.
    until: Option<Duration>,
    /// Conditions that the event fires.
    fired: Vec<i32>,
    stretches: Vec<Stretch>,
    notes: Vec<String>,
    interrupted: Option<RunInterrupted>,
    is_live: bool,
}

/// A stretch of a run's time; a row of the table.
#[derive(Debug)]
struct Stretch {
    /// Index of the hook run; `None` for a wait.
    index: Option<u32>,
    hook: String,
    condition: i32,
    /// Time from the start of the run.
    from: Option<Duration>,
    took: Option<Duration>,
    mark: char,
    output_bytes: u64,
    outcome: Option<(Tone, String)>,
}

impl Timeline {
    /// Returns the timeline of a run of which only the beginning is known.
    pub(crate) fn new(run: &Run) -> Timeline {
        let is_live = matches!(run.state(), RunState::Queued | RunState::Running);
        Timeline {
            started_at: run.started_at,
            until: times::elapsed(run),
            fired: run.conditions.clone(),
            stretches: Vec::new(),
            notes: run.notes.clone(),
            interrupted: None,
            is_live,
        }
    }

    /// The timeline of a run without its journal: one stretch a hook.
    pub(crate) fn of_run(run: &Run) -> Timeline {
        let mut timeline = Timeline::new(run);
        for hook in &run.hooks {
            timeline.hook_run(hook);
        }
        timeline
    }

    /// Adds an entry of the journal. After all entries, each wait and each attempt of a hook has a
    /// row.
    pub(crate) fn entry(&mut self, entry: &JournalEntry) {
        let at = self.after(entry.time.as_ref());
        if !matches!(entry.entry, Some(Entry::HookOutput(_))) {
            self.end_wait(at);
        }
        match &entry.entry {
            Some(Entry::HookOutput(output)) => {
                if let Some(stretch) = self.under_way(output.index) {
                    stretch.output_bytes += output.data.len() as u64;
                }
            }
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
            Some(Entry::RunStarted(_) | Entry::RunFinished(_)) | None => {}
        }
        // After an interruption, the time of the last entry is the last known time of the run.
        if !self.is_live {
            self.until = self.until.max(at);
        }
    }

    /// Adds notes of a hook, without those that earlier attempts had.
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
        let took = times::span(finished.elapsed.as_ref());
        if self.under_way(finished.index).is_none() {
            // The hook failed to start.
            let from = at.map(|at| at.saturating_sub(took.unwrap_or_default()));
            self.stretches
                .push(Stretch::new(Some(finished.index), &finished.hook, from));
        }
        if let Some(stretch) = self.under_way(finished.index) {
            stretch.condition = finished.condition;
            stretch.took = took;
            stretch.output_bytes = finished.output_bytes;
            stretch.outcome = Some(outcome(finished));
        }
    }

    fn hook_run(&mut self, hook: &HookRun) {
        self.note(&hook.hook, &hook.notes);
        let finished = HookFinished {
            outcome: hook.outcome.clone(),
            effect: hook.effect,
            attempt: hook.attempts,
            dropped_bytes: hook.dropped_bytes,
            leaked: hook.leaked,
            ..HookFinished::default()
        };
        let outcome = match hook.skipped() {
            SkipReason::Unspecified if hook.outcome.is_some() => Some(outcome(&finished)),
            SkipReason::Unspecified if hook.started_at.is_some() => None,
            SkipReason::Unspecified => Some((Tone::Dim, "not started".to_owned())),
            reason => Some((Tone::Dim, words::skip(reason).to_owned())),
        };
        let from = self.after(hook.started_at.as_ref());
        let took = times::span(hook.elapsed.as_ref());
        self.stretches.push(Stretch {
            condition: hook.condition,
            took: took.filter(|_| hook.outcome.is_some()),
            output_bytes: hook.output_bytes,
            outcome,
            ..Stretch::new(Some(hook.index), &hook.hook, from)
        });
    }

    /// Returns the stretch of a hook run that has not ended.
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

    /// Returns the table, which fits into this width, with the notes below it.
    pub(crate) fn show(&self, width: Option<usize>) -> String {
        let marks = match width {
            Some(width) if width < ROOMY => WIDTH / 2,
            _ => WIDTH,
        };
        let mut shown = match &*self.stretches {
            [] => "no hooks\n".to_owned(),
            _ => self.table(marks).show(width),
        };
        for note in &self.notes {
            let label = Tone::Warn.paint("note");
            shown.push_str(&format!("{label}: {}\n", safe::text(note)));
        }
        if let Some(interrupted) = &self.interrupted {
            shown.push('\n');
            shown.push_str(&live::interruption_line(interrupted));
        }
        shown
    }

    fn table(&self, marks: usize) -> Table {
        let mut columns = ["AFTER", "TOOK", "TIMELINE"]
            .map(|name| (name, Fit::Whole))
            .to_vec();
        columns.push(("HOOK", Fit::Shorten));
        if self.has_conditions() {
            columns.push(("CONDITION", Fit::Shorten));
        }
        columns.extend([("OUTPUT", Fit::Whole), ("OUTCOME", Fit::Wrap)]);
        let mut table = Table::new(&columns);
        let ends = self.stretches.iter().map(|stretch| self.end(stretch));
        let total = ends.fold(self.until, Option::max);
        for stretch in &self.stretches {
            table.row(self.row(stretch, total.unwrap_or_default(), marks));
        }
        table
    }

    /// Returns whether hooks may have matched different conditions, which are then shown. Those of
    /// the error phase are not among the event's.
    fn has_conditions(&self) -> bool {
        let matched = self.stretches.iter().map(|stretch| &stretch.condition);
        let mut known = self
            .fired
            .iter()
            .chain(matched.filter(|number| **number != 0));
        known
            .next()
            .is_some_and(|first| known.any(|other| other != first))
    }

    fn row(&self, stretch: &Stretch, total: Duration, marks: usize) -> Vec<Cell> {
        let (tone, outcome) = match &stretch.outcome {
            Some((tone, outcome)) => (*tone, &**outcome),
            None if self.is_live => (Tone::Hint, "running"),
            None => (Tone::Bad, "cut off: hookd died"),
        };
        let times = stretch.from.zip(self.end(stretch));
        let took = match (stretch.took, times) {
            // The duration of a hook that was cut off is unknown.
            (None, Some((from, end))) if self.is_live => Some(end.saturating_sub(from)),
            (took, _) => took,
        };
        let bar = times.map(|(from, end)| bar([from, end], total, stretch.mark, marks));
        let mut cells = vec![
            Tone::Plain.cell(times::human_or_dash(stretch.from)),
            Tone::Plain.cell(times::human_or_dash(took)),
            tone.cell(bar.unwrap_or_default()),
            match &*stretch.hook {
                "" => Tone::Dim.cell("-"),
                hook => Tone::Strong.cell(hook),
            },
        ];
        if self.has_conditions() {
            cells.push(Tone::Plain.cell(match stretch.condition {
                0 => "-".to_owned(),
                number => words::condition(number),
            }));
        }
        cells.push(Tone::Plain.cell(match stretch.index.and(stretch.from) {
            Some(_) => words::bytes(stretch.output_bytes),
            None => "-".to_owned(),
        }));
        cells.push(tone.cell(outcome));
        cells
    }

    /// Returns the end of a stretch, or its present duration if it has not ended.
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

fn outcome(finished: &HookFinished) -> (Tone, String) {
    let attempt = match finished.attempt {
        0 | 1 => String::new(),
        attempt => format!(" at try {attempt}"),
    };
    let tone = words::finished_tone(finished);
    (tone, words::finished(finished, &attempt))
}

/// Returns a part of the whole time, which `width` characters stand for, as a bar of marks; at
/// least one mark.
fn bar([from, to]: [Duration; 2], total: Duration, mark: char, width: usize) -> String {
    let total = total.as_nanos().max(1);
    let scaled = |at: Duration| at.as_nanos().saturating_mul(width as u128);
    let column = |column: u128| usize::try_from(column).unwrap_or(width).min(width);
    let first = column(scaled(from) / total).min(width - 1);
    let last = column(scaled(to).div_ceil(total)).max(first + 1);
    let marks = std::iter::repeat_n(mark, last - first);
    " ".repeat(first) + &marks.collect::<String>()
}

#[cfg(test)]
mod tests;
