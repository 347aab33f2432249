//! The check of a template: it is rendered with sample variables.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::{Duration, Instant};

use go_template::nearest;
use tera::Tera;

use super::context::{self, names};
use super::errors::TeraFault;
use super::syntax::{self, Part, PartKind};
use super::{NAME, RENDER_STACK, on_thread, output};
use crate::condition::Condition;
use crate::diagnostic::Severity;
use crate::template::{Facts, Finding, Nilness};
use crate::vars::{RepoVars, Vars};

/// The time for all samples together.
const LIMIT: Duration = Duration::from_secs(2);

/// The conditions in samples if any condition may occur: one of each kind.
const TYPICAL: [Condition; 3] = [
    Condition::SnapshotStart,
    Condition::SnapshotSuccess,
    Condition::AnyError,
];

/// A fault and the samples with which it occurred.
struct SampleFault {
    fault: TeraFault,
    /// The number of these samples.
    samples: usize,
    /// True if one of the samples has all values, or has the value that lacks a field.
    is_complete: bool,
}

pub(super) fn findings(tera: &Arc<Tera>, source: &str, facts: &Facts) -> Vec<Finding> {
    let parts = syntax::parts(source);
    let declared = syntax::declared(&parts);
    let known = names();
    let samples = samples(facts);
    let (engine, count) = (Arc::clone(tera), samples.len());
    let mut found = on_thread(RENDER_STACK, LIMIT, move || try_out(&engine, &samples))
        .unwrap_or_else(|fault| vec![unsampled(fault)]);
    // Samples may not reach all branches of a template, and an undefined variable in a condition is
    // false instead of an error.
    let used = tera.get_template_variables(NAME).unwrap_or_default();
    for name in used.into_iter().collect::<BTreeSet<_>>() {
        let is_known = known.iter().any(|k| k == name) || declared.contains(name);
        let range = syntax::first_use(&parts, name).filter(|_| !is_known);
        if let Some(range) = range
            && !found.iter().any(|f| f.fault.range == range)
        {
            let message = format!("variable `{name}` is not defined");
            found.push(unsampled(TeraFault {
                suggestion: nearest(name, known.iter().map(String::as_str)),
                ..TeraFault::at(source, range, &message)
            }));
        }
    }
    let finding = |found: SampleFault| {
        let code = code(&found, source);
        let is_certain =
            found.samples == count && is_certain(code, &found.fault, &parts, &declared);
        finding(found.fault, code, is_certain, source)
    };
    found.into_iter().map(finding).collect()
}

fn unsampled(fault: TeraFault) -> SampleFault {
    SampleFault {
        fault,
        samples: 0,
        is_complete: true,
    }
}

/// Renders the template with each sample, and returns one fault for each place.
fn try_out(tera: &Tera, samples: &[Vars]) -> Vec<SampleFault> {
    let start = Instant::now();
    let mut found: Vec<SampleFault> = Vec::new();
    for vars in samples {
        let Err(fault) = output(tera, &context::of(vars), start, LIMIT) else {
            continue;
        };
        let is_complete = is_complete(vars) || fault.has_fields;
        let place = |f: &TeraFault| (f.line, f.column);
        match found.iter_mut().find(|f| place(&f.fault) == place(&fault)) {
            Some(known) => {
                known.samples += 1;
                known.is_complete |= is_complete;
            }
            None => found.push(SampleFault {
                fault,
                samples: 1,
                is_complete,
            }),
        }
    }
    found
}

fn finding(fault: TeraFault, code: &'static str, certain: bool, source: &str) -> Finding {
    let text = source.get(fault.range.clone()).unwrap_or_default();
    let remedy = match (fault.suggestion, code) {
        (Some(suggestion), _) => Some(format!("did you mean `{suggestion}`?")),
        (None, "may-be-nil") => {
            let parent = parent(source, fault.range.start);
            Some(format!("ask first: `{{% if {parent} %}}…{{% endif %}}`"))
        }
        _ => None,
    };
    Finding {
        severity: match certain {
            true => Severity::Error,
            false => Severity::Warning,
        },
        line: fault.line,
        column: fault.column,
        length: u32::try_from(text.chars().count()).unwrap_or(1).max(1),
        code,
        message: match code {
            "may-fail" => format!("with some variables: {}", fault.message),
            _ => fault.message,
        },
        remedy,
    }
}

fn code(found: &SampleFault, source: &str) -> &'static str {
    let is = |beginning: &str| found.fault.message.starts_with(beginning);
    let parent = parent(source, found.fault.range.start);
    let root = parent.split('.').next().unwrap_or_default();
    let is_field = is("field `") && names().iter().any(|name| name == root);
    if is("variable `") {
        "unknown-variable"
    } else if is_field && !found.is_complete {
        "may-be-nil"
    } else if is_field && !is_open(parent) {
        "unknown-field"
    } else if is("invalid type for the value") {
        "argument-type"
    } else if is("missing keyword argument") {
        "argument-count"
    } else {
        "may-fail"
    }
}

/// Returns whether a variable can have fields of any name.
fn is_open(path: &str) -> bool {
    path == "labels" || path.starts_with("snapshot_stats.error")
}

/// Returns whether a fault of all samples occurs with any values: it is outside of all branches,
/// and concerns only names and types.
fn is_certain(
    code: &str,
    fault: &TeraFault,
    parts: &[Part<'_>],
    declared: &BTreeSet<&str>,
) -> bool {
    const CHOICES: [&str; 9] = [
        "if", "and", "or", "default", "is", "?.", "?[", "labels", "error",
    ];
    let part = parts
        .iter()
        .find(|p| p.start <= fault.range.start && fault.range.end <= p.end);
    let Some(part) = part.filter(|p| p.kind == PartKind::Value && p.depth == 0) else {
        return false;
    };
    let is_plain = part
        .tokens
        .iter()
        .all(|t| !CHOICES.contains(&t.text) && !declared.contains(t.text));
    let is_filtered_variable = || {
        let first = part.tokens.first();
        let after = syntax::path(&part.tokens, 0).and_then(|p| part.tokens.get(p.len() * 2 - 1));
        first.is_some_and(|t| t.start == fault.range.start)
            && after.is_some_and(|t| t.text == "|")
            && part.tokens.iter().all(|t| t.text != "(")
    };
    is_plain
        && match code {
            "argument-type" => is_filtered_variable(),
            code => code != "may-fail",
        }
}

/// Returns the variable whose field is named at this place.
fn parent(source: &str, at: usize) -> &str {
    let before = source.get(..at).unwrap_or_default();
    let path = before.trim_end_matches(['.', '?']);
    let start = path
        .rfind(|c: char| !c.is_ascii_alphanumeric() && !"_.?".contains(c))
        .map_or(0, |i| i + 1);
    path.get(start..).unwrap_or_default()
}

fn is_complete(vars: &Vars) -> bool {
    let repo = vars.repo.as_ref();
    repo.is_some_and(|r| r.prune_policy.is_some())
        && vars.plan.is_some()
        && vars.snapshot_stats.is_some()
}

/// Returns sample variables: each condition, with and without the optional values.
fn samples(facts: &Facts) -> Vec<Vars> {
    let conditions = match facts.conditions.as_slice() {
        [] => &TYPICAL,
        some => some,
    };
    let choices = |presence| match presence {
        Nilness::Never => &[true][..],
        Nilness::Always => &[false],
        Nilness::Maybe => &[true, false],
    };
    let full = Arc::new(RepoVars {
        prune_policy: Some(Default::default()),
        command_prefix: Some(Default::default()),
        ..RepoVars::default()
    });
    let mut samples: Vec<Vars> = Vec::new();
    for condition in conditions {
        for stats in choices(facts.snapshot_stats) {
            for repo in choices(facts.repo) {
                for plan in choices(facts.plan) {
                    for error in ["", "error"] {
                        samples.push(Vars {
                            task: "task".to_owned(),
                            event: Some(*condition),
                            repo: repo.then(|| Arc::clone(&full)),
                            plan: plan.then(Default::default),
                            snapshot_stats: stats.then(Default::default),
                            error: error.to_owned(),
                            attempt: 1,
                            ..Vars::default()
                        });
                    }
                }
            }
        }
    }
    let mut bare = samples.get(..2).unwrap_or_default().to_vec();
    for vars in &mut bare {
        vars.repo = vars.repo.as_ref().map(|_| Default::default());
    }
    samples.extend(bare);
    samples
}
