//! Names in filters: known are those of the config, and those of runs that took place by an
//! earlier one.

use hook_core::config::closest;
use tonic::Status;

use super::status::unknown_name;
use crate::daemon::Daemon;

/// Names in a filter; `None` if it has none.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct FilterNames<'a> {
    pub(super) repo: Option<&'a str>,
    pub(super) plan: Option<&'a str>,
    pub(super) hook: Option<&'a str>,
}

impl FilterNames<'_> {
    /// Fails if one of the names is unknown.
    /// Meant for filters that matched nothing, which may be due to a typing error.
    pub(super) async fn check(self, daemon: &Daemon) -> Result<(), Status> {
        if let (None, None, None) = (self.repo, self.plan, self.hook) {
            return Ok(());
        }
        let past = daemon.open_store.store.names().await?;
        let catalog = daemon.config.current().catalog;
        let repos = catalog.repos().map(|repo| &*repo.id);
        let plans = catalog.plans().map(|plan| &*plan.id);
        let hooks = catalog.all_hooks().map(|hook| &*hook.name);
        known("repository", "repo_id", self.repo, repos, &past.repos)?;
        known("plan", "plan_id", self.plan, plans, &past.plans)?;
        known("hook", "hook", self.hook, hooks, &past.hooks)
    }
}

fn known<'a>(
    kind: &str,
    field: &str,
    name: Option<&str>,
    configured: impl Iterator<Item = &'a str>,
    past: &'a [String],
) -> Result<(), Status> {
    let Some(name) = name else { return Ok(()) };
    let all: Vec<&str> = configured.chain(past.iter().map(String::as_str)).collect();
    match all.contains(&name) {
        true => Ok(()),
        false => Err(unknown_name(kind, field, name, closest(name, all, ""))),
    }
}
