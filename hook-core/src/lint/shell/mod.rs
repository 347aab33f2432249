//! The contexts of a script's values as a POSIX-like shell reads it: in which quotes each is,
//! and whether another program reads it as code.

mod command;
mod command_list;
mod content;
mod context;
mod expansion;
mod flow;
mod frame;
mod here_document;
mod lexer;
mod program;
mod walk;
mod wrapper;

#[cfg(test)]
mod code_tests;

pub(crate) use context::{CodeContext, HoleContext, ShellContext};
pub(crate) use program::CodeReader;
pub(crate) use walk::hole_contexts;
