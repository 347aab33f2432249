//! `hookctl show`: one run, with its hooks in their order and its decision.

use std::time::Duration;

use clap::Args;
use hookd_proto::v1::{Event, HookRun, Run, SkipReason, SnapshotStats, Trigger};

use super::runs;
use crate::cli::Global;
use crate::connect::Client;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::table::{Cell, Table};
use crate::output::{Out, Paint, Tone, live, safe, words};
use crate::{run_ref, times};

const EXAMPLES: &str = "\
Examples:
  hookctl show last
  hookctl show 0192f0c1-abcd
  hookctl show last -o json | jq .decision";

/// Which run to show.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct ShowArgs {
    /// The run: its id, the beginning of it, or `last`
    pub run: String,
}

/// Shows a run.
///
/// # Errors
/// If there is no such run.
pub(crate) async fn perform(
    args: &ShowArgs,
    global: &Global,
    out: &mut Out,
) -> Result<Exit, Failure> {
    let client = Client::connect(global).await?;
    let found = run_ref::find(&mut client.hooks(), &args.run).await;
    let run = client.close(found).await?;
    if out.is_json() {
        out.json(&run)?;
    } else {
        out.text(&show(&run, out.paint))?;
    }
    Ok(Exit::Proceed)
}

fn show(run: &Run, paint: Paint) -> String {
    let mut facts = Facts(Table::bare());
    let event = run.event.clone().unwrap_or_default();
    facts.add("run", &run.run_id);
    let (_, state) = words::state(run.state());
    facts.add("state", state);
    facts.add("event", words::condition(event.condition));
    facts.add("fires", words::conditions(&run.conditions));
    add_event(&mut facts, &event);
    facts.add("started", times::local(run.started_at.as_ref()));
    if run.finished_at.is_some() {
        facts.add("finished", times::local(run.finished_at.as_ref()));
    }
    facts.add("took", runs::took(run));

    let mut shown = facts.0.show(paint);
    shown.push('\n');
    if run.hooks.is_empty() {
        shown.push_str("no hooks\n");
    } else {
        shown.push_str(&timeline(run).show(paint));
        for hook in &run.hooks {
            for note in &hook.notes {
                let name = safe::text(&hook.hook);
                let note = format!("note: {name}: {}", safe::text(note));
                shown.push_str(&format!("{}\n", paint.text(Tone::Warn, &note)));
            }
        }
    }
    if let Some(decision) = &run.decision {
        shown.push('\n');
        shown.push_str(&live::decision_lines(decision, paint));
    }
    shown
}

/// Names and values, without those that say nothing.
struct Facts(Table);

impl Facts {
    fn add(&mut self, name: &str, value: impl AsRef<str>) {
        if !value.as_ref().is_empty() {
            self.0.row([Cell::toned(Tone::Dim, name), Cell::new(value)]);
        }
    }
}

fn add_event(facts: &mut Facts, event: &Event) {
    facts.add("plan", &event.plan_id);
    facts.add("repo", &event.repo_id);
    facts.add("task", &event.task);
    facts.add("error", &event.error);
    facts.add("snapshot", &event.snapshot_id);
    if let Some(stats) = &event.snapshot_stats {
        facts.add("stats", statistics(stats));
    }
    facts.add(
        "duration",
        times::human_wire(event.duration.as_ref()).unwrap_or_default(),
    );
    if event.attempt > 1 {
        facts.add("attempt", event.attempt.to_string());
    }
    facts.add(
        "trigger",
        match event.trigger() {
            Trigger::Manual => "manual",
            Trigger::Scheduled => "scheduled",
            Trigger::Unspecified => "",
        },
    );
    facts.add("operation", &event.operation_id);
    for (name, value) in &event.labels {
        facts.add("label", format!("{name}={value}"));
    }
}

fn statistics(stats: &SnapshotStats) -> String {
    let added = u64::try_from(stats.data_added).unwrap_or_default();
    format!(
        "{} new, {} changed, {} unmodified files, {} added",
        stats.files_new,
        stats.files_changed,
        stats.files_unmodified,
        words::bytes(added)
    )
}

fn timeline(run: &Run) -> Table {
    let mut table = Table::new(&["AFTER", "HOOK", "CONDITION", "TOOK", "OUTPUT", "OUTCOME"]);
    for hook in &run.hooks {
        let (tone, outcome) = ending(hook);
        let after = times::between(run.started_at.as_ref(), hook.started_at.as_ref());
        let took = match (&hook.outcome, hook.started_at.as_ref()) {
            (None, Some(started)) => times::since(Some(started)),
            _ => hook.elapsed.as_ref().and_then(times::from_wire_duration),
        };
        let span = |span: Option<Duration>| span.map_or_else(|| "-".to_owned(), times::human);
        table.row([
            Cell::new(span(after)),
            Cell::toned(Tone::Strong, &hook.hook),
            Cell::new(words::condition(hook.condition)),
            Cell::new(span(took)),
            Cell::new(words::bytes(hook.output_bytes)),
            Cell::toned(tone, outcome),
        ]);
    }
    table
}

fn ending(hook: &HookRun) -> (Tone, String) {
    if hook.skipped() != SkipReason::Unspecified {
        return (Tone::Dim, words::skip(hook.skipped()).to_owned());
    }
    if hook.outcome.is_none() {
        return match hook.started_at {
            Some(_) => (Tone::Hint, "running".to_owned()),
            None => (Tone::Dim, "not started".to_owned()),
        };
    }
    let outcome = hook.outcome.as_ref();
    let mut said = words::outcome(outcome);
    if hook.attempts > 1 {
        said.push_str(&format!(" at try {}", hook.attempts));
    }
    if let Some(effect) = words::effect(hook.effect(), None) {
        said.push_str(&format!(", {effect}"));
    }
    said.push_str(&words::oddities(hook.dropped_bytes, hook.leaked));
    (
        words::effect_tone(hook.effect(), words::is_success(outcome)),
        said,
    )
}

#[cfg(test)]
mod tests {
    use hookd_proto::v1::{Condition, Decision, DecisionKind, Effect, Outcome, RunState, outcome};
    use hookd_proto::well_known::{Duration, Timestamp};

    use super::*;

    #[test]
    fn a_run_is_told_in_order() {
        let at = |seconds| Some(Timestamp { seconds, nanos: 0 });
        let run = Run {
            run_id: "r1".to_owned(),
            state: RunState::Finished.into(),
            event: Some(Event {
                condition: Condition::SnapshotStart.into(),
                plan_id: "home".to_owned(),
                labels: [("a".to_owned(), "b".to_owned())].into(),
                ..Event::default()
            }),
            conditions: vec![Condition::SnapshotStart.into()],
            started_at: at(100),
            finished_at: at(103),
            hooks: vec![
                HookRun {
                    hook: "mount".to_owned(),
                    condition: Condition::SnapshotStart.into(),
                    started_at: at(101),
                    elapsed: Some(Duration {
                        seconds: 2,
                        nanos: 0,
                    }),
                    outcome: Some(Outcome {
                        outcome: Some(outcome::Outcome::ExitCode(3)),
                    }),
                    effect: Effect::Fails.into(),
                    output_bytes: 2048,
                    attempts: 2,
                    ..HookRun::default()
                },
                HookRun {
                    hook: "next".to_owned(),
                    condition: Condition::SnapshotStart.into(),
                    skipped: SkipReason::Stopped.into(),
                    ..HookRun::default()
                },
            ],
            decision: Some(Decision {
                kind: DecisionKind::Fail.into(),
                hook: "mount".to_owned(),
                reason: "exit 3".to_owned(),
                ..Decision::default()
            }),
            ..Run::default()
        };
        let shown = show(&run, Paint::PLAIN);
        for part in [
            "run       r1\n",
            "plan      home\n",
            "label     a=b\n",
            "took      3 s\n",
            "1 s    mount  SNAPSHOT_START  2 s   2 KiB   exit 3 at try 2, fails the operation\n",
            "-      next   SNAPSHOT_START  -     0 B     skipped: a hook before it",
            "\nFAIL: mount: exit 3\n",
        ] {
            assert!(shown.contains(part), "{part:?} is not in\n{shown}");
        }
        assert!(!shown.contains("repo"), "{shown}");
    }
}
