//! Backup lifecycle hooks.

pub mod condition;
pub mod config;
pub mod event;
pub mod hook;
pub mod lint;
pub mod on_error;
pub mod process;
pub mod run;
pub mod script;
pub mod template;
pub mod vars;
