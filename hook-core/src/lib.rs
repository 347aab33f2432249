//! Backup lifecycle hooks.

pub mod condition;
pub mod config;
pub mod lint;
pub mod process;
pub mod run;
pub mod template;
pub mod vars;
