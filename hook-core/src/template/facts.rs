//! What is known about the variables before a run, and what a check finds with it.

use crate::condition::Condition;
use crate::diagnostic::Severity;
use crate::vars::tables::VARS;
use go_template::model::Type;
use go_template::{Flaw, Nilness};

/// Whether a variable that can be absent is there.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Presence {
    /// In every run.
    Always,
    /// In some runs.
    #[default]
    Maybe,
    /// In no run.
    Never,
}

/// What is known about the variables that a template will meet.
///
/// The default knows nothing, so that a check by it reports as errors only what fails
/// with any variables.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Facts {
    /// The conditions that `.Event` can be; empty means any.
    pub conditions: Vec<Condition>,
    /// Whether `.Repo` is there.
    pub repo: Presence,
    /// Whether `.Plan` is there.
    pub plan: Presence,
    /// Whether `.SnapshotStats` is there.
    pub snapshot_stats: Presence,
}

impl Facts {
    /// What is known of a hook that subscribes to these conditions: hookd always gives
    /// a repo and a plan, and statistics only where the agent reports them.
    #[must_use]
    pub fn of_hook(conditions: &[Condition]) -> Facts {
        Facts {
            conditions: conditions.to_vec(),
            repo: Presence::Always,
            plan: Presence::Always,
            snapshot_stats: Presence::Maybe,
        }
    }
}

/// Something that a check of a template found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// How bad it is.
    pub severity: Severity,
    /// The line, from 1.
    pub line: u32,
    /// The column in characters, from 1.
    pub column: u32,
    /// How many characters are meant, at least 1.
    pub length: u32,
    /// A stable name of the kind of finding, such as `unknown-field`.
    pub code: &'static str,
    /// What is wrong, as a lower-case fragment.
    pub message: String,
    /// What to do about it.
    pub remedy: Option<String>,
    /// Whether it fails whenever it is reached. A warning of which this is true stands
    /// in a part of the template that may be skipped.
    pub certain: bool,
}

impl From<Presence> for Nilness {
    fn from(presence: Presence) -> Nilness {
        match presence {
            Presence::Always => Nilness::Never,
            Presence::Maybe => Nilness::Maybe,
            Presence::Never => Nilness::Always,
        }
    }
}

/// What is found in a template of the Go dialect.
pub(super) fn check_go(template: &go_template::Template, facts: &Facts) -> Vec<Finding> {
    let nilness = [
        ("Repo", facts.repo.into()),
        ("Plan", facts.plan.into()),
        ("SnapshotStats", facts.snapshot_stats.into()),
    ];
    let flaws = template.check(Type::Struct(&VARS), &nilness);
    flaws
        .into_iter()
        .map(|flaw| finding(flaw, template.source()))
        .collect()
}

fn finding(flaw: Flaw, source: &str) -> Finding {
    let (line, column) = flaw.span.line_column(source);
    let text = flaw.span.of(source).lines().next().unwrap_or_default();
    let severity = match flaw.fails && flaw.reached {
        true => Severity::Error,
        false => Severity::Warning,
    };
    Finding {
        severity,
        line,
        column,
        length: (text.chars().count() as u32).max(1),
        code: flaw.code,
        message: flaw.message,
        remedy: flaw.remedy,
        certain: flaw.fails,
    }
}
