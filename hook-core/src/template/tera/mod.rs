//! The Tera dialect: templates in which every interpolation is one word of the shell.
//!
//! The variables are those of the Go dialect, with names like `snapshot_stats.data_added`.
//! `{{ plan.id }}` is quoted for a POSIX shell; `{{ plan.id | raw }}` and
//! `{{ plan.id | safe }}` are not. An undefined variable is an error. A template is
//! alone: it can neither include nor extend another, and it reads no files.
//!
//! Tera renders, and hookd counts: `lex.rs` reads a template's parts, `guard.rs` puts a
//! toll in front of those that evaluate something, `budget.rs` is what the tolls are paid
//! from, `filters.rs` replaces what could make much of little.

pub(super) mod budget;
mod call;
mod check;
mod context;
mod errors;
mod filters;
pub(crate) mod guard;
mod helpers;
mod known;
pub(crate) mod lex;
mod samples;
mod scope;
#[cfg(test)]
mod tests;

use std::io::{self, Write};
use std::time::Duration;

use tera::Tera;

use self::errors::{Source, at, error_at};
use self::guard::Guarded;
use super::{Facts, Finding, Phase, Presence, TemplateError};
use crate::diagnostic::Severity;
use crate::vars::{Vars, shell_escape};
use go_template::limits::{MAX_OUTPUT, MAX_SOURCE};
use go_template::room::with_room;

/// The name of the one template; its end turns quoting on.
const NAME: &str = "template.hook";

/// A parsed template and everything that it can call.
pub(super) struct Parsed {
    tera: Tera,
    source: Source,
    /// What the template's text alone shows to be wrong.
    flaws: Vec<check::Flaw>,
}

pub(super) fn parse(source: &str) -> Result<Parsed, TemplateError> {
    if source.len() > MAX_SOURCE {
        let message = format!("the template is longer than {MAX_SOURCE} bytes");
        return Err(error_at(Phase::Parse, 1, 1, &message));
    }
    let guarded = Guarded::of(source).map_err(|s| at(source, Phase::Parse, s.at, &s.message))?;
    let flaws = check::flaws(source);
    if let Some(flaw) = flaws.iter().find(|f| f.code == check::UNKNOWN_CALL) {
        let error = at(source, Phase::Parse, flaw.at, &flaw.message);
        let suggestion = flaw.meant.clone();
        return Err(TemplateError {
            suggestion,
            ..error
        });
    }
    let (tera, source) = with_room(guarded.depth, || read(source, guarded))
        .map_err(|fault| error_at(Phase::Parse, 1, 1, &fault.message))??;
    Ok(Parsed {
        tera,
        source,
        flaws,
    })
}

/// Has Tera read a template.
fn read(source: &str, guarded: Guarded) -> Result<(Tera, Source), TemplateError> {
    let mut tera = Tera::new();
    tera.autoescape_on([".hook"]);
    tera.set_escape_fn(|text, out| out.write_all(&shell_escape(text.as_bytes())));
    filters::register(&mut tera);
    helpers::register(&mut tera);
    // As it was written first, so that Tera's complaints are about that.
    let plain = Source::plain(source);
    tera.add_raw_template(NAME, source)
        .map_err(|e| plain.error(Phase::Parse, &e))?;
    let source = Source::guarded(source, guarded.places());
    let text = guarded.source.clone();
    guarded.register(&mut tera);
    tera.add_raw_template(NAME, &text)
        .map_err(|e| source.error(Phase::Parse, &e))?;
    Ok((tera, source))
}

impl Parsed {
    pub(super) fn render(&self, vars: &Vars, _limit: Duration) -> Result<Vec<u8>, TemplateError> {
        budget::start();
        self.render_on(vars)
    }

    /// Renders with what is left of a budget.
    fn render_on(&self, vars: &Vars) -> Result<Vec<u8>, TemplateError> {
        let mut out = Limited(Vec::new());
        self.tera
            .render_to(NAME, &context::of(vars), &mut out)
            .map_err(|e| match out.0.len() > MAX_OUTPUT {
                true => error_at(
                    Phase::Render,
                    1,
                    1,
                    &format!("the output is longer than {MAX_OUTPUT} bytes"),
                ),
                false => self.source.error(Phase::Render, &e),
            })?;
        Ok(out.0)
    }

    /// What the text shows to be wrong, and what fails with variables made up for the
    /// purpose.
    pub(super) fn check(&self, facts: &Facts) -> Vec<Finding> {
        let presence = |root| match root {
            "repo" => facts.repo,
            "plan" => facts.plan,
            _ => facts.snapshot_stats,
        };
        let shown = |flaw: &&check::Flaw| match flaw.without {
            Some(root) => presence(root) != Presence::Always,
            None => true,
        };
        let mut findings: Vec<Finding> = self
            .flaws
            .iter()
            .filter(shown)
            .map(|flaw| self.source.finding(flaw))
            .collect();
        // What must fail hides what may.
        if self.flaws.iter().any(|f| f.fails) {
            return findings;
        }
        budget::start_trial();
        for vars in samples::of(facts) {
            let Err(e) = self.render_on(&vars) else {
                continue;
            };
            // Not the template's fault: too many were tried.
            if budget::is_spent() {
                break;
            }
            let is_known = |f: &Finding| f.line == e.line && f.column == e.column;
            if !findings.iter().any(is_known) {
                findings.push(Finding {
                    severity: Severity::Warning,
                    line: e.line,
                    column: e.column,
                    length: 1,
                    code: "may-fail",
                    message: format!("with some variables: {}", e.message),
                    remedy: e.suggestion,
                    certain: false,
                });
            }
        }
        findings
    }
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
