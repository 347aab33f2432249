//! The Tera dialect: templates in which every interpolation is one word of the shell.
//!
//! The variables are those of the Go dialect, with names like `snapshot_stats.data_added`. `{{
//! plan.id }}` is quoted for a POSIX shell; `{{ plan.id | raw }}` and `{{ plan.id | safe }}` are
//! not. An undefined variable is an error. A template cannot include files.
//!
//! Tera limits its own recursion, but neither the time nor the memory of a template. A template
//! runs on a thread of its own, so that an endless one fails only its own hook.

mod check;
mod context;
mod errors;
mod helpers;
pub(crate) mod syntax;

pub(crate) use context::{camel_case, names, snake_case};

use std::io::{self, Write};
use std::sync::Arc;
use std::time::{Duration, Instant};

use tera::{Context, Tera};

use self::errors::TeraFault;
use super::{Facts, Finding, RENDER_LIMIT, TemplateError, TemplatePhase};
use crate::apart::{self, ApartError};
use crate::vars::{Vars, shell_escape};
use go_template::limits::{MAX_OUTPUT, MAX_SOURCE};

/// The name of the template, whose suffix turns quoting on.
const NAME: &str = "template.hook";

/// The stack of a thread that renders, in bytes. Only the used part takes memory.
const RENDER_STACK: usize = 64 << 20;

/// The bytes of stack that suffice for each byte of a template: Tera follows `elif` and
/// filters by recursion.
const STACK_PER_BYTE: usize = 2 << 10;

/// A parsed template and everything that it can call.
pub(super) struct ParsedTera {
    tera: Arc<Tera>,
}

pub(super) fn parse(source: &str) -> Result<ParsedTera, TemplateError> {
    let failed = |fault: TeraFault| fault.into_error(TemplatePhase::Parse);
    if source.len() > MAX_SOURCE {
        let message = format!("the template is longer than {MAX_SOURCE} bytes");
        return Err(failed(TeraFault::without_place(&message)));
    }
    let text = source.to_owned();
    let stack = RENDER_STACK + source.len() * STACK_PER_BYTE;
    let tera = on_thread(stack, RENDER_LIMIT, move || {
        let mut tera = Tera::new();
        tera.autoescape_on([".hook"]);
        tera.set_escape_fn(|text, out| out.write_all(&shell_escape(text.as_bytes())));
        helpers::register(&mut tera);
        let read = tera.add_raw_template(NAME, &text);
        read.map(|()| tera)
            .map_err(|e| TeraFault::of_parsing(&e, &text))
    });
    let tera = tera.and_then(|read| read).map_err(failed)?;
    Ok(ParsedTera {
        tera: Arc::new(tera),
    })
}

impl ParsedTera {
    pub(super) fn render(&self, vars: &Vars, limit: Duration) -> Result<Vec<u8>, TemplateError> {
        let (tera, context) = (Arc::clone(&self.tera), context::of(vars));
        let start = Instant::now();
        on_thread(RENDER_STACK, limit, move || {
            output(&tera, &context, start, limit)
        })
        .and_then(|rendered| rendered)
        .map_err(|fault| fault.into_error(TemplatePhase::Render))
    }

    /// Returns the faults that rendering with samples finds.
    pub(super) fn check(&self, source: &str, facts: &Facts) -> Vec<Finding> {
        check::findings(&self.tera, source, facts)
    }
}

/// Runs `work` on a thread with a stack of this size. After `limit` the thread is abandoned.
fn on_thread<T: Send + 'static>(
    stack: usize,
    limit: Duration,
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, TeraFault> {
    apart::run_blocking(stack, limit, work).map_err(|error| match error {
        ApartError::TooSlow(limit) => too_slow(limit),
        ApartError::Panicked => TeraFault::without_place("the template engine panicked"),
        ApartError::NoThread(_) => TeraFault::without_place(&error.to_string()),
    })
}

fn too_slow(limit: Duration) -> TeraFault {
    TeraFault::without_place(&format!("the template takes longer than {limit:?}"))
}

/// Renders within a time limit that began at `start`. A template can be interrupted only when it
/// prints.
fn output(
    tera: &Tera,
    context: &Context,
    start: Instant,
    limit: Duration,
) -> Result<Vec<u8>, TeraFault> {
    let mut out = LimitedOutput {
        bytes: Vec::new(),
        start,
        limit,
    };
    match tera.render_to(NAME, context, &mut out) {
        Ok(()) => Ok(out.bytes),
        Err(_) if out.bytes.len() > MAX_OUTPUT => Err(TeraFault::without_place(&format!(
            "the output is longer than {MAX_OUTPUT} bytes"
        ))),
        Err(_) if out.is_late() => Err(too_slow(limit)),
        Err(e) => Err(TeraFault::from(&e)),
    }
}

/// Output with a limit on its size and on time.
struct LimitedOutput {
    bytes: Vec<u8>,
    start: Instant,
    limit: Duration,
}

impl LimitedOutput {
    fn is_late(&self) -> bool {
        self.start.elapsed() > self.limit
    }
}

impl Write for LimitedOutput {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.is_late() {
            return Err(io::ErrorKind::TimedOut.into());
        }
        self.bytes.extend_from_slice(bytes);
        match self.bytes.len() > MAX_OUTPUT {
            true => Err(io::ErrorKind::FileTooLarge.into()),
            false => Ok(bytes.len()),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests;
