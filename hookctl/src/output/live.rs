//! A run as it goes on: hooks start, write and end, and at last there is a decision.

use hookd_proto::v1::journal_entry::Entry;
use hookd_proto::v1::{
    Decision, DecisionKind, HookFinished, HookStarted, JournalEntry, RunInterrupted, RunStarted,
    RunWaiting,
};

use super::{Lanes, Paint, Tone, safe, words};
use crate::times;

/// Turns journal entries into lines.
#[derive(Debug)]
pub(crate) struct Live {
    paint: Paint,
    lanes: Lanes,
}

impl Live {
    /// Nothing seen yet.
    #[must_use]
    pub(crate) fn new(paint: Paint) -> Live {
        Live {
            paint,
            lanes: Lanes::new(paint),
        }
    }

    /// The lines that an entry adds.
    #[must_use]
    pub(crate) fn show(&mut self, entry: &JournalEntry) -> String {
        let mut shown = String::new();
        match &entry.entry {
            Some(Entry::RunStarted(started)) => shown.push_str(&self.run_started(started)),
            Some(Entry::RunWaiting(waiting)) => shown.push_str(&self.run_waiting(waiting)),
            Some(Entry::HookStarted(started)) => shown.push_str(&self.hook_started(started)),
            Some(Entry::HookOutput(output)) => {
                self.lanes.output(output, |line| shown.push_str(&line));
            }
            Some(Entry::HookFinished(finished)) => {
                self.lanes
                    .close(finished.index, |line| shown.push_str(&line));
                shown.push_str(&self.hook_finished(finished));
            }
            Some(Entry::HookSkipped(skipped)) => {
                let text = format!("- {}", words::skip(skipped.reason()));
                let text = self.paint.text(Tone::Dim, &text);
                shown.push_str(&format!("{} {text}\n", self.lanes.prefix(&skipped.hook)));
            }
            Some(Entry::RunFinished(finished)) => {
                self.lanes.close_all(|line| shown.push_str(&line));
                if let Some(decision) = &finished.decision {
                    shown.push_str(&decision_lines(decision, self.paint));
                }
            }
            Some(Entry::RunInterrupted(interrupted)) => {
                self.lanes.close_all(|line| shown.push_str(&line));
                shown.push_str(&interruption_line(interrupted, self.paint));
            }
            // An entry of a later version; there is nothing to say about it.
            None => {}
        }
        shown
    }

    fn run_started(&mut self, run: &RunStarted) -> String {
        self.lanes.expect(run.hooks.iter().map(String::as_str));
        let id = self.paint.text(Tone::Strong, &safe::text(&run.run_id));
        format!(
            "run {id}: {}: {}\n",
            words::conditions(&run.conditions),
            words::count(run.hooks.len(), "hook"),
        )
    }

    fn run_waiting(&mut self, waiting: &RunWaiting) -> String {
        let what = safe::text(&words::waiting(waiting));
        let text = self.paint.text(Tone::Dim, &format!("- {what}"));
        if waiting.hook.is_empty() {
            return format!("{text}\n");
        }
        format!("{} {text}\n", self.lanes.prefix(&waiting.hook))
    }

    fn hook_started(&mut self, hook: &HookStarted) -> String {
        self.lanes.open(hook.index, &hook.hook);
        let mut text = format!(
            "> {} ({})",
            safe::text(&hook.interpreter.join(" ")),
            words::condition(hook.condition),
        );
        if hook.attempt > 1 {
            text.push_str(&format!(", try {}", hook.attempt));
        }
        let prefix = self.lanes.prefix(&hook.hook);
        let text = self.paint.text(Tone::Dim, &text);
        format!("{prefix} {text}\n{}", self.notes(&prefix, &hook.notes))
    }

    fn notes(&self, prefix: &str, notes: &[String]) -> String {
        let lines = notes.iter().map(|note| {
            // Not with the mark of the hook's own words.
            let note = format!("- note: {}", safe::text(note));
            format!("{prefix} {}\n", self.paint.text(Tone::Warn, &note))
        });
        lines.collect()
    }

    fn hook_finished(&mut self, hook: &HookFinished) -> String {
        let outcome = safe::text(&words::outcome(hook.outcome.as_ref()));
        let success = words::is_success(hook.outcome.as_ref());
        let tone = words::effect_tone(hook.effect(), success);
        let mut text = format!("< {outcome}");
        if let Some(elapsed) = times::human_wire(hook.elapsed.as_ref()) {
            text.push_str(&format!(" in {elapsed}"));
        }
        let again = hook
            .retried_after
            .as_ref()
            .and_then(times::from_wire_duration);
        if let Some(effect) = words::effect(hook.effect(), again) {
            text.push_str(&format!(", {effect}"));
        }
        text.push_str(&words::oddities(hook.dropped_bytes, hook.leaked));
        text.push_str(words::ending(hook.ending()));
        let prefix = self.lanes.prefix(&hook.hook);
        let text = self.paint.text(tone, &text);
        format!("{prefix} {text}\n{}", self.notes(&prefix, &hook.notes))
    }
}

/// That a run was interrupted, why, and what the agent is told.
#[must_use]
pub(crate) fn interruption_line(interrupted: &RunInterrupted, paint: Paint) -> String {
    let text = format!("INTERRUPTED: {}", safe::text(&interrupted.reason));
    let mut shown = paint.text(Tone::Bad, &text);
    if interrupted.advice() != DecisionKind::Unspecified {
        let (_, word) = words::decision(interrupted.advice());
        shown.push_str(&format!("; the agent is told {word}"));
    }
    if interrupted.advice() == DecisionKind::Retry
        && let Some(delay) = times::human_wire(interrupted.retry_after.as_ref())
    {
        shown.push_str(&format!(" in {delay}"));
    }
    shown.push('\n');
    shown
}

/// A decision and its warnings, the decision last.
#[must_use]
pub(crate) fn decision_lines(decision: &Decision, paint: Paint) -> String {
    let mut shown = String::new();
    for warning in &decision.warnings {
        let label = paint.text(Tone::Warn, "warning");
        shown.push_str(&format!("{label}: {}\n", safe::text(warning)));
    }
    let (tone, word) = words::decision(decision.kind());
    shown.push_str(&paint.text(tone, word));
    if decision.kind() == DecisionKind::Retry
        && let Some(delay) = times::human_wire(decision.retry_after.as_ref())
    {
        shown.push_str(&format!(
            " in {delay} (attempt {} failed)",
            decision.attempt
        ));
    }
    let why = [&decision.hook, &decision.reason];
    for part in why.into_iter().filter(|part| !part.is_empty()) {
        shown.push_str(&format!(": {}", safe::text(part)));
    }
    shown.push('\n');
    shown
}

#[cfg(test)]
mod tests {
    use hookd_proto::v1::{
        Condition, Effect, HookOutput, HookSkipped, Outcome, OutputStream, RunFinished, SkipReason,
        outcome,
    };
    use hookd_proto::well_known;

    use super::*;

    fn journal(entries: Vec<Entry>) -> String {
        let mut live = Live::new(Paint::PLAIN);
        let shown = entries.into_iter().map(|entry| {
            live.show(&JournalEntry {
                entry: Some(entry),
                ..JournalEntry::default()
            })
        });
        shown.collect()
    }

    #[test]
    fn a_run_reads_like_a_story() {
        let shown = journal(vec![
            Entry::RunStarted(RunStarted {
                run_id: "r1".to_owned(),
                conditions: vec![Condition::SnapshotStart.into()],
                hooks: vec!["battery".to_owned(), "disk".to_owned()],
                ..RunStarted::default()
            }),
            Entry::HookStarted(HookStarted {
                hook: "battery".to_owned(),
                condition: Condition::SnapshotStart.into(),
                interpreter: vec!["bash".to_owned(), "-e".to_owned()],
                attempt: 2,
                ..HookStarted::default()
            }),
            Entry::HookOutput(HookOutput {
                stream: OutputStream::Stdout.into(),
                data: "low\x1b[2J".into(),
                ..HookOutput::default()
            }),
            Entry::HookFinished(HookFinished {
                hook: "battery".to_owned(),
                outcome: Some(Outcome {
                    outcome: Some(outcome::Outcome::ExitCode(1)),
                }),
                elapsed: Some(well_known::Duration {
                    seconds: 1,
                    nanos: 500_000_000,
                }),
                effect: Effect::Cancels.into(),
                dropped_bytes: 2048,
                ..HookFinished::default()
            }),
            Entry::HookSkipped(HookSkipped {
                index: 1,
                hook: "disk".to_owned(),
                reason: SkipReason::Stopped.into(),
            }),
            Entry::RunFinished(RunFinished {
                decision: Some(Decision {
                    kind: DecisionKind::Cancel.into(),
                    hook: "battery".to_owned(),
                    reason: "exit 1".to_owned(),
                    warnings: vec!["look\nhere".to_owned()],
                    ..Decision::default()
                }),
            }),
        ]);
        assert_eq!(
            shown,
            "run r1: SNAPSHOT_START: 2 hooks\n\
             battery > bash -e (SNAPSHOT_START), try 2\n\
             battery | low\\x1b[2J (no line break)\n\
             battery < exit 1 in 1.5 s, cancels the operation, 2 KiB of output dropped\n\
             disk    - skipped: a hook before it stopped the operation\n\
             warning: look\\nhere\n\
             CANCEL: battery: exit 1\n"
        );
    }

    #[test]
    fn a_retry_says_when() {
        let decision = Decision {
            kind: DecisionKind::Retry.into(),
            retry_after: Some(well_known::Duration {
                seconds: 60,
                nanos: 0,
            }),
            attempt: 3,
            hook: "mount".to_owned(),
            ..Decision::default()
        };
        assert_eq!(
            decision_lines(&decision, Paint::PLAIN),
            "RETRY in 1 m (attempt 3 failed): mount\n"
        );
    }
}
