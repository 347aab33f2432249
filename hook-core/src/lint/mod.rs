//! Lint: what is valid and may still not do what it seems to.
//!
//! Each check is a file and looks at a [`Hook`] alone; where in the config file that is,
//! only the config's walk knows.

mod interpolation;
mod no_effect;
mod script;
mod shell;

use std::collections::HashMap;

use crate::config::Catalog;
use crate::hook::{Action, Hook, Scope};
use crate::vars::{PlanVars, RepoVars};
use script::vocabulary::Vocabulary;

/// Something in a hook that somebody should look at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Warning {
    /// What of the hook it is about.
    pub at: At,
    /// A stable name of the kind of warning, such as `no-effect`.
    pub code: &'static str,
    /// What is wrong, as a lower-case fragment.
    pub message: String,
    /// What to do about it.
    pub remedy: Option<String>,
}

/// A part of a hook.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum At {
    /// Its `onError`.
    OnError,
    /// Its `exitCodes`.
    ExitCodes,
    /// Its `maxAttempts`.
    MaxAttempts,
    /// A part of its script.
    Script {
        /// The line, from 1.
        line: u32,
        /// The column in characters, from 1.
        column: u32,
        /// How many characters.
        length: u32,
    },
}

/// The lints, and what they know of a catalog.
#[derive(Debug)]
pub struct Linter<'c> {
    catalog: &'c Catalog,
    /// The plans of each repo.
    plans: HashMap<&'c str, Vec<&'c PlanVars>>,
    /// What the hooks of each scope can meet; made when the first of them comes.
    vocabularies: HashMap<Scope, Vocabulary>,
}

impl<'c> Linter<'c> {
    /// The lints for the hooks of a catalog.
    #[must_use]
    pub fn new(catalog: &'c Catalog) -> Linter<'c> {
        let mut plans: HashMap<&str, Vec<&PlanVars>> = HashMap::new();
        for plan in catalog.plans() {
            plans.entry(&plan.repo).or_default().push(plan);
        }
        Linter {
            catalog,
            plans,
            vocabularies: HashMap::new(),
        }
    }

    /// Everything that somebody should look at in a hook of the catalog.
    #[must_use]
    pub fn hook(&mut self, hook: &Hook) -> Vec<Warning> {
        let mut warnings = no_effect::check(hook);
        let Action::Command(command) = &hook.action else {
            return warnings;
        };
        if !self.vocabularies.contains_key(&hook.scope) {
            let vocabulary = self.vocabulary(&hook.scope);
            self.vocabularies.insert(hook.scope.clone(), vocabulary);
        }
        if let Some(vocabulary) = self.vocabularies.get(&hook.scope) {
            warnings.extend(interpolation::check(&command.template, vocabulary));
        }
        warnings
    }

    /// What hooks of a scope can meet.
    fn vocabulary(&self, scope: &Scope) -> Vocabulary {
        let repos: Vec<&RepoVars>;
        let plans: Vec<&PlanVars>;
        match scope {
            Scope::Global => {
                repos = self.catalog.repos().map(|r| &**r).collect();
                plans = self.catalog.plans().map(|p| &**p).collect();
            }
            Scope::Repo(id) => {
                repos = self.catalog.repo(id).map(|r| &**r).into_iter().collect();
                plans = self.plans.get(id.as_str()).cloned().unwrap_or_default();
            }
            Scope::Plan(id) => {
                let plan = self.catalog.plan(id);
                let repo = plan.and_then(|plan| self.catalog.repo(&plan.repo));
                repos = repo.map(|r| &**r).into_iter().collect();
                plans = plan.map(|p| &**p).into_iter().collect();
            }
        }
        Vocabulary::new(&repos, &plans)
    }
}
