//! Lint: what is valid and may still not do what it seems to.
//!
//! Each check is a file and looks at one [`Hook`] of a [`Catalog`].

mod interpolation;
mod no_effect;
mod script;
mod shell;

use std::collections::HashMap;

use crate::catalog::Catalog;
use crate::diagnostic::{Diagnostic, Severity};
use crate::hook::{Action, Hook, Scope};
use crate::source_location::SourceRange;
use crate::vars::{PlanVars, RepoVars};
use script::vocabulary::Vocabulary;

/// Returns the warnings about all hooks of a catalog.
#[must_use]
pub fn check(catalog: &Catalog) -> Vec<Diagnostic> {
    let mut linter = Linter::new(catalog);
    catalog
        .all_hooks()
        .flat_map(|hook| linter.hook(hook))
        .collect()
}

/// Returns a warning about a part of a hook.
fn warning(
    hook: &Hook,
    range: Option<SourceRange>,
    code: &'static str,
    message: String,
    remedy: String,
) -> Diagnostic {
    let range = range.unwrap_or(hook.source.range);
    Diagnostic {
        severity: Severity::Warning,
        file: hook.source.file.clone(),
        line: range.line,
        column: range.column,
        length: range.length,
        hook: Some(hook.name.clone()),
        code,
        message,
        remedy: Some(remedy),
    }
}

/// The lints, and what they know of a catalog.
struct Linter<'c> {
    catalog: &'c Catalog,
    /// The plans of each repo.
    plans: HashMap<&'c str, Vec<&'c PlanVars>>,
    /// What the hooks of each scope can meet; made when the first of them comes.
    vocabularies: HashMap<Scope, Vocabulary>,
}

impl<'c> Linter<'c> {
    fn new(catalog: &'c Catalog) -> Linter<'c> {
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

    fn hook(&mut self, hook: &Hook) -> Vec<Diagnostic> {
        let mut warnings = no_effect::check(hook);
        let Action::Command(command) = &hook.action else {
            return warnings;
        };
        if !self.vocabularies.contains_key(&hook.scope) {
            let vocabulary = self.vocabulary(&hook.scope);
            self.vocabularies.insert(hook.scope.clone(), vocabulary);
        }
        if let Some(vocabulary) = self.vocabularies.get(&hook.scope) {
            warnings.extend(interpolation::check(hook, command, vocabulary));
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
