//! The repos, plans and hooks of a valid config.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use crate::hook::Hook;
use crate::run::config_mask::ConfigMask;
use crate::run::config_secrets::ConfigSecrets;
use crate::vars::{PlanVars, RepoVars};

/// Limits on the stored runs of one plan. An absent limit is taken from the next wider scope.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RunRetention {
    /// The longest time after the end of a run.
    pub max_age: Option<Duration>,
    /// The most runs.
    pub max_runs: Option<u64>,
    /// The most bytes of all stored runs of the plan together.
    pub max_bytes: Option<u64>,
}

impl RunRetention {
    /// Returns these bounds, and those of `other` where this has none.
    #[must_use]
    pub fn or(self, other: RunRetention) -> RunRetention {
        RunRetention {
            max_age: self.max_age.or(other.max_age),
            max_runs: self.max_runs.or(other.max_runs),
            max_bytes: self.max_bytes.or(other.max_bytes),
        }
    }
}

/// The repos, plans and hooks of one config.
///
/// Valid by construction: ids and hook names are unique, and each plan's repo exists.
#[derive(Debug)]
pub struct Catalog {
    etag: String,
    global: Vec<Arc<Hook>>,
    repos: Vec<RepoEntry>,
    plans: Vec<PlanEntry>,
    repo_index: HashMap<String, usize>,
    plan_index: HashMap<String, usize>,
    mask: Arc<ConfigMask>,
}

/// A repo and its hooks.
#[derive(Clone, Debug)]
pub(crate) struct RepoEntry {
    /// The repo, as templates see it.
    pub(crate) vars: Arc<RepoVars>,
    /// Its hooks in file order.
    pub(crate) hooks: Vec<Arc<Hook>>,
}

/// A plan and its hooks.
#[derive(Clone, Debug)]
pub(crate) struct PlanEntry {
    /// The plan, as templates see it.
    pub(crate) vars: Arc<PlanVars>,
    /// Its hooks in file order.
    pub(crate) hooks: Vec<Arc<Hook>>,
    /// The lock that its runs hold.
    pub(crate) lock: Option<String>,
    /// The plan's own limits on its stored runs.
    pub(crate) run_retention: RunRetention,
}

impl Catalog {
    /// Returns the catalog of valid parts.
    pub(crate) fn new(
        etag: String,
        global: Vec<Arc<Hook>>,
        repos: Vec<RepoEntry>,
        plans: Vec<PlanEntry>,
    ) -> Catalog {
        let repo_ids = repos.iter().map(|r| r.vars.id.clone());
        let plan_ids = plans.iter().map(|p| p.vars.id.clone());
        let mut secrets = ConfigSecrets::default();
        repos.iter().for_each(|repo| secrets.add_repo(&repo.vars));
        let of_repos = repos.iter().flat_map(|repo| &repo.hooks);
        let of_plans = plans.iter().flat_map(|plan| &plan.hooks);
        let hooks = global.iter().chain(of_repos).chain(of_plans);
        hooks.for_each(|hook| secrets.add_hook(hook));
        Catalog {
            mask: Arc::new(ConfigMask::new(secrets)),
            repo_index: repo_ids.zip(0..).collect(),
            plan_index: plan_ids.zip(0..).collect(),
            etag,
            global,
            repos,
            plans,
        }
    }

    /// Returns the etag of the config: equal contents have equal etags.
    #[must_use]
    pub fn etag(&self) -> &str {
        &self.etag
    }

    /// Returns the mask over all secrets of the config.
    #[must_use]
    pub fn mask(&self) -> &Arc<ConfigMask> {
        &self.mask
    }

    /// Returns the repo of that id.
    #[must_use]
    pub fn repo(&self, id: &str) -> Option<&Arc<RepoVars>> {
        self.repo_entry(id).map(|r| &r.vars)
    }

    /// Returns the plan of that id.
    #[must_use]
    pub fn plan(&self, id: &str) -> Option<&Arc<PlanVars>> {
        self.plan_entry(id).map(|p| &p.vars)
    }

    /// Returns the lock that runs of this plan hold while they execute, so that runs with the
    /// same lock never overlap.
    #[must_use]
    pub fn plan_lock(&self, id: &str) -> Option<&str> {
        self.plan_entry(id)?.lock.as_deref()
    }

    /// Returns the plan's own limits on its stored runs.
    #[must_use]
    pub fn run_retention(&self, id: &str) -> RunRetention {
        self.plan_entry(id)
            .map_or_else(RunRetention::default, |plan| plan.run_retention)
    }

    /// Returns every repo in file order.
    pub fn repos(&self) -> impl ExactSizeIterator<Item = &Arc<RepoVars>> {
        self.repos.iter().map(|r| &r.vars)
    }

    /// Returns every plan in file order.
    pub fn plans(&self) -> impl ExactSizeIterator<Item = &Arc<PlanVars>> {
        self.plans.iter().map(|p| &p.vars)
    }

    /// Returns the hooks for events of this repo and plan in the order in which they run: global hooks, the repo's, the plan's, each in file order. An empty or unknown
    /// id adds none.
    pub fn hooks(&self, repo: &str, plan: &str) -> impl Iterator<Item = &Arc<Hook>> {
        let repo = self.repo_entry(repo).map_or(&[][..], |r| &r.hooks);
        let plan = self.plan_entry(plan).map_or(&[][..], |p| &p.hooks);
        self.global.iter().chain(repo).chain(plan)
    }

    /// Returns every hook: the global ones, those of each repo, those of each plan, each in file
    /// order.
    pub fn all_hooks(&self) -> impl Iterator<Item = &Arc<Hook>> {
        let repos = self.repos.iter().flat_map(|r| &r.hooks);
        let plans = self.plans.iter().flat_map(|p| &p.hooks);
        self.global.iter().chain(repos).chain(plans)
    }

    /// Returns the hook of that name.
    #[must_use]
    pub fn hook(&self, name: &str) -> Option<&Arc<Hook>> {
        self.all_hooks().find(|hook| hook.name == name)
    }

    fn repo_entry(&self, id: &str) -> Option<&RepoEntry> {
        self.repo_index.get(id).and_then(|i| self.repos.get(*i))
    }

    fn plan_entry(&self, id: &str) -> Option<&PlanEntry> {
        self.plan_index.get(id).and_then(|i| self.plans.get(*i))
    }
}

/// Returns the etag of a config file: 128-bit FNV-1a in hex. It distinguishes configs and is
/// no cryptographic signature.
#[must_use]
pub fn etag(content: &[u8]) -> String {
    const OFFSET: u128 = 0x6c62_272e_07bb_0142_62b8_2175_6295_c58d;
    const PRIME: u128 = 0x0000_0000_0100_0000_0000_0000_0000_013b;
    let hash = content.iter().fold(OFFSET, |hash, byte| {
        (hash ^ u128::from(*byte)).wrapping_mul(PRIME)
    });
    format!("{hash:032x}")
}

#[cfg(test)]
mod tests {
    use super::etag;

    #[test]
    fn etags_are_fnv_1a() {
        // The published test vectors of the 128-bit variant.
        assert_eq!(etag(b""), "6c62272e07bb014262b821756295c58d");
        assert_eq!(etag(b"a"), "d228cb696f1a8caf78912b704e4a8964");
    }
}
