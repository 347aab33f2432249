//! The Tera dialect: templates in which every interpolation is one word of the shell.
//!
//! The variables are those of the Go dialect, with names like `snapshot_stats.data_added`.
//! `{{ plan.id }}` is quoted for a POSIX shell; `{{ plan.id | raw }}` and
//! `{{ plan.id | safe }}` are not. An undefined variable is an error. A template is
//! alone: it can neither include nor extend another, and it reads no files.

mod context;
mod helpers;

use std::io::{self, Write};

use tera::{ErrorKind, ReportError, Tera};

use super::{Facts, Finding, Phase, Presence, Severity, TemplateError};
use crate::condition::Condition;
use crate::template::go::limits::{MAX_OUTPUT, MAX_SOURCE};
use crate::template::go::nearest;
use crate::vars::{Vars, shell_escape};

/// The name of the one template; its end turns quoting on.
const NAME: &str = "template.hook";

/// A parsed template and everything that it can call.
pub(super) struct Parsed {
    tera: Tera,
}

pub(super) fn parse(source: &str) -> Result<Parsed, TemplateError> {
    if source.len() > MAX_SOURCE {
        let message = format!("the template is longer than {MAX_SOURCE} bytes");
        return Err(error_at(Phase::Parse, 1, 1, &message));
    }
    let mut tera = Tera::new();
    tera.autoescape_on([".hook"]);
    tera.set_escape_fn(|text, out| out.write_all(&shell_escape(text.as_bytes())));
    helpers::register(&mut tera);
    tera.add_raw_template(NAME, source)
        .map_err(|e| error(Phase::Parse, &e))?;
    Ok(Parsed { tera })
}

impl Parsed {
    pub(super) fn render(&self, vars: &Vars) -> Result<Vec<u8>, TemplateError> {
        let mut out = Limited(Vec::new());
        helpers::start_counting();
        self.tera
            .render_to(NAME, &context::of(vars), &mut out)
            .map_err(|e| match out.0.len() > MAX_OUTPUT {
                true => too_long(),
                false => error(Phase::Render, &e),
            })?;
        Ok(out.0)
    }

    /// Unknown variables, and what fails with variables made up for the purpose.
    pub(super) fn check(&self, facts: &Facts) -> Vec<Finding> {
        let known = context::names();
        let used = self.tera.get_template_variables(NAME).unwrap_or_default();
        let mut unknown: Vec<_> = used.into_iter().filter(|n| !known.contains(n)).collect();
        unknown.sort_unstable();
        let mut findings: Vec<Finding> = unknown
            .into_iter()
            .map(|name| finding(1, 1, "unknown-variable", unknown_variable(name, &known)))
            .collect();
        for vars in samples(facts) {
            if let Err(e) = self.render(&vars) {
                let message = format!("with some variables: {}", e.message);
                let found = finding(e.line, e.column, "may-fail", (message, e.suggestion));
                if !findings.contains(&found) {
                    findings.push(found);
                }
            }
        }
        findings
    }
}

fn unknown_variable(name: &str, known: &[&str]) -> (String, Option<String>) {
    let meant = nearest(name, known.iter().copied());
    let remedy = meant.map(|m| format!("did you mean `{m}`?"));
    (format!("there is no variable `{name}`"), remedy)
}

fn finding(
    line: u32,
    column: u32,
    code: &'static str,
    (message, remedy): (String, Option<String>),
) -> Finding {
    let severity = Severity::Warning;
    Finding {
        severity,
        line,
        column,
        length: 1,
        code,
        message,
        remedy,
        certain: false,
    }
}

/// What is tried where any condition may come: one of each kind.
const TYPICAL: [Condition; 3] = [
    Condition::SnapshotStart,
    Condition::SnapshotSuccess,
    Condition::AnyError,
];

/// Variables to try: each condition, with and without what may be absent.
fn samples(facts: &Facts) -> Vec<Vars> {
    let conditions = match facts.conditions.as_slice() {
        [] => &TYPICAL,
        some => some,
    };
    let choices = |presence| match presence {
        Presence::Always => vec![true],
        Presence::Never => vec![false],
        Presence::Maybe => vec![true, false],
    };
    let mut samples = Vec::new();
    for condition in conditions {
        for stats in choices(facts.snapshot_stats) {
            for repo in choices(facts.repo) {
                for plan in choices(facts.plan) {
                    samples.push(Vars {
                        task: "task".to_owned(),
                        event: Some(*condition),
                        repo: repo.then(Default::default),
                        plan: plan.then(Default::default),
                        snapshot_stats: stats.then(Default::default),
                        ..Vars::default()
                    });
                }
            }
        }
    }
    samples
}

/// Output up to a limit.
struct Limited(Vec<u8>);

impl Write for Limited {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.extend_from_slice(bytes);
        if self.0.len() > MAX_OUTPUT {
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn too_long() -> TemplateError {
    error_at(
        Phase::Render,
        1,
        1,
        &format!("the output is longer than {MAX_OUTPUT} bytes"),
    )
}

fn error_at(phase: Phase, line: u32, column: u32, message: &str) -> TemplateError {
    TemplateError {
        phase,
        line,
        column,
        message: uncapitalized(message),
        suggestion: None,
    }
}

fn error(phase: Phase, error: &tera::Error) -> TemplateError {
    match error.kind() {
        ErrorKind::SyntaxError(report) | ErrorKind::RenderingError(report) => {
            reported(phase, report)
        }
        // Several reports as one text, of which the first is enough.
        ErrorKind::Msg(text) => {
            let (line, column) = place(text).unwrap_or((1, 1));
            let first = text.lines().find_map(|l| l.strip_prefix("error: "));
            error_at(phase, line, column, first.unwrap_or(text))
        }
        kind => error_at(phase, 1, 1, &kind.to_string()),
    }
}

fn reported(phase: Phase, report: &ReportError) -> TemplateError {
    let span = report.span();
    let number = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
    // What the template has of variables and fields is in the reference, not here.
    let message = report.message();
    let message = message.split(". Available ").next().unwrap_or(message);
    error_at(
        phase,
        number(span.start_line).max(1),
        number(span.start_col) + 1,
        message,
    )
}

/// The place that a report in text form names: `--> template.hook:LINE:COLUMN`.
fn place(text: &str) -> Option<(u32, u32)> {
    let mut parts = text.split_once("--> ")?.1.lines().next()?.rsplitn(3, ':');
    let column = parts.next()?.trim().parse().ok()?;
    Some((parts.next()?.parse().ok()?, column))
}

fn uncapitalized(message: &str) -> String {
    let message = message.trim_end_matches('.');
    let mut chars = message.chars();
    match chars.next() {
        Some(first) => first.to_lowercase().chain(chars).collect(),
        None => String::new(),
    }
}
