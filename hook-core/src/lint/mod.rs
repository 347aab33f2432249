//! Lints: warnings about hooks that are valid and may not do what they seem to.
//!
//! Each lint is a file and examines one [`Hook`] of a [`Catalog`].

mod absent;
mod folded;
mod interpolation;
pub(crate) mod may_fail;
mod no_effect;
mod script;
mod shell;
mod shell_syntax;
mod stdin_script;
mod unset_variable;

pub use absent::absent;
pub use shell_syntax::{ShellScript, shell_scripts};

use std::collections::HashMap;
use std::time::Instant;

use crate::catalog::Catalog;
use crate::diagnostic::{Diagnostic, Severity};
use crate::hook::{Action, Hook, Scope};
use crate::samples::{self, samples};
use crate::source_location::SourceRange;
use crate::vars::{PlanVars, RepoVars};
use script::vocabulary::Vocabulary;

/// Returns the warnings about all hooks of a catalog.
#[must_use]
pub fn check(catalog: &Catalog) -> Vec<Diagnostic> {
    let mut plans_of: HashMap<&str, Vec<&PlanVars>> = HashMap::new();
    for plan in catalog.plans() {
        plans_of.entry(&plan.repo).or_default().push(plan);
    }
    let mut vocabularies: HashMap<&Scope, Vocabulary> = HashMap::new();
    let mut warnings = Vec::new();
    let deadline = Instant::now() + samples::LIMIT;
    for hook in catalog.all_hooks() {
        warnings.extend(no_effect::check(hook));
        if let Action::Command(command) = &hook.action {
            let vocabulary = vocabularies
                .entry(&hook.scope)
                .or_insert_with(|| vocabulary(catalog, &plans_of, &hook.scope));
            warnings.extend(interpolation::check(hook, command, vocabulary));
            warnings.extend(folded::check(hook, command));
            warnings.extend(unset_variable::check(hook, command));
            let samples = samples(catalog, hook, command, deadline);
            warnings.extend(stdin_script::check(hook, command, &samples));
            warnings.extend(may_fail::check(hook, command, &samples));
        }
    }
    warnings
}

/// Returns the values that hooks of a scope can see.
fn vocabulary(
    catalog: &Catalog,
    plans_of: &HashMap<&str, Vec<&PlanVars>>,
    scope: &Scope,
) -> Vocabulary {
    let (repos, plans): (Vec<&RepoVars>, Vec<&PlanVars>) = match scope {
        Scope::Global => (
            catalog.repos().map(|r| &**r).collect(),
            catalog.plans().map(|p| &**p).collect(),
        ),
        Scope::Repo(id) => (
            catalog.repo(id).map(|r| &**r).into_iter().collect(),
            plans_of.get(id.as_str()).cloned().unwrap_or_default(),
        ),
        Scope::Plan(id) => {
            let plan = catalog.plan(id).map(|p| &**p);
            let repo = plan.and_then(|plan| catalog.repo(&plan.repo));
            (
                repo.map(|r| &**r).into_iter().collect(),
                plan.into_iter().collect(),
            )
        }
    };
    Vocabulary::new(&repos, &plans)
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
