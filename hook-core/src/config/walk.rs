//! The walk over a whole config: sections, ids and references to them.

use std::sync::Arc;

use super::defaults::{self, Defaults};
use super::hooks::UsedNames;
use super::lock_names::LockHolder;
use super::mapping::Mapping;
use super::meant::{self, shown};
use super::retention::run_retention;
use super::unique::UniqueNames;
use super::value::Value;
use super::{codes, entities, hooks};
use crate::catalog::{Catalog, PlanEntry, RepoEntry};
use crate::diagnostic::Severity;
use crate::hook::{Hook, Scope};

/// The sections of Backrest's own config that do not concern hooks.
const OF_BACKREST: [&str; 7] = [
    "modno",
    "version",
    "instance",
    "auth",
    "sync",
    "multihost",
    "ui",
];
/// The most repos in a remedy: a longer list is slow to compare and of no help.
const MAX_LISTED_REPOS: usize = 32;

/// Reads a config, and its `server` section with `read_server`. The catalog is valid only
/// if no error was reported.
pub(crate) fn config<S: Default>(
    root: Value<'_>,
    etag: String,
    read_server: impl FnOnce(Value<'_>) -> S,
) -> Option<(Catalog, S)> {
    root.mapping("a config", |config| {
        let defaults = config.get("defaults").map(defaults::read);
        let mut walk = Walk {
            defaults: defaults.unwrap_or_default(),
            names: UsedNames::default(),
            repo_ids: UniqueNames::default(),
            some_repo_has_no_id: false,
        };
        let global = walk.hooks(config, &Scope::Global);
        let repos = config.get("repos").map(|value| walk.repos(value));
        let plans = config.get("plans").map(|value| walk.plans(value));
        let server = config.get("server").map(read_server);
        if let Some((key, at)) = config.first_of(&OF_BACKREST) {
            let message = format!("`{key}` is a setting of Backrest and is not read");
            let code = codes::BACKREST_SETTING;
            config
                .report
                .add(Severity::Warning, at, code, message)
                .help(format!("remove `{key}`: hookd has no use for it"));
            config.skip(&OF_BACKREST);
        }
        let (repos, plans) = (repos.unwrap_or_default(), plans.unwrap_or_default());
        let catalog = Catalog::new(etag, global, repos, plans);
        (catalog, server.unwrap_or_default())
    })
}

struct Walk {
    defaults: Defaults,
    names: UsedNames,
    repo_ids: UniqueNames,
    /// True if the id of a repo could not be read, which a plan may refer to.
    some_repo_has_no_id: bool,
}

impl Walk {
    fn hooks(&mut self, parent: &mut Mapping<'_>, scope: &Scope) -> Vec<Arc<Hook>> {
        let hooks = parent.get("hooks");
        hooks.map_or_else(Vec::new, |value| {
            hooks::read(value, scope, &self.defaults, &mut self.names)
        })
    }

    fn repos(&mut self, value: Value<'_>) -> Vec<RepoEntry> {
        let items = value.list().into_iter().flatten();
        let entries = items.filter_map(|item| {
            let entry = item.mapping("a repo", |repo| {
                let id = entities::id(repo);
                if let Some((id, at)) = &id {
                    let second = "a second repo has the id";
                    self.repo_ids
                        .claim(repo.report, id, *at, codes::DUPLICATE_ID, second);
                }
                self.some_repo_has_no_id |= id.is_none();
                let id = id.map_or_else(String::new, |(id, _)| id);
                let hooks = self.hooks(repo, &Scope::Repo(id.clone()));
                let vars = Arc::new(entities::repo(repo, id));
                RepoEntry { vars, hooks }
            });
            self.some_repo_has_no_id |= entry.is_none();
            entry
        });
        entries.collect()
    }

    fn plans(&mut self, value: Value<'_>) -> Vec<PlanEntry> {
        let mut ids = UniqueNames::default();
        let items = value.list().into_iter().flatten();
        let entries = items.filter_map(|item| {
            item.mapping("a plan", |plan| {
                let id = entities::id(plan);
                if let Some((id, at)) = &id {
                    let second = "a second plan has the id";
                    ids.claim(plan.report, id, *at, codes::DUPLICATE_ID, second);
                }
                let id = id.map_or_else(String::new, |(id, _)| id);
                let repo = plan.get("repo").and_then(|repo| self.repo(repo));
                PlanEntry {
                    hooks: self.hooks(plan, &Scope::Plan(id.clone())),
                    lock: self.names.locks.read(plan, LockHolder::Plan),
                    run_retention: run_retention(plan),
                    vars: Arc::new(entities::plan(plan, id, repo.unwrap_or_default())),
                }
            })
        });
        entries.collect()
    }

    /// Reads the repo of a plan; reports an error if there is none with that id.
    fn repo(&self, value: Value<'_>) -> Option<String> {
        let repo = value.text()?;
        if !self.repo_ids.contains(repo) && !self.some_repo_has_no_id {
            let ids = self.repo_ids.list(MAX_LISTED_REPOS);
            let remedy = match ids.filter(|ids| !ids.is_empty()) {
                Some(ids) => meant::remedy(repo, &ids, ""),
                None => "define it under `repos`".to_owned(),
            };
            let message = format!("there is no repo {}", shown(repo));
            value.fault(codes::UNKNOWN_REPO, message).help(remedy);
        }
        Some(repo.to_owned())
    }
}
