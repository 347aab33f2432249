//! `hookctl show`: one run, with its hooks in their order and its decision.

use clap::Args;
use hookd_proto::v1::journal_entry::Entry;
use hookd_proto::v1::{Event, Run, RunState, SnapshotStats, Trigger, WatchRunRequest};

use crate::connect::Service;
use crate::exit::Exit;
use crate::failure::Result;
use crate::output::table::Table;
use crate::output::timeline::Timeline;
use crate::output::{Out, Tone, live, words};
use crate::{find_run, times};

/// Maximum output in bytes for which the journal is read; above it, only the run's summary is
/// shown.
const MOST_OUTPUT: usize = 64 << 20;

const EXAMPLES: &str = "\
Examples:
  hookctl show
  hookctl show 0192f0c1-abcd
  hookctl show last -o json | jq .decision";

#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct ShowArgs {
    /// The run: its id, the beginning of it, or `last`
    #[arg(default_value = "last")]
    pub run: String,
}

pub(crate) async fn perform(args: &ShowArgs, hookd: &mut Service, out: &mut Out) -> Result {
    let client = hookd.connect().await?;
    let run = find_run::by_name(&client, &args.run).await?;
    if out.is_json() {
        out.json(&run)?;
        return Ok(Exit::Proceed);
    }
    let request = WatchRunRequest {
        run_id: run.run_id.clone(),
        after_sequence: 0,
    };
    let mut timeline = Timeline::new(&run);
    let mut written = 0;
    let mut sequence = 0;
    let mut entries = client.hooks().watch_run(request).await?.into_inner();
    // Entries after the summary of a live run are left out.
    while sequence < run.last_sequence
        && let Some(answer) = entries.message().await?
    {
        let entry = answer.entry.unwrap_or_default();
        timeline.entry(&entry);
        sequence = entry.sequence;
        if let Some(Entry::HookOutput(output)) = &entry.entry {
            written += output.data.len();
        }
        if written > MOST_OUTPUT && sequence < run.last_sequence {
            timeline = Timeline::of_run(&run);
            break;
        }
    }
    out.text(&show(&run, &timeline, out.width()))?;
    Ok(Exit::Proceed)
}

fn show(run: &Run, timeline: &Timeline, width: Option<usize>) -> String {
    let mut table = Table::of_facts();
    let mut fact = |name: &str, value: &str| table.fact(name, Tone::Plain, value);
    let event = run.event.clone().unwrap_or_default();
    fact("run", &run.run_id);
    fact("state", words::state(run.state()).1);
    fact("event", &words::condition(event.condition));
    fact("fires", &words::conditions(&run.conditions));
    add_event(&mut fact, &event);
    fact("started", &times::local(run.started_at.as_ref()));
    if run.finished_at.is_some() {
        let finished = times::local(run.finished_at.as_ref());
        match run.state() {
            RunState::Interrupted => {
                fact("closed", &format!("{finished}, when hookd was there again"));
            }
            _ => fact("finished", &finished),
        }
    }
    fact("took", &times::human_or_dash(times::elapsed(run)));

    let mut shown = format!("{}\n{}", table.show(width), timeline.show(width));
    if let Some(decision) = &run.decision {
        shown.push('\n');
        shown.push_str(&live::decision_lines(decision));
    }
    shown
}

fn add_event(fact: &mut impl FnMut(&str, &str), event: &Event) {
    fact("plan", &event.plan_id);
    fact("repo", &event.repo_id);
    fact("task", &event.task);
    fact("error", &event.error);
    fact("snapshot", &event.snapshot_id);
    if let Some(stats) = &event.snapshot_stats {
        fact("stats", &statistics(stats));
    }
    let duration = times::span(event.duration.as_ref());
    if let Some(duration) = duration.filter(|duration| !duration.is_zero()) {
        fact("duration", &times::human(duration));
    }
    if event.attempt > 1 {
        fact("attempt", &event.attempt.to_string());
    }
    match event.trigger() {
        Trigger::Manual => fact("trigger", "manual"),
        Trigger::Scheduled => fact("trigger", "scheduled"),
        Trigger::Unspecified => {}
    }
    fact("operation", &event.operation_id);
    for (name, value) in &event.labels {
        fact("label", &format!("{name}={value}"));
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

#[cfg(test)]
mod tests {
    use hookd_proto::v1::{
        Condition, Decision, DecisionKind, Effect, HookRun, Outcome, SkipReason, outcome,
    };
    use hookd_proto::well_known::{Duration, Timestamp};

    use super::*;
    use crate::output::plain;

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
                    notes: vec!["too large\x1b".to_owned()],
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
        let shown = plain(&show(&run, &Timeline::of_run(&run), None));
        for part in [
            "run       r1\n",
            "plan      home\n",
            "label     a=b\n",
            "took      3 s\n",
            "1 s    2 s        ===========  mount  2 KiB   exit 3 at try 2, fails the operation\n",
            "-      -                       next   -       skipped: a hook before it",
            "\nnote: mount: too large\\x1b\n",
            "\nFAIL: mount: exit 3\n",
        ] {
            assert!(shown.contains(part), "{part:?} is not in\n{shown}");
        }
        assert!(!shown.contains("repo"), "{shown}");
        assert_eq!(shown.matches("too large").count(), 1, "{shown}");
    }
}
