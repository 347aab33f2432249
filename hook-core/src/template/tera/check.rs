//! What fails, or may fail, with variables made up for the purpose.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::{Duration, Instant};

use go_template::nearest;
use tera::Tera;

use super::context::{self, names};
use super::errors::Fault;
use super::syntax::{self, Part, PartKind};
use super::{NAME, RENDER_STACK, on_thread, output};
use crate::condition::Condition;
use crate::diagnostic::Severity;
use crate::template::{Facts, Finding, Presence};
use crate::vars::{RepoVars, Vars};

/// How long all samples together may take.
const LIMIT: Duration = Duration::from_secs(2);

/// The conditions that are tried where any may come: one of each kind.
const TYPICAL: [Condition; 3] = [
    Condition::SnapshotStart,
    Condition::SnapshotSuccess,
    Condition::AnyError,
];

/// A fault and the samples that met it.
struct Met {
    fault: Fault,
    /// Whether one of them lacks nothing, or has what a field was looked for in.
    by_complete: bool,
    by: usize,
}

pub(super) fn findings(tera: &Arc<Tera>, source: &str, facts: &Facts) -> Vec<Finding> {
    let parts = syntax::parts(source);
    let declared = syntax::declared(&parts);
    let samples = samples(facts);
    let count = samples.len();
    let engine = Arc::clone(tera);
    let met = on_thread(RENDER_STACK, LIMIT, move || try_out(&engine, &samples));
    let met = met.unwrap_or_else(|fault| {
        vec![Met {
            fault,
            by_complete: true,
            by: 0,
        }]
    });
    let mut findings: Vec<Finding> = Vec::new();
    for Met {
        fault,
        by_complete,
        by,
    } in met
    {
        let code = code(&fault, source, by_complete);
        let fails = by == count && is_certain(code, &fault, &parts, &declared);
        findings.push(finding(fault, code, fails, source));
    }
    // Tera does not reach all of a template, and takes an unknown variable for false.
    let used = tera.get_template_variables(NAME).unwrap_or_default();
    let known = names();
    for name in used.into_iter().collect::<BTreeSet<_>>() {
        if known.iter().any(|k| k == name) || declared.contains(name) {
            continue;
        }
        let Some((line, column, range)) = syntax::first_use(source, &parts, name) else {
            continue;
        };
        if findings
            .iter()
            .any(|f| (f.line, f.column) == (line, column))
        {
            continue;
        }
        let fault = Fault {
            line,
            column,
            range,
            suggestion: nearest(name, known.iter().map(String::as_str)),
            ..Fault::without_place(&format!("variable `{name}` is not defined"))
        };
        findings.push(finding(fault, "unknown-variable", false, source));
    }
    findings
}

/// Renders with each sample, and gathers what fails by its place.
fn try_out(tera: &Tera, samples: &[Vars]) -> Vec<Met> {
    let deadline = Instant::now().checked_add(LIMIT);
    let mut met: Vec<Met> = Vec::new();
    for vars in samples {
        let Err(fault) = output(tera, &context::of(vars), deadline) else {
            continue;
        };
        let by_complete = is_complete(vars) || fault.has_fields;
        let same = |m: &&mut Met| (m.fault.line, m.fault.column) == (fault.line, fault.column);
        match met.iter_mut().find(same) {
            Some(known) => {
                known.by += 1;
                known.by_complete |= by_complete;
            }
            None => met.push(Met {
                fault,
                by_complete,
                by: 1,
            }),
        }
    }
    met
}

fn finding(fault: Fault, code: &'static str, fails: bool, source: &str) -> Finding {
    let text = source.get(fault.range.clone()).unwrap_or_default();
    let meant = fault.suggestion.map(|s| format!("did you mean `{s}`?"));
    let ask = || {
        let parent = parent(source, fault.range.start);
        format!("ask first: `{{% if {parent} %}}…{{% endif %}}`")
    };
    Finding {
        severity: match fails {
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
        remedy: meant.or_else(|| (code == "may-be-nil").then(ask)),
        certain: fails,
    }
}

fn code(fault: &Fault, source: &str, by_complete: bool) -> &'static str {
    let is = |beginning: &str| fault.message.starts_with(beginning);
    let parent = parent(source, fault.range.start);
    let root = parent.split('.').next().unwrap_or_default();
    let is_known = names().iter().any(|name| name == root);
    if is("variable `") {
        "unknown-variable"
    } else if is("field `") && is_known && !by_complete {
        "may-be-nil"
    } else if is("field `") && is_known && !is_open(parent) {
        "unknown-field"
    } else if is("invalid type for the value") {
        "argument-type"
    } else if is("missing keyword argument") {
        "argument-count"
    } else {
        "may-fail"
    }
}

/// Whether any name may be a field of this variable.
fn is_open(path: &str) -> bool {
    path == "labels" || path.starts_with("snapshot_stats.error")
}

/// Whether a fault that all samples met does not depend on the values that they have.
fn is_certain(code: &str, fault: &Fault, parts: &[Part<'_>], declared: &BTreeSet<&str>) -> bool {
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

/// Returns the variable that the name at a place is a field of.
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

/// Returns variables to try: each condition, with and without what may be absent.
fn samples(facts: &Facts) -> Vec<Vars> {
    let conditions = match facts.conditions.as_slice() {
        [] => &TYPICAL,
        some => some,
    };
    let choices = |presence| match presence {
        Presence::Always => &[true][..],
        Presence::Never => &[false],
        Presence::Maybe => &[true, false],
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
