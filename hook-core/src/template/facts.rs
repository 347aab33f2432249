//! Facts about the variables that are known before a run, and findings of the check.

use super::never_true;
use crate::condition::Condition;
use crate::diagnostic::Severity;
use crate::vars::tables::VARS;
use go_template::model::Type;
use go_template::{Flaw, Nilness, Span};

/// Facts about the variables with which a template will be rendered.
///
/// By default nothing is known; then a check reports only those errors that occur with any
/// variables.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Facts {
    /// The conditions that `.Event` can be; empty means any.
    pub conditions: Vec<Condition>,
    /// The data with which `.Repo` is absent.
    pub repo: Nilness,
    /// The data with which `.Plan` is absent.
    pub plan: Nilness,
    /// The data with which `.SnapshotStats` is absent.
    pub snapshot_stats: Nilness,
}

impl Facts {
    /// Returns the facts of a hook that subscribes to these conditions: events have a repo and
    /// a plan, and statistics only if the agent reports them. The rarer events without a repo are
    /// tried by rendering, once the plans of the config are known.
    #[must_use]
    pub fn of_hook(conditions: &[Condition]) -> Facts {
        Facts {
            conditions: conditions.to_vec(),
            repo: Nilness::Never,
            plan: Nilness::Never,
            snapshot_stats: Nilness::Maybe,
        }
    }
}

/// A finding of the check of a template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// An error occurs with all variables, a warning with some.
    pub severity: Severity,
    /// The line, from 1.
    pub line: u32,
    /// The column in characters, from 1.
    pub column: u32,
    /// The number of characters from there that are at fault, at least 1.
    pub length: u32,
    /// A stable code, such as `unknown-field`.
    pub code: &'static str,
    /// The fault, as a lower-case fragment.
    pub message: String,
    /// The remedy.
    pub remedy: Option<String>,
}

/// Checks a template in the Go dialect.
pub(super) fn check_go(template: &go_template::Template, facts: &Facts) -> Vec<Finding> {
    let nilness = [
        ("Repo", facts.repo),
        ("Plan", facts.plan),
        ("SnapshotStats", facts.snapshot_stats),
    ];
    let flaws = template.check(Type::Struct(&VARS), &nilness);
    let source = template.source();
    let mut untrue = never_true::spans(template, &facts.conditions);
    let mut findings: Vec<Finding> = Vec::new();
    for mut flaw in flaws {
        // The comparison of another type is mended in vain if it stays false.
        if flaw.code == "incompatible-types"
            && let Some(at) = untrue
                .iter()
                .position(|span| (span.start..span.end).contains(&flaw.span.start))
        {
            untrue.remove(at);
            flaw.remedy = Some(never_true::REMEDY.to_owned());
        }
        findings.push(finding(flaw, source));
    }
    let untrue = untrue.into_iter();
    findings.extend(untrue.map(|span| never_true::finding(span, source, &facts.conditions)));
    findings
}

/// The place of a part of a template.
pub(super) struct Place {
    pub(super) line: u32,
    pub(super) column: u32,
    pub(super) length: u32,
}

impl Place {
    pub(super) fn of(span: Span, source: &str) -> Place {
        let (line, column) = span.line_column(source);
        let text = span.of(source).lines().next().unwrap_or_default();
        Place {
            line,
            column,
            length: (text.chars().count() as u32).max(1),
        }
    }
}

fn finding(flaw: Flaw, source: &str) -> Finding {
    let place = Place::of(flaw.span, source);
    let severity = match flaw.fails && flaw.reached {
        true => Severity::Error,
        false => Severity::Warning,
    };
    Finding {
        severity,
        line: place.line,
        column: place.column,
        length: place.length,
        code: flaw.code,
        message: flaw.message,
        remedy: flaw.remedy,
    }
}
