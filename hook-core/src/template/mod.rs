//! Templates: text with placeholders for the variables of a run.
//!
//! A [`Template`] is parsed once and rendered many times. [`Template::parse`] and
//! [`Template::check`] find the faults that do not depend on the variables of a run;
//! [`Template::render`] returns the whole output or an error, never a part of the output.

mod engine;
mod error;
mod facts;
mod never_true;
pub(crate) mod tera;

pub use engine::Engine;
pub use error::{TemplateError, TemplatePhase};
pub use facts::{Facts, Finding};
pub use go_template::Nilness;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use crate::vars::{Vars, tables};

/// A parsed template. Cloning it is cheap.
#[derive(Clone)]
pub struct Template {
    inner: Arc<Inner>,
}

struct Inner {
    source: String,
    parsed: Parsed,
}

enum Parsed {
    Go(go_template::Template),
    Tera(tera::ParsedTera),
    None,
}

/// Shows the source, and not the syntax tree, which may nest deeply.
impl fmt::Debug for Template {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct("Template");
        shown
            .field("engine", &self.engine())
            .field("source", &self.source());
        shown.finish_non_exhaustive()
    }
}

/// The time limit of [`Template::render`]. The Go dialect has a limit of steps instead, which
/// is reached sooner.
pub const RENDER_LIMIT: Duration = Duration::from_secs(10);

/// The name by which a Go template can call itself.
const NAME: &str = "template";

impl Template {
    /// Parses a template.
    /// Fails if the template is not valid in this language, or calls an unknown function or filter.
    pub fn parse(engine: Engine, source: &str) -> Result<Template, TemplateError> {
        let parsed = match engine {
            Engine::Go => Parsed::Go(parse_go(source)?),
            Engine::Tera => Parsed::Tera(tera::parse(source)?),
            Engine::None => Parsed::None,
        };
        let source = source.to_owned();
        Ok(Template {
            inner: Arc::new(Inner { source, parsed }),
        })
    }

    /// Returns the expressions that fail, or may fail, with the variables described by `facts`.
    #[must_use]
    pub fn check(&self, facts: &Facts) -> Vec<Finding> {
        match &self.inner.parsed {
            Parsed::Go(template) => facts::check_go(template, facts),
            Parsed::None => Vec::new(),
            Parsed::Tera(parsed) => parsed.check(&self.inner.source, facts),
        }
    }

    /// Returns the output for these variables, within [`RENDER_LIMIT`]. The output is bytes,
    /// because a Go string may hold any bytes.
    /// Fails if the template fails with these variables, or exceeds a limit.
    pub fn render(&self, vars: &Vars) -> Result<Vec<u8>, TemplateError> {
        self.render_within(vars, RENDER_LIMIT)
    }

    /// Returns the output for these variables like [`render`](Template::render), but blocks
    /// no longer than `limit`.
    ///
    /// # Errors
    /// As `render`.
    pub fn render_within(&self, vars: &Vars, limit: Duration) -> Result<Vec<u8>, TemplateError> {
        let source = &self.inner.source;
        match &self.inner.parsed {
            Parsed::Go(template) => template
                .execute(vars)
                .map_err(|f| TemplateError::of_go(TemplatePhase::Render, source, *f)),
            Parsed::Tera(parsed) => parsed.render(vars, limit),
            Parsed::None => Ok(source.clone().into_bytes()),
        }
    }

    /// Returns the language of the template.
    #[must_use]
    pub fn engine(&self) -> Engine {
        match self.inner.parsed {
            Parsed::Go(_) => Engine::Go,
            Parsed::Tera(_) => Engine::Tera,
            Parsed::None => Engine::None,
        }
    }

    /// Returns the template as it was given.
    #[must_use]
    pub fn source(&self) -> &str {
        &self.inner.source
    }
}

/// Parses a template in the Go dialect. If a method is called without its dot, a common mistake,
/// the error suggests the right call.
fn parse_go(source: &str) -> Result<go_template::Template, TemplateError> {
    go_template::Template::parse(NAME, source).map_err(|mut fault| {
        if let Some(name) = &fault.unknown_function
            && let Some(member) = tables::VARS.names().find(|n| n == name)
        {
            fault.suggestion = Some(format!(".{member}"));
        }
        TemplateError::of_go(TemplatePhase::Parse, source, *fault)
    })
}

#[cfg(test)]
mod tests;
