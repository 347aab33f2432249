//! `hookctl render --all-branches`: every script to which a hook can render.

use hookd_client::{Client, answer};
use hookd_proto::v1::{
    Condition, ConfiguredHook, Event, ListHooksRequest, RenderHooksRequest, SnapshotStats,
};

use super::cases::{self, Case};
use crate::failure::{Failure, Result};
use crate::output::Out;
use crate::times;

/// Sample values for options of the event that are missing.
const SAMPLE_TASK: &str = "sample task";
const SAMPLE_ERROR: &str = "sample error";
const SAMPLE_SNAPSHOT: &str = "4f1ae8c0d3b2967e";

/// Renders the hook, or all hooks of the event's plan or repository, in every case.
pub(super) async fn perform(
    client: &Client,
    event: Event,
    hook: Option<&str>,
    out: &mut Out,
) -> Result {
    let hooks = match hook {
        Some(name) => vec![super::find(client, name).await?],
        None => {
            let request = ListHooksRequest {
                repo_id: event.repo_id.clone(),
                plan_id: event.plan_id.clone(),
            };
            answer(client.hooks().list_hooks(request)).await?.hooks
        }
    };
    let event = with_samples(event);
    let mut cases = Vec::new();
    for hook in &hooks {
        for event in events(hook, &event) {
            cases.push(rendered(client, event, hook).await?);
        }
    }
    let printed = out.list(&cases, "no hooks", cases::show);
    let exit = super::exit(cases.iter().map(|case| &case.rendered));
    out.verdict(exit, printed)
}

/// Returns the event with every value that a case may use. Its time is set once, as different times
/// would make the scripts of the cases differ.
fn with_samples(mut event: Event) -> Event {
    let or_sample = |text: &mut String, sample: &str| {
        if text.is_empty() {
            sample.clone_into(text);
        }
    };
    or_sample(&mut event.task, SAMPLE_TASK);
    or_sample(&mut event.error, SAMPLE_ERROR);
    event.snapshot_stats.get_or_insert_with(sample_stats);
    event.time.get_or_insert_with(times::now);
    event
}

/// Returns the events that trigger the hook: each condition, with and without an error and,
/// for snapshots, statistics. A failure always has an error.
fn events(hook: &ConfiguredHook, full: &Event) -> Vec<Event> {
    let mut events = Vec::new();
    for &condition in &hook.triggered_by {
        let is_of_snapshot = words_of(condition).starts_with("CONDITION_SNAPSHOT_");
        let is_failure = words_of(condition).ends_with("_ERROR");
        for has_error in [false, true] {
            for has_stats in [false, true] {
                if has_stats && !is_of_snapshot || is_failure && !has_error {
                    continue;
                }
                let mut event = full.clone();
                event.condition = condition;
                if !has_error {
                    event.error.clear();
                }
                event.snapshot_stats = event.snapshot_stats.filter(|_| has_stats);
                // Statistics name their snapshot, as everywhere.
                if let Some(stats) = &event.snapshot_stats
                    && event.snapshot_id.is_empty()
                {
                    event.snapshot_id.clone_from(&stats.snapshot_id);
                }
                if event.repo_id.is_empty() && event.plan_id.is_empty() {
                    event.repo_id.clone_from(&hook.repo_id);
                    event.plan_id.clone_from(&hook.plan_id);
                }
                events.push(event);
            }
        }
    }
    events
}

fn words_of(condition: i32) -> &'static str {
    Condition::try_from(condition).map_or("", |condition| condition.as_str_name())
}

async fn rendered(client: &Client, event: Event, hook: &ConfiguredHook) -> Result<Case> {
    let (condition, error) = (event.condition, !event.error.is_empty());
    let statistics = event.snapshot_stats.is_some();
    let name = hook.hook.as_ref().map_or("", |hook| &hook.name);
    let request = RenderHooksRequest {
        event: Some(event),
        hook: name.to_owned(),
    };
    let answered = answer(client.hooks().render_hooks(request)).await?;
    let Some(rendered) = answered.hooks.into_iter().next() else {
        return Err(Failure::other(format!(
            "hookd does not say what hook `{name}` would run"
        )));
    };
    Ok(Case {
        condition,
        error,
        statistics,
        rendered,
    })
}

/// Returns the statistics of a typical backup, in which no two numbers are the same.
fn sample_stats() -> SnapshotStats {
    SnapshotStats {
        message_type: "summary".to_owned(),
        files_new: 12,
        files_changed: 34,
        files_unmodified: 5_678,
        dirs_new: 3,
        dirs_changed: 21,
        dirs_unmodified: 432,
        data_blobs: 56,
        tree_blobs: 17,
        data_added: 123_456_789,
        total_files_processed: 5_724,
        total_bytes_processed: 9_876_543_210,
        total_duration: 61.5,
        snapshot_id: SAMPLE_SNAPSHOT.to_owned(),
        ..SnapshotStats::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_condition_is_asked_for_in_all_its_cases() {
        let hook = ConfiguredHook {
            plan_id: "home".to_owned(),
            triggered_by: vec![Condition::SnapshotEnd.into(), Condition::PruneError.into()],
            ..ConfiguredHook::default()
        };
        let given = Event {
            error: "mine".to_owned(),
            ..Event::default()
        };
        let full = with_samples(given);
        let events = events(&hook, &full);
        let cases: Vec<_> = events
            .iter()
            .map(|e| (e.condition(), &*e.error, e.snapshot_stats.is_some()))
            .collect();
        assert_eq!(
            cases,
            [
                (Condition::SnapshotEnd, "", false),
                (Condition::SnapshotEnd, "", true),
                (Condition::SnapshotEnd, "mine", false),
                (Condition::SnapshotEnd, "mine", true),
                (Condition::PruneError, "mine", false),
            ]
        );
        assert!(events.iter().all(|e| e.time == full.time));
        assert!(events.iter().all(|e| e.plan_id == "home"));
    }
}
