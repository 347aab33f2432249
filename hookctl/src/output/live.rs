//! Live view of a run: hooks start, write and end, and finally there is a decision.

use hookd_proto::v1::journal_entry::Entry;
use hookd_proto::v1::{
    Decision, DecisionKind, HookFinished, HookStarted, JournalEntry, RunInterrupted,
};

use super::{Lanes, Tone, safe, words};
use crate::times;

/// Turns journal entries into lines.
#[derive(Debug, Default)]
pub(crate) struct Live {
    lanes: Lanes,
}

impl Live {
    /// Returns the lines that an entry adds.
    pub(crate) fn show(&mut self, entry: &JournalEntry) -> String {
        let Some(entry) = &entry.entry else {
            // An entry of a later version.
            return String::new();
        };
        match entry {
            Entry::RunStarted(run) => {
                self.lanes.expect(run.hooks.iter().map(String::as_str));
                let id = Tone::Strong.paint(&safe::text(&run.run_id));
                let conditions = words::conditions(&run.conditions);
                let hooks = words::count(run.hooks.len(), "hook");
                format!("run {id}: {conditions}: {hooks}\n")
            }
            Entry::RunWaiting(waiting) => {
                let text = format!("- {}", safe::text(&words::waiting(waiting)));
                match &*waiting.hook {
                    "" => format!("{}\n", Tone::Dim.paint(&text)),
                    hook => self.hook_line(hook, Tone::Dim, &text),
                }
            }
            Entry::HookStarted(hook) => self.hook_started(hook),
            Entry::HookOutput(output) => self.lanes.output(output).0.concat(),
            Entry::HookFinished(hook) => {
                self.lanes.close(hook.index).concat() + &self.hook_finished(hook)
            }
            Entry::HookSkipped(hook) => {
                let text = format!("- {}", words::skip(hook.reason()));
                self.hook_line(&hook.hook, Tone::Dim, &text)
            }
            Entry::RunFinished(finished) => {
                let decision = finished.decision.as_ref().map(decision_lines);
                self.lanes.close_all().concat() + &decision.unwrap_or_default()
            }
            Entry::RunInterrupted(interrupted) => {
                self.lanes.close_all().concat() + &interruption_line(interrupted)
            }
        }
    }

    fn hook_line(&mut self, hook: &str, tone: Tone, text: &str) -> String {
        format!("{} {}\n", self.lanes.prefix(hook), tone.paint(text))
    }

    fn hook_started(&mut self, hook: &HookStarted) -> String {
        self.lanes.open(hook.index, &hook.hook);
        let interpreter = safe::text(&hook.interpreter.join(" "));
        let mut text = format!("> {interpreter} ({})", words::condition(hook.condition));
        if hook.attempt > 1 {
            text.push_str(&format!(", try {}", hook.attempt));
        }
        self.hook_line(&hook.hook, Tone::Dim, &text) + &self.notes(&hook.hook, &hook.notes)
    }

    fn hook_finished(&mut self, hook: &HookFinished) -> String {
        let elapsed = times::span(hook.elapsed.as_ref());
        let elapsed = elapsed.map_or_else(String::new, |e| format!(" in {}", times::human(e)));
        let text = format!("< {}", safe::text(&words::finished(hook, &elapsed)));
        let tone = words::finished_tone(hook);
        self.hook_line(&hook.hook, tone, &text) + &self.notes(&hook.hook, &hook.notes)
    }

    /// Returns a line for each note; its mark cannot be confused with the hook's own output.
    fn notes(&mut self, hook: &str, notes: &[String]) -> String {
        let notes = notes.iter().map(|note| {
            let text = format!("- note: {}", safe::text(note));
            self.hook_line(hook, Tone::Warn, &text)
        });
        notes.collect()
    }
}

/// Returns the line with the reason of an interruption and the advice to the agent.
pub(crate) fn interruption_line(interrupted: &RunInterrupted) -> String {
    let text = format!("INTERRUPTED: {}", safe::text(&interrupted.reason));
    let mut shown = Tone::Bad.paint(&text);
    if interrupted.advice() != DecisionKind::Unspecified {
        let (_, word) = words::decision(interrupted.advice());
        shown.push_str(&format!("; the agent is told {word}"));
    }
    if interrupted.advice() == DecisionKind::Retry
        && let Some(delay) = times::span(interrupted.retry_after.as_ref())
    {
        shown.push_str(&format!(" in {}", times::human(delay)));
    }
    shown + "\n"
}

/// Returns the lines for the warnings of a decision and for the decision itself.
pub(crate) fn decision_lines(decision: &Decision) -> String {
    let mut shown = String::new();
    for warning in &decision.warnings {
        let label = Tone::Warn.paint("warning");
        shown.push_str(&format!("{label}: {}\n", safe::text(warning)));
    }
    let (tone, word) = words::decision(decision.kind());
    shown.push_str(&tone.paint(word));
    if decision.kind() == DecisionKind::Retry
        && let Some(delay) = times::span(decision.retry_after.as_ref())
    {
        let (delay, attempt) = (times::human(delay), decision.attempt);
        shown.push_str(&format!(" in {delay} (attempt {attempt} failed)"));
    }
    for part in [&decision.hook, &decision.reason] {
        if !part.is_empty() {
            shown.push_str(&format!(": {}", safe::text(part)));
        }
    }
    shown + "\n"
}

#[cfg(test)]
mod tests {
    use hookd_proto::v1::{
        Condition, Effect, HookOutput, HookSkipped, Outcome, OutputStream, RunFinished, RunStarted,
        SkipReason, outcome,
    };
    use hookd_proto::well_known;

    use super::*;
    use crate::output::plain;

    fn journal(entries: Vec<Entry>) -> String {
        let mut live = Live::default();
        let shown = entries.into_iter().map(|entry| {
            live.show(&JournalEntry {
                entry: Some(entry),
                ..JournalEntry::default()
            })
        });
        plain(&shown.collect::<String>())
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
        insta::assert_snapshot!(shown, @r"
        run r1: SNAPSHOT_START: 2 hooks
        battery > bash -e (SNAPSHOT_START), try 2
        battery | low\x1b[2J (no line break)
        battery < exit 1 in 1.5 s, cancels the operation, 2 KiB of output dropped
        disk    - skipped: a hook before it stopped the operation
        warning: look\nhere
        CANCEL: battery: exit 1
        ");
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
            plain(&decision_lines(&decision)),
            "RETRY in 1 m (attempt 3 failed): mount\n"
        );
    }
}
