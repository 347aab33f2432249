//! The walk over a whole config: sections, ids and what refers to them.

use std::collections::HashMap;
use std::rc::Rc;
use std::sync::Arc;

use super::codes;
use super::defaults::{self, Defaults};
use super::entities;
use super::hooks;
use super::meant::{self, shown};
use super::reader::Reader;
use super::server::{self, ServerSettings};
use super::source::Span;
use super::table::Table;
use super::tree::Node;
use crate::catalog::{Catalog, PlanEntry, RepoEntry};
use crate::diagnostic::Severity;
use crate::hook::{Hook, Scope};

/// The sections of Backrest's own config that mean nothing to hooks.
const OF_BACKREST: [&str; 7] = [
    "modno",
    "version",
    "instance",
    "auth",
    "sync",
    "multihost",
    "ui",
];

/// Reads a config. What it gives is valid only if nothing was noted as a fault.
pub(crate) fn config(
    reader: &mut Reader<'_>,
    root: &Node,
    etag: String,
) -> Option<(Catalog, ServerSettings)> {
    let mut table = Table::new(reader, root, "a config")?;
    let defaults = match table.take("defaults") {
        Some(node) => defaults::read(reader, node),
        None => Defaults::default(),
    };
    let mut walk = Walk {
        defaults,
        names: HashMap::new(),
    };
    let global = match table.take("hooks") {
        Some(node) => walk.hooks(reader, node, &Scope::Global),
        None => Vec::new(),
    };
    let repos = match table.take("repos") {
        Some(node) => walk.repos(reader, node),
        None => Section::default(),
    };
    let plans = match table.take("plans") {
        Some(node) => walk.plans(reader, node, &repos),
        None => Section::default(),
    };
    let server = match table.take("server") {
        Some(node) => server::read(reader, node),
        None => ServerSettings::default(),
    };
    if let Some((at, key)) = table.first_of(&OF_BACKREST) {
        let message = format!("`{key}` is a setting of Backrest and is not read");
        reader
            .note(Severity::Warning, at, codes::BACKREST_SETTING, message)
            .help("`hookctl import backrest config.json` writes a config without such settings");
        table.skip(&OF_BACKREST);
    }
    table.finish(reader, |_| None);
    let catalog = Catalog::new(etag, global, repos.entries, plans.entries);
    Some((catalog, server))
}

struct Walk {
    defaults: Defaults,
    /// The names of hooks so far, and where each is given.
    names: HashMap<String, Span>,
}

/// What a list of repos or plans came to.
struct Section<E> {
    entries: Vec<E>,
    /// Every id that was read, and where; also of entries with faults.
    ids: HashMap<String, Span>,
    /// Whether some entry has no readable id, so that others may mean it.
    incomplete: bool,
}

impl<E> Default for Section<E> {
    fn default() -> Self {
        Section {
            entries: Vec::new(),
            ids: HashMap::new(),
            incomplete: false,
        }
    }
}

impl<E> Section<E> {
    /// Takes the id of the next entry, which must be new.
    fn claim(&mut self, reader: &mut Reader<'_>, id: Option<(String, Span)>, what: &str) {
        let Some((id, at)) = id else {
            self.incomplete = true;
            return;
        };
        match self.ids.get(&id) {
            Some(first) => {
                let line = reader.source.position(first.start).line;
                let message = format!("a second {what} has the id {}", shown(&id));
                reader
                    .error(at, codes::DUPLICATE_ID, message)
                    .help(format!("the first is in line {line}: rename one"));
            }
            None => {
                self.ids.insert(id, at);
            }
        }
    }
}

impl Walk {
    fn hooks(&mut self, reader: &mut Reader<'_>, node: &Node, scope: &Scope) -> Vec<Arc<Hook>> {
        hooks::read(reader, node, scope, &self.defaults, &mut self.names)
    }

    fn repos(&mut self, reader: &mut Reader<'_>, node: &Node) -> Section<RepoEntry> {
        let mut section = Section::default();
        for item in items(reader, node) {
            let Some(mut table) = Table::new(reader, item, "a repo") else {
                section.incomplete = true;
                continue;
            };
            let id = entities::id(reader, &mut table);
            let scope = Scope::Repo(id_or_blank(id.as_ref()));
            section.claim(reader, id, "repo");
            let hooks = match table.take("hooks") {
                Some(node) => self.hooks(reader, node, &scope),
                None => Vec::new(),
            };
            let Scope::Repo(id) = scope else { continue };
            let vars = Arc::new(entities::repo(reader, table, id));
            section.entries.push(RepoEntry { vars, hooks });
        }
        section
    }

    fn plans(
        &mut self,
        reader: &mut Reader<'_>,
        node: &Node,
        repos: &Section<RepoEntry>,
    ) -> Section<PlanEntry> {
        let mut section = Section::default();
        for item in items(reader, node) {
            let Some(mut table) = Table::new(reader, item, "a plan") else {
                continue;
            };
            let id = entities::id(reader, &mut table);
            let scope = Scope::Plan(id_or_blank(id.as_ref()));
            section.claim(reader, id, "plan");
            let repo = table.require(reader, "repo");
            let repo = repo.and_then(|node| Some((node, reader.text(node)?)));
            if let Some((node, repo)) = repo {
                known_repo(reader, node, repo, repos);
            }
            let hooks = match table.take("hooks") {
                Some(node) => self.hooks(reader, node, &scope),
                None => Vec::new(),
            };
            let Scope::Plan(id) = scope else { continue };
            let repo = repo.map_or(String::new(), |(_, repo)| repo.to_owned());
            let lock = entities::lock(reader, &mut table);
            let run_retention = server::run_retention(reader, &mut table);
            let vars = Arc::new(entities::plan(reader, table, id, repo));
            section.entries.push(PlanEntry {
                vars,
                hooks,
                lock,
                run_retention,
            });
        }
        section
    }
}

fn id_or_blank(id: Option<&(String, Span)>) -> String {
    id.map_or(String::new(), |(id, _)| id.clone())
}

fn items<'n>(reader: &mut Reader<'_>, node: &'n Node) -> &'n [Rc<Node>] {
    reader.list(node).unwrap_or_default()
}

fn known_repo(reader: &mut Reader<'_>, node: &Node, repo: &str, repos: &Section<RepoEntry>) {
    // A repo whose id is at fault may be the one that is meant: one fault is enough.
    if repos.ids.contains_key(repo) || repos.incomplete {
        return;
    }
    // Where there are many, comparing takes long and a list helps nobody.
    let mut ids: Vec<&str> = repos.ids.keys().map(String::as_str).take(33).collect();
    ids.sort_unstable();
    let remedy = match ids.as_slice() {
        ids if (1..=32).contains(&ids.len()) => meant::remedy(repo, ids, ""),
        _ => "define it under `repos`".to_owned(),
    };
    let message = format!("there is no repo {}", shown(repo));
    reader
        .error(node.span, codes::UNKNOWN_REPO, message)
        .help(remedy);
}
