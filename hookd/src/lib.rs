//! hookd: backup lifecycle hooks as a service.
//!
//! A run is a journal. [`runs`] admits events and carries them out through
//! [`hook_core`]; everything that happens is appended to the run's journal, and every
//! stream that a client sees is a reader of it at its own pace. [`service`] holds the
//! gRPC handlers, which convert, call and convert back; [`convert`] and [`status`] are
//! the only places where wire types and domain types meet.

pub mod backup;
pub mod cli;
pub mod config;
pub mod connect;
pub mod convert;
pub mod daemon;
pub mod embedded;
mod excerpt;
mod keeping;
mod leftovers;
pub mod limits;
pub mod listen;
pub mod memory;
pub mod offline;
pub mod paths;
pub mod preview;
mod private;
pub mod runs;
pub mod serve;
pub mod server;
pub mod service;
pub mod setting;
pub mod shutdown;
pub mod status;
pub mod store;
mod systemd;
pub mod telemetry;
pub mod web;

pub use hook_core::duration;
