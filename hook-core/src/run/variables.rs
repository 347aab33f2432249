//! Variables of a hook when it runs: those of its template and its environment.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::event::Event;
use crate::run::course::HookRun;
use crate::vars::{PREFIX, PlanVars, RepoVars, Time, Vars, label_variable};

/// Returns the variables of a hook's template.
#[must_use]
pub fn vars(
    event: &Event,
    run: &HookRun,
    repo: Option<&Arc<RepoVars>>,
    plan: &Arc<PlanVars>,
) -> Vars {
    Vars {
        task: event.task.clone(),
        event: Some(run.condition),
        repo: repo.cloned(),
        plan: Some(Arc::clone(plan)),
        snapshot_id: event.snapshot_id.clone(),
        snapshot_stats: event.snapshot_stats.clone(),
        cur_time: Time::from(event.time).local(),
        duration: event.duration.into(),
        error: run.error.clone(),
        labels: event.labels.clone(),
        attempt: event.attempt,
        trigger: event.trigger,
        operation_id: event.operation_id.clone(),
    }
}

/// Most labels that become environment variables; the event file has all.
pub const MAX_LABELS: usize = 256;

/// Returns the environment variables of a hook: exact values, which scripts can use without
/// any escaping by the template. Absent values are empty, so that `set -u` scripts can test
/// them.
#[must_use]
pub fn environment(
    run_id: &str,
    event: &Event,
    run: &HookRun,
    vars: &Vars,
) -> BTreeMap<String, String> {
    let (repo_id, repo_uri) = vars
        .repo
        .as_ref()
        .map_or((event.repo_id.as_str(), ""), |repo| {
            (repo.id.as_str(), repo.uri.as_str())
        });
    let mut env: BTreeMap<String, String> = [
        ("RUN_ID", run_id.to_owned()),
        ("NAME", run.hook.name.clone()),
        ("CONDITION", run.condition.name().to_owned()),
        ("EVENT", event.condition.name().to_owned()),
        ("TASK", event.task.clone()),
        ("REPO_ID", repo_id.to_owned()),
        ("REPO_URI", repo_uri.to_owned()),
        ("PLAN_ID", event.plan_id.clone()),
        ("SNAPSHOT_ID", event.snapshot_id.clone()),
        ("ERROR", run.error.clone()),
        ("DURATION_SECONDS", event.duration.as_secs_f64().to_string()),
        ("ATTEMPT", event.attempt.to_string()),
        ("TRIGGER", event.trigger.name().to_owned()),
        ("OPERATION_ID", event.operation_id.clone()),
    ]
    .into_iter()
    .map(|(name, value)| (format!("{PREFIX}{name}"), value))
    .collect();
    env.extend(
        event
            .labels
            .iter()
            .take(MAX_LABELS)
            .map(|(name, value)| (label_variable(name), value.clone())),
    );
    env
}
