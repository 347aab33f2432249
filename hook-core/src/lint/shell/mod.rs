//! The contexts of a script's holes as a POSIX-like shell reads it: in which quotes each is.

mod context;
mod frame;
mod here_document;
mod lexer;
mod walk;

pub(crate) use context::{HoleContext, ShellContext};
pub(crate) use walk::hole_contexts;
