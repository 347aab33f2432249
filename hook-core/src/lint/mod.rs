//! Lints: warnings about hooks that are valid and may not do what they seem to.
//!
//! Each lint is a file and examines one [`Hook`] of a [`Catalog`].

mod absent;
mod bashism;
mod folded;
mod interpolation;
pub(crate) mod may_fail;
mod no_effect;
mod script;
mod shell;
mod shell_outline;
mod shell_syntax;
mod stdin_script;
pub(crate) mod unset_variable;

pub use absent::{absent, unset_sources};
pub use bashism::REMEDY as BASH_REMEDY;
pub use shell_syntax::{ShellScript, shell_scripts};

use std::collections::HashMap;
use std::time::{Duration, Instant};

use crate::catalog::Catalog;
use crate::diagnostic::{Diagnostic, Severity};
use crate::hook::{Action, CommandAction, Hook, Scope};
use crate::samples::{self, samples};
use crate::source_location::SourceRange;
use crate::vars::{PlanVars, RepoVars};
use script::vocabulary::Vocabulary;

/// The code of a warning that not all was checked.
const NOT_CHECKED: &str = "not-checked";

/// Returns the warnings about all hooks of a catalog.
#[must_use]
pub fn check(catalog: &Catalog) -> Vec<Diagnostic> {
    check_within(catalog, samples::LIMIT)
}

/// Returns the warnings about all hooks, with at most this time for trying them with samples.
fn check_within(catalog: &Catalog, limit: Duration) -> Vec<Diagnostic> {
    let mut plans_of: HashMap<&str, Vec<&PlanVars>> = HashMap::new();
    for plan in catalog.plans() {
        plans_of.entry(&plan.repo).or_default().push(plan);
    }
    let mut vocabularies: HashMap<&Scope, Vocabulary> = HashMap::new();
    let mut warnings = Vec::new();
    let deadline = Instant::now() + limit;
    let mut unsampled = None;
    for hook in catalog.all_hooks() {
        warnings.extend(no_effect::check(hook));
        if let Action::Command(command) = &hook.action {
            let vocabulary = vocabularies
                .entry(&hook.scope)
                .or_insert_with(|| vocabulary(catalog, &plans_of, &hook.scope));
            warnings.extend(interpolation::check(hook, command, vocabulary));
            warnings.extend(folded::check(hook, command));
            warnings.extend(unset_variable::check(hook, command));
            if unsampled.is_none() && Instant::now() >= deadline {
                unsampled = Some(hook);
            }
            let samples = samples(catalog, hook, command, deadline);
            warnings.extend(stdin_script::check(hook, command, &samples));
            warnings.extend(bashism::check(hook, command, &samples));
            warnings.extend(may_fail::check(hook, command, &samples));
        }
    }
    warnings.extend(unsampled.map(|hook| {
        let message = "this hook and those after it were not tried with sample events";
        let remedy = format!("there was no time for them in {limit:?}: check the config in parts");
        warning(hook, None, NOT_CHECKED, message.to_owned(), remedy)
    }));
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

/// Returns the place of a script's `#!` line; `None` if there is none.
fn shebang_range(command: &CommandAction) -> Option<SourceRange> {
    let lines = command.template.source().lines();
    let mut shebangs = lines
        .zip(1..)
        .filter(|(line, _)| line.trim_start().starts_with("#!"));
    let (line, number) = shebangs.next()?;
    let length = u32::try_from(line.chars().count()).unwrap_or(u32::MAX);
    Some(command.text_map.range(number, 1, length))
}

/// Returns the command that shows every script to which a hook can render.
fn render_command(hook: &Hook) -> String {
    let name = shlex::try_quote(&hook.name).unwrap_or_else(|_| (&*hook.name).into());
    format!("hookctl render {name} --all-branches")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hooks_for_which_there_was_no_time_are_told() {
        let yaml = "hooks: [{ conditions: [1], actionCommand: { command: 'true' } }]";
        let loaded = crate::load::parse("f", yaml.as_bytes()).expect("valid");
        assert_eq!(check(&loaded.catalog), []);
        let codes = check_within(&loaded.catalog, Duration::ZERO);
        let codes: Vec<_> = codes.iter().map(|found| found.code).collect();
        assert_eq!(codes, [NOT_CHECKED]);
    }
}
