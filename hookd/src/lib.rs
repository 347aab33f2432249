//! hookd: backup lifecycle hooks as a service.
//!
//! A run is a journal. [`runs`] admits events and executes them with [`hook_core`]; every fact
//! is appended to the run's journal, and each client's stream reads the journal at its own
//! pace. [`service`] holds the gRPC handlers. Wire types are used there and in the stored form
//! of runs only.

pub mod access;
pub mod backup;
mod clock_check;
pub mod config;
pub mod connect;
mod connections;
pub mod daemon;
pub mod diagnostic_text;
pub mod embedded;
mod embedded_folder;
pub mod inherited;
mod leftovers;
pub mod limits;
pub mod listen;
pub mod memory;
pub mod offline;
mod open_store;
pub mod paths;
pub mod private;
pub mod run_setting;
pub mod runs;
pub mod serve;
pub mod server;
pub mod service;
pub mod settings;
mod shell_syntax;
pub mod shutdown;
pub mod store;
mod systemd;
pub mod telemetry;
pub mod web;

pub use hook_core::config::closest;
pub use hook_core::vars::colliding_labels;
pub use hook_core::{duration, links, size};
