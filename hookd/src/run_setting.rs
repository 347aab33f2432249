//! The setting of a run: the hooks, the target and the paths for an event.

use std::collections::BTreeSet;
use std::sync::Arc;

use hook_core::catalog::Catalog;
use hook_core::config::closest;
use hook_core::event::Event;
use hook_core::hook::Scope;
use hook_core::run::locks::NamedLocks;
use hook_core::run::setting::RunSetting;
use hook_core::vars::PlanVars;

use crate::paths::DaemonPaths;

/// The prefix of the settings that hookd takes from its environment.
const OWN_PREFIX: &str = "HOOKD_";

/// Most hooks that a warning names.
const MAX_NAMED: usize = 8;

/// The environment variable with systemd's credentials folder for hookd.
const CREDENTIALS: &str = "CREDENTIALS_DIRECTORY";

/// Error of an event whose target is not in the config.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum UnknownTarget {
    /// The repository.
    #[error("no repository `{id}` in the config{}", meant(.nearest.as_deref()))]
    Repo {
        /// The event's repository.
        id: String,
        /// The repository with the most similar id.
        nearest: Option<String>,
    },
    /// The plan.
    #[error("no plan `{id}` in the config{}", meant(.nearest.as_deref()))]
    Plan {
        /// The event's plan.
        id: String,
        /// The plan with the most similar id.
        nearest: Option<String>,
    },
    /// The plan belongs to another repository.
    #[error("plan `{plan}` backs up to repository `{actual}`, not to `{asked}`")]
    RepoMismatch {
        /// The plan.
        plan: String,
        /// The plan's repository.
        actual: String,
        /// The event's repository.
        asked: String,
    },
}

/// Returns the end of a message about an unknown name; empty if no known one is similar.
pub(crate) fn meant(nearest: Option<&str>) -> String {
    nearest.map_or_else(String::new, |name| format!("; did you mean `{name}`?"))
}

/// Returns the setting for the run of an event.
/// Fails if the event's repository or plan is not in the config.
pub fn run_setting(
    catalog: &Catalog,
    mut event: Event,
    run_id: String,
    paths: &DaemonPaths,
    locks: &NamedLocks,
) -> Result<RunSetting, UnknownTarget> {
    event.repo_id = target_repo(catalog, &event.repo_id, &event.plan_id)?;
    if event.plan_id.is_empty() {
        event.warnings.extend(hooks_of_plans(catalog, &event));
    }
    let repo = catalog.repo(&event.repo_id);
    let plan = catalog.plan(&event.plan_id);
    Ok(RunSetting {
        run_id,
        hooks: catalog
            .hooks(&event.repo_id, &event.plan_id)
            .cloned()
            .collect(),
        repo: repo.cloned(),
        plan: plan.cloned().unwrap_or_else(|| {
            Arc::new(PlanVars {
                id: event.plan_id.clone(),
                ..PlanVars::default()
            })
        }),
        script_dir: paths.scripts.clone(),
        plan_lock: catalog.plan_lock(&event.plan_id).map(str::to_owned),
        locks: locks.clone(),
        mask: Arc::clone(catalog.mask()),
        withheld: withheld(),
        instance: paths.instance.clone(),
        event,
    })
}

/// Returns a warning of the hooks that an event without a plan would have triggered if it had one
/// of its repository's plans; `None` if there are none.
fn hooks_of_plans(catalog: &Catalog, event: &Event) -> Option<String> {
    let fired = event.condition.fires();
    let of_repo = |plan: &PlanVars| {
        event.repo_id.is_empty() || plan.repo.is_empty() || plan.repo == event.repo_id
    };
    let mut missed = catalog.all_hooks().filter_map(|hook| match &hook.scope {
        Scope::Plan(plan)
            if hook.enabled
                && hook.conditions.iter().any(|c| fired.contains(c))
                && catalog.plan(plan).is_some_and(|plan| of_repo(plan)) =>
        {
            Some(format!("`{}` of plan `{plan}`", hook.name))
        }
        _ => None,
    });
    let named: Vec<String> = missed.by_ref().take(MAX_NAMED).collect();
    let more = match missed.count() {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    (!named.is_empty()).then(|| {
        let named = named.join(", ");
        format!("the event names no plan, so that these hooks do not run: {named}{more}")
    })
}

/// Returns the names of hookd's own environment variables, which no script may see.
fn withheld() -> BTreeSet<String> {
    std::env::vars_os()
        .filter_map(|(name, _)| name.into_string().ok())
        .filter(|name| name.starts_with(OWN_PREFIX) || name == CREDENTIALS)
        .collect()
}

/// Returns the repository of an event with these ids; if the repository's id is empty, the
/// plan's repository.
/// Fails if one of them is not in the config, or the plan has another repository.
pub fn target_repo(catalog: &Catalog, repo: &str, plan: &str) -> Result<String, UnknownTarget> {
    if !repo.is_empty() && catalog.repo(repo).is_none() {
        let all = catalog.repos().map(|known| &*known.id);
        return Err(UnknownTarget::Repo {
            id: repo.to_owned(),
            nearest: closest(repo, all, "").map(str::to_owned),
        });
    }
    if plan.is_empty() {
        return Ok(repo.to_owned());
    }
    let unknown = || {
        let all = catalog.plans().map(|known| &*known.id);
        UnknownTarget::Plan {
            id: plan.to_owned(),
            nearest: closest(plan, all, "").map(str::to_owned),
        }
    };
    let found = catalog.plan(plan).ok_or_else(unknown)?;
    if repo.is_empty() || repo == found.repo {
        return Ok(found.repo.clone());
    }
    if found.repo.is_empty() {
        return Ok(repo.to_owned());
    }
    Err(UnknownTarget::RepoMismatch {
        plan: plan.to_owned(),
        actual: found.repo.clone(),
        asked: repo.to_owned(),
    })
}
