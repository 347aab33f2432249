//! Variables of a hook when it runs: those of its template and its environment.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::event::Event;
use crate::run::course::HookRun;
use crate::vars::{PlanVars, RepoVars, Time, Vars};

/// Prefix of every environment variable that hookd sets for a script.
pub const PREFIX: &str = "HOOK_";

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

/// Returns the name of the environment variable for a label: in upper case, with `_` for
/// anything but letters and digits.
#[must_use]
pub fn label_variable(label: &str) -> String {
    let name = label.chars().map(|c| {
        if c.is_ascii_alphanumeric() {
            c.to_ascii_uppercase()
        } else {
            '_'
        }
    });
    format!("{PREFIX}LABEL_{}", name.collect::<String>())
}

/// Returns two labels that become the same environment variable, and its name; `None` if there
/// are none.
#[must_use]
pub fn colliding_labels<'l>(
    labels: impl IntoIterator<Item = &'l String>,
) -> Option<(&'l str, &'l str, String)> {
    let mut taken = BTreeMap::new();
    labels.into_iter().find_map(|label| {
        let variable = label_variable(label);
        let other = taken.insert(variable.clone(), label.as_str())?;
        Some((other, label.as_str(), variable))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_become_portable_variable_names() {
        for (label, variable) in [
            ("host", "HOOK_LABEL_HOST"),
            ("host.name-2", "HOOK_LABEL_HOST_NAME_2"),
            ("größe", "HOOK_LABEL_GR__E"),
        ] {
            assert_eq!(label_variable(label), variable);
        }
    }

    #[test]
    fn labels_collide_by_their_variable() {
        let labels = ["a", "a-b", "b", "a.b"].map(str::to_owned);
        let variable = "HOOK_LABEL_A_B".to_owned();
        assert_eq!(colliding_labels(&labels), Some(("a-b", "a.b", variable)));
        assert_eq!(colliding_labels(&labels[..3]), None);
    }
}
