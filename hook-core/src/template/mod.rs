//! Templates: text with holes that the variables of a run fill.
//!
//! A [`Template`] is parsed once and rendered many times. Everything that can be said
//! about it without the variables is said by [`Template::parse`] and
//! [`Template::check`]; [`Template::render`] gives the whole output or an error, never
//! a part of the output.

mod engine;
mod error;
mod facts;
pub mod go;

pub use engine::{Engine, UnknownEngine};
pub use error::{Phase, TemplateError};
pub use facts::{Facts, Finding, Presence, Severity};

use std::sync::Arc;

use crate::vars::{Vars, tables};

/// A parsed template. Cloning it is cheap.
#[derive(Clone, Debug)]
pub struct Template {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    engine: Engine,
    source: String,
    document: Option<go::Document>,
}

/// The name by which a Go template can call itself.
const NAME: &str = "template";

impl Template {
    /// Reads a template and finds every fault that shows without running it.
    pub fn parse(engine: Engine, source: &str) -> Result<Template, TemplateError> {
        let document = match engine {
            Engine::Go => Some(
                go::parse(NAME, source)
                    .map_err(|f| TemplateError::of_go(Phase::Parse, source, *f))?,
            ),
            _ => None,
        };
        Ok(Template {
            inner: Arc::new(Inner {
                engine,
                source: source.to_owned(),
                document,
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
    pub fn render(&self, vars: &Vars) -> Result<Vec<u8>, TemplateError> {
        let source = &self.inner.source;
        match &self.inner.document {
            Some(document) => go::execute(document, source, tables::dot(vars))
                .map_err(|f| TemplateError::of_go(Phase::Render, source, *f)),
            None => Ok(source.clone().into_bytes()),
        }
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
