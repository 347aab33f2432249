//! `hookctl show`: one run, with its hooks in their order and its decision.

use clap::Args;
use hookd_proto::v1::journal_entry::Entry;
use hookd_proto::v1::{Event, Run, RunState, SnapshotStats, Trigger, WatchRunRequest};

use super::runs;
use crate::cli::Global;
use crate::connect::Client;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::table::{Cell, Table};
use crate::output::timeline::Timeline;
use crate::output::{Out, Paint, Tone, live, words};
use crate::{run_ref, status, times};

/// Journals with more output than this, in bytes, are not read to their end: what is
/// known at a glance must do.
const MOST_OUTPUT: usize = 64 << 20;

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
    let shown = look(&client, args, out).await;
    client.close(shown).await?;
    Ok(Exit::Proceed)
}

async fn look(client: &Client, args: &ShowArgs, out: &mut Out) -> Result<(), Failure> {
    let run = run_ref::find(&mut client.hooks(), &args.run).await?;
    if out.is_json() {
        return out.json(&run);
    }
    let timeline = match course(client, &run).await? {
        Some(timeline) => timeline,
        None => Timeline::of_run(&run),
    };
    out.text(&show(&run, &timeline, out.paint))
}

/// What happened in a run up to the glance at it; nothing if reading that takes too long.
async fn course(client: &Client, run: &Run) -> Result<Option<Timeline>, Failure> {
    let mut timeline = Timeline::new(run);
    if run.last_sequence == 0 {
        return Ok(Some(timeline));
    }
    let request = WatchRunRequest {
        run_id: run.run_id.clone(),
        after_sequence: 0,
    };
    let watched = client.hooks().watch_run(request).await;
    let mut stream = watched.map_err(|s| status::failure(&s))?.into_inner();
    let mut written = 0;
    while let Some(answer) = stream.message().await.map_err(|s| status::failure(&s))? {
        let entry = answer.entry.unwrap_or_default();
        timeline.entry(&entry);
        if let Some(Entry::HookOutput(output)) = &entry.entry {
            written += output.data.len();
        }
        if entry.sequence >= run.last_sequence {
            break;
        }
        if written > MOST_OUTPUT {
            return Ok(None);
        }
    }
    Ok(Some(timeline))
}

fn show(run: &Run, timeline: &Timeline, paint: Paint) -> String {
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
        let finished = times::local(run.finished_at.as_ref());
        match run.state() {
            RunState::Interrupted => {
                facts.add("closed", format!("{finished}, when hookd was there again"))
            }
            _ => facts.add("finished", finished),
        }
    }
    facts.add("took", runs::took(run));

    let mut shown = facts.0.show(paint);
    shown.push('\n');
    shown.push_str(&timeline.show(paint));
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
    let duration = event.duration.as_ref().and_then(times::from_wire_duration);
    if let Some(duration) = duration.filter(|duration| !duration.is_zero()) {
        facts.add("duration", times::human(duration));
    }
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

#[cfg(test)]
mod tests {
    use hookd_proto::v1::{
        Condition, Decision, DecisionKind, Effect, HookRun, Outcome, SkipReason, outcome,
    };
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
        let shown = show(&run, &Timeline::of_run(&run), Paint::PLAIN);
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
